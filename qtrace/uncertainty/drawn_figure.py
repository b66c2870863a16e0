"""What draws say of one result, and how sure that is.

Inside: `DrawPlan`, `StandardErrors`, `DrawnFigure`, `BlockFigures`, `numerical_tolerance`,
`block_figures`, `standard_errors`, `tolerance_of`, `figure_of`.
Source: JCGM 101:2008, 7.6 (estimate, u), 7.9.2 (tolerance), 7.9.4 (scatter of block figures).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.coverage_interval import (
    CoverageInterval,
    IntervalKind,
    coverage_interval,
)
from qtrace.uncertainty.domain import CountedDraws
from qtrace.uncertainty.monte_carlo import MOMENT_DOF

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """What is wanted of draws, and when an adaptive run ends.

    `digits` of u are meant to be right. `divisor` sharpens the tolerance: 5 is advised for a
    comparison by clause 8 (8.2, from memory).
    """

    coverage_probability: float = 0.95
    kind: IntervalKind = IntervalKind.SYMMETRIC
    digits: int = 2
    most_draws: int = 4_000_000
    least_blocks: int = 10
    divisor: float = 1.0


@dataclass(frozen=True, slots=True)
class StandardErrors:
    """Standard deviations of the figures over repeated runs, in the unit of the figures."""

    estimate: float
    standard_uncertainty: float | None
    low: float
    high: float

    def largest(self) -> float:
        """Return the largest of them."""
        known = (self.estimate, self.standard_uncertainty, self.low, self.high)
        return max(one for one in known if one is not None)


@dataclass(frozen=True, slots=True)
class DrawnFigure:
    """What draws say of one result, in SI units, and how far it can be trusted.

    `mean` and `standard_uncertainty` are None where an input with two or fewer degrees of
    freedom leaves no moment. Of `n` draws `outside_domain` have no value: they are left out of
    the moments and counted as not covered. `stabilised` is None where nothing was adapted;
    `tolerance` is then what an adaptive run would have asked for.
    """

    median: float
    mean: float | None
    standard_uncertainty: float | None
    interval: CoverageInterval
    n: int
    seed: int
    blocks: int
    standard_errors: StandardErrors
    tolerance: float
    digits: int
    stabilised: bool | None
    outside_domain: int = 0
    notes: tuple[str, ...] = ()


def numerical_tolerance(value: float, digits: int) -> float:
    """Return delta = 10^l / 2, where value = c 10^l with an integer c of `digits` digits.

    The value is rounded first: 0.0996 with two digits is 10 x 10^-2. Zero has the tolerance 0.

    Args:
        value: Usually a standard uncertainty; delta is in its unit.
        digits: Significant digits taken as meaningful, at least 1.

    Raises:
        InputError: no digits, or a value that is not finite.

    Source: JCGM 101:2008, 7.9.2.
    """
    if digits < 1 or not math.isfinite(value):
        raise InputError(f"{value} has no numerical tolerance with {digits} significant digits")
    if value == 0.0:
        return 0.0
    exponent = int(f"{abs(value):.{digits - 1}e}".partition("e")[2])
    return float(f"5e{exponent - digits}")


@dataclass(frozen=True, slots=True)
class BlockFigures:
    """Figures of one block of draws; `mean` and `u` are of the `finite` ones."""

    median: float
    mean: float
    u: float
    interval: CoverageInterval
    finite: int


def block_figures(values: Array, plan: DrawPlan) -> BlockFigures:
    """Return median, mean, u and interval of draws.

    Args:
        values: Draws, shape (n,); NaN or infinite where the model has no value.
        plan: Probability and kind of the interval.

    Raises:
        InputError: too few draws for the interval, or too many without a value.

    Source: JCGM 101:2008, 7.6 (mean, and u with M - 1), 7.7.
    """
    interval = coverage_interval(values, plan.coverage_probability, kind=plan.kind)
    kept = values if not interval.outside_domain else values[np.isfinite(values)]
    return BlockFigures(
        float(np.median(kept)),
        float(np.mean(kept)),
        float(np.std(kept, ddof=1)),
        interval,
        len(kept),
    )


def has_moments(counted: CountedDraws, result_id: int) -> bool:
    """Return whether mean and variance of a result exist behind the t of its inputs."""
    return counted.draws.lowest_degrees_of_freedom[result_id] > MOMENT_DOF


def standard_errors(blocks: Sequence[BlockFigures], *, moments: bool) -> StandardErrors:
    """Return the standard deviations of the averages of block figures.

    Args:
        blocks: Figures of at least two blocks of one size.
        moments: Whether mean and u exist; else the median is the estimate.

    Source: JCGM 101:2008, 7.9.4 g and h.
    """

    def of_average(figures: Sequence[float]) -> float:
        return float(np.std(figures, ddof=1)) / math.sqrt(len(figures))

    return StandardErrors(
        of_average([one.mean if moments else one.median for one in blocks]),
        of_average([one.u for one in blocks]) if moments else None,
        of_average([one.interval.low for one in blocks]),
        of_average([one.interval.high for one in blocks]),
    )


def _scale(blocks: Sequence[BlockFigures], plan: DrawPlan, *, moments: bool) -> float:
    """Return u of all draws so far; without moments the half-width over the normal k."""
    from scipy.special import ndtri

    if not moments:
        k = float(ndtri((1.0 + plan.coverage_probability) / 2.0))
        return float(np.mean([one.interval.width for one in blocks])) / (2.0 * k)
    weights = np.array([one.finite for one in blocks], dtype=np.float64)
    means = np.array([one.mean for one in blocks])
    within = float(np.sum((weights - 1.0) * np.array([one.u for one in blocks]) ** 2))
    middle = float(np.average(means, weights=weights))
    between = float(np.sum(weights * (means - middle) ** 2))
    return math.sqrt((within + between) / (float(np.sum(weights)) - 1.0))


def tolerance_of(blocks: Sequence[BlockFigures], plan: DrawPlan, *, moments: bool) -> float:
    """Return the tolerance of u of all draws so far, over the divisor of the plan.

    Where no u exists, that of the half-width of the intervals over the normal k.

    Source: JCGM 101:2008, 7.9.4 i and j.
    """
    scale = _scale(blocks, plan, moments=moments)
    return numerical_tolerance(scale, plan.digits) / plan.divisor


def _notes(counted: Sequence[CountedDraws], result_id: int) -> list[str]:
    """Return what a reader must know of assumptions, moments and draws without a value."""
    assumed = counted[0].draws.assumed
    notes = [assumed] if assumed else []
    if not has_moments(counted[0], result_id):
        lowest = counted[0].draws.lowest_degrees_of_freedom[result_id]
        notes.append(
            f"an input has {lowest:g} degrees of freedom: its t has no variance, so quantiles only"
        )
    lost = sum(one.outside[result_id] for one in counted)
    n = sum(one.draws.n for one in counted)
    if lost:
        reasons = [reason for one in counted for reason in one.reasons]
        said = f" ({reasons[0]})" if reasons else ""
        notes.append(
            f"{lost} of {n} draws ({lost / n:.2%}) leave the domain of a model{said}: "
            "not in mean and u, counted as outside the interval"
        )
    return notes


def figure_of(
    counted: Sequence[CountedDraws],
    result_id: int,
    *,
    blocks: Sequence[BlockFigures],
    plan: DrawPlan,
    seed: int,
    adapted: bool,
) -> DrawnFigure:
    """Return the figure of all draws, with what the scatter of blocks says of its quality.

    Args:
        counted: All draws, in order.
        result_id: One of their results.
        blocks: Figures of the blocks, for the standard errors only.
        plan: What was wanted.
        seed: Root seed, for the record.
        adapted: Whether the run was to stop when stable.

    Source: JCGM 101:2008, 7.9.4 l.
    """
    moments = has_moments(counted[0], result_id)
    errors = standard_errors(blocks, moments=moments)
    tolerance = tolerance_of(blocks, plan, moments=moments)
    values = np.concatenate([one.draws.values[result_id] for one in counted])
    whole = block_figures(values, plan)
    stabilised = 2.0 * errors.largest() <= tolerance if adapted else None
    notes = _notes(counted, result_id)
    if stabilised is False:
        notes.append(
            f"not stabilised: after {len(values)} draws a figure is known only to 2 s = "
            f"{2.0 * errors.largest():.2g}, wanted {tolerance:.2g}"
        )
    return DrawnFigure(
        whole.median,
        whole.mean if moments else None,
        whole.u if moments else None,
        whole.interval,
        len(values),
        seed,
        len(blocks),
        errors,
        tolerance,
        plan.digits,
        stabilised,
        whole.interval.outside_domain,
        tuple(notes),
    )
