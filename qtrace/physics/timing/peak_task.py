"""What is fitted of a coincidence peak, where the fit begins, and whether it may be used.

Inside: `PeakTask`, `first_guess`, `best_peak`, `peak_ratio`, `fault`, `goodness`.
Source: goodness of fit, Baker and Cousins, Nucl. Instrum. Methods 221, 437 (1984), Eq. 5; ratio of
likelihoods, S. S. Wilks, Ann. Math. Statist. 9, 60 (1938).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, xlogy

from qtrace.physics.tags.box_search import BEST_WIDTH, best_box
from qtrace.physics.timing.peak_likelihood import Maximum, PeakData, expected_rows, maximise
from qtrace.physics.timing.peak_newton import newton_delays
from qtrace.physics.timing.peak_shape import EXPONENTIAL_TAIL, GAUSSIAN, PeakShape

Numbers = NDArray[np.float64]

# Pairs below which a peak is not fitted: the observed information is no longer near the truth.
LEAST_PAIRS = 8
# Root of twice the log-likelihood ratio against no peak, below which there is none to speak of: the
# peak was looked for at many places, so that 3 would often be reached by luck.
LEAST_RATIO = 5.0
# Expected counts of a cell of the goodness of fit, and most cells.
CELL = 10.0
MOST_CELLS = 60


@dataclass(frozen=True, slots=True)
class PeakTask:
    """What is fitted: the data, how it is shown in bins, and what is known."""

    data: PeakData
    start_counts: NDArray[np.int64]
    start_bin: float
    low_ps: int
    shift: float
    least_sigma: float
    known_sigma: float | None
    edges: Numbers | None
    whole: bool


def first_guess(task: PeakTask, *, tail: float) -> Numbers:
    """Return a first guess from the box that stands out most.

    Source: a Gaussian has 0.84 of its area inside 2.8 sigma.
    """
    box = best_box(task.start_counts)
    per_ps = box.background_per_bin / task.start_bin
    sigma = max(box.width * task.start_bin / BEST_WIDTH, 2.0 * task.least_sigma)
    if task.known_sigma is not None:
        sigma = task.known_sigma
    share = 0.84  # of a Gaussian peak inside the best box
    pairs = max((box.counts - box.background_per_bin * box.width) / share, 1.0)
    middle = box.centre * task.start_bin
    if tail == 0.0:
        return np.array([middle, sigma, pairs, per_ps])
    return np.array([middle - 0.5 * tail * sigma, 0.7 * sigma, tail * sigma, pairs, per_ps])


def goodness(
    task: PeakTask, shape: PeakShape, best: Maximum, edges: Numbers
) -> tuple[float, int, float]:
    """Return deviance, degrees of freedom and p of grouped cells.

    Source: Baker and Cousins (1984), Eq. 5.
    """
    expected, _ = expected_rows(shape, best.parameters, edges[:-1], edges[1:])
    if task.data.high is None:
        observed = np.histogram(task.data.low, bins=edges)[0].astype(np.float64)
    else:
        observed = np.zeros(len(expected))
        observed[np.searchsorted(edges, task.data.low + 1e-6) - 1] = task.data.weight
    cell = max(CELL, float(expected.sum()) / MOST_CELLS)
    group = np.floor(np.cumsum(expected) / cell).astype(np.int64)
    m = np.bincount(group, weights=expected)
    n = np.bincount(group, weights=observed)
    if m[-1] < CELL / 2.0 and len(m) > 1:  # what is left over at the end
        m[-2:-1] += m[-1]
        n[-2:-1] += n[-1]
        m, n = m[:-1], n[:-1]
    m, n = m[m > 0.0], n[m > 0.0]
    deviance = 2.0 * float(np.sum(m - n + xlogy(n, n / m)))
    freedom = len(m) - int(best.free.sum())
    return deviance, freedom, float(chdtrc(freedom, deviance)) if freedom > 0 else np.nan


def peak_ratio(task: PeakTask, best: Maximum) -> float:
    """Return the root of twice the log-likelihood ratio between the fit and background alone.

    Source: Wilks (1938).
    """
    total, width = task.data.total, task.data.width
    cells = np.ones(1) if task.data.high is None else task.data.high - task.data.low
    flat = total - float(np.sum(task.data.weight * np.log(cells * total / width)))
    return float(np.sqrt(2.0 * max(flat - best.loss, 0.0)))


def fault(task: PeakTask, best: Maximum, covariance: Numbers | None) -> str:
    """Return why a fit is not to be used, empty if it is.

    Source: limits of ours, named in the head of this module.
    """
    delay, sigma, pairs = best.parameters[0], best.parameters[1], best.parameters[-2]
    if covariance is None:
        return "the information matrix is not positive definite"
    if pairs < LEAST_PAIRS:
        return f"{pairs:.1f} pairs in the peak, fewer than {LEAST_PAIRS}"
    ratio = peak_ratio(task, best)
    if ratio < LEAST_RATIO:
        return f"no peak over this background: significance {ratio:.1f}, wanted {LEAST_RATIO:g}"
    if task.known_sigma is None and not best.free[1]:
        return f"the width went to its bound, {sigma:.3g} ps"
    if not 0.0 < delay < task.data.width:
        return "the peak went to the edge of the window"
    if sigma > 0.3 * task.data.width:
        return f"a peak of {sigma:.4g} ps does not fit into the window"
    if not best.gradient < 1e-2:
        return "the likelihood did not come to its maximum"
    return ""


def best_peak(task: PeakTask, *, tail: bool) -> tuple[PeakShape, Maximum]:
    """Return the shape and its maximum; a tail is tried to either side."""
    fixed = () if task.known_sigma is None else (1,)
    if not tail:
        start = first_guess(task, tail=0.0)
        if task.data.high is None:
            quick = newton_delays(
                task.data, start, least_sigma=task.least_sigma, sigma_known=bool(fixed)
            )
            if quick is not None:
                return GAUSSIAN, quick
        return GAUSSIAN, maximise(
            GAUSSIAN, task.data, start, least_sigma=task.least_sigma, fixed=fixed
        )
    both = [
        maximise(
            EXPONENTIAL_TAIL,
            task.data,
            first_guess(task, tail=side),
            least_sigma=task.least_sigma,
            fixed=fixed,
        )
        for side in (1.0, -1.0)
    ]
    return EXPONENTIAL_TAIL, min(both, key=lambda one: one.loss)
