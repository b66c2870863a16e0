"""What a quantum memory does to a stored pair, and its coherence time from counts.

Inside: `memory_weights`, `Decay`, `CoherenceFit`, `decay_of`, `fit_coherence`.
Dephasing: the coherence of a stored qubit falls as exp(-t / T2). Depolarising: with probability
1 - exp(-t / T1) the qubit is white noise; T1 is NOT a relaxation to the ground state (amplitude
damping), which leaves no Bell-diagonal state and is not modelled.
Source: Nielsen and Chuang, Quantum Computation and Quantum Information (2000), section 8.3, for
both channels [from memory]; binomial likelihood, Fisher information.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, xlogy

from qtrace.errors import InputError

Array = NDArray[np.float64]

LEAST_TIMES = 3  # one more than the parameters, so that the fit can be judged
DOUBTFUL_FIT = 0.01  # p-value of the deviance below which the shape is said not to hold
MOST_VISIBILITY = 1.0


class Decay(StrEnum):
    """How the visibility falls with the time of storage."""

    EXPONENTIAL = "exponential"  # exp(-t / T)
    GAUSSIAN = "gaussian"  # exp(-(t / T)^2)


@dataclass(frozen=True, slots=True)
class CoherenceFit:
    """A fitted decay: V(t) = visibility * decay(t / coherence_time_s).

    `correlation` is that of both parameters; `deviance` is compared with chi-square of
    `degrees_of_freedom`. `at_limit`: the visibility lies at 1, and its u is that of the likelihood
    beyond the limit.
    """

    decay: Decay
    coherence_time_s: float
    u_coherence_time_s: float
    visibility: float
    u_visibility: float
    correlation: float
    deviance: float
    degrees_of_freedom: int
    p_value: float
    at_limit: bool

    @property
    def holds(self) -> bool:
        """Return whether the counts do not speak against the shape."""
        return self.p_value >= DOUBTFUL_FIT


def memory_weights(
    time_s: float, *, dephasing_time_s: float = math.inf, depolarising_time_s: float = math.inf
) -> Array:
    """Return the Bell weights that storing ONE qubit of a pair convolves the pair with, (4,).

    Args:
        time_s: Time of storage, not negative.
        dephasing_time_s: T2 of the memory, above 0; infinite where it does not dephase.
        depolarising_time_s: T1 of the memory, above 0; infinite where it does not depolarise.

    Returns:
        Weights of phi+, phi-, psi+, psi-; store both qubits and convolve twice.

    Raises:
        InputError: A negative time, or a coherence time that is not above 0.

    Source: phase flip with (1 - exp(-t/T2)) / 2; white noise with 1 - exp(-t/T1), of which each
        Bell state gets 1/4.
    """
    if not time_s >= 0.0 or math.isinf(time_s):
        raise InputError(
            f"a storage time of {time_s:g} s is negative or endless",
            where="storage time",
            next_step="give the time between storing and reading",
        )
    for name, one in (
        ("dephasing time", dephasing_time_s),
        ("depolarising time", depolarising_time_s),
    ):
        if not one > 0.0:
            raise InputError(
                f"a {name} of {one:g} s is not above zero",
                where=name,
                next_step="leave it out where the memory does not decay that way",
            )
    flip = -0.5 * math.expm1(-time_s / dephasing_time_s)
    kept = math.exp(-time_s / depolarising_time_s)
    white = (1.0 - kept) / 4.0
    return kept * np.array([1.0 - flip, flip, 0.0, 0.0]) + white


def decay_of(times_s: ArrayLike, *, coherence_time_s: float, decay: Decay) -> Array:
    """Return what is left of the visibility after each time.

    Source: exp(-t / T) or exp(-(t / T)^2): 1/e at T in both shapes.
    """
    ratio = np.asarray(times_s, dtype=np.float64) / coherence_time_s
    return np.exp(-ratio if decay is Decay.EXPONENTIAL else -(ratio**2))


def fit_coherence(
    times_s: Sequence[float],
    agreements: Sequence[int],
    errors: Sequence[int],
    *,
    decay: Decay = Decay.EXPONENTIAL,
) -> CoherenceFit:
    """Fit a decay to counts at storage times by maximum likelihood.

    Args:
        times_s: Storage times, (n,), three different ones at least, not negative.
        agreements: Counts where the state read is that stored, or both sides agree, (n,).
        errors: Counts of the opposite outcome, (n,).
        decay: Shape of the decay; none is chosen after the fact.

    Returns:
        Coherence time and visibility at time zero with u, and how well the shape fits.

    Raises:
        InputError: Fewer than three times, negative times or counts, no decay in the counts.

    Source: P(agree) = (1 + V decay(t/T)) / 2, binomial likelihood; u from the expected Fisher
        information at the maximum; deviance against chi-square (asymptotic: few counts are said
        by the caller). V is kept at 1 at most.
    """
    from scipy.optimize import minimize  # slow to import

    t, k, n = _checked(times_s, agreements, errors)
    start = _start(t, k, n)

    def probability(v: float, log_time: float) -> Array:
        return 0.5 * (1.0 + v * decay_of(t, coherence_time_s=math.exp(log_time), decay=decay))

    def loss(point: Array) -> float:
        # At p = 1 an error would cost infinitely much: the search must still see a slope.
        p = np.clip(probability(float(point[0]), float(point[1])), 0.0, 1.0 - 1e-12)
        return -float(np.sum(xlogy(k, p) + xlogy(n - k, 1.0 - p)))

    longest = math.log(float(np.max(t)))
    bounds = [(1e-6, MOST_VISIBILITY), (longest - 15.0, longest + 15.0)]
    best = min(
        (
            minimize(loss, np.array([v, s]), bounds=bounds, method="L-BFGS-B")
            for v, s in ((start, longest - 1.0), (start, longest + 0.5), (0.5, longest))
        ),
        key=lambda one: float(one.fun),
    )
    v, log_time = float(best.x[0]), float(best.x[1])
    inside = bounds[1][0] + 1e-6 < log_time < longest + 10.0 and v >= 1e-3
    fit = _judged(t, k, n, decay=decay, point=(v, math.exp(log_time))) if inside else None
    if fit is None or not fit.u_coherence_time_s < fit.coherence_time_s:
        raise InputError(
            "the counts show no decay that has a time",
            where="point",
            next_step="store longer, or shorter where nothing is left of the visibility",
        )
    return fit


def _checked(
    times_s: Sequence[float], agreements: Sequence[int], errors: Sequence[int]
) -> tuple[Array, Array, Array]:
    t = np.asarray(times_s, dtype=np.float64)
    good, bad = (np.asarray(one, dtype=np.float64) for one in (agreements, errors))
    if not t.shape == good.shape == bad.shape or t.ndim != 1:
        raise InputError(
            f"{t.size} times, {good.size} agreements and {bad.size} errors do not belong together",
            where="point",
            next_step="give one row for each storage time",
        )
    if np.unique(t).size < LEAST_TIMES:
        raise InputError(
            f"{np.unique(t).size} storage times are too few for a decay",
            where="point",
            next_step=f"measure at {LEAST_TIMES} different times or more",
        )
    if not (np.all(np.isfinite(t)) and np.all(t >= 0.0)):
        raise InputError("a storage time is negative", where="time", next_step="correct the times")
    if np.any(good < 0) or np.any(bad < 0) or np.any(good + bad <= 0):
        raise InputError(
            "a point has negative counts, or none at all",
            where="point",
            next_step="leave out times at which nothing was counted",
        )
    return t, good, good + bad


def _start(t: Array, k: Array, n: Array) -> float:
    first = int(np.argmin(t))
    return float(np.clip(2.0 * k[first] / n[first] - 1.0, 0.05, 0.999))


def _judged(
    t: Array, k: Array, n: Array, *, decay: Decay, point: tuple[float, float]
) -> CoherenceFit:
    v, time_s = point
    left = decay_of(t, coherence_time_s=time_s, decay=decay)
    p = 0.5 * (1.0 + v * left)
    power = 1.0 if decay is Decay.EXPONENTIAL else 2.0
    slopes = np.stack([0.5 * left, 0.5 * v * left * power * (t / time_s) ** power / time_s])
    # At visibility 1 and time 0 no error is expected; half a count keeps the information finite.
    spread = np.maximum(p * (1.0 - p), 0.5 / n * (1.0 - 0.5 / n))
    information = (slopes * (n / spread)) @ slopes.T
    try:
        covariance = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        raise InputError(
            "the times do not tell the decay from the visibility",
            where="point",
            next_step="measure at times below and above the coherence time",
        ) from None
    u_v, u_time = (math.sqrt(float(covariance[i, i])) for i in (0, 1))
    seen = k / n
    terms = xlogy(k, seen) - xlogy(k, p) + xlogy(n - k, 1.0 - seen) - xlogy(n - k, 1.0 - p)
    deviance = max(2.0 * float(np.sum(terms)), 0.0)
    freedom = t.size - 2
    return CoherenceFit(
        decay,
        time_s,
        u_time,
        v,
        u_v,
        float(covariance[0, 1]) / (u_v * u_time),
        deviance,
        freedom,
        float(gammaincc(freedom / 2.0, deviance / 2.0)),
        v >= MOST_VISIBILITY - 1e-6,
    )
