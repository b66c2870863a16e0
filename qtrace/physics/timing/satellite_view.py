"""Two clocks that saw the same satellites: common view and all in view, epoch by epoch.

Inside: `Tracks`, `ViewDifference`, `common_view`, `all_in_view`, `AVERAGING_CAVEAT`.
Source: Allan and Weiss, Proc. 34th Annual Frequency Control Symposium (1980) 334 (common view);
Petit and Jiang, Metrologia 45 (2008) 35 (all in view); rejection by the median absolute deviation:
Rousseeuw and Croux, J. Am. Stat. Assoc. 88 (1993) 1273. All from memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MAD_TO_SIGMA = 1.482602218505602  # 1 / normal quantile of 3/4
RESOLUTION_S = 1e-10  # CGGTTS prints tenths of ns: no scatter below is believed
AVERAGING_CAVEAT = (
    "scatter says nothing of delays and little of slow noise: u falls with the root of the number "
    "of epochs only as long as their errors are independent"
)
_CENTRES: dict[str, Callable[[Floats], np.floating]] = {"mean": np.mean, "median": np.median}


@dataclass(frozen=True, slots=True)
class Tracks:
    """Readings of one station: its clock minus the time of the satellites, shape (n,) each.

    `start_s` counts seconds from any common origin; tracks of two stations belong together where
    satellite and start are equal. `elevation_deg` in degrees. Nothing in them is NaN.
    """

    satellite: NDArray[np.str_]
    start_s: Integers
    offset_s: Floats
    elevation_deg: Floats


@dataclass(frozen=True, slots=True)
class ViewDifference:
    """First clock minus second, one value each epoch; a gap of the schedule is NaN.

    `epoch_s` and `difference_s` have shape (m,), `satellites` how many went into each (0 at a
    gap). `mean_s` is over the epochs with data, `u_s` its standard deviation over their root:
    see AVERAGING_CAVEAT. Counts of tracks left out: `below` the elevation, `unmatched` (seen by
    one station only, or at an epoch that the other does not have), `rejected` by the scatter.
    """

    epoch_s: Integers
    difference_s: Floats
    satellites: Integers
    interval_s: int
    mean_s: float
    standard_deviation_s: float
    u_s: float
    epochs: int
    used: int
    below: int
    unmatched: int
    rejected: int
    scale_s: float

    @property
    def valid(self) -> Floats:
        """Return the epochs with data, in their order."""
        return self.difference_s[np.isfinite(self.difference_s)]


def common_view(
    first: Tracks,
    second: Tracks,
    *,
    elevation_least_deg: float,
    rejection: float = 5.0,
    centre: str = "mean",
) -> ViewDifference:
    """Return first minus second from tracks of the same satellite at the same time.

    Args:
        first: Of the first station.
        second: Of the second station.
        elevation_least_deg: Tracks below at either station are left out, degrees.
        rejection: A difference further from the median of its epoch than this many robust
            standard deviations (of all of them) is left out; inf leaves out none.
        centre: "mean" or "median" of the satellites of an epoch.

    Raises:
        InputError: a satellite twice at one time, values that are no numbers, or nothing in
            common.

    Source: the satellite's clock cancels in (A - sat) - (B - sat).
    """
    _check(first, second, centre, rejection)
    high = [_above(one, elevation_least_deg) for one in (first, second)]
    below = len(first.start_s) + len(second.start_s) - sum(len(one.start_s) for one in high)
    seen = {key: k for k, key in enumerate(_keys(high[1]))}
    pairs = [(k, seen[key]) for k, key in enumerate(_keys(high[0])) if key in seen]
    unmatched = sum(len(one.start_s) for one in high) - 2 * len(pairs)
    if not pairs:
        raise _nothing("satellites above the elevation in common")
    ours = np.array([k for k, _ in pairs])
    theirs = np.array([k for _, k in pairs])
    start = high[0].start_s[ours]
    values = high[0].offset_s[ours] - high[1].offset_s[theirs]
    keep, scale = _believed(start, values, rejection)
    epochs, centres, number = _by_epoch(start[keep], values[keep], centre)
    return _result(
        epochs, centres, number,
        below=below, unmatched=unmatched, rejected=int(np.sum(~keep)), scale=scale,
    )  # fmt: skip


def all_in_view(
    first: Tracks,
    second: Tracks,
    *,
    elevation_least_deg: float,
    rejection: float = 5.0,
    centre: str = "mean",
) -> ViewDifference:
    """Return first minus second from all satellites of each station at the same time.

    The clocks of the satellites do not cancel: it rests on the time of their system as they
    broadcast it. Where the stations follow two systems, the difference of these is inside.
    Arguments, result and errors are those of `common_view`; the rejection judges each station by
    itself, and `scale_s` is the larger of the two.

    Source: Petit and Jiang, Metrologia 45 (2008) 35 (from memory): the mean over all satellites of
    (A - system) minus that of (B - system).
    """
    _check(first, second, centre, rejection)
    sides = []
    below = rejected = used = 0
    scale = 0.0
    for one in (first, second):
        high = _above(one, elevation_least_deg)
        below += len(one.start_s) - len(high.start_s)
        if not len(high.start_s):
            raise _nothing("tracks above the elevation")
        keep, own = _believed(high.start_s, high.offset_s, rejection)
        rejected += int(np.sum(~keep))
        used += int(np.sum(keep))
        scale = max(scale, own)
        sides.append(_by_epoch(high.start_s[keep], high.offset_s[keep], centre))
    epochs, ours, theirs = np.intersect1d(sides[0][0], sides[1][0], return_indices=True)
    if not len(epochs):
        raise _nothing("epochs in common")
    number = sides[0][2][ours] + sides[1][2][theirs]
    return _result(
        epochs, sides[0][1][ours] - sides[1][1][theirs], number,
        below=below, unmatched=used - int(np.sum(number)), rejected=rejected, scale=scale,
    )  # fmt: skip


def _check(first: Tracks, second: Tracks, centre: str, rejection: float) -> None:
    if centre not in _CENTRES:
        raise InputError(f"{centre!r} is no centre", next_step='choose "mean" or "median"')
    if not rejection > 0.0:
        raise InputError(
            f"a rejection at {rejection:g} standard deviations leaves nothing",
            next_step="take 3 to 6, or inf for none",
        )
    for which, one in (("first", first), ("second", second)):
        sizes = {len(one.satellite), len(one.start_s), len(one.offset_s), len(one.elevation_deg)}
        if len(sizes) != 1:
            raise InputError(f"the arrays of the {which} station are not of one length")
        if not (np.all(np.isfinite(one.offset_s)) and np.all(np.isfinite(one.elevation_deg))):
            raise InputError(
                f"the {which} station has tracks without data", next_step="leave them out first"
            )
        if len(set(_keys(one))) < len(one.start_s):
            raise InputError(
                f"the {which} station has a satellite twice at one time",
                next_step="choose one signal",
            )


def _keys(tracks: Tracks) -> list[tuple[int, str]]:
    return list(zip(tracks.start_s.tolist(), tracks.satellite.tolist(), strict=True))


def _nothing(what: str) -> InputError:
    return InputError(
        f"the two stations have no {what}",
        next_step="look at the days, the signals and the elevation; all in view needs no common "
        "satellite",
    )


def _above(tracks: Tracks, least_deg: float) -> Tracks:
    keep = tracks.elevation_deg >= least_deg
    return Tracks(
        tracks.satellite[keep],
        tracks.start_s[keep],
        tracks.offset_s[keep],
        tracks.elevation_deg[keep],
    )


def _believed(start: Integers, values: Floats, rejection: float) -> tuple[NDArray[np.bool_], float]:
    """Return which values are near the median of their epoch, and the robust scale of all."""
    residual = np.empty_like(values)
    several = np.zeros(len(values), dtype=np.bool_)
    for indices in _groups(start):
        residual[indices] = values[indices] - np.median(values[indices])
        several[indices] = len(indices) > 2
    judged = np.abs(residual[several])
    if not len(judged):
        return np.ones(len(values), dtype=np.bool_), 0.0
    scale = max(MAD_TO_SIGMA * float(np.median(judged)), RESOLUTION_S)
    return ~several | (np.abs(residual) <= rejection * scale), scale


def _groups(start: Integers) -> list[NDArray[np.int64]]:
    order = np.argsort(start, kind="stable").astype(np.int64)
    borders = np.nonzero(np.diff(start[order]))[0] + 1
    return np.split(order, borders)


def _by_epoch(start: Integers, values: Floats, centre: str) -> tuple[Integers, Floats, Integers]:
    groups = _groups(start)
    middle = _CENTRES[centre]
    return (
        np.array([start[one[0]] for one in groups], dtype=np.int64),
        np.array([float(middle(values[one])) for one in groups]),
        np.array([len(one) for one in groups], dtype=np.int64),
    )


def _result(
    epochs: Integers,
    values: Floats,
    number: Integers,
    *,
    below: int,
    unmatched: int,
    rejected: int,
    scale: float,
) -> ViewDifference:
    n = len(values)
    # Differences of like numbers lose nothing.
    mean = float(values[0] + np.mean(values - values[0]))
    s = float(np.std(values - values[0], ddof=1)) if n > 1 else math.nan
    interval = int(np.median(np.diff(epochs))) if n > 1 else 0
    used = int(np.sum(number))
    epochs, values, number = _with_gaps(epochs, values, number, interval)
    return ViewDifference(
        epochs, values, number, interval, mean, s, s / math.sqrt(n), n, used, below, unmatched,
        rejected, scale,
    )  # fmt: skip


def _with_gaps(
    epochs: Integers, values: Floats, number: Integers, interval: int
) -> tuple[Integers, Floats, Integers]:
    """Put NaN where the schedule has an epoch without data.

    The schedule shifts by four minutes a day with the satellites: a step is counted in whole
    intervals, rounded.
    """
    if interval <= 0:
        return epochs, values, number
    steps = np.maximum(1, np.rint(np.diff(epochs) / interval).astype(np.int64))
    places = np.concatenate(([0], np.cumsum(steps)))
    grid = np.arange(places[-1] + 1)
    filled = np.rint(np.interp(grid, places, epochs.astype(np.float64))).astype(np.int64)
    filled[places] = epochs
    series = np.full(len(grid), np.nan)
    series[places] = values
    count = np.zeros(len(grid), dtype=np.int64)
    count[places] = number
    return filled, series, count
