"""Adjustments, states, closing and bracketed calibrations: what may still be used, and what breaks."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from link_bench import (
    DAY_S,
    EFFICIENCY,
    YEAR_S,
    add,
    again,
    bench_at,
    breaks,
    calibration,
    efficiency,
    own,
    reference,
    result,
    run_text,
    sound,
    traced,
    tried,
    used,
)
from stranger import Laboratory

ROUNDED = 1e-9  # sums of a few doubles


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    return bench_at(tmp_path)


def adjustment(label: str, day: str, *, device: str = "D-1", more: str = "") -> str:
    return (
        f'[adjustment]\nid = "{label}"\ndevice = "{device}"\nperformed = {day}T12:00:00Z\n'
        f'reason = "bias point changed"\n{more}\n'
    )


def adjusted(bench: Laboratory, *words: str, **more: str) -> dict:
    return add(bench, adjustment(*words, **more), "calibration adjust")


def both_states(label: str, day: str, *, found: str, left: str, drift: str = "") -> str:
    """Return one calibration with an adjustment in the middle."""
    made = [
        result(EFFICIENCY, name, conditions='wavelength = "1550 nm"',
               more=f'name = "{name}"\nstate = "{name}"',
               drift=drift if name == "as_left" else "")
        for name in ("as_found", "as_left")
    ]  # fmt: skip
    inputs = own("found", found, "0.001") + own("left", left, "0.001")
    made = [one.replace('model = "as_', 'model = "') for one in made]
    return calibration(label, "D-1", day, inputs, *made, head="adjusted = true")


def use_of(run: str, *, turn: str = "") -> str:
    return f"{run}/use/receiver_a{turn}/{EFFICIENCY}"


# --- adjustments ------------------------------------------------------------------------------


def test_a_calibration_from_before_an_adjustment_is_never_used_after_it(bench: Laboratory) -> None:
    add(bench, efficiency("CAL-1", "2021-06-01", "0.8"))
    done = adjusted(bench, "ADJ-1", "2021-09-01")
    assert done["affects"] == []
    assert "no as-left calibration since" in done["warnings"][0]
    refused = tried(bench, run_text("RUN", "2022-01-01"), "run add")
    assert refused.code == 2
    assert "adjusted 2021-09-01 (ADJ-1) since" in refused.said
    add(bench, efficiency("CAL-2", "2021-09-02", "0.7", head='state = "as_left"'))
    assert float(used(bench, "RUN", "2022-01-01")["value"]) == pytest.approx(0.7)
    assert sound(bench)


def test_an_adjustment_recorded_late_breaks_the_uses_after_it(bench: Laboratory) -> None:
    add(bench, efficiency("CAL-1", "2021-06-01", "0.8"))
    used(bench, "RUN", "2022-01-01")
    assert not breaks(bench, use_of("RUN"))
    adjusted(bench, "ADJ-1", "2021-09-01")
    assert breaks(bench, use_of("RUN")) == {"adjustment without as-left"}
    # Recomputing finds nothing to use, and says why.
    done = bench.qtrace("recompute RUN")
    assert any("adjusted 2021-09-01 (ADJ-1) since" in line for line in done.answer["left_out"])


def test_as_left_without_as_found_breaks_the_interval_before(bench: Laboratory) -> None:
    add(bench, efficiency("CAL-1", "2021-06-01", "0.8"))
    used(bench, "RUN", "2022-01-01")
    adjusted(bench, "ADJ-1", "2022-02-01")
    add(bench, efficiency("CAL-2", "2022-02-02", "0.7", head='state = "as_left"'))
    assert breaks(bench, use_of("RUN")) == {"adjustment without as-found"}
    assert not breaks(bench, f"CAL-2/{EFFICIENCY}")
    # Somebody had looked after all: the calibration is found in a drawer.
    add(bench, efficiency("CAL-F", "2022-01-31", "0.79", head='state = "as_found"'))
    assert not breaks(bench, use_of("RUN"))


def test_an_adjustment_of_something_else_leaves_the_calibration(bench: Laboratory) -> None:
    add(bench, efficiency("CAL-1", "2021-06-01", "0.8"))
    adjusted(bench, "ADJ-1", "2021-09-01", more='kinds = ["dark_count_rate"]')
    assert float(used(bench, "RUN", "2022-01-01")["value"]) == pytest.approx(0.8)
    assert not breaks(bench, use_of("RUN"))


def test_found_and_left_stand_in_one_event_and_only_left_is_used(bench: Laboratory) -> None:
    add(bench, both_states("CAL-1", "2021-06-01", found="0.70", left="0.80"))
    listed = {one["label"]: one["kind"] for one in bench.qtrace("calibration list").answer}
    assert listed["CAL-1/adjustment"] == "adjustment"
    value = used(bench, "RUN", "2022-01-01")
    assert float(value["value"]) == pytest.approx(0.80)
    assert not breaks(bench, use_of("RUN"))
    assert sound(bench)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('state = "as_left"', 'state = "as_found"'), "an adjustment without as-left"),
        (('state = "as_left"', ""), "no result says how it was left"),
        (('state = "as_found"', ""), "does not say whether before or after"),
        (("adjusted = true", 'adjusted = true\nstate = "as_left"'), "as a whole"),
    ],
)  # fmt: skip
def test_an_adjustment_without_as_left_is_refused(
    bench: Laboratory, change: tuple[str, str], words: str
) -> None:
    before = bench.ledger()
    text = both_states("CAL-1", "2021-06-01", found="0.70", left="0.80").replace(*change)
    done = tried(bench, text)
    assert done.code == 2
    assert words in done.said
    assert bench.ledger() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (adjustment("ADJ-1", "2021-09-01", device="D-9"), "D-9"),
        (adjustment("ADJ-1", "2091-09-01"), "after its recording"),
        (adjustment("ADJ-1", "2021-09-01", more='kinds = ["transmittance"]'), "is not a quantity"),
        (adjustment("ADJ-1", "2021-09-01", more='kinds = ["colour"]'), "unknown kind"),
        (adjustment("CAL-1", "2021-09-01"), "is recorded already"),
        (adjustment("ADJ-1", "2021-09-01").replace("reason", "note"), '"reason" is missing'),
    ],
)
def test_a_wrong_adjustment_is_refused_with_its_line(
    bench: Laboratory, text: str, words: str
) -> None:
    add(bench, efficiency("CAL-1", "2021-06-01", "0.8"))
    before = bench.ledger()
    done = tried(bench, text, "calibration adjust")
    assert done.code == 2
    assert words in done.said
    assert "line" in done.said
    assert bench.ledger() == before


def test_a_parent_from_before_an_adjustment_is_a_break_and_warns(bench: Laboratory) -> None:
    cf = result("indication_ratio", "cf", drift='bound = "1 %/a", source = "s"')
    add(bench, calibration("CAL-M", "PM-1", "2021-06-01", own("cf", "1", "0.01"), cf))
    adjusted(bench, "ADJ-M", "2021-08-01", device="PM-1")
    parent = reference("factor", "CAL-M/indication_ratio")
    made = result("indication_ratio", "factor")
    done = add(bench, calibration("CAL-A", "PM-2", "2021-09-01", parent, made))
    assert "from before the adjustment ADJ-M" in done["warnings"][0]
    assert breaks(bench, "CAL-A/indication_ratio") == {"adjustment without as-left"}


# --- closing and bracketing calibrations ---------------------------------------------------------


@pytest.fixture
def bracketed(bench: Laboratory) -> Laboratory:
    """Calibrated before and after a run, with a bound and a random walk."""
    drift = 'bound = "1 %/a", random_walk = "0.5 %", after = "1 a", source = "s"'
    add(bench, efficiency("CAL-1", "2021-06-01", "0.80", drift=drift))
    used(bench, "RUN", "2021-09-01")
    add(bench, efficiency("CAL-2", "2022-06-01", "0.76", u="0.002", drift=drift))
    return bench


def test_between_two_calibrations_the_value_is_interpolated(bracketed: Laboratory) -> None:
    first = traced(bracketed, use_of("RUN"))["statement"]
    found = again(bracketed, "RUN", options="--calibration bracketed")
    weight, span = 92 / 365, 365 * DAY_S
    assert float(found["value"]) == pytest.approx(0.80 + weight * (0.76 - 0.80), rel=ROUNDED)
    q = (0.005 * 0.80) ** 2 / YEAR_S
    bridge = q * span * weight * (1.0 - weight)  # a constant rate has left no trace
    u = math.sqrt(((1 - weight) * 0.001) ** 2 + (weight * 0.002) ** 2 + bridge)
    assert float(found["standard_uncertainty"]) == pytest.approx(u, rel=ROUNDED)
    assert not breaks(bracketed, use_of("RUN", turn="#2"))
    # The old round stays as it was.
    assert traced(bracketed, use_of("RUN"))["statement"] == first
    assert sound(bracketed)


def test_two_uses_between_the_same_calibrations_share_their_bridge(bracketed: Laboratory) -> None:
    again(bracketed, "RUN", options="--calibration bracketed")
    used(bracketed, "RUN-2", "2021-12-01", options="--calibration bracketed")
    ((*_, r),) = traced(bracketed, use_of("RUN", turn="#2"), other=use_of("RUN-2"))["correlations"]
    s, t, span = 92 * DAY_S, 183 * DAY_S, 365 * DAY_S
    q = (0.005 * 0.80) ** 2 / YEAR_S
    a, b = s / span, t / span
    ends = (1 - a) * (1 - b) * 0.001**2 + a * b * 0.002**2
    covariance = ends + q * s * (span - t) / span
    u = [
        math.sqrt(((1 - w) * 0.001) ** 2 + (w * 0.002) ** 2 + q * span * w * (1 - w))
        for w in (a, b)
    ]
    assert float(r) == pytest.approx(covariance / (u[0] * u[1]), rel=1e-6)


def test_a_closing_calibration_serves_the_period_before_it(bracketed: Laboratory) -> None:
    found = again(bracketed, "RUN", options="--calibration after")
    back = 273 * DAY_S
    u = math.sqrt(
        0.002**2
        + (0.76 * 0.01 / math.sqrt(3.0) * back / YEAR_S) ** 2
        + (0.76 * 0.005) ** 2 * back / YEAR_S
    )
    assert float(found["value"]) == pytest.approx(0.76)
    assert float(found["standard_uncertainty"]) == pytest.approx(u, rel=ROUNDED)
    assert not breaks(bracketed, use_of("RUN", turn="#2"))
    assert sound(bracketed)


def test_the_run_itself_may_ask_for_a_bracket(bench: Laboratory) -> None:
    add(bench, efficiency("CAL-1", "2021-06-01", "0.80"))
    role = 'calibration = "bracketed"'
    add(bench, run_text("RUN", "2021-09-01", role=role), "run add")
    done = bench.qtrace("recompute RUN")
    assert any("no closing calibration" in line for line in done.answer["left_out"])
    add(bench, efficiency("CAL-2", "2021-12-01", "0.76"))
    assert float(again(bench, "RUN")["value"]) == pytest.approx(0.80 - 0.04 * 92 / 183)


def test_how_it_was_left_closes_nothing(bench: Laboratory) -> None:
    """After an adjustment the as-found state of the same event closes the period."""
    add(bench, efficiency("CAL-1", "2021-06-01", "0.80"))
    used(bench, "RUN", "2021-09-01")
    add(bench, both_states("CAL-2", "2021-12-01", found="0.76", left="0.80"))
    found = again(bench, "RUN", options="--calibration after")
    assert float(found["value"]) == pytest.approx(0.76)
    assert not breaks(bench, use_of("RUN", turn="#2"))


def test_another_word_for_which_calibration_is_refused(bracketed: Laboratory) -> None:
    done = bracketed.qtrace("recompute RUN --calibration between")
    assert done.code == 2
    assert "before, after, bracketed" in done.said
    role = 'calibration = "between"'
    assert tried(bracketed, run_text("R2", "2021-09-02", role=role), "run add").code == 2
