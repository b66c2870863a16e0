"""Type B: limits, counts and words become an estimate and its u, against published numbers.

Oracles: the examples of the GUM as printed, scipy.stats (another program), and integration of
the inverse distribution function, which knows nothing of the closed forms of the moments.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from qtrace.errors import InputError, IntegrityError
from qtrace.uncertainty.distributions import (
    JEFFREYS_COUNTS,
    UNIFORM_COUNTS,
    UNIFORM_PROPORTION,
    Prior,
    TypeB,
    beta_proportion,
    curvilinear_trapezoid,
    exponential,
    fifty_fifty,
    gamma_counts,
    lognormal,
    normal_interval,
    rectangular,
    reliability_degrees_of_freedom,
    student,
    trapezoidal,
    triangular,
    truncated_normal,
    u_shaped,
)
from qtrace.uncertainty.inputs import Distribution, InputQuantity
from qtrace.uncertainty.quantiles import quantile, shape_fault, truncated_moments

Array = NDArray[np.float64]
EXACT = 1e-12  # closed forms: a few roundings
QUANTILE = 1e-9  # an inverse against the other program's, or against its own distribution function
MIDPOINTS = 200_001
INTEGRAL = 2e-4  # midpoint rule of the inverse over that many probabilities; tails converge slowest


def moments(quantity: TypeB) -> tuple[float, float]:
    """Return mean and standard deviation by integrating the inverse distribution function."""
    p = (np.arange(MIDPOINTS) + 0.5) / MIDPOINTS
    values = quantile(quantity, p)
    return float(np.mean(values)), float(np.std(values))


# --- the examples of the GUM, as printed ---


def test_gum_4_3_4_a_certificate_at_99_percent() -> None:
    """GUM-4.3.3: 129 uOhm at 99 %, normal, is 50 uOhm."""
    assert normal_interval(10.0, 129e-6, probability=0.99).standard_uncertainty == pytest.approx(
        50e-6, abs=1e-6
    )
    assert normal_interval(10.0, 129e-6, probability=0.99).standard_uncertainty == pytest.approx(
        5.00809583237009e-05, rel=EXACT
    )


def test_gum_4_3_5_a_fifty_fifty_interval() -> None:
    """GUM-4.3.5: 10.07 mm to 10.15 mm with even odds is u = 0.06 mm."""
    quantity = fifty_fifty(10.07, 10.15)
    assert quantity.estimate == pytest.approx(10.11, rel=EXACT)
    assert quantity.standard_uncertainty == pytest.approx(0.06, abs=0.005)
    assert quantity.standard_uncertainty == pytest.approx(0.05930408874022408, rel=1e-10)
    assert quantity.below(0.75) - quantity.below(0.25) == pytest.approx(0.08, rel=1e-9)


def test_gum_4_3_7_the_expansion_coefficient_of_copper() -> None:
    """GUM-4.3.7: 16.52e-6 +- 0.40e-6 per degree, rectangular, is u = 0.23e-6."""
    quantity = rectangular(16.52e-6, 0.40e-6)
    assert quantity.standard_uncertainty == pytest.approx(0.23e-6, abs=5e-9)
    assert quantity.standard_uncertainty == pytest.approx(2.309401076758503e-07, rel=EXACT)


def test_ea402_inputs_of_s4_and_s9() -> None:
    """EA402-S4, gauge block: rectangular 30, 32 and 6.7 nm. EA402-S9: 0.05 V and 0.011 V.

    The sums of both budgets are formed here from the parts, as the examples print them.
    """
    drift, change, volume = (rectangular(0.0, a * 1e-9) for a in (30.0, 32.0, 6.7))
    u = math.hypot(
        15e-9,
        drift.standard_uncertainty,
        12e-9 / math.sqrt(5),
        change.standard_uncertainty,
        50e-3 * 1.15e-5 * rectangular(0.0, 0.05).standard_uncertainty,
        50e-3 * 2.36e-7,
        volume.standard_uncertainty,
    )
    assert u == pytest.approx(36.4e-9, abs=0.1e-9)
    display, certificate = rectangular(0.0, 0.05), rectangular(0.0, 0.011)
    total = math.hypot(0.001, display.standard_uncertainty, certificate.standard_uncertainty)
    assert total == pytest.approx(0.029574764017091783, rel=EXACT)


def test_a_trapezoid_lies_between_rectangle_and_triangle() -> None:
    """GUM 4.3.9: beta = 1 is the rectangle, beta = 0 the triangle."""
    assert trapezoidal(5.0, 3.0, top_half_width=3.0).standard_uncertainty == pytest.approx(
        rectangular(5.0, 3.0).standard_uncertainty, rel=EXACT
    )
    assert trapezoidal(5.0, 3.0, top_half_width=0.0).standard_uncertainty == pytest.approx(
        triangular(5.0, 3.0).standard_uncertainty, rel=EXACT
    )
    # The sum of two rectangles of half-widths 2 and 1 is the trapezoid 3, 1.
    assert trapezoidal(0.0, 3.0, top_half_width=1.0).standard_uncertainty == pytest.approx(
        math.hypot(2.0, 1.0) / math.sqrt(3.0), rel=EXACT
    )


def test_an_inexact_half_width_adds_d_squared_over_nine() -> None:
    """JCGM 101, 6.4.3: limits -1 and 1, each known to 0.5: u^2 = 1/3 + 0.25/9."""
    quantity = curvilinear_trapezoid(0.0, 1.0, half_width_uncertainty=0.5)
    assert quantity.standard_uncertainty**2 == pytest.approx(1.0 / 3.0 + 0.25 / 9.0, rel=EXACT)


def test_a_curvilinear_trapezoid_is_drawn_as_its_two_rectangles_say() -> None:
    """The recipe of the clause, two rectangular draws, against the one-step inverse."""
    generator = np.random.Generator(np.random.PCG64(5))
    n = 400_000
    half = generator.uniform(0.4, 1.6, n)
    values = np.sort(generator.uniform(-half, half))
    quantity = curvilinear_trapezoid(0.0, 1.0, half_width_uncertainty=0.6)
    for p in (0.001, 0.01, 0.05, 0.2, 0.5, 0.7, 0.9, 0.99, 0.999):
        rank = float(np.searchsorted(values, quantity.below(p))) / n
        five_sigma = 5.0 * math.sqrt(p * (1.0 - p) / n)
        assert rank == pytest.approx(p, abs=five_sigma)


# --- inverse distribution functions against another program ---

PROBABILITIES = np.array([1e-9, 1e-4, 0.02, 0.1, 0.4, 0.5, 0.7, 0.95, 0.999, 1 - 1e-9])
AGAINST_SCIPY = {
    "normal": (
        normal_interval(2.0, 1.96, probability=0.95),
        stats.norm(2.0, 1.96 / 1.959963984540),
    ),
    "t": (student(2.0, 0.5, degrees_of_freedom=4.0), stats.t(4.0, 2.0, 0.5)),
    "rectangular": (rectangular(2.0, 3.0), stats.uniform(-1.0, 6.0)),
    "triangular": (triangular(2.0, 3.0), stats.triang(0.5, -1.0, 6.0)),
    "trapezoidal": (
        trapezoidal(2.0, 3.0, top_half_width=1.2),
        stats.trapezoid(0.3, 0.7, -1.0, 6.0),
    ),
    "u_shaped": (u_shaped(2.0, 3.0), stats.arcsine(-1.0, 6.0)),
    "exponential": (exponential(2.0, bound=0.5), stats.expon(0.5, 1.5)),
    "gamma": (gamma_counts(4, exposure=2.0), stats.gamma(4.5, scale=0.5)),
    "beta": (beta_proportion(3, 100, prior=UNIFORM_PROPORTION), stats.beta(4.0, 98.0)),
    "truncated": (
        truncated_normal(0.99, 0.02, lower=0.0, upper=1.0),
        stats.truncnorm(-49.5, 0.5, 0.99, 0.02),
    ),
    "far truncated": (
        truncated_normal(-3.0, 1.0, lower=0.0),
        stats.truncnorm(3.0, np.inf, -3.0, 1.0),
    ),
    "lognormal": (
        lognormal(2.0, 0.5),
        stats.lognorm(math.sqrt(math.log1p(1 / 16)), scale=2.0 / math.sqrt(1 + 1 / 16)),
    ),
}


@pytest.mark.parametrize("name", AGAINST_SCIPY)
def test_quantiles_and_moments_agree_with_scipy(name: str) -> None:
    quantity, other = AGAINST_SCIPY[name]
    expected = np.asarray(other.ppf(PROBABILITIES))
    assert quantile(quantity, PROBABILITIES) == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert quantity.estimate == pytest.approx(float(other.mean()), rel=1e-9)
    if name != "t":  # its u is the scale: see the class
        assert quantity.standard_uncertainty == pytest.approx(float(other.std()), rel=1e-9)


def test_an_exponential_with_an_upper_bound_is_the_mirror_image() -> None:
    """A visibility of at most 1 whose mean is expected at 0.98."""
    quantity = exponential(0.98, bound=1.0)
    assert quantity.standard_uncertainty == pytest.approx(0.02, rel=1e-12)
    other = stats.expon(0.0, 0.02)
    for p in (0.001, 0.3, 0.999):
        assert quantity.below(p) == pytest.approx(1.0 - float(other.ppf(1.0 - p)), rel=1e-12)


HALF = st.floats(1e-9, 1e9)
SHAPES: dict[str, Callable[[float, float], TypeB]] = {
    "trapezoid": lambda a, r: trapezoidal(0.0, a, top_half_width=r * a),
    "curvilinear": lambda a, r: curvilinear_trapezoid(0.0, a, half_width_uncertainty=r * a),
    "exponential": lambda a, r: exponential(a, bound=-r * a),
    "gamma": lambda a, r: gamma_counts(int(50 * r), exposure=a),
    "beta": lambda a, r: beta_proportion(int(20 * r), 20),  # noqa: ARG005 - one signature
    "lognormal": lambda a, r: lognormal(a, r * a),
    "truncated": lambda a, r: truncated_normal(0.0, a, lower=-a * (0.1 + r), upper=2.0 * a),
}


@settings(max_examples=25, deadline=None)
@given(HALF, st.floats(0.0, 1.0))
@pytest.mark.parametrize("name", SHAPES)
def test_stated_moments_are_those_of_the_draws(name: str, a: float, r: float) -> None:
    quantity = SHAPES[name](a, r)
    mean, deviation = moments(quantity)
    rounding = EXACT * abs(quantity.estimate)
    slack = INTEGRAL * quantity.standard_uncertainty + rounding
    assert mean == pytest.approx(quantity.estimate, abs=slack)
    # Heavy tails lose most in a midpoint rule: exponential 1e-5, lognormal with u = x 3e-3.
    slack = 5e-3 if name == "lognormal" else INTEGRAL
    slack = slack * quantity.standard_uncertainty + rounding
    assert deviation == pytest.approx(quantity.standard_uncertainty, abs=slack)
    assert shape_fault(quantity) == ""


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 1.0), st.lists(st.floats(1e-12, 1 - 1e-12), min_size=2, max_size=9))
@pytest.mark.parametrize("name", SHAPES)
def test_quantiles_never_fall(name: str, r: float, probabilities: list[float]) -> None:
    quantity = SHAPES[name](1.0, r)
    values = quantile(quantity, np.sort(np.array(probabilities)))
    assert np.isfinite(values).all()
    assert (np.diff(values) >= -EXACT).all()


@given(st.floats(0.001, 1.0), st.floats(1e-9, 0.5))
def test_the_curvilinear_inverse_is_an_inverse(r: float, tail: float) -> None:
    """Its own distribution function: the part beyond y, averaged over half-widths w above y."""
    quantity = curvilinear_trapezoid(0.0, 1.0, half_width_uncertainty=r)
    y = -quantity.below(tail)
    low, high, n = max(y, 1.0 - r), 1.0 + r, 20_000
    w = low + (high - low) * (np.arange(n) + 0.5) / n
    beyond = float(np.mean(1.0 - y / w)) * (high - low) / (2.0 * r) / 2.0
    assert beyond == pytest.approx(tail, rel=1e-6, abs=1e-13)


# --- counts ---


def test_zero_counts_have_an_upper_limit() -> None:
    """Review: 95 % upper limit 3.00/T (exact) and 1.92/T (Jeffreys); posterior 0.5 +- 0.71."""
    time = 250.0
    jeffreys, uniform = (
        gamma_counts(0, exposure=time, prior=prior) for prior in (JEFFREYS_COUNTS, UNIFORM_COUNTS)
    )
    assert uniform.below(0.95) * time == pytest.approx(3.00, abs=0.005)
    assert uniform.below(0.95) * time == pytest.approx(-math.log(0.05), rel=QUANTILE)
    assert jeffreys.below(0.95) * time == pytest.approx(1.92, abs=0.005)
    assert jeffreys.estimate * time == pytest.approx(0.5, rel=EXACT)
    assert jeffreys.standard_uncertainty * time == pytest.approx(0.71, abs=0.005)


def test_jcgm_101_counts_are_gamma_of_n_plus_one() -> None:
    """JCGM 101, 6.4.11: q objects counted, q + 1 expected, variance q + 1."""
    quantity = gamma_counts(9, prior=UNIFORM_COUNTS)
    assert (quantity.estimate, quantity.standard_uncertainty**2) == pytest.approx((10.0, 10.0))


def test_a_declared_prior_of_earlier_runs_adds_its_counts_and_exposures() -> None:
    """Twenty counts in four exposures before, three in one now: 23 counts in five."""
    now = gamma_counts(3, exposure=10.0, prior=Prior(20.0, 4.0, "runs 1 to 4"))
    assert now.parameters == (23.0, 50.0)
    k_of_n = beta_proportion(2, 50, prior=Prior(1.0, 49.0, "acceptance test"))
    assert k_of_n.parameters == (3.0, 97.0)


def test_no_error_in_a_hundred_leaves_a_proportion_above_zero() -> None:
    """0 of 100, uniform prior: the upper limit 1 - 0.05^(1/101)."""
    quantity = beta_proportion(0, 100, prior=UNIFORM_PROPORTION)
    assert quantity.below(0.95) == pytest.approx(1.0 - 0.05 ** (1 / 101), rel=QUANTILE)


# --- degrees of freedom of a judged u ---


@pytest.mark.parametrize(("relative", "degrees"), [(0.25, 8.0), (0.1, 50.0), (0.5, 2.0)])
def test_gum_g_4_2_reliability_of_u(relative: float, degrees: float) -> None:
    """GUM G.4.2 prints 8 for 25 %; H.1 takes 50 for 10 % and 2 for 50 %."""
    assert reliability_degrees_of_freedom(relative) == pytest.approx(degrees, rel=EXACT)


def test_reliability_has_its_ends() -> None:
    assert reliability_degrees_of_freedom(0.0) == math.inf
    assert reliability_degrees_of_freedom(math.sqrt(0.5)) == 1.0
    with pytest.raises(InputError, match="leaves no degree"):
        reliability_degrees_of_freedom(0.8)


# --- bad input ---

REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "negative half-width": (lambda: rectangular(0.0, -1.0), "half-width is -1"),
    "no number": (lambda: triangular(0.0, math.nan), "half-width is nan"),
    "no probability": (lambda: normal_interval(0.0, 1.0, probability=1.0), "between 0 and 1"),
    "lower above upper": (lambda: fifty_fifty(2.0, 1.0), "lower limit 2 is above"),
    "wide top": (lambda: trapezoidal(0.0, 1.0, top_half_width=2.0), "wider than its base"),
    "vague width": (
        lambda: curvilinear_trapezoid(0.0, 1.0, half_width_uncertainty=1.5),
        "could be below zero",
    ),
    "mean at the bound": (lambda: exponential(1.0, bound=1.0), "beside its bound"),
    "infinite t": (lambda: student(0.0, 1.0, degrees_of_freedom=math.inf), "finite degrees"),
    "negative counts": (lambda: gamma_counts(-1), "negative"),
    "no exposure": (lambda: gamma_counts(1, exposure=0.0), "not above zero"),
    "no prior": (lambda: gamma_counts(1, prior=Prior(0.0, 0.0, "")), "is none"),
    "improper posterior": (
        lambda: beta_proportion(3, 3, prior=Prior(1.0, 0.0, "")),
        "is none",
    ),
    "more than all": (lambda: beta_proportion(4, 3), "no proportion"),
    "bounds crossed": (
        lambda: truncated_normal(0.0, 1.0, lower=1.0, upper=0.0),
        "is not below the upper",
    ),
    "contradicts its bounds": (lambda: truncated_normal(9.0, 1.0, upper=0.0), "bounds leave"),
    "exact and truncated": (lambda: truncated_normal(0.0, 0.0, upper=1.0), "above zero"),
    "below zero": (lambda: lognormal(-1.0, 0.1), "above zero"),
    "sure limit": (lambda: rectangular(0.0, 1.0).below(1.0), "between 0 and 1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_distribution_is_refused(case: str) -> None:
    make, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        make()


def stored(distribution: Distribution, *parameters: float, x: float = 0.5, u: float = 0.1) -> str:
    """Return the fault of a stored input quantity."""
    return shape_fault(
        InputQuantity(1, "x", x, u, "1", distribution=distribution, parameters=parameters)
    )


def test_stored_parameters_must_fit_their_distribution_and_its_moments() -> None:
    assert stored(Distribution.NORMAL) == ""
    assert "0 parameters, not 1" in stored(Distribution.NORMAL, 1.0)
    assert "1 parameters, not 0" in stored(Distribution.TRAPEZOIDAL)
    assert "not a number" in stored(Distribution.TRAPEZOIDAL, math.nan)
    assert "ratio of half-widths is 1.5" in stored(Distribution.CURVILINEAR_TRAPEZOID, 1.5)
    assert "mean an estimate of 2 with u = 2" in stored(Distribution.GAMMA, 1.0, 0.5)
    assert "mean an estimate" in stored(Distribution.EXPONENTIAL, 0.1)
    assert stored(Distribution.EXPONENTIAL, 0.4) == ""
    assert "above zero" in stored(Distribution.BETA, 0.0, 1.0)
    assert "without finite degrees" in stored(Distribution.T)
    assert "above zero" in stored(Distribution.LOGNORMAL, x=-1.0)
    assert "is not below" in stored(Distribution.TRUNCATED_NORMAL, 0.0, 1.0, 2.0, 1.0)


def test_draws_refuse_a_changed_row() -> None:
    changed = InputQuantity(1, "x", 0.5, 0.1, "1", Distribution.GAMMA, parameters=(1.0, 0.5))
    with pytest.raises(IntegrityError, match="mean an estimate"):
        quantile(changed, np.array([0.5]))


def test_truncated_moments_without_bounds_are_those_given() -> None:
    assert truncated_moments(3.0, 0.5, -math.inf, math.inf) == pytest.approx((3.0, 0.5))
