"""Propose a calibration interval from the history on record; the programme stays as it is.

Inside: `IntervalQuestion`, `propose_interval`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from qtrace.errors import InputError
from qtrace.quantity.kinds import kind as known_kind
from qtrace.registry.calendar import history_records
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.due import parse_days, programme_in_force
from qtrace.traceability.history import History, drift_of_history, history_of
from qtrace.traceability.interval import propose
from qtrace.traceability.proposal import IntervalMethod, IntervalRequest, Proposal
from qtrace.traceability.tolerance import parse_tolerance
from qtrace.uncertainty.coverage import effective_degrees_of_freedom
from qtrace.uncertainty.interval_variables import VariablesVersion
from qtrace.uncertainty.network import Network
from qtrace.workflow.workbench import Workbench

FORM = "1.7.1"
FORMS = {FORM: VariablesVersion.SUNCAL_1_7_1, "1.7": VariablesVersion.SUNCAL_1_7}


@dataclass(frozen=True, slots=True)
class IntervalQuestion:
    """What was asked at the command line, as texts; empty where the record or method decides."""

    method: str
    target: float = 0.95
    confidence: float | None = None
    tolerance: str = ""
    nominal: str = ""
    present: str = ""
    target_u: str = ""
    order: int | None = None
    weighted: bool = False
    form: str = FORM
    like: str = ""
    pooled: tuple[str, ...] = ()


def propose_interval(
    workbench: Workbench, device: str, kind: str, question: IntervalQuestion
) -> Proposal:
    """Propose a calibration interval for a quantity of a device.

    Args:
        workbench: Settings and doors.
        device: Id of the device.
        kind: Kind of the quantity.
        question: Method, targets, and what they need; `pooled` names further devices whose
            histories count, too.

    Raises:
        InputError: unknown names; what the method needs is not given or not on record.
    """
    with workbench.read() as session:
        _check(question)
        devices = tuple(dict.fromkeys((device, *question.pooled)))
        network, histories = _histories(session, devices, kind, like=question.like)
        present = _present(session, workbench, device, kind, text=question.present)
    return propose(
        histories,
        _request(question, kind, last=histories[0].last.value, present=present),
        drift=drift_of_history(network, histories[0])[0],
        nu_last=_degrees(network, histories[0]),
    )


def _check(question: IntervalQuestion) -> None:
    if question.method not in set(IntervalMethod):
        raise _unknown("method", question.method, [one.value for one in IntervalMethod])
    if question.form not in FORMS:
        raise _unknown("form", question.form, list(FORMS))
    of_variables = {
        "--target-u": question.target_u,
        "--order": question.order is not None,
        "--weighted": question.weighted,
        "--form": question.form != FORM,
    }
    given = [name for name, value in of_variables.items() if value]
    if given and question.method != IntervalMethod.VARIABLES:
        raise InputError(
            f"method {question.method} does not use {', '.join(given)}",
            where=given[0],
            next_step="leave it out, or take --method variables",
        )


def _unknown(name: str, given: str, known: list[str]) -> InputError:
    return InputError(
        f"unknown {name} {given!r}", where=f"--{name}", next_step=f"one of: {', '.join(known)}"
    )


def _histories(
    session: ReadSession, devices: tuple[str, ...], kind: str, *, like: str
) -> tuple[Network, list[History]]:
    known_kind(kind)
    records = history_records(session, devices, kind)
    chosen = session.events.result(like) if like else None
    histories = [
        history_of(
            records.candidates[device],
            device_id=device,
            kind=kind,
            network=records.network,
            values=records.values,
            adjustments=records.adjustments[device],
            withdrawn=records.withdrawn,
            like=chosen,
        )
        for device in devices
    ]
    return records.network, histories


def _present(
    session: ReadSession, workbench: Workbench, device: str, kind: str, *, text: str
) -> float | None:
    """Return the present interval in days: as given, else by the programme in force."""
    if text:
        return parse_days(text, "--present")
    now = workbench.as_of or workbench.clock()
    ruling = programme_in_force(session.programmes.of_device(device), device, kind, at=now)
    return None if ruling is None else ruling.interval_days


def _request(
    question: IntervalQuestion, kind: str, *, last: float, present: float | None
) -> IntervalRequest:
    about = known_kind(kind)
    tolerance, u_target = None, None
    if question.tolerance:
        tolerance = parse_tolerance(question.tolerance, about, nominal=question.nominal)
    if question.target_u:
        given = parse_tolerance(question.target_u, about, where="--target-u")
        u_target = given.half_width * (abs(last) if given.relative else 1.0)
    return IntervalRequest(
        IntervalMethod(question.method),
        question.target,
        question.confidence,
        tolerance,
        present,
        u_target,
        question.order,
        question.weighted,
        FORMS[question.form],
    )


def _degrees(network: Network, history: History) -> float:
    found = effective_degrees_of_freedom(network, history.last.result_id).value
    return math.inf if found is None else found
