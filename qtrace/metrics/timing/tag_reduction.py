"""From the tags of two stations to offsets B - A: search, frequency, block by block.

Inside: `StationTags`, `TagSettings`, `reduce_tags`.

Where two delays make an offset, both are cut into the same blocks of the clock of A and combined
block by block: what is common to them, the fibre's temperature first of all, cancels there and is
no part of the scatter.
Source: the steps are those of `qtrace.physics.timing`; combinations are those of its `two_way`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, QtraceError
from qtrace.metrics.timing.offset_record import OffsetRecord, Peak
from qtrace.physics.tags.coarse_search import CoarsePeak, coarse_search
from qtrace.physics.timing.delay_line import line_pairs
from qtrace.physics.timing.frequency_search import Synchronized, find_frequency
from qtrace.physics.timing.offset_series import OffsetSeries, offset_series
from qtrace.physics.timing.peak_fit import fit_peak
from qtrace.physics.timing.peak_moves import GAIN, NOT_GAUSSIAN, peak_moves
from qtrace.physics.timing.two_way import (
    indicated_round_trip,
    indicated_two_way,
    path_of_both_ways,
    round_trip_variance,
    two_way_variance,
)

Integers = NDArray[np.int64]
Array = NDArray[np.float64]
PS = 1e-12
# A jump: a step between blocks of this many widths of the peak, and of its uncertainty.
JUMP_WIDTHS, JUMP_U = 2.0, 8.0
# What is drawn of a peak: bins in its width, and widths to either side.
BINS_IN_SIGMA, DRAWN_SIGMA = 4, 10
# Share of valid blocks below which those that are left were selected by their noise.
LEAST_VALID = 0.8


@dataclass(frozen=True, slots=True)
class StationTags:
    """Tags of one station by what the channel carries, int64 ps of its own clock."""

    channels: Mapping[str, Integers]


@dataclass(frozen=True, slots=True)
class TagSettings:
    """How tags are reduced, in s; `skew` is the largest frequency deviation that is searched.

    The run starts where the clock of A reads zero if `from_zero`, else with the first tag of A.
    """

    block_s: float
    search_s: float
    window_s: float
    skew: float
    from_zero: bool = False


@dataclass(frozen=True, slots=True)
class _Delay:
    """One delay through the whole record."""

    label: str
    first: Integers
    second: Integers
    coarse: CoarsePeak
    line: Synchronized


def reduce_tags(
    comparison: str,
    a: StationTags,
    b: StationTags,
    settings: TagSettings,
    *,
    progress: Callable[[str], None],
) -> OffsetRecord:
    """Return the offsets B - A of a run.

    Args:
        comparison: "one_way", "two_way" or "round_trip".
        a: Station A: channels local and, as the comparison asks, received or returned.
        b: Station B: channels received and, in two ways, local.
        settings: Block, search and window.
        progress: Takes messages about long work.

    Raises:
        InputError: no peak (with its significance), skew beyond the search, a record that is
            shorter than three blocks.
    """
    delays = [_delay("A to B", a.channels["local"], b.channels["received"], settings, progress)]
    if comparison == "two_way":
        # On the clock of A as well: received there, less sent from B, turned round.
        delays.append(
            _delay("B to A", a.channels["received"], b.channels["local"], settings, progress)
        )
    elif comparison == "round_trip":
        delays.append(
            _delay("A to A", a.channels["local"], a.channels["returned"], settings, progress)
        )
    progress("offsets block by block")
    series = _on_one_grid(delays, settings)
    return _record(comparison, series, delays, settings)


def _delay(
    label: str,
    first: Integers,
    second: Integers,
    settings: TagSettings,
    progress: Callable[[str], None],
) -> _Delay:
    """Search one delay and follow it over the record."""
    progress(f"searching the peak {label}")
    try:
        coarse = coarse_search(
            first, second, span_ps=round(settings.search_s / PS), skew_limit=settings.skew
        ).require_peak()
        line = find_frequency(first, second, start=coarse, half_window_ps=_window(settings))
    except QtraceError as error:
        raise error.located(f"pairs {label}") from None
    return _Delay(label, first, second, coarse, line)


def _on_one_grid(delays: list[_Delay], settings: TagSettings) -> list[OffsetSeries]:
    """Cut all delays into the same blocks of the clock of A."""
    block = round(settings.block_s / PS)
    start = max(one.line.start_ps for one in delays)
    stop = min(one.line.stop_ps for one in delays)
    if stop - start < 3 * block:
        raise InputError(
            f"the common record of {(stop - start) * PS:.4g} s holds fewer than three blocks of "
            f"{settings.block_s:g} s",
            where="[tags], block",
            next_step="take shorter blocks or a longer record",
        )
    return [
        offset_series(
            one.first,
            one.second,
            block_ps=block,
            start=replace(one.line, start_ps=start, stop_ps=stop),
            half_window_ps=_window(settings),
        )
        for one in delays
    ]


def _window(settings: TagSettings) -> float | None:
    """Return the window of the fits to either side, ps; None leaves it to the peak."""
    return min(settings.window_s / PS, 1e9) if settings.window_s else None


def _record(
    comparison: str, series: list[OffsetSeries], delays: list[_Delay], settings: TagSettings
) -> OffsetRecord:
    """Combine the delays of each block into an offset."""
    values = [_valid(one) for one in series]
    offset, path = _combined(comparison, values)
    bases = [np.asarray(one.base_ps, dtype=np.float64) for one in series]
    base, path_base = _combined(comparison, bases)
    variances = [np.square(np.where(one.valid, one.u_ps, 0.0)) for one in series]
    variance, path_variance = _variances(comparison, variances)
    trip = None
    if comparison == "round_trip":
        trip = _mean(series[1])
    epochs = series[0].epoch_ps
    start = 0 if settings.from_zero else min(int(one.first[0]) for one in delays)
    return OffsetRecord(
        settings.block_s,
        np.asarray((epochs - start) * PS, dtype=np.float64),
        offset * PS,
        np.where(np.isfinite(offset), np.sqrt(variance), math.nan) * PS,
        base_s=float(base) * PS,
        round_trip_s=trip,
        peaks=tuple(_peak(one) for one in delays),
        flags=tuple(
            flag for one, of in zip(series, delays, strict=True) for flag in _flags(one, of)
        ),
        pairs=np.minimum.reduce([one.pairs for one in series]),
        path_s=path * PS,
        u_path_s=np.where(np.isfinite(path), np.sqrt(path_variance), math.nan) * PS,
        path_base_s=float(path_base) * PS if path.size else 0.0,
    )


def _combined(comparison: str, delays: list[Array]) -> tuple[Array, Array]:
    """Return offset and path there and back; the path of one way is empty.

    In two ways the second delay is on the clock of A as well: that from B to A, turned round.
    """
    if comparison == "two_way":
        ab, ba = delays[0], -delays[1]
        return (
            np.asarray(indicated_two_way(delay_ab=ab, delay_ba=ba)),
            np.asarray(path_of_both_ways(delay_ab=ab, delay_ba=ba)),
        )
    if comparison == "round_trip":
        ab, trip = delays
        return np.asarray(indicated_round_trip(delay_ab=ab, round_trip_delay=trip)), trip
    return delays[0], np.empty(0)


def _variances(comparison: str, delays: list[Array]) -> tuple[Array, Array]:
    """Return the variances of offset and path; the delays count as independent."""
    if comparison == "two_way":
        half = np.asarray(two_way_variance(variance_ab=delays[0], variance_ba=delays[1]))
        return half, 4.0 * half
    if comparison == "round_trip":
        ab, trip = delays
        both = round_trip_variance(variance_ab=ab, variance_round_trip=trip)
        return np.asarray(both), trip
    return delays[0], np.empty(0)


def _valid(one: OffsetSeries) -> NDArray[np.float64]:
    """Return the delays less their base; blocks that are not valid are gaps."""
    return np.where(one.valid, one.residual_ps, math.nan)


def _mean(one: OffsetSeries) -> tuple[float, float]:
    """Return the mean of a delay and its u from the scatter of the blocks, s."""
    given = _valid(one)
    n = int(np.count_nonzero(np.isfinite(given)))
    if n < 2:
        raise InputError("fewer than two blocks of the round trip are valid", where="round trip")
    mean = float(np.nanmean(given))
    u = float(np.nanstd(given, ddof=1)) / math.sqrt(n)
    return (one.base_ps + mean) * PS, u * PS


def _flags(one: OffsetSeries, of: _Delay) -> list[str]:
    """Return what a reader must know of a delay."""
    flags = []
    wrong = [reason for reason in one.reason if reason]
    if wrong:
        kinds = ", ".join(sorted(set(wrong)))
        flags.append(f"{of.label}: {len(wrong)} of {len(one.reason)} blocks left out: {kinds}")
    if np.count_nonzero(one.valid) < LEAST_VALID * len(one.reason):
        flags.append(
            f"{of.label}: {np.count_nonzero(one.valid)} of {len(one.reason)} blocks are valid: the "
            "blocks that were kept are those whose peak stood out by luck: u is too small; take "
            "longer blocks"
        )
    return [*flags, *_jumps(one, of), *_moving(of)]


def _jumps(one: OffsetSeries, of: _Delay) -> list[str]:
    """Return where the delay jumps from block to block, beside its line; the largest by its time.

    The width of a peak is that of single blocks: over a record with a jump it is smeared.
    """
    if np.count_nonzero(one.valid) < 3:
        return []
    since = one.epoch_ps - one.epoch_ps[0]
    beside = one.residual_ps - of.line.frequency_deviation * since
    steps = np.diff(beside)
    u = np.hypot(one.u_ps[1:], one.u_ps[:-1])
    width = float(np.median(one.sigma_ps[one.valid]))
    both = one.valid[1:] & one.valid[:-1]
    # The line leans into a jump; the usual step is what it leaves over.
    usual = float(np.median(steps[both])) if both.any() else 0.0
    far = both & (np.abs(steps - usual) > np.maximum(JUMP_WIDTHS * width, JUMP_U * u))
    if not far.any():
        return []
    k = int(np.argmax(np.where(far, np.abs(steps - usual), 0.0)))
    at = (one.epoch_ps[k] - one.epoch_ps[0]) * PS + one.block_ps * PS
    return [
        f"{of.label}: the delay jumps by {steps[k] - usual:.4g} ps {at:.4g} s after the first "
        f"block, and {np.count_nonzero(far)} times in all: one line does not hold"
    ]


def _moving(of: _Delay) -> list[str]:
    """Return what a peak that is not Gaussian does to the delay; nothing where it is one."""
    moves = peak_moves(of.first, of.second, found=of.line)
    tail = moves is not None and moves.gain > GAIN
    if not (tail or of.line.peak_p_value < NOT_GAUSSIAN):
        return []
    much = "by what this record does not tell"
    if moves is not None:
        much = f"by up to {moves.most_ps:.2g} ps (here {moves.here_ps:+.2g} ps from its mean)"
    return [
        f"{of.label}: the peak is not Gaussian: the delay moves with the background {much}; "
        "calibrate station delays with the same detectors, at the same background"
    ]


def _peak(one: _Delay) -> Peak:
    """Return the histogram of a delay along its line, with the fit, to be looked at."""
    line = one.line
    width = max(1, round(line.sigma_ps / BINS_IN_SIGMA))
    half = width * math.ceil(DRAWN_SIGMA * line.sigma_ps / width)
    pairs = line_pairs(
        one.first,
        one.second,
        line.line,
        start_ps=line.start_ps,
        stop_ps=line.stop_ps,
        reach_ps=float(half),
    )
    edges = np.arange(-half, half + 1, width, dtype=np.float64)
    counts = np.histogram(pairs.off_line_ps, bins=edges)[0].astype(np.int64)
    fit = fit_peak(counts, low_ps=-half, bin_ps=width, resolution_ps=0.0)
    middle = (edges[:-1] + edges[1:]) / 2.0
    shape = np.exp(-0.5 * np.square((middle - fit.delay_ps) / fit.sigma_ps))
    density = fit.pairs / (fit.sigma_ps * math.sqrt(2.0 * math.pi))
    return Peak(
        one.label,
        around_ps=float(line.delay_ps),
        low_ps=float(-half),
        bin_ps=float(width),
        counts=counts,
        fitted=width * (density * shape + fit.background_per_ps),
        delay_ps=line.delay_ps,
        u_ps=line.u_delay_ps,
        sigma_ps=fit.sigma_ps,
        pairs=fit.pairs,
        background_per_bin=fit.background_per_ps * width,
        cramer_rao_ps=fit.cramer_rao_ps,
        significance=one.coarse.significance,
    )
