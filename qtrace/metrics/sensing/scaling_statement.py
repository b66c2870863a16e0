"""What a series of uncertainties over N shows, and what it does not.

Inside: `Counted`, `ScalingSeries`, `PointLevel`, `ScalingStatement`, `state_scaling`.
Source: as `qtrace.physics.sensing.scaling` and `qtrace.physics.sensing.decibels`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from qtrace.physics.sensing.decibels import decibels_of_ratio
from qtrace.physics.sensing.scaling import (
    HEISENBERG,
    Relation,
    ScalingFit,
    ScalingPoint,
    fit_scaling,
)

POOR = 0.05  # probability of a larger chi-square below which a straight line is doubted
WITHIN = 4.0  # standard uncertainties below 1/N before the data are called impossible
PHASE = "phase_uncertainty"
NO_GAIN = (
    "an exponent is no gain: it says how u falls, not that it lies below that of independent probes"
)


class Counted(StrEnum):
    """What N counts."""

    PROBES = "probes"
    NODES = "nodes"


@dataclass(frozen=True, slots=True)
class ScalingSeries:
    """A series of uncertainties in the SI unit of `quantity`, a kind.

    `probes_per_node` is 0 where N counts nodes and nothing says how many probes each has.
    """

    series_id: str
    title: str
    quantity: str
    unit: str
    counted: Counted
    probes_per_node: float
    points: tuple[ScalingPoint, ...]
    probability: float
    provenance: str
    source: str
    digest: str


@dataclass(frozen=True, slots=True)
class PointLevel:
    """A point beside the standard quantum limit of as many probes; None where none is known.

    `over_limit_db` is the gain over it as a level of variances: above zero is better.
    """

    number: float
    uncertainty: float
    u: float | None
    fitted: float
    over_limit_db: float | None


@dataclass(frozen=True, slots=True)
class ScalingStatement:
    """A series, its fit, its points, and what keeps it from being read as more."""

    series: ScalingSeries
    fit: ScalingFit
    points: tuple[PointLevel, ...]
    doubts: tuple[str, ...]


def state_scaling(series: ScalingSeries) -> ScalingStatement:
    """Fit a series and say what it shows.

    Args:
        series: Three different N or more.

    Raises:
        InputError: as for `fit_scaling`.

    Source: as this module.
    """
    fit = fit_scaling(series.points, probability=series.probability)
    levels = tuple(_level(one, series, fit) for one in series.points)
    return ScalingStatement(series, fit, levels, _doubts(series, fit, levels))


def _probes(one: ScalingPoint, series: ScalingSeries) -> float:
    """Return the number of probes behind a phase, 0 where it is not known."""
    if series.quantity != PHASE:
        return 0.0
    if series.counted is Counted.PROBES:
        return one.number
    return one.number * series.probes_per_node


def _level(one: ScalingPoint, series: ScalingSeries, fit: ScalingFit) -> PointLevel:
    probes = _probes(one, series)
    over = (
        -decibels_of_ratio(one.uncertainty * math.sqrt(probes), convention_of="standard_deviation")
        if probes
        else None
    )
    u = None if one.relative_u is None else one.relative_u * one.uncertainty
    return PointLevel(
        one.number, one.uncertainty, u, fit.prefactor * one.number**fit.exponent, over
    )


def _doubts(
    series: ScalingSeries, fit: ScalingFit, levels: tuple[PointLevel, ...]
) -> tuple[str, ...]:
    found = []
    if fit.goodness is None:
        found.append(
            "no u of the points is stated: nothing tells whether a straight line describes them"
        )
    elif fit.goodness < POOR:
        found.append(
            f"a straight line is doubtful: a larger chi-square has the probability "
            f"{fit.goodness:.2g}; the exponent is then that of these N alone"
        )
    if fit.enlarged > 1.0:
        found.append(
            f"u of the exponent is enlarged by {fit.enlarged:.2f} for scatter beyond the u's"
        )
    beyond = next(one for one in fit.comparisons if one.exponent == HEISENBERG)
    if beyond.relation is Relation.FASTER:
        found.append(
            "faster than 1/N: no linear use of N probes does that; look for what else changed "
            "with N"
        )
    for point in series.points:
        probes = _probes(point, series)
        spread = 1.0 + WITHIN * (point.relative_u or 0.0)
        if probes and point.uncertainty * spread < 1.0 / probes:
            found.append(f"impossible data: u at N = {point.number:g} is below the limit 1/N")
    gains = [one.over_limit_db for one in levels if one.over_limit_db is not None]
    if not gains or min(gains) <= 0.0:
        found.append(NO_GAIN)
    return tuple(found)
