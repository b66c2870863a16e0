"""Which calibration applies to a use, and why none does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import World, day

from qtrace.laboratory.event import Event, EventKind, RecordedResult
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.traceability.use import (
    InUse,
    Wanted,
    condition_misfits,
    drift_input_name,
    range_misfits,
    resolve_use,
)
from qtrace.uncertainty.network import correlation, standard_uncertainty

EFFICIENCY = "system_detection_efficiency"
CALIBRATED = {
    "wavelength": "1550.5 nm",
    "polarization": "maximum",
    "photon_rate": "2.4e5 /s",
    "reference_plane": "fibre splice",
    "method": "substitution",
}
USED = {"wavelength": "1550.5 nm", "polarization": "maximum", "photon_rate": "2.4e5 /s"}


@pytest.mark.parametrize(
    ("calibrated", "used"),
    [
        ("1550.5 nm", "1550.5 nm"),
        ("1550.5 nm", "1.5505 um"),
        ("2.4e5 /s", "240000 /s"),
        ("2.4e5 /s", "240 kHz"),
        ("0 V", "0 mV"),
        ("maximum", "maximum"),
        ("1549 nm .. 1552 nm", "1550.5 nm"),
        ("1549 nm .. 1552 nm", "1549 nm"),
        ("1549 nm .. 1552 nm", "1.552 um"),
        ("0 .. 1", "0.5"),
        ("-3 mV .. 3 mV", "-0.001 V"),
        ("1549 nm .. 1552 nm", "1550 nm .. 1551 nm"),
        ("1549 nm .. 1552 nm", "1.549 um .. 1.552 um"),
        ("1550 nm", "1550 nm .. 1550 nm"),
    ],
)
def test_conditions_that_fit(calibrated: str, used: str) -> None:
    assert condition_misfits({"x": calibrated}, {"x": used}) == ()


@pytest.mark.parametrize(
    ("calibrated", "used"),
    [
        ("1550.5 nm", "1550.6 nm"),
        ("1550.5 nm", "810 nm"),
        ("1550.5 nm", "1550.5 /s"),
        ("1550.5 nm", "1550.5"),
        ("1550.5 nm", "infrared"),
        ("maximum", "minimum"),
        ("maximum", "1"),
        ("1549 nm .. 1552 nm", "1548 nm .. 1551 nm"),
        ("1549 nm .. 1552 nm", "1550 nm .. 1553 nm"),
        ("1549 nm .. 1552 nm", "1550 Hz .. 1551 Hz"),
        ("1550 nm", "1549 nm .. 1552 nm"),
        ("1549 nm .. 1552 nm", "1552.001 nm"),
        ("1549 nm .. 1552 nm", "1548.999 nm"),
        ("1549 nm .. 1552 nm", "1550 /s"),
        ("1549 nm .. 1552 nm", "in band"),
        ("1549 .. 1552 nm", "1550 nm"),  # the first end has no unit
        ("1549 nm .. ", "1550 nm"),
        ("1552 nm .. 1549 nm", "1550 nm"),
    ],
)
def test_conditions_that_do_not_fit(calibrated: str, used: str) -> None:
    (line,) = condition_misfits({"x": calibrated}, {"x": used})
    assert line == f"x: calibrated at {calibrated}, used at {used}"


def test_silence_is_no_match() -> None:
    assert condition_misfits({"photon_rate": "2.4e5 /s"}, {}) == (
        "photon rate: calibrated at 2.4e5 /s, not stated at use",
    )


def test_what_the_calibration_does_not_state_is_not_asked() -> None:
    assert condition_misfits({}, {"temperature": "0.8 K"}) == ()


def test_how_it_was_calibrated_need_not_be_repeated_at_use() -> None:
    assert condition_misfits(CALIBRATED, USED) == ()
    assert condition_misfits(CALIBRATED, USED | {"method": "correlated photons"}) == ()


def test_another_reference_plane_is_another_measurand() -> None:
    (line,) = condition_misfits(CALIBRATED, USED | {"reference_plane": "cryostat window"})
    assert line == "reference plane: calibrated at fibre splice, used at cryostat window"


def test_between_calibrations_only_a_stated_range_binds() -> None:
    parent = {"power": "1 uW .. 100 uW", "wavelength": "1550 nm", "temperature": "20 K .. 30 K"}
    assert range_misfits(parent, {"power": "50 uW", "wavelength": "1550.5 nm"}) == ()
    assert range_misfits(parent, {"power": "200 uW"}) == (
        "power: calibrated at 1 uW .. 100 uW, used at 200 uW",
    )


def detectors(*dates: float, device: str = "D1", state: str = "") -> World:
    """Return a world with efficiency calibrations of a detector on some days."""
    world = World()
    for date in dates:
        world.calibration(
            f"CAL-{date:g}", device=device, on=date, kind=EFFICIENCY, conditions=CALIBRATED
        )
        world.events[f"CAL-{date:g}"] = replace_state(world.events[f"CAL-{date:g}"], state)
    world.programme(device, 365, kind=EFFICIENCY)
    return world


def replace_state(event: Event, state: str) -> Event:
    """Return the event with another state."""
    return Event(
        event.event_id, event.label, event.kind, event.device_id, event.laboratory_id,
        event.performed_at, state=state, origins=event.origins,
    )  # fmt: skip


def resolve(
    world: World,
    *,
    on: float | datetime,
    conditions: Mapping[str, str] = USED,
    device: str = "D1",
    programmes: Iterable[CalibrationProgramme] | None = None,
    choice: str = "before",
) -> tuple[InUse | None, tuple[str, ...]]:
    """Resolve a use of the detector's efficiency."""
    candidates: list[tuple[RecordedResult, Event]] = [
        (recorded, world.events[recorded.event_label]) for recorded in world.results.values()
    ]
    when = on if isinstance(on, datetime) else day(on)
    return resolve_use(
        candidates,
        world.programmes if programmes is None else programmes,
        Wanted(device, EFFICIENCY, when, conditions),
        adjustments=world.adjustments,
        choice=choice,
        withdrawn=frozenset(world.withdrawals),
    )


