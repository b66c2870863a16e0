"""What a run says of two clocks, for the terminal.

Inside: `sync_text`, `stability_text`, `stability_table`, `split_series`.
"""

from __future__ import annotations

from collections.abc import Iterable

from qtrace.certification.evidence import ResultStatement
from qtrace.certification.sync_report import (
    StabilityAnswer,
    StabilityRow,
    SyncFigure,
    SyncReport,
    is_series,
)
from qtrace.report.columns import WIDTH, Note, table, wrapped
from qtrace.report.text import results_table

TITLES = {
    "time_deviation": "TDEV",
    "allan_deviation": "ADEV (overlapping)",
    "modified_allan_deviation": "MDEV",
    "hadamard_deviation": "HDEV (overlapping)",
    "maximum_time_interval_error": "MTIE of this record",
    "rms_time_interval_error": "TIE rms of this record",
    "adev": "ADEV",
    "oadev": "ADEV (overlapping)",
    "mdev": "MDEV",
    "tdev": "TDEV",
    "hdev": "HDEV",
    "ohdev": "HDEV (overlapping)",
    "totdev": "TOTDEV",
    "mtotdev": "MTOTDEV",
    "ttotdev": "TTOTDEV",
    "htotdev": "HTOTDEV",
    "mtie": "MTIE of this record",
    "tierms": "TIE rms of this record",
    "low_passed_mtie": "MTIE of dTE_L",
    "low_passed_tdev": "TDEV of dTE_L",
}
FEW_DOF = 5.0


def sync_text(report: SyncReport) -> str:
    """Return a report as text, at most 80 columns wide."""
    head = f"run {report.run_id}, protocol {report.protocol}, {report.provenance} data"
    lines = [*wrapped(head, WIDTH)]
    for one in report.files:
        lines += wrapped(f"  {one}", WIDTH)
    if report.selection:
        lines += wrapped(f"  a subset of the data: {report.selection}", WIDTH)
    parts = ["\n".join(lines), results_table(one.statement for one in report.figures)]
    parts.append("\n".join(_chain(one) for one in report.figures))
    parts.append(stability_table(report.series))
    parts.append("\n".join("\n".join(wrapped(f"- {one}", WIDTH)) for one in report.not_said))
    return "\n\n".join(part for part in parts if part)


def split_series(
    statements: Iterable[ResultStatement],
) -> tuple[list[ResultStatement], list[ResultStatement]]:
    """Return points of series over averaging time, and all other results."""
    found = list(statements)
    points = [one for one in found if is_series(dict(one.conditions), one.label.rpartition("/")[2])]
    return points, [one for one in found if one not in points]


def _chain(figure: SyncFigure) -> str:
    """Return in one line whether the chain of a figure is whole."""
    if figure.breaks:
        text = f"chain of {figure.name}: BROKEN, {'; '.join(figure.breaks)}"
    else:
        text = f"chain of {figure.name}: unbroken, ends in {', '.join(figure.ends) or 'nothing'}"
    return "\n".join(wrapped(text, WIDTH))


def stability_table(rows: Iterable[StabilityRow]) -> str:
    """Return series over averaging time, with their intervals; few degrees are marked."""
    found = list(rows)
    if not found:
        return ""
    cells: list[tuple[str, ...] | Note] = []
    last = ""
    for row in found:
        title = TITLES.get(row.name, row.name.replace("_", " "))
        cells.append(
            (
                title if row.name != last else "",
                row.seconds,
                f"{row.value:.4g}",
                f"{row.low:.4g}" if row.low is not None else "-",
                f"{row.high:.4g}" if row.high is not None else "-",
                _dof(row.degrees_of_freedom),
            )
        )
        last = row.name
    lines = table(("quantity", "tau", "value", "low", "high", "dof"), cells, right=(1, 2, 3, 4, 5))
    notes = "times in s, deviations of frequency without unit; intervals at 95 % by chi-square"
    few = any(
        row.degrees_of_freedom is not None and row.degrees_of_freedom < FEW_DOF for row in found
    )
    if few:
        notes += f"; * fewer than {FEW_DOF:g} degrees of freedom: shown, not judged"
    return "\n".join((lines, *wrapped(notes, WIDTH)))


def stability_text(answer: StabilityAnswer) -> str:
    """Return the stability of a record in a file as text."""
    head = (
        f"{answer.file}: {answer.samples} samples, one for each {answer.interval_s:g} s, "
        f"{answer.missing} missing"
    )
    lines = wrapped(head, WIDTH) + (wrapped(answer.note, WIDTH) if answer.note else [])
    return "\n\n".join(("\n".join(lines), stability_table(answer.rows)))


def _dof(dof: float | None) -> str:
    if dof is None:
        return "-"
    return f"{dof:.3g}{'*' if dof < FEW_DOF else ''}"
