"""Secret length of short blocks by the closed form of Lim, Xu, Pan and Ekert (2021).

Inside: `small_block_deviation`, `small_block_bits`.
The errors of the untested part are bounded in two steps: the tested part bounds the errors of
the whole block (Serfling), and these bound the errors of the untested part (Hush and Scovel).
Source: Lim, Xu, Pan and Ekert, PRL 126, 100501 (2021), arXiv:2009.04882 [abstract read, formulas
read in a transcription by others; both steps are inequalities of their own, and tests hold the
result against the exact law]; Serfling, Ann. Stat. 2, 39 (1974); Hush and Scovel, Stat. Probab.
Lett. 75, 127 (2005) [from memory].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.entangled.sifted import Cells, complementarity, error_rate
from qtrace.physics.entropy import binary_entropy

Number = float | NDArray[np.float64]

SHARES = np.linspace(0.05, 0.95, 19)  # of the failure that the first step takes; any is valid
LARGEST = 0.5  # error rate above which nothing is bounded


def small_block_deviation(
    tested_error_rate: Number, *, key_bits: Number, test_bits: Number, epsilon: Number
) -> Number:
    """Return nu, by which the untested error rate may lie above the tested one.

    Args:
        tested_error_rate: delta, the rate that is tolerated in the tested part.
        key_bits: n, size of the untested part.
        test_bits: k, size of the tested part.
        epsilon: eps_pe, the root of the probability of failure, as it smooths an entropy.

    Returns:
        The smallest nu over how the failure is shared between the two steps.

    Raises:
        InputError: empty parts, or no probability.

    Source: PRL 126, 100501 (2021), transcription: eps_pe^2 = exp(-2 m k xi^2 / (n + 1))
        + exp(-2 G ((n (nu - xi))^2 - 1)), G = 1/(m (delta + xi) + 1) + 1/(m - m (delta + xi) + 1).
    """
    n, k, delta, root = np.broadcast_arrays(
        *(
            np.asarray(one, dtype=np.float64)[..., None]
            for one in (key_bits, test_bits, tested_error_rate, epsilon)
        )
    )
    if not np.all((n > 0.0) & (k > 0.0) & (root > 0.0) & (root < 1.0)):
        raise InputError(
            f"{key_bits} key bits, {test_bits} test bits, epsilon {epsilon} cannot be used",
            next_step="both parts must hold bits, and epsilon lie between 0 and 1",
        )
    m, failure = n + k, np.square(root)
    xi = np.sqrt((n + 1.0) / (2.0 * m * k) * -np.log(SHARES * failure))
    # Above one half the bound is void whatever comes out here.
    errors = m * np.minimum(delta + xi, LARGEST)
    spread = 1.0 / (errors + 1.0) + 1.0 / (m - errors + 1.0)
    beyond = np.sqrt(1.0 - np.log((1.0 - SHARES) * failure) / (2.0 * spread)) / n
    nu: Number = np.min(xi + beyond, axis=-1)
    return nu


def small_block_bits(
    key: Cells,
    test: Cells,
    *,
    told: Number,
    epsilon_sampling: Number,
    epsilon_correctness: Number,
    epsilon_privacy: Number,
    basis_overlap: Number = 0.5,
) -> Number:
    """Return the secret length of Lim, Xu, Pan and Ekert (2021); not clamped.

    Args:
        key: Counts of the key basis.
        test: Counts of the other basis, all told.
        told: Bits told during error correction.
        epsilon_sampling: What sampling costs in the sum, 2 eps_pe.
        epsilon_correctness: 2^-t, failure of the hash that compares the keys.
        epsilon_privacy: eps_pa, below 1/2.
        basis_overlap: See `complementarity`.

    Source: PRL 126, 100501 (2021), transcription: eps = 2^-t + 2 eps_pe + eps_pa, and
        eps_pa = 2^(-(n (1 - h(delta + nu)) - r - t - l) / 2) / 2, solved for l.
    """
    tolerated = error_rate(test.errors, test.agreements)
    deviation = small_block_deviation(
        tolerated,
        key_bits=key.sifted,
        test_bits=test.sifted,
        epsilon=np.asarray(epsilon_sampling) / 2.0,
    )
    phase = binary_entropy(np.minimum(tolerated + deviation, LARGEST))
    security = -np.log2(epsilon_correctness) - 2.0 * np.log2(2.0 * np.asarray(epsilon_privacy))
    length: Number = key.sifted * (complementarity(basis_overlap) - phase) - told - security
    return length
