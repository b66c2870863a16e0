"""Maximum likelihood of a coincidence peak over a flat background, with its uncertainty.

Inside: `PeakFit`, `fit_peak`, `fit_delays`.

The standard uncertainty comes from the observed information; beside it stands the Cramer-Rao bound
of the fitted peak. A fit that fails is returned with `valid` False and its reason, never hidden.
Whole picoseconds stand for their middle: a tagger rounds both times alike, and the mean delay is
not shifted by it.
Source: extended maximum likelihood, Barlow, Nucl. Instrum. Methods A 297, 496 (1990); goodness of
fit, Baker and Cousins, Nucl. Instrum. Methods 221, 437 (1984), Eq. 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.timing.peak_likelihood import (
    PeakData,
    expected_information,
    grid_edges,
    inverse,
)
from qtrace.physics.timing.peak_shape import EXPONENTIAL_TAIL, GAUSSIAN, PeakShape
from qtrace.physics.timing.peak_task import LEAST_PAIRS, PeakTask, best_peak, fault, goodness

Numbers = NDArray[np.float64]

START_BINS = 4096


@dataclass(frozen=True, slots=True)
class PeakFit:
    """A fitted peak; times in ps.

    `delay_ps` is `low_ps + from_low_ps`: the second keeps digits that a large delay would lose.
    `parameters` names the rows of `covariance` (observed information; delay, sigma, tail in ps,
    pairs, background per ps); what was known beforehand, or a background at its bound of zero, is
    not among them. `pairs` is the area of the whole peak, `counts` all delays in the window.
    `p_value` is that of the deviance between grouped counts and the fit.
    """

    delay_ps: float
    u_ps: float
    sigma_ps: float
    u_sigma_ps: float
    pairs: float
    u_pairs: float
    background_per_ps: float
    cramer_rao_ps: float
    tail_ps: float
    u_tail_ps: float
    parameters: tuple[str, ...]
    covariance: Numbers = field(compare=False)
    deviance: float
    degrees_of_freedom: int
    p_value: float
    counts: int
    low_ps: int
    width_ps: float
    from_low_ps: float
    shape: str
    valid: bool
    reason: str

    def require(self) -> PeakFit:
        """Return the fit.

        Raises:
            InputError: the fit failed.
        """
        if not self.valid:
            raise InputError(
                f"the peak could not be fitted: {self.reason}",
                where=f"delays from {self.low_ps} ps over {self.width_ps:g} ps, "
                f"{self.counts} counts",
                next_step="take a longer record or a narrower window around the peak",
            )
        return self


def _failed(task: PeakTask, shape: PeakShape, reason: str) -> PeakFit:
    nan = float("nan")
    return PeakFit(
        delay_ps=nan, u_ps=nan, sigma_ps=nan, u_sigma_ps=nan, pairs=nan, u_pairs=nan,
        background_per_ps=nan, cramer_rao_ps=nan, tail_ps=nan, u_tail_ps=nan,
        parameters=(), covariance=np.empty((0, 0)), deviance=nan, degrees_of_freedom=0,
        p_value=nan, counts=int(task.data.total), low_ps=task.low_ps, width_ps=task.data.width,
        from_low_ps=nan, shape=shape.name, valid=False, reason=reason,
    )  # fmt: skip


def _fitted(task: PeakTask, *, tail: bool) -> PeakFit:
    shape = EXPONENTIAL_TAIL if tail else GAUSSIAN
    if task.data.total < LEAST_PAIRS:
        return _failed(
            task, shape, f"{int(task.data.total)} delays in the window, fewer than {LEAST_PAIRS}"
        )
    shape, best = best_peak(task, tail=tail)
    covariance = best.covariance
    reason = fault(task, best, covariance)
    if covariance is None or reason:
        return _failed(task, shape, reason)
    offset = 0.0 if task.whole else float("nan")
    edges = grid_edges(best.parameters, task.data.width, offset=offset)
    if task.edges is not None:
        edges = task.edges
    bound = inverse(expected_information(shape, best.parameters, edges, best.free))
    deviance, freedom, p_value = goodness(task, shape, best, edges)
    names = np.array([*shape.parameters, "pairs", "background"])
    u = np.zeros(len(names))
    u[best.free] = np.sqrt(np.diag(covariance))
    found = best.parameters
    from_low = float(found[0]) + task.shift
    return PeakFit(
        delay_ps=task.low_ps + from_low,
        u_ps=float(u[0]),
        sigma_ps=float(found[1]),
        u_sigma_ps=float(u[1]),
        pairs=float(found[-2]),
        u_pairs=float(u[-2]),
        background_per_ps=float(found[-1]) if best.free[-1] else 0.0,
        cramer_rao_ps=float("nan") if bound is None else float(np.sqrt(bound[0, 0])),
        tail_ps=float(found[2]) if tail else 0.0,
        u_tail_ps=float(u[2]) if tail else 0.0,
        parameters=tuple(str(name) for name in names[best.free]),
        covariance=covariance,
        deviance=deviance,
        degrees_of_freedom=freedom,
        p_value=p_value,
        counts=int(task.data.total),
        low_ps=task.low_ps,
        width_ps=task.data.width,
        from_low_ps=from_low,
        shape=shape.name,
        valid=True,
        reason="",
    )


def _checked_sigma(known_sigma_ps: float | None) -> None:
    if known_sigma_ps is not None and not known_sigma_ps > 0.0:
        raise InputError(
            f"a known width of {known_sigma_ps} ps", where="known_sigma_ps", next_step="above zero"
        )


def fit_peak(
    counts: ArrayLike,
    *,
    low_ps: int,
    bin_ps: int,
    tail: bool = False,
    known_sigma_ps: float | None = None,
    resolution_ps: float = 1.0,
) -> PeakFit:
    """Fit a histogram of delays: Poisson counts, the peak integrated over each bin.

    Args:
        counts: Counts of each bin, shape (n,), as of `delay_histogram`.
        low_ps: Lower edge of the first bin.
        bin_ps: Width of a bin.
        tail: Whether the peak has an exponential tail (to either side).
        known_sigma_ps: Standard deviation of the peak where it is known; fitted otherwise.
        resolution_ps: Step of the delays: a bin of whole ps reaches from half a step below its
            lowest delay. 0 for delays that are not rounded.

    Raises:
        InputError: fewer than 8 bins, negative counts, or a width that is not positive.

    Source: Baker and Cousins (1984), Eq. 5, its maximum.
    """
    given = np.asarray(counts)
    if given.ndim != 1 or len(given) < 8 or bin_ps < 1:
        raise InputError(
            f"a histogram of shape {given.shape} with bins of {bin_ps} ps cannot be fitted",
            where="counts",
            next_step="give at least 8 bins of one dimension",
        )
    if given.dtype.kind not in "iu" or np.any(given < 0):
        raise InputError(
            "counts are not whole numbers from zero up", where="counts", next_step="give counts"
        )
    _checked_sigma(known_sigma_ps)
    whole = given.astype(np.int64)
    edges = np.arange(len(whole) + 1, dtype=np.float64) * bin_ps
    seen = np.flatnonzero(whole)
    data = PeakData(edges[seen], edges[seen + 1], whole[seen].astype(np.float64), float(edges[-1]))
    task = PeakTask(
        data, whole, float(bin_ps), int(low_ps), -resolution_ps / 2.0,
        0.25 * bin_ps, known_sigma_ps, edges, whole=True,
    )  # fmt: skip
    return _fitted(task, tail=tail)


def fit_delays(
    delays_ps: ArrayLike,
    *,
    low_ps: int,
    high_ps: int,
    tail: bool = False,
    known_sigma_ps: float | None = None,
) -> PeakFit:
    """Fit single delays, unbinned: the extended likelihood of a Poisson process.

    Best where pairs are few. Delays that a tagger rounds to more than a fifth of the width of the
    peak are fitted as a histogram with bins of that step instead.

    Args:
        delays_ps: Delays in ps, shape (n,); whole ones stand for their middle.
        low_ps: Lowest delay, inside; delays outside the window are left out.
        high_ps: Highest delay, outside.
        tail: Whether the peak has an exponential tail (to either side).
        known_sigma_ps: Standard deviation of the peak where it is known; fitted otherwise.

    Raises:
        InputError: an empty window, delays that are not numbers, or a width that is not positive.

    Source: Barlow (1990), extended maximum likelihood.
    """
    given = np.asarray(delays_ps)
    if given.ndim != 1 or given.dtype.kind not in "iuf":
        raise InputError(
            "delays are not numbers in one dimension", where="delays_ps", next_step="give ps"
        )
    if high_ps - low_ps < 8:
        raise InputError(
            f"a window from {low_ps} ps to {high_ps} ps is too narrow for a peak",
            where="low_ps, high_ps",
            next_step="take ten widths of the peak to each side",
        )
    _checked_sigma(known_sigma_ps)
    whole = given.dtype.kind in "iu"
    shift = -0.5 if whole else 0.0
    inside = given[(given >= low_ps) & (given < high_ps)]
    from_low = np.sort((inside - low_ps).astype(np.float64)) - shift
    width = float(high_ps - low_ps)
    bins = min(START_BINS, int(width))
    shown = np.histogram(from_low, bins=bins, range=(0.0, width))[0].astype(np.int64)
    data = PeakData(from_low, None, np.ones(len(from_low)), width)
    task = PeakTask(
        data, shown, width / bins, int(low_ps), shift, 0.25, known_sigma_ps, None, whole=whole
    )  # fmt: skip
    return _fitted(task, tail=tail)
