"""The 1120 km run of Yin et al., Nature 582, 501 (2020), recomputed from its counts.

The counts (3100 sifted, 140 errors) are from memory, their even split over the bases is ours.
Published: error rate 4.5 %, f = 1.19, 0.43 bit/s, finite key of 372 bits at 1e-10.
"""

from __future__ import annotations

import pytest

from qtrace.metrics.entangled.bbm92_report import (
    Bbm92Counts,
    Bbm92Parameters,
    Bbm92Report,
    bbm92_report,
)
from qtrace.physics.entangled.bbm92 import EpsilonSplit

REFERENCE = 1e-9  # relative: independent code in double precision
GAMMA_BITS = 1e-6  # absolute: as the reference case states
TAIL_BITS = 1.0  # absolute: one step of the bound more or less

PUBLISHED_BITS = 372
PUBLISHED_BIT_PER_S = 0.43


@pytest.fixture(scope="module")
def report() -> Bbm92Report:
    return bbm92_report(
        Bbm92Counts.of_sifted(sifted_z=1550, errors_z=70, sifted_x=1550, errors_x=70),
        Bbm92Parameters(
            duration_s=3100.0,
            error_correction_efficiency=1.19,
            epsilons=EpsilonSplit(1e-10, 1e-10, 1e-10),
        ),
    )


def test_error_rate_with_its_exact_interval(report: Bbm92Report) -> None:
    assert report.qber == pytest.approx(140 / 3100, rel=REFERENCE)
    assert report.qber_u == pytest.approx(0.0037296435953128467, rel=REFERENCE)
    assert report.qber_interval[:2] == pytest.approx(
        (0.03812243352486873, 0.05307360223455098), rel=REFERENCE
    )


def test_asymptotic_rate(report: Bbm92Report) -> None:
    assert report.key_fraction == pytest.approx(0.4186086867900537, rel=REFERENCE)
    assert report.key_rate_bit_per_s == pytest.approx(0.4186086867900537, rel=REFERENCE)
    # The published 0.43 is 2.6 % higher, a third of the standard uncertainty of the counts.
    assert report.key_rate_u_bit_per_s is not None
    excess = PUBLISHED_BIT_PER_S - report.key_rate_bit_per_s
    assert abs(excess) < report.key_rate_u_bit_per_s / 3


def test_finite_lengths_surround_the_published_one(report: Bbm92Report) -> None:
    assert report.declared.gamma_bits == pytest.approx(324.2008990787378, abs=GAMMA_BITS)
    assert report.declared.tail_bits == pytest.approx(419.0, abs=TAIL_BITS)
    assert report.declared.gamma_bits is not None
    assert report.declared.gamma_bits < PUBLISHED_BITS < report.declared.tail_bits


def test_the_epsilons_sum_to_more_than_was_said(report: Bbm92Report) -> None:
    assert report.epsilon_sum == pytest.approx(6e-10, rel=REFERENCE)
    assert report.declared.split.total_with_smoothing == pytest.approx(4.00004e-5, rel=REFERENCE)


def test_lengths_for_a_split_that_sums_to_the_target(report: Bbm92Report) -> None:
    assert report.to_target.split.total == pytest.approx(1e-10, rel=REFERENCE)
    assert report.to_target.gamma_bits == pytest.approx(282.4836650155996, abs=GAMMA_BITS)
    assert report.to_target.tail_bits == pytest.approx(373.2371895778289, abs=TAIL_BITS)
    # Rounded down basis by basis, this split gives the published length to the bit. That is an
    # observation on counts from memory, not a proof that it was computed so.
    assert sum(report.to_target.tail_whole_bits) == PUBLISHED_BITS


def test_with_smoothing_little_is_left(report: Bbm92Report) -> None:
    assert report.smoothed_to_target.split.total_with_smoothing == pytest.approx(
        1e-10, rel=REFERENCE
    )
    assert 0 < report.smoothed_to_target.tail_bits < 50


def test_older_proofs_give_nothing_and_say_why(report: Bbm92Report) -> None:
    for outcome in (report.tomamichel_2012, report.leverrier_2017):
        assert outcome.bits == 0
        assert outcome.unclamped_bits < 0
        assert "sampling raises the error rate from 4.52%" in outcome.reason
        assert "error correction tells 490" in outcome.reason


def test_a_failing_key_keeps_its_uncertainty() -> None:
    # 304 errors of 3100: pooled cells, as the two bases have equal rates.
    failing = bbm92_report(
        Bbm92Counts.of_sifted(sifted_z=1550, errors_z=152, sifted_x=1550, errors_x=152),
        Bbm92Parameters(3100.0, 1.19, EpsilonSplit(1e-10, 1e-10, 1e-10)),
    )
    four_decimals = 5e-5
    assert failing.key_fraction == pytest.approx(-0.0136, abs=four_decimals)
    assert failing.key_fraction_u == pytest.approx(0.0374, abs=four_decimals)
