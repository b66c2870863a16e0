"""Tables for a terminal: never over 80 columns, nothing cut off, nothing that steers it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report.sample import nist_chain, sample_conclusions

from qtrace.report.columns import WIDTH, display_width, wrapped
from qtrace.report.text import (
    NOTHING,
    budget_table,
    chain_text,
    findings_table,
    key_values,
    listing,
    results_table,
)
from qtrace.traceability.chain import Chain, ChainNode

LONG = "LABORATORY-WITH-A-VERY-LONG-NAME/" + "result_" * 30


def fits(text: str) -> bool:
    return all(display_width(line) <= WIDTH for line in text.splitlines())


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_all_tables_of_the_sample_fit() -> None:
    conclusions = sample_conclusions()
    assert fits(results_table(conclusions.results))
    assert fits(findings_table(conclusions.findings))
    assert all(fits(budget_table(one)) for one in conclusions.budgets)
    assert all(fits(chain_text(one)) for one in conclusions.chains)


def test_long_names_wrap_and_keep_every_character() -> None:
    conclusions = sample_conclusions()
    result = replace(conclusions.results[0], label=LONG, flags=(LONG,), coverage_method=LONG)
    finding = replace(conclusions.findings[4], subject=LONG, title=LONG, reasons=(LONG,))
    budget = replace(conclusions.budgets[0], owners=(LONG,) * len(conclusions.budgets[0].lines))
    for text in (
        results_table([result]),
        findings_table([finding]),
        budget_table(budget),
        key_values([(LONG, LONG)]),
        listing(("id", "title"), [(LONG, LONG)]),
    ):
        assert fits(text)
    assert squeezed(LONG) in squeezed(key_values([("name", LONG)]))


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=60), min_size=3, max_size=3), max_size=5))
def test_any_listing_fits_and_cannot_steer_a_terminal(rows: list[list[str]]) -> None:
    text = listing(("one", "two", "three"), rows)
    assert fits(text)
    assert "\x1b" not in text
    assert "\u202e" not in text


@given(st.text(max_size=200), st.integers(2, 80))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(display_width(line) <= width for line in lines)
    assert len(squeezed("".join(lines))) == len(squeezed(text))


def test_wide_characters_count_twice() -> None:
    assert display_width("量子") == 4
    assert fits(listing(("a", "b"), [("量" * 60, "子" * 60)]))


def test_results_say_what_else_could_have_been_claimed() -> None:
    text = results_table(sample_conclusions().results[:1])
    assert "0.9378(35)" in text
    assert "2.080" in text
    assert "with k = 2: U = 0.0070" in text
    assert "ignoring sharing would claim u = 0.0032 instead of 0.0035" in text


def test_findings_stand_under_their_standard_with_every_reason() -> None:
    findings = sample_conclusions().findings
    text = findings_table(findings)
    assert text.index("ISO-IEC-23837-mapped:2023") < text.index("NIST-IR-8486r1:2025")
    for finding in findings:
        for reason in finding.reasons:
            assert squeezed(reason) in squeezed(text)
    assert "NOT CONFIRMED" in text
    assert "clause unverified" in text


def test_a_budget_says_what_it_leaves_out() -> None:
    budget = sample_conclusions().budgets[0]
    text = budget_table(budget, limit=4)
    assert "NIST-2022-D1/counts" in text
    assert f"{len(budget.lines) - 4} more inputs add" in text
    assert "more inputs" not in budget_table(budget, limit=0)


def test_shares_of_shown_and_hidden_lines_sum_to_all() -> None:
    lines = sample_conclusions().budgets[0].lines
    # Shares are parts of one variance; the sum is exact but for rounding of doubles.
    assert sum(line.share for line in lines) == pytest.approx(1.0, abs=1e-12)
    assert "50.2 %" in budget_table(sample_conclusions().budgets[0], limit=1)
    assert "10 more inputs add 49.8 %" in budget_table(sample_conclusions().budgets[0], limit=1)


def test_contributions_follow_the_unit_of_the_result() -> None:
    dark = sample_conclusions().budgets[1]
    assert "170 /s" in budget_table(dark, unit="/s")


def test_a_chain_names_breaks_ends_and_shared_steps_once() -> None:
    text = chain_text(nist_chain())
    assert text.count("RANGE-2021/range_factor: range factor") == 1
    assert text.count("RANGE-2021/range_factor (see above)") == 2
    assert "3 BREAKS" in text
    for one in nist_chain().breaks:
        assert f"BREAK {one.subject}: {one.name}" in text
    assert "END: counting" in text
    assert "most of the uncertainty enters at NIST-2022-D1/system_detection" in text


def test_a_circle_ends_and_a_deep_chain_fits() -> None:
    nodes = tuple(ChainNode(f"result:{k}", "result", f"step {k}", (LONG,)) for k in range(1500))
    edges = tuple((f"result:{k}", f"result:{k + 1}") for k in range(1499))
    deep = Chain("0", nodes, (*edges, ("result:1499", "result:0")), (), ())
    text = chain_text(deep)
    assert fits(text)
    assert "step 1499" in text
    assert text.count("step 0 (see above)") == 1


def test_nothing_is_said_to_be_nothing() -> None:
    assert listing(("id",), []) == NOTHING
    assert key_values([]) == NOTHING
    assert results_table([]) == NOTHING
    assert findings_table([]) == NOTHING


def test_values_stand_in_line() -> None:
    lines = key_values([("a", "1"), ("longer", "2")]).splitlines()
    assert lines == ["a       1", "longer  2"]