def test_a_use_one_month_later_inside_the_conditions_is_served() -> None:
    found, reasons = resolve(detectors(0), on=30)
    assert reasons == ()
    assert found is not None
    assert found.source.label == f"CAL-0/{EFFICIENCY}"
    assert found.calibration.label == "CAL-0"
    assert found.elapsed_s == 30 * 86400
    assert found.due == "2022-06-01"


def test_the_latest_calibration_before_the_use_is_taken() -> None:
    world = detectors(0, 100, 200)
    for on, label in ((50, "CAL-0"), (150, "CAL-100"), (250, "CAL-200")):
        found, _ = resolve(world, on=on)
        assert found is not None
        assert found.calibration.label == label


def test_a_withdrawn_calibration_gives_way_to_the_one_before() -> None:
    world = detectors(0, 100)
    world.withdraw("CAL-100")
    found, _ = resolve(world, on=150)
    assert found is not None
    assert found.calibration.label == "CAL-0"


def test_an_as_found_state_opens_no_period_of_use() -> None:
    found, reasons = resolve(detectors(0, state="as_found"), on=30)
    assert found is None
    assert reasons == ("no calibration of system detection efficiency of D1 on record",)
    assert resolve(detectors(0, state="as_left"), on=30)[0] is not None


def test_a_calibration_of_another_device_never_serves() -> None:
    world = detectors(0, device="D2")
    world.programme("D1", 365, kind=EFFICIENCY)
    found, reasons = resolve(world, on=30, device="D1")
    assert found is None
    assert reasons == ("no calibration of system detection efficiency of D1 on record",)


def test_a_use_event_is_no_calibration() -> None:
    """Else drift would be reckoned from the last use, not from the calibration."""
    world = detectors(0)
    first = next(iter(world.results))
    step = world.network.results[first]
    world.events["USE-1"] = Event(9, "USE-1", EventKind.USE, "D1", "", day(20))
    world.results[99] = RecordedResult(99, "USE-1", EFFICIENCY, world.results[first].measurand, "1")
    assert step.result_id == first
    found, _ = resolve(world, on=30)
    assert found is not None
    assert found.calibration.label == "CAL-0"


def test_an_expired_calibration_is_used_and_left_to_its_chain_to_name() -> None:
    """Refusing it would hide the break; the due date goes with it."""
    found, reasons = resolve(detectors(0), on=366)
    assert reasons == ()
    assert found is not None
    assert (found.calibration.label, found.due) == ("CAL-0", "2022-06-01")


def test_a_use_that_no_programme_covers_is_left_to_its_chain_too() -> None:
    found, reasons = resolve(detectors(0), on=30, programmes=[])
    assert reasons == ()
    assert found is not None
    assert found.due == ""


def test_every_calibration_that_fails_gives_its_own_reasons() -> None:
    _, reasons = resolve(detectors(0, 100), on=150, conditions=USED | {"polarization": "minimum"})
    assert reasons == (
        f"CAL-100/{EFFICIENCY}: polarization: calibrated at maximum, used at minimum",
        f"CAL-0/{EFFICIENCY}: polarization: calibrated at maximum, used at minimum",
    )


def test_an_older_calibration_that_fits_serves_where_the_latest_does_not() -> None:
    world = detectors(0)
    world.calibration(
        "CAL-810", device="D1", on=10, kind=EFFICIENCY,
        conditions=CALIBRATED | {"wavelength": "810 nm"},
    )  # fmt: skip
    found, _ = resolve(world, on=30)
    assert found is not None
    assert found.calibration.label == "CAL-0"


