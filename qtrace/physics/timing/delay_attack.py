"""Delay attacks: how small an asymmetric extra delay each test shows, and what it is blind to.

Inside: `DetectableAsymmetry`, `power_factor`, `attained_power`, `detectable_by_round_trip`,
`detectable_by_innovation`, `predicted_u_s`, `detectable_by_closure`, `asymmetry_bound`, and the
texts of blindness. The tests of a record for a step are in `delay_step`.
An extra delay that is the same in both directions cancels in a two-way offset. An asymmetry d
shifts the offset by d/2 and cannot be seen in offset data: only an independent statement (the round
trip, a clock, another way round, a surveyed length) shows it. A figure here is the smallest size
that the named test shows with its power; it is no assurance that nothing was done.
Source: Lee et al., APL 115, 141101 (2019), for the attack; Li et al., arXiv:2203.03803 (2022), for
the clock model; power of a z-test: size = (z_(1-alpha/2) + z_power) u, any book on tests; Baarda
(1968), A testing procedure for use in geodetic networks (from memory), for networks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from qtrace.errors import InputError
from qtrace.physics.timing.delay_step import check_level, check_positive, u_of_step
from qtrace.physics.timing.fibre_path import group_delay_s
from qtrace.physics.timing.loop_closure import AdjustedOffsets

Number = float | NDArray[np.float64]

BLIND_ROUND_TRIP = (
    "Blind to a delay added in one direction and taken from the other (the round trip stays), to "
    "what was there before the record began, to a slow change that passes for temperature, and to "
    "changes shorter than the averaging."
)
BLIND_INNOVATION = (
    "Blind to an asymmetry that was there when the clock model was fitted, to one that grows "
    "slower than the clock may wander, and to one that the model follows as frequency."
)
BLIND_CLOSURE = (
    "Blind to asymmetries that add up to zero around each loop, to what a node brings into all "
    "its links alike, and to links that stand in no loop."
)
BLIND_BOUND = (
    "Holds only if no path is shorter than the surveyed length and none is faster than the "
    "stated group index: a straight line through air would allow more."
)

# The error of the best prediction over tau from a past sampled every tau is this times
# tau ADEV(tau), by the exponent of the noise: the frequency is not known but comes from the past.
_PREDICTION = {2: 1.0 / math.sqrt(3.0), 0: 1.0, -1: 1.3, -2: math.sqrt(2.0)}


@dataclass(frozen=True, slots=True)
class DetectableAsymmetry:
    """The smallest asymmetry that a test shows, in s, with its error probabilities.

    `alpha` is the probability of an alarm without a cause, `power` that of an alarm at this
    asymmetry. For the bound, `power` is the one-sided probability of the bound and alpha is 0.
    """

    test: str
    asymmetry_s: float
    alpha: float
    power: float
    blind_to: str


def power_factor(*, alpha: Number = 0.05, power: Number = 0.95) -> Number:
    """Return the size that a two-sided z-test shows, in standard uncertainties: 3.60 at 5 and 95 %.

    Args:
        alpha: Probability of an alarm without a cause.
        power: Probability of an alarm at that size; above alpha.

    Raises:
        InputError: a probability is not between 0 and 1, or the power not above one half.

    Source: z_(1-alpha/2) + z_power; the alarms on the wrong side (below 1e-6) are left out.
    """
    levels = (np.asarray(alpha), np.asarray(power))
    if not all(np.all((one > 0.0) & (one < 1.0)) for one in levels) or np.any(levels[1] < 0.5):
        raise InputError(
            f"alpha {alpha} and power {power} are no probabilities of a test",
            next_step="give for example alpha = 0.05 and power = 0.95 (at least 0.5)",
        )
    factor: Number = ndtri(1.0 - 0.5 * levels[0]) + ndtri(levels[1])
    return factor


def detectable_by_round_trip(
    *,
    sigma_s: float,
    points_before: int,
    points_after: int,
    u_model_s: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.95,
) -> DetectableAsymmetry:
    """Return the one-directional extra delay that a step of the round trip shows.

    Args:
        sigma_s: Standard deviation of one point of the round trip in s, white.
        points_before: Points before the step.
        points_after: Points after it.
        u_model_s: u of what the thermal model leaves between the two means, in s: it does not
            average.
        alpha: Probability of an alarm without a cause.
        power: Probability of an alarm at the size returned.

    Raises:
        InputError: bad probabilities, no points, or a negative uncertainty.

    Source: difference of two means, u^2 = sigma^2 (1/n1 + 1/n2) + u_model^2; a delay d in one
        direction makes an asymmetry d and a step d of the round trip.
    """
    u = u_of_step(sigma_s, points_before, points_after=points_after, u_model_s=u_model_s)
    size = float(power_factor(alpha=alpha, power=power)) * u
    return DetectableAsymmetry("step of the round trip", size, alpha, power, BLIND_ROUND_TRIP)


def detectable_by_innovation(
    *, u_offset_s: float, u_prediction_s: float, alpha: float = 0.05, power: float = 0.95
) -> DetectableAsymmetry:
    """Return the asymmetry that the next offset shows against what the clocks let expect.

    Args:
        u_offset_s: u of the offset measured, without the asymmetry, in s.
        u_prediction_s: u of the offset predicted over the gap, both clocks, in s.
        alpha: Probability of an alarm without a cause.
        power: Probability of an alarm at the size returned.

    Raises:
        InputError: bad probabilities or a negative uncertainty.

    Source: innovation of u^2 = u_offset^2 + u_prediction^2; an asymmetry d shifts it by d/2.
    """
    check_positive(u_offset_s, u_prediction_s)
    u = math.hypot(u_offset_s, u_prediction_s)
    size = 2.0 * float(power_factor(alpha=alpha, power=power)) * u
    return DetectableAsymmetry("innovation of the offset", size, alpha, power, BLIND_INNOVATION)


def predicted_u_s(*, gap_s: float, allan_deviation: float, alpha_noise: int) -> float:
    """Return the u of a prediction of the offset over a gap, from the Allan deviation of the pair.

    Args:
        gap_s: Length of the gap in s.
        allan_deviation: Allan deviation at an averaging time of that length.
        alpha_noise: Exponent of the dominant noise there: 2 (white phase), 0 (white frequency),
            -1 (flicker frequency), -2 (random walk of frequency).

    Raises:
        InputError: another exponent, or a negative number.

    Source: best linear prediction from a past sampled every gap, factors of tau ADEV(tau)
        1/sqrt 3, 1, 1.3, sqrt 2. For random walk the last two points go on: the error is their
        second difference, of variance 2 tau^2 ADEV^2, exactly; for flicker by solving for the best
        weights of 20 and 200 points (1.31), both tested here against simulated records. The
        factors 1/sqrt(ln 2) and 1 of Allan, IEEE Trans. UFFC 34, 647 (1987) (from memory) hold for
        clocks that are watched all the time. For white frequency noise a past of 20 points
        makes the error larger by 3 %.
    """
    check_positive(gap_s, allan_deviation)
    if alpha_noise not in _PREDICTION:
        raise InputError(
            f"no prediction is given for noise of exponent {alpha_noise}",
            next_step="give 2, 0, -1 or -2; for flicker of phase state the u yourself",
        )
    return _PREDICTION[alpha_noise] * gap_s * allan_deviation


def detectable_by_closure(
    adjusted: AdjustedOffsets, *, alpha: float = 0.05, power: float = 0.95
) -> tuple[DetectableAsymmetry, ...]:
    """Return, for each link, the asymmetry of that link alone that the closures show.

    Args:
        adjusted: The network with its redundancy.
        alpha: Probability of an alarm without a cause, for a link named beforehand.
        power: Probability of an alarm at the size returned.

    Returns:
        One for each link, in their order; infinite for a link in no loop.

    Raises:
        InputError: bad probabilities.

    Source: minimal detectable bias (z_(1-alpha/2) + z_power)/sqrt(redundancy), Baarda (1968);
        an asymmetry d shifts the offset of its link by d/2.
    """
    factor = float(power_factor(alpha=alpha, power=power))
    sizes = [
        2.0 * factor / math.sqrt(one) if one > 0.0 else math.inf
        for one in adjusted.redundancy_per_s2.tolist()
    ]
    return tuple(
        DetectableAsymmetry(f"closure, {a} to {b}", size, alpha, power, BLIND_CLOSURE)
        for size, (a, b) in zip(sizes, adjusted.links, strict=True)
    )


def asymmetry_bound(
    *,
    round_trip_s: float,
    u_round_trip_s: float,
    least_length_m: float,
    least_group_index: float,
    u_least_delay_s: float = 0.0,
    probability: float = 0.95,
) -> DetectableAsymmetry:
    """Return the size that no asymmetry can exceed, from the round trip and the surveyed length.

    Args:
        round_trip_s: Round-trip delay of the path in s, local delays taken off.
        u_round_trip_s: Its standard uncertainty in s.
        least_length_m: Length in m below which neither direction can be, as surveyed.
        least_group_index: Least group index that either direction can have.
        u_least_delay_s: u of the least delay of one direction, from survey and index, in s.
        probability: One-sided probability of the bound.

    Raises:
        InputError: the round trip is shorter than length and index allow, beyond its u; a bad
            probability or a negative uncertainty.

    Source: |path_AB - path_BA| <= RTT - 2 L_min n_g/c, since neither path is below L_min n_g/c;
        upper limit by u^2 = u_RTT^2 + (2 u_least)^2.
    """
    check_positive(u_round_trip_s, u_least_delay_s)
    least = float(group_delay_s(least_length_m, least_group_index))
    u = math.hypot(u_round_trip_s, 2.0 * u_least_delay_s)
    bound = round_trip_s - 2.0 * least + float(ndtri(check_level(probability))) * u
    if bound < 0.0:
        raise InputError(
            f"the round trip of {round_trip_s} s is shorter than {2.0 * least} s, twice the least "
            "delay, beyond its uncertainty",
            next_step="check length and group index: one of them is too large, or a path is short",
        )
    return DetectableAsymmetry("bound by length", bound, 0.0, probability, BLIND_BOUND)


def attained_power(*, asymmetry_s: float, u_s: float, alpha: float = 0.05) -> float:
    """Return the probability of an alarm of a two-sided z-test at a shift, both sides counted.

    Args:
        asymmetry_s: Shift of the tested quantity in s.
        u_s: Its standard uncertainty in s.
        alpha: Probability of an alarm without a cause.

    Source: Phi(d/u - z) + Phi(-d/u - z), z = z_(1-alpha/2).
    """
    z = float(ndtri(1.0 - 0.5 * check_level(alpha)))
    shift = asymmetry_s / u_s
    return float(ndtr(shift - z) + ndtr(-shift - z))
