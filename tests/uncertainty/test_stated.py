"""Certificates that state U: what u they mean, what is assumed, what they cannot claim."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from qtrace.errors import InputError
from qtrace.uncertainty.coverage import coverage_factor
from qtrace.uncertainty.stated import (
    StatedUncertainty,
    from_certificate,
    last_digit,
    remainder,
    rounding_uncertainty,
    unknown_correlation,
)

EXACT = 1e-12  # closed forms: a few roundings


def test_u_with_k_is_divided_and_the_missing_p_is_said() -> None:
    """GUM 4.3.3: a mass standard with U = 240 ug at three standard deviations has u = 80 ug."""
    stated = from_certificate(240e-9, k=3.0)
    assert stated.standard_uncertainty == pytest.approx(80e-9, rel=EXACT)
    assert stated.degrees_of_freedom == math.inf
    assert stated.flags == ("k = 3 stated without p: degrees of freedom taken infinite",)


def test_u_with_p_alone_is_normal() -> None:
    """GUM 4.3.4, case GUM-4.3.3: 129 uOhm at 99 % is 50 uOhm."""
    stated = from_certificate(129e-6, probability=0.99)
    assert stated.standard_uncertainty == pytest.approx(5.00809583237009e-05, rel=EXACT)
    assert "taken as normal" in stated.flags[0]


def test_u_with_p_and_degrees_of_freedom_is_divided_by_t() -> None:
    """GUM Table G.2: t for 95 % and 9 degrees of freedom is 2.26."""
    stated = from_certificate(2.262157, probability=0.95, degrees_of_freedom=9.0)
    assert stated.standard_uncertainty == pytest.approx(1.0, rel=1e-6)
    assert (stated.degrees_of_freedom, stated.flags) == (9.0, ())


@pytest.mark.parametrize(("k", "dof"), [(2.26, 9), (2.13, 15), (2.78, 4), (12.71, 1), (3.18, 3)])
def test_k_and_p_give_the_degrees_of_freedom(k: float, dof: int) -> None:
    """GUM Table G.2, 95 %, read backwards; k has two decimals there."""
    stated = from_certificate(1.0, k=k, probability=0.95)
    assert round(stated.degrees_of_freedom) == dof
    assert stated.flags == ()


@given(st.integers(1, 40))
def test_the_degrees_of_freedom_behind_k_come_back(nu: int) -> None:
    k = coverage_factor(0.95, float(nu))
    stated = from_certificate(1.0, k=k, probability=0.95)
    assert stated.degrees_of_freedom == pytest.approx(nu, rel=1e-6)


@pytest.mark.parametrize("probability", [0.95, 0.9545])
def test_k_of_two_for_95_percent_is_a_convention_not_sixty_degrees(probability: float) -> None:
    stated = from_certificate(1.0, k=2.0, probability=probability)
    assert stated.degrees_of_freedom == math.inf
    assert "normal convention" in stated.flags[0]


def test_a_k_below_the_normal_one_shows_a_bounded_component() -> None:
    """EA402-S9 prints k = 1.65 for 95 %: its multimeter is nearly rectangular."""
    stated = from_certificate(0.05, k=1.65, probability=0.95)
    assert stated.standard_uncertainty == pytest.approx(0.0303, abs=5e-5)
    assert stated.degrees_of_freedom == math.inf
    assert "not normal" in stated.flags[0]


def test_a_k_that_contradicts_its_degrees_of_freedom_is_said() -> None:
    stated = from_certificate(1.0, k=2.0, probability=0.95, degrees_of_freedom=4.0)
    assert stated.standard_uncertainty == 0.5
    assert "2.78" in stated.flags[0]
    agreeing = from_certificate(1.0, k=2.78, probability=0.95, degrees_of_freedom=4.0)
    assert agreeing.flags == ()
    assert from_certificate(1.0, k=2.0, degrees_of_freedom=30.0).flags == ()


@pytest.mark.parametrize(
    ("text", "digit"),
    [("0.004", 1e-3), ("0.0040", 1e-4), ("6", 1.0), ("120", 1.0), ("1.2e-3", 1e-4), ("-5.0", 0.1)],
)
def test_the_last_digit_of_what_is_printed(text: str, digit: float) -> None:
    assert last_digit(text) == digit


@pytest.mark.parametrize("text", ["", "U", "nan", "inf"])
def test_what_has_no_digits_has_no_last_one(text: str) -> None:
    with pytest.raises(InputError, match="no decimal number"):
        last_digit(text)


def test_rounding_of_the_printed_u_stays_a_component() -> None:
    """U = 0.11, k = 2: half a digit 0.005 adds 0.005/(2 sqrt 3) = 0.00144 to u = 0.055."""
    stated = from_certificate(0.11, k=2.0, half_last_digit=last_digit("0.11") / 2)
    assert stated.rounding == pytest.approx(0.0014433756729740645, rel=EXACT)
    assert stated.standard_uncertainty == pytest.approx(math.hypot(0.055, stated.rounding))
    assert rounding_uncertainty(0.5) == pytest.approx(0.288675, abs=1e-6)  # GUM F.2.2.1: 0.29


def test_the_kept_rounding_is_the_mean_square_of_what_would_be_printed_so() -> None:
    """All U from 0.105 to 0.115 print as 0.11; the root mean square of U/2 over them."""
    n = 100_001
    every = (0.105 + 0.01 * (i + 0.5) / n for i in range(n))
    mean_square = sum((u / 2.0) ** 2 for u in every) / n
    stated = from_certificate(0.11, k=2.0, half_last_digit=0.005)
    assert stated.standard_uncertainty**2 == pytest.approx(mean_square, rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "without k and without coverage probability"),
        ({"k": 0.0}, "not above zero"),
        ({"k": math.nan}, "not above zero"),
        ({"probability": 1.0}, "between 0 and 1"),
        ({"probability": 95.0}, "between 0 and 1"),
        ({"k": 2.0, "degrees_of_freedom": 0.5}, "below 1"),
        ({"k": 20.0, "probability": 0.95}, "no degrees of freedom"),
        ({"k": 2.0, "half_last_digit": -1.0}, "half a digit"),
    ],
)
def test_an_impossible_statement_is_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        from_certificate(1.0, **changes)


@pytest.mark.parametrize("expanded", [-1.0, math.nan, math.inf])
def test_an_expanded_uncertainty_that_is_none_is_refused(expanded: float) -> None:
    with pytest.raises(InputError, match="finite number from 0"):
        from_certificate(expanded, k=2.0)


def test_a_realisation_in_two_certificates_is_taken_out_of_each() -> None:
    """Review: U = 0.5 %, k = 2, realisation 0.1 %: 0.229 % is the laboratory's own part."""
    own = remainder(0.0025, 0.001)
    assert own == pytest.approx(0.00229128784747792, rel=EXACT)
    assert math.hypot(own, 0.001) == pytest.approx(0.0025, rel=EXACT)
    # Added instead of taken out, u would be 7.7 % too large.
    assert math.hypot(0.0025, 0.001) / 0.0025 == pytest.approx(1.077, abs=5e-4)


