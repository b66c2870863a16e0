"""The clock of a simulated station: offset, frequency, drift, power-law noise.

Inside: `ClockNoise`, `ClockModel`, `DrawnClock`, `draw_clock`, `NOISES`.

x(t) is the reading of the clock minus true time, so that a fast clock has dx/dt > 0.
Source: Riley, NIST SP 1065, sections 3 and 5 (time deviation, power laws; sections from memory).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.simulated_detector import PS_PER_S, Floats

# Word to exponent alpha of S_y(f) ~ f^alpha.
NOISES = {
    "white_phase": 2,
    "flicker_phase": 1,
    "white_frequency": 0,
    "flicker_frequency": -1,
    "random_walk_frequency": -2,
}
MOST_POINTS = 50_000_000  # of a noise: 8 bytes each, and some copies while they are drawn
STEEPEST = 0.5  # of a clock: beyond it times could come in another order


@dataclass(frozen=True, slots=True)
class ClockNoise:
    """One noise: its exponent `alpha`, and its `level`, the Allan deviation at `interval_s`.

    For coloured noises that of their power law, which holds in the limit of long averages.
    """

    alpha: int
    level: float


@dataclass(frozen=True, slots=True)
class ClockModel:
    """A clock as it truly is.

    `offset_ps` at the start, whole ps; `frequency` y at the start; `drift_per_s` dy/dt;
    noises are drawn every `interval_s` and joined by straight lines.
    """

    offset_ps: int = 0
    frequency: float = 0.0
    drift_per_s: float = 0.0
    noises: tuple[ClockNoise, ...] = ()
    interval_s: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no clock."""
        if (
            not all(math.isfinite(one) for one in (self.frequency, self.drift_per_s))
            or not abs(self.frequency) < STEEPEST
            or not (math.isfinite(self.interval_s) and self.interval_s > 0.0)
            or any(one.alpha not in NOISES.values() for one in self.noises)
            or any(not (math.isfinite(one.level) and one.level >= 0.0) for one in self.noises)
        ):
            raise InputError(
                "this is no clock: |frequency| is below 0.5, the interval of its noise above "
                "zero, levels are not negative, alpha is one of 2, 1, 0, -1, -2",
                next_step="correct its numbers",
            )


@dataclass(frozen=True, slots=True)
class DrawnClock:
    """A clock with its noise drawn: `noise_ps` float64 (n,), one every `interval_s` from 0."""

    model: ClockModel
    noise_ps: NDArray[np.float64]

    def error_ps(self, times_ps: Floats, *, start_s: float) -> Floats:
        """Return x without the constant offset, ps, at true times from a start.

        Args:
            times_ps: True times after the start, ps, shape (n,).
            start_s: The start, s from the start of the simulation.

        Source: x(t) = x0 + y0 t + D t^2 / 2 + noise, NIST SP 1065, section 3 (from memory).
        """
        model = self.model
        seconds = times_ps / PS_PER_S
        # Large and small parts apart: t^2 of the sum would lose the picoseconds.
        at_start = (model.frequency + 0.5 * model.drift_per_s * start_s) * start_s * PS_PER_S
        slope = model.frequency + model.drift_per_s * start_s
        error = at_start + (slope + 0.5 * model.drift_per_s * seconds) * times_ps
        if self.noise_ps.size:
            place = (start_s + seconds) / model.interval_s
            first = max(0, math.floor(float(place.min())) if place.size else 0)
            last = math.ceil(float(place.max())) + 1 if place.size else 1
            part = self.noise_ps[first : last + 1]
            error += np.interp(place - first, np.arange(part.size), part)
        return error

    def frequency(self, start_s: float, stop_s: float) -> float:
        """Return the true mean y between two times, s.

        Source: mean frequency as the change of x over the time, NIST SP 1065, section 3 (from
        memory).
        """
        ends = np.array([0.0, (stop_s - start_s) * PS_PER_S])
        low, high = self.error_ps(ends, start_s=start_s)
        return float((high - low) / ends[1])


def draw_clock(
    model: ClockModel, *, duration_s: float, generator: np.random.Generator
) -> DrawnClock:
    """Draw the noise of a clock over a whole simulation.

    Args:
        model: The clock.
        duration_s: Length of the simulation, s.
        generator: Of the draws.

    Raises:
        InputError: more than 50 million points of noise, or a noise that turns the clock back.

    Source: noises are independent and add; each as in `noise_phase`.
    """
    if not model.noises:
        return DrawnClock(model, np.empty(0))
    points = math.ceil(duration_s / model.interval_s) + 3
    if points > MOST_POINTS:
        raise InputError(
            f"{points} points of noise are more than {MOST_POINTS}",
            next_step="draw the noise of the clocks at longer intervals",
        )
    noise = np.zeros(points)
    for one in model.noises:
        noise += noise_phase(points, model=model, noise=one, generator=generator)
    noise_ps = noise * PS_PER_S
    steepest = float(np.max(np.abs(np.diff(noise_ps)))) / (model.interval_s * PS_PER_S)
    if steepest >= STEEPEST - abs(model.frequency):
        raise InputError(
            f"the noise changes the frequency of the clock by {steepest:g}",
            next_step="give lower levels, or longer intervals",
        )
    return DrawnClock(model, noise_ps - noise_ps[0])


def noise_phase(
    points: int, *, model: ClockModel, noise: ClockNoise, generator: np.random.Generator
) -> Floats:
    """Return the time error of one noise, s, shape (points,).

    Source: white noises: ADEV(tau0)^2 = 3 var(x) and ADEV(tau0)^2 = var(y), NIST SP 1065,
    section 5 (from memory); the others by Kasdin and Walter, in `power_law_phase`.
    """
    interval = model.interval_s
    if noise.alpha == 2:
        scale = noise.level * interval / math.sqrt(3.0)
        return scale * generator.standard_normal(points)
    if noise.alpha == 0:
        steps = noise.level * interval * generator.standard_normal(points)
        return np.cumsum(steps)
    return _power_law(points, interval_s=interval, noise=noise, generator=generator)


def _power_law(
    points: int, *, interval_s: float, noise: ClockNoise, generator: np.random.Generator
) -> Floats:
    """Return a noise drawn by Kasdin and Walter's filter."""
    try:
        from qtrace.physics.timing import (
            power_law_noise,  # type: ignore[attr-defined,unused-ignore]
        )
    except ImportError:
        raise InputError(
            f"noise with alpha {noise.alpha} cannot be drawn by this version",
            next_step="take white_phase or white_frequency",
        ) from None
    unit = power_law_noise.expected_deviation(
        noise.alpha, kind="adev", level=1.0, factor=1, interval_s=interval_s
    )
    drawn: Floats = power_law_noise.power_law_phase(
        points,
        interval_s=interval_s,
        alpha=noise.alpha,
        level=(noise.level / unit) ** 2,  # h_alpha, to which the variance is proportional
        generator=generator,
    )
    return drawn
