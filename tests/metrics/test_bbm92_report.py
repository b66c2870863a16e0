"""The report of a run: complete, unclamped underneath, and honest about what it clamps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.metrics.entangled.bbm92_report import (
    Bbm92Counts,
    Bbm92Parameters,
    bbm92_report,
    presented,
)
from qtrace.physics.entangled.bbm92 import EpsilonSplit

PARAMETERS = Bbm92Parameters(3100.0, 1.19, EpsilonSplit(1e-10, 1e-10, 1e-10))


def run(errors: int, sifted: int = 1550) -> Bbm92Counts:
    return Bbm92Counts.of_sifted(sifted_z=sifted, errors_z=errors, sifted_x=sifted, errors_x=errors)


def test_a_good_run_has_a_key_by_every_bound() -> None:
    # One million sifted bits at 2 %: the size of the synthetic link.
    report = bbm92_report(run(10_000, 500_000), PARAMETERS)
    assert report.qber == pytest.approx(0.02)
    assert report.declared.gamma_bits is not None
    ordered = [
        report.tomamichel_2012.bits,  # key from one basis only
        report.leverrier_2017.bits,
        report.declared.gamma_bits,
        report.declared.tail_bits,
        report.key_fraction * report.sifted,
    ]
    assert ordered == sorted(ordered)
    assert ordered[0] > 0
    assert report.tomamichel_2012.reason == report.leverrier_2017.reason == ""


def test_the_better_basis_makes_the_key_where_only_one_may() -> None:
    # A larger clean block as key, a smaller one as test, beats the other way round.
    report = bbm92_report(Bbm92Counts(16_000, 784_000, 4_000, 196_000), PARAMETERS)
    assert report.tomamichel_2012.bits > 200_000  # more than the smaller basis could hold


def test_smoothing_costs_key() -> None:
    report = bbm92_report(run(10_000, 500_000), PARAMETERS)
    lengths = [
        report.smoothed_to_target.tail_bits,
        report.to_target.tail_bits,
        report.declared.tail_bits,
    ]
    assert lengths == sorted(lengths)


def test_a_failing_key_is_flagged_and_keeps_its_value() -> None:
    report = bbm92_report(run(152), PARAMETERS)
    assert report.key_fraction_u is not None
    assert report.key_fraction < 0.0 < report.key_fraction_u
    assert any("below 0" in flag for flag in report.flags)
    assert report.declared.tail_bits < 0.0
    assert report.declared.tail_whole_bits == (0, 0)


def test_epsilons_above_the_target_are_flagged() -> None:
    assert any("sum to 6e-10" in flag for flag in bbm92_report(run(70), PARAMETERS).flags)
    within = Bbm92Parameters(3100.0, 1.19, EpsilonSplit.summing_to(0.9e-10))
    assert bbm92_report(run(70), within).flags == ()


def test_without_errors_only_the_exact_tail_speaks() -> None:
    report = bbm92_report(run(0), PARAMETERS)
    assert report.qber == 0.0
    assert report.qber_interval.low == 0.0
    assert report.qber_interval.high > 0.0
    assert report.qber_u is report.key_fraction_u is report.key_rate_u_bit_per_s is None
    assert report.declared.gamma_bits is None
    assert report.declared.tail_bits > 0.0
    assert any("exact tail only" in flag for flag in report.flags)


@given(st.integers(1, 775), st.integers(1, 775))
def test_every_table_of_counts_gives_a_report(errors_z: int, errors_x: int) -> None:
    counts = Bbm92Counts(errors_z, 1550 - errors_z, errors_x, 1550 - errors_x)
    report = bbm92_report(counts, PARAMETERS)
    low, high, _ = report.qber_interval
    assert low < report.qber < high
    assert min(report.declared.tail_whole_bits) >= 0
    assert (report.tomamichel_2012.bits == 0) == bool(report.tomamichel_2012.reason)
    assert (report.leverrier_2017.bits == 0) == bool(report.leverrier_2017.reason)


def test_few_errors_are_flagged() -> None:
    assert any("fewer than 10 errors" in flag for flag in bbm92_report(run(9), PARAMETERS).flags)
    assert not any("fewer" in flag for flag in bbm92_report(run(10), PARAMETERS).flags)


def test_errors_above_counts_are_refused() -> None:
    with pytest.raises(InputError, match="agreements_z is negative"):
        Bbm92Counts.of_sifted(sifted_z=10, errors_z=11, sifted_x=10, errors_x=1)


def test_an_empty_basis_is_refused() -> None:
    with pytest.raises(InputError, match="basis x has no sifted counts"):
        Bbm92Counts(1, 9, 0, 0)


def test_a_run_takes_time() -> None:
    timeless = Bbm92Parameters(0.0, 1.19, EpsilonSplit(1e-10, 1e-10, 1e-10))
    with pytest.raises(InputError, match="counting time"):
        bbm92_report(run(70), timeless)


@pytest.mark.parametrize(
    ("length", "shown", "flag"),
    [(324.2, 324, ""), (0.0, 0, ""), (-7.25, 0, "clamped at 0 from -7.2 bits")],
)
def test_the_clamp_is_made_where_it_is_shown_and_says_so(
    length: float, shown: int, flag: str
) -> None:
    assert presented(length) == (shown, flag)
