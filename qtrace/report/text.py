"""What people read in a terminal: plain text, at most 80 columns, nothing cut off.

Inside: `results_table`, `findings_table`, `budget_table`, `chain_text`, `key_values`,
`listing`. No colour and no control characters: the same text goes into files and pipes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qtrace.certification.conclude import StatedBudget
from qtrace.certification.evidence import ResultStatement
from qtrace.report.budget_rows import budget_notes, budget_rows, percent_of_variance
from qtrace.report.case_rows import ResultRow, result_rows
from qtrace.report.columns import GAP, WIDTH, Note, display_width, table, wrapped
from qtrace.report.finding_rows import FindingRow, finding_row
from qtrace.report.printable import printable
from qtrace.standards.finding import Finding, Outcome
from qtrace.traceability.chain import Chain, ChainNode

NOTHING = "(none)"
LONGEST_KEY = 28
_ABSENT = "–"


def listing(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows under headers, "(none)" where there is no row.

    Args:
        headers: Heads of the columns.
        rows: Cells of each row, as many as there are headers.
    """
    cells = [tuple(str(cell) for cell in row) for row in rows]
    return table(headers, cells) if cells else NOTHING


def key_values(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names and values below each other, values in line, "(none)" without any."""
    items = [(printable(name), str(value)) for name, value in pairs]
    if not items:
        return NOTHING
    column = min(LONGEST_KEY, max(display_width(name) for name, _ in items))
    lines = []
    for name, value in items:
        names = wrapped(name, column)
        values = wrapped(value, WIDTH - column - GAP)
        for k in range(max(len(names), len(values))):
            left = names[k] if k < len(names) else ""
            right = values[k] if k < len(values) else ""
            lines.append(f"{left}{' ' * (column - display_width(left) + GAP)}{right}".rstrip())
    return "\n".join(lines)


def results_table(statements: Iterable[ResultStatement]) -> str:
    """Return results with U, k, p and degrees of freedom; what a reader must know below each.

    Args:
        statements: Results as they are printed.
    """
    rows: list[Sequence[str] | Note] = []
    for row in result_rows(statements):
        rows.append((row.label, row.value, row.expanded, row.k, row.p, row.nu))
        rows.extend(Note(text) for text in _result_notes(row))
    if not rows:
        return NOTHING
    return table(("result", "value(u)", "U", "k", "p", "nu_eff"), rows, right=(1, 2, 3, 4, 5))


def _result_notes(row: ResultRow) -> list[str]:
    notes = []
    if row.interval:
        method = f", {row.interval_method}" if row.interval_method else ""
        notes.append(f"interval {row.interval}{method}")
    if row.k2 not in {"same", _ABSENT}:
        notes.append(f"with k = 2: U = {row.k2}")
    if row.tree_differs:
        notes.append(f"ignoring sharing would claim u = {row.tree} instead of {row.u}")
    if "Welch" not in row.method and not row.stated:
        notes.append(row.method)
    if row.stated:
        notes.append(row.stated)
    elif row.form != "estimate":
        notes.append(f"given as {row.form}")
    if row.bounded:
        notes.append(f"within its physical bounds {row.bounded}")
    notes.extend(f"flag: {flag}" for flag in row.flags)
    return notes


def findings_table(findings: Iterable[Finding], *, details: bool = True) -> str:
    """Return findings grouped by standard: outcome, subject, figure and limit, then why.

    Args:
        findings: Findings; each group keeps their order.
        details: Whether to print risk, reasons and origins of every row; else the title only,
            and the reasons of what is not met.
    """
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.standard_id, []).append(finding)
    blocks = []
    for standard, members in groups.items():
        rows: list[Sequence[str] | Note] = []
        before = ""
        for finding in members:
            row = finding_row(finding)
            rows.append((row.outcome, row.requirement, row.subject, row.value, row.limit))
            notes = _finding_notes(row) if details else _brief_notes(finding, row, before=before)
            rows.extend(Note(text) for text in notes)
            before = finding.requirement_id
        head = "\n".join(wrapped(standard, WIDTH))
        body = table(("outcome", "id", "about", "value", "asked"), rows, right=(3,))
        blocks.append(f"{head}\n{body}")
    return "\n\n".join(blocks) if blocks else NOTHING


def _brief_notes(finding: Finding, row: FindingRow, *, before: str) -> list[str]:
    telling = {Outcome.NOT_MET, Outcome.NOT_EVALUABLE, Outcome.WITHIN_GUARD_BAND}
    reasons = [f"because {reason}" for reason in row.reasons]
    title = [] if finding.requirement_id == before else [row.title]
    return [*title, *(reasons if finding.outcome in telling else ())]


def _finding_notes(row: FindingRow) -> list[str]:
    notes = [row.title] if row.title else []
    figures = [
        f"{name} {text}"
        for name, text in (
            ("U", row.expanded),
            ("guard band", row.guard),
            ("accepted", row.acceptance),
            ("risk", row.risk),
        )
        if text not in {"", _ABSENT}
    ]
    if figures:
        notes.append(", ".join(figures))
    notes.extend(f"because {reason}" for reason in row.reasons)
    if row.limit_origin:
        notes.append(f"limit: {row.limit_origin}")
    notes.append(f"row: {row.row_origin}; {row.clause}")
    return notes


def budget_table(stated_budget: StatedBudget, limit: int = 12, *, unit: str | None = None) -> str:
    """Return the largest lines of a flattened budget, and what the others add up to.

    Args:
        stated_budget: Lines, largest contribution first, with their owners.
        limit: Lines to show; 0 shows all.
        unit: Unit of the result; contributions are in SI units of it where None.
    """
    if not stated_budget.lines:
        return NOTHING
    shown = budget_rows(stated_budget, unit or "1")[: limit or None]
    rows: list[Sequence[str] | Note] = [
        (
            f"{row.owner}/{row.name}" if row.owner else row.name,
            row.value,
            f"{row.evaluation} {row.distribution}",
            row.dof,
            row.contribution,
            row.share,
        )
        for row in shown
    ]
    rest = stated_budget.lines[len(shown) :]
    if rest:
        share = percent_of_variance(sum(line.share for line in rest))
        inputs = "input adds" if len(rest) == 1 else "inputs add"
        rows.append(Note(f"{len(rest)} more {inputs} {share} of the variance"))
    if any(row.correlated and not row.note for row in shown):
        rows.append(Note("shares include covariances of correlated inputs"))
    rows.extend(Note(text) for text in budget_notes(stated_budget))
    heads = ("input", "value(u)", "type", "nu", "|c| u", "share")
    return table(heads, rows, right=(1, 3, 4, 5))


def chain_text(chain: Chain) -> str:
    """Return a chain as a tree: each step, its typed ends, its breaks; shared steps once.

    Args:
        chain: The chain; a step met again, or on a circle, is named and not repeated.
    """
    by_key = {node.key: node for node in chain.nodes}
    below: dict[str, list[str]] = {}
    for source, target in chain.edges:
        if target in by_key:
            below.setdefault(source, []).append(target)
    reached = {target for targets in below.values() for target in targets}
    first = f"result:{chain.target}"
    starts = [first] if first in by_key else []
    starts.extend(key for key in by_key if key not in reached and key != first)
    seen: set[str] = set()
    lines: list[str] = []
    # A stack and not a recursion: a chain may be longer than Python's.
    stack = [(key, "", "", "") for key in reversed(starts)]
    while stack:
        key, lead, mark, rail = stack.pop()
        again = key in seen and bool(below.get(key))
        seen.add(key)
        lines.extend(_step_lines(by_key[key], lead + mark, lead + rail, again=again))
        targets = [] if again else below.get(key, [])
        for k, target in reversed(list(enumerate(targets))):
            last = k == len(targets) - 1
            stack.append(
                (
                    target,
                    _shortened(lead + rail),
                    "`- " if last else "|- ",
                    "   " if last else "|  ",
                )
            )
    lines.extend(["", *_summary(chain)])
    return "\n".join(lines)


def _shortened(lead: str) -> str:
    """Return an indent that leaves room for text, however deep a chain goes."""
    return lead if len(lead) <= WIDTH // 2 else lead[-(WIDTH // 2 - WIDTH // 2 % 3) :]


def _step_lines(node: ChainNode, first: str, later: str, *, again: bool) -> list[str]:
    """Return the lines of one step below its marks."""
    title = printable(node.title)
    details = [printable(line) for line in node.lines if line.strip()]
    if node.kind == "break":
        text = f"BREAK: {title}: {', '.join(details)}"
    elif node.kind == "end":
        text = f"END: {title}" + (f": {'; '.join(details)}" if details else "")
    elif again:
        text = f"{title} (see above)"
    else:
        text = f"{title}: {'; '.join(details)}" if details else title
    pieces = wrapped(text, WIDTH - len(first))
    return [(first if k == 0 else later) + piece for k, piece in enumerate(pieces)]


def _summary(chain: Chain) -> list[str]:
    """Return the verdict of the walk and where most of the uncertainty enters."""
    said = "unbroken" if chain.unbroken else f"{len(chain.breaks)} BREAKS"
    if len(chain.breaks) == 1:
        said = "1 BREAK"
    ends = len(chain.ends)
    lines = [f"{said}, {ends} typed end{'' if ends == 1 else 's'}"]
    lines.extend(
        line
        for one in chain.breaks
        for line in _hung(f"BREAK {one.subject}: {one.name} ({one.reason})")
    )
    if chain.weakest_step:
        lines.extend(_hung(f"most of the uncertainty enters at {chain.weakest_step}"))
    return lines


def _hung(text: str) -> list[str]:
    first, *rest = wrapped(text, WIDTH - 4)
    return [f"  {first}", *(f"    {line}" for line in rest)]
