"""The variables method: what its interval means, and where it has none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.uncertainty.interval_variables import (
    VariablesVersion,
    distinct_times,
    fit_growth,
    reliability_interval_of_growth,
    uncertainty_interval,
)

TIMES = [90.0, 180.0, 270.0, 365.0, 500.0]
NOISE = np.array([0.01, -0.02, 0.015, -0.01, 0.005])
EXACT = 1e-9  # relative, of a solved root or a fit without noise


def shifts(rate: float, bend: float = 0.0) -> list[float]:
    t = np.array(TIMES)
    return list(rate * t + bend * t**2 + NOISE)


def test_at_its_end_the_criterion_is_just_met() -> None:
    from scipy.stats import t as student

    growth = fit_growth(TIMES, shifts(0.002), order=1)
    found = reliability_interval_of_growth(
        growth, start=5.0, u_start=0.05, low=4.0, high=5.6, target=0.9
    )
    assert found.interval is not None
    assert found.shift is not None
    assert found.standard_uncertainty is not None
    assert found.degrees_of_freedom is not None
    u = math.hypot(growth.fit.standard_uncertainties[0] * found.interval, 0.05)
    assert found.standard_uncertainty == pytest.approx(u, rel=EXACT)
    above = student.cdf((5.6 - 5.0 - found.shift) / u, found.degrees_of_freedom)
    below = student.cdf((4.0 - 5.0 - found.shift) / u, found.degrees_of_freedom)
    assert above - below == pytest.approx(0.9, abs=1e-9)


def test_a_falling_drift_is_stopped_by_the_lower_limit() -> None:
    up = reliability_interval_of_growth(
        fit_growth(TIMES, shifts(0.002), order=1),
        start=0.0, u_start=0.05, low=-0.8, high=0.8, target=0.9,
    )  # fmt: skip
    down = reliability_interval_of_growth(
        fit_growth(TIMES, [-s for s in shifts(0.002)], order=1),
        start=0.0, u_start=0.05, low=-0.8, high=0.8, target=0.9,
    )  # fmt: skip
    assert up.interval == pytest.approx(down.interval, rel=EXACT)
    only_high = reliability_interval_of_growth(
        fit_growth(TIMES, shifts(0.002), order=1),
        start=0.0, u_start=0.05, low=None, high=0.8, target=0.9,
    )  # fmt: skip
    assert only_high.interval == pytest.approx(up.interval, rel=1e-3)  # the other is far away
    only_low = reliability_interval_of_growth(
        fit_growth(TIMES, shifts(0.002), order=1),
        start=0.0, u_start=0.05, low=-0.8, high=None, target=0.9,
    )  # fmt: skip
    assert only_low.interval is None  # it drifts away from that limit
    assert only_low.sought_up_to == 5000.0


def test_the_interval_is_zero_where_the_criterion_fails_from_the_start() -> None:
    growth = fit_growth(TIMES, shifts(0.002), order=1)
    outside = reliability_interval_of_growth(
        growth, start=6.0, u_start=0.05, low=4.0, high=5.6, target=0.9
    )
    assert outside.interval == 0.0
    assert uncertainty_interval(growth, u_start=0.5, u_target=0.4).interval == 0.0


def test_uncertainty_grows_to_its_target() -> None:
    growth = fit_growth(TIMES, shifts(0.002), order=1)
    found = uncertainty_interval(growth, u_start=0.03, u_target=0.05)
    slope_u = float(growth.fit.standard_uncertainties[0])
    assert found.interval == pytest.approx(0.04 / slope_u, rel=EXACT)
    assert found.extrapolated == (0.04 / slope_u > 500.0)


def test_weights_move_the_fit_and_equal_weights_do_not() -> None:
    plain = fit_growth(TIMES, shifts(0.002), order=1)
    equal = fit_growth(TIMES, shifts(0.002), order=1, u_shifts=0.3)
    assert equal.fit.parameters == pytest.approx(plain.fit.parameters, rel=EXACT)
    assert equal.residual_deviation == pytest.approx(plain.residual_deviation, rel=EXACT)
    assert equal.fit.covariance == pytest.approx(plain.fit.covariance, rel=EXACT)
    first = fit_growth(TIMES, shifts(0.002), order=1, u_shifts=[1e-4, 1.0, 1.0, 1.0, 1.0])
    assert first.fit.parameters[0] == pytest.approx(shifts(0.002)[0] / 90.0, rel=1e-5)


def test_the_order_is_found_and_not_from_times_that_are_all_alike() -> None:
    assert fit_growth(TIMES, [1e-5 * t**2 for t in TIMES]).order == 2
    alike = [364.0, 365.0, 365.0, 366.0]
    assert distinct_times(alike) == 1
    assert distinct_times(TIMES) == 5
    assert fit_growth(alike, [0.1, 0.12, 0.11, 0.13]).order == 1
    assert fit_growth(alike, [0.1, 0.12, 0.11, 0.13], order=2).order == 2  # as asked


def test_without_uncertainty_the_value_itself_decides() -> None:
    growth = fit_growth([100.0, 200.0, 400.0], [0.1, 0.2, 0.4], order=1)
    found = reliability_interval_of_growth(
        growth, start=0.0, u_start=0.0, low=-1.0, high=0.3, target=0.9
    )
    assert found.interval == pytest.approx(300.0, rel=1e-6)


@pytest.mark.parametrize(
    ("times", "moved", "order", "said"),
    [
        ([100.0], [0.1], 1, "1 shifts leave"),
        ([100.0, 200.0], [0.1, 0.2], 2, "2 shifts leave"),
        ([0.0, 200.0], [0.1, 0.2], 1, "not above 0"),
        ([100.0, 200.0], [0.1, 0.2], 4, "none of 1, 2 and 3"),
        ([100.0, 100.0, 100.0], [0.1, 0.2, 0.1], 2, "too few different times"),
    ],
)
def test_histories_that_give_no_fit(
    times: list[float], moved: list[float], order: int, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        fit_growth(times, moved, order=order)


@pytest.mark.parametrize(
    "limits",
    [
        {"low": None, "high": None, "target": 0.9},
        {"low": 2.0, "high": 1.0, "target": 0.9},
        {"low": 0.0, "high": 1.0, "target": 0.0},
    ],
)
@pytest.mark.parametrize("version", list(VariablesVersion))
def test_limits_and_targets_that_cannot_be(
    limits: dict[str, float], version: VariablesVersion
) -> None:
    growth = fit_growth(TIMES, shifts(0.002), order=1)
    with pytest.raises(InputError):
        reliability_interval_of_growth(growth, start=0.5, u_start=0.1, version=version, **limits)


def test_uncertainties_that_cannot_be() -> None:
    growth = fit_growth(TIMES, shifts(0.002), order=1)
    for start, target in ((-0.1, 0.5), (0.1, 0.0), (math.nan, 0.5)):
        with pytest.raises(InputError):
            uncertainty_interval(growth, u_start=start, u_target=target)
