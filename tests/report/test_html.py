"""The report: what page 1 must say, what no page may say, and that it stands alone."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from report.sample import (
    DIGEST,
    ENTRY,
    sample_case,
    sample_conclusions,
    sample_functions,
    sample_head,
    sample_scheme,
)

from qtrace.certification.case import CaseFile
from qtrace.certification.conclude import Conclusions, conclude
from qtrace.certification.decision import decide
from qtrace.certification.scheme import Effect
from qtrace.errors import InputError
from qtrace.report.html import LEFT_OUT, OVERCLAIMS, render_report
from qtrace.standards.finding import Finding, GuardSide, Outcome

VOID = {"meta", "br", "rect", "path", "link", "img", "input"}


class _Reader(HTMLParser):
    """Collects visible text, and checks that elements close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.said: list[str] = []
        self.faults: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"src", "href"}:
                self.faults.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said.append(data)


def render(case: CaseFile | None = None, conclusions: Conclusions | None = None) -> str:
    return render_report(
        sample_head(),
        case or sample_case(),
        conclusions or sample_conclusions(),
        payload_digest=DIGEST,
        ledger_entry=ENTRY,
    )


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def visible(html: str) -> str:
    return " ".join(" ".join(read(html).said).split())


def page_one(html: str) -> str:
    return visible(html.partition("<h2>Results</h2>")[0])


def test_page_one_says_what_a_reader_must_find_there() -> None:
    said = page_one(render())
    decision = sample_conclusions().decision
    for text in (
        "SYNTHETIC",
        "DEMONSTRATION: statement on a decision",
        decision.word.value,
        f"{decision.coverage.evaluated} of {decision.coverage.applicable}",
        f"Not covered: {len(decision.coverage.not_covered)}",
        "by limit origin: declared by the applicant",
        "that the data came from that device",
        "the classical channel is authenticated",
        "neither a calibration certificate (ISO/IEC 17025, 7.8.4) nor a Common Criteria",
        "NIST-IR-8486:2023 is superseded",
        DIGEST,
        ENTRY,
        "Normative is the JSON bundle",
        "D1-2021-07",
    ):
        assert text in said, text


def box(html: str) -> str:
    """Return what the box below the decision word says."""
    inside = html.partition('<div class="word">')[2].partition("</ul>")[0]
    return visible(inside.partition("</div>")[2])


def listed_against() -> list[Finding]:
    against = {Outcome.NOT_MET, Outcome.WITHIN_GUARD_BAND, Outcome.NOT_EVALUABLE}
    return [one for one in sample_conclusions().findings if one.outcome in against]


def test_the_box_below_the_word_lists_what_is_not_met_and_every_break_once() -> None:
    said = box(render())
    assert said.startswith("NOT MET and breaks")
    assert {one.outcome for one in listed_against()} >= {Outcome.NOT_MET, Outcome.NOT_EVALUABLE}
    assert "SPD-02 NOT MET, receiver_a, receiver_b. The chain of the efficiency" in said
    assert "PRO-01 NOT EVALUABLE, SYNTHETIC-1" in said
    for name in (
        "COUNTER-1: no calibration",
        "LASER-1: no calibration",
        "METER-1: certificate not available",
        "RUN-2021/recomputation/duration: end missing",  # of a figure that no finding is about
    ):
        assert said.count(name) == 1, name
    assert "Chain breaks: 4" in said


@pytest.mark.parametrize("scheme", ["demonstration_link", "strict_link"])
@pytest.mark.parametrize(
    "outcome", [Outcome.NOT_MET, Outcome.WITHIN_GUARD_BAND, Outcome.NOT_EVALUABLE]
)
def test_no_finding_against_the_subject_is_missing_from_page_one(
    scheme: str, outcome: Outcome
) -> None:
    """Whatever a finding is about, it stands in the box or among the reasons above the counters."""
    case = replace(sample_case(), scheme=sample_scheme(scheme))
    whole = conclude(case, sample_functions())
    side = GuardSide.OUTSIDE if outcome is Outcome.WITHIN_GUARD_BAND else GuardSide.NONE
    turned = tuple(
        replace(one, outcome=outcome, guard_side=side, subject=f"turned-{k:02}")
        for k, one in enumerate(whole.findings)
    )
    rows = [row for standard in case.standards for row in standard.requirements]
    decision = decide(turned, case.scheme, requirements=rows)
    html = render(case, replace(whole, findings=turned, decision=decision))
    said = visible(html.partition('<div class="word">')[2].partition('<div class="counts">')[0])
    assert [one.subject for one in turned if one.subject not in said] == []
    in_box = [one.subject for one in turned if one.subject in box(html)]
    listed = [one.subject for one in turned if case.scheme.effect(one) is Effect.LISTED]
    assert in_box == listed


def test_each_finding_that_is_not_met_in_the_sample_is_on_page_one() -> None:
    said = box(render())
    for one in listed_against():
        words = one.outcome.value.replace("_", " ")
        line = said.partition(f"{one.standard_id} {one.requirement_id} {words}, ")[2]
        assert one.subject in line.partition(". ")[0], one


def test_the_counters_do_not_pass_what_is_judged_for_what_is_met() -> None:
    said = page_one(render())
    outcomes = sample_conclusions().decision.coverage.outcomes
    assert f"{outcomes['MET']} MET {outcomes['NOT_MET']} NOT MET findings" in said
    assert "counts judged requirements, met or not" in said
    assert "speaks only of those found MET" in said


