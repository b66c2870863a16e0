"""Guard bands: how far acceptance limits lie inside tolerance limits, and what that buys.

Inside: `band_of_multiple`, `specific_risk_bands`, `global_risk_band`, `uncertainty_ratio`,
`measurement_capability_index`,
`TurMethod`, `acceptance_factor`, `method_6_multiplier`, `WorstCase`, `worst_false_acceptance`,
`worst_at_observed`.

A guard band is never negative here: none of these rules accepts beyond a tolerance limit.
Source: JCGM 106:2012, clauses 8.3 and 9.5; ANSI/NCSL Z540.3-2006, 5.3; Dobbert, A Guard-Band
Strategy for Managing False-Accept Risk, NCSLI 2008 (method 6); Deaver, NCSL 1994 (RSS); NCSL
RP-10 (1.25 - 1/TUR). The formulas of the ratio methods were compared with suncal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from qtrace.errors import InputError
from qtrace.uncertainty.global_risk import GlobalRisk, global_risk
from qtrace.uncertainty.posterior import Posterior, Shape
from qtrace.uncertainty.priors import InTolerance, normal_prior, prior_of_in_tolerance
from qtrace.uncertainty.risk import check_limits, specific_risk

# Solutions are found to this part of the tolerance, or of u.
_SOLVED = 1e-13
_CROSSED = 0.500001  # acceptance limits this far inside have passed each other
_WIDEST = 60.0  # no risk of a double's range needs a wider band in u of a normal


def band_of_multiple(multiplier: float, expanded_uncertainty: float) -> float:
    """Return w = r U.

    Args:
        multiplier: r, not negative.
        expanded_uncertainty: U at the k actually used, not negative.

    Raises:
        InputError: a negative number, or one that is not finite.

    Source: JCGM 106:2012, 8.3.2.
    """
    width = multiplier * expanded_uncertainty
    if not (0.0 <= width < math.inf and multiplier >= 0.0):
        raise InputError(f"r = {multiplier} and U = {expanded_uncertainty} give no guard band")
    return width


def _check_risk(risk: float) -> None:
    if not 0.0 < risk <= 0.5:
        raise InputError(
            f"a risk of {risk:g} is none to agree on",
            next_step="give a probability above 0 and not above one half, e.g. 2 %",
        )


def specific_risk_bands(
    shape: Posterior, low: float, high: float, *, risk: float
) -> tuple[float, float]:
    """Return the guard bands at which the specific consumer's risk of a result is as specified.

    For a normal or t the whole distribution is moved until 1 - p_c is the risk: one acceptance
    limit is the same for every value then, and both tails count. For another shape the band is
    the distance from the middle (estimate, or median) to a quantile: it holds for this result
    and for one tail, so that a result between two limits is to be checked by its risk itself.

    Args:
        shape: What is known of the measurand.
        low: Lower tolerance limit, -inf where there is none.
        high: Upper tolerance limit, +inf where there is none.
        risk: Largest risk of an acceptance, in (0, 0.5].

    Returns:
        Width at the lower and at the upper limit. More than half the tolerance, so that the
        acceptance limits cross, where no value can be accepted.

    Raises:
        InputError: no risk, or no limits.

    Source: JCGM 106:2012, 8.3.3 (guard band from a wanted conformance probability; clause from
    memory) with 9.3.2.
    """
    _check_risk(risk)
    check_limits(low, high)
    if not isinstance(shape, Shape) or not shape.symmetric:
        middle = shape.estimate if isinstance(shape, Shape) else shape.quantile(0.5)
        below = max(0.0, middle - shape.quantile(risk))
        return below, max(0.0, shape.quantile(1.0 - risk) - middle)
    u = shape.standard_uncertainty
    if u == 0.0:
        return 0.0, 0.0
    one_sided = -Shape(shape.distribution, 0.0, u, (), shape.degrees_of_freedom).quantile(risk)
    one_sided = max(0.0, one_sided)
    width = high - low
    if math.isinf(width):
        return one_sided, one_sided

    def excess(band: float) -> float:
        moved = Shape(shape.distribution, band, u, (), shape.degrees_of_freedom)
        return specific_risk(moved, 0.0, width).fails - risk

    if excess(width / 2.0) > 0.0:
        crossed = max(one_sided, _CROSSED * width)  # even in the middle the risk is larger
        return crossed, crossed
    if excess(one_sided) <= 0.0:
        return one_sided, one_sided
    band = _root(excess, one_sided, width / 2.0, scale=width)
    return band, band


def _root(function: Callable[[float], float], low: float, high: float, *, scale: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=_SOLVED * scale, rtol=8.9e-16))


def global_risk_band(
    prior: Posterior,
    low: float,
    high: float,
    *,
    u: float,
    risk: float,
    of: Literal["all", "accepted"] = "all",
    degrees_of_freedom: float = math.inf,
) -> float:
    """Return the guard band, the same at each limit, that holds a global consumer's risk.

    Args:
        prior: Distribution of the items.
        low: Lower tolerance limit, -inf where there is none.
        high: Upper tolerance limit, +inf where there is none.
        u: Standard uncertainty of each measurement, above 0.
        risk: Largest share of wrongly accepted items.
        of: Share of all items (unconditional), or of the accepted ones (conditional).
        degrees_of_freedom: Of u, as for `global_risk`.

    Returns:
        w, zero where simple acceptance holds the risk already.

    Raises:
        InputError: no risk, or one that no guard band can hold.

    Source: JCGM 106:2012, 9.5 (acceptance limits from a wanted R_C).
    """
    _check_risk(risk)
    check_limits(low, high)

    def at(band: float) -> GlobalRisk:
        limits = (low + band, high - band)
        return global_risk(
            prior, low, high, u=u, acceptance=limits, degrees_of_freedom=degrees_of_freedom
        )

    def excess(band: float) -> float:
        found = at(band)
        return (found.consumer if of == "all" else found.consumer_of_accepted) - risk

    if excess(0.0) <= 0.0:
        return 0.0
    half = (high - low) / 2.0
    widest = half * (1.0 - 1e-9) if math.isfinite(half) else _WIDEST * u
    if excess(widest) > 0.0:
        raise InputError(
            f"no guard band holds a risk of {risk:g} {'of accepted items' if of != 'all' else ''}"
            f"here: measurements with u = {u:g} tell good items from bad too poorly".strip(),
            next_step="measure with a smaller u, or agree on a larger risk",
        )
    return _root(excess, 0.0, widest, scale=min(widest, u))


def uncertainty_ratio(low: float, high: float, expanded_uncertainty: float) -> float:
    """Return TUR: half the tolerance over U at p = 95 %.

    Raises:
        InputError: a one-sided tolerance, which has no ratio; reversed limits; no U.

    Source: ANSI/NCSL Z540.3-2006, 3.11 (span of the tolerance over the span of the 95 %
    uncertainty interval; clause from memory).
    """
    check_limits(low, high)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(
            "a test uncertainty ratio needs two tolerance limits",
            next_step="give both limits, or a rule with w = r U or a specific risk",
        )
    if not 0.0 < expanded_uncertainty < math.inf:
        raise InputError(f"U = {expanded_uncertainty} gives no test uncertainty ratio")
    return (high - low) / 2.0 / expanded_uncertainty


def measurement_capability_index(low: float, high: float, u: float) -> float:
    """Return C_m = (T_U - T_L) / (4 u): the ratio of the tolerance to U = 2 u.

    Raises:
        InputError: a one-sided tolerance, reversed limits, or no u.

    Source: JCGM 106:2012, 7.6.3, Eq. 15 (numbering from memory).
    """
    return uncertainty_ratio(low, high, 2.0 * u)


class TurMethod(StrEnum):
    """Rules that take the acceptance limit from the test uncertainty ratio alone."""

    RSS = "rss"  # sqrt(1 - 1/TUR^2)
    SUBTRACT = "subtract"  # 1 - 1/TUR: the whole U at 95 %
    RP_10 = "rp_10"  # 1.25 - 1/TUR: none from 4:1 on
    METHOD_6 = "method_6"  # 1 - M/TUR: at most 2 % false acceptance at any in-tolerance rate


def method_6_multiplier(ratio: float) -> float:
    """Return M of w = U M: 1.04 - exp(0.38 ln TUR - 0.54), zero from TUR 4.6 on.

    Raises:
        InputError: a ratio that is not above zero.

    Source: Dobbert, NCSLI 2008 (method 6 of the Z540.3 Handbook); fitted for TUR >= 1.
    """
    if not 0.0 < ratio < math.inf:
        raise InputError(f"a test uncertainty ratio of {ratio} is none")
    return max(0.0, 1.04 - math.exp(0.38 * math.log(ratio) - 0.54))


def acceptance_factor(method: TurMethod, ratio: float) -> float:
    """Return the acceptance limit as a part of a symmetric tolerance, from 0 to 1.

    A formula that goes beyond 1 would accept what is out of tolerance, and one below 0 has
    nothing left to accept: both are cut there.

    Args:
        method: Which rule.
        ratio: Test uncertainty ratio, above 0.

    Source: as for `TurMethod`.
    """
    if not 0.0 < ratio < math.inf:
        raise InputError(f"a test uncertainty ratio of {ratio} is none")
    match method:
        case TurMethod.RSS:
            factor = math.sqrt(max(0.0, 1.0 - 1.0 / ratio**2))
        case TurMethod.SUBTRACT:
            factor = 1.0 - 1.0 / ratio
        case TurMethod.RP_10:
            factor = 1.25 - 1.0 / ratio
        case TurMethod.METHOD_6:
            factor = 1.0 - method_6_multiplier(ratio) / ratio
    return min(1.0, max(0.0, factor))


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The largest unconditional false-accept risk, and where it lies."""

    consumer: float
    in_tolerance: float
    ratio: float


