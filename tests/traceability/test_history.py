"""Shifts between calibrations: from as left to as found, never between two states left."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from builders import Step, World, day

from qtrace.errors import InputError
from qtrace.traceability.constancy import constancy_warning
from qtrace.traceability.history import (
    History,
    covariance_left_rate,
    drift_of_history,
    history_of,
    shift_covariance,
)
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.network import covariance

KIND = "transmittance"
DEVICE = "ATT-1"
OWN_U = 0.01
SHARED_U = 0.05
ARITHMETIC = 1e-9  # relative, of sums of a few doubles


class Calibrations(World):
    """Calibrations of one device against one reference, behind all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.event("REFERENCE", device="REF")
        self.reference = self.own_leaf("REFERENCE", "realisation", 0.0, SHARED_U, origin=None)
        self.of: dict[str, Step] = {}

    def at(self, label: str, on: float, value: float, state: str = "", **more: object) -> Step:
        conditions = more.get("conditions")
        self.event(label, device=DEVICE, on=on, state=state)
        own = self.own_leaf(label, "reading", value, OWN_U, origin=None)
        self.of[label] = self.result(
            label, [own, self.reference], kind=KIND, value=value,
            conditions=conditions if isinstance(conditions, dict) else None,
        )  # fmt: skip
        return self.of[label]

    def history(self, like: str = "") -> History:
        network = self.network.build()
        values = {
            step.result_id: (self.network.value(step), self.network.u(step))
            for step in self.of.values()
        }
        return history_of(
            [(self.results[s.result_id], self.events[label]) for label, s in self.of.items()],
            device_id=DEVICE,
            kind=KIND,
            network=network,
            values=values,
            adjustments=self.adjustments,
            withdrawn=frozenset(self.withdrawals),
            like=self.results[self.of[like].result_id] if like else None,
        )


def pairs(history: History) -> list[tuple[str, str]]:
    return [(one.left.event_label, one.found.event_label) for one in history.shifts]


def test_an_adjustment_falls_out_and_the_covariance_of_both_ends_stays_in() -> None:
    world = Calibrations()
    world.at("A", 0, 1.0, "as_left")
    world.at("B-found", 365, 1.2, "as_found")
    world.at("B-left", 370, 1.0, "as_left")
    world.at("C-found", 735, 1.3, "as_found")
    history = world.history()
    assert pairs(history) == [("A", "B-found"), ("B-left", "C-found")]
    assert [one.shift for one in history.shifts] == pytest.approx([0.2, 0.3])
    assert [one.elapsed_days for one in history.shifts] == [365.0, 365.0]
    for one in history.shifts:
        assert one.standard_uncertainty == pytest.approx(math.sqrt(2.0) * OWN_U, rel=ARITHMETIC)
        naive = math.sqrt(2.0) * math.hypot(OWN_U, SHARED_U)
        assert one.naive_uncertainty == pytest.approx(naive, rel=ARITHMETIC)
    assert history.gaps == ()
    assert history.last.label == "C-found/transmittance"


def test_found_and_left_may_be_two_results_of_one_event() -> None:
    world = Calibrations()
    first = world.at("FIRST", 0, 1.0, "as_left")
    found = world.at("VISIT", 365, 1.2)
    left = world.result("VISIT", [world.reference], kind=KIND, value=1.0, name="left")
    last = world.at("LAST", 730, 1.3, "as_found")
    states = {found.result_id: "as_found", left.result_id: "as_left"}
    recorded = [world.results[one.result_id] for one in (last, left, found, first)]
    recorded = [replace(one, state=states.get(one.result_id, "")) for one in recorded]
    history = history_of(
        [(one, world.events[one.event_label]) for one in recorded],
        device_id=DEVICE,
        kind=KIND,
        network=world.network.build(),
        values={one.result_id: (world.network.value(s), 0.01) for one, s in
                zip(recorded, (last, left, found, first), strict=True)},
    )  # fmt: skip
    assert [one.state for one in history.states] == ["as_left", "as_found", "as_left", "as_found"]
    assert [one.shift for one in history.shifts] == pytest.approx([0.2, 0.3])
    assert history.gaps == ()


