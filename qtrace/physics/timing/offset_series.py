"""The delay of two stations block by block, with what each block is worth.

Inside: `OffsetSeries`, `offset_series`.

Each block is fitted by maximum likelihood about the line found for the record, and followed from
block to block. The delay is the centre of the Gaussian that is likeliest; of a peak with a tail it
moves with the background (`qtrace.physics.timing.peak_moves`). The skew stays in the series; the
line through it is at hand. A block with too few pairs, without a peak, or after a jump is kept in
its place and marked, so that gaps stay gaps.
Memory: beside the streams, one million compensated tags at a time, and the pairs of one block.
Source: block delays as in Ho, Lamas-Linares, Kurtsiefer, New J. Phys. 11, 045011 (2009); the fit is
that of `qtrace.physics.timing.peak_fit`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.delay_histogram import checked_times
from qtrace.physics.timing.delay_line import DelayLine, FittedLine, fit_line, line_pairs
from qtrace.physics.timing.frequency_search import WINDOW_SIGMA, Synchronized
from qtrace.physics.timing.peak_fit import PeakFit, fit_delays

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]

# Pairs from which a block fits its own width; below, that of the whole record is taken.
OWN_WIDTH_PAIRS = 200
# A jump: further from the last block than this many widths of the peak, and uncertainties.
JUMP_SIGMA = 5.0
JUMP_U = 6.0
# Where a block has no peak near the last one, this many windows are searched.
WIDER = 8
MOST_BLOCKS = 1_000_000


@dataclass(frozen=True, slots=True)
class OffsetSeries:
    """Delay of each block at its middle; NaN where there is none.

    The delay is `base_ps` (whole) plus `residual_ps`; the skew is in it. `valid` is False where
    `reason` says something: too few pairs, a failed fit, or a jump since the last block (its delay
    is kept). Times `epoch_ps` are of the first clock and `block_ps` apart: gaps stay in place.
    """

    epoch_ps: Integers = field(compare=False)
    base_ps: int
    residual_ps: Numbers = field(compare=False)
    u_ps: Numbers = field(compare=False)
    pairs: Numbers = field(compare=False)
    background_per_ps: Numbers = field(compare=False)
    sigma_ps: Numbers = field(compare=False)
    valid: NDArray[np.bool_] = field(compare=False)
    reason: tuple[str, ...]
    block_ps: int

    @property
    def delay_ps(self) -> Numbers:
        """Return the delays; large ones lose digits here, see `residual_ps`."""
        return self.base_ps + self.residual_ps

    def fitted_line(self) -> tuple[DelayLine, FittedLine]:
        """Return the weighted line through the valid blocks, about the middle of the series.

        Raises:
            InputError: fewer than two valid blocks.

        Source: JCGM 100:2008 (GUM), H.3.
        """
        if not self.valid.any():
            raise InputError(
                "no block is valid", where="offset_series", next_step="take longer blocks"
            )
        middle = int(self.epoch_ps[0] + self.epoch_ps[-1]) // 2
        since = (self.epoch_ps[self.valid] - middle).astype(np.float64)
        fitted = fit_line(since, self.residual_ps[self.valid], self.u_ps[self.valid])
        return DelayLine(middle, self.base_ps, fitted.value_ps, fitted.slope), fitted


@dataclass(frozen=True, slots=True)
class _Streams:
    first: Integers
    second: Integers
    sigma: float
    reach: float
    least_pairs: int


def _fit_near(
    streams: _Streams, line: DelayLine, start: int, stop: int, *, reach: float, known: bool
) -> PeakFit:
    """Return the fit of a block's delays off a line."""
    pairs = line_pairs(
        streams.first, streams.second, line, start_ps=start, stop_ps=stop, reach_ps=reach
    )
    sigma = streams.sigma if known else None
    return fit_delays(
        pairs.off_line_ps, low_ps=-int(reach), high_ps=int(reach), known_sigma_ps=sigma
    )


