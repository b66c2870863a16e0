"""How an uncertainty falls with the number of probes: exponent, its u, and what it is told from.

Inside: `ScalingPoint`, `ScalingFit`, `Comparison`, `Relation`, `fit_scaling`, `INDEPENDENT`,
`HEISENBERG`.
A straight line through log u against log N. An exponent is no gain: an u that falls as 1/N can lie
above 1/sqrt N at every N that was measured.
Source: weighted least squares, ISO/TS 28037:2010, clause 6 (clause from memory), and the ratio of
Birge, Phys. Rev. 40, 207 (1932), where the scatter is larger than the u's of the points explain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import chdtrc, ndtri, stdtrit

from qtrace.errors import InputError

INDEPENDENT = -0.5  # independent probes: the standard quantum limit
HEISENBERG = -1.0  # the Heisenberg limit
LEAST_NUMBERS = 3
MOST_CONFIDENCE = 1.0 - 1e-9  # beyond it the tails of t are no statement any more
_ROUNDING = 1e-12  # of an exponent, where points lie on a line exactly


class Relation(StrEnum):
    """Where an exponent stands against one that theory names."""

    FASTER = "falls faster than"
    COMPATIBLE = "cannot be told from"
    SLOWER = "falls more slowly than"


@dataclass(frozen=True, slots=True)
class ScalingPoint:
    """An uncertainty at a number of probes; `relative_u` is u(u)/u, None where none is stated."""

    number: float
    uncertainty: float
    relative_u: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fitted exponent against a named one, at the probability of the interval."""

    name: str
    exponent: float
    relation: Relation


@dataclass(frozen=True, slots=True)
class ScalingFit:
    """u = prefactor N^exponent; `goodness` is the probability of a larger chi-square, if known.

    `enlarged` is the factor by which u of the exponent was made larger for scatter beyond the u's
    of the points (1: not at all). Interval (low, high) at `probability`, two-sided.
    """

    exponent: float
    exponent_u: float
    degrees_of_freedom: float
    prefactor: float
    chi_square: float | None
    goodness: float | None
    enlarged: float
    interval: tuple[float, float]
    probability: float
    residuals: tuple[float, ...]
    comparisons: tuple[Comparison, ...]


def _check(points: Sequence[ScalingPoint], probability: float) -> bool:
    """Return whether the points state their u's; refuse what no line can be fitted to."""
    if not 0.0 < probability <= MOST_CONFIDENCE:
        raise InputError(
            f"the confidence {probability!r} is not between 0 and 1 - 1e-9",
            where="confidence",
            next_step="write for example 0.95",
        )
    for k, one in enumerate(points, 1):
        whole = math.isfinite(one.number) and one.number == math.floor(one.number)
        if not (whole and one.number >= 1.0):
            raise InputError(
                f"point {k}: {one.number:g} is no number of probes",
                where="N",
                next_step="give a whole number, 1 or more",
            )
        if not (math.isfinite(one.uncertainty) and one.uncertainty > 0.0):
            raise InputError(
                f"point {k}: the uncertainty {one.uncertainty} is not above zero", where="u"
            )
        if one.relative_u is not None and not (
            math.isfinite(one.relative_u) and one.relative_u > 0.0
        ):
            raise InputError(
                f"point {k}: its own u is {one.relative_u}, not above zero", where="u_of_u"
            )
    if len({one.number for one in points}) < LEAST_NUMBERS:
        raise InputError(
            f"{len({one.number for one in points})} different N show no scaling",
            where="point",
            next_step="measure at three different N or more",
        )
    stated = [one.relative_u is not None for one in points]
    if any(stated) and not all(stated):
        raise InputError(
            "some points state their own u and some do not: they cannot be weighted",
            where="point",
            next_step="state u_of_u or shots for each point, or for none",
        )
    return all(stated)


def fit_scaling(points: Sequence[ScalingPoint], *, probability: float) -> ScalingFit:
    """Fit u = prefactor N^exponent and tell the exponent from -1/2 and -1.

    Args:
        points: Three different N or more; u in any one unit, the same for all.
        probability: Two-sided probability of the interval of the exponent.

    Returns:
        The fit. Where the points state no u, that of the exponent comes from their scatter, with
        n - 2 degrees of freedom, and nothing tells whether a line fits. Where they do, it comes
        from them, and is enlarged by sqrt(chi^2 / nu), with nu degrees of freedom, if that is
        above one.

    Raises:
        InputError: fewer than three N, N not whole or below one, an u that is not above zero.

    Source: as this module.
    """
    stated = _check(points, probability)
    x = np.log([one.number for one in points])
    y = np.log([one.uncertainty for one in points])
    weight = (
        np.asarray([1.0 / float(one.relative_u or 1.0) ** 2 for one in points])
        if stated
        else np.ones(len(points))
    )
    centre = float(np.sum(weight * x) / np.sum(weight))
    spread = float(np.sum(weight * (x - centre) ** 2))
    exponent = float(np.sum(weight * (x - centre) * y) / spread)
    level = float(np.sum(weight * y) / np.sum(weight))
    left = y - level - exponent * (x - centre)
    chi_square, freedom = float(np.sum(weight * left**2)), len(points) - 2.0
    birge = math.sqrt(chi_square / freedom)
    factor = max(1.0, birge) if stated else birge
    u = factor / math.sqrt(spread)
    by_scatter = factor != 1.0 or not stated
    upper = (1.0 + probability) / 2.0
    k = float(stdtrit(freedom, upper) if by_scatter else ndtri(upper))
    interval = (exponent - k * u, exponent + k * u)
    return ScalingFit(
        exponent=exponent,
        exponent_u=u,
        degrees_of_freedom=freedom if by_scatter else math.inf,
        prefactor=math.exp(level - exponent * centre),
        chi_square=chi_square if stated else None,
        goodness=float(chdtrc(freedom, chi_square)) if stated else None,
        enlarged=factor if stated else 1.0,
        interval=interval,
        probability=probability,
        residuals=tuple(map(float, left)),
        comparisons=tuple(
            Comparison(name, target, _relation(interval, target))
            for name, target in (
                ("independent probes", INDEPENDENT),
                ("the Heisenberg limit", HEISENBERG),
            )
        ),
    )


def _relation(interval: tuple[float, float], target: float) -> Relation:
    if interval[1] < target - _ROUNDING:
        return Relation.FASTER
    return Relation.SLOWER if interval[0] > target + _ROUNDING else Relation.COMPATIBLE
