"""A drift fitted to shifts: which intervals tell of it, and the rate against other ways."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from builders import Leaf, World, day
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.laboratory.event import Event, RecordedResult
from qtrace.quantity.measurand import Measurand
from qtrace.traceability.fitted_drift import Shift, fit_shifts, fitted_result, shifts_of
from qtrace.uncertainty.network import covariance

DAY_S = 86400.0
TRANSMITTANCE = Measurand.of("transmittance", {})


def history(world: World) -> list[tuple[RecordedResult, Event]]:
    return [(one, world.events[one.event_label]) for one in world.results.values()]


def calibrated(
    *times: float, values: list[float] | None = None, u: float = 0.01, common: float = 0.0
) -> World:
    """Return a world with calibrations of METER, with a standard behind all of them."""
    world = World()
    world.event("STD")
    standard = world.own_leaf("STD", "standard", 0.0, common, origin=None)
    for k, time in enumerate(times):
        world.event(f"CAL-{k}", device="METER", on=time)
        own = world.own_leaf(f"CAL-{k}", "reading", 1.0, u, origin=None)
        parts: list[Leaf] = [own, standard] if common else [own]
        world.result(f"CAL-{k}", parts, value=(values or [1.0] * len(times))[k])
    return world


def shifts(world: World) -> tuple[Shift, ...]:
    return shifts_of(history(world), world.adjustments, measurand=TRANSMITTANCE)[0]


@settings(deadline=None)  # the first call loads scipy
@given(
    st.lists(st.integers(1, 400), min_size=2, max_size=6),
    st.lists(st.floats(-0.1, 0.1), min_size=7, max_size=7),
)
def test_with_equal_u_it_is_the_straight_line_through_the_values(
    gaps: list[int], noise: list[float]
) -> None:
    """Differences of independent values hold all that they say of a slope."""
    times = np.cumsum([0, *gaps]).astype(float)
    values = [1.0 + n for n in noise[: len(times)]]
    world = calibrated(*times, values=values)
    fit = fit_shifts(shifts(world), world.network.build())
    slope = np.polyfit(times * DAY_S, values, 1)[0]
    assert fit.rate == pytest.approx(slope, rel=1e-6, abs=1e-15)
    spread = np.sum((times - times.mean()) ** 2) * DAY_S**2
    assert fit.standard_uncertainty == pytest.approx(0.01 / np.sqrt(spread), rel=1e-6)


def test_a_standard_common_to_all_calibrations_leaves_the_rate_alone() -> None:
    values = [1.0, 1.01, 1.015, 1.03]
    apart = calibrated(0, 100, 200, 300, values=values)
    shared = calibrated(0, 100, 200, 300, values=values, common=0.5)
    one = fit_shifts(shifts(apart), apart.network.build())
    other = fit_shifts(shifts(shared), shared.network.build())
    assert other.rate == pytest.approx(one.rate, rel=1e-6)
    assert other.standard_uncertainty == pytest.approx(one.standard_uncertainty, rel=1e-6)


def test_the_recorded_rate_has_the_covariance_of_its_weights() -> None:
    world = calibrated(0, 100, 250, values=[1.0, 1.02, 1.03])
    network = world.network.build()
    own, made = fitted_result("t", TRANSMITTANCE, shifts(world), network=network)
    assert made.measurand.kind == "transmittance_drift_rate"
    assert made.unit == "/s"
    ids = [one.parent_id for one in made.arguments if one.parent_id is not None]
    weights = np.array([one.sensitivity for one in made.arguments if one.parent_id is not None])
    variance = weights @ covariance(network, ids) @ weights + own.standard_uncertainty**2
    assert made.standard_uncertainty == pytest.approx(np.sqrt(variance), rel=1e-12)
    # A device that stays still has no rate: its weights know of differences only.
    assert weights.sum() == pytest.approx(0.0, abs=1e-20)
    assert made.value == pytest.approx(
        float(weights @ [network.result(i).value for i in ids]), rel=1e-9
    )


def test_scatter_beyond_u_widens_the_rate_to_that_of_the_scatter() -> None:
    values = [1.0, 1.1, 0.9, 1.05]
    world = calibrated(0, 100, 200, 300, values=values, u=0.001)
    fit = fit_shifts(shifts(world), world.network.build())
    times = np.array([0.0, 100, 200, 300]) * DAY_S
    _, matrix = np.polyfit(times, values, 1, cov=True)  # scaled by chi^2 / (n - 2)
    assert np.hypot(fit.scatter, fit.standard_uncertainty) == pytest.approx(
        np.sqrt(matrix[0, 0]), rel=1e-6
    )
    assert fit.degrees_of_freedom == 2


def test_values_that_agree_add_no_scatter() -> None:
    world = calibrated(0, 100, 200, values=[1.0, 1.001, 1.0015])
    assert fit_shifts(shifts(world), world.network.build()).scatter == 0.0


@pytest.mark.parametrize("times", [(0.0,), (0.0, 100.0)])
def test_fewer_than_two_intervals_show_nothing(times: tuple[float, ...]) -> None:
    world = calibrated(*times)
    with pytest.raises(InputError, match="cannot show a constant drift"):
        fit_shifts(shifts(world), world.network.build())


def test_calibrations_without_uncertainty_give_no_rate() -> None:
    world = calibrated(0, 100, 200, u=0.0)
    with pytest.raises(InputError, match="no uncertainty"):
        fit_shifts(shifts(world), world.network.build())


# -- which intervals tell of the drift ---------------------------------------------------------


def stated(*rows: tuple[float, str]) -> World:
    """Return a world with calibrations in states, each adjusted between found and left."""
    world = World()
    for k, (time, state) in enumerate(rows):
        world.calibration(f"CAL-{k}", device="METER", on=time, state=state)
    return world


def pairs(world: World) -> list[tuple[str, str]]:
    return [(one.left.event_label, one.found.event_label) for one in shifts(world)]


def test_a_calibration_that_found_nothing_to_adjust_is_found_and_left() -> None:
    world = calibrated(0, 100, 250)
    assert pairs(world) == [("CAL-0", "CAL-1"), ("CAL-1", "CAL-2")]
    assert [one.elapsed_s / DAY_S for one in shifts(world)] == [100, 150]


def test_found_is_compared_with_left_of_the_time_before() -> None:
    world = stated((0, "as_left"), (100, "as_found"), (100, "as_left"), (200, "as_found"))
    world.adjust("ADJ", "METER", on=100.0)
    assert pairs(world) == [("CAL-0", "CAL-1"), ("CAL-2", "CAL-3")]


def test_left_to_left_is_never_a_shift() -> None:
    world = stated((0, "as_left"), (100, "as_left"), (200, "as_found"))
    found, gaps = shifts_of(history(world), (), measurand=TRANSMITTANCE)
    assert [(a.left.event_label, a.found.event_label) for a in found] == [("CAL-1", "CAL-2")]
    assert gaps == (
        "CAL-0 to CAL-1: as left without as found: an adjustment between would make a shift a lie",
    )


def test_an_adjustment_in_between_makes_a_shift_a_lie() -> None:
    world = calibrated(0, 100, 250)
    world.adjust("ADJ", "METER", on=50.0)
    found, gaps = shifts_of(history(world), world.adjustments, measurand=TRANSMITTANCE)
    assert [one.found.event_label for one in found] == ["CAL-2"]
    assert gaps == ("CAL-0 to CAL-1: adjusted between (ADJ) and not calibrated as left",)
    (adjustment,) = world.adjustments
    other = replace(adjustment, flags=("adjusts wavelength",))
    assert len(shifts_of(history(world), (other,), measurand=TRANSMITTANCE)[0]) == 2


def test_withdrawn_calibrations_and_other_conditions_do_not_count() -> None:
    world = calibrated(0, 100, 250)
    kept, _ = shifts_of(history(world), (), measurand=TRANSMITTANCE, withdrawn={"CAL-1"})
    assert [(a.left.event_label, a.found.event_label) for a in kept] == [("CAL-0", "CAL-2")]
    other = Measurand.of("transmittance", {"wavelength": "1550 nm"})
    assert shifts_of(history(world), (), measurand=other) == ((), ())


def test_shifts_stand_in_the_order_of_their_dates() -> None:
    world = calibrated(250, 0, 100)
    found = shifts(world)
    dates = [world.events[one.found.event_label].performed_at for one in found]
    assert all(a < b for a, b in pairwise(dates))
    assert dates[-1] == day(250)
