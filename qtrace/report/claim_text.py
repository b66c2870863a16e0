"""Checked claims for the terminal: the table of verdicts, then each claim with its arithmetic.

Inside: `claims_text`, `claim_files_text`.
"""

from __future__ import annotations

from qtrace.claims.check import CheckedFile
from qtrace.claims.verdict import PRECEDENCE
from qtrace.report.claim_rows import (
    CONVENTIONS,
    TAG_WORDS,
    VERDICT_WORDS,
    ClaimRow,
    ReadingRow,
    claim_rows,
)
from qtrace.report.columns import GAP, WIDTH, table, wrapped

_ID, _VERDICT = 19, 20
_SAID = WIDTH - _ID - _VERDICT - 2 * GAP


def claims_text(checked: CheckedFile) -> str:
    """Return the verdicts as a table, then formula, numbers, result and sources of each."""
    publication = checked.file.publication
    topics = claim_rows(checked)
    lines = [
        *wrapped(f"{publication.authors}: {publication.title} ({publication.year})", WIDTH),
        *_hung("read: ", publication.read),
        "",
    ]
    lines += _columns(["claim"], ["what is said"], ["verdict"])
    lines.append("=" * WIDTH)
    for topic in topics:
        lines += wrapped(topic.topic.upper(), WIDTH)
        for row in topic.claims:
            lines += _columns(
                wrapped(row.claim_id, _ID),
                wrapped(row.title, _SAID),
                [row.verdict.value, *row.standings],
            )
        lines.append("-" * WIDTH)
    lines += ["", *_summary(checked), "", "THE ARITHMETIC", *wrapped(CONVENTIONS, WIDTH)]
    for topic in topics:
        for row in topic.claims:
            lines += ["", *_details(row)]
    lines += ["", "SOURCES", *_sources(checked)]
    return "\n".join(lines)


def _columns(first: list[str], second: list[str], third: list[str]) -> list[str]:
    """Set three columns side by side, each at its own width."""
    lines = []
    for k in range(max(len(first), len(second), len(third))):
        cells = [column[k] if k < len(column) else "" for column in (first, second, third)]
        lines.append(f"{cells[0]:<{_ID + GAP}}{cells[1]:<{_SAID + GAP}}{cells[2]}".rstrip())
    return lines


def _summary(checked: CheckedFile) -> list[str]:
    rows = [
        (verdict.value, str(checked.count(verdict)), VERDICT_WORDS[verdict])
        for verdict in PRECEDENCE
    ]
    head = f"{len(checked.claims)} claims; where several apply the first in this list counts"
    return [head, table(("verdict", "claims", "meaning"), rows, right=(1,))]


def _details(row: ClaimRow) -> list[str]:
    lines = [f"{row.claim_id}: {row.verdict.value} ({'; '.join(row.standings) or 'nothing'})"]
    lines += _hung("  ", f"{row.title} [{row.where}]")
    for given in row.given:
        lines += _hung("  with ", given)
    for reading in row.readings:
        lines += _reading(reading)
    for missing in row.missing:
        lines += _hung("  missing: ", missing)
    for source in row.sources:
        lines += _hung("  source: ", source)
    if row.note:
        lines += _hung("  note: ", row.note)
    return lines


def _reading(reading: ReadingRow) -> list[str]:
    lines = _hung("  ", f"{reading.head}: {reading.result}")
    for formula, numbers, compared in reading.steps:
        lines += _hung("      ", formula)
        if numbers != formula:
            lines += _hung("      ", numbers)
        if compared:
            lines += _hung("      ", compared)
    return lines + (_hung("      ", reading.note) if reading.note else [])


def _sources(checked: CheckedFile) -> list[str]:
    lines = []
    for one in checked.file.sources.values():
        where = f"; {one.where}" if one.where else ""
        text = f"{TAG_WORDS[one.tag]}: {one.citation}{where}"
        lines += _hung(f"  {one.source_id}: ", text, hang=4)
    return lines


def _hung(head: str, text: str, *, hang: int | None = None) -> list[str]:
    """Set a text behind a head, further lines below its beginning, or at `hang`."""
    indent = len(head) if hang is None else hang
    first, *rest = wrapped(text, WIDTH - max(len(head), indent))
    return [f"{head}{first}", *(f"{' ' * indent}{line}" for line in rest)]


def claim_files_text(rows: list[tuple[str, str, str]]) -> str:
    """Return the shipped files: name, number of claims, publication."""
    return table(("name", "claims", "publication"), rows, right=(1,))
