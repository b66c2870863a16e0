"""Walk a result up to its typed ends and name every break on the way.

Inside: `build_chain`.

Rules, in the order in which they are applied to a step: withdrawn; uncertainty missing;
competence (in-house steps want procedure and validation, claimed routes a recorded capability
that covers kind, range and day, with U not below it); conditions, validity and adjustments of
each parent at the time it was used; then the origin of each own input. A path that runs in a
circle reaches no end. What is not on record never passes.
Source: ILAC P10:07/2020; ISO/IEC 17025:2017, 6.5.
"""

from __future__ import annotations

from collections import deque

from qtrace.laboratory.curve_names import FIT_COEFFICIENT, folded
from qtrace.laboratory.event import (
    LATER_PARENTS,
    OF_HISTORY,
    CertificateReference,
    EndKind,
    Event,
    EventKind,
    Origin,
    RecordedResult,
)
from qtrace.laboratory.laboratory import Route
from qtrace.traceability import curve_chain
from qtrace.traceability.adjusted import adjustment_fault
from qtrace.traceability.chain import (
    Break,
    BreakName,
    Chain,
    ChainEnd,
    ChainNode,
    Dossier,
    on_circles,
)
from qtrace.traceability.competence import bare_claim, certificate_fault, step_gap
from qtrace.traceability.exact_counts import states_counts
from qtrace.traceability.in_use import CALIBRATED
from qtrace.traceability.shared_part import OWN_PART
from qtrace.traceability.stated_value import stated_value
from qtrace.traceability.states import AS_FOUND, state_of
from qtrace.traceability.validity import SAME_SESSION, ValidityState, validity
from qtrace.uncertainty.budget import step_shares
from qtrace.uncertainty.network import ancestors, standard_uncertainty
from qtrace.uncertainty.results import ModelKind

CERTIFICATE_ENDS = {
    Route.NMI_CAPABILITY: EndKind.NMI_CERTIFICATE,
    Route.ACCREDITED: EndKind.ACCREDITED_CERTIFICATE,
    Route.OTHER: EndKind.OTHER_CERTIFICATE,
}
# Ends that mean nothing without the words that name what they rest on.
ENDS_IN_WORDS = frozenset(
    {EndKind.RATIO_ON_ONE_INSTRUMENT, EndKind.ASSESSED_BOUND, EndKind.OWN_REALISATION}
)
BREAK_OF_STATE = {
    ValidityState.EXPIRED: BreakName.EXPIRED_AT_USE,
    ValidityState.NO_PROGRAMME: BreakName.NO_PROGRAMME,
    ValidityState.NOT_YET: BreakName.NO_CALIBRATION,
}


def build_chain(dossier: Dossier, result_id: int) -> Chain:
    """Return the chain of one result.

    Args:
        dossier: Network and records of the result and everything above it.
        result_id: The result whose traceability is asked.

    Returns:
        Nodes, edges, typed ends, named breaks (each subject once per name) and the step
        that adds most of the uncertainty.
    """
    walk = _Walk(dossier, result_id)
    walk.run()
    shares = step_shares(dossier.network, result_id)
    heaviest = max(shares, key=lambda step: (shares[step], -step))
    return Chain(
        walk.records[result_id].label,
        tuple(walk.nodes.values()),
        tuple(dict.fromkeys(walk.edges)),
        tuple(walk.ends.values()),
        tuple(walk.breaks.values()),
        walk.records[heaviest].label if shares[heaviest] > 0.0 else "",
    )