@pytest.mark.parametrize("device", ["D1", "D2"])
def test_a_telecom_detector_of_2021_cannot_join_a_link_of_2018_at_810_nm(device: str) -> None:
    """The published 1120 km link ran at 810 nm before these detectors were calibrated."""
    found, reasons = resolve(
        detectors(0, device=device),
        on=datetime(2018, 9, 1, tzinfo=UTC),
        conditions=USED | {"wavelength": "810 nm"},
        device=device,
    )
    assert found is None
    assert reasons == (
        f"CAL-0/{EFFICIENCY}: date: calibrated 2021-06-01, used 2018-09-01: before it existed",
        f"CAL-0/{EFFICIENCY}: wavelength: calibrated at 1550.5 nm, used at 810 nm",
    )


def test_two_uses_share_the_drift_of_their_calibration() -> None:
    """A drift drawn anew at each use would make the same error twice as two errors."""
    world = World()
    calibrated = world.calibration("CAL-1", device="D1")
    drift = world.own_leaf("CAL-1", drift_input_name("transmittance"), 0.0, 1e-9, origin=None)
    days = 400.0
    uses = [
        world.network.linear({calibrated: 1.0, drift: (days + extra) * 86400.0})
        for extra in (0.0, 1.0)
    ]
    network = world.network.build()
    one, other = (use.result_id for use in uses)
    u = standard_uncertainty(network, one)
    assert u == pytest.approx((0.01**2 + (1e-9 * days * 86400.0) ** 2) ** 0.5)
    assert correlation(network, one, other) == pytest.approx(1.0, abs=1e-5)
    difference = world.network.linear({uses[0]: 1.0, uses[1]: -1.0})
    assert standard_uncertainty(world.network.build(), difference.result_id) == pytest.approx(
        1e-9 * 86400.0
    )


# -- states, adjustments, and calibrations after the use -----------------------------------------


def test_no_calibration_from_before_an_adjustment_serves() -> None:
    world = detectors(0)
    world.adjust("ADJ-1", "D1", on=10)
    assert resolve(world, on=5)[0] is not None
    found, reasons = resolve(world, on=30)
    assert found is None
    assert reasons == (f"CAL-0/{EFFICIENCY}: adjusted 2021-06-11 (ADJ-1) since",)
    world.withdraw("ADJ-1")
    assert resolve(world, on=30)[0] is not None


@pytest.mark.parametrize(("state", "served"), [("as_left", True), ("as_found", False), ("", True)])
def test_the_state_of_a_result_counts_before_that_of_its_event(state: str, *, served: bool) -> None:
    world = detectors(0)
    ((key, recorded),) = world.results.items()
    world.results[key] = replace(recorded, state=state)
    assert (resolve(world, on=30)[0] is not None) is served


def test_the_first_calibration_after_the_use_closes_its_period() -> None:
    found, reasons = resolve(detectors(0, 100, 200), on=30, choice="after")
    assert reasons == ()
    assert found is not None
    assert found.source.event_label == "CAL-100"
    assert found.elapsed_s == -70 * 86400
    assert found.weight == 0.0


def test_how_a_device_was_left_closes_nothing() -> None:
    found, reasons = resolve(detectors(100, state="as_left"), on=30, choice="after")
    assert found is None
    assert reasons == ("no closing calibration of system detection efficiency of D1 on record",)


def test_an_adjustment_before_the_closing_calibration_leaves_it_nothing_to_say() -> None:
    world = detectors(0, 100)
    world.adjust("ADJ-1", "D1", on=50)
    _, reasons = resolve(world, on=30, choice="after")
    assert reasons == (f"CAL-100/{EFFICIENCY}: adjusted 2021-07-21 (ADJ-1) in between",)
    # The as-found state has the time of the adjustment that follows it.
    world = detectors(0, 100)
    world.adjust("ADJ-1", "D1", on=100)
    assert resolve(world, on=30, choice="after")[0] is not None


def test_a_bracket_weighs_both_ends_by_the_time_to_the_other() -> None:
    found, _ = resolve(detectors(0, 100), on=25, choice="bracketed")
    assert found is not None
    assert found.closing is not None
    assert (found.source.event_label, found.closing.event_label) == ("CAL-0", "CAL-100")
    assert found.weight == pytest.approx(0.25)
    assert found.span_s == 100 * 86400


@pytest.mark.parametrize(("dates", "on"), [((0,), 25), ((100,), 25)])
def test_a_bracket_has_two_ends(dates: tuple[float, ...], on: float) -> None:
    found, reasons = resolve(detectors(*dates), on=on, choice="bracketed")
    assert found is None
    assert reasons


def test_a_closing_calibration_under_other_conditions_closes_nothing() -> None:
    _, reasons = resolve(
        detectors(100), on=30, conditions=USED | {"wavelength": "810 nm"}, choice="after"
    )
    assert reasons == (
        f"CAL-100/{EFFICIENCY}: wavelength: calibrated at 1550.5 nm, used at 810 nm",
    )
