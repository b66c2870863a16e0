"""Proposals: which calibrations count, what is said against them, what each method needs."""

from __future__ import annotations

import itertools
import math
from datetime import timedelta

import pytest
from builders import day

from qtrace.errors import InputError
from qtrace.quantity.kinds import kind
from qtrace.traceability.history import CalibratedState, History, Shift
from qtrace.traceability.interval import propose
from qtrace.traceability.pairing import Gap
from qtrace.traceability.proposal import IntervalMethod, IntervalRequest, observations_of
from qtrace.traceability.tolerance import Tolerance, parse_tolerance
from qtrace.uncertainty.drift_rate import fit_drift_rate

RATIO = kind("indication_ratio")
U = 0.001


def state(label: str, on: float, value: float) -> CalibratedState:
    return CalibratedState(0, f"{label}/r", label, "", day(on), value, 5.0 * U)


def history(*spans: tuple[float, float], device: str = "M", gaps: int = 0) -> History:
    """A history from (days, shift): each span starts at 1."""
    shifts, states, now = [], [], 0.0
    for k, (days, moved) in enumerate(spans):
        left, found = state(f"L{k}", now, 1.0), state(f"F{k}", now + days, 1.0 + moved)
        shifts.append(Shift(left, found, moved, U, 7.0 * U))
        states.extend((left, found))
        now += days + 1.0
    missing = tuple(Gap(f"X{k}", f"Y{k}", "as left without as found") for k in range(gaps))
    return History(
        device, RATIO.name, "1", (), tuple(states), tuple(shifts), missing, ("a note",)
    )  # fmt: skip


def request(method: IntervalMethod, **more: object) -> IntervalRequest:
    fields: dict[str, object] = {
        "target": 0.9,
        "tolerance": Tolerance(0.01, relative=False, text="0.01"),
        "present_days": 365.0,
        **more,
    }
    return IntervalRequest(method, **fields)  # type: ignore[arg-type]


def test_observations_are_judged_by_value_and_doubt_is_marked() -> None:
    found = observations_of(
        [history((365, 0.005), (365, 0.0095), (365, 0.0105), (365, -0.02))],
        parse_tolerance("0.01", RATIO),
    )
    assert [one.in_tolerance for one in found] == [True, True, False, False]
    assert [one.doubtful for one in found] == [False, True, True, False]
    about = observations_of([history((365, 0.005))], parse_tolerance("0.01", RATIO, nominal="1"))
    # About a nominal value the whole uncertainty of the value counts, not that of the shift.
    assert about[0].doubtful
    assert observations_of([history((365, 0.005))], None)[0].in_tolerance is None


def test_a3_counts_only_calibrations_near_the_present_interval() -> None:
    spans = ((365, 0.0), (330, 0.02), (400, 0.0), (421, 0.0), (422, 0.0), (100, 0.02))
    proposal = propose([history(*spans)], request(IntervalMethod.A3))
    assert [one.used for one in proposal.observations] == [True, True, True, True, False, False]
    assert proposal.a3 is not None
    assert (proposal.a3.in_tolerance, proposal.a3.n) == (3, 4)
    assert "2 of 6 followed another interval: not counted" in proposal.warnings
    assert "only 4 observations" in proposal.warnings
    short = propose(
        [history((20, 0.0), (31, 0.02), (29, 0.0))], request(IntervalMethod.A3, present_days=20.0)
    )
    assert [one.used for one in short.observations] == [True, False, True]  # within half


def test_pooling_counts_all_devices_and_names_them() -> None:
    pool = [history((365, 0.0), (365, 0.0)), history((365, 0.02), device="OTHER")]
    proposal = propose(pool, request(IntervalMethod.A3))
    assert proposal.device_id == "M"
    assert proposal.a3 is not None
    assert proposal.a3.n == 3
    assert [one.device_id for one in proposal.observations] == ["M", "M", "OTHER"]


