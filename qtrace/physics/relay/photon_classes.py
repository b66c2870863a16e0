"""Which intensity was chosen, given the number of photons: exact for every number, in intervals.

Inside: `IntensitySet`, `class_probabilities`, `emission_limits`, `photon_interval`.
A source chooses intensity i with probability p_i and emits a pulse with a random phase: n photons
follow Poisson's law. The choice is hidden from whoever sees only the photons, so that among the
events with n photons intensity i has the share p_i exp(-m_i) m_i^n / (the sum over all i).
Source: Curty et al., Nat. Commun. 5, 3732 (2014), p_{a,b|nm} [read in a transcription]; intervals
for the coefficients: Wang, Peng, Zhang, Yang and Pan, PRA 77, 042311 (2008), arXiv:0802.3177
[not read; the argument is our own, see `IntensitySet`].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaln

from qtrace.errors import InputError

Array = NDArray[np.float64]

TOTAL = 1e-9  # how far declared probabilities may miss 1: their rounding


@dataclass(frozen=True, slots=True)
class IntensitySet:
    """Intensities of one source in falling order, each within `low` to `high`.

    Within the interval an intensity may change from pulse to pulse, in any way that does not
    depend on the choice, even known to the adversary.
    """

    probabilities: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse intervals that are empty or overlap, and probabilities that are none."""
        if not all(0.0 <= a <= b < np.inf for a, b in zip(self.low, self.high, strict=True)):
            raise InputError(
                f"the intensities {self.low} to {self.high} are not intervals from 0 upwards",
                next_step="give a lower and an upper limit of each mean photon number",
            )
        if not all(b < a for a, b in zip(self.low, self.high[1:], strict=False)):
            raise InputError(
                f"the intensities {self.low} to {self.high} do not fall, or their sets overlap",
                next_step="list intensities from the strongest to the weakest, all different",
            )
        p = np.asarray(self.probabilities)
        if not (np.all(p > 0.0) and np.all(p < 1.0) and abs(p.sum() - 1.0) <= TOTAL):
            raise InputError(
                f"the probabilities {self.probabilities} of the intensities do not sum to 1",
                next_step="give the probability of each intensity within one basis",
            )


def photon_interval(low: Array, high: Array, photons: Array) -> tuple[Array, Array]:
    """Return the smallest and largest exp(-m) m^n for m in an interval; without the 1/n!.

    Args:
        low: Lower ends of the means, shape (k,).
        high: Upper ends, shape (k,).
        photons: Photon numbers n, shape (j,).

    Returns:
        Two arrays of shape (k, j).

    Source: exp(-m) m^n rises up to m = n and falls beyond it.
    """

    def weight(mean: Array) -> Array:
        return np.asarray(np.exp(-mean) * np.power(mean, photons), dtype=np.float64)

    first, last = weight(low[:, None]), weight(high[:, None])
    peak = weight(np.clip(np.broadcast_to(photons, first.shape), low[:, None], high[:, None]))
    return np.minimum(first, last), peak


def class_probabilities(source: IntensitySet, largest: int) -> tuple[Array, Array]:
    """Return lower and upper limits of P(intensity | photons) for 0, 1, ... and "more".

    Args:
        source: The intensities and their probabilities.
        largest: Largest photon number with a class of its own.

    Returns:
        Two arrays of shape (intensities, largest + 2); the last column holds for every photon
        number above `largest`.

    Source: shares as in the module; a ratio of two weights is monotone in n, hence its limits
        over all larger n are those at largest + 1 and at infinity.
    """
    photons = np.arange(largest + 2, dtype=np.float64)
    low, high = photon_interval(np.array(source.low), np.array(source.high), photons)
    p = np.array(source.probabilities)[:, None]
    low, high = p * low, p * high
    others_low, others_high = low.sum(axis=0) - low, high.sum(axis=0) - high
    least = _share(low, others_high)
    most = _share(high, others_low)
    # For more photons only stronger intensities gain: all of them for the first, none for others.
    last = -1
    stronger_low = np.concatenate(([0.0], np.cumsum(low[:, last])[:-1]))
    most[:, last] = _share(high[:, last], stronger_low)
    least[1:, last] = 0.0
    return least, most


def emission_limits(source: IntensitySet, largest: int) -> tuple[Array, Array]:
    """Return lower and upper limits of the probability that a pulse has 0, 1, ... "more" photons.

    Args:
        source: The intensities and their probabilities.
        largest: Largest photon number with a class of its own.

    Returns:
        Two arrays of shape (largest + 2,), averages over the intensities chosen.

    Source: Poisson's law; the tail is the regularised incomplete gamma function, DLMF 8.4.10.
    """
    photons = np.arange(largest + 1, dtype=np.float64)
    ends = np.array(source.low), np.array(source.high)
    low, high = (
        weight / np.exp(gammaln(photons + 1.0)) for weight in photon_interval(*ends, photons)
    )
    p = np.array(source.probabilities)
    tails = [gammainc(largest + 1.0, end) for end in ends]
    return np.append(p @ low, p @ tails[0]), np.append(p @ high, p @ tails[1])


def _share(part: Array, rest: Array) -> Array:
    whole = part + rest
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)
