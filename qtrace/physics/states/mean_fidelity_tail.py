"""Tail of a weighted mean of binomial proportions, never too small, and its slope.

Inside: `WeightedTail`.
The sum of w_i k_i / n_i has too many values to list, so each part is rounded UP to a grid before
the parts are convolved: the tail at or above a value can only grow. An exponential tilt moves the
middle of the distribution to that value first, so that a tail of 1e-30 keeps its digits.
Source: exponential tilting after Esscher, Skand. Aktuarietidskr. 15, 175 (1932) [M]; the rest is
arithmetic of generating functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Spectrum = NDArray[np.complex128]

SIGMAS = 9.0  # half width of a window; what lies beyond is below exp(-40) of the tilted mass
ATOMS = 20.0
# Relative to the tilted mass at the value: beyond the windows, and rounding of the transforms.
LEFT_OUT = 1e-12
LARGEST_TILT = 40.0  # of one trial: beyond it a trial is certain within 1e-17
EDGE = 1e-13  # fidelities are held this far from 0 and 1, which keeps slopes finite


@dataclass(frozen=True, slots=True)
class WeightedTail:
    """P(sum of w_i k_i / n_i >= value) for independent binomial k_i of stated fidelities.

    `steps` are w_i / n_i: what one success of a state adds to the mean.
    """

    trials: Array
    steps: Array
    value: float

    def _tilt(self, p: Array) -> float:
        """Return the tilt that moves the mean to the value; none where it is there already."""
        top = LARGEST_TILT / float(np.max(self.steps))

        def mean(theta: float) -> tuple[float, float]:
            grown = p * np.exp(theta * self.steps)
            tilted = grown / (1.0 - p + grown)
            step = self.steps * self.trials * tilted
            return float(np.sum(step)), float(np.sum(step * self.steps * (1.0 - tilted)))

        low, high = 0.0, top
        if mean(0.0)[0] >= self.value:
            return 0.0
        if mean(top)[0] <= self.value:
            return top
        theta = 0.0
        for _ in range(60):
            at, slope = mean(theta)
            low, high = (theta, high) if at < self.value else (low, theta)
            step = theta + (self.value - at) / slope if slope > 0.0 else low
            new = step if low < step < high else 0.5 * (low + high)
            if abs(new - theta) <= 1e-6 * (1.0 + theta):
                return new
            theta = new
        return theta

    def at(self, fidelities: Array, *, size: int, slopes: bool = False) -> tuple[float, Array]:
        """Return the tail and, where asked for, its derivative by each fidelity.

        Args:
            fidelities: Of each state, in [0, 1], shape (m,).
            size: Points of the grid, a power of two: more cost more and round less.
            slopes: Whether the derivatives are wanted; else they are zeros.

        Returns:
            A tail that is too large by rounding at most, never too small; slopes, shape (m,).

        Source: P(T >= t) = M(theta) E_theta[exp(-theta T) 1(T >= t)], M the moment generating
            function and E_theta the mean of the tilted distribution; Esscher (1932).
        """
        p = np.clip(fidelities, EDGE, 1.0 - EDGE)
        theta = self._tilt(p)
        grown = p * np.exp(theta * self.steps)
        tilted = grown / (1.0 - p + grown)
        factor = float(np.sum(self.trials * np.log1p(p * np.expm1(theta * self.steps))))
        scale = float(np.exp(factor - theta * self.value))
        parts, changes, grid, least = self._parts(p, tilted, theta, size=size, slopes=slopes)
        middle = int(np.sum(self.trials * self.steps * tilted) / grid)
        seen = self._weights(theta, grid, size=size, start=middle - size // 2, least=least)
        product = np.prod(parts, axis=0)
        tail = min(1.0, scale * (_inner(product, seen, size) + LEFT_OUT))
        found = np.zeros_like(p)
        if slopes:
            ahead = [np.ones_like(product)]
            for part in parts[:-1]:
                ahead.append(ahead[-1] * part)
            behind = np.ones_like(product)
            for i in reversed(range(len(parts))):
                found[i] = scale * _inner(ahead[i] * behind * changes[i], seen, size)
                behind = behind * parts[i]
        return tail, found

    def _parts(
        self, p: Array, tilted: Array, theta: float, *, size: int, slopes: bool
    ) -> tuple[list[Spectrum], list[Spectrum], float, int]:
        """Return transforms of the tilted parts of all states on the grid, and of their changes.

        Returns:
            Parts, their derivatives by the fidelity (empty if not asked for), the step of the
            grid, and how many steps the sum of all parts is at least.
        """
        spread = np.sqrt(self.trials * tilted * (1.0 - tilted))
        deviation = float(np.linalg.norm(spread * self.steps))
        grid = 2.04 * (SIGMAS * deviation + ATOMS * float(np.max(self.steps))) / size
        parts, changes, least = [], [], 0
        for n, a, q, s, one in zip(self.trials, self.steps, tilted, spread, p, strict=True):
            low = max(0.0, np.floor(n * q - SIGMAS * s - ATOMS))
            k = np.arange(low, min(n, np.ceil(n * q + SIGMAS * s + ATOMS)) + 1.0)
            mass = _binomial(k, n, float(np.log(one) - np.log1p(-one) + theta * a))
            place = np.ceil(k * (a / grid) - 1e-9).astype(np.int64)
            mass = mass * np.exp(theta * (place * grid - k * a))
            least += int(place[0])
            place -= place[0]
            parts.append(np.fft.rfft(_folded(place, mass, size)))
            if slopes:
                score = (k - n * one) / (one * (1.0 - one))
                changes.append(np.fft.rfft(_folded(place, mass * score, size)))
        return parts, changes, grid, least

    def _weights(self, theta: float, grid: float, *, size: int, start: int, least: int) -> Spectrum:
        """Return the transform of what each place of the sum weighs: the tilt undone.

        Places from `least` on are folded once around; those below the value weigh nothing.
        """
        first = int(np.ceil(self.value / grid - 1e-6))
        index = start + (np.arange(size) + least - start) % size
        above = np.maximum(index * grid - self.value, -grid)  # a rounding below the value counts
        weight = np.where(index >= first, np.exp(-theta * above), 0.0)
        seen: Spectrum = np.conj(np.fft.rfft(weight))
        return seen


def _binomial(k: Array, n: float, log_odds: float) -> Array:
    """Return the binomial masses of neighbouring counts, scaled to the sum 1.

    Source: ratio of neighbours, (n - k) q / ((k + 1) (1 - q)).
    """
    if k.size == 1:
        return np.ones(1)
    ratios = np.log((n - k[:-1]) / (k[:-1] + 1.0)) + log_odds
    logs = np.concatenate(([0.0], np.cumsum(ratios)))
    mass: Array = np.exp(logs - np.max(logs))
    return mass / np.sum(mass)


def _folded(place: NDArray[np.int64], mass: Array, size: int) -> Array:
    found: Array = np.bincount(place % size, weights=mass, minlength=size).astype(np.float64)
    return found


def _inner(spectrum: Spectrum, seen: Spectrum, size: int) -> float:
    """Return the sum of a product of two real series from their transforms (Parseval)."""
    both = (spectrum * seen).real
    return float(2.0 * np.sum(both) - both[0] - both[-1]) / size