def test_gaps_notes_and_a_drift_that_is_not_constant_are_said() -> None:
    times = [0.0, 100.0, 200.0, 300.0, 400.0, 500.0]
    values = [-math.expm1(-t / 200.0) for t in times]
    drift = fit_drift_rate(
        times[:-1], times[1:], [b - a for a, b in itertools.pairwise(values)],
        covariance=[[1e-6 * (i == j) for j in range(5)] for i in range(5)],
    )  # fmt: skip
    proposal = propose([history((365, 0.0), gaps=1)], request(IntervalMethod.A3), drift=drift)
    said = " | ".join(proposal.warnings)
    assert "gap X0 to Y0: as left without as found" in said
    assert "a note" in said
    assert "a straight line over-predicts" in said


def test_variables_starts_from_the_last_state_left() -> None:
    spans = ((100, 0.002), (200, 0.004), (300, 0.0061), (365, 0.0072))
    proposal = propose(
        [history(*spans)],
        request(IntervalMethod.VARIABLES, order=1, tolerance=parse_tolerance("5 %", RATIO)),
        nu_last=30.0,
    )
    found = proposal.variables
    assert found is not None
    assert found.interval == proposal.proposed_days
    # It starts at the centre of its limits, with an u of 0.5 %: 1.29 u of 5 % are spent.
    assert proposal.proposed_days == pytest.approx((0.05 - 1.29 * 5.0 * U) / 2e-5, rel=0.05)
    assert any("extrapolation" in line for line in proposal.warnings)
    by_u = propose(
        [history(*spans)],
        request(IntervalMethod.VARIABLES, order=1, u_target=0.006, tolerance=None),
    )
    assert by_u.variables is not None
    assert by_u.variables.criterion == "uncertainty"


def test_a_history_that_sets_no_limit_gives_no_interval() -> None:
    spans = ((100, 0.0001), (200, -0.0001), (300, 0.0001))
    proposal = propose(
        [history(*spans)],
        request(IntervalMethod.VARIABLES, order=1, tolerance=parse_tolerance("90 %", RATIO)),
    )
    assert proposal.proposed_days is None
    assert any("sets no limit" in line for line in proposal.warnings)
    at_once = propose(
        [history(*spans)],
        request(IntervalMethod.VARIABLES, order=1, tolerance=parse_tolerance("0.1 %", RATIO)),
    )
    assert at_once.proposed_days is None
    assert any("fails at once" in line for line in at_once.warnings)


def test_a_curve_from_times_that_are_alike_is_named() -> None:
    spans = ((364, 0.001), (365, 0.0011), (366, 0.0012), (365, 0.0011))
    proposal = propose([history(*spans)], request(IntervalMethod.VARIABLES, order=2))
    assert any("hardly determined" in line for line in proposal.warnings)


@pytest.mark.parametrize(
    ("spans", "asked", "said"),
    [
        ((), request(IntervalMethod.A3), "holds no shift"),
        (((365.0, 0.0),), request(IntervalMethod.A3, tolerance=None), "none is given"),
        (((365.0, 0.0),), request(IntervalMethod.S2, tolerance=None), "none is given"),
        (((365.0, 0.0),), request(IntervalMethod.A3, present_days=None), "no programme sets one"),
        (((9.0, 0.0),), request(IntervalMethod.A3), "no calibration followed"),
        (((365.0, 0.0), (9.0, 0.0)), request(IntervalMethod.S2), "use method a3|all of"),
        (((365.0, 0.0),), request(IntervalMethod.VARIABLES, order=1), "leave no scatter"),
    ],
)
def test_what_a_method_lacks_is_said(
    spans: tuple[tuple[float, float], ...], asked: IntervalRequest, said: str
) -> None:
    told = history(*spans) if spans else History("M", RATIO.name, "1", (), (), (), (), ())
    with pytest.raises(InputError, match=said):
        propose([told], asked)


def test_dates_in_observations_are_those_of_the_state_found() -> None:
    (one,) = observations_of([history((365, 0.0))], None)
    assert one.found_on - day(0) == timedelta(days=365)
