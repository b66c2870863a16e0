"""Rates and the state of a chain of links that are joined by Bell-state measurements.

Inside: `BellMeasurement`, `EFFICIENCY_LIMITS`, `check_efficiency`, `basis_visibilities`,
`largest_chsh`, `attempts_until_all`, `rate_without_memory`, `rate_with_memory`,
`mean_waits_attempts`.
Rates: all links try at once and independently, at one rate; with memories a link that has
succeeded waits for the last one, then all swaps are made, and where one fails all begin again.
Not modelled: multiplexing, swaps as soon as possible, cut-off times, distillation, purging, and
the time that heralds travel, unless the stated rate of attempts contains it.
Source: Horodecki, Horodecki and Horodecki, Phys. Lett. A 200, 340 (1995), for the CHSH value;
Luetkenhaus, Calsamiglia and Suominen, PRA 59, 3295 (1999), for 1/2; Grice, PRA 84, 042331 (2011),
for ancillae [all from memory]; waiting for all links: Shchukin, Schmidt and van Loock, PRA 100,
032322 (2019), arXiv:1710.06214 [abstract read; the formula is the expected maximum of geometric
variables].
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError

Array = NDArray[np.float64]

MOST_LINKS = 16  # 2^16 terms of the sum over subsets, and few digits lost in it


class BellMeasurement(StrEnum):
    """How a Bell-state measurement is made."""

    LINEAR_OPTICS = "linear_optics"  # two of four Bell states are told apart
    ONE_STATE = "one_state"  # one of four, as often in time-bin
    ANCILLAE = "ancillae"  # linear optics and extra photons
    COMPLETE = "complete"  # matter or non-linear optics


EFFICIENCY_LIMITS: Mapping[BellMeasurement, float] = MappingProxyType(
    {
        BellMeasurement.LINEAR_OPTICS: 0.5,
        BellMeasurement.ONE_STATE: 0.25,
        BellMeasurement.ANCILLAE: 1.0,  # 1 - 2^-N with 2^N - 2 extra photons
        BellMeasurement.COMPLETE: 1.0,
    }
)


def check_efficiency(efficiency: float, method: BellMeasurement) -> None:
    """Refuse an efficiency that its method cannot reach.

    Raises:
        InputError: Outside of 0 to 1, or above the limit of the method.

    Source: `EFFICIENCY_LIMITS`.
    """
    limit = EFFICIENCY_LIMITS[method]
    if not 0.0 <= efficiency <= limit:
        raise InputError(
            f"an efficiency of {efficiency:g} is outside of 0 to {limit:g}, the limit of a "
            f"Bell-state measurement by {method.value.replace('_', ' ')}",
            where="efficiency",
            next_step='with extra photons write bell_measurement = "ancillae"',
        )


def basis_visibilities(weights: ArrayLike) -> tuple[float, float, float]:
    """Return the visibilities in bases x, y, z of a Bell-diagonal pair near phi+.

    Source: correlations of Bell states: XX = w0 - w1 + w2 - w3, -YY = w0 - w1 - w2 + w3,
        ZZ = w0 + w1 - w2 - w3 in the order phi+, phi-, psi+, psi-; their mean is (4 F - 1) / 3.
    """
    w0, w1, w2, w3 = np.asarray(weights, dtype=np.float64)
    return float(w0 - w1 + w2 - w3), float(w0 - w1 - w2 + w3), float(w0 + w1 - w2 - w3)


def largest_chsh(weights: ArrayLike) -> float:
    """Return the CHSH value of a Bell-diagonal pair at the best settings.

    Source: Horodecki et al. (1995): 2 sqrt(a^2 + b^2) with a, b the two largest correlations;
        2 sqrt 2 V for a Werner state.
    """
    first, second = sorted((v * v for v in basis_visibilities(weights)), reverse=True)[:2]
    return 2.0 * math.sqrt(first + second)


def _probabilities(values: Sequence[float], where: str) -> Array:
    p = np.asarray(values, dtype=np.float64)
    if p.size == 0 or not np.all((p > 0.0) & (p <= 1.0)):
        raise InputError(
            f"{list(values)} are not probabilities above 0",
            where=where,
            next_step="give the probability of a heralded pair per attempt",
        )
    return p


def attempts_until_all(success: Sequence[float]) -> float:
    """Return the mean number of attempts until every link has succeeded once.

    Args:
        success: Probability of a heralded pair per attempt, of each link, in (0, 1].

    Raises:
        InputError: No link, more than 16, or no probabilities.

    Source: mean of the maximum of geometric variables by inclusion and exclusion,
        sum over subsets S of (-1)^(|S| + 1) / (1 - prod_S (1 - p)); 3 / (2 p) for two rare ones.
    """
    p = _probabilities(success, "success")
    if p.size > MOST_LINKS:
        raise InputError(
            f"{p.size} links are too many for this sum",
            where="link",
            next_step=f"give {MOST_LINKS} at most",
        )
    with np.errstate(divide="ignore"):
        missed = np.log1p(-p)  # -inf where a link succeeds always
    terms: list[float] = []
    for size in range(1, p.size + 1):
        sign = 1.0 if size % 2 else -1.0
        terms += [
            sign / -math.expm1(math.fsum(one)) for one in itertools.combinations(missed, size)
        ]
    return math.fsum(terms)


def rate_without_memory(
    attempts_per_s: float, success: Sequence[float], efficiencies: Sequence[float]
) -> float:
    """Return pairs from end to end per second where all must succeed in one attempt.

    Source: product of independent probabilities, rate * prod p * prod q.
    """
    p = _probabilities(success, "success")
    return float(attempts_per_s * np.prod(p) * math.prod(efficiencies))


def rate_with_memory(
    attempts_per_s: float, success: Sequence[float], efficiencies: Sequence[float]
) -> float:
    """Return pairs from end to end per second where a link that has succeeded waits.

    Source: rate * prod q / `attempts_until_all`; all swaps at the end, all begin again on failure.
    """
    return attempts_per_s * math.prod(efficiencies) / attempts_until_all(success)


def mean_waits_attempts(success: Sequence[float]) -> tuple[float, ...]:
    """Return how many attempts each link waits for the last one on the mean.

    Source: `attempts_until_all` less 1 / p of the link.
    """
    whole = attempts_until_all(success)
    return tuple(max(whole - 1.0 / float(one), 0.0) for one in success)
