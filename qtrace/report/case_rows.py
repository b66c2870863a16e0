"""Rows of a report that join parts of a case: results, chains, records, the run, the scheme.

Inside: `ResultRow`, `result_rows`, `ChainFact`, `chain_facts`, `named_breaks`,
`ChainDrawing`, `receiver_chains`, `truth_table`, `parameters_of`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qtrace.certification.case import CaseFile
from qtrace.certification.conclude import RECEIVER_PREFIX, Conclusions
from qtrace.certification.evidence import ResultStatement
from qtrace.certification.scheme import LATER_KINDS
from qtrace.report.chain_svg import draw_chain
from qtrace.report.figures import (
    DASH,
    degrees,
    estimate,
    factor,
    interval,
    percent,
    published_k2,
    uncertainty,
)
from qtrace.report.form_text import full_form, short_form, states_no_u
from qtrace.report.grouped_findings import BREAK_PREFIX
from qtrace.report.printable import printable, spaced
from qtrace.standards.finding import OUTCOME_CELLS, Finding
from qtrace.standards.requirement import CriterionKind
from qtrace.traceability.chain import Chain
from qtrace.traceability.stated_value import ESTIMATE

EFFICIENCY = "system_detection_efficiency"
# Two uncertainties that read alike need no second look.
_NOTICEABLE = 0.005


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One result as texts; `tree` is what ignoring sharing would claim as u.

    `stated` is the whole statement where the form is no estimate, `bounded` the interval within
    physical bounds beside U.
    """

    label: str
    title: str
    kind: str
    subjects: str
    conditions: str
    value: str
    u: str
    expanded: str
    k: str
    p: str
    nu: str
    method: str
    k2: str
    interval: str
    interval_method: str
    tree: str
    tree_differs: bool
    form: str
    flags: tuple[str, ...]
    stated: str = ""
    bounded: str = ""


def result_rows(
    statements: Iterable[ResultStatement], case: CaseFile | None = None
) -> tuple[ResultRow, ...]:
    """Return results as texts, with the subjects that a case cites them for."""
    cited: dict[int, list[str]] = {}
    for figure in case.figures if case else ():
        cited.setdefault(figure.result_id, []).append(figure.subject)
    return tuple(_result_row(one, cited.get(one.result_id, [])) for one in statements)


def _result_row(one: ResultStatement, subjects: list[str]) -> ResultRow:
    u, tree = one.standard_uncertainty, one.tree_uncertainty
    name, kind = spaced(one.label.rpartition("/")[2]), spaced(one.kind)
    # Without u there is no U to state, and no k; nor beside a limit or an interval of draws.
    has_u = u > 0.0
    stated = has_u and not states_no_u(one)
    return ResultRow(
        printable(one.label),
        name,
        "" if name == kind else kind,
        ", ".join(printable(name) for name in dict.fromkeys(subjects)),
        "; ".join(f"{spaced(name)} {printable(text)}" for name, text in one.conditions),
        short_form(one),
        uncertainty(u, one.unit),
        uncertainty(one.expanded_uncertainty, one.unit) if stated else DASH,
        factor(one.coverage_factor) if stated else DASH,
        percent(one.coverage_probability) if stated else DASH,
        degrees(one.degrees_of_freedom) if stated else DASH,
        _method(one, stated=stated),
        (published_k2(u, one.expanded_uncertainty, one.unit) or "same") if stated else DASH,
        interval(one.interval, one.unit) if one.interval and one.form == ESTIMATE else "",
        printable(one.interval_method) if one.form == ESTIMATE else "",
        uncertainty(tree, one.unit) if has_u else DASH,
        abs(tree - u) > _NOTICEABLE * u and uncertainty(tree, one.unit) != uncertainty(u, one.unit),
        spaced(one.form),
        tuple(printable(flag) for flag in one.flags),
        _stated(one),
        f"{interval(one.bounded_interval, one.unit)}, {printable(one.bounded_method)}"
        if one.bounded_interval
        else "",
    )


def _stated(one: ResultStatement) -> str:
    """Return the whole statement of a limit or of what was not detected, with its method."""
    if one.form == ESTIMATE or one.interval is None:
        return ""
    method = f", {printable(one.interval_method)}" if one.interval_method else ""
    return f"{full_form(one)}{method}"


