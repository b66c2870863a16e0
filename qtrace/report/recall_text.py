"""A recall for the terminal: what is doubted, results before and after, what becomes of documents.

Inside: `recall_text`, `before_and_after`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qtrace.certification.consequence import Consequence, FindingChange
from qtrace.certification.recalled import Recalled, ResultImpact
from qtrace.quantity.notation import format_value
from qtrace.report.columns import WIDTH, Note, table, wrapped
from qtrace.report.text import key_values

MOST_LABELS = 12
WITHDRAWN = "withdrawn"  # the cause that moves no figure


def before_and_after(one: ResultImpact) -> tuple[str, str]:
    """Return a result as it is on record and as it would be, each with its u."""
    return (
        format_value(one.value_before, one.u_before, one.unit),
        "–" if one.fault else format_value(one.value_after, one.u_after, one.unit),
    )


def recall_text(recalled: Recalled) -> str:
    """Return a recall as text, at most 80 columns wide."""
    parts = [_head(recalled)]
    if recalled.cause == WITHDRAWN:
        parts.append(_list("rests on it", [one.label for one in recalled.results]))
    elif recalled.results:
        parts.append(_results(recalled.results))
    if recalled.not_evaluated:
        parts.append(_list("not evaluated, by the screening", recalled.not_evaluated))
    if recalled.named_users:
        parts.append(
            _list(
                "read on this instrument by name only: no number leads there, look at them",
                recalled.named_users,
            )
        )
    parts.extend(_judgements(recalled))
    return "\n\n".join(parts)


def _head(recalled: Recalled) -> str:
    state = "looked at only, nothing is recorded"
    if recalled.confirmed:
        state = f"confirmed as {recalled.label}, ledger entry {recalled.ledger_entry}"
    pairs = [
        ("recall of", recalled.calibration),
        ("state", state),
        ("cause", recalled.cause.replace("_", " ")),
        ("correction", _correction(recalled.correction)),
    ]
    doubt = recalled.doubt
    if doubt is not None:
        pairs.extend(
            (
                (
                    "doubted",
                    f"{doubt.start:%Y-%m-%d %H:%M} ({doubt.opened_by}) to "
                    f"{doubt.end:%Y-%m-%d %H:%M} ({doubt.found_by})",
                ),
                ("shift at its end", f"{doubt.shift:.4g} with u {doubt.u_of_shift:.2g}, SI units"),
                ("shift before that", _model(recalled.model)),
                ("doubted uses", _short(recalled.uses)),
                ("other uses", _short(recalled.outside)),
            )
        )
    if recalled.cause != WITHDRAWN:
        pairs.append(("screening", recalled.screening))
    lines = [key_values(pairs)]
    lines.extend("\n".join(wrapped(f"note: {warning}", WIDTH)) for warning in recalled.warnings)
    return "\n".join(lines)


def _correction(told: Mapping[str, str]) -> str:
    """Return in words what is thought to be right instead."""
    if "withdrawn" in told:
        return "none: its figures are not doubted, nothing stands behind them any more"
    if "found" in told:
        return f"{told['result']} drifted to what {told['found']} shows"
    if "result" in told:
        return f"{told['result']}: {told['said']}"
    return ", ".join(
        f"{name.removesuffix('_si').replace('.', ': ')} {v}" for name, v in told.items()
    )


def _model(model: str) -> str:
    if model == "linear":
        return "growing evenly, beyond the drift allowed for"
    return "anything up to that beyond the drift allowed for; the worst counts"


def _short(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:MOST_LABELS]) or "none"
    more = len(labels) - MOST_LABELS
    return f"{shown} and {more} more" if more > 0 else shown


def _results(results: Sequence[ResultImpact]) -> str:
    rows: list[Sequence[str] | Note] = []
    for one in results:
        before, after = before_and_after(one)
        by = one.exact / one.u_before if one.u_before > 0.0 else 0.0
        moved = "0.00" if abs(by) < 0.005 else f"{by:+.2f}"
        rows.append((one.label, before, after, "–" if one.fault else moved))
        if one.fault:
            rows.append(Note(one.fault))
        elif one.nonlinear:
            unit = "" if one.unit in {"", "1"} else f" {one.unit}"
            linear, exact = f"{_figure(one.linear)}{unit}", f"{_figure(one.exact)}{unit}"
            rows.append(Note(f"first order would shift it by {linear}, its model by {exact}"))
    return table(("result", "on record", "then", "shift/u"), rows, right=(1, 2, 3))


def _list(title: str, labels: Sequence[str]) -> str:
    return "\n".join(wrapped(f"{title} ({len(labels)}): {_short(labels)}", WIDTH))


def _judgements(recalled: Recalled) -> list[str]:
    touched = [one for one in recalled.judgements if one.touched]
    apart = [one for one in recalled.judgements if not one.touched]
    parts = []
    if touched:
        rows: list[Sequence[str] | Note] = []
        for one in touched:
            rows.append(
                (
                    one.label,
                    one.link_id,
                    one.decision_before,
                    one.decision_after,
                    one.event if one.kind == "document" else "(assessment)",
                )
            )
            rows.extend(Note(_flip(flip)) for flip in one.flips)
            if one.reason and not one.flips:
                rows.append(Note(one.reason))
        heads = ("judgement", "about", "on record", "then", "decision event")
        parts.append(table(heads, rows))
    if apart:
        parts.append("untouched:\n" + "\n".join(_apart(one) for one in apart))
    if not recalled.judgements:
        parts.append("no judgement is on record")
    changed = sum(one.changes for one in touched)
    closing = f"{changed} of {len(recalled.judgements)} judgements change"
    if not recalled.confirmed:
        return [*parts, f"{closing}; to record this: --confirm --reason TEXT"]
    return [*parts, closing, _next(recalled)]


def _next(recalled: Recalled) -> str:
    if not recalled.results and not recalled.judgements:
        return "nothing rests on it"
    text = (
        "next: record what is right as a new calibration, evaluate again with it what rests on "
        "the old one, then recompute, assess and certify; until then figures keep their old values"
    )
    return "\n".join(wrapped(text, WIDTH))


def _apart(one: Consequence) -> str:
    by_name = ", read on this instrument by name only" if one.named_only else ""
    word = f", {one.status_before}" if one.status_before else ""
    why = f" ({one.reason})" if one.reason else ""
    return "\n".join(wrapped(f"- {one.label} ({one.link_id}{word}{by_name}){why}", WIDTH))


def _flip(one: FindingChange) -> str:
    figures = ""
    if one.value_before is not None and one.value_after is not None:
        unit = "" if one.unit in {"", "1"} else f" {one.unit}"
        figures = f" ({_figure(one.value_before)} to {_figure(one.value_after)}{unit})"
    words = f"{one.before} to {one.after}".replace("_", " ")
    return f"{one.requirement_id} {one.subject}: {words}{figures}, {one.direction}: {one.title}"


def _figure(value: float) -> str:
    return f"{value:.6g}"
