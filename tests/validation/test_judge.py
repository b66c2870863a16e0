"""A figure passes within half its last printed digit; an explanation never hides a fault."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.validation.case import Basis, Figure, PrintedFigure
from qtrace.validation.judge import (
    DRAWN_FACTOR,
    Verdict,
    check_printed,
    compare_figure,
    printed_value,
    refused_figure,
)

READ = PrintedFigure("u", "0.25", Basis.READ, "a public page")


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [("32", 32.0, 0.5), ("0.250", 0.25, 0.0005), ("-0.93", -0.93, 0.005), ("2.3e-7", 2.3e-7, 5e-9)],
)
def test_the_last_printed_digit_is_the_tolerance(text: str, value: float, half: float) -> None:
    assert printed_value(text) == pytest.approx((value, half), rel=1e-12)


def test_infinity_leaves_no_tolerance() -> None:
    infinite = replace(READ, text="inf")
    assert printed_value("inf") == (math.inf, 0.0)
    assert compare_figure(infinite, Figure(math.inf)).verdict is Verdict.PASS
    assert compare_figure(infinite, Figure(1e300)).verdict is Verdict.DIFF
    assert compare_figure(READ, Figure(math.inf)).verdict is Verdict.DIFF


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [
        (0.25, Verdict.PASS),
        (0.2549, Verdict.PASS),
        (0.255, Verdict.PASS),  # a half is a half, though no double says so
        (0.2551, Verdict.DIFF),
        (0.2449, Verdict.DIFF),
        (math.nan, Verdict.DIFF),
    ],
)
def test_a_figure_passes_within_half_a_digit(ours: float, verdict: Verdict) -> None:
    assert compare_figure(READ, Figure(ours)).verdict is verdict


def test_a_figure_from_memory_or_computed_is_no_published_proof() -> None:
    words = {
        basis: compare_figure(replace(READ, basis=basis), Figure(0.25)).verdict for basis in Basis
    }
    assert words == {
        Basis.READ: Verdict.PASS,
        Basis.MEMORY: Verdict.PASS_MEMORY,
        Basis.COMPUTED: Verdict.PASS_COMPUTED,
    }


EXPLAINED = replace(READ, explained="rounded pieces", instead="0.262")


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [
        (0.2622, Verdict.EXPLAINED),
        (0.25, Verdict.PASS),
        (0.2626, Verdict.DIFF),  # not what is explained: something else is wrong
        (0.24, Verdict.DIFF),
    ],
)
def test_an_explanation_holds_for_one_figure_only(ours: float, verdict: Verdict) -> None:
    found = compare_figure(EXPLAINED, Figure(ours))
    assert found.verdict is verdict
    if verdict is not Verdict.PASS:
        assert "rounded pieces" in found.reason
    assert found.passed is (verdict is not Verdict.DIFF)


def test_a_drawn_figure_may_scatter_with_both_numbers_of_draws() -> None:
    drawn = Figure(0.25, scatter=0.001)
    alone = compare_figure(READ, drawn, draws=10_000)
    both = compare_figure(READ, drawn, draws=10_000, printed_draws=10_000)
    assert alone.tolerance == pytest.approx(0.005 + DRAWN_FACTOR * 0.001)
    assert both.tolerance == pytest.approx(0.005 + DRAWN_FACTOR * 0.001 * math.sqrt(2.0))
    assert alone.scatter == pytest.approx(0.003)
    assert compare_figure(READ, replace(drawn, value=0.2581), draws=1).verdict is Verdict.DIFF


def test_a_stated_tolerance_replaces_the_digit_and_says_why() -> None:
    exact = replace(READ, tolerance=1e-9, because="a count")
    found = compare_figure(exact, Figure(0.2501))
    assert (found.verdict, found.tolerance) == (Verdict.DIFF, 1e-9)
    assert compare_figure(exact, Figure(0.25)).reason == "a count"


def test_what_the_product_refuses_is_a_difference() -> None:
    found = refused_figure(READ, "no degrees of freedom")
    assert (found.verdict, found.ours, found.difference) == (Verdict.DIFF, None, None)
    assert "no degrees of freedom" in found.reason


@pytest.mark.parametrize(
    "wrong",
    [
        replace(READ, text="about 3"),
        replace(READ, tolerance=0.1),
        replace(READ, tolerance=-0.1, because="x"),
        replace(READ, tolerance=math.inf, because="x"),
        replace(READ, explained="rounded"),
        replace(READ, instead="0.26"),
        replace(READ, explained="rounded", instead="more"),
        replace(READ, read_in=""),
    ],
)
def test_a_figure_that_cannot_be_judged_is_refused(wrong: PrintedFigure) -> None:
    with pytest.raises(InputError):
        check_printed(wrong)


@given(st.decimals(-1000, 1000, places=3), st.floats(-0.00049, 0.00049))
def test_what_rounds_to_the_print_passes(printed: object, off: float) -> None:
    figure = replace(READ, text=str(printed))
    assert compare_figure(figure, Figure(float(str(printed)) + off)).passed
    assert not compare_figure(figure, Figure(float(str(printed)) + off + 0.002)).passed
