"""What a limit, a bound of a method, a measured baseline and a certain number may be said to show.

Anchors: quantiles from scipy.stats; rates of wrong statements by simulation at equality.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from qtrace.laboratory.baseline import Baseline
from qtrace.metrics.advantage.compared import ComparedFigure, Difference
from qtrace.metrics.advantage.conditions import TIME_OF, mismatch
from qtrace.metrics.advantage.limits import refused
from qtrace.metrics.advantage.state import state_advantage
from qtrace.metrics.advantage.statement import Advantage, Standing
from qtrace.physics.proportions import Interval, clopper_pearson

RUNS = 2000
ROOM = 4.0 * math.sqrt(0.05 * 0.95 / RUNS)
LEVEL = Baseline("B", "x.y", "visibility", 0.0, 0.0, "higher", "t", "s", "declared", text="0")


def limit(value: float, failure: float | None, u: float | None = None) -> Advantage:
    figure = ComparedFigure("x.y", "visibility", value, u, form="lower_limit", failure=failure)
    return state_advantage(figure, LEVEL)


@pytest.mark.parametrize("u", [None, 0.01])
def test_a_limit_is_no_surer_than_its_method(u: float | None) -> None:
    """One that holds with 70 % shows nothing at 95 %; one at 3 % leaves 2 % to the rest."""
    assert limit(1.0, 0.3, u).standing is Standing.NOT_SHOWN
    assert limit(1.0, None, u).standing is Standing.NOT_SHOWN
    assert "none is taken as zero" in limit(1.0, None, u).reason
    found = limit(1.0, 0.03, u)
    assert found.standing is Standing.BETTER
    assert found.probability == pytest.approx(0.97, abs=1e-12)
    edge = 0.01 * float(stats.norm.ppf(0.98))
    if u is not None:
        assert limit(1.0001 * edge, 0.03, u).standing is Standing.BETTER
        assert limit(0.9999 * edge, 0.03, u).standing is Standing.NOT_SHOWN


def test_a_limit_at_equality_is_seldom_called_better() -> None:
    rng = np.random.default_rng(7)
    for failure, u in ((0.04, None), (0.04, 0.01), (0.05, None)):
        values = rng.normal(0.0, 1.0, RUNS) - stats.norm.ppf(1.0 - failure)
        said = [limit(float(one), failure, u).standing for one in values]
        assert np.mean([one is Standing.BETTER for one in said]) <= 0.05 + ROOM


def test_the_whole_error_may_be_that_of_the_limit() -> None:
    assert limit(0.1, 1.0 - 0.95).standing is Standing.BETTER
    assert refused(0.0500001, confidence=0.95)
    assert not refused(0.05, confidence=0.95)


def test_an_uncertain_baseline_has_the_rest_of_the_error() -> None:
    level = replace(LEVEL, standard_uncertainty=0.1)
    figure = ComparedFigure("x.y", "visibility", 0.0, None, form="lower_limit", failure=0.03)
    edge = 0.1 * float(stats.norm.ppf(0.98))
    for value, standing in ((1.001 * edge, Standing.BETTER), (0.999 * edge, Standing.NOT_SHOWN)):
        assert state_advantage(replace(figure, value=value), level).standing is standing


def measured(degrees: float, u: float) -> Difference:
    return Difference(0.0, u, degrees, u, 0.0, degrees)


def test_a_baseline_of_few_readings_reaches_by_t() -> None:
    """Two degrees of freedom: the one-sided quantile at 2.5 % is 4.303, not 1.960."""
    reach = float(stats.t.ppf(0.975, 2.0))
    level = replace(LEVEL, standard_uncertainty=1.0)
    for gain, standing in ((1.001 * reach, Standing.BETTER), (0.999 * reach, Standing.NOT_SHOWN)):
        figure = ComparedFigure(
            "x.y", "visibility", gain, None, ends=lambda p, g=gain: Interval(g, g, p)  # type: ignore[misc]
        )  # fmt: skip
        found = state_advantage(figure, level, difference=measured(2.0, 1.0))
        assert found.standing is standing
        stored = replace(figure, ends=None, stored=Interval(gain, gain, 0.95))
        found = state_advantage(stored, level, difference=measured(2.0, 1.0), confidence=0.95)
        assert found.standing is standing


def test_equality_with_a_baseline_of_three_readings() -> None:
    rng = np.random.default_rng(11)
    n, p = 1_000_000, 0.75
    better = 0
    for _ in range(RUNS):
        k = int(rng.binomial(n, p))
        readings = rng.normal(p, 0.02, 3)
        u = float(np.std(readings, ddof=1)) / math.sqrt(3.0)
        figure = ComparedFigure(
            "x.y", "visibility", k / n, None,
            ends=lambda q, k=k: clopper_pearson(k, n, probability=q),  # type: ignore[misc]
        )  # fmt: skip
        level = replace(LEVEL, value=float(np.mean(readings)), standard_uncertainty=u)
        said = state_advantage(figure, level, difference=measured(2.0, u))
        better += said.standing is Standing.BETTER
    assert better / RUNS <= 0.05 + ROOM


def test_the_size_of_an_error_against_few_readings() -> None:
    level = replace(
        LEVEL, value=5.0, standard_uncertainty=1.0, better="lower", compares="magnitude"
    )
    figure = ComparedFigure("x.y", "visibility", 2.5, 1e-9)
    assert state_advantage(figure, level).standing is Standing.BETTER
    few = state_advantage(figure, level, difference=measured(2.0, 1.0))
    assert few.standing is Standing.NOT_SHOWN
    outside = stats.t.sf(2.5, 2.0) + stats.t.sf(7.5, 2.0)
    assert few.probability == pytest.approx(1.0 - outside, rel=1e-6)


def test_what_keeps_a_bound_is_not_better_than_the_method() -> None:
    level = replace(LEVEL, value=1.0, better="lower", bound=True, text="1 ns")
    for compares in ("value", "uncertainty"):
        figure = ComparedFigure("x.y", "visibility", 0.5, 0.4, degrees_of_freedom=200.0)
        within = state_advantage(
            replace(figure, value=0.1, standard_uncertainty=0.1), replace(level, compares=compares)
        )
        assert (within.standing, within.probability) == (Standing.NOT_SHOWN, None)
        assert "below the specified bound of 1 ns" in within.reason
    beyond = state_advantage(ComparedFigure("x.y", "visibility", 9.0, 0.1), level)
    assert beyond.standing is Standing.WORSE
    exact = state_advantage(ComparedFigure("x.y", "visibility", 0.99, 0.0), level)
    assert (exact.standing, exact.probability) == (Standing.NOT_SHOWN, None)


def test_what_has_a_u_is_never_certain() -> None:
    for gain, standing in ((1e3, Standing.BETTER), (-1e3, Standing.WORSE)):
        found = state_advantage(ComparedFigure("x.y", "visibility", gain, 1.0), LEVEL)
        assert found.standing is standing
        assert found.probability is not None
        assert 0.0 < found.probability < 1.0


def test_a_stored_interval_says_how_far_it_reaches() -> None:
    figure = ComparedFigure("x.y", "visibility", 2.0, None, stored=Interval(1.0, 3.0, 0.95))
    assert state_advantage(figure, LEVEL).probability == pytest.approx(0.975)
    level = replace(LEVEL, standard_uncertainty=0.3)
    found = state_advantage(figure, level)
    # The error is that of the interval and that of the baseline: 0.025 + P(Z > 1 / 0.3).
    expected = 1.0 - 0.025 - stats.norm.sf(1.0 / 0.3)
    assert found.probability == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("kind", "time"), TIME_OF.items())
def test_a_deviation_without_its_time_is_not_compared(kind: str, time: str) -> None:
    level = replace(LEVEL, kind=kind)
    assert time in mismatch(level, kind=kind, conditions={})
    stated = replace(level, conditions=((time, "1 s"),))
    assert mismatch(stated, kind=kind, conditions={time: "1 s"}) == ""
