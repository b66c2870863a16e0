"""What a run proves of its key, for the terminal; and what all runs of a plan come to.

Inside: `key_text`, `planned_text`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

from qtrace.certification.key_report import AssumptionReport, CertifiedFigure, Claim, KeyReport
from qtrace.laboratory.figure_flags import IMPOSSIBLE, NOT_PROVEN, POST_HOC
from qtrace.metrics.capacity_figures import PlobFigure
from qtrace.metrics.net_key import Block, NetKey
from qtrace.quantity.notation import format_value
from qtrace.report.columns import WIDTH, Note, table, wrapped
from qtrace.report.text import key_values

ABSENT = "–"
MOST_NAMED = 2  # assumptions by name in one line; the table below has all


def key_text(report: KeyReport) -> str:
    """Return a key report as text, at most 80 columns wide."""
    head = f"run {report.run_id}, protocol {report.protocol}, {report.provenance} data"
    parts = [_folded(f"{head}, key {report.key_disposition.replace('_', ' ')}")]
    if report.no_security_outcome:
        parts.append(_folded(f"security outcome NOT_EVALUABLE: {report.no_security_outcome}"))
    parts.extend(_figure(one, report) for one in report.figures)
    if report.plob is not None:
        parts.append(_plob(report.plob))
    parts.extend(_claim(one) for one in report.claims)
    if len(report.figures) > 1 and not any(one.chosen for one in report.figures):
        parts.append(
            _folded(
                "The run chose no bound beforehand: taking the best of these afterwards "
                "is post_hoc and earns nothing."
            )
        )
    return "\n\n".join(parts)


def _plob(one: PlobFigure) -> str:
    """Return the figure beside PLOB, or why there is no comparison."""
    if one.comparison is None or one.loss is None:
        return _folded(f"PLOB: not compared; {one.reason}")
    found = one.comparison
    low, high, p = found.interval
    text = (
        f"PLOB: {found.key_per_mode:.4g} bit per use is {found.place.value} "
        f"{found.bound:.4g} ({low:.4g} to {high:.4g} at {p:.2%}), transmittance "
        f"{one.loss.transmittance:.4g} {one.loss.source}"
    )
    return _folded(f"{text}; {found.flag}" if found.flag else text)


def _claim(one: Claim) -> str:
    name = one.name.replace("_", " ")
    if one.certified is None:
        return _folded(f"claimed {name} {one.claimed:.6g}: no certified figure of this kind")
    word = "within" if one.within else "BEYOND"
    return _folded(
        f"claimed {name} {one.claimed:.6g}: {word} what is certified, {one.certified:.6g}"
    )


def _figure(one: CertifiedFigure, report: KeyReport) -> str:
    late = any(flag.startswith(POST_HOC) for flag in one.flags)
    choice = (
        ("" if late else ", planned before the run") if one.chosen else ", not chosen by the run"
    )
    finite = one.unit == "bit" and one.regime == "finite"
    name = "l_certified" if finite else "certified"
    pairs = [
        ("bound", f"{one.bound}{choice}: {one.title}"),
        (name, _certified(one, whole=finite)),
        ("epsilon", _epsilon(one, report)),
        ("assumption_coverage", _coverage(one)),
        ("l_interval", _stability(one, whole=finite)),
        ("at nominal values", _nominal(one, whole=finite)),
        ("calibrations", _limits(one)),
        ("adversary", f"{one.adversary}; {one.regime}"),
        ("source", one.source),
    ]
    lines = [key_values(pairs)]
    if one.assumptions:
        lines.append(_assumptions(one.assumptions, unit=one.unit))
    lines.extend(_folded(f"SET VIOLATED: {text}") for text in one.violated)
    said = (NOT_PROVEN, "no derivative")
    lines.extend(_folded(f"flag: {flag}") for flag in one.flags if not flag.startswith(said))
    lines.extend(_folded(f"not covered: {text}") for text in one.not_covered)
    lines.extend(_folded(f"later correction: {text}") for text in one.corrections)
    return "\n".join(lines)


def _epsilon(one: CertifiedFigure, report: KeyReport) -> str:
    if one.regime != "finite":
        return "none: a key without end has no security parameter"
    if report.epsilon is None:
        return "not stated"
    held = [a.title for a in one.assumptions]
    given = f", given the {len(held)} assumptions below" if held else ""
    return f"{report.epsilon:.3g} for this block{given}"


def _coverage(one: CertifiedFigure) -> str:
    parts = []
    if one.assumption_coverage is not None:
        parts.append(f"{one.assumption_coverage:.6g} by calibrations; never added to epsilon")
    if one.unsupported:
        few = len(one.unsupported) <= MOST_NAMED
        names = "; ".join(one.unsupported) if few else f"{len(one.unsupported)} of those below"
        parts.append(f"rests on no calibration: {names}")
    return "; ".join(parts) or "nothing of the set can be calibrated"


def _stability(one: CertifiedFigure, *, whole: bool) -> str:
    if one.stability is None:
        return "none"
    low, high, p = one.stability
    ends = f"{_number(low, whole=whole)} to {_number(high, whole=whole)} {one.unit}"
    return f"{ends} at {p:.0%}: stability under repetition, not security"


def _nominal(one: CertifiedFigure, *, whole: bool) -> str:
    if one.nominal is None:
        return "not computed"
    if not one.nominal_u:
        return f"{_number(one.nominal, whole=whole)} {one.unit}"
    return format_value(one.nominal, one.nominal_u, one.unit)


def _limits(one: CertifiedFigure) -> str:
    if one.limited_by:
        return "; ".join(f"{label} ({part:.2g} {one.unit})" for label, part in one.limited_by)
    if one.influenced_by.startswith("none"):
        return "no calibration can influence this figure: counts in, bits out"
    return f"none on record; could be influenced by: {one.influenced_by}"


def _certified(one: CertifiedFigure, *, whole: bool) -> str:
    computed = _figure_text(one.value, one.unit, whole=whole)
    if any(flag.startswith(IMPOSSIBLE) for flag in one.flags):
        return f"NONE, {IMPOSSIBLE.upper()}; computed as if they were sound: {computed}"
    if one.value <= 0.0 or not (one.not_proven or one.violated or one.searched):
        return computed
    many = len(one.not_proven)
    why = list(one.searched)
    why += [f"{len(one.violated)} calibrated outside the declared set"] if one.violated else []
    if many:
        why.append(
            f"{many} assumption{'s' if many > 1 else ''} without a term in the proof and without "
            "an argument"
        )
    if not (many or one.violated):
        return f"{NOT_PROVEN.upper()}: {why[0]}; found: {computed}"
    ideal = "ideal" if many else "inside"
    return f"{NOT_PROVEN.upper()}: {', '.join(why)}; computed as if {ideal}: {computed}"


def _figure_text(value: float, unit: str, *, whole: bool) -> str:
    if value <= 0.0:
        return f"0 {unit}: no key (unclamped {value:.6g})"
    if whole:
        return f"{math.floor(value)} {unit}"
    return f"{value:.6g} {unit}"


def _number(value: float, *, whole: bool) -> str:
    return f"{value:.0f}" if whole else f"{value:.5g}"


def _assumptions(assumptions: Sequence[AssumptionReport], *, unit: str) -> str:
    rows: list[Sequence[str] | Note] = []
    for one in assumptions:
        held = f"{one.low:.6g} to {one.high:.6g}" if one.low != one.high else f"{one.low:.6g}"
        if not one.modelled:
            held = "ideal; no term"
        value = ABSENT
        if one.value is not None and one.standard_uncertainty is not None:
            value = f"{one.value:.5g} ({one.standard_uncertainty:.1g})"
        coverage = ABSENT if one.coverage is None else f"{one.coverage:.4f}"
        cost = ABSENT if one.cost is None else f"{one.cost:.4g}"
        rows.append((one.title, held, value, coverage, cost))
        if one.support:
            rows.append(Note(one.support))
        elif one.modelled and not one.declared:
            rows.append(Note("no interval declared: taken as exact"))
        elif not one.modelled:
            rows.append(Note("no argument given why it is ideal: NOT PROVEN"))
    heads = ("assumption", "set", "calibrated (u)", "inside", f"cost/{unit}")
    return table(heads, rows, right=(3, 4))


def _folded(text: str) -> str:
    lines = wrapped(text, WIDTH - 2)
    return "\n".join([lines[0], *(f"  {line}" for line in lines[1:])])


# -- plans ---------------------------------------------------------------------------------------


class Planned(Protocol):
    """What of all runs of a plan is printed."""

    @property
    def link_id(self) -> str:
        """The link."""

    @property
    def plan_id(self) -> str:
        """The plan."""

    @property
    def bound(self) -> str:
        """The bound chosen."""

    @property
    def stop_rule(self) -> str:
        """When it ends."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its runs."""

    @property
    def totals(self) -> NetKey:
        """What they come to."""

    @property
    def not_proven(self) -> tuple[str, ...]:
        """What keeps the figures from being relied on."""


