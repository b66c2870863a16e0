"""From the phase of an interrogation to fractional frequency: one clock, two, a network.

Inside: `Averaging`, `frequency_uncertainty`, `difference_uncertainty`, `mean_uncertainty`,
`averaged`. A phase says nothing of a frequency without interrogation and averaging times.
Source: Leroux et al., Metrologia 54, 307 (2017), arXiv:1701.06697, Eq. 2: sigma(tau) = 1/(omega T
sqrt N) sqrt(T_c / tau) for independent atoms; 1/sqrt N is the phase uncertainty there.
"""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]
_SYMMETRIC = 1e-12


class Averaging(StrEnum):
    """How an uncertainty of frequency falls with the averaging time."""

    WHITE_FREQUENCY = "white_frequency"  # each interrogation anew: as tau^-1/2
    PHASE_COHERENT = "phase_coherent"  # the phase is kept from one to the next: as tau^-1


def frequency_uncertainty(
    phase: Number,
    *,
    carrier_hz: Number,
    interrogation_s: Number,
    cycle_s: Number,
    averaging_s: float | None,
) -> Number:
    """Return sigma_y = dphi / (2 pi nu0 T) sqrt(T_c / tau) of fractional frequency.

    It holds for white frequency noise: interrogations that do not know of each other, without
    noise of the oscillator between them (Dick effect).

    Args:
        phase: Standard deviation of the phase of one interrogation, in rad.
        carrier_hz: Frequency nu0 of the clock transition.
        interrogation_s: Ramsey time T.
        cycle_s: Time T_c from one interrogation to the next.
        averaging_s: Averaging time tau, a cycle or longer.

    Raises:
        InputError: no averaging time, one below a cycle, a cycle below the Ramsey time, or a
            number that is not above zero.

    Source: Leroux et al. (2017), Eq. 2.
    """
    if averaging_s is None:
        raise InputError(
            "a phase without an averaging time is no frequency",
            where="averaging_time",
            next_step="state the averaging time; the Ramsey time alone gives one interrogation",
        )
    for name, value in (
        ("phase_uncertainty", phase),
        ("carrier_frequency", carrier_hz),
        ("interrogation_time", interrogation_s),
        ("cycle_time", cycle_s),
        ("averaging_time", averaging_s),
    ):
        if not np.all(np.isfinite(value) & (np.asarray(value) > 0.0)):
            # Slopes and draws hand in arrays: one that is wrong is enough.
            wrong = np.ravel(np.asarray(value)[~(np.asarray(value) > 0.0)])
            told = f"{wrong[0] if wrong.size else np.inf:g}"
            raise InputError(f"{name} is {told}, not a number above zero", where=name)
    # Steps of a derivative may cross the edge by a rounding; the nominal values do not.
    if np.min(np.asarray(cycle_s)) < np.min(np.asarray(interrogation_s)) * (1.0 - 1e-9):
        raise InputError(
            f"a cycle of {np.min(cycle_s):g} s is shorter than its interrogation of "
            f"{np.min(interrogation_s):g} s",
            where="cycle_time",
            next_step="the cycle holds interrogation and dead time",
        )
    if averaging_s < np.min(np.asarray(cycle_s)) * (1.0 - 1e-9):
        raise InputError(
            f"an averaging time of {averaging_s:g} s is shorter than one cycle",
            where="averaging_time",
            next_step="average over a cycle at least",
        )
    single = phase / (2.0 * math.pi * carrier_hz * interrogation_s)
    return single * np.sqrt(np.asarray(cycle_s / averaging_s, dtype=np.float64))[()]


def difference_uncertainty(first: float, second: float, *, correlation: float) -> float:
    """Return u of the difference of two clocks: what they share falls out.

    Args:
        first: u of the first.
        second: u of the second.
        correlation: Correlation coefficient of their errors.

    Raises:
        InputError: an u below zero, or a correlation outside [-1, 1].

    Source: JCGM 100:2008, Eq. 16, with sensitivities 1 and -1.
    """
    if not (min(first, second) >= 0.0 and math.isfinite(first + second)):
        raise InputError(f"u of {first} and {second}: one is below zero", where="u")
    if not -1.0 <= correlation <= 1.0:
        raise InputError(f"{correlation} is no correlation coefficient", where="correlation")
    # As a sum of squares: nothing cancels where both clocks are one.
    apart, shared = (first - second) ** 2, 2.0 * (1.0 - correlation) * first * second
    return math.sqrt(apart + shared)


def mean_uncertainty(covariance: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return u of a weighted sum over the nodes of a network, their correlation kept.

    Entanglement between nodes shows here: as a negative covariance of their errors.

    Args:
        covariance: Covariance matrix of the errors of the nodes, nodes x nodes.
        weights: What the network measures of each; the mean has 1/M, a difference 1 and -1.

    Raises:
        InputError: shapes that do not fit, or no covariance matrix.

    Source: JCGM 100:2008, Eq. 13.
    """
    matrix, weight = np.asarray(covariance, float), np.asarray(weights, float)
    if matrix.ndim != 2 or matrix.shape != (weight.size, weight.size):
        raise InputError("weights and covariance matrix do not fit", where="covariance")
    scale = float(np.abs(matrix).max())
    if not np.isfinite(matrix).all() or np.abs(matrix - matrix.T).max() > _SYMMETRIC * scale:
        raise InputError("the covariance matrix is not symmetric", where="covariance")
    if np.linalg.eigvalsh(matrix).min() < -1e-9 * scale:
        raise InputError("the covariance matrix has a negative eigenvalue", where="covariance")
    return math.sqrt(max(0.0, float(weight @ matrix @ weight)))


def averaged(
    uncertainty: float, at_s: float, *, to_s: float, how: str, coherence_s: float | None = None
) -> float:
    """Return an uncertainty of frequency at another averaging time.

    Args:
        uncertainty: Of fractional frequency, at the first time.
        at_s: First averaging time.
        to_s: Averaging time asked for, not shorter.
        how: One of `Averaging`. As 1/tau it falls only while the phase is tracked from one
            interrogation to the next without a slip.
        coherence_s: How long the phase is tracked; needed for phase-coherent averaging, and
            no result is given beyond it.

    Raises:
        InputError: no such averaging, a shorter time, or coherence that is not stated or ended.

    Source: white frequency noise, tau^-1/2; Shiga and Takeuchi, New J. Phys. 14, 023034 (2012),
        arXiv:1107.5176, for 1/tau where the phase is not reset by each measurement.
    """
    if how not in set(Averaging):
        raise InputError(
            f"{how!r} is no way of averaging",
            where="averaging",
            next_step=f"one of: {', '.join(Averaging)}",
        )
    if not 0.0 < at_s <= to_s < math.inf:
        raise InputError(f"from {at_s} s to {to_s} s nothing is averaged", where="averaging_time")
    if how == Averaging.WHITE_FREQUENCY:
        return uncertainty * math.sqrt(at_s / to_s)
    if coherence_s is None or to_s > coherence_s:
        raise InputError(
            "as 1/tau frequency averages only while one phase is tracked without a slip",
            where="coherence_time",
            next_step="state for how long, or take white_frequency: tau^-1/2",
        )
    return uncertainty * at_s / to_s
