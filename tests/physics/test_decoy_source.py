"""What decoy bounds take in: intensities, counts, bits told; and what is refused."""

from __future__ import annotations

import math

import pytest

from qtrace.errors import InputError
from qtrace.physics.decoy.decoy_source import (
    EITHER_INTENSITY,
    LIM_2014,
    RUSCA_2018,
    WIESEMANN_2024,
    BasisCounts,
    Intensities,
    check_block,
    error_rate_of,
    poisson_weights,
    security_bits,
    told_bits,
)
from qtrace.physics.entropy import binary_entropy

GOOD = Intensities((0.5, 0.1, 0.0), (0.7, 0.2, 0.1))
KEY = BasisCounts((10.0, 5.0, 1.0), (990.0, 95.0, 1.0))


def check(key: BasisCounts = KEY, intensities: Intensities = GOOD, epsilon: float = 1e-9) -> None:
    """Check a block; what is good returns, the rest is refused."""
    check_block(key, KEY, intensities, number=3, epsilon_secrecy=epsilon, epsilon_correctness=1e-15)


def test_what_is_good_passes_and_the_same_with_one_fault_does_not() -> None:
    check()
    with pytest.raises(InputError):
        check(epsilon=0.0)


@pytest.mark.parametrize(
    ("means", "shares", "what"),
    [
        ((0.1, 0.5, 0.0), (0.7, 0.2, 0.1), "do not fall"),
        ((0.5, 0.5, 0.0), (0.7, 0.2, 0.1), "do not fall"),
        ((0.5, 0.1, -0.1), (0.7, 0.2, 0.1), "negative"),
        ((0.5, 0.3, 0.25), (0.7, 0.2, 0.1), "sum of the other two"),
        ((0.5, 0.1, 0.0), (0.7, 0.2, 0.2), "do not sum to one"),
        ((0.5, 0.1, 0.0), (1.0, 0.0, 0.0), "not between 0 and 1"),
        ((0.5, 0.1, math.nan), (0.7, 0.2, 0.1), "not a number"),
        ((0.5, 0.1), (0.8, 0.2), "2 intensities"),
    ],
)
def test_intensities_that_cannot_be_are_refused(
    means: tuple[float, ...], shares: tuple[float, ...], what: str
) -> None:
    with pytest.raises(InputError, match=what):
        check(intensities=Intensities(means, shares))


@pytest.mark.parametrize(
    ("key", "where"),
    [
        (BasisCounts((10.0, 5.0, 1.0), (990.0, -5.0, 1.0)), "basis key, intensity 2"),
        (BasisCounts((10.0, 5.0, -3.0), (990.0, 5.0, 1.0)), "basis key, intensity 3"),
        (BasisCounts((10.0, 5.0, 1.0), (2.0**53, 5.0, 1.0)), "basis key, intensity 1"),
        (BasisCounts((math.nan, 5.0, 1.0), (1.0, 5.0, 1.0)), "basis key, intensity 1"),
        (BasisCounts((10.0, 5.0), (1.0, 5.0)), "basis key"),
    ],
)
def test_counts_that_cannot_be_are_refused_with_their_place(key: BasisCounts, where: str) -> None:
    with pytest.raises(InputError) as caught:
        check(key=key)
    assert where in caught.value.where


@pytest.mark.parametrize("epsilon", [0.0, 1.0, -1.0, math.nan])
def test_epsilon_outside_zero_to_one_is_refused(epsilon: float) -> None:
    with pytest.raises(InputError, match="epsilon_secrecy"):
        check(epsilon=epsilon)


@pytest.mark.parametrize(
    ("leak", "efficiency"), [(0.0, 0.0), (100.0, 1.16), (-5.0, 0.0), (0.0, -1.0)]
)
def test_exactly_one_of_leak_and_efficiency_is_given(leak: float, efficiency: float) -> None:
    with pytest.raises(InputError):
        told_bits(KEY, leak_bits=leak, error_correction_efficiency=efficiency)


def test_bits_told() -> None:
    assert told_bits(KEY, leak_bits=77.0, error_correction_efficiency=0.0) == 77.0
    modelled = told_bits(KEY, leak_bits=0.0, error_correction_efficiency=1.16)
    assert modelled == pytest.approx(1.16 * 1102 * float(binary_entropy(16 / 1102)), rel=1e-14)


def test_no_counts_have_no_errors() -> None:
    assert error_rate_of(BasisCounts((0.0,), (0.0,))) == 0.0


def test_the_photon_numbers_of_all_pulses_are_those_of_a_poisson_mixture() -> None:
    weights = poisson_weights(GOOD)
    vacuum = 0.7 * math.exp(-0.5) + 0.2 * math.exp(-0.1) + 0.1
    single = 0.7 * 0.5 * math.exp(-0.5) + 0.2 * 0.1 * math.exp(-0.1)
    assert weights.vacuum == pytest.approx(vacuum, rel=1e-15)
    assert weights.single == pytest.approx(single, rel=1e-15)
    assert weights.per_pulse[1] == pytest.approx(math.exp(0.1) / 0.2, rel=1e-15)


def test_each_proof_has_its_own_terms() -> None:
    assert [one.terms for one in (LIM_2014, RUSCA_2018, EITHER_INTENSITY, WIESEMANN_2024)] == [
        21,
        19,
        20,
        15,
    ]
    bits = {
        one.terms: float(security_bits(one, epsilon_secrecy=1e-9, epsilon_correctness=1e-15))
        for one in (LIM_2014, RUSCA_2018, WIESEMANN_2024)
    }
    correct = math.log2(2e15)
    assert bits[21] == pytest.approx(6 * math.log2(21e9) + correct, rel=1e-15)
    assert bits[19] == pytest.approx(6 * math.log2(19e9) + correct, rel=1e-15)
    assert bits[15] == pytest.approx(4 * math.log2(15e9 / 2**0.25) + correct, rel=1e-15)
