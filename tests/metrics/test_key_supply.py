"""Demand of key and its balance: published arithmetic, laws, and doubts that never give MET."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.metrics.supply.key_supply import (
    Balance,
    Store,
    Supply,
    SupplyOutcome,
    net_supply,
    weigh,
)
from qtrace.metrics.supply.key_use import (
    MOST_MESSAGES_PER_KEY,
    Authentication,
    Cipher,
    Direction,
    Flow,
    KeyUse,
    Protection,
    UseKind,
    demand_parts,
    messages_per_key,
)
from qtrace.standards.finding import Outcome

ROUNDING = 1e-12  # of products and sums of a few doubles
PAD = Protection(Cipher.ONE_TIME_PAD, Authentication.NONE)
SURE = Supply(1000.0, "certified")


def aes(
    rekey_s: float, authentication: Authentication = Authentication.WITH_CIPHER, **more: float
) -> Protection:
    return Protection(
        Cipher.AES_256,
        authentication,
        256,
        rekey_s,
        int(more.get("mac_bits", 0)),
        more.get("mac_rekey_s", math.inf),
    )


def use(protection: Protection, *flows: Flow, **more: object) -> KeyUse:
    return replace(KeyUse("u", "", UseKind.PHASOR_STREAM, protection, flows), **more)  # type: ignore[arg-type]


def frames(payload: int, headers: int, way: Direction = Direction.FORWARD) -> Flow:
    return Flow("frames", 60.0, way, payload, headers)


def balance(supply: Supply, *uses: KeyUse, store: Store | None = None) -> Balance:
    return weigh(supply, uses, store=store or Store())


def total(one: KeyUse) -> float:
    return math.fsum(part.bits_per_s for part in demand_parts(one))


# The smart-grid figures: smallest data frame 26 B, UDP/IP 28 B, 60 frames per second; 4 kbit/s of
# phasor data against 1 kbit/s of key; 256 bit at 1 kbit/s. Source: own arithmetic on a survey's
# claim; the frame: common part of 14 B, check of 2 B (read), STAT 2, one phasor 4, FREQ 2, DFREQ 2.


def test_frames_of_a_phasor_measurement_unit_need_12_and_26_kbit_per_second() -> None:
    assert 14 + 2 + 2 + 4 + 2 + 2 == 26
    assert total(use(PAD, frames(26, 0))) == pytest.approx(12_480.0, rel=ROUNDING)
    assert total(use(PAD, frames(26, 28))) == pytest.approx(25_920.0, rel=ROUNDING)


def test_a_kbit_of_key_per_second_pads_a_quarter_of_4_kbit_per_second() -> None:
    data = Flow("data", 0.0, Direction.FORWARD, data_bits_per_s=4000.0)
    done = balance(SURE, use(PAD, data))
    assert done.cover == pytest.approx(0.25, rel=ROUNDING)
    assert (done.outcome, done.uses[0].alone) == (SupplyOutcome.NOT_MET, 0.25)
    assert done.head_room_bits_per_s == pytest.approx(-3000.0, rel=ROUNDING)


@pytest.mark.parametrize(
    ("direction", "authentication", "seconds"),
    [
        (Direction.FORWARD, Authentication.WITH_CIPHER, 0.256),
        (Direction.BOTH, Authentication.WITH_CIPHER, 0.512),
        (Direction.BOTH, Authentication.REFRESHED_KEY, 1.024),
    ],
)
def test_directions_and_mac_keys_stretch_the_sub_second_rekeying(
    direction: Direction, authentication: Authentication, seconds: float
) -> None:
    one = aes(3600.0, authentication, mac_bits=256, mac_rekey_s=3600.0)
    (share,) = balance(SURE, use(one, direction=direction)).uses
    assert share.shortest_period_s == pytest.approx(seconds, rel=ROUNDING)
    # At that period the demand is the supply.
    fast = aes(seconds, authentication, mac_bits=256, mac_rekey_s=seconds)
    assert total(use(fast, direction=direction)) == pytest.approx(1000.0, rel=ROUNDING)


def test_a_tag_for_each_frame_adds_its_bits_and_a_key_for_each_more() -> None:
    tags = Protection(Cipher.ONE_TIME_PAD, Authentication.ONE_TIME_TAG, mac_bits=64)
    keys = Protection(Cipher.ONE_TIME_PAD, Authentication.ONE_TIME_KEY, mac_bits=256)
    plain = total(use(PAD, frames(26, 28)))
    assert total(use(tags, frames(26, 28))) - plain == pytest.approx(60 * 64, rel=ROUNDING)
    assert total(use(keys, frames(26, 28))) - plain == pytest.approx(60 * 256, rel=ROUNDING)
    # Tags of a stream that AES hides still take fresh key for each frame.
    both = replace(aes(60.0, Authentication.ONE_TIME_TAG, mac_bits=64))
    assert total(use(both, frames(26, 28))) == pytest.approx(60 * 64 + 512 / 60, rel=ROUNDING)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    payload=st.integers(1, 10_000),
    headers=st.integers(0, 200),
    rate=st.floats(1e-3, 1e4),
    tag=st.integers(1, 512),
    channels=st.integers(1, 50),
)
def test_demand_is_the_product_shown_and_grows_with_all_of_it(
    payload: int, headers: int, rate: float, tag: int, channels: int
) -> None:
    one = Protection(Cipher.ONE_TIME_PAD, Authentication.ONE_TIME_TAG, mac_bits=tag)
    flow = Flow("f", rate, Direction.BOTH, payload, headers)
    made = use(one, flow, channels=channels)
    for part in demand_parts(made):
        shown = math.prod(value for value, _ in part.factors) / (part.period_s or 1.0)
        assert part.bits_per_s == pytest.approx(shown, rel=ROUNDING)
        assert part.forward_bits_per_s == part.back_bits_per_s
    one_way = use(one, replace(flow, direction=Direction.FORWARD), channels=channels)
    assert total(made) == pytest.approx(2 * total(one_way), rel=ROUNDING)
    assert total(use(one, replace(flow, payload_bytes=payload + 1), channels=channels)) > total(
        made
    )


def test_margin_and_doubt_decide_the_word() -> None:
    data = Flow("data", 0.0, Direction.FORWARD, data_bits_per_s=900.0)
    kept = use(PAD, data, margin=0.1)
    tight = use(PAD, data, margin=0.2)
    assert balance(SURE, kept).outcome is SupplyOutcome.MET
    assert balance(SURE, tight).outcome is SupplyOutcome.WITHIN_GUARD_BAND
    doubtful = replace(SURE, doubts=("from memory",))
    for one in (kept, tight):
        done = balance(doubtful, one)
        assert done.outcome is SupplyOutcome.NOT_EVALUABLE
        assert done.uses[0].outcome is SupplyOutcome.NOT_EVALUABLE
    assert balance(doubtful, kept).if_confirmed is SupplyOutcome.MET
    # Less than what is claimed lacks, too: a doubt does not save a supply that is too small.
    poor = replace(doubtful, bits_per_s=10.0)
    assert balance(poor, kept).outcome is SupplyOutcome.NOT_MET


def test_equal_supply_and_demand_meet() -> None:
    data = Flow("data", 0.0, Direction.FORWARD, data_bits_per_s=1000.0 / 3.0)
    assert balance(SURE, *[use(PAD, data)] * 3).outcome is SupplyOutcome.MET


def test_uses_are_served_in_order() -> None:
    first, second = (
        use(PAD, Flow("d", 0.0, Direction.FORWARD, data_bits_per_s=r)) for r in (800.0, 400.0)
    )
    done = balance(SURE, first, second)
    assert [one.covered for one in done.uses] == [1.0, pytest.approx(0.5)]
    words = [one.outcome for one in done.uses]
    assert words == [SupplyOutcome.MET, SupplyOutcome.NOT_MET]
    assert done.outcome is SupplyOutcome.NOT_MET


def test_the_store_in_time() -> None:
    data = Flow("data", 0.0, Direction.BOTH, data_bits_per_s=250.0)
    supply = replace(SURE, block_s=100.0)
    done = balance(supply, use(PAD, data), store=Store(50_000.0, 3600.0))
    assert done.times.without_supply_s == pytest.approx(100.0)
    assert done.times.until_empty_s is None
    assert done.times.bridge_bits == pytest.approx(1_800_000.0)
    assert done.times.until_bridge_s == pytest.approx(1_750_000.0 / 500.0)
    assert done.times.block_bits == pytest.approx(50_000.0)
    poor = balance(replace(supply, bits_per_s=400.0), use(PAD, data), store=Store(50_000.0, 3600.0))
    assert poor.times.until_empty_s == pytest.approx(500.0)
    assert poor.times.until_bridge_s is None


def test_net_supply_subtracts_what_the_link_spends_and_never_goes_below_zero() -> None:
    assert net_supply(5000.0, 100.0, spent_bits=1000.0) == (40.0, ())
    rate, (why,) = net_supply(-20.0, 100.0)
    assert rate == 0.0
    assert "-20 bit" in why
    rate, (why,) = net_supply(100.0, 10.0, spent_bits=200.0)
    assert rate == 0.0
    assert "spent" in why
    for wall, spent in ((0.0, 0.0), (-1.0, 0.0), (math.inf, 0.0), (1.0, -1.0), (math.nan, 0.0)):
        with pytest.raises(InputError):
            net_supply(1.0, wall, spent_bits=spent)


def test_messages_of_one_key_against_what_its_mode_allows() -> None:
    hour = use(aes(3600.0), frames(26, 28))
    assert messages_per_key(hour) == pytest.approx(216_000.0)
    notes = " ".join(balance(SURE, hour).uses[0].notes)
    assert "sooner keys are a choice" in notes
    long = use(aes(MOST_MESSAGES_PER_KEY / 60.0 * 1.01), frames(26, 28))
    assert "too many" in " ".join(balance(SURE, long).uses[0].notes)
    assert messages_per_key(use(PAD, frames(26, 28))) is None
    assert messages_per_key(use(aes(3600.0))) is None


@pytest.mark.parametrize(
    "wrong",
    [
        use(Protection(Cipher.NONE, Authentication.NONE), frames(26, 28)),
        use(aes(0.0)),
        use(aes(math.inf)),
        use(aes(60.0, Authentication.REFRESHED_KEY, mac_bits=256)),
        use(aes(60.0, Authentication.ONE_TIME_TAG, mac_bits=0), frames(26, 28)),
        use(PAD, Flow("f", 60.0, Direction.FORWARD)),
        use(PAD, Flow("f", 0.0, Direction.FORWARD, 26)),
        use(Protection(Cipher.ONE_TIME_PAD, Authentication.WITH_CIPHER), frames(26, 28)),
        use(aes(60.0), frames(26, 28, Direction.BACK), direction=Direction.FORWARD),
        use(
            Protection(Cipher.ONE_TIME_PAD, Authentication.ONE_TIME_TAG, mac_bits=64),
            Flow("f", 0.0, Direction.FORWARD, data_bits_per_s=10.0),
        ),
        use(PAD, frames(26, 28), channels=0),
        use(PAD, frames(26, 28), margin=-0.1),
    ],
)
def test_a_use_that_does_not_say_what_is_needed_is_refused(wrong: KeyUse) -> None:
    with pytest.raises(InputError) as caught:
        demand_parts(wrong)
    assert caught.value.where == "use u"
    assert caught.value.next_step


@pytest.mark.parametrize("rate", [-1.0, math.nan, math.inf])
def test_a_supply_that_is_no_rate_is_refused(rate: float) -> None:
    with pytest.raises(InputError):
        balance(replace(SURE, bits_per_s=rate), use(PAD, frames(26, 28)))
    with pytest.raises(InputError):
        weigh(SURE, (), store=Store())


def test_no_supply_covers_nothing() -> None:
    done = balance(replace(SURE, bits_per_s=0.0), use(aes(60.0)))
    assert (done.cover, done.outcome) == (0.0, SupplyOutcome.NOT_MET)
    assert done.uses[0].shortest_period_s is None


def test_the_words_are_those_of_findings() -> None:
    assert {one.value for one in SupplyOutcome} <= {one.value for one in Outcome}