def test_as_left_after_as_left_is_a_gap_and_never_a_shift() -> None:
    world = Calibrations()
    world.at("A", 0, 1.0, "as_left")
    world.at("B", 365, 1.4, "as_left")
    world.at("C", 730, 1.5, "as_found")
    history = world.history()
    assert pairs(history) == [("B", "C")]
    assert [(gap.after, gap.until) for gap in history.gaps] == [("A", "B")]
    assert "as left without as found" in history.gaps[0].reason


def test_as_found_and_as_left_belong_together_only_within_one_visit() -> None:
    world = Calibrations()
    world.at("A", 0, 1.0, "as_found")
    world.at("B", 61, 1.4, "as_left")
    assert [gap.until for gap in world.history().gaps] == ["B"]
    near = Calibrations()
    near.at("A", 0, 1.0, "as_found")
    near.at("B", 60, 1.4, "as_left")
    assert near.history().gaps == ()
    assert near.history().shifts == ()


def test_a_recorded_adjustment_between_is_a_gap() -> None:
    world = Calibrations()
    world.at("A", 0, 1.0)
    world.adjust("ADJ", DEVICE, on=100)
    world.at("B", 365, 1.4)
    world.at("C", 730, 1.5)
    history = world.history()
    assert pairs(history) == [("B", "C")]
    assert "ADJ" in history.gaps[0].reason
    world.withdraw("ADJ")
    assert pairs(world.history()) == [("A", "B"), ("B", "C")]


def test_what_was_assumed_is_said() -> None:
    world = Calibrations()
    world.at("A", 0, 1.0)
    world.at("B", 365, 1.1, "as_found")
    world.at("C", 730, 1.2, "as_found")
    history = world.history()
    assert pairs(history) == [("A", "B"), ("B", "C")]
    assert any(note.startswith("B: as found without an as-left") for note in history.notes)
    assert any(note.startswith("A: states neither") for note in history.notes)


def test_order_is_by_the_day_of_calibration_and_as_found_comes_first() -> None:
    world = Calibrations()
    world.at("LATE", 730, 1.2, "as_left")
    world.at("LATE-FOUND", 730, 1.5, "as_found")
    world.at("EARLY", 0, 1.0)
    assert [one.event_label for one in world.history().states] == ["EARLY", "LATE-FOUND", "LATE"]
    assert pairs(world.history()) == [("EARLY", "LATE-FOUND")]


def test_withdrawn_calibrations_and_other_conditions_do_not_count() -> None:
    world = Calibrations()
    world.at("A", 0, 1.0)
    world.at("B", 365, 9.0)
    world.at("C", 730, 1.1)
    world.withdraw("B")
    assert pairs(world.history()) == [("A", "C")]
    world.at("D", 800, 0.5, conditions={"wavelength": "810 nm"})
    with pytest.raises(InputError, match="2 sets of conditions"):
        world.history()
    assert pairs(world.history(like="A")) == [("A", "C")]
    assert [one.event_label for one in world.history(like="D").states] == ["D"]


def test_no_calibration_is_no_history() -> None:
    with pytest.raises(InputError, match="no calibration of transmittance of ATT-1"):
        Calibrations().history()


def test_neighbouring_shifts_share_an_end() -> None:
    world = Calibrations()
    for k, label in enumerate("ABC"):
        world.at(label, 365 * k, 1.0 + 0.1 * k)
    matrix = shift_covariance(world.network.build(), world.history().shifts)
    assert matrix == pytest.approx(OWN_U**2 * np.array([[2.0, -1.0], [-1.0, 2.0]]), abs=1e-15)


def test_an_unstated_correlation_widens_a_shift_to_its_bound() -> None:
    """Two points of one certificate, correlation not stated: the worst adds up."""
    world = Calibrations()
    for k, label in enumerate("ABC"):
        world.at(label, 365 * k, 1.0 + 0.1 * k)
    leaves = [world.network.leaf(f"point {k}", 0.0, 0.02) for k in range(2)]
    world.network.correlate(leaves, np.eye(2), kind=BlockKind.UNKNOWN)
    for k, label in enumerate("DE"):
        world.event(label, device=DEVICE, on=1095 + 365 * k)
        world.of[label] = world.result(label, [leaves[k]], kind=KIND, value=1.3 + 0.1 * k)
    history = world.history()
    last = history.shifts[-1]
    assert last.standard_uncertainty == pytest.approx(0.04, rel=ARITHMETIC)
    matrix = shift_covariance(world.network.build(), history.shifts)
    assert math.sqrt(matrix[-1, -1]) == pytest.approx(0.04, rel=ARITHMETIC)
    assert np.all(np.linalg.eigvalsh(matrix) > 0.0)


