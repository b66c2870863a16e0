"""Everything on record that bears on a set of results, in one read.

Inside: `load_dossier`.
"""

from __future__ import annotations

from collections.abc import Iterable

from qtrace.laboratory.event import Event, EventKind, RecordedResult
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.chain import Dossier
from qtrace.traceability.states import AS_LEFT, FoundState, state_of


def load_dossier(session: ReadSession, result_ids: Iterable[int]) -> Dossier:
    """Return network and records of results, of all behind them, and of their instruments.

    An instrument named by an input's origin is followed to its own calibrations, whose
    instruments are followed in turn, until nothing new is named.

    Args:
        session: An open reading or writing session.
        result_ids: Ids of recorded results.
    """
    wanted = set(result_ids)
    instruments, calibrations = _instruments(session, wanted)
    network = session.network(wanted)
    events = {event.label: event for event in session.events.behind(wanted)}
    events = {**calibrations, **events}
    devices = {event.device_id for event in events.values() if event.device_id}
    adjustments = tuple(
        event
        for device in sorted(devices)
        for event in session.events.of_device(device)
        if event.kind is EventKind.ADJUSTMENT
    )
    names = {event.laboratory_id for event in events.values()} | {
        origin.certificate.issuer
        for event in events.values()
        for origin in event.origins.values()
        if origin.certificate is not None
    }
    return Dossier(
        network,
        session.events.recorded_results(network.results),
        events,
        session.events.input_owner(network.inputs),
        {
            one.laboratory_id: one
            for one in session.laboratories.all()
            if one.laboratory_id in names
        },
        tuple(one for one in session.programmes.all() if one.device_id in devices),
        {one.event_label: one for one in session.events.withdrawals() if one.event_label in events},
        instruments,
        adjustments,
        _found(session, {one.device_id for one in adjustments}),
    )


def _found(session: ReadSession, devices: set[str]) -> tuple[FoundState, ...]:
    """Return when adjusted devices were calibrated in the state in which they were found."""
    states = []
    for device in sorted(devices):
        events = {one.label: one for one in session.events.of_device(device)}
        for recorded in session.events.results_of_device(device):
            event = events[recorded.event_label]
            if event.kind is EventKind.CALIBRATION and state_of(recorded, event) != AS_LEFT:
                kind = recorded.measurand.kind
                states.append(FoundState(device, kind, event.performed_at, event.label))
    return tuple(dict.fromkeys(states))


def _instruments(
    session: ReadSession, wanted: set[int]
) -> tuple[dict[str, tuple[RecordedResult, ...]], dict[str, Event]]:
    """Follow instruments to their calibrations; add those results to the wanted ones."""
    instruments: dict[str, tuple[RecordedResult, ...]] = {}
    calibrations: dict[str, Event] = {}
    while True:
        named = {
            origin.instrument
            for event in session.events.behind(wanted)
            for origin in event.origins.values()
            if origin.instrument
        } - set(instruments)
        if not named:
            return instruments, calibrations
        for device in sorted(named):
            own = {
                event.label: event
                for event in session.events.of_device(device)
                if event.kind is EventKind.CALIBRATION
            }
            calibrations.update(own)
            instruments[device] = tuple(
                result
                for result in session.events.results_of_device(device)
                if result.event_label in own
            )
            wanted.update(result.result_id for result in instruments[device])
