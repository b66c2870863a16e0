"""What is on record, as rows for listings; nothing is computed here.

Inside: `Listing`, one function per thing that can be listed, and `STORED` with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qtrace.certification.codec import encode
from qtrace.laboratory.baseline import VALUE
from qtrace.laboratory.event import OF_HISTORY, EventKind
from qtrace.registry.judgements import statuses
from qtrace.registry.unit_of_work import ReadSession


@dataclass(frozen=True, slots=True)
class Listing:
    """Headers and rows; `records` are the same things whole, for machines."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    records: Sequence[object] = ()


def laboratories(session: ReadSession) -> Listing:
    """Return laboratories with the number of their recorded capabilities."""
    found = session.laboratories.all()
    rows = tuple(
        (one.laboratory_id, one.name, one.country, str(len(one.competences))) for one in found
    )
    return Listing(("laboratory", "name", "country", "capabilities"), rows, encode(found))


def baselines(session: ReadSession) -> Listing:
    """Return classical baselines with value, u and what they rest on."""
    found = session.baselines.all()
    rows = []
    for one in found:
        declared, u = one.baseline, one.baseline.standard_uncertainty
        value = declared.text or "categorical"
        if declared.compares != VALUE:
            value = f"{declared.compares}: {value}"
        if not declared.categorical:
            value += "" if u == 0.0 else ", u not stated" if u is None else f", u = {u:.2g}"
        rows.append(
            (
                declared.baseline_id,
                declared.item,
                value,
                "" if declared.categorical else declared.better,
                declared.tag.replace("_", " "),
                f"{one.recorded_at:%Y-%m-%d}",
            )
        )
    headers = ("baseline", "figure", "value", "better", "tag", "recorded")
    return Listing(headers, tuple(rows), encode(found))


def devices(session: ReadSession) -> Listing:
    """Return devices with their class and state."""
    found = session.devices.all()
    rows = []
    for one in found:
        status = session.devices.status(one.device_id)
        state = "in use" if status is None else status.status
        rows.append((one.device_id, one.class_id, f"{one.manufacturer} {one.serial}", state))
    return Listing(("device", "class", "serial number", "state"), tuple(rows), encode(found))


def device_classes(session: ReadSession) -> Listing:
    """Return device classes with what can be calibrated on them."""
    found = session.devices.classes()
    rows = tuple((one.class_id, one.title, ", ".join(one.kinds)) for one in found)
    return Listing(("class", "title", "quantities"), rows, encode(found))


def programmes(session: ReadSession) -> Listing:
    """Return calibration programmes."""
    found = session.programmes.all()
    rows = tuple(
        (
            one.device_id,
            one.kind,
            f"{one.interval_days:g} d",
            f"{one.valid_from:%Y-%m-%d}",
            "" if one.recorded_at is None else f"{one.recorded_at:%Y-%m-%d}",
            one.decided_by,
        )
        for one in found
    )
    headers = ("device", "quantity", "interval", "from", "recorded", "decided by")
    return Listing(headers, rows, encode(found))


def events(session: ReadSession) -> Listing:
    """Return events: calibrations, uses, recomputations, with withdrawal marks."""
    found = session.events.all()
    gone = {one.event_label for one in session.events.withdrawals()}
    rows = tuple(
        (
            one.label,
            one.kind.value,
            one.device_id,
            f"{one.performed_at:%Y-%m-%d}",
            "withdrawn" if one.label in gone else "",
        )
        for one in found
    )
    return Listing(("event", "what", "device", "date", "state"), rows, encode(found))


def statements_shared(session: ReadSession) -> Listing:
    """Return the inputs of statements, under the names by which files refer to them."""
    rows, records = [], []
    gone = {one.event_label for one in session.events.withdrawals()}
    for event in session.events.all():
        shared = event.kind is EventKind.STATEMENT and OF_HISTORY not in event.flags
        for one in session.events.inputs_of(event.label) if shared else ():
            name, day = f"{event.label}/{one.name}", f"{event.performed_at:%Y-%m-%d}"
            rows.append((name, one.text, day, "withdrawn" if event.label in gone else ""))
            records.append({"name": name, "event": event.label, "input": encode(one)})
    return Listing(("statement", "value", "date", "state"), tuple(rows), records)


def links(session: ReadSession) -> Listing:
    """Return links."""
    found = session.links.all()
    rows = tuple((one.link_id, one.protocol, one.title, one.watermark) for one in found)
    return Listing(("link", "protocol", "title", "watermark"), rows, encode(found))


def runs(session: ReadSession) -> Listing:
    """Return runs."""
    found = session.links.runs()
    rows = tuple(
        (one.run_id, one.link_id, f"{one.started:%Y-%m-%d %H:%M}", one.provenance) for one in found
    )
    return Listing(("run", "link", "started", "provenance"), rows, encode(found))


def plans(session: ReadSession) -> Listing:
    """Return plans of runs."""
    found = session.plans.all()
    rows = tuple(
        (one.plan_id, one.link_id, one.bound, f"{one.blocks} x {one.block_size}",
         f"{one.planned_from:%Y-%m-%d} to {one.planned_until:%Y-%m-%d}")
        for one in found
    )  # fmt: skip
    return Listing(("plan", "link", "bound", "blocks", "planned"), rows, encode(found))


def certificates(session: ReadSession) -> Listing:
    """Return issued statements with their decision and their status, which events may change."""
    found = session.findings.decisions()
    now = statuses(session)
    rows = tuple(
        (
            one.document_number,
            one.subject_id,
            one.scheme_id,
            one.word
            if now[one.document_number] == one.word
            else f"{one.word}, now {now[one.document_number]}",
            one.attestation_kind,
        )
        for one in found
    )
    heads = ("document", "subject", "scheme", "decision", "kind")
    records = [{**encode(one), "status": now[one.document_number]} for one in found]
    return Listing(heads, rows, records)


def keys(session: ReadSession) -> Listing:
    """Return public keys on record."""
    found = session.statements.keys()
    rows = tuple((one.key_id[:16], one.person, one.organisation, one.usage) for one in found)
    records = [
        {"key_id": k.key_id, "person": k.person, "organisation": k.organisation, "usage": k.usage}
        for k in found
    ]
    return Listing(("key", "person", "organisation", "use"), rows, records)


def ledger(session: ReadSession) -> Listing:
    """Return ledger entries."""
    found = session.ledger.entries()
    rows = tuple(
        (str(one.sequence), one.recorded_at[:19], one.action, one.subject, one.digest[:12])
        for one in found
    )
    records = [one.to_dict() for one in found]
    return Listing(("entry", "recorded", "action", "subject", "digest"), rows, records)


STORED: dict[str, Callable[[ReadSession], Listing]] = {
    "laboratory": laboratories,
    "baseline": baselines,
    "device": devices,
    "device-class": device_classes,
    "programme": programmes,
    "calibration": events,
    "statement": statements_shared,
    "link": links,
    "run": runs,
    "plan": plans,
    "certificate": certificates,
    "key": keys,
    "ledger": ledger,
}
