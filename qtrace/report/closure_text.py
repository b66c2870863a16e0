"""A network of clocks for the terminal: offsets, closures, residuals, and what they cannot show.

Inside: `closure_text`.
"""

from __future__ import annotations

import math
from datetime import datetime

from qtrace.certification.closure_report import ClosureLink, ClosureOutcome, ClosureReport
from qtrace.report.columns import WIDTH, Note, table, wrapped
from qtrace.report.figures import measured, percent

NS = 1e9
FEW = 5e-4  # a shift below this share of u is not worth a line


def closure_text(report: ClosureReport) -> str:
    """Return a report as text, at most 80 columns wide."""
    head = (
        f"{len(report.nodes)} clocks, {len(report.links)} links, {len(report.closures)} "
        f"independent loops; offsets at {_time(report.common_epoch)}, second node minus first"
    )
    parts = ["\n".join(wrapped(head, WIDTH)), _links(report)]
    parts.append(
        table(
            (f"clock minus {report.reference}", "adjusted offset"),
            [(one.node, _ns(one.offset_s, one.u_s)) for one in report.nodes[1:]],
            right=(1,),
        )
    )
    if report.closures:
        parts.append(
            table(
                ("loop", "closure", "z"),
                [
                    (" - ".join(one.nodes), _ns(one.value_s, one.u_s), f"{one.z:.2f}")
                    for one in report.closures
                ],
                right=(1, 2),
            )
        )
        parts.append(_shown(report))
    parts.append("\n".join(wrapped(_verdict(report), WIDTH)))
    said = [report.statement]
    if report.closures:
        said.append(f"detectable asymmetry: {report.blind_to}")
    said += [*report.notes, *_about(report)]
    parts.append("\n".join("\n".join(wrapped(f"- {one}", WIDTH)) for one in said))
    return "\n\n".join(part for part in parts if part)


def _links(report: ClosureReport) -> str:
    """Return each run with its epoch; what the way to the common epoch did stands below it."""
    rows: list[tuple[str, ...] | Note] = []
    for one in report.links:
        rows.append(
            (
                f"{one.run_id} ({one.provenance})",
                " - ".join(one.endpoints),
                _time(one.epoch),
                _ns(one.offset_at_common_s, one.u_at_common_s),
            )
        )
        if one.shift_s or one.u_shift_s:
            rows.append(Note(_moved(one)))
    return table(("run", "link", "epoch", "offset"), rows, right=(3,))


def _moved(one: ClosureLink) -> str:
    recorded = _ns(one.offset_s, one.u_offset_s)
    if abs(one.shift_s) + one.u_shift_s < FEW * one.u_offset_s:
        return f"{recorded} at its epoch; the way to the common one changes nothing"
    return f"{recorded} at its epoch, moved by {_ns(one.shift_s, one.u_shift_s)}"


def _shown(report: ClosureReport) -> str:
    rows = [
        (
            one.run_id,
            " - ".join(one.endpoints),
            _ns(one.residual_s, one.u_residual_s),
            _size(one.detectable_asymmetry_s),
        )
        for one in report.links
    ]
    return table(("run", "link", "residual", "detectable asymmetry"), rows, right=(2, 3))


def _verdict(report: ClosureReport) -> str:
    if report.outcome is ClosureOutcome.SHOWS_NOTHING:
        return "SHOWS NOTHING: the graph has no loop"
    figures = (
        f"chi-square {report.chi_square:.3g} with {report.degrees_of_freedom} degrees of freedom, "
        f"p = {percent(report.p_value)}"
    )
    if report.outcome is ClosureOutcome.FAILS:
        return f"CLOSURE FAILS at the {percent(report.fails_below)} level: {figures}"
    return f"closure holds at the {percent(report.fails_below)} level: {figures}"


def _about(report: ClosureReport) -> list[str]:
    """Return breaks and flags of the runs, each once."""
    lines = []
    for one in report.links:
        if one.breaks:
            lines.append(f"run {one.run_id}: chain BROKEN, {'; '.join(one.breaks)}")
        lines += [f"run {one.run_id}: {flag}" for flag in one.flags]
    return lines


def _ns(value_s: float, u_s: float) -> str:
    return measured(value_s * NS, u_s * NS, "ns")


def _size(size_s: float) -> str:
    return "none: no loop" if math.isinf(size_s) else f"{size_s * NS:.3g} ns"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