def planned_text(planned: Planned) -> str:
    """Return all runs of a plan with their totals, aborted ones too."""
    totals = planned.totals
    word = "net" if totals.net else "gross"
    pairs = [
        ("plan", f"{planned.plan_id} of link {planned.link_id}, bound {planned.bound or 'none'}"),
        ("stops", planned.stop_rule),
        ("blocks", f"{totals.blocks}, of which {totals.aborted} aborted"),
        ("certified", f"{totals.certified_bits} bit"),
        ("used up by the runs", f"{totals.used_bits:.0f} bit"),
        (f"{word} key", f"{totals.net_bits:.0f} bit"),
        ("epsilon", f"{totals.epsilon_sum:.3g}, the sum over the blocks that gave key"),
        ("wall time", f"{totals.wall_time_s:.0f} s, of which {totals.run_time_s:.0f} s in runs"),
        (f"{word} rate", f"{totals.rate_bit_per_s:.6g} bit/s over the wall time"),
    ]
    lines = [_blocks(planned.blocks), key_values(pairs)]
    if totals.not_in_epsilon:
        left = " and ".join(name.removeprefix("epsilon_") for name in totals.not_in_epsilon)
        lines.append(_folded(f"not in epsilon: {left}, which the runs do not state"))
    lines.extend(_folded(f"gross because: {text}") for text in totals.gross_because)
    lines.extend(_folded(f"flag: {text}") for text in planned.not_proven)
    return "\n\n".join([lines[0], "\n".join(lines[1:])])


def _blocks(blocks: Iterable[Block]) -> str:
    rows = []
    for one in blocks:
        state = (
            "aborted" if one.aborted else ("not recomputed" if one.certified_bits is None else "")
        )
        rows.append(
            (
                one.run_id,
                f"{one.started:%Y-%m-%d %H:%M:%S}",
                f"{(one.ended - one.started).total_seconds():.0f} s",
                state or f"{one.key_bits} bit",
                f"{one.used_bits:.0f} bit",
            )
        )
    return table(("run", "started", "time", "certified", "used up"), rows, right=(2, 3, 4))
