"""Timing jitter: delays to a sync, widths of their histogram, and a model of the tail.

Inside: `Widths`, `TailModel`, `delays_to_sync`, `delays_in_period`, `widths`, `width_bin`,
`tail_model`.

FWHM, FW1/10M and FW1/100M are widths of the histogram as found, with everything in it. What others
add (laser, tagger, sync) is taken out in variance only (`variances`): widths of shapes with tails
do not add in squares.
Source: terms of NIST IR 8486r1 (2025), own words; exponentially modified Gaussian: Grushka, Anal.
Chem. 44, 1733 (1972), from memory, tested by its moments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfcx, ndtr

from qtrace.errors import InputError
from qtrace.physics.tags.likelihood import Fitted, fitted
from qtrace.physics.tags.reduced import Reduced, as_tags

PARTS = (0.5, 0.1, 0.01)
NAMES = ("FWHM", "FW1/10M", "FW1/100M")
TOP = 0.6  # the top of the peak is a quartic through the bins above this part of it
LEAST_IN_PEAK = 200
LEAST_TOP = 25  # counts over background in the highest bin, where the FWHM has twelve bins or fewer
BINS_IN_FWHM = 12
OVER_NOISE = 4.0  # height of a level over the noise of a bin there, below which it is not crossed


@dataclass(frozen=True, slots=True)
class Widths:
    """Full widths in ps at 1/2, 1/10 and 1/100 of the maximum; None where noise hides them."""

    fwhm: Reduced
    tenth: Reduced | None
    hundredth: Reduced | None
    peak_ps: float
    height: float
    background: float
    bin_ps: float


@dataclass(frozen=True, slots=True)
class TailModel:
    """Gaussian folded with an exponential tail, over a flat background; times in ps.

    `variance_ps2` is sigma^2 + tail^2. `covariance` is that of (centre, sigma, tail).
    `gain` is twice the log-likelihood that the tail gains over the Gaussian alone.
    """

    centre_ps: float
    sigma: Reduced
    tail: Reduced
    variance_ps2: Reduced
    events: float
    background_per_ps: float
    gain: float
    covariance: NDArray[np.float64]


def delays_to_sync(times_ps: ArrayLike, sync_ps: ArrayLike) -> NDArray[np.int64]:
    """Return the delay of each tag after the last sync before it, ps; tags before any are left out.

    Source: difference of times.
    """
    tags, sync = as_tags(times_ps), as_tags(sync_ps, least=1, what="the sync channel")
    index = np.searchsorted(sync, tags, side="right") - 1
    return np.asarray((tags - sync[np.maximum(index, 0)])[index >= 0])


def delays_in_period(times_ps: ArrayLike, *, period_ps: float) -> NDArray[np.float64]:
    """Return the phase of each tag in a period, ps, for a sync that was not recorded.

    Args:
        times_ps: Tags, int64 ps.
        period_ps: Period in the seconds of the tagger; known to better than the jitter over the
            number of periods recorded, else the peak smears.

    Source: remainder; whole periods in integers, so that no picosecond is lost in a long record.
    """
    tags = as_tags(times_ps, least=1)
    since = tags - tags[0]
    whole = math.floor(period_ps)
    if whole == period_ps:
        return np.asarray(np.mod(since, whole), dtype=np.float64)
    number = np.floor(since / period_ps)
    phase = (since - number.astype(np.int64) * whole) - number * (period_ps - whole)
    return np.asarray(np.mod(phase, period_ps), dtype=np.float64)


def width_bin(delays_ps: ArrayLike, *, resolution_ps: float = 1.0) -> float:
    """Return a bin that is narrow against the peak: a twelfth of its FWHM, in whole steps.

    The width of the peak is guessed from the shortest stretch that holds half of the delays.

    Source: rule "bin <= FWHM / 10 and a multiple of the step"; a Gaussian holds one half in
        1.349 sigma, so FWHM = 1.746 of that stretch.
    """
    ordered = np.sort(np.asarray(delays_ps, dtype=np.float64))
    half = ordered.size // 2
    if half < 10:
        raise InputError(f"{ordered.size} delays are too few for a width")
    stretch = float(np.min(ordered[half:] - ordered[: ordered.size - half]))
    return max(math.floor(1.746 * stretch / 12.0 / resolution_ps), 1) * resolution_ps


def widths(counts: ArrayLike, *, bin_ps: float, low_ps: float = 0.0) -> Widths:
    """Return the full widths of a peak by interpolation between bins.

    Args:
        counts: Histogram with the peak inside, shape (n,), and flat background at its ends.
        bin_ps: Width of a bin.
        low_ps: Lower end of the first bin.

    Returns:
        Widths in ps. u: Poisson noise of the bins at each crossing over the slope there, and
        that of the height; notes say where bins are too wide (more than FWHM / 10).

    Raises:
        InputError: no peak, one that is cut off, too few counts, or bins that are so narrow that
            noise decides where a level is crossed.

    Source: own; background is the mean of the outer tenths, the top a quartic, each flank a
        parabola. Counts that the top must have: 25 where the FWHM has 12 bins, more as the power
        1.5 of that number: the slope per bin falls with it, the noise of a bin does not (tested).
    """
    h = np.asarray(counts, dtype=np.float64)
    if h.ndim != 1 or h.size < 20 or float(np.sum(h)) < LEAST_IN_PEAK:
        raise InputError(
            "the histogram has too few bins or counts for a width",
            next_step=f"give at least 20 bins and {LEAST_IN_PEAK} counts",
        )
    outer = max(h.size // 10, 2)
    ends = np.concatenate([h[:outer], h[-outer:]])
    background = float(np.mean(ends))
    centre, height, u_height = _top(h, background)
    found: list[Reduced | None] = []
    for part, name in zip(PARTS, NAMES, strict=True):
        found.append(
            _width(h, centre, background, part, (height, u_height), bin_ps=bin_ps, name=name)
        )
    if found[0] is None:
        # Its area over its height is the width of a peak that is not cut off.
        area = float(np.sum(h)) - background * h.size
        _refuse_narrow_bins(height, area / max(height, 1.0) * bin_ps, bin_ps)
        raise InputError(
            "the peak has no two sides at half of its height",
            next_step="choose a range with the whole peak and background at both ends",
        )
    _refuse_narrow_bins(height, found[0].value, bin_ps)
    return Widths(
        found[0],
        found[1],
        found[2],
        low_ps + (centre + 0.5) * bin_ps,
        height,
        background,
        bin_ps,
    )


def _refuse_narrow_bins(height: float, fwhm_ps: float, bin_ps: float) -> None:
    """Refuse bins whose noise is as large as what the flank falls from bin to bin."""
    wanted = LEAST_TOP * max(fwhm_ps / bin_ps / BINS_IN_FWHM, 1.0) ** 1.5
    if height < wanted:
        raise InputError(
            f"{height:.3g} counts at the maximum of bins of {bin_ps:g} ps are too few: noise "
            f"decides where a level is crossed (wanted {wanted:.3g})",
            where="bin",
            next_step="take a wider bin, a twelfth of the FWHM, or a longer record",
        )


def _top(h: NDArray[np.float64], background: float) -> tuple[float, float, float]:
    """Return position (in bins), height over background, and its u, from a fit to the top."""
    smooth = np.convolve(h, np.ones(3) / 3.0, mode="same")
    k = int(np.argmax(smooth))
    limit = background + TOP * (float(smooth[k]) - background)
    low = high = k
    while low > 0 and smooth[low - 1] >= limit:
        low -= 1
    while high < h.size - 1 and smooth[high + 1] >= limit:
        high += 1
    low, high = min(low, max(k - 1, 0)), max(high, min(k + 1, h.size - 1))
    x = np.arange(low, high + 1, dtype=np.float64) - k
    y = h[low : high + 1]
    if x.size < 4:
        return float(k), float(h[k]) - background, math.sqrt(max(float(h[k]), 1.0))
    degree = 4 if x.size >= 9 else 2
    design = np.vander(x, degree + 1, increasing=True)
    covariance = np.linalg.inv(design.T @ design)
    factors = covariance @ design.T @ y
    fine = np.linspace(float(x[0]), float(x[-1]), 20 * x.size)
    curve = np.vander(fine, degree + 1, increasing=True) @ factors
    best = int(np.argmax(curve))
    row = np.vander(fine[best : best + 1], degree + 1, increasing=True)[0]
    top = float(curve[best])
    u = math.sqrt(float(row @ covariance @ row) * max(top, 1.0))
    return k + float(fine[best]), top - background, u


def _width(
    h: NDArray[np.float64],
    centre: float,
    background: float,
    part: float,
    height: tuple[float, float],
    *,
    bin_ps: float,
    name: str,
) -> Reduced | None:
    """Return the width at a part of the height, or None where noise is as large as the level."""
    level = background + part * height[0]
    noise = math.sqrt(max(level, 1.0))
    if part * height[0] < OVER_NOISE * noise:
        return None
    sides = [_side(h, centre, level, step) for step in (-1, 1)]
    if sides[0] is None or sides[1] is None:
        return None
    # The middle of a parabola through five bins has 17/35 of the variance of one bin.
    variance = sum(level * (17.0 / 35.0) / slope**2 for _, slope in (sides[0], sides[1]))
    by_height = part * height[1] * (1.0 / abs(sides[0][1]) + 1.0 / abs(sides[1][1]))
    width = (sides[1][0] - sides[0][0]) * bin_ps
    notes = [name, "sub-bin interpolation; source, tagger and sync still inside"]
    if part == PARTS[0] and bin_ps > width / 10.0:
        notes.append(f"the bin of {bin_ps:g} ps is wider than FWHM / 10")
    u = math.sqrt(variance + by_height**2) * bin_ps
    return Reduced(width, u, window_ps=(0.0, h.size * bin_ps), notes=tuple(notes))


def _side(
    h: NDArray[np.float64], centre: float, level: float, step: int
) -> tuple[float, float] | None:
    """Return where one side crosses a level, in bins, and the slope there, per bin."""
    k = round(centre)
    # Means of the bins that the parabola takes: one low bin is no crossing, it must stay below.
    mean = np.convolve(h, np.ones(5) / 5.0, mode="same")
    while 0 <= k < h.size and mean[k] > level:
        k += step
    if not 2 <= k < h.size - 2:
        return None
    x = np.arange(-2.0, 3.0)
    bend, slope, offset = (float(one) for one in np.polyfit(x, h[k - 2 : k + 3], 2))
    if slope * step >= 0.0:
        return None
    shift = (level - offset) / slope
    for _ in range(20):  # Newton on the parabola, from the crossing of its tangent
        here = slope + 2.0 * bend * shift
        if here * step >= 0.0 or abs(shift) > 3.0:
            return k + min(max((level - offset) / slope, -3.0), 3.0), slope
        shift -= (offset + slope * shift + bend * shift * shift - level) / here
    return k + shift, slope + 2.0 * bend * shift


def tail_model(counts: ArrayLike, *, bin_ps: float, low_ps: float = 0.0) -> TailModel:
    """Fit a Gaussian with an exponential tail towards later times, by maximum likelihood.

    Args:
        counts: Histogram with the peak inside, shape (n,).
        bin_ps: Width of a bin; its own variance (bin^2 / 12) is not taken out.
        low_ps: Lower end of the first bin.

    Raises:
        InputError: too few counts.

    Source: density exp(s^2/(2 t^2) - x/t) erfc(s/(t sqrt 2) - x/(s sqrt 2)) / (2 t) (Grushka
        1972, from memory), integrated over bins by its cumulative; variance s^2 + t^2.
    """
    h = np.asarray(counts, dtype=np.float64)
    total = float(np.sum(h))
    if total < LEAST_IN_PEAK:
        raise InputError(f"{total:g} counts are too few for a model of the tail")
    edges = np.asarray(low_ps + bin_ps * np.arange(h.size + 1), dtype=np.float64)
    span = float(edges[-1] - edges[0])
    start = _first_widths(h, bin_ps, low_ps)
    sigma = start.fwhm.value / 2.3548
    flat = max(start.background * h.size, 0.5)
    peak = max(total - flat, 0.1 * total)

    def loss(point: NDArray[np.float64], *, gaussian: bool = False) -> float:
        s, n, b = (math.exp(float(point[k])) for k in (1, 2, 3))
        z = edges - float(point[0])
        cumulative = ndtr(z / s) if gaussian else _cumulative(z, s, math.exp(float(point[4])))
        expected = n * np.diff(cumulative) + b * bin_ps / span
        expected = np.maximum(expected, 1e-12)
        return float(np.sum(expected - h * np.log(expected)))

    first = np.array([start.peak_ps, math.log(sigma), math.log(peak), math.log(flat)])
    steps = np.array([1e-3 * sigma, 1e-3, 1e-3, 1e-3, 1e-3])
    plain = fitted(lambda p: loss(p, gaussian=True), first, steps=steps[:4])
    begin = np.append(plain.point, math.log(0.5 * sigma))
    begin[0] -= 0.5 * sigma
    best = fitted(loss, begin, steps=steps)
    return _stated(best, 2.0 * (plain.loss - best.loss), edges)


def _first_widths(h: NDArray[np.float64], bin_ps: float, low_ps: float) -> Widths:
    """Return widths to begin a fit with: bins are joined until they can be told."""
    for joined in (1, 2, 4, 8, 16, 32, 64):
        whole = h.size // joined
        try:
            merged = h[: whole * joined].reshape(whole, joined).sum(axis=1)
            return widths(merged, bin_ps=joined * bin_ps, low_ps=low_ps)
        except InputError as error:
            if error.where != "bin" and joined == 1:
                raise
    return widths(h, bin_ps=bin_ps, low_ps=low_ps)


def _stated(best: Fitted, gain: float, edges: NDArray[np.float64]) -> TailModel:
    """State the model of a tail, with what could not be determined."""
    s, t = math.exp(float(best.point[1])), math.exp(float(best.point[4]))
    scale = np.diag([1.0, s, t])
    three = np.asarray(scale @ best.covariance[np.ix_([0, 1, 4], [0, 1, 4])] @ scale)
    by = np.array([0.0, 2.0 * s, 2.0 * t])
    note: tuple[str, ...] = ("Gaussian with exponential tail, maximum likelihood",)
    if gain < 4.0:
        note = (*note, "the tail gains nothing over a Gaussian: it could not be determined")
    window = (float(edges[0]), float(edges[-1]))
    u = [math.sqrt(max(float(three[k, k]), 0.0)) for k in range(3)]
    u_variance = math.sqrt(max(float(by @ three @ by), 0.0))
    return TailModel(
        float(best.point[0]),
        Reduced(s, u[1], window_ps=window, notes=note),
        Reduced(t, u[2], window_ps=window, notes=note),
        Reduced(s * s + t * t, u_variance, window_ps=window, notes=note),
        math.exp(float(best.point[2])),
        math.exp(float(best.point[3])) / (window[1] - window[0]),
        gain,
        three,
    )


def _cumulative(z: NDArray[np.float64], s: float, t: float) -> NDArray[np.float64]:
    """Return the distribution function of a Gaussian plus an exponential."""
    x = (s / t - z / s) / math.sqrt(2.0)
    gauss = np.exp(-0.5 * (z / s) ** 2)
    with np.errstate(over="ignore"):
        tail = np.where(
            x > -20.0,
            0.5 * gauss * erfcx(np.maximum(x, -20.0)),
            np.exp(np.minimum(0.5 * (s / t) ** 2 - z / t, 0.0)),
        )
    return np.asarray(ndtr(z / s) - tail, dtype=np.float64)