def _false_acceptance(spread: float, ratio: float, factor: float, k: float) -> GlobalRisk:
    """Return the risks for the tolerance -1 ... 1 and a centred normal process."""
    prior = normal_prior(0.0, spread)
    return global_risk(prior, -1.0, 1.0, u=1.0 / (k * ratio), acceptance=(-factor, factor))


def worst_false_acceptance(
    ratio: float, *, method: TurMethod | None = None, coverage_factor: float = 2.0
) -> WorstCase:
    """Return the largest false-accept risk over all in-tolerance rates of a centred process.

    Args:
        ratio: Test uncertainty ratio.
        method: Guard band; None for simple acceptance.
        coverage_factor: k of the U in the ratio (2 is how the published tables were made).

    Source: own maximisation over the process; agrees with Dobbert, NCSLI 2008 (2 % at 4.6:1).
    """
    factor = 1.0 if method is None else acceptance_factor(method, ratio)

    def consumer(log_spread: float) -> float:
        return _false_acceptance(math.exp(log_spread), ratio, factor, coverage_factor).consumer

    place = _largest(consumer, math.log(0.02), math.log(50.0))
    found = _false_acceptance(math.exp(place), ratio, factor, coverage_factor)
    return WorstCase(found.consumer, found.in_tolerance, ratio)


