"""The report about a decision as one HTML page: what it says, and what it cannot say.

Inside: `render_report`, `template_environment`, `no_overclaims`, `OVERCLAIMS`. A door of jinja2.

The page is for reading; the JSON bundle is what counts. It loads nothing, runs nothing, and
holds no word that claims more than the bundle can carry.
Source: ISO/IEC 17025:2017, 7.8 (what reports say); ILAC-P8:02/2023 (claims on certificates).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from qtrace.certification.case import CaseFile
from qtrace.certification.conclude import Conclusions
from qtrace.certification.decision import DecisionWord
from qtrace.certification.scheme import AttestationKind
from qtrace.certification.statement import DocumentHead
from qtrace.errors import InputError, SetupError
from qtrace.report import figures
from qtrace.report.budget_rows import BudgetTable, budget_tables
from qtrace.report.case_rows import (
    ChainDrawing,
    ChainFact,
    ResultRow,
    chain_facts,
    named_breaks,
    parameters_of,
    receiver_chains,
    result_rows,
    truth_table,
)
from qtrace.report.finding_rows import FindingGroup, finding_groups, listed_lines
from qtrace.report.printable import printable, spaced

# No report may hold these, not even in words that it repeats from records.
OVERCLAIMS = (
    "signature",
    "conforms to",
    "certified secure",
    "unconditionally",
    "compliant",
)
LEFT_OUT = "[word left out]"
_OVERCLAIM = re.compile(
    "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in OVERCLAIMS), re.IGNORECASE
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
TEMPLATE = "report.html"
_NEGATIVE = frozenset({DecisionWord.REFUSED, DecisionWord.SUSPENDED, DecisionWord.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class _Page:
    """Everything that the template reads."""

    head: DocumentHead
    case: CaseFile
    conclusions: Conclusions
    payload_digest: str
    ledger_entry: str
    words: tuple[str, ...]
    listed: tuple[str, ...]
    named_breaks: tuple[str, ...]
    results: tuple[ResultRow, ...]
    groups: tuple[FindingGroup, ...]
    drawings: tuple[ChainDrawing, ...]
    breaks: tuple[ChainFact, ...]
    ends: tuple[ChainFact, ...]
    budgets: tuple[BudgetTable, ...]
    outcomes: tuple[str, ...]
    effects: tuple[tuple[str, tuple[str, ...]], ...]
    parameters: tuple[tuple[str, str], ...]
    published: tuple[tuple[str, str], ...]

    @property
    def mood(self) -> str:
        """Return how the decision is coloured; a DEMONSTRATION is never green."""
        word = self.conclusions.decision.word
        if word in _NEGATIVE:
            return "no"
        return "demo" if word is DecisionWord.DEMONSTRATED else "yes"

    @property
    def caps(self) -> list[tuple[str, list[str]]]:
        """Return the reasons for the cap by kind, without saying the kind twice."""
        found: dict[str, list[str]] = {}
        for cap in self.conclusions.decision.caps:
            kind = spaced(cap.kind.value)
            said = printable(cap.reason)
            for saying in (kind, kind.partition(" ")[0]):  # "published" of "published only"
                said = said.removeprefix(f"{saying}: ")
            found.setdefault(kind, []).append(said)
        return list(found.items())


def render_report(
    head: DocumentHead,
    case: CaseFile,
    conclusions: Conclusions,
    *,
    payload_digest: str,
    ledger_entry: str,
) -> str:
    """Return the report about a decision as one self-contained HTML page.

    Args:
        head: Number, kind, title, time and issuer of the document.
        case: The case file.
        conclusions: What follows from it; nothing is computed here.
        payload_digest: Digest of the payload, 64 hexadecimal digits.
        ledger_entry: Which ledger entry names the payload, in words.

    Returns:
        HTML with inline style and drawings, no scripts, nothing from elsewhere. Words that
        claim too much are left out of repeated texts, and the page says how many.

    Raises:
        InputError: the digest is none.
        SetupError: the templates are missing.
    """
    if not _DIGEST.fullmatch(payload_digest):
        raise InputError(
            f"{payload_digest!r:.70} is no payload digest",
            where="report",
            next_step="give the 64 hexadecimal digits of the envelope's payload digest",
        )
    breaks, ends = chain_facts(conclusions.chains)
    outcomes, effects = truth_table(case)
    page = _Page(
        head,
        case,
        conclusions,
        payload_digest,
        printable(ledger_entry),
        _large_words(head, case, conclusions),
        listed_lines(case, conclusions.findings),
        named_breaks(conclusions.chains, conclusions.findings),
        result_rows(conclusions.results, case),
        finding_groups(case, conclusions.findings),
        receiver_chains(case, conclusions),
        breaks,
        ends,
        budget_tables(conclusions),
        outcomes,
        effects,
        parameters_of(case.run.parameters),
        parameters_of(case.run.published),
    )
    template = template_environment().get_template(TEMPLATE)
    return no_overclaims(lambda left_out: template.render(page=page, left_out=left_out))


def no_overclaims(render: Callable[[int], str]) -> str:
    """Return a page without words that claim too much.

    Args:
        render: From how many words are left out to the page that says so.
    """
    html = render(0)
    found = len(_OVERCLAIM.findall(html))
    return _OVERCLAIM.sub(LEFT_OUT, render(found)) if found else html


def _large_words(head: DocumentHead, case: CaseFile, conclusions: Conclusions) -> tuple[str, ...]:
    """Return the words that are printed large: what kind of input, what kind of document."""
    words = [head.watermark, case.link.watermark]
    if AttestationKind.DEMONSTRATION in {
        head.attestation_kind,
        conclusions.decision.attestation_kind,
    }:
        words.append(AttestationKind.DEMONSTRATION.value)
    return tuple(dict.fromkeys(printable(word) for word in words if word))


def template_environment() -> Environment:
    """Build the one environment: escaping on, undefined names refuse."""
    environment = Environment(
        loader=FileSystemLoader(_template_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        {
            "moment": figures.moment,
            "percent": figures.percent,
            "factor": figures.factor,
            "estimate": figures.estimate,
            "printable": printable,
            "spaced": spaced,
            # draw_chain escapes every text itself.
            "drawing": Markup,
        }
    )
    return environment


def _template_folder() -> Path:
    """Return where the templates lie: below `_data` when installed, else beside the package."""
    package = Path(str(files("qtrace")))
    for folder in (package / "_data" / "templates", package.parent / "templates"):
        if (folder / TEMPLATE).is_file():
            return folder
    raise SetupError(
        "the templates of the reports are missing",
        where=str(package),
        next_step="install qtrace again",
    )
