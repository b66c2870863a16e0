"""Joint regions: factors against scipy.stats, regions from draws against the normal law.

Tolerances are five standard deviations of the sampled share or quantile; seeds are fixed.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import integrate, optimize, stats

from qtrace.errors import InputError
from qtrace.uncertainty.multivariate import (
    Rectangle,
    Reference,
    correlation_of,
    drawn_ellipsoid,
    drawn_rectangle,
    elliptical_factor,
    joint_figure,
    rectangular_factor,
    share_inside,
    squared_distances,
)

Array = NDArray[np.float64]
N = 100_000
SHARE = 5.0 * math.sqrt(0.95 * 0.05 / N)


def normal_draws(covariance: Array, *, n: int = N, seed: int = 1) -> Array:
    """Return joint normal draws about zero, shape (m, n)."""
    generator = np.random.default_rng(seed)
    return np.linalg.cholesky(covariance) @ generator.standard_normal((len(covariance), n))


def equal_correlation(m: int, r: float) -> Array:
    return np.full((m, m), r) + (1.0 - r) * np.eye(m)


@pytest.mark.parametrize("m", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("p", [0.5, 0.95, 0.99])
def test_the_factor_of_an_ellipsoid_is_a_quantile(m: int, p: float) -> None:
    found = elliptical_factor(m, p)
    assert found.value**2 == pytest.approx(float(stats.chi2.ppf(p, m)), rel=1e-12)
    assert found.reference is Reference.CHI_SQUARE
    nu = m + 6.0
    sample = elliptical_factor(m, p, degrees_of_freedom=nu)
    t2 = nu * m / (nu + 1 - m) * float(stats.f.ppf(p, m, nu + 1 - m))
    assert sample.value**2 == pytest.approx(t2, rel=1e-9)
    assert sample.reference is Reference.HOTELLING
    joint = elliptical_factor(m, p, degrees_of_freedom=nu, reference=Reference.JOINT_T)
    assert joint.value**2 == pytest.approx(m * float(stats.f.ppf(p, m, nu)), rel=1e-9)
    assert found.value < joint.value <= sample.value * (1.0 + 1e-12)


@pytest.mark.parametrize("nu", [1.0, 4.0, 9.5])
def test_for_one_result_the_ellipsoid_is_the_t_interval(nu: float) -> None:
    t = float(stats.t.ppf(0.975, nu))
    for reference in (Reference.HOTELLING, Reference.JOINT_T):
        found = elliptical_factor(1, 0.95, degrees_of_freedom=nu, reference=reference)
        assert found.value == pytest.approx(t, rel=1e-9)


def test_many_degrees_of_freedom_come_to_the_normal_factor() -> None:
    for reference in (Reference.HOTELLING, Reference.JOINT_T):
        found = elliptical_factor(3, 0.95, degrees_of_freedom=1e7, reference=reference)
        assert found.value == pytest.approx(elliptical_factor(3, 0.95).value, rel=1e-6)


def test_the_factor_of_an_estimated_covariance_covers_as_it_says() -> None:
    """Samples of six pairs: the truth lies in the region of each in 95 % of all samples."""
    n, samples = 6, 40_000
    draws = np.random.default_rng(5).standard_normal((samples, n, 2)) @ np.array(
        [[1.0, 0.0], [2.0, 0.3]]
    )
    means = draws.mean(axis=1)
    centred = draws - means[:, np.newaxis, :]
    covariances = np.einsum("sni,snj->sij", centred, centred) / (n - 1) / n
    squared = np.einsum("si,sij,sj->s", means, np.linalg.inv(covariances), means)
    k = elliptical_factor(2, 0.95, degrees_of_freedom=n - 1).value
    tolerance = 5.0 * math.sqrt(0.95 * 0.05 / samples)
    assert float(np.mean(squared <= k**2)) == pytest.approx(0.95, abs=tolerance)
    naive = elliptical_factor(2, 0.95).value
    assert float(np.mean(squared <= naive**2)) < 0.85


@pytest.mark.parametrize(
    ("m", "nu", "reference"),
    [
        (3, 2.0, Reference.HOTELLING),
        (2, 0.5, Reference.JOINT_T),
        (2, math.nan, Reference.HOTELLING),
        (2, 5.0, Reference.CHI_SQUARE),
        (0, math.inf, Reference.HOTELLING),
    ],
)
def test_too_few_degrees_of_freedom_have_no_ellipsoid(
    m: int, nu: float, reference: Reference
) -> None:
    with pytest.raises(InputError):
        elliptical_factor(m, 0.95, degrees_of_freedom=nu, reference=reference)


@pytest.mark.parametrize("m", [1, 2, 5, 20])
def test_bonferroni_is_never_narrower_than_independent(m: int) -> None:
    bonferroni = rectangular_factor(m, 0.95)
    independent = rectangular_factor(m, 0.95, rule=Rectangle.INDEPENDENT)
    assert bonferroni == pytest.approx(float(stats.norm.ppf(1.0 - 0.025 / m)), rel=1e-12)
    inside = 2.0 * float(stats.norm.cdf(independent)) - 1.0
    assert inside**m == pytest.approx(0.95, rel=1e-12)
    assert bonferroni >= independent
    with pytest.raises(InputError):
        rectangular_factor(0, 0.95)


@pytest.mark.parametrize("r", [0.0, 0.6, -0.95])
def test_the_rectangle_from_draws_has_the_exact_factor(r: float) -> None:
    """P(|Z1| <= k, |Z2| <= k) = p by quadrature over Z1."""

    def inside(k: float) -> float:
        s = math.sqrt(1.0 - r * r)

        def slice_(z: float) -> float:
            upper, lower = stats.norm.cdf([(k - r * z) / s, (-k - r * z) / s])
            return float(stats.norm.pdf(z) * (upper - lower))

        return float(integrate.quad(slice_, -k, k)[0])

    exact = float(optimize.brentq(lambda k: inside(k) - 0.95, 1.0, 4.0))
    found = drawn_rectangle(normal_draws(equal_correlation(2, r)), 0.95)
    slope = (inside(exact + 0.01) - inside(exact - 0.01)) / 0.02
    assert found.factor == pytest.approx(exact, abs=SHARE / slope + 5 * exact / math.sqrt(2 * N))
    assert exact <= rectangular_factor(2, 0.95, rule=Rectangle.INDEPENDENT) + 1e-9
    assert found.share_inside == 0.95


@pytest.mark.parametrize("m", [2, 3, 5])
def test_the_ellipsoid_from_normal_draws_has_the_normal_factor(m: int) -> None:
    covariance = equal_correlation(m, 0.4) * np.outer(u := 10.0 ** np.arange(m), u)
    draws = normal_draws(covariance)
    found = drawn_ellipsoid(draws, 0.95)
    k = elliptical_factor(m, 0.95).value
    density = float(stats.chi2.pdf(k * k, m)) * 2.0 * k
    # The last term: the region is measured by the covariance of the draws, itself sampled.
    assert found.factor == pytest.approx(k, abs=SHARE / density + 5 * k / math.sqrt(2 * N))
    assert found.share_inside == 0.95
    joint = found.joint
    assert share_inside(
        draws, joint.estimates, joint.covariance, factor=found.factor
    ) == pytest.approx(0.95, abs=2.0 / N)
    assert share_inside(draws, np.zeros(m), covariance, factor=k) == pytest.approx(0.95, abs=SHARE)


def test_a_rectangle_of_marginal_intervals_holds_less_than_each() -> None:
    draws = normal_draws(equal_correlation(3, 0.0))
    share = share_inside(draws, np.zeros(3), np.eye(3), factor=1.959964, rectangle=True)
    assert share == pytest.approx(0.95**3, abs=5.0 * math.sqrt(0.86 * 0.14 / N))


@given(
    st.integers(0, 2**31),
    st.lists(st.floats(0.1, 1e6), min_size=3, max_size=3),
    st.floats(-1e3, 1e3),
)
@settings(max_examples=25, deadline=None)
def test_units_and_mixing_of_results_do_not_change_the_ellipsoid(
    seed: int, units: list[float], mixed: float
) -> None:
    draws = normal_draws(equal_correlation(3, 0.3), n=500, seed=seed)
    other = draws.copy()
    other[2] += mixed / 1e3 * other[0]
    other = other * np.array(units)[:, np.newaxis] + 7.0
    assert drawn_ellipsoid(other, 0.9).factor == pytest.approx(
        drawn_ellipsoid(draws, 0.9).factor, rel=1e-6
    )


def test_moments_are_those_of_numpy_and_lost_draws_are_counted() -> None:
    draws = normal_draws(np.array([[4.0, 1.0], [1.0, 1.0]]), n=2000)
    draws[0, :30] = np.nan
    draws[1, 20:50] = np.inf
    joint = joint_figure(draws)
    assert (joint.n, joint.outside_domain) == (2000, 50)
    assert joint.covariance == pytest.approx(np.cov(draws[:, 50:]), rel=1e-12)
    assert joint.correlation == pytest.approx(np.corrcoef(draws[:, 50:]), rel=1e-12)
    assert joint.estimates == pytest.approx(draws[:, 50:].mean(axis=1), rel=1e-12)
    region = drawn_ellipsoid(draws, 0.95)
    assert region.share_inside == 0.95  # of all 2000, so 1900 of the 1950 that have values
    assert region.factor > drawn_ellipsoid(draws[:, 50:], 0.95).factor
    assert drawn_rectangle(draws, 0.95).share_inside == 0.95


def test_too_many_lost_draws_leave_no_region() -> None:
    draws = normal_draws(np.eye(2), n=1000)
    draws[0, :60] = np.nan
    for region in (drawn_ellipsoid, drawn_rectangle):
        with pytest.raises(InputError, match="60 of 1000 draws lack a value"):
            region(draws, 0.95)
    with pytest.raises(InputError, match="lack a value"):
        joint_figure(np.full((2, 5), np.nan))


def test_a_result_that_follows_from_others_is_named_as_the_fault() -> None:
    draws = normal_draws(np.eye(2), n=1000)
    with pytest.raises(InputError, match="follows from the others"):
        drawn_ellipsoid(np.vstack([draws, draws.sum(axis=0)]), 0.95)
    with pytest.raises(InputError, match="no uncertainty"):
        drawn_ellipsoid(np.vstack([draws, np.ones(1000)]), 0.95)
    with pytest.raises(InputError, match="no uncertainty"):
        drawn_rectangle(np.vstack([draws, np.ones(1000)]), 0.95)
    # A rectangle needs no inverse: dependent results are no fault there.
    assert drawn_rectangle(np.vstack([draws, draws.sum(axis=0)]), 0.95).share_inside == 0.95


def test_shapes_are_checked() -> None:
    with pytest.raises(InputError, match="shape"):
        joint_figure(np.arange(5.0))
    assert correlation_of(np.array([[4.0, 0.0], [0.0, 0.0]])).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    one = squared_distances(np.array([[3.0]]), np.array([1.0]), np.array([[4.0]]))
    assert one == pytest.approx([1.0])
