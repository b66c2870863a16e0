"""Detectors that do not match: how far phase errors may exceed what the test basis shows.

Inside: `mismatch_of_ranges`, `binomial_excess`, `mismatched_phase_error`.

Assumed of every round, whatever came before: Bob chooses the basis actively, at random and
unknown to the adversary, in front of the same threshold detectors; double clicks become random
bits; every efficiency (for each time, wavelength and mode, which the adversary may choose anew
in each round) and every dark count probability lies, for both detectors, between (1 - delta) M
and M, where M may differ between modes and rounds. delta is thus the WORST over time,
wavelength and mode, not the nominal difference.

Proof. Let K be the detection operator of a receiver in which every efficiency and dark count is
at its M. With x_j the click probabilities of one photon-number state, K = 1 - prod(1 - x_j) is
the same in both bases, and 1 - prod(1 - t x_j) is concave in t and 0 at t = 0, so that
K >= F_b >= (1 - delta) K for the detection operator F_b of either basis b.
(1) K is applied first. Which of the rounds that pass go to key or test is random: sampling
    without replacement holds for the test's error operator P on all of them.
(2) In a key round, G = K^-1/2 F_key K^-1/2 >= 1 - delta is applied, then a virtual measurement
    M_x = (1 - delta) G^-1/2 E_x G^-1/2 with E_x the test's outcome operators under K; its sum is
    at most one because E_0 + E_1 <= 1. It finds an error with (1 - delta) P, or nothing with an
    operator of at most 1 - (1 - delta)^2; then the bit is guessed. Phase errors hence are at most
    those of P, plus a binomial with probability q = delta - delta^2 / 2 over the rounds that
    passed K.
(3) Of those n' rounds at least a binomial share 1 - delta is detected: n' <= s / (1 - delta - d).
Together: phi <= (e_test + sampling + q + excess(q)) / (1 - delta - excess(delta)).
At delta = 0 this is the ordinary bound. Not covered: passive choice of basis through a splitter
whose ratio moves, dead time, after-pulses as a memory of earlier bases, blinding.

Source: our own derivation, of the same shape as Tupkary et al., arXiv:2408.17349 (abstract read:
finite-size decoy BB84, entropic uncertainty, delta_1 and delta_2, efficiencies and dark counts
chosen by Eve within ranges in each round; its formulas could not be read and are not used). That
the largest ratio of efficiencies decides the key: Fung et al., arXiv:0802.3788 (abstract read).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]


def mismatch_of_ranges(*ranges: tuple[float, float]) -> float:
    """Return delta, such that each range (least, largest) holds within (1 - delta) M to M.

    Args:
        ranges: Least and largest efficiency of both detectors together, in one mode and one
            round at a time the worst; the same of the dark count probabilities.

    Raises:
        InputError: a range upside down or negative.

    Source: the definition in the head of this module.
    """
    deltas = [0.0]
    for least, largest in ranges:
        if not 0.0 <= least <= largest:
            raise InputError(
                f"the range {least} to {largest} of a detector cannot be used",
                next_step="give least and largest value over both detectors, not negative",
            )
        if largest > 0.0:
            deltas.append(1.0 - least / largest)
    return max(deltas)


def binomial_excess(probability: Number, trials: Number, *, epsilon: Number) -> Number:
    """Return by how much a share of successes may exceed its probability, but for epsilon.

    Args:
        probability: Of one success, in [0, 1].
        trials: Number of trials, positive.
        epsilon: Probability of failure, in (0, 1).

    Source: Bernstein's inequality, exp(-t^2 / (2 (V + t / 3))) = epsilon solved for t, with V
        the variance n p (1 - p); textbook form, from memory, tested against binomial tails.
    """
    p = np.asarray(probability, dtype=np.float64)
    n = np.asarray(trials, dtype=np.float64)
    log = -np.log(epsilon)
    share: Number = (log / 3.0 + np.sqrt(log**2 / 9.0 + 2.0 * n * p * (1.0 - p) * log)) / n
    # What never happens does not exceed nothing, and no share exceeds one.
    return np.where(p == 0.0, 0.0, np.minimum(share, 1.0 - p))


def mismatched_phase_error(
    ordinary: Number, detections: Number, *, mismatch: Number, epsilon: Number
) -> Number:
    """Return the bound on the phase error rate with mismatched detectors; cut at 1/2.

    Args:
        ordinary: Error rate of the test plus its sampling deviation, without mismatch.
        detections: Lower bound on the detected key rounds s that it is for, positive.
        mismatch: delta, in [0, 1).
        epsilon: Probability of failure of each of two binomial bounds.

    Raises:
        InputError: a mismatch outside [0, 1).

    Source: the derivation in the head of this module.
    """
    delta = np.asarray(mismatch, dtype=np.float64)
    if not np.all((delta >= 0.0) & (delta < 1.0)):
        raise InputError(
            f"the detection efficiency mismatch {mismatch} is outside 0 to 1",
            where="mismatch",
            next_step="give 1 less the worst ratio of efficiencies, such as 0.02",
        )
    guessed = delta - 0.5 * delta**2
    above = ordinary + guessed + binomial_excess(guessed, detections, epsilon=epsilon)
    below = 1.0 - delta - binomial_excess(delta, detections, epsilon=epsilon)
    with np.errstate(divide="ignore", invalid="ignore"):
        enlarged = np.where(below > 0.0, above / below, 0.5)
    cut: Number = np.minimum(enlarged, 0.5)
    return cut