def _block(streams: _Streams, line: DelayLine, start: int, stop: int) -> tuple[PeakFit, float]:
    """Return the fit of one block and the level about which it was made."""
    fit = _fit_near(streams, line, start, stop, reach=streams.reach, known=True)
    level = 0.0
    if not fit.valid:
        wide = _fit_near(streams, line, start, stop, reach=WIDER * streams.reach, known=True)
        if not wide.valid:
            return fit, 0.0
        level = wide.delay_ps
        fit = _fit_near(streams, line.moved(level), start, stop, reach=streams.reach, known=True)
    if fit.valid and fit.pairs >= OWN_WIDTH_PAIRS:
        own = _fit_near(streams, line.moved(level), start, stop, reach=streams.reach, known=False)
        if own.valid:
            fit = own
    return fit, level


def offset_series(
    first_ps: ArrayLike,
    second_ps: ArrayLike,
    *,
    block_ps: int,
    start: Synchronized,
    half_window_ps: float | None = None,
    least_pairs: int = 10,
    jump_ps: float | None = None,
) -> OffsetSeries:
    """Return the delay block by block.

    Args:
        first_ps: Tags of the first station in ps, sorted, shape (n,).
        second_ps: Tags of the second station in ps, sorted, shape (m,).
        block_ps: Length of a block on the first clock; only complete blocks count.
        start: The line found for the record; blocks lie in its stretch.
        half_window_ps: Window of the fits to either side of the last block's level; 12 widths of
            the peak unless said.
        least_pairs: Pairs below which a block is not valid.
        jump_ps: Step from block to block (beside the line) that counts as a jump; 5 widths of the
            peak unless said.

    Raises:
        InputError: unsorted streams, or blocks that are longer than the record or too many.

    Source: Ho et al. (2009), block by block.
    """
    blocks = (start.stop_ps - start.start_ps) // block_ps if block_ps > 0 else 0
    if not 1 <= blocks <= MOST_BLOCKS:
        raise InputError(
            f"blocks of {block_ps} ps cut the record of {start.stop_ps - start.start_ps} ps "
            f"into {blocks}",
            where="block_ps",
            next_step=f"take from one to {MOST_BLOCKS} blocks",
        )
    reach = WINDOW_SIGMA * start.sigma_ps if half_window_ps is None else half_window_ps
    streams = _Streams(
        checked_times(first_ps, where="first stream"),
        checked_times(second_ps, where="second stream"),
        start.sigma_ps,
        float(int(max(reach, 8.0))),
        least_pairs,
    )
    jump = JUMP_SIGMA * start.sigma_ps if jump_ps is None else jump_ps
    edges = start.start_ps + block_ps * np.arange(blocks + 1, dtype=np.int64)
    return _followed(streams, start.line, edges, jump)


def _followed(streams: _Streams, line: DelayLine, edges: Integers, jump: float) -> OffsetSeries:
    """Return the series, each block fitted about the level of the last one that had a peak."""
    blocks = len(edges) - 1
    columns = np.full((5, blocks), np.nan)
    valid = np.zeros(blocks, dtype=bool)
    reasons = []
    epoch = edges[:-1] + (edges[1] - edges[0]) // 2
    level, last, u_last = 0.0, None, 0.0
    for at in range(blocks):
        about = line.moved(level)
        fit, aside = _block(streams, about, int(edges[at]), int(edges[at + 1]))
        if not fit.valid:
            reasons.append(fit.reason)
            columns[2, at] = fit.pairs
            continue
        off = level + aside + fit.delay_ps
        delay = float(line.residual_at(epoch[at])) + off
        columns[:, at] = (delay, fit.u_ps, fit.pairs, fit.background_per_ps, fit.sigma_ps)
        bound = max(jump, JUMP_U * float(np.hypot(fit.u_ps, u_last)))
        if fit.pairs < streams.least_pairs:
            reasons.append(f"{fit.pairs:.1f} pairs, fewer than {streams.least_pairs}")
            continue
        if last is not None and abs(off - last) > bound:
            reasons.append(f"jump of {off - last:.4g} ps since the last block")
        else:
            reasons.append("")
            valid[at] = True
        level, last, u_last = off, off, fit.u_ps
    return OffsetSeries(
        epoch_ps=epoch,
        base_ps=line.base_ps,
        residual_ps=columns[0],
        u_ps=columns[1],
        pairs=columns[2],
        background_per_ps=columns[3],
        sigma_ps=columns[4],
        valid=valid,
        reason=tuple(reasons),
        block_ps=int(edges[1] - edges[0]),
    )
