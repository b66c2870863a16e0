"""Every shipped example passes or is explained; no tolerance is wider than it says."""

from __future__ import annotations

from functools import cache

import pytest

from qtrace.exchange.reference_files import load_reference_documents
from qtrace.uncertainty.stated import last_digit
from qtrace.validation.case import Basis, Case
from qtrace.validation.judge import Verdict
from qtrace.validation.procedures import DRAWING, PROCEDURES, CaseReport, run_case, summary_of

DOCUMENTS = load_reference_documents()
CASES = {case.case_id: case for document in DOCUMENTS for case in document.cases}
# A tolerance of this many last digits needs a reason in the data.
WIDEST_IN_DIGITS = 10.0
# What the issue names; others may come.
NAMED = {
    *("gum", "jcgm-101", "jcgm-102", "jcgm-106", "ea-4-02", "quam", "iso-ts-28037"),
    *("nist-tn-1900", "nist-2022-detectors"),
    *("decision-risks", "calibration-intervals", "iso-11929"),
}
LEAST_CASES, LEAST_READ = 100, 150


@cache
def report(case_id: str) -> CaseReport:
    return run_case(CASES[case_id])


@pytest.mark.parametrize("case_id", CASES)
def test_the_case_passes_or_is_explained(case_id: str) -> None:
    failed = [
        (one.printed.name, one.printed.text, one.ours, one.reason)
        for one in report(case_id).comparisons
        if not one.passed
    ]
    assert failed == []


@pytest.mark.parametrize("case_id", CASES)
def test_no_explanation_is_stale(case_id: str) -> None:
    for one in report(case_id).comparisons:
        assert bool(one.printed.explained) is (one.verdict is Verdict.EXPLAINED), one


@pytest.mark.parametrize("case_id", CASES)
def test_no_tolerance_is_wide_without_a_reason(case_id: str) -> None:
    for one in report(case_id).comparisons:
        digit = last_digit(one.printed.text)
        wide = one.tolerance >= WIDEST_IN_DIGITS * digit
        assert not wide or one.printed.because or CASES[case_id].note, (one.printed, one.tolerance)


def test_the_documents_that_were_asked_for_are_there() -> None:
    assert {document.document_id for document in DOCUMENTS} >= NAMED
    assert len(CASES) >= LEAST_CASES


def test_each_procedure_has_a_case() -> None:
    assert {case.procedure for case in CASES.values()} == set(PROCEDURES)


def test_drawing_cases_state_their_seed_and_others_do_not() -> None:
    for case in CASES.values():
        assert bool(case.seed) is (case.procedure in DRAWING), case.case_id
    seeds = [case.seed for case in CASES.values() if case.seed]
    assert len(seeds) == len(set(seeds)), "one seed for two cases correlates them"


def test_what_is_read_names_where_and_what_is_from_memory_never_passes_plainly() -> None:
    for case in CASES.values():
        for one in report(case.case_id).comparisons:
            if one.printed.basis is Basis.READ:
                assert one.printed.read_in, case.case_id
            else:
                assert one.verdict is not Verdict.PASS


def test_enough_figures_were_read_in_a_source() -> None:
    counts = summary_of(report(case_id) for case_id in CASES).by_verdict
    assert counts[Verdict.PASS.value] >= LEAST_READ
    assert counts[Verdict.DIFF.value] == 0


def test_a_case_gives_the_same_figures_each_time() -> None:
    drawn: Case = CASES["jcgm-101-9.3"]
    assert run_case(drawn).comparisons == report(drawn.case_id).comparisons


def test_figures_of_draws_carry_their_scatter_and_others_none() -> None:
    by_name = {one.printed.name: one for one in report("jcgm-101-9.2.2").comparisons}
    # u of 2 from 1e6 draws scatters by 2/sqrt(2e6) = 0.0014; both numbers of draws, three times.
    assert by_name["u"].scatter == pytest.approx(3 * 0.0014 * 2**0.5, rel=0.9)
    assert by_name["gum_low"].scatter == 0.0