class _Walk:
    """State of one walk; nodes, ends and breaks are kept once per subject."""

    def __init__(self, dossier: Dossier, target: int) -> None:
        self.dossier = dossier
        self.records = curve_chain.with_curves_as_one(dossier, target)
        self.nodes: dict[str, ChainNode] = {}
        self.edges: list[tuple[str, str]] = []
        self.ends: dict[tuple[str, str, str], ChainEnd] = {}
        self.breaks: dict[tuple[str, str], Break] = {}
        self.waiting: deque[int] = deque([target])
        self.seen: set[int] = set()

    def run(self) -> None:
        """Visit results until none is waiting."""
        while self.waiting:
            result_id = self.waiting.popleft()
            if result_id not in self.seen:
                self.seen.add(result_id)
                self.visit(result_id)
        circle = on_circles(self.edges)
        if circle:
            labels = ", ".join(key.removeprefix("result:") for key in circle)
            self.break_at(
                circle[0],
                BreakName.END_MISSING,
                circle[0].removeprefix("result:"),
                f"its traceability runs in a circle and reaches no end: {labels}",
            )

    def visit(self, result_id: int) -> None:
        """Apply all rules to one step."""
        recorded = self.records[result_id]
        event = self.dossier.events[recorded.event_label]
        key = f"result:{recorded.label}"
        result = self.dossier.network.result(result_id)
        u = standard_uncertainty(self.dossier.network, result_id)
        lines = self.describe(recorded, event, value=result.value, u=u)
        self.nodes[key] = ChainNode(key, "result", recorded.label, lines)
        withdrawal = self.dossier.withdrawals.get(event.label)
        if withdrawal is not None:
            self.break_at(key, BreakName.WITHDRAWN, event.label, withdrawal.reason)
        exact = states_counts(recorded, result) or self.exact(result_id)
        if u == 0.0 and recorded.form == "estimate" and not exact:
            self.break_at(
                key, BreakName.UNCERTAINTY_MISSING, recorded.label, "no uncertainty given"
            )
        if not self.taken_over(result_id) and result.model.text != FIT_COEFFICIENT:
            self.competence(key, recorded, event)
        for argument in result.arguments:
            if argument.parent_id is not None:
                self.parent(key, recorded, event, parent_id=argument.parent_id)
            elif argument.input_id is not None:
                self.own_input(key, event, argument.input_id)

    def exact(self, result_id: int) -> bool:
        """Return whether a result follows from defined constants and declared parameters only."""
        network = self.dossier.network
        inputs = {
            argument.input_id
            for one in ancestors(network, [result_id])
            for argument in network.result(one).arguments
            if argument.input_id is not None
        }
        owners = [self.dossier.input_owner[input_id] for input_id in inputs]
        origins = [self.dossier.events[event].origins.get(name) for event, name in owners]
        # Without any input it is a bare number, and nothing speaks for it.
        return bool(origins) and all(
            one is not None and one.end is EndKind.DEFINED_CONSTANT for one in origins
        )

    def describe(
        self, recorded: RecordedResult, event: Event, *, value: float, u: float
    ) -> tuple[str, ...]:
        """Return the lines of a result's box."""
        where = " ".join(part for part in (event.device_id, event.laboratory_id) if part)
        return (
            recorded.measurand.kind.replace("_", " "),
            curve_chain.parts_in_words(self.dossier, recorded)
            or stated_value(recorded, value=value, u=u),
            f"{event.kind.value} {event.performed_at:%Y-%m-%d}",
            where,
            event.route.value.replace("_", "-") + " step",
        )

    def break_at(self, key: str, name: BreakName, subject: str, reason: str) -> None:
        """Record a break once per (name, subject) and draw it."""
        self.breaks.setdefault((name, subject), Break(name, subject, reason, key))
        node = f"break:{name}:{subject}"
        self.nodes.setdefault(node, ChainNode(node, "break", str(name), (subject, reason)))
        self.edges.append((key, node))

    def end_at(self, key: str, kind: EndKind, subject: str, statement: str) -> None:
        """Record a typed end and draw it once per kind and statement."""
        self.ends.setdefault((kind, subject, statement), ChainEnd(kind, subject, statement, key))
        node = f"end:{kind}:{statement or subject}"
        title = kind.value.replace("_", " ")
        self.nodes.setdefault(node, ChainNode(node, "end", title, (statement or subject,)))
        self.edges.append((key, node))

    def competence(self, key: str, recorded: RecordedResult, event: Event) -> None:
        """Check the route of a calibration step."""
        if event.kind is EventKind.CALIBRATION and (
            reason := step_gap(self.dossier, recorded, event)
        ):
            self.break_at(key, BreakName.NOT_COMPETENT, event.label, reason)

    def parent(self, key: str, child: RecordedResult, event: Event, *, parent_id: int) -> None:
        """Follow a parent result and check that it was in force, and in range, when used."""
        recorded = self.records[parent_id]
        parent_event = self.dossier.events[recorded.event_label]
        above = f"result:{recorded.label}"
        self.edges.append((key, above))
        self.waiting.append(parent_id)
        if parent_event.label == event.label and not self.taken_over(parent_id):
            return
        misfits = curve_chain.parent_misfits(self.dossier, child, recorded, event)
        if misfits:
            reason = f"{child.label}: {'; '.join(misfits)}"
            self.break_at(above, BreakName.OUTSIDE_CONDITIONS, recorded.label, reason)
        if parent_event.label != event.label and OF_HISTORY not in event.flags:
            self.in_force(above, recorded, parent_event, used_by=event)

    def taken_over(self, result_id: int) -> bool:
        """Return whether a result is a parent brought to its use, or a certificate made whole."""
        result = self.dossier.network.result(result_id)
        if any(a.name == OWN_PART for a in result.arguments):
            return result.model.kind is ModelKind.LINEAR
        carried = any(a.name == CALIBRATED and a.parent_id is not None for a in result.arguments)
        linear = result.model.kind is ModelKind.LINEAR
        return (carried and linear) or curve_chain.is_curve_in_use(result.model)

    def own_input(self, key: str, event: Event, input_id: int) -> None:
        """Follow an input quantity to the event that owns it, and to its origin there."""
        owner_label, name = self.dossier.input_owner[input_id]
        owner = self.dossier.events[owner_label]
        withdrawal = self.dossier.withdrawals.get(owner_label)
        if withdrawal is not None and owner_label != event.label:
            self.break_at(key, BreakName.WITHDRAWN, owner_label, withdrawal.reason)
        self.origin(key, name, owner.origins.get(name), event=owner, input_id=input_id)

    def in_force(
        self, key: str, recorded: RecordedResult, calibration: Event, *, used_by: Event
    ) -> None:
        """Check validity of a calibration at the time of the event that used it."""
        if calibration.kind is not EventKind.CALIBRATION:
            return
        state = validity(
            self.dossier.programmes,
            calibration.device_id,
            kind=recorded.measurand.kind,
            calibrated_at=calibration.performed_at,
            used_at=used_by.performed_at,
        )
        name = BREAK_OF_STATE.get(state.state)
        if state.state is ValidityState.NOT_YET and LATER_PARENTS in used_by.flags:
            name = None
        if name is not None:
            self.break_at(key, name, recorded.label, state.reason)
        fault = adjustment_fault(self.dossier, recorded, calibration, used_by=used_by)
        if fault is not None:
            self.break_at(key, fault[0], calibration.device_id, fault[1])

    def origin(
        self, key: str, name: str, origin: Origin | None, *, event: Event, input_id: int
    ) -> None:
        """Follow one own input: certificate, instrument, typed end, or nothing at all."""
        subject = folded(f"{event.label}/{name}")
        if origin is None or not (origin.end or origin.instrument or origin.certificate):
            said = origin.statement if origin is not None else ""
            reason = f'"{said}" is no end' if said else "nothing says where this input comes from"
            self.break_at(key, BreakName.END_MISSING, subject, reason)
            return
        if origin.certificate is not None:
            self.certificate(key, origin.certificate, event, input_id=input_id)
        if origin.instrument:
            self.instrument(key, origin, event)
        if origin.end is not None:
            self.typed_end(key, origin.end, origin, subject=subject)

    def typed_end(self, key: str, end: EndKind, origin: Origin, *, subject: str) -> None:
        """Take a declared end, if what it must name is named."""
        what = end.value.replace("_", " ")
        if end in CERTIFICATE_ENDS.values():
            # The certificate itself, and its route, decide; a word alone is no certificate.
            if origin.certificate is None:
                self.break_at(
                    key,
                    BreakName.CERTIFICATE_NOT_AVAILABLE,
                    subject,
                    f"{what} is claimed and none is named",
                )
        elif end in ENDS_IN_WORDS and not origin.statement:
            reason = f"{what} without naming what it rests on"
            self.break_at(key, BreakName.END_MISSING, subject, reason)
        elif bare_claim(origin.statement):
            reason = f'"{origin.statement}" names no calibration and no certificate'
            self.break_at(key, BreakName.END_MISSING, subject, reason)
        else:
            self.end_at(key, end, subject, origin.statement)

    def certificate(
        self, key: str, certificate: CertificateReference, event: Event, *, input_id: int
    ) -> None:
        """Check the certificate behind an input."""
        subject = event.device_id or event.label
        fault = certificate_fault(self.dossier, certificate, event, input_id=input_id)
        if fault is not None:
            self.break_at(key, fault[0], subject, fault[1])
            return
        named = f"{certificate.issuer} {certificate.number}".strip()
        self.end_at(key, CERTIFICATE_ENDS[certificate.route], subject, named)

    def instrument(self, key: str, origin: Origin, event: Event) -> None:
        """Follow the calibration of the instrument that took a reading."""
        candidates = [
            self.records.get(recorded.result_id, recorded)
            for recorded in self.dossier.instrument_results.get(origin.instrument, ())
            if not origin.instrument_kind or recorded.measurand.kind == origin.instrument_kind
        ]
        usable = [
            recorded
            for recorded in candidates
            if recorded.event_label not in self.dossier.withdrawals
            and state_of(recorded, self.dossier.events[recorded.event_label]) != AS_FOUND
            and self.dossier.events[recorded.event_label].performed_at
            <= event.performed_at + SAME_SESSION
        ]
        what = origin.instrument_kind.replace("_", " ") or "any quantity"
        if not usable:
            when = f" up to {event.performed_at:%Y-%m-%d}" if candidates else ""
            self.break_at(
                key,
                BreakName.NO_CALIBRATION,
                origin.instrument,
                f"no calibration of {what} on record{when}",
            )
            return
        latest = max(usable, key=lambda r: self.dossier.events[r.event_label].performed_at)
        calibration = self.dossier.events[latest.event_label]
        self.edges.append((key, f"result:{latest.label}"))
        self.in_force(key, latest, calibration, used_by=event)
        if latest.result_id in self.dossier.network.results:
            self.waiting.append(latest.result_id)
            return
        node = f"result:{latest.label}"
        self.nodes.setdefault(node, ChainNode(node, "instrument", latest.label))
        self.break_at(
            node,
            BreakName.END_MISSING,
            latest.label,
            f"the calibration of {origin.instrument} is on record, but not what it rests on",
        )