def worst_at_observed(
    probability: float, *, most_ratio: float = 20.0, coverage_factor: float = 2.0
) -> WorstCase:
    """Return the largest false-accept risk over all ratios at an observed in-tolerance rate.

    Args:
        probability: Observed share of items in tolerance.
        most_ratio: Largest test uncertainty ratio looked at.
        coverage_factor: k of the U in the ratio.

    Source: Mimbs, NCSLI 2011: an observed rate of 89 % holds 2 % at every ratio.
    """
    from scipy.special import ndtri

    # Below this ratio the measurements alone scatter more than was observed.
    least = float(ndtri((1.0 + probability) / 2.0)) / coverage_factor

    def at(log_ratio: float) -> GlobalRisk:
        ratio = math.exp(log_ratio)
        u = 1.0 / (coverage_factor * ratio)
        prior = prior_of_in_tolerance(probability, -1.0, 1.0, basis=InTolerance.OBSERVED, u=u)
        return global_risk(prior, -1.0, 1.0, u=u)

    place = _largest(lambda x: at(x).consumer, math.log(least * 1.001), math.log(most_ratio))
    found = at(place)
    return WorstCase(found.consumer, found.in_tolerance, math.exp(place))


def _largest(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function of one hump is largest: a coarse look, then a fine one."""
    import numpy as np
    from scipy.optimize import minimize_scalar

    grid = np.linspace(low, high, 41)
    values = [function(float(x)) for x in grid]
    best = int(np.argmax(values))
    found = minimize_scalar(
        lambda x: -function(float(x)),
        bounds=(float(grid[max(0, best - 1)]), float(grid[min(40, best + 1)])),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return float(found.x)
