"""Lines and polynomials whose ordinates alone carry uncertainty, and how they are recorded."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import NetworkBuilder
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.uncertainty.coverage import effective_degrees_of_freedom
from qtrace.uncertainty.inputs import BlockKind, Evaluation
from qtrace.uncertainty.network import correlation, standard_uncertainty
from qtrace.uncertainty.regression import (
    FitMethod,
    Scale,
    fit_general,
    fit_ordinary,
    fit_weighted,
)

ARITHMETIC = 1e-10  # relative, of a solution by QR of a few well spread points
SIX = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_weights_of_the_second_example_of_the_technical_specification() -> None:
    """ISO/TS 28037:2010, clause 6, unequal weights; digits beyond the print from R."""
    fit = fit_weighted(SIX, [3.2, 4.3, 7.6, 8.6, 11.7, 12.8], u_y=[0.5, 0.5, 0.5, 1.0, 1.0, 1.0])
    assert fit.parameters == pytest.approx([0.8852, 2.0570], abs=5e-5)
    assert fit.standard_uncertainties == pytest.approx([0.5297081, 0.1778920], abs=5e-8)
    assert fit.covariance[0, 1] == pytest.approx(-0.08227848, abs=5e-9)
    assert fit.chi_square == pytest.approx(4.131, abs=5e-4)
    assert (fit.residual_degrees_of_freedom, fit.degrees_of_freedom) == (4, math.inf)
    assert fit.method is FitMethod.WEIGHTED


def test_weights_known_up_to_a_factor_as_in_r() -> None:
    fit = fit_weighted(
        SIX, [3.014, 5.225, 7.004, 9.061, 11.201, 12.762],
        u_y=[0.2, 0.2, 0.2, 0.4, 0.4, 0.4], scale=Scale.SCATTER,
    )  # fmt: skip
    assert fit.parameters == pytest.approx([1.13754, 1.97264], abs=5e-6)
    assert fit.standard_uncertainties == pytest.approx([0.12261, 0.04118], abs=5e-6)
    assert fit.covariance[0, 1] == pytest.approx(-0.004408553, abs=5e-10)
    assert fit.degrees_of_freedom == 4.0
    assert fit.p_value is None  # the residuals set the scale: they test nothing


def test_the_unknown_scale_and_its_posterior_differ_by_two_degrees_of_freedom() -> None:
    """ISO/TS 28037:2010, Annex E: chi^2/(m - 2), and the better chi^2/(m - 4)."""
    y = [3.014, 5.225, 7.004, 9.061, 11.201, 12.762]
    scatter, posterior = fit_ordinary(SIX, y), fit_ordinary(SIX, y, scale=Scale.POSTERIOR)
    assert posterior.covariance == pytest.approx(2.0 * scatter.covariance, rel=ARITHMETIC)
    assert posterior.parameters == pytest.approx(scatter.parameters, rel=ARITHMETIC)
    assert (scatter.degrees_of_freedom, posterior.degrees_of_freedom) == (4.0, math.inf)


def gauss_markov() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, y and covariance of the example of ISO/TS 28037:2010, clause 9."""
    covariance = np.zeros((10, 10))
    covariance[:5, :5], covariance[5:, 5:] = 1.0, 4.0
    y = np.array([1.3, 4.1, 6.9, 7.5, 10.2, 12.0, 14.5, 17.1, 19.5, 21.0])
    return np.arange(1.0, 11.0), y, covariance + np.eye(10)


def test_correlated_readings_as_in_the_technical_specification_step_by_step() -> None:
    """Its eleven steps, written out as published, against the fit."""
    x, y, covariance = gauss_markov()
    fit = fit_general(x, y, covariance_y=covariance)

    root = np.linalg.cholesky(covariance)
    f, g, h = (np.linalg.solve(root, v) for v in (np.ones(10), x, y))
    f2 = f @ f
    g0, h0 = f @ g / f2, f @ h / f2
    gt, ht = g - g0 * f, h - h0 * f
    gt2 = gt @ gt
    b = gt @ ht / gt2
    assert fit.parameters == pytest.approx([h0 - b * g0, b], rel=ARITHMETIC)
    assert np.diag(fit.covariance) == pytest.approx([1 / f2 + g0**2 / gt2, 1 / gt2], rel=ARITHMETIC)
    assert fit.covariance[0, 1] == pytest.approx(-g0 / gt2, rel=ARITHMETIC)
    r = ht - b * gt
    assert fit.chi_square == pytest.approx(float(r @ r), rel=ARITHMETIC)
    assert fit.u_y == pytest.approx(np.sqrt([2.0] * 5 + [5.0] * 5), rel=ARITHMETIC)


