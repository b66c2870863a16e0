"""From a recorded result to a comparable figure: which u is absent, which interval stands for it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import World
from scipy import stats

from qtrace.certification.advantage_figure import compared_figure
from qtrace.certification.case import Figure
from qtrace.laboratory.event import EndKind, EventKind, Origin
from qtrace.laboratory.link import Run
from qtrace.metrics.advantage.compared import ComparedFigure
from qtrace.uncertainty.results import Argument, Model, ModelKind

DAY = datetime(2022, 1, 1, tzinfo=UTC)
RUN = Run("R", "L", DAY, DAY, {}, {}, (), "never_used", "measured", protocol="bbm92",
          choices={"bound": "gamma"})  # fmt: skip
COUNTED = Origin(end=EndKind.COUNTING)


def figure(
    *, u: float = 0.1, flags: tuple[str, ...] = (), origin: Origin | None = COUNTED,
    interval: tuple[float, float, float] | None = None, method: str = "", dof: float = 10.0,
) -> ComparedFigure:  # fmt: skip
    """Return a deviation of 2.0 as recorded and then compared."""
    made = World()
    made.event("R/recomputation", kind=EventKind.RECOMPUTATION)
    leaf = made.own_leaf("R/recomputation", "indicated", 2.0, u, origin=origin)
    made.network.inputs[leaf.input_id] = replace(
        made.network.inputs[leaf.input_id], degrees_of_freedom=dof
    )
    step = made.network.add(
        2.0,
        Model(ModelKind.FUNCTION, "timing.time_deviation", "1"),
        (Argument("indicated", 1.0, input_id=leaf.input_id),),
    )
    recorded = made.result("R/recomputation", [leaf], kind="time_deviation")
    made.results[step.result_id] = replace(
        made.results.pop(recorded.result_id),
        result_id=step.result_id, flags=flags, interval=interval, interval_method=method,
    )  # fmt: skip
    item = Figure("timing.time_deviation", "L", step.result_id)
    return compared_figure(made.dossier(), item, RUN, confidence=0.95)


def test_u_and_degrees_of_freedom_come_from_the_chain() -> None:
    found = figure()
    assert found.standard_uncertainty == pytest.approx(0.1)
    assert found.degrees_of_freedom == pytest.approx(10.0)
    assert dict(found.conditions) == {"protocol": "bbm92", "bound": "gamma"}
    assert not found.unusable


def test_a_u_of_zero_is_absent_unless_it_is_said_to_be_exact() -> None:
    assert figure(u=0.0).standard_uncertainty is None
    assert figure(u=0.0, flags=("no derivative, so no u; none",)).standard_uncertainty is None
    exact = figure(u=0.0, flags=("exact: follows from declared parameters alone",))
    assert exact.standard_uncertainty == 0.0


@pytest.mark.parametrize(
    ("flag", "why"),
    [
        ("aborted run: no key was made", "aborted"),
        ("post_hoc: no plan", "post_hoc"),
        ("of this record of 987 s: no interval is known for it", "no interval is known"),
    ],
)
def test_what_a_flag_forbids_shows_nothing(flag: str, why: str) -> None:
    assert why in figure(flags=(flag,)).unusable


def test_an_input_without_calibration_shows_nothing() -> None:
    assert "none is taken as zero" in figure(origin=Origin(instrument="COUNTER")).unusable


def test_an_input_that_reaches_no_end_shows_nothing() -> None:
    """A nominal number in place of a calibration: what it may be off by is in no u."""
    found = figure(origin=Origin())
    assert "end missing" in found.unusable
    assert "none is taken as zero" in found.unusable


def test_what_was_stated_is_told_from_what_was_estimated() -> None:
    assert figure().declared_share == 0.0
    assert figure(dof=math.inf).declared_share == 1.0
    assert figure(u=0.0).declared_share == 0.0


def limit(
    arguments: tuple[tuple[str, float], ...], *, total: float | None = None,
    interval: tuple[float, float, float] | None = None,
) -> ComparedFigure:  # fmt: skip
    """Return a decoy bound as recorded with these failure probabilities, and then compared."""
    made = World()
    made.event("R/recomputation", kind=EventKind.RECOMPUTATION)
    counts = made.own_leaf("R/recomputation", "errors_h_1", 100.0, 10.0, origin=COUNTED)
    taken = [Argument("errors_h_1", 1e-4, input_id=counts.input_id)]
    for name, value in arguments:
        one = made.own_leaf("R/recomputation", name, value, 0.0, origin=COUNTED)
        taken.append(Argument(name, 0.0, input_id=one.input_id))
    model = Model(ModelKind.FUNCTION, "teleportation.teleport_decoy.fidelity_lower_bound", "1")
    step = made.network.add(0.8, model, tuple(taken))
    recorded = made.result("R/recomputation", [counts], kind="fidelity_lower_bound")
    made.results[step.result_id] = replace(
        made.results.pop(recorded.result_id),
        result_id=step.result_id, form="lower_limit", interval=interval,
    )  # fmt: skip
    if total is not None:
        whole = Model(ModelKind.FUNCTION, "qkd.some.epsilon_total", "1")
        second = made.network.add(total, whole, ())
        made.results[second.result_id] = replace(
            made.results[step.result_id], result_id=second.result_id, name="epsilon_total",
            form="estimate",
        )  # fmt: skip
    item = Figure("teleportation.fidelity_lower_bound", "L", step.result_id)
    return compared_figure(made.dossier(), item, RUN, confidence=0.95)


def test_a_limit_carries_the_failure_probability_that_was_declared() -> None:
    assert limit((("epsilon_decoy", 0.01),)).failure == pytest.approx(0.01)
    assert limit(()).failure is None, "unknown is not zero"
    # The total of a proof may count its parts more than once.
    assert limit((("epsilon_decoy", 0.01),), total=0.02).failure == pytest.approx(0.02)
    assert limit((), total=0.02).failure is None, "an asymptotic figure has no epsilon of the block"
    assert limit((), interval=(0.7, 1.0, 0.95)).failure == 0.0, "its interval holds it"


def test_a_chi_square_interval_is_made_again_at_any_probability() -> None:
    low, high = (2.0 * (10.0 / stats.chi2.ppf(q, 10.0)) ** 0.5 for q in (0.975, 0.025))
    found = figure(interval=(low, high, 0.95), method="chi-square, 10 degrees of freedom")
    assert found.ends is not None
    assert found.ends(0.9).high == pytest.approx(2.0 * (10.0 / stats.chi2.ppf(0.05, 10.0)) ** 0.5)


def test_an_interval_that_is_not_found_again_is_taken_as_stored() -> None:
    for method in ("chi-square, 10 degrees of freedom", "bootstrap"):
        found = figure(interval=(1.5, 2.6, 0.95), method=method)
        assert found.ends is None
        assert found.stored is not None
        assert found.stored.low == 1.5