def _method(one: ResultStatement, *, stated: bool) -> str:
    """Return where k comes from, or why there is no U."""
    if one.linear_refused:
        none = "" if one.interval else f"; no interval: {printable(one.interval_method)}"
        return f"no U: {printable(one.linear_refused)}{none}"
    if stated:
        return f"k by {printable(one.coverage_method)}"
    return "no uncertainty stated" if one.standard_uncertainty == 0.0 else "no U beside this form"


@dataclass(frozen=True, slots=True)
class ChainFact:
    """A break or an end, said once, with all results whose chains reach it.

    Ends that say the same are one fact about several subjects.
    """

    name: str
    subject: str
    says: str
    results: tuple[str, ...]


def chain_facts(chains: Iterable[Chain]) -> tuple[tuple[ChainFact, ...], tuple[ChainFact, ...]]:
    """Return all breaks and all ends of a set of chains, each once, in order of appearance."""
    breaks: dict[tuple[str, str, str], list[str]] = {}
    ends: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for chain in chains:
        label = printable(chain.target)
        for one in chain.breaks:
            fact = (str(one.name), printable(one.subject), printable(one.reason))
            breaks.setdefault(fact, []).append(label)
        for end in chain.ends:
            kind = end.kind.value.replace("_", " ")
            about = ends.setdefault((kind, printable(end.statement)), ([], []))
            about[0].append(printable(end.subject))
            about[1].append(label)
    return _facts(breaks), tuple(
        ChainFact(kind, ", ".join(dict.fromkeys(subjects)), says, tuple(dict.fromkeys(labels)))
        for (kind, says), (subjects, labels) in ends.items()
    )


def _facts(found: dict[tuple[str, str, str], list[str]]) -> tuple[ChainFact, ...]:
    return tuple(
        ChainFact(*fact, results=tuple(dict.fromkeys(labels))) for fact, labels in found.items()
    )


def named_breaks(chains: Iterable[Chain], findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return every break as "subject: name", once, however many chains and findings meet it."""
    followed = [f"{one.subject}: {one.name}" for chain in chains for one in chain.breaks]
    found = [
        why.removeprefix(BREAK_PREFIX)
        for finding in findings
        for why in finding.reasons
        if why.startswith(BREAK_PREFIX)
    ]
    return tuple(dict.fromkeys([*found, *followed]))


@dataclass(frozen=True, slots=True)
class ChainDrawing:
    """The drawn chain of a result, named after what it is about."""

    title: str
    svg: str
    unbroken: bool
    weakest: str


def receiver_chains(case: CaseFile, conclusions: Conclusions) -> tuple[ChainDrawing, ...]:
    """Return the drawn chains of the efficiencies of all receivers."""
    by_target = {chain.target: chain for chain in conclusions.chains}
    drawings = []
    for figure in case.figures:
        recorded = case.dossier.results[figure.result_id]
        chain = by_target.get(recorded.label)
        if (
            chain is None
            or recorded.measurand.kind != EFFICIENCY
            or not figure.subject.startswith(RECEIVER_PREFIX)
        ):
            continue
        drawings.append(
            ChainDrawing(
                f"Efficiency of {printable(figure.subject)}",
                draw_chain(chain),
                chain.unbroken,
                printable(chain.weakest_step),
            )
        )
    return tuple(drawings)


def truth_table(case: CaseFile) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the outcomes and, for each kind of criterion, what each of them does."""
    heads = tuple(spaced(cell) for cell in OUTCOME_CELLS)
    rows = tuple(
        (
            spaced(kind.value),
            tuple(
                case.scheme.effects[kind, cell].value
                if (kind, cell) in case.scheme.effects
                else "–"
                for cell in OUTCOME_CELLS
            ),
        )
        for kind in CriterionKind
        if case.scheme.answers_for(kind) or kind not in LATER_KINDS
    )
    return heads, rows


def parameters_of(values: dict[str, float]) -> tuple[tuple[str, str], ...]:
    """Return numbers by name as texts."""
    return tuple((spaced(name), estimate(value)) for name, value in values.items())
