"""Delay and frequency deviation of two clocks from their pairs, from a coarse peak to the record.

Inside: `Synchronized`, `find_frequency`.

Over a short window the peak of the coarse search is turned about: delays are drawn together for a
grid of slopes, and the sharpest wins. The window grows fourfold, and so on to the whole record, as
long as the uncertain slope smears the pairs over no more than a known number of bins: offsets of
1e-5 start with milliseconds. Then blocks of the compensated delays are fitted by maximum
likelihood, a weighted line through them corrects delay and slope, and this is repeated until
nothing moves. Times stay int64; what is compensated is the difference of two tags.
Source: Ho, Lamas-Linares, Kurtsiefer, New J. Phys. 11, 045011 (2009), for two windows and
compensation t / (1 + y); the grid of slopes is a Hough transform; the line is fitted by
JCGM 100:2008, H.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.box_search import BEST_WIDTH, best_box
from qtrace.physics.tags.coarse_search import CoarsePeak
from qtrace.physics.tags.delay_histogram import checked_times
from qtrace.physics.timing.delay_line import (
    DelayLine,
    FittedLine,
    LinePairs,
    fit_line,
    line_pairs,
)
from qtrace.physics.timing.peak_fit import PeakFit, fit_delays

Integers = NDArray[np.int64]

# Bins over which one stage lets the slope smear, and growth of the window from stage to stage.
SMEAR_BINS = 48
GROWTH = 4
# Ratio (see `Box`) below which a stage has lost the peak.
LEAST_RATIO = 5.0
MOST_STAGES = 40
MOST_TURNS = 12
# Window of the fits, in widths of the peak to either side.
WINDOW_SIGMA = 12.0
LEAST_BLOCKS = 4
MOST_BLOCKS = 64
PAIRS_PER_BLOCK = 50.0
# A peak inside what looks like one (a pedestal, a background that ends): widths tried, as shares,
# and the share of the width found below which it is one of its own.
INNER = (3.0, 9.0, 27.0, 81.0)
NARROW = 0.4
LEAST_REACH = 8.0


@dataclass(frozen=True, slots=True)
class Synchronized:
    """Delay of the second clock against the first, and how it runs.

    At a time t of the first clock the delay (second less first) is
    `base_ps + residual_ps + frequency_deviation (t - epoch_ps)`; base and epoch are whole. The
    frequency deviation holds the change of the path as well as that of the clocks. `covariance` is
    that of residual (ps) and frequency deviation. `smear_ps` is what the uncertainty of the
    frequency deviation moves over the record: below `sigma_ps`, the width of the peak. `p_value`
    judges the blocks against the line: a small one says that the clocks did not run evenly, and
    that both uncertainties, which count photons only, are too small. `peak_p_value` judges the
    delays of the whole record against a Gaussian over a flat background: a small one says that the
    delay moves with the background, see `qtrace.physics.timing.peak_moves`.
    """

    base_ps: int
    residual_ps: float
    u_delay_ps: float
    frequency_deviation: float
    u_frequency: float
    covariance: NDArray[np.float64] = field(compare=False)
    epoch_ps: int
    start_ps: int
    stop_ps: int
    iterations: int
    sigma_ps: float
    pairs: float
    background_per_ps: float
    blocks: int
    chi_square: float
    degrees_of_freedom: int
    p_value: float
    smear_ps: float
    peak_p_value: float

    @property
    def delay_ps(self) -> float:
        """Return the delay at the epoch; a large one loses digits here, see `residual_ps`."""
        return self.base_ps + self.residual_ps

    @property
    def line(self) -> DelayLine:
        """Return the line that the delay follows."""
        return DelayLine(self.epoch_ps, self.base_ps, self.residual_ps, self.frequency_deviation)


def _sharpest(
    pairs: LinePairs, *, window: float, slope_reach: float, reach: float, bin_ps: float
) -> tuple[float, float, float, float]:
    """Return shift, slope, width of the box and its ratio that draw pairs together best."""
    steps = int(np.ceil(slope_reach * window / bin_ps))
    bins = max(int(np.ceil(2.0 * reach / bin_ps)), 8)
    found = (0.0, 0.0, reach, -np.inf)
    for slope in np.arange(-steps, steps + 1) * (bin_ps / window):
        turned = pairs.off_line_ps - slope * pairs.since_ps
        place = np.floor((turned + reach) / bin_ps).astype(np.int64)
        place = place[(place >= 0) & (place < bins)]
        box = best_box(np.bincount(place, minlength=bins))
        if box.ratio > found[3]:
            found = (box.centre * bin_ps - reach, float(slope), box.width * bin_ps, box.ratio)
    return found


def _lost(ratio: float, window: float) -> InputError:
    return InputError(
        f"the peak was lost over a window of {window * 1e-12:.3g} s (significance {ratio:.1f})",
        where="find_frequency",
        next_step="the clocks may not run evenly, or the skew lies beyond the search: search "
        "again with a larger skew_limit, or take a shorter record",
    )


def _followed(first: Integers, second: Integers, peak: CoarsePeak) -> tuple[DelayLine, float, int]:
    """Return a line with no smear over the record, the width of the peak and the stages."""
    line = DelayLine(peak.epoch_ps, peak.delay_ps, 0.0, peak.frequency_deviation)
    reach = 2.0 * peak.resolution_ps
    slope_reach = max(2.0 * peak.frequency_resolution, 1e-15)
    stop = int(first[-1]) + 1
    window = min(peak.window_ps, stop - peak.epoch_ps)
    for stage in range(1, MOST_STAGES + 1):
        # A window in which the slope smears more than the delay is known would hide the peak.
        around = reach + slope_reach * window
        bin_ps = max(slope_reach * window / SMEAR_BINS, reach / SMEAR_BINS, 1.0)
        pairs = line_pairs(
            first, second, line,
            start_ps=peak.epoch_ps, stop_ps=peak.epoch_ps + window, reach_ps=2.0 * around,
        )  # fmt: skip
        shift, slope, width, ratio = _sharpest(
            pairs, window=window, slope_reach=slope_reach, reach=2.0 * around, bin_ps=bin_ps
        )
        if ratio < LEAST_RATIO:
            raise _lost(ratio, float(window))
        line = line.moved(shift, slope=slope)
        reach = width
        slope_reach = 2.0 * max(width, bin_ps) / window
        resolved = width > 3.0 * bin_ps or bin_ps <= 1.0
        if peak.epoch_ps + window >= stop and resolved:
            return line, width / BEST_WIDTH, stage
        if resolved or stage % 3 == 0:
            window = min(window * GROWTH, stop - peak.epoch_ps)
    raise _lost(0.0, float(window))


def _block_line(
    pairs: LinePairs, *, start: float, stop: float, sigma: float, reach: float, blocks: int
) -> tuple[FittedLine, int]:
    """Return the weighted line through the delays of equal blocks, and how many were fitted."""
    edges = np.linspace(start, stop, blocks + 1)
    since, value, u = [], [], []
    which = np.searchsorted(edges, pairs.since_ps, side="right") - 1
    for block in range(blocks):
        mine = which == block
        fit = fit_delays(
            pairs.off_line_ps[mine],
            low_ps=-int(reach),
            high_ps=int(reach),
            known_sigma_ps=sigma,
        )
        if fit.valid:
            since.append(float(np.mean(pairs.since_ps[mine])))
            value.append(fit.delay_ps)
            u.append(fit.u_ps)
    if len(since) < LEAST_BLOCKS - 1:
        raise InputError(
            f"{len(since)} of {blocks} blocks have a peak, too few for a line",
            where="find_frequency",
            next_step="take a longer record",
        )
    return fit_line(np.array(since), np.array(value), np.array(u)), len(since)


def find_frequency(
    first_ps: ArrayLike,
    second_ps: ArrayLike,
    *,
    start: CoarsePeak,
    epoch_ps: int | None = None,
    half_window_ps: float | None = None,
) -> Synchronized:
    """Find delay and frequency deviation over the whole record.

    Args:
        first_ps: Tags of the first station in ps, sorted, shape (n,).
        second_ps: Tags of the second station in ps, sorted, shape (m,).
        start: A found peak; its window and resolutions say where the search begins.
        epoch_ps: Time of the first clock at which the delay is stated; the middle of the record
            from the start of the peak's window unless said.
        half_window_ps: Window of the fits to either side; 12 widths of the peak unless said.

    Returns:
        The line and its uncertainties; the delay at the epoch is correlated with the frequency
        deviation unless the epoch is the middle.

    Raises:
        InputError: no peak to begin with, the peak lost on the way, too few pairs, or a frequency
            that does not settle.

    Source: Ho et al. (2009); JCGM 100:2008 (GUM), H.3.
    """
    start.require_peak()
    first = checked_times(first_ps, where="first stream")
    second = checked_times(second_ps, where="second stream")
    line, sigma, stages = _followed(first, second, start)
    begin, end = start.epoch_ps, int(first[-1]) + 1
    middle = (begin + end) // 2 if epoch_ps is None else int(epoch_ps)
    at_middle = float(line.residual_at(middle))
    line = DelayLine(middle, line.base_ps, at_middle, line.slope).moved(0.0)
    return _settled(first, second, line, (begin, end), (sigma, half_window_ps), stages)


def _inner(pairs: LinePairs, whole: PeakFit) -> tuple[float, float]:
    """Return shift and width of a narrower peak inside the one found; its own where there is none.

    A background that is flat only near the peak stands out like a peak itself. Windows ever
    narrower are fitted; what is narrow and states the delay better is the peak.
    """
    shift, sigma, u = whole.delay_ps, whole.sigma_ps, whole.u_ps
    for share in INNER:
        reach = int(WINDOW_SIGMA * whole.sigma_ps / share)
        if reach < LEAST_REACH:
            break
        off = pairs.off_line_ps - shift
        fit = fit_delays(off[np.abs(off) < reach], low_ps=-reach, high_ps=reach)
        if fit.valid and fit.sigma_ps < NARROW * sigma and fit.u_ps < u:
            shift, sigma, u = shift + fit.delay_ps, fit.sigma_ps, fit.u_ps
    return shift, sigma


def _settled(
    first: Integers,
    second: Integers,
    line: DelayLine,
    stretch: tuple[int, int],
    width: tuple[float, float | None],
    stages: int,
) -> Synchronized:
    """Return the line once block fits about it move it no more."""
    begin, end = stretch
    sigma, half_window = width
    for turn in range(1, MOST_TURNS + 1):
        reach = max(WINDOW_SIGMA * sigma if half_window is None else half_window, LEAST_REACH)
        pairs = line_pairs(
            first, second, line, start_ps=begin, stop_ps=end, reach_ps=float(int(reach))
        )
        whole = fit_delays(pairs.off_line_ps, low_ps=-int(reach), high_ps=int(reach)).require()
        found, used = _block_line(
            pairs,
            start=float(begin - line.epoch_ps),
            stop=float(end - line.epoch_ps),
            sigma=whole.sigma_ps,
            reach=reach,
            blocks=int(np.clip(whole.pairs / PAIRS_PER_BLOCK, LEAST_BLOCKS, MOST_BLOCKS)),
        )
        line = line.moved(found.value_ps, slope=found.slope)
        settled = abs(found.value_ps) < 0.05 * found.u_value_ps + 1e-3
        settled &= abs(found.slope) < 0.05 * found.u_slope
        settled &= abs(whole.sigma_ps - sigma) < 0.05 * sigma
        sigma = whole.sigma_ps
        settled &= found.u_slope * (end - begin) < sigma
        if settled and half_window is None:
            shift, narrow = _inner(pairs, whole)
            if narrow < NARROW * sigma:
                line, sigma, settled = line.moved(shift), narrow, False
        if settled:
            return _stated(line, found, whole, stretch=stretch, turns=stages + turn, blocks=used)
    raise InputError(
        "the frequency deviation does not settle",
        where="find_frequency",
        next_step="too few pairs for this record: take a longer one, or shorter blocks of it",
    )


def _stated(
    line: DelayLine,
    found: FittedLine,
    whole: PeakFit,
    *,
    stretch: tuple[int, int],
    turns: int,
    blocks: int,
) -> Synchronized:
    """Return what was found as one record."""
    return Synchronized(
        base_ps=line.base_ps,
        residual_ps=line.residual_ps,
        u_delay_ps=found.u_value_ps,
        frequency_deviation=line.slope,
        u_frequency=found.u_slope,
        covariance=found.covariance,
        epoch_ps=line.epoch_ps,
        start_ps=stretch[0],
        stop_ps=stretch[1],
        iterations=turns,
        sigma_ps=whole.sigma_ps,
        pairs=whole.pairs,
        background_per_ps=whole.background_per_ps,
        blocks=blocks,
        chi_square=found.chi_square,
        degrees_of_freedom=found.degrees_of_freedom,
        p_value=found.p_value,
        smear_ps=found.u_slope * (stretch[1] - stretch[0]),
        peak_p_value=whole.p_value,
    )
