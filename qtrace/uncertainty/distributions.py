"""Type B evaluation: from limits, counts and certificates' words to an estimate and its u.

Inside: `TypeB`, `normal_interval`, `fifty_fifty`, `student`, `rectangular`, `triangular`,
`trapezoidal`, `curvilinear_trapezoid`, `u_shaped`, `exponential`, `gamma_counts`,
`beta_proportion`, `truncated_normal`, `lognormal`, `Prior`, `JEFFREYS_COUNTS`, `UNIFORM_COUNTS`,
`JEFFREYS_PROPORTION`, `UNIFORM_PROPORTION`, `reliability_degrees_of_freedom`.

Clauses from memory, but for GUM G.4.2 (read); each formula is tested against numerical
integration or an independent program.
Source: JCGM 100:2008 (GUM), 4.3; JCGM 101:2008, 6.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qtrace.errors import InputError
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.quantiles import quantile, truncated_moments

MIDDLE_HALF = 0.5  # the probability of a "50:50" interval


@dataclass(frozen=True, slots=True)
class TypeB:
    """An assigned distribution with its moments, in SI units; becomes an input quantity.

    Estimate and u are those of the distribution, so that linear propagation and draws start
    from the same moments; a t with finite degrees of freedom alone keeps its scale as u
    (GUM G.3.2), since its standard deviation need not exist.
    """

    distribution: Distribution
    estimate: float
    standard_uncertainty: float
    parameters: tuple[float, ...] = ()
    degrees_of_freedom: float = math.inf

    def below(self, probability: float) -> float:
        """Return the value below which the quantity lies with a probability inside (0, 1)."""
        if not 0.0 < probability < 1.0:
            raise InputError(f"a probability lies between 0 and 1, not {probability}")
        return float(quantile(self, np.array([probability]))[0])


@dataclass(frozen=True, slots=True)
class Prior:
    """A declared prior: gamma (shape a, rate b in exposures) or beta (a, b); `name` is printed.

    A prior may be improper (gamma with b = 0); its posterior must not be.
    """

    a: float
    b: float
    name: str


# Gamma priors of a Poisson mean: a is added to the count, b to the exposure.
JEFFREYS_COUNTS = Prior(0.5, 0.0, "Jeffreys")
UNIFORM_COUNTS = Prior(1.0, 0.0, "uniform")  # the choice of JCGM 101:2008, 6.4.11
# Beta priors of a proportion: a is added to the successes, b to the failures.
JEFFREYS_PROPORTION = Prior(0.5, 0.5, "Jeffreys")
UNIFORM_PROPORTION = Prior(1.0, 1.0, "uniform")


def _width(half_width: float, what: str = "half-width") -> float:
    if not (math.isfinite(half_width) and half_width >= 0.0):
        raise InputError(
            f"the {what} is {half_width:g}",
            next_step="give it as a finite number that is not below 0",
        )
    return half_width


def normal_interval(
    estimate: float,
    half_width: float,
    *,
    probability: float,
    degrees_of_freedom: float = math.inf,
) -> TypeB:
    """Return the normal (or t) quantity that lies in x +- half-width with a probability.

    Args:
        estimate: Middle of the interval, in SI units.
        half_width: Half of the interval, in SI units.
        probability: Of the interval, between 0 and 1.
        degrees_of_freedom: Above 0; infinite for a normal distribution.

    Raises:
        InputError: a negative half-width, no probability, or no degrees of freedom.

    Source: GUM 4.3.4 (any level), 4.3.5 (one half), 4.3.6 (two thirds); G.3.2 (t).
    """
    from scipy.special import ndtri, stdtrit

    if not 0.0 < probability < 1.0:
        raise InputError(
            f"the probability of an interval lies between 0 and 1, not {probability}",
            next_step="give for example 0.95",
        )
    if not degrees_of_freedom > 0.0:
        raise InputError(f"{degrees_of_freedom} degrees of freedom are not above zero")
    upper = (1.0 + probability) / 2.0
    exact = math.isinf(degrees_of_freedom)
    k = float(ndtri(upper) if exact else stdtrit(degrees_of_freedom, upper))
    shape = Distribution.NORMAL if exact else Distribution.T
    return TypeB(shape, estimate, _width(half_width) / k, (), degrees_of_freedom)


def fifty_fifty(lower: float, upper: float) -> TypeB:
    """Return the normal quantity that is as likely inside as outside: u = a / 0.6745.

    Source: GUM 4.3.5 (u = 1.48 a).
    """
    middle, half = _middle(lower, upper)
    return normal_interval(middle, half, probability=MIDDLE_HALF)


def student(estimate: float, u: float, *, degrees_of_freedom: float) -> TypeB:
    """Return a scaled and shifted t; u is its scale, as Welch-Satterthwaite takes it.

    Source: JCGM 101:2008, 6.4.9; GUM G.3.2.
    """
    if not 0.0 < degrees_of_freedom < math.inf:
        raise InputError(
            f"a t distribution has finite degrees of freedom above zero, not {degrees_of_freedom}",
            next_step="without them the distribution is normal",
        )
    return TypeB(Distribution.T, estimate, _width(u, "u"), (), degrees_of_freedom)


def _middle(lower: float, upper: float) -> tuple[float, float]:
    """Return the middle and the half-width of limits; lower above upper is refused."""
    if not (math.isfinite(lower) and math.isfinite(upper) and lower <= upper):
        raise InputError(
            f"the lower limit {lower:g} is above the upper limit {upper:g}"
            if lower > upper
            else f"limits must be finite, not {lower:g} and {upper:g}",
            next_step="swap or correct the limits",
        )
    return lower / 2.0 + upper / 2.0, upper / 2.0 - lower / 2.0


def rectangular(estimate: float, half_width: float) -> TypeB:
    """Return a quantity anywhere within x +- a: u = a / sqrt(3).

    Source: GUM 4.3.7, Eq. 7; JCGM 101:2008, 6.4.2.
    """
    return TypeB(Distribution.RECTANGULAR, estimate, _width(half_width) / math.sqrt(3.0))


def triangular(estimate: float, half_width: float) -> TypeB:
    """Return a quantity within x +- a, likelier in the middle: u = a / sqrt(6).

    Source: GUM 4.3.9, Eq. 9b; JCGM 101:2008, 6.4.5.
    """
    return TypeB(Distribution.TRIANGULAR, estimate, _width(half_width) / math.sqrt(6.0))


def u_shaped(estimate: float, half_width: float) -> TypeB:
    """Return a quantity that cycles as a sine of amplitude a: u = a / sqrt(2).

    Source: JCGM 101:2008, 6.4.6 (arcsine).
    """
    return TypeB(Distribution.U_SHAPED, estimate, _width(half_width) / math.sqrt(2.0))


def trapezoidal(estimate: float, half_width: float, *, top_half_width: float) -> TypeB:
    """Return a symmetric trapezoid: base x +- a, top x +- beta a, u^2 = a^2 (1 + beta^2) / 6.

    Raises:
        InputError: the top is wider than the base.

    Source: GUM 4.3.9, Eq. 9a; JCGM 101:2008, 6.4.4.
    """
    half, top = _width(half_width), _width(top_half_width, "half-width of the top")
    if top > half:
        raise InputError(
            f"the top of a trapezoid, half-width {top:g}, is wider than its base, {half:g}",
            next_step="swap the two half-widths",
        )
    beta = top / half if half > 0.0 else 1.0
    u = half * math.sqrt((1.0 + beta * beta) / 6.0)
    return TypeB(Distribution.TRAPEZOIDAL, estimate, u, (beta,))


def curvilinear_trapezoid(
    estimate: float, half_width: float, *, half_width_uncertainty: float
) -> TypeB:
    """Return a rectangular quantity whose half-width is known to +-d: u^2 = a^2 / 3 + d^2 / 9.

    Args:
        estimate: Middle, in SI units.
        half_width: a, in SI units.
        half_width_uncertainty: d: the half-width lies anywhere in a +- d; at most a.

    Source: JCGM 101:2008, 6.4.3; Kacker and Lawrence, Metrologia 46, 254 (2009).
    """
    half = _width(half_width)
    slack = _width(half_width_uncertainty, "uncertainty of the half-width")
    if slack > half:
        raise InputError(
            f"the half-width {half:g} is known to +-{slack:g} only: it could be below zero",
            next_step="give a smaller uncertainty of the half-width",
        )
    ratio = slack / half if half > 0.0 else 0.0
    u = half * math.sqrt(1.0 / 3.0 + ratio * ratio / 9.0)
    return TypeB(Distribution.CURVILINEAR_TRAPEZOID, estimate, u, (ratio,))


def exponential(estimate: float, *, bound: float) -> TypeB:
    """Return a quantity with a bound on one side and nothing else known but its mean.

    u is the distance from bound to estimate; the bound is lower or upper as the estimate lies.

    Source: JCGM 101:2008, 6.4.10 (lower bound 0: u = x).
    """
    if not (math.isfinite(estimate) and math.isfinite(bound) and estimate != bound):
        raise InputError(
            f"an exponential distribution needs an estimate beside its bound, not {estimate:g} "
            f"at {bound:g}",
            next_step="give the mean that is expected, on the allowed side of the bound",
        )
    return TypeB(Distribution.EXPONENTIAL, estimate, abs(estimate - bound), (bound,))


def _check_prior(prior: Prior, *, least_b: float) -> None:
    proper = math.isfinite(prior.a) and math.isfinite(prior.b)
    if not (proper and prior.a > 0.0 and prior.b >= 0.0 and prior.b >= least_b):
        raise InputError(
            f"the prior ({prior.a:g}, {prior.b:g}) is none",
            next_step="give finite parameters above zero; the rate of a gamma prior may be zero",
        )


def gamma_counts(counts: int, *, exposure: float = 1.0, prior: Prior = JEFFREYS_COUNTS) -> TypeB:
    """Return the mean of a Poisson process from n events in an exposure (a time in s, or 1).

    Args:
        counts: Events seen, not negative.
        exposure: What they were seen in, in SI units; the result is per exposure.
        prior: Gamma prior, its rate b in exposures.

    Returns:
        Gamma with shape n + a and rate (1 + b) exposure; estimate and u are its moments.

    Raises:
        InputError: negative counts, no exposure, or no prior.

    Source: JCGM 101:2008, 6.4.11 (uniform prior: shape n + 1); conjugate prior of a Poisson
        mean; Jeffreys prior a = 1/2.
    """
    if counts < 0:
        raise InputError(f"{counts} counts are negative", next_step="check the column read")
    if not 0.0 < exposure < math.inf:
        raise InputError(f"the exposure {exposure:g} is not above zero")
    _check_prior(prior, least_b=0.0)
    shape, rate = counts + prior.a, (1.0 + prior.b) * exposure
    return TypeB(Distribution.GAMMA, shape / rate, math.sqrt(shape) / rate, (shape, rate))


def beta_proportion(successes: int, trials: int, *, prior: Prior = JEFFREYS_PROPORTION) -> TypeB:
    """Return a proportion from k successes in n trials; estimate and u are the posterior's.

    Raises:
        InputError: successes above trials, negative counts, or no prior.

    Source: conjugate prior of a binomial proportion; Brown, Cai and DasGupta, Statistical
        Science 16, 101 (2001), section 3.1.2 (Jeffreys).
    """
    if not 0 <= successes <= trials:
        raise InputError(
            f"{successes} of {trials} is no proportion",
            next_step="check which count is successes and which is all trials",
        )
    _check_prior(prior, least_b=math.ulp(0.0))
    a, b = successes + prior.a, trials - successes + prior.b
    total = a + b
    u = math.sqrt(a * b / (total + 1.0)) / total
    return TypeB(Distribution.BETA, a / total, u, (a, b))


def truncated_normal(
    centre: float, u: float, *, lower: float = -math.inf, upper: float = math.inf
) -> TypeB:
    """Return a normal quantity known to lie within bounds; moments are those after truncation.

    Args:
        centre: Value found, in SI units.
        u: Its standard uncertainty before the bounds are used.
        lower: Physical lower bound, -infinity where there is none.
        upper: Physical upper bound.

    Raises:
        InputError: lower not below upper, or bounds that leave next to nothing.

    Source: as for `truncated_moments`.
    """
    mean, deviation = truncated_moments(centre, u, lower, upper)
    return TypeB(Distribution.TRUNCATED_NORMAL, mean, deviation, (centre, u, lower, upper))


def lognormal(mean: float, u: float) -> TypeB:
    """Return a quantity above zero whose logarithm is normal, by its mean and standard deviation.

    Source: moments of the lognormal distribution: sigma^2 = ln(1 + (u/x)^2),
        mu = ln x - sigma^2 / 2.
    """
    if not 0.0 < mean < math.inf:
        raise InputError(
            f"a lognormal quantity is above zero, not {mean:g}",
            next_step="choose another distribution",
        )
    return TypeB(Distribution.LOGNORMAL, mean, _width(u, "u"))


def reliability_degrees_of_freedom(relative_uncertainty: float) -> float:
    """Return the degrees of freedom of a u that is itself known to a relative uncertainty.

    Args:
        relative_uncertainty: Delta u / u, e.g. 0.25 for "reliable to 25 %"; 0 gives infinity.

    Raises:
        InputError: negative, or so large that less than one degree of freedom is left.

    Source: GUM G.4.2, Eq. G.3: 1 / (2 (Delta u / u)^2).
    """
    if not 0.0 <= relative_uncertainty <= math.sqrt(0.5):
        raise InputError(
            f"a u that is reliable to {relative_uncertainty:g} of itself leaves no degree of "
            "freedom",
            next_step="give a relative uncertainty of u between 0 and 0.7; beyond it u is a guess",
        )
    if relative_uncertainty == 0.0:
        return math.inf
    # 0.707 is one degree of freedom, whatever its last digit rounds to.
    return max(1.0, 1.0 / (2.0 * relative_uncertainty**2))
