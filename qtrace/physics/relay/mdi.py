"""Secret key of a relay that both sides distrust: rate without limit, and length of one block.

Inside: `key_per_pair`, `Deviations`, `published_deviations`, `squared_deviations`, `OutcomeTables`,
`OutcomeEstimate`, `key_parts`, `tested_pairs`, `tested_errors`, `estimate_outcome`,
`estimate_outcome_closed`, `phase_error_rate`, `outcome_length`.
Nothing is clamped at zero key. One call of `estimate_outcome` is one announced Bell state; lengths
of several states are added, each with its own epsilons.
Source: Lo, Curty and Qi, PRL 108, 130503 (2012); Curty, Xu, Cui, Lim, Tamaki and Lo, Nat. Commun.
5, 3732 (2014), arXiv:1307.1081 [abstract read; formulas read in a transcription].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.entropy import binary_entropy
from qtrace.physics.relay.mdi_analytic import elimination_errors, elimination_pairs
from qtrace.physics.relay.mean_bounds import (
    chernoff_mean_bounds,
    count_below_mean,
    curty_mean_bounds,
)
from qtrace.physics.relay.pair_program import CellBounds, PairProgram
from qtrace.physics.relay.photon_classes import IntensitySet

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

PUBLISHED_PARTS = 266.0  # 2 (1 + 2 * 55 + 1) + 1 + 11 + 29 + 1 equal parts of the secrecy epsilon
SQUARED_PARTS = 37.0  # 2 (1 + 2 sqrt(56) + 1) + 1 + 1, and 21 squares


def key_per_pair(
    single_gain: Number,
    phase_error: Number,
    *,
    gain: Number,
    error_rate: Number,
    error_correction_efficiency: Number,
) -> Number:
    """Return secret bits per pair of pulses of the key basis, without limit of size; unclamped.

    Args:
        single_gain: Probability that both pulses have one photon and are announced.
        phase_error: Error rate of such pairs in the test basis; cut at 1/2, where h turns over.
        gain: Probability of an announcement.
        error_rate: Error rate of the key basis.
        error_correction_efficiency: Leak over its Shannon limit.

    Source: Lo, Curty and Qi (2012): Q11 [1 - h(e11)] - Q f h(E) [as in the case recomputed].
    """
    phase = binary_entropy(np.minimum(phase_error, 0.5))
    leak = gain * np.asarray(error_correction_efficiency) * binary_entropy(error_rate)
    rate: Number = single_gain * (1.0 - phase) - leak
    return rate


@dataclass(frozen=True, slots=True)
class Deviations:
    """How counts and means are told apart in one Bell state; `share` is one part of its epsilon.

    `limits` takes counts and their total and returns limits of the means; `log_inverse` is ln(1/p)
    of every single failure, of probability p.
    """

    share: Number
    log_inverse: Number
    limits: Callable[[Array, Array], tuple[Array, Array]]


def published_deviations(epsilon: Number) -> Deviations:
    """Return the deviations and the split of the secrecy epsilon that Curty et al. published.

    Source: Nat. Commun. 5, 3732 (2014), Claim 3 and eps_sec: 266 equal parts cover cells at three
        parts each, nine in each of three tables, and what follows from them.
    """
    share = np.asarray(epsilon, dtype=np.float64) / PUBLISHED_PARTS
    return Deviations(
        share, -np.log(share), lambda x, total: curty_mean_bounds(x, total, epsilon=share)
    )


def squared_deviations(epsilon: Number) -> Deviations:
    """Return deviations by the exact form of Chernoff's bound, each failing with share squared.

    A failed estimate costs the root of its probability as smoothing: 56 failures on which the
    phase error rests cost sqrt(56) shares, the rest is of second order; 37 shares cover all.

    Source: `chernoff_mean_bounds`; root: Tomamichel et al., Nat. Commun. 3, 634 (2012),
        Supplementary Note 2 [read in a transcription]; the sum as in Curty et al. (2014).
    """
    share = np.asarray(epsilon, dtype=np.float64) / SQUARED_PARTS
    cost = -2.0 * np.log(share)
    return Deviations(share, cost, lambda x, _: chernoff_mean_bounds(x, cost))


@dataclass(frozen=True, slots=True)
class OutcomeTables:
    """Counts of one Bell state by intensities of a and b, both falling; shape (..., 3, 3)."""

    key: Array
    test: Array
    test_errors: Array


@dataclass(frozen=True, slots=True)
class OutcomeEstimate:
    """What the key bits of one Bell state hold at least, and the phase error rate at most."""

    vacuum: Number
    single: Number
    phase_error: Number


def phase_error_rate(
    single: Number, tested: Number, tested_errors: Number, *, log_inverse: Number
) -> Array:
    """Return an upper bound of the phase error rate of the key's pairs of single photons.

    The cut at 1/2 is part of the bound; without pairs on either side the rate is 1/2.

    Args:
        single: Lower bound of such pairs in the key.
        tested: Lower bound of such pairs in the test basis.
        tested_errors: Upper bound of the errors among those.
        log_inverse: ln(1/p) of the sampling bound.

    Source: Curty et al. (2014): errors n1 (e / n) + (n1 + n) sqrt((n1 + 1) ln(1/p)
        / (2 n (n1 + n))), over n1; from Serfling (1974).
    """
    n1, n, e, cost = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (single, tested, tested_errors, log_inverse))
    )
    known = (n1 > 0.0) & (n > 0.0)
    n1, n = np.where(known, n1, 1.0), np.where(known, n, 1.0)
    width = np.sqrt((n1 + 1.0) * (n1 + n) * cost / (2.0 * n)) / n1
    return np.where(known, np.minimum(e / n + width, 0.5), 0.5)


def _program(
    a: IntensitySet, b: IntensitySet, *, table: Array, deviations: Deviations
) -> PairProgram:
    low, high = deviations.limits(table, table.sum())
    return PairProgram(a, b, cells=CellBounds(low, high, float(table.sum())))


def key_parts(
    a: IntensitySet, b: IntensitySet, *, table: Array, deviations: Deviations
) -> tuple[float, float]:
    """Return how many key bits of one Bell state have vacuum, and one photon each, at least.

    All bits of the strongest intensities make the key. The vacuum part is the smaller of those of
    a and of b, so that it does not matter whose bits the other side corrects to.

    Args:
        a: Intensities of source a, with the probability of each within a basis.
        b: Intensities of source b.
        table: Counts of the key basis, shape (3, 3).
        deviations: How counts and means are told apart; numbers, not arrays.

    Source: Curty et al. (2014): n_k0, n_k1; worst coefficients as in `photon_classes`.
    """
    key = _program(a, b, table=table, deviations=deviations)
    shares = [
        key.in_cell(0, 0, photons_a=n, photons_b=m) for n, m in ((1, 1), (0, None), (None, 0))
    ]
    cost = deviations.log_inverse
    single, of_a, of_b = (float(count_below_mean(key.minimum(one), cost)) for one in shares)
    return min(of_a, of_b), single


def tested_pairs(
    a: IntensitySet, b: IntensitySet, *, table: Array, deviations: Deviations
) -> float:
    """Return a lower bound of announced pairs of single photons in a table, all intensities."""
    test = _program(a, b, table=table, deviations=deviations)
    return test.minimum(test.weights(1, 1))


def tested_errors(
    a: IntensitySet, b: IntensitySet, *, table: Array, deviations: Deviations
) -> float:
    """Return an upper bound of errors of pairs of single photons, from a table of errors."""
    errors = _program(a, b, table=table, deviations=deviations)
    return errors.maximum(errors.weights(1, 1))


def estimate_outcome(
    a: IntensitySet, b: IntensitySet, *, tables: OutcomeTables, deviations: Deviations
) -> OutcomeEstimate:
    """Return the estimates of one Bell state by the linear programme, for sets of intensities.

    Args:
        a: Intensities of source a, with the probability of each within a basis.
        b: Intensities of source b.
        tables: Counts, shape (3, 3) each.
        deviations: How counts and means are told apart; numbers, not arrays.

    Source: Curty et al. (2014): n_k0, n_k1, e_k1, by `key_parts` and the tested tables.
    """
    vacuum, single = key_parts(a, b, table=tables.key, deviations=deviations)
    phase = phase_error_rate(
        single,
        tested_pairs(a, b, table=tables.test, deviations=deviations),
        tested_errors(a, b, table=tables.test_errors, deviations=deviations),
        log_inverse=deviations.log_inverse,
    )
    return OutcomeEstimate(vacuum, single, float(phase))


def estimate_outcome_closed(
    means_a: Array,
    means_b: Array,
    *,
    probabilities_a: Array,
    probabilities_b: Array,
    tables: OutcomeTables,
    deviations: Deviations,
) -> OutcomeEstimate:
    """Return the estimates of one Bell state in closed form, for many rows at once; no vacuum part.

    It is never longer than the linear programme at the same values (tests).

    Args:
        means_a: Intensities of a, falling, shape (..., 3).
        means_b: Intensities of b.
        probabilities_a: Probability of each intensity within a basis, shape (..., 3).
        probabilities_b: The same of b.
        tables: Counts, shape (..., 3, 3) each.
        deviations: How counts and means are told apart; arrays of shape (..., 1, 1) or numbers.

    Source: Curty et al. (2014), by `mdi_analytic`.
    """
    chosen = probabilities_a[..., :, None] * probabilities_b[..., None, :]
    weight_a, weight_b = means_a * np.exp(-means_a), means_b * np.exp(-means_b)
    both_single = (probabilities_a * weight_a).sum(-1) * (probabilities_b * weight_b).sum(-1)
    in_cell = chosen[..., 0, 0] * weight_a[..., 0] * weight_b[..., 0]

    def limits(table: Array) -> tuple[Array, Array]:
        low, high = deviations.limits(table, table.sum(axis=(-2, -1), keepdims=True))
        return low / chosen, high / chosen

    cost = np.asarray(deviations.log_inverse)
    cost = cost[..., 0, 0] if cost.ndim >= 2 else cost
    pairs = elimination_pairs(*limits(tables.key), means_a, means_b)
    single = count_below_mean(pairs * in_cell, cost)
    tested = elimination_pairs(*limits(tables.test), means_a, means_b) * both_single
    errors = elimination_errors(*limits(tables.test_errors), means_a, means_b) * both_single
    phase = phase_error_rate(single, tested, errors, log_inverse=cost)
    return OutcomeEstimate(0.0 * single, single, phase)


def outcome_length(
    estimate: OutcomeEstimate, *, leak: Number, share: Number, epsilon_correctness: Number
) -> Number:
    """Return the secret length in bits from one Bell state; unclamped.

    Args:
        estimate: From `estimate_outcome`.
        leak: Bits told during error correction of this state.
        share: One part of the secrecy epsilon, see `Deviations`.
        epsilon_correctness: Probability that the keys of this state differ unnoticed.

    Source: Curty et al. (2014): n_0 + n_1 [1 - h(e_1)] - leak - log2(8 / eps_cor)
        - 2 log2(2 / (eps' eps^)) - 2 log2(1 / (2 eps_PA)), the three at one share each.
    """
    part = np.log2(np.asarray(share, dtype=np.float64))
    security = 3.0 - np.log2(epsilon_correctness) + 2.0 * (1.0 - 2.0 * part) - 2.0 * (1.0 + part)
    secret = estimate.vacuum + estimate.single * (1.0 - binary_entropy(estimate.phase_error))
    length: Number = secret - leak - security
    return length
