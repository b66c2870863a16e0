"""Key lengths of two entropic proofs, beside which shorter bounds are to be read.

Inside: `EntropicLength`, `tomamichel_2012_length`, `leverrier_2017_length`,
`leverrier_2017_failure`, `best_leverrier_2017_length`.
Both assume a fixed tolerated error rate and key from one basis; lengths are not clamped.
Source: Tomamichel, Lim, Gisin and Renner, Nat. Commun. 3, 634 (2012), Theorem 2 and
Supplementary Notes 1, 2 (read in a transcription with slips: the square on eps_sec and the
reach of the root follow from its own S3, S14 and Lemma 3). Tomamichel and Leverrier, Quantum
1, 14 (2017), Theorem 3, Eqs. 57 to 59 (not read; the four points that the authors mark on
their Figure 7 are recomputed in tests, to the bit).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy
from qtrace.physics.sampling import serfling_deviation


@dataclass(frozen=True, slots=True)
class EntropicLength:
    """A length with what went into it; `bits` is not clamped.

    `tolerated_error_rate` is what is taken as observed, `deviation` what sampling adds to it,
    `entropy_bits` = n (q - h), `leak_bits` and `security_bits` are subtracted from that.
    """

    bits: float
    key_bits: float
    test_bits: float
    tolerated_error_rate: float
    deviation: float
    entropy_bits: float
    leak_bits: float
    security_bits: float


def _check_sizes(key_bits: float, test_bits: float, error_rate: float) -> None:
    if key_bits <= 0 or test_bits <= 0 or not 0.0 <= error_rate <= 0.5:
        raise InputError(
            f"{key_bits} key bits, {test_bits} test bits, error rate {error_rate} cannot be used",
            next_step="both parts must hold bits, and the tolerated error rate be 0 to 1/2",
        )


def tomamichel_2012_length(
    key_bits: float,
    test_bits: float,
    *,
    tolerated_error_rate: float,
    leak_bits: float,
    epsilon_secrecy: float,
    epsilon_correctness: float,
    smoothing_divisor: float = 4.0,
) -> EntropicLength:
    """Return the secret length of Tomamichel, Lim, Gisin and Renner (2012).

    Args:
        key_bits: Block size n of the key basis.
        test_bits: Sample size k of the test basis.
        tolerated_error_rate: Q_tol.
        leak_bits: Bits told during error correction.
        epsilon_secrecy: eps_sec; it enters squared.
        epsilon_correctness: eps_cor.
        smoothing_divisor: The smoothing parameter is eps_sec over this. 4 follows from S3 with
            2 eps + eps~ = eps_sec halved between its terms. 2 is found in later papers and
            codes, and is less cautious.

    Source: Nat. Commun. 3, 634 (2012), Eq. 2: n (1 - h(Q_tol + mu)) - leak
        - log2(2 / (eps_sec^2 eps_cor)), mu = sqrt((n+k)/(nk) (k+1)/k ln(4 / eps_sec)).
    """
    _check_sizes(key_bits, test_bits, tolerated_error_rate)
    deviation = float(
        serfling_deviation(epsilon_secrecy / smoothing_divisor, sample=test_bits, untested=key_bits)
    )
    entropy = key_bits * (1.0 - float(binary_entropy(min(tolerated_error_rate + deviation, 0.5))))
    security = 1.0 - 2.0 * math.log2(epsilon_secrecy) - math.log2(epsilon_correctness)
    return EntropicLength(
        bits=entropy - leak_bits - security,
        key_bits=key_bits,
        test_bits=test_bits,
        tolerated_error_rate=tolerated_error_rate,
        deviation=deviation,
        entropy_bits=entropy,
        leak_bits=leak_bits,
        security_bits=security,
    )


def leverrier_2017_failure(sifted_bits: float, test_bits: float, *, deviation: float) -> float:
    """Return the failure of parameter estimation, eps_pe.

    Source: Tomamichel and Leverrier, Quantum 1, 14 (2017), Eq. 59:
        2 exp(-n k^2 nu^2 / (m (k + 1))), n = m - k.
    """
    key_bits = sifted_bits - test_bits
    exponent = key_bits * test_bits**2 * deviation**2 / (sifted_bits * (test_bits + 1.0))
    return 2.0 * math.exp(-exponent)


def leverrier_2017_length(
    sifted_bits: float,
    test_bits: float,
    *,
    tolerated_error_rate: float,
    deviation: float,
    leak_bits: float,
    tag_bits: float,
    epsilon_privacy: float,
) -> EntropicLength:
    """Return the secret length of Tomamichel and Leverrier (2017).

    Args:
        sifted_bits: Block length m.
        test_bits: Bits k told for parameter estimation.
        tolerated_error_rate: delta.
        deviation: nu, paid for by `leverrier_2017_failure`.
        leak_bits: Syndrome length r.
        tag_bits: Hash length t; its failure is 2^-t.
        epsilon_privacy: eps_pa, below 1/2.

    Source: Quantum 1, 14 (2017), Eq. 58 solved for the length:
        n (log2(1/c) - h(delta + nu)) - r - t + 2 log2(2 eps_pa), with c = 1/2.
    """
    key_bits = sifted_bits - test_bits
    _check_sizes(key_bits, test_bits, tolerated_error_rate)
    entropy = key_bits * (1.0 - float(binary_entropy(min(tolerated_error_rate + deviation, 0.5))))
    security = tag_bits - 2.0 * math.log2(2.0 * epsilon_privacy)
    return EntropicLength(
        bits=entropy - leak_bits - security,
        key_bits=key_bits,
        test_bits=test_bits,
        tolerated_error_rate=tolerated_error_rate,
        deviation=deviation,
        entropy_bits=entropy,
        leak_bits=leak_bits,
        security_bits=security,
    )


def best_leverrier_2017_length(
    sifted_bits: int,
    *,
    tolerated_error_rate: float,
    error_correction_efficiency: float,
    epsilon: float,
    test_bits: int | None = None,
) -> EntropicLength:
    """Return the longest key of Tomamichel and Leverrier over test size, nu, and the split.

    A grid over the test size (2 %) and over the share of epsilon that parameter estimation
    takes (1 %); the rest is split at the stationary point 2^-t = rest / 3. Hash lengths are
    not rounded up, which favours the key by less than one bit.

    Args:
        sifted_bits: Block length m, both bases together.
        tolerated_error_rate: delta.
        error_correction_efficiency: Leak over its Shannon limit.
        epsilon: Whole security parameter, correctness included.
        test_bits: Test size k where it is given and not to be searched.

    Source: optimisation as for Figure 7 of Quantum 1, 14 (2017), without its heuristic split.
    """
    if test_bits is None:
        sizes = math.ceil(math.log(max(sifted_bits - 1, 2)) / 0.02)
        candidates = np.unique(np.geomspace(1, sifted_bits - 1, sizes).round())
    else:
        candidates = np.array([float(test_bits)])
    tests = candidates[:, None]
    shares = np.linspace(0.01, 0.99, 99)[None, :]
    keys = sifted_bits - tests
    deviations = np.sqrt(
        sifted_bits * (tests + 1.0) / (keys * tests**2) * np.log(2.0 / (shares * epsilon))
    )
    rest = (1.0 - shares) * epsilon
    bit = float(binary_entropy(tolerated_error_rate))
    lengths = (
        keys
        * (
            1.0
            - np.asarray(binary_entropy(np.minimum(tolerated_error_rate + deviations, 0.5)))
            - error_correction_efficiency * bit
        )
        - np.log2(3.0 / rest)
        + 2.0 * np.log2(4.0 * rest / 3.0)
    )
    row, column = np.unravel_index(int(np.argmax(lengths)), lengths.shape)
    left = float(rest[0, column])
    return leverrier_2017_length(
        sifted_bits,
        float(tests[row, 0]),
        tolerated_error_rate=tolerated_error_rate,
        deviation=float(deviations[row, column]),
        leak_bits=error_correction_efficiency * bit * float(keys[row, 0]),
        tag_bits=math.log2(3.0 / left),
        epsilon_privacy=2.0 * left / 3.0,
    )
