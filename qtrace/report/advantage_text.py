"""Advantages of a run for the terminal: a table, the reasons under it, and what it is not.

Inside: `advantage_text`, `probability_text`.
"""

from __future__ import annotations

from qtrace.certification.run_advantages import AdvantageRow, RunAdvantages
from qtrace.laboratory.baseline import LOWER, UNCERTAINTY, Baseline
from qtrace.metrics.advantage.conditions import TIMED
from qtrace.metrics.advantage.security import SecurityAdvantage
from qtrace.quantity.kinds import kind
from qtrace.report.columns import WIDTH, Note, table, wrapped
from qtrace.report.figures import DASH, estimate, measured, percent, uncertainty
from qtrace.report.printable import printable

_CERTAIN = 1e-6  # nearer to 0 or 1 a probability is written as a bound


def probability_text(part: float | None) -> str:
    """Write the probability of being better; near 0 and 1 as a bound, none as a dash."""
    if part is None:
        return DASH
    if part in {0.0, 1.0}:
        return f"{part:g}, exact"
    if part < _CERTAIN:
        return "< 1e-6"
    return "> 0.999999" if part > 1.0 - _CERTAIN else f"{part:.4g}"


def advantage_text(found: RunAdvantages) -> str:
    """Return the table of a run with reasons, then what it does not say."""
    head = f"{found.run_id} on {found.link_id}: figures against baselines, "
    lines = _fold("", f"{head}confidence {percent(found.confidence)}")
    if found.rows:
        rows: list[tuple[str, ...] | Note] = []
        for one in found.rows:
            rows.append(_cells(one))
            rows.extend(_notes(one))
        heads = ("figure", "value", "baseline", "standing", "probability")
        lines += ["", table(heads, rows)]
    statements = [one.security for one in found.rows if one.security is not None]
    for statement in statements:
        lines += _security(statement)
    if found.not_compared:
        lines.append("")
        lines += [
            line
            for one in found.not_compared
            for line in _fold("", f"not compared: {one.baseline_id} ({one.item}): {one.reason}")
        ]
    lines.append("")
    if sum(one.security is None for one in found.rows) > 1:
        lines += _fold(
            "",
            "each statement holds at its own confidence; that one of them says better wrongly has "
            f"a probability of up to {percent(found.together)}",
        )
    if any(one.advantage.post_hoc for one in found.rows):
        lines += _fold(
            "",
            "post hoc: the baseline was recorded after the run had started; declare the next one "
            "before the run",
        )
    if found.demonstration:
        lines += _fold("DEMONSTRATION: ", "; ".join(found.demonstration))
    else:
        lines += _fold("", "the data were measured, and nothing behind them is from memory")
    return "\n".join(lines).rstrip()


def _fold(head: str, text: str) -> list[str]:
    body = wrapped(text, WIDTH - len(head))
    return [f"{head if k == 0 else ' ' * len(head)}{line}".rstrip() for k, line in enumerate(body)]


def _cells(row: AdvantageRow) -> tuple[str, ...]:
    advantage = row.advantage
    baseline = advantage.baseline
    return (
        row.item,
        _value(row, baseline),
        _level(baseline),
        advantage.standing.value,
        DASH if row.security is not None else probability_text(advantage.probability),
    )


def _value(row: AdvantageRow, baseline: Baseline) -> str:
    """Write the figure, or its u where that is what is compared."""
    u = row.standard_uncertainty
    if baseline.compares == UNCERTAINTY:
        return f"u = {uncertainty(u, row.unit)}"
    if row.security is not None:
        return estimate(row.value, row.unit)
    return measured(row.value, u, row.unit)


def _level(baseline: Baseline) -> str:
    """Write the baseline; a value without stated u says so."""
    if baseline.categorical or baseline.value is None:
        return "an assumption"
    unit, u = kind(baseline.kind).unit, baseline.standard_uncertainty
    if baseline.bound:
        side = "at most" if baseline.better == LOWER else "at least"
        return f"{side} {estimate(baseline.value, unit)}, specified"
    if u is None:
        return f"{estimate(baseline.value, unit)}, u not stated"
    return measured(baseline.value, u, unit)


def _notes(row: AdvantageRow) -> list[Note]:
    advantage = row.advantage
    baseline = advantage.baseline
    named = f"{baseline.baseline_id}: {baseline.title} [{baseline.tag.replace('_', ' ')}]"
    at = [f"{name.replace('_', ' ')} {text}" for name, text in row.conditions if name in TIMED]
    notes = [Note(", ".join([f"against {named}", *at]))]
    numbers = []
    if advantage.difference is not None and row.security is None:
        unit = kind(baseline.kind).unit
        numbers.append(f"difference {estimate(float(f'{advantage.difference:.3g}'), unit)}")
    if advantage.ratio is not None:
        numbers.append(f"ratio {advantage.ratio:.3g}")
    notes.append(Note("; ".join([*numbers, advantage.reason])))
    notes += [Note(f"chain: {one}") for one in row.breaks]
    return notes


def _security(statement: SecurityAdvantage) -> list[str]:
    """Return what the categorical statement rests on, line by line."""
    epsilon = DASH if statement.epsilon is None else f"{statement.epsilon:.3g}"
    lines = ["", "security, categorical:"]
    for head, text in (
        ("proof", f"{statement.proof} ({statement.regime}; {statement.source})"),
        ("adversary", statement.adversary),
        ("epsilon", epsilon),
        ("trusted nodes", ", ".join(statement.trusted_nodes)),
        ("declared set", "; ".join(statement.assumptions) or "none"),
    ):
        lines += _fold(f"  {head + ':':<15}", printable(text))
    for one in statement.not_covered:
        lines += _fold("  not covered:   ", printable(one))
    return lines