def test_a_diagonal_covariance_is_a_set_of_weights() -> None:
    u = np.array([0.5, 0.5, 0.5, 1.0, 1.0, 1.0])
    y = [3.2, 4.3, 7.6, 8.6, 11.7, 12.8]
    one = fit_weighted(SIX, y, u_y=u)
    other = fit_general(SIX, y, covariance_y=np.diag(u**2))
    assert other.parameters == pytest.approx(one.parameters, rel=ARITHMETIC)
    assert other.sensitivities == pytest.approx(one.sensitivities, rel=1e-9, abs=1e-12)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-9)


@given(st.integers(0, 100_000), st.integers(1, 3))
def test_parameters_move_with_the_readings_as_their_sensitivities_say(
    seed: int, degree: int
) -> None:
    """The law behind the recording: parameters = S y exactly, covariance = S V S^T."""
    generator = np.random.default_rng(seed)
    n = 9
    x = np.sort(generator.uniform(0.0, 10.0, n)) + np.arange(n)
    y, shift = generator.normal(size=n), generator.normal(size=n)
    factor = generator.normal(size=(n, n))
    covariance = factor @ factor.T + np.eye(n)
    powers = range(degree + 1)
    fit = fit_general(x, y, covariance_y=covariance, powers=tuple(powers), origin=9.0)
    moved = fit_general(x, y + shift, covariance_y=covariance, powers=tuple(powers), origin=9.0)
    scale = float(np.max(np.abs(fit.sensitivities)))
    assert fit.sensitivities @ y == pytest.approx(fit.parameters, abs=1e-9 * scale * n)
    assert fit.parameters + fit.sensitivities @ shift == pytest.approx(
        moved.parameters, abs=1e-8 * scale * n
    )
    again = fit.sensitivities @ covariance @ fit.sensitivities.T
    assert again == pytest.approx(fit.covariance, rel=1e-7, abs=1e-9 * float(np.max(again)))


def test_a_polynomial_is_found_again_and_another_origin_is_the_same_curve() -> None:
    x = np.linspace(100.0, 110.0, 12)
    y = 2.0 - 3.0 * (x - 105.0) + 0.5 * (x - 105.0) ** 3
    exact = fit_weighted(x, y, u_y=0.1, powers=(0, 1, 3), origin=105.0)
    assert exact.parameters == pytest.approx([2.0, -3.0, 0.5], rel=1e-9)
    assert exact.chi_square == pytest.approx(0.0, abs=1e-15)
    assert exact.p_value == 1.0
    noisy = y + np.sin(37.0 * x)
    here = fit_weighted(x, noisy, u_y=1.0, powers=(0, 1, 2, 3), origin=105.0)
    there = fit_weighted(x, noisy, u_y=1.0, powers=(0, 1, 2, 3), origin=95.0)
    assert there.chi_square == pytest.approx(here.chi_square, rel=1e-7)


def test_drift_without_intercept_of_the_nasa_handbook() -> None:
    """NASA-HDBK-8739.19-5, chapter 7: b1 t + b2 t^2 through zero drift at zero time."""
    fit = fit_ordinary(
        [70.0, 86.0, 104.0, 135.0, 167.0, 173.0],
        [0.1, 0.11, 0.251, 0.299, 0.403, 0.615],
        powers=(1, 2),
    )
    assert fit.parameters == pytest.approx([0.00015741, 1.674e-05], abs=1e-8)
    assert fit.covariance[0, 0] == pytest.approx(1.01e-06, abs=1e-8)
    assert fit.covariance[1, 1] == pytest.approx(4.549e-11, abs=1e-14)
    assert fit.covariance[0, 1] == pytest.approx(-6.607e-09, abs=1e-12)
    assert fit.u_y[0] == pytest.approx(0.0708, abs=5e-5)  # s_yx
    assert fit.degrees_of_freedom == 4.0


def test_a_curve_through_a_line_fails_its_chi_square_and_a_line_does_not() -> None:
    x = np.linspace(0.0, 10.0, 21)
    noise = 0.1 * np.cos(np.arange(21.0) * 2.3)
    straight = fit_weighted(x, 1.0 + x + noise, u_y=0.1)
    bent = fit_weighted(x, 1.0 + x + 0.05 * x**2 + noise, u_y=0.1)
    assert straight.p_value is not None
    assert straight.p_value > 0.05
    assert bent.p_value is not None
    assert bent.p_value < 1e-9


def test_p_values_of_true_lines_are_uniform() -> None:
    generator = np.random.default_rng(4)
    x = np.arange(8.0)
    p = [fit_weighted(x, generator.normal(size=8), u_y=1.0).p_value or 0.0 for _ in range(1000)]
    assert float(np.mean(p)) == pytest.approx(0.5, abs=5.0 / math.sqrt(12.0 * 1000))
    assert float(np.mean(np.array(p) < 0.05)) == pytest.approx(0.05, abs=5 * 0.0069)


