"""Nested designs: scatter between days, or set-ups, apart from the scatter within them.

Inside: `NestedAnova`, `nested_anova`, `nested_anova_of_summaries`.
Source: GUM H.5 (ten days, five observations each).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qtrace.errors import InputError

LEAST = 2  # groups, and readings in a group


@dataclass(frozen=True, slots=True)
class NestedAnova:
    """J groups of K readings each, in the unit of the readings.

    `between_mean_square_root` (s_a) and `within_mean_square_root` (s_b) are the roots of the two
    mean squares; their ratio squared is `f`, whose `p_value` is that of a larger one without any
    effect between groups. `between_deviation` (s_B) and `within_deviation` (s_W) are the standard
    deviations of the two effects; s_B is 0 where s_a does not exceed s_b.
    `standard_uncertainty` of the grand mean keeps the effect between groups, with J - 1 degrees
    of freedom; `standard_uncertainty_without` denies it and pools all, with J K - 1.
    """

    mean: float
    groups: int
    per_group: int
    deviation_of_means: float
    between_mean_square_root: float
    within_mean_square_root: float
    f: float
    p_value: float
    between_deviation: float
    within_deviation: float
    standard_uncertainty: float
    degrees_of_freedom: float
    standard_uncertainty_without: float
    degrees_of_freedom_without: float

    def critical_f(self, probability: float) -> float:
        """Return the F that is exceeded with 1 - probability without an effect between groups.

        Raises:
            InputError: the probability is not between 0 and 1.
        """
        from scipy.special import fdtri

        if not 0.0 < probability < 1.0:
            raise InputError(f"{probability} is no probability between 0 and 1")
        between, within = self.groups - 1, self.groups * (self.per_group - 1)
        return float(fdtri(between, within, probability))


def nested_anova(groups: Sequence[ArrayLike]) -> NestedAnova:
    """Analyse readings taken in groups: on J days, K readings a day.

    Args:
        groups: Readings of each group, all of one length K; 2 or more groups of 2 or more.

    Raises:
        InputError: groups of unequal length, too few, no numbers, or no scatter within them.

    Source: GUM H.5.2.
    """
    series = [np.asarray(group, dtype=np.float64) for group in groups]
    if len({values.shape for values in series}) != 1 or series[0].ndim != 1:
        raise InputError(
            "the groups have unequal numbers of readings",
            next_step="the balanced analysis needs equal ones: leave readings out at random",
        )
    table = np.stack(series)
    if table.shape[1] < LEAST:
        raise InputError("one reading per group cannot tell days from readings")
    return nested_anova_of_summaries(
        table.mean(axis=1), table.std(axis=1, ddof=1), per_group=table.shape[1]
    )


def nested_anova_of_summaries(
    means: ArrayLike, deviations: ArrayLike, *, per_group: int
) -> NestedAnova:
    """Analyse groups of which only mean and standard deviation are kept.

    Args:
        means: Mean of each group, shape (J,), J at least 2.
        deviations: Standard deviation of one reading within each group, shape (J,).
        per_group: Number K of readings in every group, at least 2.

    Raises:
        InputError: too few groups or readings, numbers that are no deviations, or no scatter
            within the groups.

    Source: GUM H.5.2: s_a^2 = K s^2 of the means (J - 1), s_b^2 = mean s^2 (J (K - 1)), s_B, s_W
    and u of the mean with the effect; all pooled (J K - 1) without it.
    """
    from scipy.special import fdtrc

    centre = np.asarray(means, dtype=np.float64)
    spread = np.asarray(deviations, dtype=np.float64)
    if centre.ndim != 1 or centre.shape != spread.shape or len(centre) < LEAST:
        raise InputError(
            f"{centre.size} means and {spread.size} standard deviations",
            next_step="give one of each for two or more groups",
        )
    if per_group < LEAST:
        raise InputError(f"{per_group} reading per group cannot tell days from readings")
    if not (np.all(np.isfinite(centre)) and np.all(np.isfinite(spread)) and np.all(spread >= 0.0)):
        raise InputError("a mean or a standard deviation of a group is no such number")
    j, k = len(centre), per_group
    variance_of_means = float(np.var(centre, ddof=1))
    between, within = k * variance_of_means, float(np.mean(spread**2))
    if within == 0.0:
        raise InputError(
            "readings within the groups do not scatter at all",
            next_step="the resolution hides the scatter: evaluate it as type B",
        )
    f = between / within
    pooled = ((j - 1) * between + j * (k - 1) * within) / (j * k - 1)
    return NestedAnova(
        mean=float(np.mean(centre)),
        groups=j,
        per_group=k,
        deviation_of_means=math.sqrt(variance_of_means),
        between_mean_square_root=math.sqrt(between),
        within_mean_square_root=math.sqrt(within),
        f=f,
        p_value=float(fdtrc(j - 1, j * (k - 1), f)),
        between_deviation=math.sqrt(max(0.0, between - within) / k),
        within_deviation=math.sqrt(within),
        standard_uncertainty=math.sqrt(variance_of_means / j),
        degrees_of_freedom=float(j - 1),
        standard_uncertainty_without=math.sqrt(pooled / (j * k)),
        degrees_of_freedom_without=float(j * k - 1),
    )