def test_a_box_with_nothing_in_it_says_so() -> None:
    whole = sample_conclusions()
    met = tuple(one for one in whole.findings if one.outcome is Outcome.MET)
    said = box(render(conclusions=replace(whole, findings=met, chains=())))
    assert "no finding NOT MET, WITHIN GUARD BAND or NOT EVALUABLE is only listed" in said
    assert said.endswith("Chain breaks: 0")


def test_the_subject_is_the_first_line() -> None:
    body = render().partition("<header>")[2]
    assert visible(body).startswith("Subject: link SYNTHETIC-1")


def test_every_reason_cap_and_uncovered_requirement_stands_on_page_one() -> None:
    said = page_one(render())
    decision = sample_conclusions().decision
    for text in (*decision.reasons, *decision.coverage.not_covered):
        assert text in said
    for cap in decision.caps:
        assert cap.reason.partition(": ")[2] in said


def test_no_cap_says_its_kind_twice() -> None:
    said = page_one(render())
    for kind in ("simulated", "from memory", "published"):
        assert f"{kind}: {kind}: " not in said
        assert f"; {kind}: " not in said


def test_a_refusal_is_as_large_as_anything_else() -> None:
    case = replace(sample_case(), scheme=sample_scheme("strict_link"))
    conclusions = conclude(case, sample_functions())
    html = render(case, conclusions)
    assert '<section class="decision no">' in html
    said = page_one(html)
    assert "REFUSED" in said
    assert "COUNTER-1: no calibration" in said


def test_a_demonstration_is_never_green() -> None:
    html = render()
    assert '<section class="decision demo">' in html
    assert "decision yes" not in html


def test_results_show_their_figures_and_what_else_could_be_claimed() -> None:
    said = visible(render())
    # D1 after a month: published u 0.0035, U(k = 2) 0.0070; sharing ignored 0.0032.
    for text in ("0.9378(35)", "2.080", "21.67", "0.0073", "0.0070", "0.0032"):
        assert text in said
    assert "Clopper-Pearson" in said
    assert "[0.01963, 0.02041] at 95 %" in said


def test_a_result_without_uncertainty_shows_no_coverage_factor() -> None:
    row = render().partition("<b>finite length tail</b>")[2].partition("</tr>")[0]
    assert "1.960" not in row
    assert "339747" in row


def test_findings_tell_limit_risk_and_how_well_their_row_is_known() -> None:
    said = visible(render())
    assert "95 to 105.2632 %" in said
    assert "memory, NOT CONFIRMED" in said
    assert "clause unverified" in said
    assert "declared by the applicant (security target, section 3)" in said
    assert said.count("NO EVIDENCE") >= len(
        [f for f in sample_conclusions().findings if f.outcome.value == "NO_EVIDENCE"]
    )


def test_the_chain_of_each_receiver_is_drawn_inside_the_page() -> None:
    html = render()
    assert html.count('<svg xmlns="http://www.w3.org/2000/svg" role="img"') == 2
    assert "Efficiency of receiver_a" in html
    assert "Efficiency of receiver_b" in html


def test_budgets_are_in_the_units_of_their_inputs() -> None:
    said = visible(render())
    assert "1550.5 0.0010 nm" in said  # stored as 1.5505e-6 m
    assert "0.09858153" in said  # 9.8581527e-5 W, written in mW


def test_the_truth_table_of_the_scheme_is_complete() -> None:
    html = render().partition("<h2>The scheme</h2>")[2]
    cells = re.findall(r'<td><span class="(supports|listed|refuses)">', html)
    assert len(cells) == len(sample_case().scheme.effects)


def test_a_stranger_learns_how_to_check() -> None:
    assert "qtrace certificate verify FILE --key KEY" in visible(render())


def test_the_page_stands_alone_and_runs_nothing() -> None:
    html = render()
    reader = read(html)
    assert reader.faults == []
    assert reader.open == []
    assert not reader.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert not re.search(r"url\(|@import|javascript:", html)


@pytest.mark.parametrize("phrase", OVERCLAIMS)
def test_no_report_holds_a_word_that_claims_too_much(phrase: str) -> None:
    assert phrase not in render().lower()


@pytest.mark.parametrize("phrase", [*OVERCLAIMS, "Conforms\n to", "UNCONDITIONALLY"])
def test_words_of_records_that_claim_too_much_are_left_out_and_counted(phrase: str) -> None:
    case = sample_case()
    claimed = replace(case, link=replace(case.link, title=f"a {phrase} link"))
    html = render(claimed)
    assert not re.search("|".join(OVERCLAIMS), html, re.IGNORECASE)
    assert LEFT_OUT in html
    assert "claimed more than a report may repeat" in visible(html)
    assert "claimed more than a report may repeat" not in visible(render())


def test_texts_of_records_are_escaped() -> None:
    case = sample_case()
    hostile = '<script>alert(1)</script><b x="\u202e">'
    html = render(replace(case, link=replace(case.link, title=hostile)))
    assert "<script" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;" in html


def test_a_case_without_devices_and_results_still_renders() -> None:
    """A published run whose detectors are not on record has nothing to draw."""
    case = sample_case()
    bare = replace(
        case,
        figures=(),
        documents=(),
        devices=tuple(replace(one, device=None, described_as="SPAD") for one in case.devices),
    )
    said = visible(render(bare, conclude(bare, sample_functions())))
    assert "No result is cited as evidence" in said
    assert "no chain of one can be drawn" in said
    assert "not on record : SPAD" in said
    assert "REFUSED" in said


def test_a_digest_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="no payload digest"):
        render_report(
            sample_head(),
            sample_case(),
            sample_conclusions(),
            payload_digest="</style>",
            ledger_entry=ENTRY,
        )
