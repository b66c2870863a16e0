"""BBM92 key: thresholds, laws of the lengths, and values below zero kept as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.entangled.bbm92 import (
    Cells,
    EpsilonSplit,
    asymptotic_key_fraction,
    basis_length_tail,
    error_rate,
    finite_length_gamma,
    finite_length_tail,
    threshold_qber,
)

LAST_DIGIT_OF_PERCENT = 5e-7  # 11.0028 % has four decimals
ROUNDING = 1e-12  # relative

TEN = EpsilonSplit(1e-10, 1e-10, 1e-10)


def gamma_length(z: Cells, x: Cells, split: EpsilonSplit = TEN, f: float = 1.19) -> float:
    return float(
        finite_length_gamma(
            z,
            x,
            error_correction_efficiency=f,
            epsilon_sampling=split.sampling,
            epsilon_correctness=split.correctness,
            epsilon_privacy=split.privacy,
        )
    )


def test_threshold_without_loss_in_error_correction() -> None:
    assert threshold_qber(1.0) == pytest.approx(0.110028, abs=LAST_DIGIT_OF_PERCENT)


@pytest.mark.parametrize(("f", "percent"), [(1.16, 9.81), (1.19, 9.61)])
def test_threshold_with_usual_error_correction(f: float, percent: float) -> None:
    assert threshold_qber(f) * 100 == pytest.approx(percent, abs=5e-3)


@given(st.floats(1.0, 2.0))
def test_the_key_changes_sign_at_the_threshold(f: float) -> None:
    rate = threshold_qber(f)
    for factor, positive in ((0.999, True), (1.001, False)):
        cells = Cells(rate * factor, 1.0 - rate * factor)
        fraction = asymptotic_key_fraction(cells, cells, error_correction_efficiency=f)
        assert bool(fraction > 0.0) is positive


def test_a_failing_key_is_not_clamped() -> None:
    cells = Cells(152.0, 1398.0)
    fraction = asymptotic_key_fraction(cells, cells, error_correction_efficiency=1.19)
    assert fraction == pytest.approx(-0.0136, abs=5e-5)


def test_each_basis_pays_for_the_other() -> None:
    clean, noisy = Cells(0.0, 1000.0), Cells(110.0, 890.0)
    kept_clean = asymptotic_key_fraction(clean, noisy, error_correction_efficiency=1.0)
    kept_noisy = asymptotic_key_fraction(noisy, clean, error_correction_efficiency=1.0)
    # h(0.11) is 0.49992 bits; it is paid once, for phase here and for bits there.
    assert kept_clean == pytest.approx(1 - 0.499915958164528, rel=ROUNDING)
    assert kept_noisy == pytest.approx(1 - 0.499915958164528, rel=ROUNDING)


def test_no_counts_no_error_rate() -> None:
    with pytest.raises(InputError, match="no sifted counts"):
        error_rate(0.0, 0.0)


@pytest.mark.parametrize("f", [0.0, -1.0, float("nan")])
def test_error_correction_costs_something(f: float) -> None:
    cells = Cells(1.0, 99.0)
    with pytest.raises(InputError, match="error correction efficiency"):
        asymptotic_key_fraction(cells, cells, error_correction_efficiency=f)


class TestEpsilons:
    def test_declared_epsilons_are_added_over_both_bases(self) -> None:
        assert TEN.total == pytest.approx(6e-10, rel=ROUNDING)

    def test_an_equal_split_sums_to_what_was_asked(self) -> None:
        assert EpsilonSplit.summing_to(1e-10).total == pytest.approx(1e-10, rel=ROUNDING)

    def test_with_smoothing_the_root_of_the_sampling_failure_counts(self) -> None:
        # 2 bases x (2 sqrt(1e-10) + 2e-10).
        assert TEN.total_with_smoothing == pytest.approx(4.00004e-5, rel=ROUNDING)

    def test_a_split_with_smoothing_sums_to_what_was_asked(self) -> None:
        split = EpsilonSplit.summing_with_smoothing_to(1e-10)
        assert split.total_with_smoothing == pytest.approx(1e-10, rel=ROUNDING)
        assert split.total < split.total_with_smoothing

    @pytest.mark.parametrize("wrong", [0.0, 1.0, -1e-10, float("nan")])
    @pytest.mark.parametrize("place", ["sampling", "correctness", "privacy"])
    def test_what_is_no_probability_is_named(self, place: str, wrong: float) -> None:
        values = {"sampling": 1e-10, "correctness": 1e-10, "privacy": 1e-10, place: wrong}
        with pytest.raises(InputError, match=place):
            EpsilonSplit(**values)


class TestLaws:
    @given(st.integers(1, 300), st.integers(400, 3000), st.integers(1, 300), st.integers(400, 3000))
    def test_names_of_the_bases_do_not_matter(self, mz: int, az: int, mx: int, ax: int) -> None:
        z, x = Cells(mz, az), Cells(mx, ax)
        assert gamma_length(z, x) == pytest.approx(gamma_length(x, z), rel=ROUNDING)
        assert finite_length_tail(
            z, x, error_correction_efficiency=1.19, split=TEN
        ) == pytest.approx(
            finite_length_tail(x, z, error_correction_efficiency=1.19, split=TEN), rel=ROUNDING
        )

    @given(st.integers(1, 120), st.integers(1000, 3000))
    def test_a_finite_key_is_shorter_than_the_asymptotic_one(
        self, errors: int, sifted: int
    ) -> None:
        cells = Cells(errors, sifted - errors)
        asymptotic = (
            2 * sifted * asymptotic_key_fraction(cells, cells, error_correction_efficiency=1.19)
        )
        assert gamma_length(cells, cells) < asymptotic
        tail = finite_length_tail(cells, cells, error_correction_efficiency=1.19, split=TEN)
        assert tail < asymptotic

    @given(st.integers(1, 100))
    def test_an_error_more_shortens_the_key(self, errors: int) -> None:
        here, more = Cells(errors, 1550 - errors), Cells(errors + 1, 1549 - errors)
        assert gamma_length(more, more) < gamma_length(here, here)
        assert finite_length_tail(
            more, more, error_correction_efficiency=1.19, split=TEN
        ) < finite_length_tail(here, here, error_correction_efficiency=1.19, split=TEN)

    @given(st.floats(1e-14, 1e-4))
    def test_less_risk_shortens_the_key(self, epsilon: float) -> None:
        cells = Cells(70, 1480)
        safe, safer = EpsilonSplit.summing_to(epsilon), EpsilonSplit.summing_to(epsilon / 10)
        assert gamma_length(cells, cells, safer) < gamma_length(cells, cells, safe)
        assert finite_length_tail(
            cells, cells, error_correction_efficiency=1.19, split=safer
        ) < finite_length_tail(cells, cells, error_correction_efficiency=1.19, split=safe)


def test_a_hopeless_phase_error_is_cut_at_one_half() -> None:
    # Ten bits, half of them wrong: entropy is all gone, leak and security terms remain.
    cells = Cells(5.0, 5.0)
    bits = gamma_length(cells, cells, f=1.0)
    security = np.log2(2e10) + 2 * np.log2(0.5e10)
    assert bits == pytest.approx(2 * (-10.0 - security), rel=ROUNDING)


def test_arrays_of_counts_give_arrays_of_lengths() -> None:
    errors = np.array([60.0, 70.0, 80.0])
    cells = Cells(errors, 1550.0 - errors)
    lengths = np.asarray(
        finite_length_gamma(
            cells,
            cells,
            error_correction_efficiency=1.19,
            epsilon_sampling=1e-10,
            epsilon_correctness=1e-10,
            epsilon_privacy=1e-10,
        )
    )
    one_by_one = [gamma_length(Cells(m, 1550 - m), Cells(m, 1550 - m)) for m in errors]
    assert lengths.tolist() == pytest.approx(one_by_one, rel=ROUNDING)


def test_the_exact_tail_takes_whole_counts_only() -> None:
    with pytest.raises(InputError, match="whole counts"):
        basis_length_tail(
            Cells(70.5, 1479.5), Cells(70, 1480), error_correction_efficiency=1.19, split=TEN
        )
