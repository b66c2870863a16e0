"""Key length of two-decoy BB84 that holds for every source and receiver of a declared set.

Inside: `DecoyCounts`, `Security`, `SetLength`, `varying_length`, `key_length_of_bounds` and the
bounds behind them; constant intensities: `qtrace.physics.decoy.decoy_set_constant`, one decoy:
`qtrace.physics.decoy.decoy_set_one`.

Three roles: intensity 1 is the signal, 2 and 3 are the decoys, in falling order; "key" and
"test" are the bases. With equal edges of all intervals and no mismatch the length is that of
Lim et al., PRA 89, 022307 (2014), Eqs. 1 to 5, to rounding.
Source: `qtrace.physics.decoy.intensity_set` for the photon-number bounds, `receiver_mismatch` for
the
phase error, Lim et al. for the finite-key statistics (formulas not read again here; reproduced in
tests on count tables that two other programs evaluated).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.decoy.intensity_set import IntensitySet
from qtrace.physics.decoy.receiver_mismatch import mismatched_phase_error
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.sampling import gamma_deviation, serfling_deviation

Array = NDArray[np.float64]
Number = float | NDArray[np.float64]

PIECES_TWO_DECOYS = 21.0  # Lim 2014: eps_sec is split into 21 equal parts
# Two binomial tails more, each of failure eps^2 and hence eps in smoothing, counted twice.
PIECES_OF_MISMATCH = 4.0
LARGEST_COUNT = 2.0**53  # above it float64 loses whole numbers


class Range(NamedTuple):
    """Lower and upper bounds on expected counts, shape (..., K)."""

    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class DecoyCounts:
    """Counts per intensity, shape (..., K): detections of both bases, and errors.

    `key_errors` are needed for one decoy only, where they bound the vacuum counts from above.
    """

    key: Array
    test: Array
    test_errors: Array
    key_errors: Array | None = None

    def __post_init__(self) -> None:
        """Refuse negative counts, errors above counts, and what float64 cannot hold."""
        pairs = [(self.test_errors, self.test)]
        if self.key_errors is not None:
            pairs.append((self.key_errors, self.key))
        for errors, counts in (*pairs, (np.zeros_like(self.key), self.key)):
            if not np.all((errors >= 0.0) & (errors <= counts) & (counts <= LARGEST_COUNT)):
                raise InputError(
                    "counts are negative, above 2^53, or fewer than their errors",
                    next_step="check which column is errors and which is all counts",
                )


@dataclass(frozen=True, slots=True)
class Security:
    """What is subtracted, and how the phase error is sampled.

    `mismatch` is delta of `receiver_mismatch`. `sampling` is "gamma" (Lim 2014, not strict where
    errors are few) or "serfling" (strict). Numbers, or arrays of the shape of the lengths.
    """

    epsilon_secrecy: Number
    epsilon_correctness: Number
    mismatch: Number = 0.0
    sampling: str = "gamma"

    def __post_init__(self) -> None:
        """Refuse what is no probability and what is no name."""
        epsilons = (np.asarray(self.epsilon_secrecy), np.asarray(self.epsilon_correctness))
        if not all(np.all((one > 0.0) & (one < 1.0)) for one in epsilons):
            raise InputError(
                f"epsilons {self.epsilon_secrecy} and {self.epsilon_correctness} are not in (0, 1)",
                next_step="give for example 1e-9 and 1e-15",
            )
        if self.sampling not in {"gamma", "serfling"}:
            raise InputError(
                f"there is no sampling bound {self.sampling!r}", next_step="gamma or serfling"
            )

    def pieces(self, without_mismatch: float) -> Array:
        """Return into how many parts eps_sec is split."""
        more = np.where(np.asarray(self.mismatch) > 0.0, PIECES_OF_MISMATCH, 0.0)
        split: Array = without_mismatch + more
        return split


@dataclass(frozen=True, slots=True)
class SetLength:
    """A length in bits, not clamped, with the bounds behind it; each holds over the whole set.

    `vacuum_key`, `single_key`, `single_test` are lower bounds on detections (cut at 0, which is
    part of the bound), `single_errors_test` and `phase_error` (cut at 1/2) upper bounds.
    """

    length: Array
    vacuum_key: Array
    single_key: Array
    single_test: Array
    single_errors_test: Array
    phase_error: Array


def expected_counts_bounds(counts: Array, *, epsilon: ArrayLike) -> Range:
    """Return bounds on the expected counts per intensity of one basis, from those observed.

    Args:
        counts: Observed, shape (..., K).
        epsilon: Failure of each one-sided bound, a number or shape (...).

    Source: Hoeffding, with the total of the basis n under the root, sqrt(n / 2 ln(1 / eps)):
        Lim et al., PRA 89, 022307 (2014), Eq. 4. It holds for fixed photon numbers and
        intensities of the detected rounds, as the choices of k are then independent.
    """
    total = counts.sum(axis=-1, keepdims=True)
    logarithm = -np.log(np.asarray(epsilon, dtype=np.float64))[..., None]
    deviation = np.sqrt(0.5 * total * logarithm)
    return Range(counts - deviation, counts + deviation)


def vacuum_detections_low(source: IntensitySet, expected: Range) -> Array:
    """Return a lower bound on detections of pulses without a photon, cut at 0.

    Source: c_3 = e^mu3, c_2 so that C_1 <= 0 over the box, hence C_n <= 0 for n >= 2 as the
        ratio of intensities 3 and 2 falls with n; Lim et al. (2014), Eq. 2, where no width.
    """
    p = source.probabilities
    c3 = np.exp(source.middle(2))
    c2 = c3 * source.largest(1, 2) / source.least(1, 1)
    counted = c3 * expected.low[..., 2] / p[..., 2] - c2 * expected.high[..., 1] / p[..., 1]
    largest = source.pieces((0.0, -c2, c3), photons=0).largest
    low: Array = np.where(largest > 0.0, np.maximum(counted, 0.0) / np.abs(largest), 0.0)
    return low


def vacuum_detections_high(source: IntensitySet, expected: Range) -> Array:
    """Return an upper bound on detections of pulses without a photon, by the weakest decoy.

    Source: all terms of N_3 are positive, hence s_0 <= (N_3 / P_3) / min(a_0(3) / tau_0).
    """
    zeros = (0.0,) * (source.count - 1)
    least = source.pieces((*zeros, 1.0), photons=0).least
    high: Array = expected.high[..., -1] / source.probabilities[..., -1] / least
    return high


def single_detections_low(source: IntensitySet, expected: Range, *, vacuum_low: Array) -> Array:
    """Return a lower bound on detections of single photons, cut at 0.

    c_2 = e^mu2, c_3 = e^mu3, c_1 so that C_2 <= 0 over the box. C_n <= 0 for all n >= 3 then
    follows from n = 3, because (l1^m - l3^m) / (l1^m - h2^m) falls with m.

    Raises:
        InputError: the signal is too weak for that (where no width, mu1 > mu2 + mu3 suffices).

    Source: as `qtrace.physics.decoy.intensity_set`; Lim et al. (2014), Eq. 3, where no width.
    """
    p = source.probabilities
    c2, c3 = np.exp(source.middle(1)), np.exp(source.middle(2))
    strong, weak = c2 * source.largest(2, 1), c3 * source.least(2, 2)
    c1 = (strong - weak) / source.least(2, 0)
    low, high = source.lows, source.highs
    if not np.all(strong * (low[..., 0] - high[..., 1]) >= weak * (low[..., 0] - low[..., 2])):
        raise InputError(
            "the signal is too weak for these decoys: three photons would not cancel",
            where="mean photon numbers",
            next_step="check the order of the intensities; mu1 > mu2 + mu3 is always enough",
        )
    counted = (
        c2 * expected.low[..., 1] / p[..., 1]
        - c3 * expected.high[..., 2] / p[..., 2]
        - c1 * expected.high[..., 0] / p[..., 0]
    )
    of_vacuum = source.pieces((-c1, c2, -c3), photons=0).largest
    # The bound on the vacuum of the right sign: what it adds at most is taken off.
    vacuum = np.where(of_vacuum > 0.0, vacuum_detections_high(source, expected), vacuum_low)
    of_single = source.pieces((-c1, c2, -c3), photons=1).largest
    numerator = np.maximum(counted - of_vacuum * vacuum, 0.0)
    single: Array = np.where(of_single > 0.0, numerator / np.abs(of_single), 0.0)
    return single


def single_errors_high(source: IntensitySet, errors: Range, *, stronger: int, weaker: int) -> Array:
    """Return an upper bound on errors of single photons, from two intensities (from 0).

    Source: c_strong = e^mu, c_weak so that C_0 >= 0 over the box; C_n >= 0 for n >= 1 follows as
        the ratio of the intensities rises with n. Lim et al. (2014), below Eq. 4, and Rusca et
        al., APL 112, 171104 (2018), where no width.
    """
    p = source.probabilities
    strong = np.exp(source.middle(stronger))
    weak = strong * source.least(0, stronger) / source.largest(0, weaker)
    counted = (
        strong * errors.high[..., stronger] / p[..., stronger]
        - weak * errors.low[..., weaker] / p[..., weaker]
    )
    coefficients: list[Array | float] = [0.0] * source.count
    coefficients[stronger], coefficients[weaker] = strong, -weak
    high: Array = counted / source.pieces(tuple(coefficients), photons=1).least
    return high


def key_length_of_bounds(
    *,
    vacuum_key: Array,
    single_key: Array,
    single_test: Array,
    single_errors_test: Array,
    sifted: ArrayLike,
    leak_bits: ArrayLike,
    security: Security,
    pieces: float,
) -> SetLength:
    """Return the length that bounds on the photon numbers give; not clamped.

    Source: Lim et al., PRA 89, 022307 (2014), Eqs. 1 and 5:
        s_0 + s_1 (1 - h(phi)) - leak - 6 log2(21 / eps_sec) - log2(2 / eps_cor), phi = v / s +
        gamma; here with `mismatched_phase_error` around it and 21 replaced by `pieces`. Before
        the leak it is cut at the `sifted` bits of the key basis: a bound above has failed.
    """
    split = security.pieces(pieces)
    part = security.epsilon_secrecy / split
    test, key = np.maximum(single_test, 1.0), np.maximum(single_key, 1.0)
    # gamma has no value at no error: one is assumed. From 1/2 on phi is cut anyway.
    rate = np.clip(np.maximum(single_errors_test, 1.0) / test, 0.0, 0.5)
    if security.sampling == "gamma":
        sampled = gamma_deviation(part, rate, sample=test, untested=key)
    else:
        sampled = serfling_deviation(part, sample=test, untested=key)
    phase = np.asarray(
        mismatched_phase_error(rate + sampled, key, mismatch=security.mismatch, epsilon=part**2)
    )
    phase = np.where((single_test > 0.0) & (single_key > 0.0), phase, 0.5)
    secret = vacuum_key + single_key * (1.0 - np.asarray(binary_entropy(phase)))
    length = (
        np.minimum(secret, np.asarray(sifted, dtype=np.float64))
        - np.asarray(leak_bits, dtype=np.float64)
        - 6.0 * np.log2(split / security.epsilon_secrecy)
        - np.log2(2.0 / np.asarray(security.epsilon_correctness))
    )
    return SetLength(length, vacuum_key, single_key, single_test, single_errors_test, phase)


def varying_length(
    counts: DecoyCounts, source: IntensitySet, *, leak_bits: ArrayLike, security: Security
) -> SetLength:
    """Return the length for intensities that may take other values in each round.

    Anything within the intervals, known to the adversary, drifting or correlated from round to
    round, but not with the choice of intensity in any round (no pattern effect).

    Args:
        counts: Of three intensities.
        source: The box, or many boxes (then every result has one value for each).
        leak_bits: Bits told in error correction.
        security: Epsilons, mismatch, sampling bound.

    Raises:
        InputError: not three intensities, or a signal weaker than both decoys together.

    Source: as the functions above; the largest loss over all sequences of intensities.
    """
    if source.count != 3 or counts.key.shape[-1] != 3:
        raise InputError(
            "two-decoy BB84 has three intensities", next_step="use the one-decoy bound for two"
        )
    part = security.epsilon_secrecy / security.pieces(PIECES_TWO_DECOYS)
    vacuum, single = [], []
    for basis in (counts.key, counts.test):
        expected = expected_counts_bounds(basis, epsilon=part)
        vacuum.append(vacuum_detections_low(source, expected))
        single.append(single_detections_low(source, expected, vacuum_low=vacuum[-1]))
    errors = expected_counts_bounds(counts.test_errors, epsilon=part)
    return key_length_of_bounds(
        vacuum_key=vacuum[0],
        single_key=single[0],
        single_test=single[1],
        single_errors_test=single_errors_high(source, errors, stronger=1, weaker=2),
        sifted=counts.key.sum(axis=-1),
        leak_bits=leak_bits,
        security=security,
        pieces=PIECES_TWO_DECOYS,
    )
