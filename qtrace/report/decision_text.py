"""Decisions, verifications and audits for the terminal.

Inside: `decision_text`, `verification_text`, `audit_text`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Protocol

from qtrace.certification.decision import Decision, DecisionWord
from qtrace.certification.scheme import Effect, Scheme
from qtrace.certification.statement import DocumentHead
from qtrace.certification.verification import Verification
from qtrace.report.grouped_findings import grouped_lines
from qtrace.standards.finding import Finding

WIDTH = 80


def _wrapped(text: str, *, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )


def _bullets(title: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    wrapped = [part for line in lines for part in _wrapped(line, first="  - ", rest="    ")]
    return [f"{title}:", *wrapped]


def _named(finding: Finding) -> str:
    """Return how the reasons of a decision begin that this finding carries."""
    about = f" ({finding.subject})" if finding.subject else ""
    return f"{finding.standard_id} {finding.requirement_id}{about}"


def decision_text(
    head: DocumentHead, decision: Decision, findings: Sequence[Finding], scheme: Scheme
) -> str:
    """Return a decision with every reason, condition and cap, grouped for reading."""
    mark = f" [{head.watermark}]" if head.watermark else ""
    coverage = decision.coverage
    by_effect: dict[Effect, list[Finding]] = {effect: [] for effect in Effect}
    for finding in findings:
        by_effect[scheme.effect(finding)].append(finding)
    carried = tuple(f"{_named(finding)}: " for finding in by_effect[Effect.REFUSES])
    refused = decision.word is DecisionWord.REFUSED
    # A refusal can have reasons that no finding carries: not assessed, watermark, nothing met.
    alone = [text for text in decision.reasons if not text.startswith(carried)]
    met = ", ".join(dict.fromkeys(f.requirement_id for f in by_effect[Effect.SUPPORTS]))
    lines = [
        f"{decision.word}{mark}  {decision.attestation_kind.value}  document {head.number}",
        f"scheme {decision.scheme_id}; {coverage.evaluated} of {coverage.applicable} applicable "
        "requirements evaluated",
        *(_bullets("refused because", grouped_lines(by_effect[Effect.REFUSES])) if refused else ()),
        *(_bullets("and", alone) if refused else ()),
        *_bullets("met", [met] if met else []),
        *_bullets("listed, decides nothing", grouped_lines(by_effect[Effect.LISTED])),
        *_bullets("no more than a DEMONSTRATION because", [cap.reason for cap in decision.caps]),
    ]
    return "\n".join(lines)


def verification_text(done: Verification) -> str:
    """Return what a verification showed, and what it can and cannot conclude."""
    decision = done.conclusions.decision
    mark = f" [{done.head.watermark}]" if done.head.watermark else ""
    lines = [
        done.headline,
        f"subject   link {done.case.link.link_id}, run {done.case.run.run_id}{mark}",
        f"document  {done.head.number}, {done.head.title}",
        f"decision  {decision.word} under {decision.scheme_id}",
        *(
            part
            for k, step in enumerate(done.steps, start=1)
            for part in _wrapped(f"{step.name}: {step.detail}", first=f"  {k}. ", rest="     ")
        ),
        *_bullets("NOT AS SHIPPED", done.other_rules or ()),
        *_bullets(
            "shown",
            (
                "the bytes are those that the holder of the key sealed",
                "figures, findings and decision follow from the records in the document",
                *(() if done.established else ("not shown: whose key that is; give --key FILE",)),
            ),
        ),
        *_bullets(
            "cannot be concluded",
            (
                *done.conclusions.scope.cannot_conclude,
                "the status of the document now: no status list was given",
            ),
        ),
    ]
    return "\n".join(lines)


class AuditedDatabase(Protocol):
    """What of an audit is printed."""

    @property
    def entries(self) -> int:
        """Ledger entries."""

    @property
    def results(self) -> int:
        """Results recomputed."""

    @property
    def assessments(self) -> int:
        """Assessments drawn again."""

    @property
    def other_rules(self) -> int:
        """Assessments by rules that are not shipped here."""

    @property
    def statements(self) -> int:
        """Statements verified."""

    @property
    def findings(self) -> Sequence[object]:
        """Everything wrong."""


def audit_text(done: AuditedDatabase) -> str:
    """Return what an audit looked at and what it found."""
    lines = [
        f"{done.entries} ledger entries, {done.results} results recomputed, "
        f"{done.assessments} assessments and {done.statements} documents drawn again"
    ]
    if done.other_rules:
        lines.extend(
            _wrapped(
                f"{done.other_rules} assessments were made by rules that are not shipped here and "
                "were not drawn again; documents carry their rules, and were"
            )
        )
    if not done.findings:
        lines.append("NOTHING WRONG FOUND")
        lines.extend(
            _wrapped(
                "An audit cannot see a database that was rewritten whole, ledger included: "
                "compare the head of the ledger with one that you kept."
            )
        )
    else:
        lines.append(f"{len(done.findings)} FINDINGS")
        lines.extend(
            part for one in done.findings for part in _wrapped(str(one), first="  - ", rest="    ")
        )
    return "\n".join(lines)