def test_a_certificate_that_claims_less_than_its_source_is_refused() -> None:
    with pytest.raises(InputError, match="claims less than its source") as caught:
        remainder(0.001, 0.002, where="certificate B-2021-17")
    assert caught.value.where == "certificate B-2021-17"
    assert caught.value.next_step
    with pytest.raises(InputError, match="claims less"):
        remainder(0.0, 1e-9)
    with pytest.raises(InputError, match="no uncertainties"):
        remainder(math.nan, 0.1)


@given(st.floats(1e-12, 1e12), st.floats(-1.0, 1.0))
def test_remainder_and_shared_part_make_the_whole(whole: float, part: float) -> None:
    shared = whole * part
    assert math.hypot(remainder(whole, shared), shared) == pytest.approx(whole, rel=EXACT)


def test_two_points_of_a_certificate_in_a_ratio() -> None:
    """Review: two points at 0.5 %: 0.71 % if independent; at most 1.0 %. Three: 0.87 and 1.5 %."""
    two = unknown_correlation((0.5, -0.5))
    assert two.independent == pytest.approx(0.71, abs=0.005)
    assert two.bound == two.larger == 1.0
    three = unknown_correlation((0.5, 0.5, 0.5))
    assert three.independent == pytest.approx(0.87, abs=0.005)
    assert three.larger == 1.5


@given(st.lists(st.floats(-1e6, 1e6), max_size=8))
def test_the_bound_is_never_below_independence(parts: list[float]) -> None:
    figures = unknown_correlation(parts)
    assert figures.larger == max(figures.bound, figures.independent)
    assert figures.bound >= figures.independent * (1.0 - EXACT)


def test_a_record_says_everything() -> None:
    assert from_certificate(1.0, k=2.0, probability=0.9545) == StatedUncertainty(
        0.5,
        math.inf,
        2.0,
        0.0,
        (
            "k = 2 for p = 0.9545 is read as the normal convention: degrees of freedom taken "
            "infinite",
        ),
    )


@pytest.mark.parametrize(
    ("k", "nu"),
    [(4.53, 2), (3.31, 3), (2.87, 4), (2.65, 5), (2.52, 6), (2.43, 7), (2.37, 8), (2.28, 10)],
)
def test_a_k_as_printed_means_whole_degrees_of_freedom(k: float, nu: int) -> None:
    """EA-4/02 prints k for 95.45 %: solved for the rounded k, 3.9987 would be truncated to 3."""
    stated = from_certificate(0.3, k=k, probability=0.9545)
    assert stated.degrees_of_freedom == float(nu)


def test_a_k_that_no_whole_degrees_print_keeps_those_it_was_solved_for() -> None:
    between = 3.0
    stated = from_certificate(0.3, k=between, probability=0.9545, half_digit_of_k=0.005)
    solved = stated.degrees_of_freedom
    assert 3.0 < solved < 4.0
    assert stdtrit(solved, 0.97725) == pytest.approx(between, rel=1e-9)
    # More digits of k are a narrower statement.
    fine = from_certificate(0.3, k=2.8710, probability=0.9545, half_digit_of_k=5e-5)
    assert 3.9 < fine.degrees_of_freedom < 4.0
