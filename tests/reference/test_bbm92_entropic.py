"""Lengths that the authors of two entropic proofs, or independent code, give."""

from __future__ import annotations

import math

import pytest

from qtrace.physics.entangled.entropic_bounds import (
    leverrier_2017_failure,
    leverrier_2017_length,
    tomamichel_2012_length,
)
from qtrace.physics.entropy import binary_entropy

REFERENCE = 1e-9  # relative: independent code in double precision

# The four points marked on Figure 7 of Quantum 1, 14 (2017), as the authors' own script prints
# them: tolerated error rate, block, test bits, key bits, nu, sum of the failures.
FIGURE_7 = [
    (0.010, 36123, 5911, 15323, 0.06943318811415392, 9.778763272730244e-11),
    (0.025, 51114, 8484, 17009, 0.0580348064984291, 9.698272881235974e-11),
    (0.050, 128989, 20941, 27878, 0.03685663259331777, 9.872424026202253e-11),
    (0.075, 731680, 104258, 85453, 0.016324856748689963, 9.9261091464143e-11),
]


@pytest.mark.parametrize(("rate", "block", "tested", "bits", "nu", "failure"), FIGURE_7)
def test_leverrier_2017_figure_7(
    rate: float, block: int, tested: int, bits: int, nu: float, failure: float
) -> None:
    # The authors' split of 1e-10: a part m^-1/2 to the hash, 0.9 of the rest to estimation.
    hash_share = block**-0.5
    estimation_share = 0.9 * (1.0 - hash_share)
    tag_bits = math.ceil(-math.log2(hash_share * 1e-10))
    epsilon_privacy = (1.0 - hash_share - estimation_share) * 1e-10
    length = leverrier_2017_length(
        block,
        tested,
        tolerated_error_rate=rate,
        deviation=nu,
        leak_bits=math.ceil(1.1 * float(binary_entropy(rate)) * (block - tested)),
        tag_bits=tag_bits,
        epsilon_privacy=epsilon_privacy,
    )
    assert math.floor(length.bits) == bits
    estimation = leverrier_2017_failure(block, tested, deviation=nu)
    assert estimation == pytest.approx(estimation_share * 1e-10, rel=REFERENCE)
    # They print the failure of privacy amplification at the whole number of bits.
    spent = epsilon_privacy * 2.0 ** ((bits - length.bits) / 2.0)
    assert 2.0**-tag_bits + estimation + spent == pytest.approx(failure, rel=REFERENCE)


def test_tomamichel_2012_with_the_less_cautious_smoothing() -> None:
    length = tomamichel_2012_length(
        1e6,
        1e6,
        tolerated_error_rate=0.02,
        leak_bits=1.1e6 * float(binary_entropy(0.02)),
        epsilon_secrecy=1e-10,
        epsilon_correctness=1e-10,
        smoothing_divisor=2.0,
    )
    assert length.deviation == pytest.approx(0.0068875281240076995, rel=REFERENCE)
    assert length.bits == pytest.approx(665780.4120048932, rel=REFERENCE)


def test_tomamichel_2012_as_printed() -> None:
    # mu with ln(4 / eps_sec), worked by hand: sqrt(2e-6 x 1.000001 x 24.41215) = 0.0069874.
    length = tomamichel_2012_length(
        1e6,
        1e6,
        tolerated_error_rate=0.02,
        leak_bits=0.0,
        epsilon_secrecy=1e-10,
        epsilon_correctness=1e-10,
    )
    assert length.deviation == pytest.approx(0.0069874, abs=5e-8)
    # log2(2 / (1e-20 x 1e-10)): eps_sec enters squared.
    assert length.security_bits == pytest.approx(1 + 30 * math.log2(10), rel=REFERENCE)
