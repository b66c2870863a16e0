"""Rows of an attribute profile as texts, for the terminal, the page and the drawing.

Inside: `FigureLine`, `figure_lines`, `series_of`, `advantage_line`, `security_lines`,
`demonstration_line`, `NO_BIAS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qtrace.certification.evidence import ResultStatement
from qtrace.certification.profile import Profile, ProfileRow, SecurityStatement
from qtrace.certification.sync_report import SERIES_CONDITIONS, is_series
from qtrace.metrics.advantage.statement import Advantage
from qtrace.quantity.kinds import KINDS
from qtrace.report.advantage_text import probability_text
from qtrace.report.figures import DASH, estimate, interval, percent, uncertainty
from qtrace.report.form_text import short_form, states_no_u
from qtrace.report.printable import printable, spaced
from qtrace.standards.evidence import Form
from qtrace.traceability.stated_value import ESTIMATE

FEW_DOF = 5.0
NO_BIAS = "none known"


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure as texts; `points` is how many of a series it stands for, 1 for one alone."""

    name: str
    value: str
    interval: str
    bias: str
    u: str
    chain: str
    marks: tuple[str, ...]
    against: tuple[str, ...]
    points: int
    breaks: tuple[str, ...]
    ends: str


def series_of(row: ProfileRow) -> tuple[str, str]:
    """Return the series that a row is a point of and its time, empty where it is none."""
    conditions = dict(row.statement.conditions)
    if not is_series(conditions, row.name):
        return "", ""
    seconds = next(conditions[one] for one in SERIES_CONDITIONS if one in conditions)
    return row.name.rpartition("_")[0], seconds


def figure_lines(rows: Iterable[ProfileRow], *, whole: bool = False) -> tuple[FigureLine, ...]:
    """Return rows as texts; of a long series the first point and the last well-known one.

    A point that was compared with a baseline is always among them.

    Args:
        rows: Rows of one attribute.
        whole: Whether to show every point of every series.
    """
    found = list(rows)
    series: dict[str, list[ProfileRow]] = {}
    for row in found:
        series.setdefault(series_of(row)[0] or row.name, []).append(row)
    lines = []
    for members in series.values():
        kept = members if whole else _ends_of(members)
        for k, row in enumerate(kept):
            lines.append(_line(row, points=len(members) if k == 0 else 1))
    return tuple(lines)


def _ends_of(members: list[ProfileRow]) -> list[ProfileRow]:
    known = [one for one in members if one.statement.degrees_of_freedom >= FEW_DOF] or members
    kept = {id(members[0]), id(known[-1])} | {id(one) for one in members if one.advantages}
    return [one for one in members if id(one) in kept]


def _line(row: ProfileRow, *, points: int) -> FigureLine:
    one = row.statement
    stem, seconds = series_of(row)
    name = f"{spaced(stem)}, {printable(seconds)}" if stem else spaced(row.name)
    return FigureLine(
        name,
        _value(one),
        _interval(one),
        _bias(one),
        uncertainty(one.standard_uncertainty, one.unit)
        if one.standard_uncertainty > 0.0 and not states_no_u(one)
        else "not stated",
        "unbroken" if row.unbroken else "BROKEN",
        row.marks,
        tuple(advantage_line(found) for found in row.advantages) or (row.no_baseline,),
        points,
        tuple(printable(text) for text in row.breaks),
        ", ".join(spaced(end) for end in row.ends),
    )


def _value(one: ResultStatement) -> str:
    """Return a value, with the sign of a bound where it is one."""
    sign = "≥ " if one.form == Form.LOWER_LIMIT and one.interval is None else ""
    return f"{sign}{short_form(one)}"


def _interval(one: ResultStatement) -> str:
    """Return the interval that governs, U where none does, or that there is none."""
    if one.interval is not None and one.form == ESTIMATE:
        return interval(one.interval, one.unit)
    if states_no_u(one) or one.standard_uncertainty <= 0.0:
        return DASH
    p = percent(one.coverage_probability)
    return f"U {uncertainty(one.expanded_uncertainty, one.unit)} at {p}"


def _bias(one: ResultStatement) -> str:
    if one.known_bias:
        return uncertainty_signed(one.known_bias, one.unit)
    return NO_BIAS


def uncertainty_signed(bias: float, unit: str) -> str:
    """Write a known bias with two digits and its sign."""
    return f"{'-' if bias < 0.0 else '+'}{uncertainty(abs(bias), unit)}"


def advantage_line(found: Advantage) -> str:
    """Return how a figure stands against one baseline, with confidence, tag and reason."""
    base = found.baseline
    said = "categorical"
    if base.value is not None:
        known = KINDS.get(base.kind)
        said = estimate(base.value, known.unit if known else "1")
    part = found.probability
    sure = "" if part is None else f" (probability {probability_text(part)})"
    late = "; post hoc: declared after the run" if found.post_hoc else ""
    # Said once: the reason ends with it, too.
    told = found.reason.removesuffix("; post hoc") if found.post_hoc else found.reason
    reason = f"; {printable(told)}" if told else ""
    return (
        f"{found.standing.value}{sure}: {printable(base.title)}, {said}, "
        f"{spaced(base.tag)}{late}{reason}"
    )


def demonstration_line(profile: Profile) -> str:
    """Return why nothing here is more than a DEMONSTRATION, empty where all was measured."""
    if not profile.demonstration:
        return ""
    return f"DEMONSTRATION: some of the data are {', '.join(profile.demonstration)}"


def security_lines(one: SecurityStatement) -> tuple[tuple[str, str], ...]:
    """Return the statement of security as names and texts; proofs that were chosen first."""
    lines: list[tuple[str, str]] = []
    for proof in sorted(one.proofs, key=lambda found: not found.chosen):
        chosen = "" if proof.chosen else " (not chosen beforehand)"
        lines += [
            ("proof", f"{printable(proof.title)}{chosen}; {printable(proof.source)}"),
            ("against", printable(proof.adversary)),
            ("certified", f"at least {estimate(proof.certified, proof.unit)}, {proof.regime}"),
        ]
        lines += [("proves nothing", printable(text)) for text in proof.proves_nothing]
        if proof.unsupported:
            texts = "; ".join(printable(text) for text in proof.unsupported)
            lines.append(("declared only", texts))
        if proof.not_covered:
            lines.append(("not covered", "; ".join(printable(x) for x in proof.not_covered)))
    if not one.proofs:
        lines += [("no proof", printable(text)) for text in one.reasons]
    if one.epsilon is not None:
        lines.append(("epsilon", f"{one.epsilon:.3g}, conditional on the set of devices"))
    word = "trusted " if one.proofs else ""
    lines.append((f"{word}sites", ", ".join(printable(x) for x in one.trusted_sites)))
    if one.trusted_devices:
        lines.append((f"{word}devices", ", ".join(printable(x) for x in one.trusted_devices)))
    if one.proofs:
        lines.append(("trusted", "; ".join(one.always_trusted)))
        lines += [("need not be", f"{part.part}: {part.reason}") for part in one.untrusted]
    lines.append(("probability", "none exists: an epsilon is no probability of being secure"))
    return tuple(lines)
