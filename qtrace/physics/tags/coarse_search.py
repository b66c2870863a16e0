"""Where two streams of tags correlate: a folded search by FFT, then the true delays around it.

Inside: `CoarsePeak`, `coarse_search`.

Step one folds both streams to a power of two of bins of 2^15 ps and correlates them by FFT: the
place of a peak modulo the fold. Step two counts true delays (not folded, so without the accidentals
of all other folds) around that place in bins of about 1 ns, and around its aliases if there is
nothing: this settles the ambiguity of the fold and the delay to about a nanosecond. Where nothing
is found, the fold is made longer (its significance grows as the root of the bins), and, with a
`skew_limit`, a grid of frequency offsets is tried over a window short enough.
Source: Ho, Lamas-Linares, Kurtsiefer, New J. Phys. 11, 045011 (2009), for the folded search;
significance p sqrt(bins), p = pairs / sqrt(Na Nb), from the variance Na Nb / bins of a folded
correlation of independent streams. The second step by direct counting is ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.box_search import best_box
from qtrace.physics.tags.delay_histogram import checked_times, delay_histogram
from qtrace.physics.tags.direct_search import differences, direct_peak
from qtrace.physics.tags.folded_correlation import (
    Integers,
    Stretch,
    false_alarm,
    folded_peak,
    threshold,
)

COARSE_SHIFT = 15  # bins of 2^15 ps = 32.768 ns
FINE_PS = 1024
# Bins of the folds tried one after the other, as powers of two: 34 ms, 137 ms, 550 ms.
FOLDS = (20, 22, 24)
# Tags of one stream that enter: beyond the fold a longer record does not make it more significant.
MOST_TAGS = 4_000_000
# Frequency offsets tried at most, over a window so short that none between two is lost.
MOST_SKEWS = 65
# Folds to either side whose delays are looked at.
ALIASES = 8
# Shorter windows tried, as shares, to tell a skew beyond the search from no correlation.
SHORT = (16, 256, 4096)
LEAST_TAGS = 8
# True delays counted at most, about a second of work, and how many are so few that they are
# counted before skews are tried; bins of 2^10 ps, wider ones where there would be more of them.
MOST_DIFFERENCES = 4e8
CHEAP_DIFFERENCES = 4e7
FINE_SHIFT = 10
MOST_FINE = 1 << 21


@dataclass(frozen=True, slots=True)
class CoarsePeak:
    """What the search found, or the best it saw if `found` is False.

    `delay_ps` (second less first) holds at `epoch_ps` of the first clock, within `resolution_ps`
    to either side; at other times it runs on with `frequency_deviation`, known within
    `frequency_resolution`, as seen over `window_ps`. `significance` is in standard deviations of
    one bin and `threshold` what the greatest of all `bins` (places, times frequencies tried) would
    exceed with the stated false alarm probability; `false_alarm_probability` that of this peak.
    """

    delay_ps: int
    significance: float
    threshold: float
    bins: int
    found: bool
    false_alarm_probability: float
    resolution_ps: int
    epoch_ps: int
    window_ps: int
    frequency_deviation: float
    frequency_resolution: float
    skew_limit: float
    note: str = ""

    def require_peak(self) -> CoarsePeak:
        """Return the peak.

        Raises:
            InputError: none was found; the significance is said.
        """
        if not self.found:
            seen = f"significance {self.significance:.2f} over {self.bins} bins, "
            seen += f"{self.threshold:.2f} is wanted"
            what = f"no correlation peak: {seen} (chance {self.false_alarm_probability:.2g})"
            if self.significance > self.threshold:
                what = f"the streams are correlated ({seen}), but at no single delay: the skew of "
                what += "the clocks lies beyond the search"
            step = "check channels, search further or with more skew, or record longer"
            raise InputError(what, where=self.note, next_step=step)
        return self


def _overlap(first: Integers, second: Integers, centre: int, span: int) -> tuple[int, int]:
    """Return the stretch of the first clock in which pairs can lie."""
    start = max(int(first[0]), int(second[0]) - centre - span)
    stop = min(int(first[-1]), int(second[-1]) - centre + span) + 1
    if stop - start < 2:
        raise InputError(
            f"the streams do not overlap within {span} ps of a delay of {centre} ps",
            where=f"first from {first[0]} ps to {first[-1]} ps, "
            f"second from {second[0]} ps to {second[-1]} ps",
            next_step="state the zero of both files, or search further: starts may differ by hours",
        )
    return start, stop


def _stretch(
    first: Integers, second: Integers, centre: int, span: int, window: tuple[int, int]
) -> Stretch:
    """Return the tags of a window of the first clock, and those that can belong to them."""
    start, stop = window
    a = first[np.searchsorted(first, start) : np.searchsorted(first, stop)]
    low, high = start + centre - span, stop + centre + span
    b = second[np.searchsorted(second, low) : np.searchsorted(second, high)]
    return Stretch(a, b, start, stop, centre, span)


def _limited(
    first: Integers, second: Integers, centre: int, window: tuple[int, int]
) -> tuple[int, int]:
    """Return the window cut to the most tags that enter."""
    start, stop = window
    for times, shift in ((first, 0), (second, centre)):
        at = int(np.searchsorted(times, start + shift)) + MOST_TAGS
        if at < len(times):
            stop = min(stop, int(times[at]) - shift)
    return start, max(stop, start + 2)


def _true_delay(
    part: Stretch,
    place: int,
    *,
    fold: int,
    width: int,
    skew: float,
    probability: float,
    aliases: int = ALIASES,
) -> tuple[int, int] | None:
    """Return delay and resolution of true delays at a place or one of its aliases."""
    second = part.compensated(skew)
    reach = max(8 * width, 64 * FINE_PS)
    reach -= reach % FINE_PS
    for alias in sorted(range(-aliases, aliases + 1), key=abs):
        delay = part.centre + place + alias * fold
        counts = delay_histogram(
            part.first, second, low_ps=delay - reach, high_ps=delay + reach, bin_ps=FINE_PS
        )
        box = best_box(counts, most_width=len(counts) // 2)
        tries = box.boxes * (2 * aliases + 1)
        # Chernoff's bound: a Poisson number reaches a ratio r with probability exp(-r^2 / 2).
        if box.counts >= 3 and box.ratio > np.sqrt(2.0 * np.log(tries / probability)):
            at = delay - reach + round(box.centre * FINE_PS)
            # The skew was taken out from the expected delay on, not from the true one.
            at += round(skew * (at - part.centre))
            return at, max(FINE_PS, box.width * FINE_PS // 2)
    return None


def _search(
    part: Stretch, *, fold_bits: int, shift: int, skews: NDArray[np.float64], probability: float
) -> CoarsePeak:
    """Return the best peak of one stretch over a grid of frequency offsets; no bits: no fold."""
    if fold_bits:
        seen = folded_peak(part, bits=fold_bits, shift=shift, skews=skews)
    else:
        seen = direct_peak(part, shift=shift, skews=skews)
    wanted = threshold(seen.expected, seen.trials, probability)
    chance = false_alarm(seen.significance, seen.expected, seen.trials)
    window = part.stop - part.start
    bin_ps = 1 << shift
    peak = CoarsePeak(
        delay_ps=part.centre + seen.place,
        significance=seen.significance,
        threshold=wanted,
        bins=seen.trials,
        found=False,
        false_alarm_probability=chance,
        resolution_ps=bin_ps,
        epoch_ps=part.start,
        window_ps=window,
        frequency_deviation=seen.skew,
        frequency_resolution=2.0 * bin_ps / window,
        skew_limit=float(np.max(np.abs(skews))),
    )
    if chance > probability:
        return replace(peak, note="no place of the fold stands out")
    step = float(skews[1] - skews[0]) if len(skews) > 1 else 0.0
    width = bin_ps + int(step * window)
    true = _true_delay(
        part, seen.place, fold=bin_ps << fold_bits, width=width, skew=seen.skew,
        probability=probability, aliases=ALIASES if fold_bits else 0,
    )  # fmt: skip
    if true is None:
        return replace(peak, note="the peak of the fold is no single true delay")
    delay, resolution = true
    frequency_resolution = step / 2.0 + 2.0 * resolution / window
    resolution += int(abs(delay - part.centre) * frequency_resolution)
    outside = abs(delay - part.centre) > part.span
    return replace(
        peak,
        delay_ps=delay,
        resolution_ps=resolution,
        frequency_resolution=frequency_resolution,
        found=True,
        note="outside the span, seen as an alias of the fold" if outside else "",
    )


def coarse_search(
    first_ps: ArrayLike,
    second_ps: ArrayLike,
    *,
    span_ps: int = 10_000_000_000,
    centre_ps: int = 0,
    skew_limit: float = 0.0,
    probability: float = 1e-4,
) -> CoarsePeak:
    """Search the delay of the second stream against the first.

    Args:
        first_ps: Tags of the first station in ps, sorted, shape (n,).
        second_ps: Tags of the second station in ps, sorted, shape (m,).
        span_ps: Delays searched, to either side of the centre.
        centre_ps: Expected delay, as from the clocks' own settings.
        skew_limit: Largest frequency deviation (second against first clock) tried, at most 1e-3;
            0 tries none, which finds a peak as long as it does not smear over many bins.
        probability: False alarm probability of the whole search.

    Returns:
        The peak; `found` is False, with the best significance, where none stands out.

    Raises:
        InputError: unsorted or short streams, no overlap, limits that are not sensible.
    """
    if not 0.0 < probability < 0.5 or not 0.0 <= skew_limit <= 1e-3 or span_ps < 1_000_000:
        raise InputError(
            f"a search over {span_ps} ps and skews to {skew_limit} at probability {probability}",
            where="coarse_search",
            next_step="span from 1 us, skew from 0 to 1e-3, probability below 0.5",
        )
    first = checked_times(first_ps, where="first stream")
    second = checked_times(second_ps, where="second stream")
    if min(len(first), len(second)) < LEAST_TAGS:
        raise InputError(
            f"{len(first)} and {len(second)} tags are too few to search",
            where="coarse_search",
            next_step="check the channels",
        )
    overlap = _overlap(first, second, centre_ps, span_ps)
    return _tries(first, second, centre_ps, span_ps, overlap, skew_limit, probability)


def _fold_ladder(span: int, window: int) -> list[tuple[int, int]]:
    """Return bits of the fold and of the bin: the fold holds twice the span."""
    shift = COARSE_SHIFT
    while (2 * span >> shift) + 4 > 1 << FOLDS[-1]:
        shift += 1  # a span beyond half a second takes wider bins
    fit = [bits for bits in FOLDS if (2 * span >> shift) + 4 <= 1 << bits]
    longer = [bits for bits in fit[1:] if (1 << (bits - 1 + shift)) < window + 2 * span]
    return [(bits, shift) for bits in (fit[0], *longer)]


@dataclass(frozen=True, slots=True)
class _Plan:
    """One try: bits of the fold (0 counts true delays), of the bin, the window and the skews."""

    bits: int
    shift: int
    length: int
    skews: NDArray[np.float64]


def _tries(
    first: Integers,
    second: Integers,
    centre: int,
    span: int,
    overlap: tuple[int, int],
    limit: float,
    probability: float,
) -> CoarsePeak:
    """Return the first peak found: a fold, true delays, skews, longer folds, short windows."""
    whole = _limited(first, second, centre, overlap)
    window = whole[1] - whole[0]
    ladder = _fold_ladder(span, window)
    bits, shift = ladder[0]
    plans = [_Plan(bits, shift, window, np.zeros(1))]
    everything = differences(_stretch(first, second, centre, span, whole))
    # Counting has no use for a limit of tags: only the pairs within the span cost.
    counted = min(overlap[1] - overlap[0], int(window * MOST_DIFFERENCES / max(everything, 1.0)))
    fine = FINE_SHIFT
    while 2 * span >> fine > MOST_FINE and fine < shift:
        fine += 1
    direct = [_Plan(0, fine, counted, np.zeros(1))]
    cheap = everything <= CHEAP_DIFFERENCES
    plans += direct if cheap else []
    if limit > 0.0:
        short = min(window, int((MOST_SKEWS - 1) * (1 << shift) / (2.0 * limit)))
        count = 2 * int(np.ceil(limit * short / (1 << shift))) + 1
        grid = np.linspace(-limit, limit, count)
        if everything * short / window * count <= MOST_DIFFERENCES:
            plans.append(_Plan(0, shift, short, grid))
        else:
            folds = [one for one, _ in _fold_ladder(span, short)[:2]]
            plans += [_Plan(one, shift, short, grid) for one in folds]
    plans += [] if cheap else direct
    if counted < window:
        plans += [_Plan(longer, shift, window, np.zeros(1)) for longer, _ in ladder[1:]]
    share = probability / (len(plans) + 1)
    tried = []
    for plan in plans:
        part = _stretch(first, second, centre, span, (whole[0], whole[0] + max(plan.length, 2)))
        if plan.bits:
            part = part.whole_folds(1 << (plan.bits + shift))
        peak = _search(
            part, fold_bits=plan.bits, shift=plan.shift, skews=plan.skews, probability=share
        )
        if peak.found:
            return peak
        tried.append(peak)
    for divisor in SHORT:
        part = _stretch(first, second, centre, span, (whole[0], whole[0] + window // divisor))
        if min(len(part.first), len(part.second)) < LEAST_TAGS:
            break
        peak = _search(
            part, fold_bits=bits, shift=shift, skews=np.zeros(1), probability=share / len(SHORT)
        )
        if peak.found:
            return replace(peak, found=False, skew_limit=limit, note=_beyond(peak, limit))
    return max(tried, key=lambda one: one.significance - one.threshold)


def _beyond(peak: CoarsePeak, limit: float) -> str:
    """Return the words for a peak that only short windows show."""
    return (
        f"skew beyond the search: a peak near {peak.delay_ps} ps appears only in windows of "
        f"{peak.window_ps * 1e-12:.3g} s (significance {peak.significance:.1f}); skews were "
        f"tried up to {limit:g}"
    )
