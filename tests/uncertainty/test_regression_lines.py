"""Straight lines through points with uncertainty in both coordinates."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import NetworkBuilder
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.network import covariance
from qtrace.uncertainty.regression import Fit, FitMethod, Scale, fit_general, fit_weighted
from qtrace.uncertainty.regression_lines import fit_line_both, fit_line_joint

Array = NDArray[np.float64]
# Pearson's data with York's weights.
X = np.array([0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4])
Y = np.array([5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5])
U_X = np.array([1000.0, 1000.0, 500.0, 800.0, 200.0, 80.0, 60.0, 20.0, 1.8, 1.0]) ** -0.5
U_Y = np.array([1.0, 1.8, 4.0, 8.0, 20.0, 20.0, 70.0, 70.0, 100.0, 500.0]) ** -0.5


def test_the_example_of_the_technical_specification() -> None:
    """ISO/TS 28037:2010, clause 7: printed with four decimals."""
    fit = fit_line_both(
        [1.2, 1.9, 2.9, 4.0, 4.7, 5.9],
        [3.4, 4.4, 7.2, 8.5, 10.8, 13.5],
        u_x=0.2,
        u_y=[0.2, 0.2, 0.2, 0.4, 0.4, 0.4],
    )
    assert fit.parameters == pytest.approx([0.5788, 2.1597], abs=5e-5)
    printed = np.sqrt(np.diag(fit.model_covariance))
    assert printed == pytest.approx([0.4764, 0.1355], abs=5e-5)
    assert fit.model_covariance[0, 1] == pytest.approx(-0.0577, abs=5e-5)
    assert fit.chi_square == pytest.approx(2.743, abs=5e-4)
    assert fit.residual_degrees_of_freedom == 4
    # Through the sensitivities to the readings the residuals enter too: 1 % more here.
    assert fit.standard_uncertainties == pytest.approx(printed, rel=0.01)
    assert fit.method is FitMethod.DISTANCE


def test_york_and_the_reverse_question() -> None:
    """x as a function of y is the same line: distances know no independent variable."""
    fit = fit_line_both(X, Y, u_x=U_X, u_y=U_Y)
    back = fit_line_both(Y, X, u_x=U_Y, u_y=U_X)
    a, b = fit.parameters
    assert back.parameters == pytest.approx([-a / b, 1.0 / b], rel=1e-9)
    assert back.chi_square == pytest.approx(fit.chi_square, rel=1e-12)
    assert back.standard_uncertainties[1] == pytest.approx(
        fit.standard_uncertainties[1] / b**2, rel=1e-8
    )


def test_york_2004_prints_the_uncertainties_at_the_adjusted_points() -> None:
    fit = fit_line_both(X, Y, u_x=U_X, u_y=U_Y)
    # York et al. (2004), section V: sigma_a = 0.2950, sigma_b = 0.0580 (from memory).
    assert np.sqrt(np.diag(fit.model_covariance)) == pytest.approx([0.2950, 0.0580], abs=5e-5)
    # Their Eq. 13, written out at the solution.
    b = fit.parameters[1]
    w_x, w_y = U_X**-2, U_Y**-2
    w = w_x * w_y / (w_x + b * b * w_y)
    x_bar, y_bar = np.average(X, weights=w), np.average(Y, weights=w)
    beta = w * ((X - x_bar) / w_y + b * (Y - y_bar) / w_x)
    assert b == pytest.approx(w @ (beta * (Y - y_bar)) / (w @ (beta * (X - x_bar))), rel=1e-9)
    adjusted = x_bar + beta
    mean = np.average(adjusted, weights=w)
    variance_b = 1.0 / float(w @ (adjusted - mean) ** 2)
    assert fit.model_covariance[1, 1] == pytest.approx(variance_b, rel=1e-9)
    assert fit.model_covariance[0, 0] == pytest.approx(
        1.0 / float(np.sum(w)) + mean**2 * variance_b, rel=1e-9
    )


def test_generalised_gauss_markov_example_by_its_own_minimum() -> None:
    """ISO/TS 28037:2010, clause 10 (data); the minimum is checked over all 9 unknowns."""
    from scipy.optimize import minimize

    x = np.array([50.4, 99.0, 149.9, 200.4, 248.5, 299.7, 349.1])
    y = np.array([52.3, 97.8, 149.7, 200.1, 250.4, 300.9, 349.2])
    b_x = np.array(
        [
            [0.5, 0, 0, 0, 0, 0, 0, 0.5, 0, 0],
            [0, 0.5, 0, 0, 0, 0, 0, 0, 1, 0],
            [0, 0, 0.5, 0, 0, 0, 0, 0.5, 1, 0],
            [0, 0, 0, 0.5, 0, 0, 0, 0, 0, 1],
            [0, 0, 0, 0, 0.5, 0, 0, 0.5, 0, 1],
            [0, 0, 0, 0, 0, 0.5, 0, 0, 1, 1],
            [0, 0, 0, 0, 0, 0, 0.5, 0.5, 1, 1],
        ]
    )
    joint = np.zeros((14, 14))
    joint[:7, :7] = b_x @ b_x.T
    joint[7:, 7:] = 4.0 * np.eye(7) + 1.0
    fit = fit_line_joint(x, y, covariance=joint)

    root = np.linalg.inv(np.linalg.cholesky(joint))

    def objective(unknown: Array) -> float:
        slope, level, places = unknown[0], unknown[1], 200.0 + 100.0 * unknown[2:]
        r = root @ np.concatenate([x - places, y - level - slope * (places - 200.0)])
        return float(r @ r)

    start = np.concatenate([[1.0, 200.0], (x - 200.0) / 100.0])
    found = minimize(objective, start, method="BFGS", options={"gtol": 1e-7})
    assert fit.chi_square == pytest.approx(found.fun, rel=1e-6)
    assert fit.parameters[1] == pytest.approx(found.x[0], rel=1e-6)
    assert fit.parameters[0] == pytest.approx(found.x[1] - 200.0 * found.x[0], abs=1e-3)
    # The inverse of half the Hessian over all unknowns is their Gauss-Newton covariance, nearly.
    assert fit.standard_uncertainties == pytest.approx([2.0569, 0.0090], abs=5e-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000), st.floats(-0.7, 0.7))
def test_sensitivities_are_the_derivatives_by_every_reading(seed: int, r: float) -> None:
    generator = np.random.default_rng(seed)
    x = np.arange(6.0) + 0.1 * generator.normal(size=6)
    y = 1.0 - 2.0 * x + 0.3 * generator.normal(size=6)
    u_x, u_y = generator.uniform(0.05, 0.2, 6), generator.uniform(0.1, 0.4, 6)

    def parameters(x: Array, y: Array) -> Array:
        return fit_line_both(x, y, u_x=u_x, u_y=u_y, correlation=r, origin=2.0).parameters

    fit = fit_line_both(x, y, u_x=u_x, u_y=u_y, correlation=r, origin=2.0)
    h = 1e-4
    for k, unit in enumerate(np.eye(6)):
        by_y = (parameters(x, y + h * unit) - parameters(x, y - h * unit)) / (2.0 * h)
        by_x = (parameters(x + h * unit, y) - parameters(x - h * unit, y)) / (2.0 * h)
        assert fit.sensitivities[:, k] == pytest.approx(by_y, abs=1e-5)
        assert fit.sensitivities_x[:, k] == pytest.approx(by_x, abs=1e-5)
    full = np.hstack([fit.sensitivities_x, fit.sensitivities])
    v = np.block(
        [[np.diag(u_x**2), np.diag(r * u_x * u_y)], [np.diag(r * u_x * u_y), np.diag(u_y**2)]]
    )
    assert fit.covariance == pytest.approx(full @ v @ full.T, rel=1e-9, abs=1e-15)


def test_points_given_one_by_one_or_by_one_matrix_are_the_same_fit() -> None:
    r = 0.4
    one = fit_line_both(X, Y, u_x=U_X, u_y=U_Y, correlation=r, origin=3.0)
    cross = np.diag(r * U_X * U_Y)
    joint = np.block([[np.diag(U_X**2), cross], [cross, np.diag(U_Y**2)]])
    other = fit_line_joint(X, Y, covariance=joint, origin=3.0)
    assert other.parameters == pytest.approx(one.parameters, rel=1e-9)
    assert other.covariance == pytest.approx(one.covariance, rel=1e-8)
    assert other.sensitivities_x == pytest.approx(one.sensitivities_x, rel=1e-7, abs=1e-12)


def test_exact_abscissae_give_back_the_fits_that_know_only_y() -> None:
    weighted = fit_weighted(X, Y, u_y=U_Y)
    both = fit_line_both(X, Y, u_x=0.0, u_y=U_Y)
    assert both.parameters == pytest.approx(weighted.parameters, rel=1e-9)
    assert both.covariance == pytest.approx(weighted.covariance, rel=1e-8)
    assert both.sensitivities == pytest.approx(weighted.sensitivities, rel=1e-7, abs=1e-12)
    covariance_y = np.diag(U_Y**2) + 0.01
    general = fit_general(X, Y, covariance_y=covariance_y)
    joint = np.zeros((20, 20))
    joint[10:, 10:] = covariance_y
    assert fit_line_joint(X, Y, covariance=joint).parameters == pytest.approx(
        general.parameters, rel=1e-9
    )


def test_the_origin_moves_the_intercept_and_nothing_else() -> None:
    here = fit_line_both(X, Y, u_x=U_X, u_y=U_Y)
    there = fit_line_both(X, Y, u_x=U_X, u_y=U_Y, origin=3.0)
    assert there.parameters[1] == pytest.approx(here.parameters[1], rel=1e-12)
    assert there.parameters[0] == pytest.approx(here.parameters @ [1.0, 3.0], rel=1e-12)
    assert there.covariance[0, 0] == pytest.approx(
        float(np.array([1.0, 3.0]) @ here.covariance @ [1.0, 3.0]), rel=1e-9
    )


def test_units_of_nature_do_not_matter() -> None:
    """Nanometres against gigahertz: the same line in other units."""
    here = fit_line_both(X, Y, u_x=U_X, u_y=U_Y)
    there = fit_line_both(1e-9 * (X + 1550.0), 1e12 * Y, u_x=1e-9 * U_X, u_y=1e12 * U_Y)
    assert there.parameters[1] == pytest.approx(1e21 * here.parameters[1], rel=1e-7)
    assert there.chi_square == pytest.approx(here.chi_square, rel=1e-7)


def test_the_fit_covers_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(6)
    x = np.linspace(0.0, 10.0, 8)
    scores, p_values = [], []
    for _ in range(600):
        fit = fit_line_both(
            x + 0.3 * generator.normal(size=8),
            2.0 + 1.5 * x + 0.4 * generator.normal(size=8),
            u_x=0.3,
            u_y=0.4,
        )
        scores.append((fit.parameters - [2.0, 1.5]) / fit.standard_uncertainties)
        p_values.append(fit.p_value or 0.0)
    five_sigma = 5.0 / math.sqrt(2.0 * 600)
    assert np.std(scores, axis=0) == pytest.approx([1.0, 1.0], abs=five_sigma)
    assert np.mean(scores, axis=0) == pytest.approx([0.0, 0.0], abs=5.0 / math.sqrt(600))
    assert float(np.mean(p_values)) == pytest.approx(0.5, abs=5.0 / math.sqrt(12.0 * 600))


def recorded(fit: Fit) -> Array:
    """Return the covariance of both parameters from a network of their readings."""
    network = NetworkBuilder()
    x = [
        network.leaf(f"x{k}", float(v), float(u))
        for k, (v, u) in enumerate(zip(fit.x, fit.u_x, strict=True))
    ]
    y = [
        network.leaf(f"y{k}", float(v), float(u))
        for k, (v, u) in enumerate(zip(fit.y, fit.u_y, strict=True))
    ]
    steps = [
        network.linear(dict(zip([*x, *y], [*by_x, *by_y], strict=True)), value=float(value))
        for by_x, by_y, value in zip(
            fit.sensitivities_x.tolist(), fit.sensitivities.tolist(), fit.parameters, strict=True
        )
    ]
    return covariance(network.build(), [step.result_id for step in steps])


def test_recorded_as_linear_results_the_network_finds_the_same_covariance() -> None:
    fit = fit_line_both(X, Y, u_x=U_X, u_y=U_Y)
    assert recorded(fit) == pytest.approx(fit.covariance, rel=1e-9)


def test_a_scale_from_the_scatter() -> None:
    stated = fit_line_both(X, Y, u_x=U_X, u_y=U_Y)
    scaled = fit_line_both(X, Y, u_x=U_X, u_y=U_Y, scale=Scale.SCATTER)
    factor = stated.chi_square / 8.0
    assert scaled.covariance == pytest.approx(factor * stated.covariance, rel=1e-9)
    assert scaled.u_x == pytest.approx(math.sqrt(factor) * U_X, rel=1e-9)
    assert (scaled.degrees_of_freedom, scaled.p_value) == (8.0, None)


def test_two_points_and_a_line_without_residuals() -> None:
    fit = fit_line_both([0.0, 2.0], [1.0, 5.0], u_x=0.1, u_y=0.1)
    assert fit.parameters == pytest.approx([1.0, 2.0], rel=1e-9)
    assert fit.p_value is None
    exact = fit_line_both([0.0, 1.0, 2.0], [1.0, 3.0, 5.0], u_x=0.1, u_y=0.1)
    assert exact.parameters == pytest.approx([1.0, 2.0], rel=1e-9)
    assert exact.model_covariance == pytest.approx(exact.covariance, rel=1e-6)


def test_what_is_no_line() -> None:
    for x, y, more, message in (
        ([1.0], [1.0], {"u_x": 0.1, "u_y": 0.1}, "cannot determine a line"),
        ([1.0, 1.0], [1.0, 2.0], {"u_x": 0.1, "u_y": 0.1}, "do not determine"),
        ([1.0, 2.0], [1.0, 2.0], {"u_x": 0.0, "u_y": 0.0}, "neither uncertainty"),
        ([1.0, 2.0], [1.0, 2.0], {"u_x": 0.1, "u_y": 0.1, "correlation": 1.0}, "inside -1"),
        ([1.0, 2.0], [1.0, 2.0], {"u_x": -0.1, "u_y": 0.1}, "negative"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"u_x": [0.1, 0.1], "u_y": 0.1}, "shape"),
    ):
        with pytest.raises(InputError, match=message):
            fit_line_both(x, y, **more)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="not positive definite"):
        fit_line_joint([1.0, 2.0], [1.0, 2.0], covariance=np.zeros((4, 4)))
    with pytest.raises(InputError, match="shape"):
        fit_line_joint([1.0, 2.0], [1.0, 2.0], covariance=np.eye(2))
