"""Key length of one-decoy BB84 that holds for every source and receiver of a declared set.

Inside: `varying_length_one`.

Intensity 1 is the signal, 2 the decoy. With equal edges and no mismatch the length is that of
Rusca et al., APL 112, 171104 (2018).
Source: Rusca et al. (2018), arXiv:1801.03443 (formulas from memory, reproduced on cases of
published formulas in tests); `qtrace.physics.decoy.intensity_set` for the worst case over the box.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtrace.errors import InputError
from qtrace.physics.decoy.decoy_set import (
    DecoyCounts,
    Range,
    Security,
    SetLength,
    expected_counts_bounds,
    key_length_of_bounds,
    single_errors_high,
)
from qtrace.physics.decoy.intensity_set import IntensitySet

Array = NDArray[np.float64]

PIECES_ONE_DECOY = 19.0  # Rusca 2018: eps_sec is split into 19 equal parts


def _vacuum_low(source: IntensitySet, expected: Range) -> Array:
    p = source.probabilities
    c2 = np.exp(source.middle(1))
    c1 = c2 * source.largest(1, 1) / source.least(1, 0)
    counted = c2 * expected.low[..., 1] / p[..., 1] - c1 * expected.high[..., 0] / p[..., 0]
    largest = source.pieces((-c1, c2), photons=0).largest
    low: Array = np.where(largest > 0.0, np.maximum(counted, 0.0) / np.abs(largest), 0.0)
    return low


def _vacuum_high(source: IntensitySet, errors: Range, *, total: Array, epsilon: ArrayLike) -> Array:
    """Return s_0 at most: half of the vacuum detections are errors, all but a deviation.

    Source: Rusca et al. (2018): s_0 <= 2 (tau_0 m_k^+ + delta(n)), the best k; tau_0 m_k over
        the box as (M_k / P_k) / min(a_0(k) / tau_0).
    """
    limits = []
    for k in range(source.count):
        unit = tuple(1.0 if k == j else 0.0 for j in range(source.count))
        least = source.pieces(unit, photons=0).least
        limits.append(errors.high[..., k] / source.probabilities[..., k] / least)
    deviation = np.sqrt(0.5 * total * -np.log(np.asarray(epsilon, dtype=np.float64)))
    high: Array = 2.0 * (np.minimum(*np.broadcast_arrays(*limits)) + deviation)
    return high


def _single_low(source: IntensitySet, expected: Range, *, vacuum_high: Array) -> Array:
    p = source.probabilities
    c2 = np.exp(source.middle(1))
    c1 = c2 * source.largest(2, 1) / source.least(2, 0)
    counted = c2 * expected.low[..., 1] / p[..., 1] - c1 * expected.high[..., 0] / p[..., 0]
    of_vacuum = source.pieces((-c1, c2), photons=0).largest
    of_single = source.pieces((-c1, c2), photons=1).largest
    # Where vacuum takes away nothing, its lower bound 0 is the one to take.
    numerator = np.maximum(counted - np.maximum(of_vacuum, 0.0) * vacuum_high, 0.0)
    single: Array = np.where(of_single > 0.0, numerator / np.abs(of_single), 0.0)
    return single


def varying_length_one(
    counts: DecoyCounts, source: IntensitySet, *, leak_bits: ArrayLike, security: Security
) -> SetLength:
    """Return the one-decoy length for intensities that may take other values in each round.

    Args:
        counts: Of two intensities, with `key_errors`.
        source: The box, or many boxes.
        leak_bits: Bits told in error correction.
        security: Epsilons, mismatch, sampling bound.

    Raises:
        InputError: not two intensities, or no errors of the key basis.

    Source: Rusca et al., APL 112, 171104 (2018), with the worst case over the box: c_1 so that
        C_2 <= 0, hence C_n <= 0 for n >= 2; the vacuum of both bases bounded from their errors.
    """
    if source.count != 2 or counts.key_errors is None:
        raise InputError(
            "one-decoy BB84 has two intensities and needs the errors of the key basis",
            next_step="give errors per intensity for both bases",
        )
    part = security.epsilon_secrecy / security.pieces(PIECES_ONE_DECOY)
    test_errors = expected_counts_bounds(counts.test_errors, epsilon=part)
    single = []
    for basis, wrong in ((counts.key, counts.key_errors), (counts.test, counts.test_errors)):
        vacuum = _vacuum_high(
            source,
            expected_counts_bounds(wrong, epsilon=part),
            total=basis.sum(axis=-1),
            epsilon=part,
        )
        expected = expected_counts_bounds(basis, epsilon=part)
        single.append(_single_low(source, expected, vacuum_high=vacuum))
    return key_length_of_bounds(
        vacuum_key=_vacuum_low(source, expected_counts_bounds(counts.key, epsilon=part)),
        single_key=single[0],
        single_test=single[1],
        single_errors_test=single_errors_high(source, test_errors, stronger=0, weaker=1),
        sifted=counts.key.sum(axis=-1),
        leak_bits=leak_bits,
        security=security,
        pieces=PIECES_ONE_DECOY,
    )
