"""What a person means by a name: a result, an event, a device or a link.

Inside: `result_labels`. Of a table its middle point stands for all.
"""

from __future__ import annotations

from collections.abc import Iterable

from qtrace.errors import InputError
from qtrace.laboratory.curve_names import folded, is_point
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.run_labels import round_of
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.states import AS_FOUND, state_of


def result_labels(session: ReadSession, subject: str) -> tuple[str, ...]:
    """Return the labels of the results that a subject stands for.

    Raises:
        InputError: it is neither a result, nor a device with calibrations, nor a link with a
            recomputed run.
    """
    if "/" in subject:
        return (_curve_or_result(session, subject),)
    if subject in {one.device_id for one in session.devices.all()}:
        calibrations = [
            event
            for event in session.events.of_device(subject)
            if event.kind is EventKind.CALIBRATION
        ]
        # Of the same name the latest one counts, and how a device was found only if nothing else.
        labels = {
            result.name: result.label
            for found in (True, False)
            for event in sorted(calibrations, key=lambda one: one.performed_at)
            for result in session.events.results_of(event.label)
            if (state_of(result, event) == AS_FOUND) is found
        }
        if not labels:
            raise InputError(
                f"{subject} has no calibration on record", next_step="qtrace calibration add FILE"
            )
        return _middles(labels.values())
    if subject in {one.link_id for one in session.links.all()}:
        runs = session.links.runs(subject)
        events = session.events.of_run(runs[-1].run_id) if runs else ()
        latest = max((round_of(event.label) for event in events), default=1)
        found = tuple(
            result.label
            for event in events
            if round_of(event.label) == latest
            for result in session.events.results_of(event.label)
        )
        if not found:
            raise InputError(
                f"no run of {subject} has been recomputed", next_step="qtrace recompute RUN"
            )
        return found
    if session.events.has(subject):
        return _middles(result.label for result in session.events.results_of(subject))
    raise InputError(
        f"nothing on record is called {subject!r}",
        next_step="give EVENT/name, an event, a device or a link; see `qtrace device list`",
    )


def _curve_or_result(session: ReadSession, subject: str) -> str:
    """Return the label of a result; where a curve is named, that of its middle point."""
    event = subject.rpartition("/")[0]
    if event in session.events.labels():
        labels = [one.label for one in session.events.results_of(event)]
        parts = [one for one in labels if folded(one) == subject]
        if parts and subject not in labels:
            return parts[len(parts) // 2]
    return session.events.result(subject).label


def _middles(labels: Iterable[str]) -> tuple[str, ...]:
    """Return labels in which the points of each table are replaced by the middle one."""
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(folded(label) if is_point(label) else label, []).append(label)
    return tuple(group[len(group) // 2] for group in groups.values())
