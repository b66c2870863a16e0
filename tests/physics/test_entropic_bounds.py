"""Lengths of two entropic proofs: their parts add up, and their optimum is one."""

from __future__ import annotations

import pytest

from qtrace.errors import InputError
from qtrace.physics.entangled.entropic_bounds import (
    best_leverrier_2017_length,
    leverrier_2017_failure,
    leverrier_2017_length,
    tomamichel_2012_length,
)

ROUNDING = 1e-12  # relative


def test_the_parts_of_a_length_add_up() -> None:
    length = tomamichel_2012_length(
        1e5,
        2e4,
        tolerated_error_rate=0.02,
        leak_bits=1.6e4,
        epsilon_secrecy=1e-10,
        epsilon_correctness=1e-12,
    )
    assert length.bits == pytest.approx(
        length.entropy_bits - length.leak_bits - length.security_bits, rel=ROUNDING
    )
    assert 0.0 < length.bits < length.key_bits


def test_the_default_smoothing_is_the_more_cautious_one() -> None:
    def bits(divisor: float) -> float:
        return tomamichel_2012_length(
            1e5,
            2e4,
            tolerated_error_rate=0.02,
            leak_bits=1.6e4,
            epsilon_secrecy=1e-10,
            epsilon_correctness=1e-10,
            smoothing_divisor=divisor,
        ).bits

    default = tomamichel_2012_length(
        1e5,
        2e4,
        tolerated_error_rate=0.02,
        leak_bits=1.6e4,
        epsilon_secrecy=1e-10,
        epsilon_correctness=1e-10,
    ).bits
    assert default == bits(4.0) < bits(2.0)


def test_the_search_finds_nothing_worse_than_its_neighbours() -> None:
    best = best_leverrier_2017_length(
        36123, tolerated_error_rate=0.01, error_correction_efficiency=1.1, epsilon=1e-10
    )
    for factor in (0.9, 1.1):
        beside = best_leverrier_2017_length(
            36123,
            tolerated_error_rate=0.01,
            error_correction_efficiency=1.1,
            epsilon=1e-10,
            test_bits=round(best.test_bits * factor),
        )
        assert beside.bits < best.bits


def test_the_search_spends_no_more_than_its_epsilon() -> None:
    best = best_leverrier_2017_length(
        36123, tolerated_error_rate=0.01, error_correction_efficiency=1.1, epsilon=1e-10
    )
    estimation = leverrier_2017_failure(36123, best.test_bits, deviation=best.deviation)
    # security = t - 2 log2(2 eps_pa) with 2^-t = r/3 and eps_pa = 2r/3, hence r from it.
    rest = (2.0**-best.security_bits * 27.0 / 16.0) ** (1.0 / 3.0)
    assert estimation + rest == pytest.approx(1e-10, rel=1e-9)


def test_a_longer_block_gives_a_larger_part_of_it() -> None:
    def part(block: int) -> float:
        return (
            best_leverrier_2017_length(
                block, tolerated_error_rate=0.02, error_correction_efficiency=1.1, epsilon=1e-10
            ).bits
            / block
        )

    assert part(10**4) < part(10**5) < part(10**6)


@pytest.mark.parametrize(
    ("sifted", "tested", "rate"), [(100, 100, 0.1), (100, 0, 0.1), (100, 50, 0.6), (100, 50, -0.1)]
)
def test_blocks_without_two_parts_or_with_no_rate_are_refused(
    sifted: int, tested: int, rate: float
) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        leverrier_2017_length(
            sifted,
            tested,
            tolerated_error_rate=rate,
            deviation=0.01,
            leak_bits=10.0,
            tag_bits=33.0,
            epsilon_privacy=1e-10,
        )
