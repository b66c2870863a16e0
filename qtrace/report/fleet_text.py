"""Answers about the whole fleet for the terminal: correlations, impacts, grouped budgets.

Inside: `correlation_text`, `impact_text`, `group_text`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtrace.quantity.units import parse_unit
from qtrace.report.budget_rows import percent_of_variance
from qtrace.report.columns import Note, table
from qtrace.report.figures import estimate, uncertainty
from qtrace.traceability.budget_groups import BudgetByGroup, Grouping
from qtrace.traceability.fleet_answers import (
    ChangedResult,
    ChangeKind,
    CorrelationAnswer,
    ImpactAnswer,
)

# More columns than these do not fit 80 characters; pairs are listed then.
MATRIX_COLUMNS = 6
TIES_SHOWN = 8


def correlation_text(answer: CorrelationAnswer) -> str:
    """Return the matrix of a set, and the most correlated company of one result."""
    parts = []
    if answer.labels:
        parts.append(_matrix(answer))
    if answer.all_with:
        of = f"{answer.sharing} of {answer.results - 1} other results"
        parts.append(f"{of} share something with {answer.all_with}")
        rows = [
            (one.label, _coefficient(one.correlation), f"{one.covariance:.4g}")
            for one in answer.company
        ]
        if rows:
            parts.append(table(("result", "r", "covariance, SI"), rows, right=(1, 2)))
    named = [f"{a} and {b}" for a, b in answer.unstated]
    named += [f"{answer.all_with} and {one.label}" for one in answer.company if one.unstated]
    if named:
        parts.append("r as if independent, since a certificate states no correlation, of:")
        parts.extend(f"  {pair}" for pair in named)
    return "\n".join(parts)


def _coefficient(r: float) -> str:
    return f"{r:.4f}"


def _matrix(answer: CorrelationAnswer) -> str:
    labels = answer.labels
    if len(labels) <= MATRIX_COLUMNS:
        rows = [
            (f"{k + 1} {label}", *(_coefficient(r) for r in row))
            for k, (label, row) in enumerate(zip(labels, answer.matrix, strict=True))
        ]
        heads = ("result", *(str(k + 1) for k in range(len(labels))))
        return table(heads, rows, right=tuple(range(1, len(heads))))
    pairs = [
        (labels[i], labels[j], _coefficient(answer.matrix[i][j]))
        for i in range(len(labels))
        for j in range(i + 1, len(labels))
    ]
    return table(("result", "with", "r"), pairs, right=(2,))


def impact_text(answer: ImpactAnswer) -> str:
    """Return what a change does: to the event's own results first, then to all below them."""
    kind = answer.change.kind
    heads, right = _HEADS[kind]
    said = {
        ChangeKind.SHIFT: f"{answer.event} shifted by {answer.change.text}",
        ChangeKind.WIDEN: f"u of what {answer.event} brings in times {answer.change.text}",
        ChangeKind.WITHDRAW: f"{answer.event} withdrawn",
    }[kind]
    lines = [f"{said}; first order, nothing is written"]
    if answer.own:
        lines.append(table(heads, [_row(one, kind) for one in answer.own], right=right))
    count = answer.descendants
    rest = "1 result rests" if count == 1 else f"{count} results rest"
    lines.append(f"{rest} on it{':' if answer.affected else ''}")
    if answer.affected:
        lines.append(table(heads, [_row(one, kind) for one in answer.affected], right=right))
    if count > len(answer.affected):
        lines.append(f"{count - len(answer.affected)} more; --top N shows more, --json all")
    if answer.recorded_u:
        lines.append("u is the one recorded with each result")
    if kind is ChangeKind.WITHDRAW:
        lines.append("no value may be stated that rests on it; shown is how much hangs on it")
    return "\n".join(lines)


_HEADS: dict[ChangeKind, tuple[tuple[str, ...], tuple[int, ...]]] = {
    ChangeKind.SHIFT: (("result", "old value", "new value", "u", "shift/u"), (1, 2, 3, 4)),
    ChangeKind.WIDEN: (("result", "value", "old u", "new u", "of u^2"), (1, 2, 3, 4)),
    ChangeKind.WITHDRAW: (("result", "value", "u", "per 1 % of it", "per u"), (1, 2, 3, 4)),
}


def _row(one: ChangedResult, kind: ChangeKind) -> Sequence[str]:
    factor = float(parse_unit(one.unit).factor)
    value, u = one.value / factor, one.standard_uncertainty / factor
    unit = "" if one.unit == "1" else f" [{one.unit}]"
    name = f"{one.label}{unit}"
    rank = "inf" if math.isinf(one.rank) else f"{one.rank:.3g}"
    if kind is ChangeKind.SHIFT:
        new = (one.new_value or 0.0) / factor
        return name, estimate(value), estimate(new), uncertainty(u), rank
    if kind is ChangeKind.WIDEN:
        new = (one.new_standard_uncertainty or 0.0) / factor
        share = percent_of_variance(one.rank)
        return name, estimate(value), uncertainty(u), uncertainty(new), share
    change = (one.per_percent or 0.0) / factor
    return name, estimate(value), uncertainty(u), f"{change:.3g}", rank


def group_text(budget: BudgetByGroup, *, unit: str, limit: int) -> str:
    """Return a grouped budget and what ties its groups together.

    Args:
        budget: Groups, largest share first.
        unit: Unit of the result.
        limit: Groups to show.
    """
    factor = float(parse_unit(unit).factor)
    rows: list[Sequence[str] | Note] = []
    for one in budget.groups[:limit]:
        shared = one.shared_variance / budget.variance if budget.variance > 0.0 else 0.0
        alone = one.own_variance / budget.variance if budget.variance > 0.0 else 0.0
        rows.append(
            (
                one.group,
                str(one.inputs),
                uncertainty(one.standard_uncertainty / factor, unit),
                percent_of_variance(alone),
                percent_of_variance(shared),
                percent_of_variance(one.share),
            )
        )
    rest = budget.groups[limit:]
    if rest:
        share = percent_of_variance(sum(one.share for one in rest))
        rows.append(Note(f"{len(rest)} more add {share} of the variance"))
    heads = (str(budget.by), "inputs", "u alone", "alone", "shared", "share")
    text = [table(heads, rows, right=(1, 2, 3, 4, 5))]
    if any(one.shared_variance != 0.0 for one in budget.groups):
        text.append(
            "shared: covariance with other groups, half of each pair's; negative where errors "
            "cancel; the shares add up to 100 %"
        )
    if budget.by is not Grouping.INPUT or any(one.correlated for one in budget.ties):
        text.extend(_ties(budget))
    return "\n".join(text)


def _ties(budget: BudgetByGroup) -> list[str]:
    lines = []
    for one in budget.ties[:TIES_SHOWN]:
        word = "is correlated across" if one.correlated else "enters by"
        lines.append(f"  {one.label} {word} {', '.join(one.groups)}")
    if len(budget.ties) > TIES_SHOWN:
        lines.append(f"  {len(budget.ties) - TIES_SHOWN} more inputs tie groups together")
    return lines
