"""From blocks to a net figure: every block counts, and what lacks makes it gross."""

from __future__ import annotations

import dataclasses
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.laboratory.link import Run
from qtrace.metrics.net_key import Block, disclosed_bits, net_key

START = datetime(2021, 7, 1, 12, tzinfo=UTC)


def block(
    name: str = "R1", *, after_s: float = 0.0, lasts_s: float = 100.0, **more: object
) -> Block:
    fields: dict[str, object] = {
        "aborted": False,
        "certified_bits": 1000.7,
        "epsilon": 1e-10,
        "authentication_bits": 256.0,
        "verification_bits": 64.0,
        "disclosed_bits": 0.0,
        **more,
    }
    begins = START + timedelta(seconds=after_s)
    return Block(name, begins, begins + timedelta(seconds=lasts_s), **fields)  # type: ignore[arg-type]


def test_three_blocks_by_hand() -> None:
    """1000 + 0 + 2000 bits, 3 x 320 used, 1000 s from first to last, two epsilons."""
    blocks = [
        block(),
        block("R2", after_s=200.0, aborted=True),
        block("R3", after_s=900.0, certified_bits=2000.0, epsilon=2e-10),
    ]
    found = net_key(blocks, planned_blocks=3)
    assert (found.blocks, found.aborted) == (3, 1)
    assert found.certified_bits == 3000
    assert found.net_bits == 3000 - 960
    assert found.epsilon_sum == pytest.approx(3e-10, rel=1e-15)
    assert (found.wall_time_s, found.run_time_s) == (1000.0, 300.0)
    assert found.rate_bit_per_s == pytest.approx(2.04)
    assert found.net
    assert net_key(blocks[::-1], planned_blocks=3) == found, "order says nothing"


def test_a_block_too_small_gives_no_key_and_takes_none_away() -> None:
    for bits in (-500.0, 0.0, 0.99, None):
        found = net_key([block(), block("R2", certified_bits=bits)], planned_blocks=2)
        assert found.certified_bits == 1000
        assert found.epsilon_sum == 1e-10, "no key, no security parameter"
        assert found.net_bits == 1000 - 640, "what it used up is gone all the same"


@pytest.mark.parametrize(
    ("blocks", "planned", "because"),
    [
        ([block()], None, "no plan"),
        ([block()], 2, "1 of 2 planned blocks"),
        ([block(authentication_bits=None)], 1, "authentication_key is not stated: R1"),
        ([block(verification_bits=None)], 1, "verification_key is not stated: R1"),
        ([block(flags=("post_hoc: no plan",))], 1, "chosen afterwards"),
        ([block(flags=("not proven for this device: x",))], 1, "not proven"),
    ],
)
def test_what_lacks_makes_a_figure_gross(
    blocks: list[Block], planned: int | None, because: str
) -> None:
    found = net_key(blocks, planned_blocks=planned)
    assert not found.net
    assert because in " ".join(found.gross_because)


def test_other_flags_and_silent_aborted_blocks_leave_it_net() -> None:
    silent = block("R2", aborted=True, authentication_bits=None, flags=("aborted run: no key",))
    assert net_key([block(flags=("few counts",)), silent], planned_blocks=2).net


bits = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(bits, st.booleans(), st.floats(0.0, 1e4)), min_size=1, max_size=6))
@settings(max_examples=40, derandomize=True)
def test_one_more_block_never_takes_key_away_before_use(
    rows: list[tuple[float, bool, float]],
) -> None:
    blocks = [
        block(f"R{k}", after_s=after, certified_bits=one, aborted=aborted)
        for k, (one, aborted, after) in enumerate(rows)
    ]
    whole = net_key(blocks, planned_blocks=None)
    less = net_key(blocks[:1], planned_blocks=None)
    assert whole.certified_bits >= less.certified_bits
    assert whole.epsilon_sum >= less.epsilon_sum
    assert whole.wall_time_s >= less.wall_time_s
    assert whole.net_bits <= whole.certified_bits <= sum(max(one, 0.0) for one, *_ in rows)


RUN = Run(
    "R", "L", START, START, {"errors_key_1": 7, "agreements_key_1": 93, "errors_test_1": 5,
    "agreements_test_1": 5}, {}, (), "live", "measured",
)  # fmt: skip


def test_errors_of_a_live_key_tell_log2_of_their_range() -> None:
    # 0 to 100 errors are possible among 100 bits: log2(101) = 6.66, in whole bits 7. The test
    # basis gives no key.
    assert disclosed_bits(RUN) == 7.0 == math.ceil(math.log2(101))
    for disposition in ("discarded", "never_used"):
        assert disclosed_bits(dataclasses.replace(RUN, key_disposition=disposition)) == 0.0
