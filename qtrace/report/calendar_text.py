"""Calibration calendar, histories and proposed intervals for the terminal.

Inside: `due_text`, `history_text`, `proposal_text`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from qtrace.report.columns import Note, table
from qtrace.report.figures import estimate, interval, measured, percent, risk, uncertainty
from qtrace.report.text import key_values
from qtrace.traceability.due import DueRow, DueState
from qtrace.traceability.history import History
from qtrace.traceability.proposal import Observation, Proposal
from qtrace.uncertainty.drift_rate import DriftRate, Prediction


class HistoryShown(Protocol):
    """What of a history is printed."""

    @property
    def history(self) -> History:
        """The calibrations and what lies between them."""

    @property
    def tolerance(self) -> str:
        """The tolerance in words, empty without one."""

    @property
    def observations(self) -> tuple[Observation, ...]:
        """The shifts, judged."""

    @property
    def drift(self) -> DriftRate | None:
        """The fitted rate, in SI units a day."""

    @property
    def predicted_at(self) -> datetime | None:
        """The day of the prediction."""

    @property
    def prediction(self) -> Prediction | None:
        """The value expected then."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What speaks against a straight line."""


def due_text(rows: Iterable[DueRow]) -> str:
    """Return the calendar, most urgent first, with a count of what is overdue."""
    every = tuple(rows)
    if not every:
        return "nothing is due"
    cells = [
        (
            one.device_id,
            one.kind,
            "" if one.last_performed is None else f"{one.last_performed:%Y-%m-%d}",
            "" if one.due is None else f"{one.due:%Y-%m-%d}",
            "" if one.days_left is None else str(math.floor(one.days_left)),
            one.state.value,
        )
        for one in every
    ]
    late = sum(one.state in {DueState.NEVER, DueState.OVERDUE} for one in every)
    head = ("device", "quantity", "calibrated", "due", "days left", "state")
    return f"{table(head, cells, right=(4,))}\n{late} of {len(every)} overdue or never calibrated"


def history_text(shown: HistoryShown) -> str:
    """Return states, shifts, gaps, drift rate and prediction of one history."""
    history = shown.history
    unit = history.unit
    states = [
        (
            f"{one.performed_at:%Y-%m-%d}",
            one.event_label,
            one.state or "not stated",
            measured(one.value, one.standard_uncertainty, unit),
        )
        for one in history.states
    ]
    pairs = [("device", history.device_id), ("quantity", history.kind)]
    pairs.extend((name.replace("_", " "), text) for name, text in history.conditions)
    if shown.tolerance:
        pairs.append(("tolerance", shown.tolerance))
    parts = [key_values(pairs), table(("date", "calibration", "state", "value(u)"), states)]
    parts.append(_shifts(history, shown.observations))
    lines = [f"gap {one.after} to {one.until}: {one.reason}" for one in history.gaps]
    lines.extend(history.notes)
    lines.extend(_drift_lines(shown.drift, unit))
    if shown.prediction is not None and shown.predicted_at is not None:
        expected = measured(shown.prediction.value, shown.prediction.standard_uncertainty, unit)
        bounds = interval(shown.prediction.interval, unit)
        lines.append(f"expected on {shown.predicted_at:%Y-%m-%d}: {expected}, {bounds}")
    lines.extend(f"warning: {line}" for line in shown.warnings)
    return "\n\n".join([*parts, "\n".join(lines)]).rstrip()


def _shifts(history: History, observations: Sequence[Observation]) -> str:
    rows: list[Sequence[str] | Note] = []
    for one, judged in zip(history.shifts, observations, strict=True):
        rows.append(
            (
                one.left.event_label,
                one.found.event_label,
                f"{one.elapsed_days:.0f} d",
                measured(one.shift, one.standard_uncertainty, history.unit),
                _judged(judged),
            )
        )
        if one.naive_uncertainty > 1.005 * one.standard_uncertainty:
            claimed = uncertainty(one.naive_uncertainty, history.unit)
            rows.append(Note(f"as independent calibrations u would be {claimed}"))
    return table(("as left", "as found", "after", "shift(u)", "tolerance"), rows, right=(2, 3))


def _judged(one: Observation) -> str:
    if one.in_tolerance is None:
        return ""
    return ("in" if one.in_tolerance else "OUT") + (", not sure" if one.doubtful else "")


def _drift_lines(drift: DriftRate | None, unit: str) -> list[str]:
    if drift is None:
        return []
    year = 365.25
    per_year = "/a" if unit == "1" else f" {unit}/a"
    rate = measured(drift.rate * year, drift.standard_uncertainty * year, "1")
    nu = drift.residual_degrees_of_freedom
    governs = "covariance" if math.isinf(drift.degrees_of_freedom) else "scatter"
    lines = [f"drift rate {rate}{per_year}, u by the {governs} of the shifts, {nu} left over"]
    if drift.p_value is not None:
        lines.append(
            f"chi-square {drift.chi_square:.3g} for {nu} degrees of freedom, p = "
            f"{risk(drift.p_value)}"
        )
    if drift.curvature is not None:
        lines.append(f"curvature by chance at a constant rate: p = {risk(drift.curvature.p_value)}")
    return lines


def proposal_text(proposal: Proposal) -> str:
    """Return a proposed interval with its history, and how the owner adopts it."""
    present, days = proposal.present_days, proposal.proposed_days
    pairs = [
        ("device", proposal.device_id),
        ("quantity", proposal.kind),
        ("method", proposal.version),
        ("target", percent(proposal.target)),
        ("tolerance", proposal.tolerance),
        ("present interval", "" if present is None else f"{present:.0f} d"),
        ("proposed interval", "none" if days is None else f"{days:.1f} d"),
        ("limits", _limits(proposal.limits_days)),
        ("confidence", proposal.confidence),
    ]
    rows = [
        (
            one.device_id,
            one.left,
            one.found,
            f"{one.elapsed_days:.0f} d",
            measured(one.shift, one.standard_uncertainty, proposal.unit),
            _judged(one) if one.used else "not used",
        )
        for one in proposal.observations
    ]
    head = ("device", "as left", "as found", "after", "shift(u)", "as found")
    parts = [key_values([pair for pair in pairs if pair[1]]), table(head, rows, right=(3, 4))]
    if proposal.warnings:
        parts.append("\n".join(f"note: {line}" for line in proposal.warnings))
    return "\n\n".join([*parts, _adopt(proposal)])


def _limits(bounds: tuple[float, float] | None) -> str:
    if bounds is None:
        return ""
    high = "no upper limit" if math.isinf(bounds[1]) else f"{estimate(round(bounds[1], 1))} d"
    return f"{estimate(round(bounds[0], 1))} d to {high}"


def _adopt(proposal: Proposal) -> str:
    if proposal.proposed_days is None:
        return "nothing is proposed; the programme is unchanged"
    days = math.floor(proposal.proposed_days)
    if proposal.present_days is not None and days == math.floor(proposal.present_days):
        return "the present interval stands; the programme is unchanged"
    return "\n".join(
        (
            "a proposal only: the programme is unchanged. To adopt it, the owner puts",
            "this into a file and runs `qtrace programme set FILE`:",
            "",
            "[[programme]]",
            f'device = "{proposal.device_id}"',
            f'kind = "{proposal.kind}"',
            f'interval = "{days} d"',
            'decided_by = "..."',
            "valid_from = ...",
        )
    )
