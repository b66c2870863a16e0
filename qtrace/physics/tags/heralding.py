"""Heralding (Klyshko) efficiencies of both arms, and coincidences over accidentals.

Inside: `Cells`, `Heralding`, `count_cells`, `heralding`, `coincidence_ratio`, `true_pairs`.

A coincidence is contained in the singles of both arms. Counts are therefore kept as disjoint
cells (coincidences, only first, only second), which are independent; ratios of them and their
covariance follow. What is found is the efficiency of a whole arm: that of a detector follows after
division by the transmittance of the path before it, a separate argument with its own calibration.
Source: Klyshko, Sov. J. Quantum Electron. 10, 1112 (1980); Ware, Migdall et al., J. Mod. Opt.
(2007) on dead time and background (abstract read); cells and covariance: own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.reduced import Reduced, as_tags

SHIFTS = 10


@dataclass(frozen=True, slots=True)
class Cells:
    """Disjoint counts of two channels: each tag is in one coincidence at most.

    `accidentals` is the sum over `shifts` windows moved away from the peak, `shift_ps` apart.
    """

    coincidences: int
    only_first: int
    only_second: int
    accidentals: int
    shifts: int
    window_ps: tuple[int, int]

    @property
    def singles_first(self) -> int:
        """Return all tags of the first channel."""
        return self.coincidences + self.only_first

    @property
    def singles_second(self) -> int:
        """Return all tags of the second channel."""
        return self.coincidences + self.only_second


@dataclass(frozen=True, slots=True)
class Heralding:
    """Efficiencies of the first arm (heralded by the second) and of the second.

    `covariance` (2, 2) is that of both, in this order. `pairs` is the number of pairs made.
    """

    first: Reduced
    second: Reduced
    covariance: NDArray[np.float64]
    pairs: Reduced


def _matched(first: NDArray[np.int64], second: NDArray[np.int64], low: int, high: int) -> int:
    """Return pairs that choose each other: earliest partner in the window, from both sides."""
    j = np.searchsorted(second, first + low)
    has = j < second.size
    has[has] = second[j[has]] < first[has] + high
    i = np.flatnonzero(has)
    # The earliest first tag in [t - high + 1, t - low].
    back = np.searchsorted(first, second[j[i]] - (high - 1))
    return int(np.count_nonzero(back == i))


def count_cells(
    first_ps: ArrayLike,
    second_ps: ArrayLike,
    *,
    window_ps: tuple[int, int],
    shift_ps: int,
    shifts: int = SHIFTS,
) -> Cells:
    """Count coincidences and accidentals of two channels as disjoint cells.

    Args:
        first_ps: Tags, int64 ps.
        second_ps: Tags, int64 ps.
        window_ps: Delays second - first [low, high) that hold more than 99.9 % of the peak.
        shift_ps: By how much each window for accidentals is moved further away, at least the
            width of the window; for pulsed light the period.
        shifts: How many such windows, half on each side.

    Raises:
        InputError: a window of no width, shifts that overlap it.

    Source: accidentals by delayed windows; partners one to one, so that no stop is counted twice.
    """
    first, second = as_tags(first_ps), as_tags(second_ps)
    low, high = window_ps
    if not (high > low and shift_ps >= high - low and shifts >= 1):
        raise InputError(
            f"a window of {high - low} ps, moved {shifts} times by {shift_ps} ps",
            next_step="move it by at least its width, at least once",
        )
    moved = [(k // 2 + 1) * (1 if k % 2 == 0 else -1) * shift_ps for k in range(shifts)]
    accidentals = sum(_matched(first, second, low + d, high + d) for d in moved)
    both = _matched(first, second, low, high)
    return Cells(both, first.size - both, second.size - both, accidentals, shifts, window_ps)


def true_pairs(both: float, accidental: float, singles: tuple[float, float]) -> float:
    """Return the coincidences that are pairs: C = t + A (1 - t / S_1)(1 - t / S_2).

    Args:
        both: Coincidences C, partners one to one.
        accidental: Coincidences A of moved windows, mean of one.
        singles: All tags of both channels.

    Source: own, to first order in A / S: only tags without their own partner can take another.
        The usual t = C - A follows where t / S is small.
    """
    true = both - accidental
    for _ in range(50):  # contracts by A / S, which is far below one
        true = both - accidental * (1.0 - true / singles[0]) * (1.0 - true / singles[1])
    return true


def _values(cells: NDArray[np.float64], shifts: int) -> NDArray[np.float64]:
    """Return both efficiencies and the pairs from (C, only 1, only 2, accidentals, D1, D2)."""
    both, only_1, only_2, moved, dark_1, dark_2 = cells
    accidental = moved / shifts
    singles = (both + only_1, both + only_2)
    light = (singles[0] - dark_1, singles[1] - dark_2)
    true = true_pairs(both, accidental, singles)
    etas = [true / light[1], true / light[0]]
    return np.array([*etas, light[0] / etas[0]])


def heralding(
    cells: Cells,
    *,
    background: tuple[float, float] = (0.0, 0.0),
    u_background: tuple[float, float] = (0.0, 0.0),
    path: tuple[float, float] = (1.0, 1.0),
    u_path: tuple[float, float] = (0.0, 0.0),
) -> Heralding:
    """Return the heralding efficiencies of both arms, with their covariance.

    Args:
        cells: Disjoint counts.
        background: Tags of each channel in the same time that come from no pair (dark counts,
            after-pulses, stray light).
        u_background: Their u.
        path: Transmittance of each path before the detector; 1 gives the efficiency of the arm.
        u_path: Their u, independent of each other.

    Returns:
        eta_1 = t / ((S_2 - D_2) T_1), heralded by the second arm, and eta_2, with t the true pairs
        (`true_pairs`: C - A, but for tags that had their own partner).

    Raises:
        InputError: no coincidence, or no herald left after the background.

    Source: Klyshko (1980) with accidentals and background subtracted; covariance by the law of
        propagation (JCGM 100:2008, 5.2.2) from Poisson cells, derivatives by central differences.
    """
    x = np.array(
        [
            cells.coincidences,
            cells.only_first,
            cells.only_second,
            cells.accidentals,
            *background,
        ],
        dtype=np.float64,
    )
    light = (cells.singles_first - background[0], cells.singles_second - background[1])
    if cells.coincidences == 0 or min(light) <= 0.0 or min(path) <= 0.0:
        raise InputError(
            f"{cells.coincidences} coincidences, {light[0]:g} and {light[1]:g} tags from light",
            next_step="check channels, window, background and transmittances",
        )
    variance = np.array(
        [one + 0.5 for one in x[:4]] + [one**2 for one in u_background], dtype=np.float64
    )
    at = _values(x, cells.shifts)
    rows = np.empty((3, x.size))
    for k in range(x.size):
        step = 1e-4 * max(x[k], 1.0)
        up, down = x.copy(), x.copy()
        up[k] += step
        down[k] -= step
        rows[:, k] = (_values(up, cells.shifts) - _values(down, cells.shifts)) / (2.0 * step)
    covariance = (rows * variance) @ rows.T
    return _stated(cells, at, covariance, path, u_path)


def _stated(
    cells: Cells,
    at: NDArray[np.float64],
    covariance: NDArray[np.float64],
    path: tuple[float, float],
    u_path: tuple[float, float],
) -> Heralding:
    """Divide by the paths and state the efficiencies."""
    divide = np.diag([1.0 / path[0], 1.0 / path[1]])
    eta = at[:2] / np.array(path)
    own = divide @ covariance[:2, :2] @ divide
    own = own + np.diag([(eta[k] * u_path[k] / path[k]) ** 2 for k in (0, 1)])
    notes = []
    for k in (0, 1):
        what = "of the arm" if path[k] == 1.0 else f"of the detector, path {path[k]:.6g}"
        lines = [
            f"heralding efficiency {what}; window {cells.window_ps[0]} to "
            f"{cells.window_ps[1]} ps, accidentals {cells.accidentals / cells.shifts:.6g}"
        ]
        if cells.coincidences * cells.shifts < cells.accidentals:
            lines.append("fewer coincidences than accidentals: negative, reported as it is")
        notes.append(tuple(lines))
    window = (float(cells.window_ps[0]), float(cells.window_ps[1]))
    first, second = (
        Reduced(float(eta[k]), math.sqrt(float(own[k, k])), window_ps=window, notes=notes[k])
        for k in (0, 1)
    )
    pairs = Reduced(float(at[2]), math.sqrt(float(covariance[2, 2])), window_ps=window)
    return Heralding(first, second, own, pairs)


def coincidence_ratio(cells: Cells) -> Reduced:
    """Return the coincidence-to-accidental ratio (C - A) / A.

    Raises:
        InputError: no accidentals, which leave the ratio without an upper limit.

    Source: true over accidental coincidences; some authors print C / A, larger by one.
    """
    if cells.accidentals == 0:
        raise InputError(
            "no accidental coincidence was counted: the ratio has no upper limit",
            next_step="take more shifted windows, or record for longer",
        )
    accidental = cells.accidentals / cells.shifts
    ratio = cells.coincidences / accidental
    u = ratio * math.sqrt(
        (cells.coincidences + 0.5) / max(cells.coincidences, 0.5) ** 2 + 1.0 / cells.accidentals
    )
    return Reduced(
        ratio - 1.0,
        u,
        window_ps=(float(cells.window_ps[0]), float(cells.window_ps[1])),
        notes=(
            f"(C - A) / A with C = {cells.coincidences}, A = {accidental:.6g}; C / A is one more",
        ),
    )
