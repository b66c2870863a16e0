"""Use of a fitted curve: forward, inverse, one correction for a range, replicates."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.regression import Fit, Scale, fit_ordinary, fit_weighted
from qtrace.uncertainty.regression_use import (
    evaluate_fit,
    invert_fit,
    lack_of_fit_of_replicates,
    mean_correction,
)

SIX = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def line() -> Fit:
    """Return the second example of ISO/TS 28037:2010, clause 6."""
    return fit_weighted(SIX, [3.2, 4.3, 7.6, 8.6, 11.7, 12.8], u_y=[0.5, 0.5, 0.5, 1.0, 1.0, 1.0])


def parabola() -> Fit:
    """Return a monotonic curve of second degree on 0 ... 5."""
    x = np.linspace(0.0, 5.0, 11)
    return fit_weighted(x, 1.0 + 2.0 * x + 0.3 * x**2, u_y=0.05, powers=(0, 1, 2))


def test_inverse_of_the_second_example_of_the_technical_specification() -> None:
    found = invert_fit(line(), 10.5, u_y=1.0)
    assert found.values[0] == pytest.approx(4.674, abs=5e-4)
    assert found.standard_uncertainties[0] == pytest.approx(0.533, abs=5e-4)
    assert found.inside == (True,)


@given(st.floats(-3.0, 10.0), st.floats(0.0, 2.0))
def test_forward_of_a_line_is_the_formula_of_the_specification(x: float, u_x: float) -> None:
    fit = line()
    (a, b), v = fit.parameters, fit.covariance
    found = evaluate_fit(fit, x, u_x=u_x)
    assert found.values[0] == pytest.approx(a + b * x, rel=1e-12, abs=1e-12)
    variance = v[0, 0] + x * x * v[1, 1] + 2.0 * x * v[0, 1] + (b * u_x) ** 2
    assert found.covariance[0, 0] == pytest.approx(variance, rel=1e-9)


@given(st.lists(st.floats(0.0, 5.0), min_size=1, max_size=4))
def test_the_inverse_undoes_the_forward_with_its_uncertainty(arguments: list[float]) -> None:
    fit = parabola()
    forward = evaluate_fit(fit, arguments)
    back = invert_fit(fit, forward.values)
    assert back.values == pytest.approx(arguments, abs=1e-7)
    # dx = -dy / slope: the same parameters, seen along x.
    slopes = forward.argument_sensitivities
    assert back.covariance == pytest.approx(
        forward.covariance / np.outer(slopes, slopes), rel=1e-5, abs=1e-12
    )
    assert back.argument_sensitivities == pytest.approx(1.0 / slopes, rel=1e-6)


def test_neighbouring_uses_of_one_curve_are_correlated() -> None:
    near = evaluate_fit(line(), [5.0, 5.2])
    u = near.standard_uncertainties
    assert near.covariance[0, 1] / (u[0] * u[1]) > 0.99
    # Each use adds what its own argument does not know, and only to itself.
    own = evaluate_fit(line(), [5.0, 5.2], u_x=[0.1, 0.0])
    assert own.covariance[0, 1] == near.covariance[0, 1]
    assert own.covariance[0, 0] == pytest.approx(
        near.covariance[0, 0] + (0.1 * line().parameters[1]) ** 2
    )


def test_extrapolation_is_said() -> None:
    assert evaluate_fit(line(), [0.9, 1.0, 6.0, 6.1]).inside == (False, True, True, False)
    assert invert_fit(line(), 100.0).inside == (False,)


def test_an_inverse_that_does_not_exist_or_is_not_one() -> None:
    x = np.linspace(-1.0, 1.0, 9)
    hill = fit_weighted(x, 1.0 - x**2, u_y=0.01, powers=(0, 2))
    for y, times in ((0.5, 2), (2.0, 0)):
        with pytest.raises(InputError, match=f"{times} times between"):
            invert_fit(hill, y)
    level = fit_weighted(x, np.ones(9), u_y=0.01, powers=(0,))
    with pytest.raises(InputError, match="level"):
        invert_fit(level, 1.0)
    flat = fit_weighted(x, 1e-3 * x, u_y=0.01)
    with pytest.raises(InputError, match="not distinguished from zero"):
        invert_fit(flat, 0.0)


def test_arguments_that_are_no_numbers() -> None:
    with pytest.raises(InputError):
        evaluate_fit(line(), math.nan)
    with pytest.raises(InputError):
        evaluate_fit(line(), 1.0, u_x=-0.1)
    with pytest.raises(InputError):
        invert_fit(line(), [1.0, 2.0], u_y=[0.1, 0.1, 0.1])


def test_one_correction_for_a_whole_range() -> None:
    """GUM F.2.4.5 on a line: mean in the middle, spread slope * width / sqrt(12)."""
    fit = line()
    one = mean_correction(fit, 2.0, 5.0)
    slope = float(fit.parameters[1])
    assert one.value == pytest.approx(evaluate_fit(fit, 3.5).values[0], rel=1e-12)
    assert one.spread == pytest.approx(slope * 3.0 / math.sqrt(12.0), rel=1e-12)
    fine = evaluate_fit(fit, np.linspace(2.0, 5.0, 2001))
    mean_square = float(np.mean(fine.standard_uncertainties**2))
    assert one.curve_uncertainty == pytest.approx(math.sqrt(mean_square), rel=1e-3)
    assert one.standard_uncertainty == pytest.approx(math.hypot(one.spread, one.curve_uncertainty))


def test_a_range_that_is_none_or_not_calibrated() -> None:
    for low, high in ((3.0, 3.0), (5.0, 2.0), (0.0, 3.0), (3.0, 7.0)):
        with pytest.raises(InputError, match="no range inside"):
            mean_correction(line(), low, high)


def test_replicates_test_a_curve_whose_scale_is_its_scatter() -> None:
    """By hand: means 1, 4, 1 at x = 0, 1, 2, two readings each, one unit apart."""
    x, y = [0, 0, 1, 1, 2, 2], [0.5, 1.5, 3.5, 4.5, 0.5, 1.5]
    found = lack_of_fit_of_replicates(fit_ordinary(x, y))
    # Line is level at 2: lack 2 (1 + 4 + 1) = 12 with 1; pure error 3 * 0.5 with 3.
    assert found.f == pytest.approx(12.0 / 0.5, rel=1e-12)
    assert found.degrees_of_freedom == (1, 3)
    # Two-sided t with 3 degrees of freedom at sqrt(24) = 4.899: p = 0.0163 (t table).
    assert found.p_value == pytest.approx(0.0163, abs=5e-5)


def test_replicates_of_true_lines_give_uniform_p_values() -> None:
    generator = np.random.default_rng(9)
    x = np.repeat(np.arange(5.0), 3)
    p = [
        lack_of_fit_of_replicates(fit_ordinary(x, generator.normal(size=15))).p_value
        for _ in range(600)
    ]
    assert float(np.mean(p)) == pytest.approx(0.5, abs=5.0 / math.sqrt(12.0 * 600))


def test_where_replicates_test_nothing() -> None:
    with pytest.raises(InputError, match="no replicates"):
        lack_of_fit_of_replicates(fit_ordinary(SIX, [3.2, 4.3, 7.6, 8.6, 11.7, 12.8]))
    with pytest.raises(InputError, match="chi-square is the test"):
        lack_of_fit_of_replicates(line())
    uneven = fit_weighted(
        [0, 0, 1, 1, 2, 2], [0.5, 1.5, 3.5, 4.5, 0.5, 1.5],
        u_y=[1, 1, 1, 1, 2, 2], scale=Scale.SCATTER,
    )  # fmt: skip
    with pytest.raises(InputError, match="alike in u"):
        lack_of_fit_of_replicates(uneven)
