"""Masks: their values, who is judged, what the record is too short for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.timing.mask import (
    MaskOutcome,
    PointOutcome,
    TimeMask,
    compare_with_mask,
    mask_value,
)
from qtrace.physics.timing.mtie import mtie
from qtrace.physics.timing.stability import tdev
from qtrace.physics.timing.stability_intervals import with_intervals

PRC = TimeMask(
    "PRC",
    "time_deviation",
    ((0.1, 100.0, 3e-9, 0.0), (100.0, 1000.0, 0.0, 3e-11), (1000.0, 1e4, 3e-8, 0.0)),
    "test",
)
MTIE = TimeMask(
    "MTIE",
    "maximum_time_interval_error",
    ((1.0, 273.0, 2.5e-8, 2.75e-10), (273.0, math.inf, 1e-7, 0.0)),
    "test",
)


def white(sigma_s: float, n: int = 8192) -> np.ndarray:
    return sigma_s * np.random.default_rng(6).standard_normal(n)


def test_values_and_edges() -> None:
    found = mask_value(PRC, [0.05, 0.1, 100.0, 100.1, 500.0, 1e4, 1.1e4])
    np.testing.assert_allclose(
        found, [math.nan, 3e-9, 3e-9, 3.003e-9, 1.5e-8, 3e-8, math.nan], rtol=1e-12
    )
    assert mask_value(MTIE, 1e9) == 1e-7
    assert mask_value(MTIE, 100.0) == pytest.approx(5.25e-8)


def test_a_long_good_record_is_below() -> None:
    x = white(1e-10, 200_000)
    found = compare_with_mask(with_intervals(tdev(x, interval_s=0.1), x), PRC)
    # 20 000 s end at 5 degrees of freedom near 2000 s, so the last segment is not reached.
    assert found.outcome is MaskOutcome.NOT_EVALUABLE
    assert found.missing == ((pytest.approx(1638.4), 1e4),)
    assert found.points[0].outcome is PointOutcome.BELOW
    assert found.record_s == pytest.approx(19999.9)
    assert found.probability == 0.95
    shorter = TimeMask("short", PRC.quantity, ((0.1, 1000.0, 3e-9, 0.0),), "test")
    fit = compare_with_mask(with_intervals(tdev(x, interval_s=0.1), x), shorter)
    assert fit.outcome is MaskOutcome.BELOW
    assert fit.missing == ()


def test_few_degrees_of_freedom_are_not_judged() -> None:
    x = white(1e-10, 100)
    judged = with_intervals(tdev(x, interval_s=1.0), x)
    found = compare_with_mask(judged, PRC)
    last = found.points[-1]
    assert judged.dof[-1] < 5.0
    assert last.outcome is PointOutcome.NOT_JUDGED
    assert last.reason.startswith("dof: ")
    strict = compare_with_mask(judged, PRC, least_dof=1e6)
    assert {point.outcome for point in strict.points} == {PointOutcome.NOT_JUDGED}
    assert strict.outcome is MaskOutcome.NOT_EVALUABLE
    assert strict.missing == tuple((low, high) for low, high, _, _ in PRC.segments)


def test_the_upper_bound_decides() -> None:
    x = white(1.0, 300)
    judged = with_intervals(tdev(x, interval_s=1.0, factors=[1, 2, 4, 8]), x)
    for share, outcome, whole in (
        (1.02, PointOutcome.BELOW, MaskOutcome.BELOW),
        (0.98, PointOutcome.UNDECIDED, MaskOutcome.UNDECIDED),
    ):
        limit = float(judged.high[3]) * share
        mask = TimeMask(
            "edge", "time_deviation", ((1.0, 4.0, 9.0, 0.0), (4.0, 8.0, limit, 0.0)), "test"
        )
        found = compare_with_mask(judged, mask)
        assert judged.value[3] < limit
        assert found.points[3].outcome is outcome
        assert found.outcome is whole
    low = TimeMask("low", "time_deviation", ((1.0, 8.0, 0.98 * float(judged.low[3]), 0.0),), "test")
    assert compare_with_mask(judged, low).outcome is MaskOutcome.ABOVE


def test_mtie_is_judged_on_the_maximum_of_the_record() -> None:
    x = 4e-9 * np.sin(np.arange(3000.0) / 40.0)
    found = compare_with_mask(mtie(x, interval_s=1.0), MTIE)
    assert found.outcome is MaskOutcome.BELOW
    assert found.missing == ()
    assert found.record_s == 2999.0
    assert math.isnan(found.points[0].dof)
    assert compare_with_mask(mtie(30 * x, interval_s=1.0), MTIE).outcome is MaskOutcome.ABOVE
    short = compare_with_mask(mtie(x[:100], interval_s=1.0), MTIE)
    assert short.outcome is MaskOutcome.NOT_EVALUABLE
    assert short.missing == ((64.0, 273.0), (273.0, math.inf))


def test_slow_sampling_misses_the_short_averages() -> None:
    x = white(1e-10, 3000)
    found = compare_with_mask(mtie(x, interval_s=30.0), MTIE)
    assert found.missing == ((1.0, 30.0),)
    sparse = compare_with_mask(mtie(x, interval_s=1.0, factors=[1, 100, 1000]), MTIE)
    assert sparse.missing == ((1.0, 100.0), (100.0, 273.0), (273.0, 1000.0))


@given(st.lists(st.integers(1, 900), min_size=1, max_size=12, unique=True))
def test_what_is_missing_lies_in_the_mask_and_holds_no_judged_tau(factors: list[int]) -> None:
    x = white(1e-10, 1000)
    found = compare_with_mask(mtie(x, interval_s=1.0, factors=factors), MTIE)
    for start, end in found.missing:
        assert 1.0 <= start < end
        assert not any(start < tau < end for tau in factors)


def test_points_outside_and_without_terms() -> None:
    x = white(1e-10, 40)
    x[[8, 20, 31]] = math.nan
    judged = with_intervals(tdev(x, interval_s=0.05, factors=[1, 2, 8]), x)
    found = compare_with_mask(judged, PRC)
    assert found.points[0].outcome is PointOutcome.OUTSIDE
    assert found.points[2].outcome is PointOutcome.NOT_JUDGED
    assert "no complete term" in found.points[2].reason


def test_bad_input() -> None:
    x = white(1e-10, 100)
    with pytest.raises(InputError, match="mask MTIE is of maximum_time_interval_error"):
        compare_with_mask(tdev(x, interval_s=1.0), MTIE)
    with pytest.raises(InputError, match="without interval"):
        compare_with_mask(tdev(x, interval_s=1.0), PRC)
