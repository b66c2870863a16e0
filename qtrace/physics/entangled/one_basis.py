"""Two entropic lengths with the key from one basis, over arrays of counts.

Inside: `tomamichel_2012_bits`, `leverrier_2017_bits`, `leverrier_2017_deviation`.
The key comes from one basis, the other is told and tests it: its observed error rate is what
the proof tolerates. The same formulas, one block at a time and with the best split, are in
`qtrace.physics.entangled.entropic_bounds`, and tests hold both together.
Source: Tomamichel et al., Nat. Commun. 3, 634 (2012), Eq. 2 (read in a transcription);
Tomamichel and Leverrier, Quantum 1, 14 (2017), Eqs. 57 to 59 (not read; see there).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.entangled.sifted import Cells, complementarity, error_rate
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.sampling import serfling_deviation

Number = float | NDArray[np.float64]

SMOOTHING_DIVISOR = 4.0  # smoothing parameter eps_sec / 4: see `tomamichel_2012_length`


def _entropy(key: Cells, test: Cells, deviation: Number, basis_overlap: Number) -> Number:
    tolerated = error_rate(test.errors, test.agreements)
    phase = binary_entropy(np.minimum(tolerated + deviation, 0.5))
    entropy: Number = key.sifted * (complementarity(basis_overlap) - phase)
    return entropy


def tomamichel_2012_bits(
    key: Cells,
    test: Cells,
    *,
    told: Number,
    epsilon_secrecy: Number,
    epsilon_correctness: Number,
    basis_overlap: Number = 0.5,
) -> Number:
    """Return the secret length of Tomamichel, Lim, Gisin and Renner (2012); not clamped.

    Args:
        key: Counts of the key basis.
        test: Counts of the other basis, all told.
        told: Bits told during error correction.
        epsilon_secrecy: eps_sec; it enters squared.
        epsilon_correctness: eps_cor.
        basis_overlap: See `complementarity`.

    Source: Nat. Commun. 3, 634 (2012), Eq. 2: n (q - h(Q_tol + mu)) - leak
        - log2(2 / (eps_sec^2 eps_cor)), mu of `serfling_deviation` at eps_sec / 4.
    """
    deviation = serfling_deviation(
        np.asarray(epsilon_secrecy) / SMOOTHING_DIVISOR, sample=test.sifted, untested=key.sifted
    )
    security = 1.0 - 2.0 * np.log2(epsilon_secrecy) - np.log2(epsilon_correctness)
    length: Number = _entropy(key, test, deviation, basis_overlap) - told - security
    return length


def leverrier_2017_deviation(key_bits: Number, test_bits: Number, *, epsilon: Number) -> Number:
    """Return nu, by which the untested error rate may lie above the tolerated one.

    Source: Quantum 1, 14 (2017), Eq. 59 solved for nu: eps_pe = 2 exp(-n k^2 nu^2 / (m (k+1))).
    """
    n, k = np.asarray(key_bits, dtype=np.float64), np.asarray(test_bits, dtype=np.float64)
    nu: Number = np.sqrt((n + k) * (k + 1.0) / (n * k * k) * np.log(2.0 / np.asarray(epsilon)))
    return nu


def leverrier_2017_bits(
    key: Cells,
    test: Cells,
    *,
    told: Number,
    epsilon_sampling: Number,
    epsilon_correctness: Number,
    epsilon_privacy: Number,
    basis_overlap: Number = 0.5,
) -> Number:
    """Return the secret length of Tomamichel and Leverrier (2017); not clamped.

    Args:
        key: Counts of the key basis.
        test: Counts of the other basis, all told.
        told: Bits told during error correction.
        epsilon_sampling: eps_pe, failure of parameter estimation.
        epsilon_correctness: 2^-t, failure of the hash that compares the keys.
        epsilon_privacy: eps_pa, below 1/2.
        basis_overlap: See `complementarity`.

    Source: Quantum 1, 14 (2017), Eq. 58 solved for the length: n (log2(1/c) - h(delta + nu))
        - r - t + 2 log2(2 eps_pa), with the test bits of the other basis as the k tested ones.
    """
    deviation = leverrier_2017_deviation(key.sifted, test.sifted, epsilon=epsilon_sampling)
    security = -np.log2(epsilon_correctness) - 2.0 * np.log2(2.0 * np.asarray(epsilon_privacy))
    length: Number = _entropy(key, test, deviation, basis_overlap) - told - security
    return length
