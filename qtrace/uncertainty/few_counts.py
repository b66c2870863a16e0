"""Results that rest on few counts, or on none: exact limits, ratios, and no linear U.

Inside: `FEW`, `Counted`, `counted`, `is_few`, `few_count_inputs`, `count_limit`,
`poisson_ratio_interval`, `fieller_interval`.

Below about ten counts the distribution of a count is so skew that x +- U says something wrong on
either side; intervals then come from exact methods or from the draws of the posterior.
Source: Garwood, Biometrika 28, 437 (1936); Przyborowski and Wilenski, Biometrika 31, 313 (1940)
(ratio of two counts); Fieller, J. R. Stat. Soc. B 16, 175 (1954).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import betaincinv, gammaincinv

from qtrace.errors import InputError
from qtrace.physics.proportions import clopper_pearson
from qtrace.uncertainty.coverage import coverage_factor, variance_components
from qtrace.uncertainty.inputs import Distribution, InputQuantity
from qtrace.uncertainty.network import Network

FEW = 10  # counts; own rule, after the review of a metrologist
# Few counts behind a smaller share of the variance cannot bend the result's distribution.
NOTICEABLE_SHARE = 0.05
# Priors as `distributions.Prior` names them, with what they add to the count (to both cells).
_ADDED = {"Jeffreys": 0.5, "uniform": 1.0}
_PRIOR_MARK = "prior: "


@dataclass(frozen=True, slots=True)
class Counted:
    """What a counted input quantity rests on.

    `count` is the number of events, or of the rarer of successes and failures; `exposure` is the
    time in s of a rate, 1 of a number, all trials of a proportion. `exactly` says whether both
    could be told from the posterior (a declared prior hides them).
    """

    count: float
    exposure: float
    is_proportion: bool
    exactly: bool


def counted(quantity: InputQuantity) -> Counted | None:
    """Return the counts behind an input quantity, None where there are none.

    Args:
        quantity: With the distribution `counts`, `gamma` or `beta`; its flags name the prior.
    """
    if quantity.distribution is Distribution.COUNTS:
        return Counted(quantity.estimate, 1.0, is_proportion=False, exactly=True)
    prior = next((f.partition(_PRIOR_MARK)[2] for f in quantity.flags if _PRIOR_MARK in f), "")
    added, known = _ADDED.get(prior, 0.0), prior in _ADDED
    if quantity.distribution is Distribution.GAMMA:
        shape, rate = quantity.parameters
        return Counted(shape - added, rate, is_proportion=False, exactly=known)
    if quantity.distribution is Distribution.BETA:
        a, b = quantity.parameters
        rarer = min(a, b) - added
        return Counted(rarer, a + b - 2.0 * added, is_proportion=True, exactly=known)
    return None


def is_few(quantity: InputQuantity) -> bool:
    """Return whether an input rests on fewer than `FEW` events."""
    found = counted(quantity)
    return found is not None and found.count < FEW


def few_count_inputs(network: Network, result_id: int) -> tuple[InputQuantity, ...]:
    """Return the inputs with few counts that make up a noticeable part of a result's variance.

    Args:
        network: Holds the result and its ancestors.
        result_id: The result.

    Source: own rule: fewer than 10 counts, and 5 % of the variance or more.
    """
    if not any(is_few(quantity) for quantity in network.inputs.values()):
        return ()
    components = variance_components(network, result_id)
    total = sum(one.variance for one in components)
    return tuple(
        network.quantity(input_id)
        for one in components
        if one.variance >= NOTICEABLE_SHARE * total
        for input_id in one.input_ids
        if is_few(network.quantity(input_id))
    )


def count_limit(quantity: InputQuantity, probability: float, *, upper: bool) -> float:
    """Return the exact one-sided limit of a counted quantity, in SI units.

    Args:
        quantity: A count, a rate or a proportion, its prior Jeffreys' or uniform; the prior does
            not enter the limit.
        probability: At which the limit holds, between 0 and 1.
        upper: Whether the upper limit is asked for, or the lower one.

    Returns:
        For zero events in T: -ln(1 - p) / T above, 0 below.

    Raises:
        InputError: no counts stand behind it, or a declared prior hides them.

    Source: Garwood, Biometrika 28, 437 (1936); Clopper and Pearson, Biometrika 26, 404 (1934),
        each with the whole of 1 - p in one tail.
    """
    found = counted(quantity)
    if found is None or not found.exactly:
        raise InputError(
            f"{quantity.name} has no counts from which an exact limit follows",
            next_step='write limit_method = "posterior"',
        )
    if not 0.0 < probability < 1.0:
        raise InputError(f"a limit holds at a probability between 0 and 1, not {probability:g}")
    if found.is_proportion:
        added = (quantity.parameters[0] + quantity.parameters[1] - found.exposure) / 2.0
        k = round(quantity.parameters[0] - added)
        rest = round(found.exposure) - k
        if upper:
            return 1.0 if rest == 0 else float(betaincinv(k + 1.0, rest, probability))
        return 0.0 if k == 0 else float(betaincinv(k, rest + 1.0, 1.0 - probability))
    n = round(found.count)
    if upper:
        return float(gammaincinv(n + 1.0, probability)) / found.exposure
    return 0.0 if n == 0 else float(gammaincinv(n, 1.0 - probability)) / found.exposure


def poisson_ratio_interval(
    numerator: int,
    denominator: int,
    *,
    probability: float,
    numerator_exposure: float = 1.0,
    denominator_exposure: float = 1.0,
) -> tuple[float, float]:
    """Return the exact interval of the ratio of two Poisson rates.

    Given the sum of both counts the numerator is binomial with theta = r / (1 + r), r the ratio of
    the expected counts; the exact interval of theta is turned into one of r.

    Args:
        numerator: Events of the first kind.
        denominator: Events of the second kind.
        probability: Two-sided coverage, at least; between 0 and 1.
        numerator_exposure: Time of the first count, above zero.
        denominator_exposure: Time of the second, in the same unit.

    Returns:
        Lower and upper end; the upper one is infinite where the denominator is no event.

    Raises:
        InputError: negative counts, no counts at all, or no exposure.

    Source: Przyborowski and Wilenski, Biometrika 31, 313 (1940); interval of theta: Clopper and
        Pearson, Biometrika 26, 404 (1934).
    """
    if min(numerator_exposure, denominator_exposure) <= 0.0:
        raise InputError("both exposures must be above zero")
    theta = clopper_pearson(numerator, numerator + denominator, probability=probability)
    scale = denominator_exposure / numerator_exposure

    def ratio(part: float) -> float:
        return math.inf if part == 1.0 else scale * part / (1.0 - part)

    return ratio(theta.low), ratio(theta.high)


def fieller_interval(
    numerator: float,
    denominator: float,
    *,
    u_numerator: float,
    u_denominator: float,
    covariance: float = 0.0,
    probability: float = 0.95,
    degrees_of_freedom: float = math.inf,
) -> tuple[float, float]:
    """Return Fieller's interval of the ratio of two means; refuse where it has no two ends.

    Args:
        numerator: Mean a.
        denominator: Mean b.
        u_numerator: Standard uncertainty of a, in its unit.
        u_denominator: Standard uncertainty of b, in its unit.
        covariance: Of a and b.
        probability: Two-sided coverage, between 0 and 1.
        degrees_of_freedom: Of both uncertainties together.

    Raises:
        InputError: the denominator cannot be told from zero: the set is then unbounded.

    Source: Fieller, J. R. Stat. Soc. B 16, 175 (1954): all r with
        (a - r b)^2 <= k^2 (u_a^2 - 2 r u_ab + r^2 u_b^2).
    """
    k2 = coverage_factor(probability, degrees_of_freedom) ** 2
    a2 = denominator**2 - k2 * u_denominator**2
    if not a2 > 0.0:
        raise InputError(
            f"the denominator {denominator:g} with u = {u_denominator:g} cannot be told from "
            "zero: the ratio has no bounded interval",
            next_step="count longer, or state a limit instead of the ratio",
        )
    b2 = numerator * denominator - k2 * covariance
    c2 = numerator**2 - k2 * u_numerator**2
    root = math.sqrt(max(0.0, b2 * b2 - a2 * c2))
    return (b2 - root) / a2, (b2 + root) / a2
