"""One record whole, for people and machines.

Inside: `show`, `show_standard`, `show_scheme`, `show_metric`,
`export`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtrace.certification.codec import encode
from qtrace.exchange.pack_files import load_pack, load_scheme
from qtrace.metrics.catalogue import describe, metric
from qtrace.registry.judgements import statuses
from qtrace.registry.statement_bundles import stored_bundle
from qtrace.registry.unit_of_work import ReadSession
from qtrace.workflow.workbench import Workbench


def _device(session: ReadSession, name: str) -> dict[str, Any]:
    device = encode(session.devices.by_id(name))
    status = session.devices.status(name)
    programmes = [encode(one) for one in session.programmes.of_device(name)]
    events = [event.label for event in session.events.of_device(name)]
    state = "in use" if status is None else f"{status.status}: {status.reason}"
    return {**device, "state": state, "programmes": programmes, "events": events}


def _event(session: ReadSession, name: str) -> dict[str, Any]:
    return {
        **encode(session.events.by_label(name)),
        "inputs": encode(session.events.inputs_of(name)),
        "results": encode(session.events.results_of(name)),
    }


def _certificate(session: ReadSession, name: str) -> dict[str, Any]:
    """Return the sealed payload, and beside it what has become of the document."""
    payload = stored_bundle(session, name).envelope.read_unverified()
    events = session.recalls.decision_events(name)
    return {
        **payload,
        "status": statuses(session)[name],
        "decision_events": [
            {
                "word": one.word,
                "recall": one.recall,
                "reason": one.reason,
                "decided_at": encode(one.decided_at),
            }
            for one in events
        ],
    }


SHOWN: dict[str, Callable[[ReadSession, str], dict[str, Any]]] = {
    "device": _device,
    "laboratory": lambda session, name: encode(session.laboratories.by_id(name)),
    "calibration": _event,
    "link": lambda session, name: encode(session.links.by_id(name)),
    "run": lambda session, name: encode(session.links.run(name)),
    "ledger": lambda session, name: dict(session.ledger.entry(int(name)).to_dict()),
    "certificate": _certificate,
}


def show(workbench: Workbench, what: str, name: str) -> dict[str, Any]:
    """Return one record as a document.

    Raises:
        InputError: there is none of that name; close ones are named.
    """
    with workbench.read() as session:
        return SHOWN[what](session, name)


def show_standard(asked: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a pack, by name or by file, with warnings about the edition asked for.

    Raises:
        InputError: no pack answers to that name, or the file holds no sound one.
    """
    selected = load_pack(asked)
    return encode(selected.pack), selected.warnings


def show_scheme(asked: str) -> dict[str, Any]:
    """Return a scheme as a document.

    Raises:
        InputError: neither a known id nor a file.
    """
    document: dict[str, Any] = encode(load_scheme(asked))
    return document


def show_metric(metric_id: str) -> dict[str, object]:
    """Return a metric as a document.

    Raises:
        InputError: there is none of that id; close ones are named.
    """
    return describe(metric(metric_id))


def export(workbench: Workbench, number: str) -> bytes:
    """Return the bundle of an issued statement, byte for byte as it was handed out.

    Raises:
        InputError: no such document.
        IntegrityError: no ledger entry names it any more.
    """
    with workbench.read() as session:
        return stored_bundle(session, number).to_bytes()
