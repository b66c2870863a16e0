"""Offset series drawn point by point, without tags; and which point lengths agree with a TDEV.

Inside: `background_density`, `shift_bound`, `OffsetWorld`, `SimulatedOffsets`,
`simulate_offsets`, `white_phase_tdev`, `agreeing_point_s`, `PointAgreement`, `points_agree`.

A series of thousands of points of half a minute each would need 1e8 tags and more. Here each point
is the mean true offset of its time plus a normal error of the least standard deviation that its
pairs allow: what a maximum-likelihood fit of the peak reaches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.simulated_clock import ClockModel, DrawnClock, draw_clock

PEAK_SIGMAS = 3.0  # background is counted within so many standard deviations on either side
SAMPLES = 8  # of the true offset in a point
MOST_POINTS = 10_000_000


def background_density(pairs: float, *, sigma_ps: float, ratio: float) -> float:
    """Return the flat background, counts per ps, of a background-to-signal ratio.

    Args:
        pairs: Pairs in the peak.
        sigma_ps: Standard deviation of the peak, ps.
        ratio: Background counts within three standard deviations on either side, over pairs.
            Other texts count in other windows: this one is ours.

    Source: ours, counts over the width of the window.
    """
    return ratio * pairs / (2.0 * PEAK_SIGMAS * sigma_ps)


def shift_bound(pairs: float, *, sigma_ps: float, background_per_ps: float) -> float:
    """Return the Cramer-Rao bound of the position of a normal peak on a flat background, ps.

    Args:
        pairs: Expected pairs in the peak.
        sigma_ps: Standard deviation of the peak, ps.
        background_per_ps: Expected background counts per ps.

    Source: Fisher information of an inhomogeneous Poisson process, int g'^2 / (g + b) dt: Bar-
    David, IEEE Trans. Inf. Theory 15, 31 (1969) (from memory).
    """
    x, step = np.linspace(-10.0, 10.0, 20_001, retstep=True)
    shape = pairs / sigma_ps * np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    slope = x / sigma_ps * shape
    # The ends are zero: a plain sum is the trapezoidal rule. Without background 0/0 cannot be:
    # ten standard deviations are still 1e-23 of the peak.
    information = float(np.sum(slope * slope / (shape + background_per_ps)) * step) * sigma_ps
    return 1.0 / math.sqrt(information)


@dataclass(frozen=True, slots=True)
class OffsetWorld:
    """A series of offsets B - A of one link.

    `pairs_per_s` one-way coincidences; `round_trip_pairs_per_s` those of the second measurement,
    which enters by half (round trip, and the two-way scheme with `two_way`): 0 for none.
    """

    points: int
    point_s: float
    pairs_per_s: float
    sigma_ps: float
    background_to_signal: float = 0.0
    round_trip_pairs_per_s: float = 0.0
    two_way: bool = False
    clock_a: ClockModel = field(default_factory=ClockModel)
    clock_b: ClockModel = field(default_factory=ClockModel)

    def __post_init__(self) -> None:
        """Refuse what is no series."""
        above = (self.point_s, self.pairs_per_s, self.sigma_ps)
        least = (self.background_to_signal, self.round_trip_pairs_per_s)
        if (
            not 1 <= self.points <= MOST_POINTS
            or not all(math.isfinite(one) and one > 0.0 for one in above)
            or not all(math.isfinite(one) and one >= 0.0 for one in least)
            or (self.two_way and self.round_trip_pairs_per_s == 0.0)
        ):
            raise InputError(
                f"this is no series: 1 to {MOST_POINTS} points, with a length, pairs and a width "
                "above zero; a background that is not negative; two ways have pairs each",
                next_step="correct its numbers",
            )

    def u_point_ps(self) -> float:
        """Return the standard uncertainty of one point by its photons alone, ps.

        Source: round trip: offset = d_AB - RTT/2; two-way: (d_AB - d_BA)/2; variances of the
        independent errors of the delays.
        """
        u_forward = self._bound(self.pairs_per_s)
        if self.round_trip_pairs_per_s == 0.0:
            return u_forward
        u_back = self._bound(self.round_trip_pairs_per_s)
        weight = 0.5 if self.two_way else 1.0
        return math.hypot(weight * u_forward, 0.5 * u_back)

    def _bound(self, pairs_per_s: float) -> float:
        pairs = pairs_per_s * self.point_s
        flat = background_density(pairs, sigma_ps=self.sigma_ps, ratio=self.background_to_signal)
        return shift_bound(pairs, sigma_ps=self.sigma_ps, background_per_ps=flat)


@dataclass(frozen=True, slots=True)
class SimulatedOffsets:
    """A drawn series; `simulated` is never false.

    `epoch_s` middles of points; `offset_ps` as observed, `true_ps` mean true offset of each
    point, both less `constant_ps`, the whole constant offset; `u_ps` of each, by photons alone.
    """

    epoch_s: NDArray[np.float64]
    offset_ps: NDArray[np.float64]
    true_ps: NDArray[np.float64]
    u_ps: NDArray[np.float64]
    constant_ps: int
    simulated: bool = True

    def phase_s(self) -> NDArray[np.float64]:
        """Return the observed series less its constant, s: as stability estimators take it.

        Source: 1 ps = 1e-12 s.
        """
        phase: NDArray[np.float64] = self.offset_ps * 1e-12
        return phase


def simulate_offsets(world: OffsetWorld, *, generator: np.random.Generator) -> SimulatedOffsets:
    """Draw a series of offsets.

    Args:
        world: What is true.
        generator: Of all draws: the same state gives the same series.

    Source: ours: mean true offset plus a normal error of the size of the Cramer-Rao bound.
    """
    duration = world.points * world.point_s
    first = draw_clock(world.clock_a, duration_s=duration, generator=generator)
    second = draw_clock(world.clock_b, duration_s=duration, generator=generator)
    true = _means(second, world) - _means(first, world)
    u = world.u_point_ps()
    observed = true + u * generator.standard_normal(world.points)
    epochs = np.asarray((np.arange(world.points) + 0.5) * world.point_s, np.float64)
    return SimulatedOffsets(
        epochs,
        observed,
        true,
        np.full(world.points, u),
        world.clock_b.offset_ps - world.clock_a.offset_ps,
    )


def _means(clock: DrawnClock, world: OffsetWorld) -> NDArray[np.float64]:
    """Return the mean error of a clock over each point, ps, without its constant offset."""
    total = np.zeros(world.points)
    for k in range(SAMPLES):
        middles = np.arange(world.points) + (k + 0.5) / SAMPLES
        times_ps = np.asarray(middles * world.point_s * 1e12, np.float64)
        total += clock.error_ps(times_ps, start_s=0.0)
    return total / SAMPLES


def white_phase_tdev(u_point: float, *, point_s: float, tau_s: float) -> float:
    """Return the time deviation of points with independent errors, in the unit of `u_point`.

    Args:
        u_point: Standard deviation of one point.
        point_s: Length of a point, s; the points follow without a gap.
        tau_s: Averaging time, s.

    Source: white phase noise, Riley, NIST SP 1065, table of power laws (from memory):
    TDEV(tau) = sigma0 sqrt(tau0 / tau).
    """
    return u_point * math.sqrt(point_s / tau_s)


def agreeing_point_s(u_point: float, *, tdev: float, tau_s: float) -> float:
    """Return the length of points, s, at which both numbers agree under white phase noise.

    Source: `white_phase_tdev`, solved for the length.
    """
    if min(u_point, tdev, tau_s) <= 0.0:
        raise InputError(
            "uncertainty of a point, TDEV and averaging time are above zero",
            next_step="correct the number",
        )
    return tau_s * (tdev / u_point) ** 2


@dataclass(frozen=True, slots=True)
class PointAgreement:
    """Whether a claim of points and one of a TDEV agree under white phase noise.

    `expected_tdev` from the points; `ratio` claimed over expected; `agreeing_point_s` the length
    at which they would agree; `agrees` within the tolerance. A ratio well below one cannot be
    white phase noise of such points; one above it leaves room for other noise.
    """

    expected_tdev: float
    ratio: float
    agreeing_point_s: float
    agrees: bool


def points_agree(
    u_point: float, point_s: float, *, tdev: float, tau_s: float, tolerance: float = 0.1
) -> PointAgreement:
    """Compare the uncertainty of single points with a claimed time deviation.

    Args:
        u_point: Standard uncertainty of one point, any unit of time.
        point_s: Length of a point, s.
        tdev: Claimed time deviation, in the unit of `u_point`.
        tau_s: Its averaging time, s.
        tolerance: Largest relative difference that still agrees.

    Source: `white_phase_tdev`.
    """
    length = agreeing_point_s(u_point, tdev=tdev, tau_s=tau_s)
    if point_s <= 0.0:
        raise InputError(f"a point of {point_s:g} s has no length", next_step="correct it")
    expected = white_phase_tdev(u_point, point_s=point_s, tau_s=tau_s)
    ratio = tdev / expected
    return PointAgreement(expected, ratio, length, abs(ratio - 1.0) <= tolerance)