def test_the_rate_and_its_covariance_with_the_value_left() -> None:
    world = Calibrations()
    for k, label in enumerate("ABCD"):
        world.at(label, 100.0 * k, 1.0 + 0.05 * k)
    network, history = world.network.build(), world.history()
    drift, why = drift_of_history(network, history)
    assert why == ""
    assert drift is not None
    assert drift.rate == pytest.approx(0.0005, rel=ARITHMETIC)
    assert drift.standard_uncertainty == pytest.approx(
        OWN_U / math.sqrt(50_000.0), rel=ARITHMETIC
    )  # sum of squares of -150, -50, 50, 150
    ids = [one.result_id for one in history.states]
    rows = np.array([-150.0, -50.0, 50.0, 150.0]) / 50_000.0
    expected = float((covariance(network, ids) @ rows)[-1])
    mixed = covariance_left_rate(network, history, drift, history.last)
    assert mixed == pytest.approx(expected, rel=1e-6)
    assert drift.starts[0] == 0.0


def test_without_shifts_there_is_no_rate_and_a_reason() -> None:
    world = Calibrations()
    world.at("A", 0, 1.0, "as_left")
    found = drift_of_history(world.network.build(), world.history())
    assert found == (None, "no as-found follows an as-left")


def test_calibrations_that_are_one_and_the_same_give_a_reason_not_a_rate() -> None:
    """Nothing of their own stands behind them: their differences would be exact."""
    world = Calibrations()
    for k, label in enumerate("ABC"):
        world.event(label, device=DEVICE, on=100.0 * k)
        world.of[label] = world.result(label, [world.reference], kind=KIND, value=1.0 + 0.1 * k)
    drift, why = drift_of_history(world.network.build(), world.history())
    assert drift is None
    assert "not positive definite" in why
    assert len(world.history().shifts) == 2


def test_two_calibrations_at_one_time_are_a_gap() -> None:
    world = Calibrations()
    world.at("A", 0, 1.0)
    world.at("B", 0, 1.1)
    world.at("C", 365, 1.2)
    assert pairs(world.history()) == [("B", "C")]
    assert world.history().gaps[0].reason == "no time lies between them"


def test_a_slowing_drift_is_put_into_words() -> None:
    world = Calibrations()
    for k in range(6):
        world.at(f"C{k}", 100.0 * k, 1.0 - 2.0 * math.expm1(-k / 2.0))
    drift, _ = drift_of_history(world.network.build(), world.history())
    assert drift is not None
    (line,) = constancy_warning(drift, 365.0, "1")
    assert "slows: a straight line over-predicts" in line
    assert "over the next 365 d" in line
    growing = Calibrations()
    for k in range(6):
        growing.at(f"C{k}", 100.0 * k, 1.0 + 0.05 * k**2)
    drift, _ = drift_of_history(growing.network.build(), growing.history())
    assert drift is not None
    assert "grows: a straight line under-predicts" in constancy_warning(drift, 365.0, "W")[0]


def test_scatter_beyond_its_uncertainty_and_too_short_a_history_are_said() -> None:
    world = Calibrations()
    for k, value in enumerate((1.0, 1.4, 1.1, 1.6, 1.2, 1.7)):
        world.at(f"C{k}", 100.0 * k, value)
    drift, _ = drift_of_history(world.network.build(), world.history())
    assert drift is not None
    lines = constancy_warning(drift, None, "1")
    assert any("scatter more than" in line or "not constant" in line for line in lines)
    short = Calibrations()
    short.at("A", 0, 1.0)
    short.at("B", 365, 1.1)
    drift, _ = drift_of_history(short.network.build(), short.history())
    assert drift is not None
    assert constancy_warning(drift, None, "1") == (
        "too few calibrations to test whether the drift is constant",
    )
    assert day(0) == short.history().states[0].performed_at