def test_recorded_as_linear_results_the_network_keeps_what_stands_behind_the_readings() -> None:
    """A common offset of all readings moves the intercept alone, whoever asks the network."""
    x, y = np.arange(5.0), np.array([1.0, 3.1, 4.9, 7.0, 9.1])
    fit = fit_weighted(x, y, u_y=0.1, origin=0.0)
    network = NetworkBuilder()
    standard = network.leaf("standard", 0.0, 0.7)
    readings = [
        network.expression("r + s", r=network.leaf(f"r{k}", float(v), 0.1), s=standard)
        for k, v in enumerate(y)
    ]
    intercept, slope = (
        network.linear(dict(zip(readings, row.tolist(), strict=True)), value=float(value))
        for row, value in zip(fit.sensitivities, fit.parameters, strict=True)
    )
    final = network.build()
    u_intercept = standard_uncertainty(final, intercept.result_id)
    assert u_intercept == pytest.approx(math.hypot(fit.standard_uncertainties[0], 0.7), rel=1e-12)
    assert standard_uncertainty(final, slope.result_id) == pytest.approx(
        fit.standard_uncertainties[1], rel=1e-9
    )


def test_readings_recorded_as_one_ensemble_keep_the_degrees_of_freedom() -> None:
    x, y = np.arange(6.0), np.array([1.0, 3.1, 4.9, 7.0, 9.1, 10.8])
    fit = fit_ordinary(x, y)
    network = NetworkBuilder()
    leaves = [
        network.leaf(
            f"y{k}", float(v), float(u), dof=fit.degrees_of_freedom, evaluation=Evaluation.A
        )
        for k, (v, u) in enumerate(zip(y, fit.u_y, strict=True))
    ]
    network.correlate(leaves, np.eye(6), kind=BlockKind.ENSEMBLE, dof=fit.degrees_of_freedom)
    a, b = (
        network.linear(dict(zip(leaves, row.tolist(), strict=True)), value=float(value))
        for row, value in zip(fit.sensitivities, fit.parameters, strict=True)
    )
    predicted = network.expression("a + b * 10", a=a, b=b)
    final = network.build()
    assert standard_uncertainty(final, a.result_id) == pytest.approx(fit.standard_uncertainties[0])
    assert correlation(final, a.result_id, b.result_id) == pytest.approx(fit.correlation[0, 1])
    degrees = effective_degrees_of_freedom(final, predicted.result_id).value
    assert degrees == pytest.approx(4.0, rel=1e-12)


@pytest.mark.parametrize(
    ("x", "y", "more", "message"),
    [
        ([1.0, 2.0], [1.0], {}, "x has shape"),
        ([1.0, math.nan], [1.0, 2.0], {}, "NaN"),
        ([1.0], [1.0], {}, "cannot determine 2 parameters"),
        ([1.0, 2.0], [1.0, 2.0], {}, "0 degrees of freedom"),
        ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 5.0], {"scale": Scale.POSTERIOR}, "2 degrees"),
        ([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], {}, "do not determine"),
        ([1e9, 1e9 + 1e-3, 1e9 + 2e-3], [1.0, 2.0, 3.0], {}, "origin near the data"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"powers": (0, 0)}, "not distinct"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"powers": (-1, 0)}, "0 or more"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"powers": ()}, "powers"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], {"scale": Scale.STATED}, "no stated uncertainty"),
    ],
)
def test_what_cannot_be_fitted(
    x: list[float], y: list[float], more: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        fit_ordinary(x, y, **more)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_readings_without_a_usable_uncertainty() -> None:
    y = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    for u, message in (
        ([0.1, 0.1, 0.0, 0.1, 0.1, 0.1], "reading 3 has u = 0"),
        ([0.1, 0.1], "6 readings but"),
        (-1.0, "negative"),
    ):
        with pytest.raises(InputError, match=message):
            fit_weighted(SIX, y, u_y=u)
    for matrix, message in (
        (np.eye(5), "shape"),
        (np.ones((6, 6)), "not positive definite"),
        (np.eye(6) + np.eye(6, k=1), "not symmetric"),
    ):
        with pytest.raises(InputError, match=message):
            fit_general(SIX, y, covariance_y=matrix)


def test_two_exact_points_have_a_line_and_no_test() -> None:
    fit = fit_weighted([0.0, 2.0], [1.0, 5.0], u_y=[0.1, 0.1])
    assert fit.parameters == pytest.approx([1.0, 2.0], rel=1e-12)
    assert (fit.residual_degrees_of_freedom, fit.p_value) == (0, None)
