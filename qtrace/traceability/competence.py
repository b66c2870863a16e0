"""Whether a laboratory was competent for a calibration, by what is on record of it.

Inside: `capability_gap`, `bare_claim`, `step_gap`, `certificate_fault`, `whole_certificate`.
Source: ILAC P10:07/2020; ILAC P14:09/2020 (U not below the published capability).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from qtrace.laboratory.event import CertificateReference, Event, RecordedResult
from qtrace.laboratory.laboratory import Competence, Laboratory, Route
from qtrace.traceability.chain import BreakName, Dossier
from qtrace.traceability.shared_part import OWN_PART
from qtrace.traceability.use import condition_misfits
from qtrace.uncertainty.network import Network, standard_uncertainty

APPROXIMATE_K = 2.0  # capabilities are published at about 95 %
_BARE_CLAIM = re.compile(
    r"\W*(?:\w+\W+){0,3}traceab(?:le|ility)\W+(?:to|through|via)\W+(?:the\W+)?[\w./-]+"
    r"(?:\W*\([^)]*\))?\W*",
    re.IGNORECASE,
)
CAPABILITY_SLACK = 1.0 - 1e-9  # equal within arithmetic counts as not below


def capability_gap(
    laboratories: Mapping[str, Laboratory],
    laboratory_id: str,
    route: Route,
    *,
    kind: str,
    performed_at: datetime,
    value: float,
    u: float,
    conditions: Mapping[str, str] | None = None,
) -> str:
    """Return why no recorded capability covers a calibration, empty where one does.

    Args:
        laboratories: Laboratories on record, by id.
        laboratory_id: Who calibrated.
        route: The claimed route; only capability of that route counts.
        kind: Kind of the calibrated quantity.
        performed_at: Day of the calibration.
        value: Calibrated value, in the SI unit of the kind.
        u: Its standard uncertainty, in the same unit.
        conditions: Those of the calibrated quantity; a line that is limited to conditions covers
            only what states them and lies inside. None where they are not known.
    """
    laboratory = laboratories.get(laboratory_id)
    if laboratory is None:
        return f"laboratory {laboratory_id} is not on record"
    lines = [c for c in laboratory.competences if c.kind == kind and c.route is route]
    if not lines:
        return f"{laboratory_id} has no recorded {route.value.replace('_', ' ')} for {kind}"
    covering = [
        c
        for c in lines
        if c.low <= value <= c.high and c.valid_from <= performed_at <= c.valid_until
    ]
    if not covering:
        return f"{kind} lies outside the range or period of {laboratory_id}'s capability"
    stated = [
        c for c in covering
        if conditions is None or not condition_misfits(dict(c.conditions), conditions)
    ]  # fmt: skip
    if not stated:
        limits = condition_misfits(dict(covering[-1].conditions), conditions or {})
        return f"{kind}: outside the conditions of {laboratory_id}'s capability: {limits[0]}"
    covering = stated
    smallest = min(_capability(c, value) for c in covering)
    if APPROXIMATE_K * u < smallest * CAPABILITY_SLACK:
        return f"U = {APPROXIMATE_K * u:.3g} is below the capability {smallest:.3g}"
    return ""


def _capability(competence: Competence, value: float) -> float:
    """Return the smallest U of a capability line at a value, in SI units."""
    scale = abs(value) if competence.relative else 1.0
    return competence.expanded_uncertainty * scale


def bare_claim(statement: str) -> bool:
    """Return whether words claim traceability to somebody and name nothing else.

    A result is traceable through a chain of calibrations (VIM 2.41); a name is no step of it.
    """
    return _BARE_CLAIM.fullmatch(statement) is not None


def step_gap(dossier: Dossier, recorded: RecordedResult, event: Event) -> str:
    """Return why a calibration step shows no competence, empty where it does.

    An in-house step, or one by another route, wants procedure and validation; a claimed
    capability must be on record and cover the result.
    """
    if event.route in {Route.IN_HOUSE, Route.OTHER}:
        missing = [name for name in ("procedure", "validation") if not getattr(event, name)]
        step = f"{event.route.value.replace('_', '-')} step"
        return f"{step} without {' and '.join(missing)}" if missing else ""
    return _gap_of_result(dossier, recorded, event, issuer=event.laboratory_id, route=event.route)


def certificate_fault(
    dossier: Dossier, certificate: CertificateReference, event: Event, *, input_id: int
) -> tuple[BreakName, str] | None:
    """Return why a certificate behind an input ends no path, None where it does.

    The issuer's capability is asked for the quantity that the certificate names; where it names
    none, for every result of the event that is made directly of the input; where there is none,
    for any capability by that route on that day.
    """
    named = f"{certificate.issuer} {certificate.number}".strip() or "a certificate"
    if not certificate.available:
        return BreakName.CERTIFICATE_NOT_AVAILABLE, f"{named} is referred to but not at hand"
    if certificate.route is Route.IN_HOUSE or (
        certificate.route is Route.OTHER and not certificate.evidence_document
    ):
        return BreakName.NOT_COMPETENT, f"{named}: no evidence of the issuer's competence"
    if certificate.route is Route.OTHER:
        return None
    if certificate.kind:
        quantity = dossier.network.inputs[input_id]
        whole = whole_certificate(dossier.network, input_id)
        gap = capability_gap(
            dossier.laboratories,
            certificate.issuer,
            certificate.route,
            kind=certificate.kind,
            performed_at=_issued(certificate, event),
            value=quantity.estimate,
            u=quantity.standard_uncertainty
            if whole is None
            else standard_uncertainty(dossier.network, whole),
        )
        return (BreakName.NOT_COMPETENT, gap) if gap else None
    made_of_it = [
        dossier.results[result_id]
        for result_id, result in sorted(dossier.network.results.items())
        if dossier.results[result_id].event_label == event.label
        and any(argument.input_id == input_id for argument in result.arguments)
    ]
    issuer, route = certificate.issuer, certificate.route
    gaps = [
        _gap_of_result(dossier, recorded, event, issuer=issuer, route=route)
        for recorded in made_of_it
    ] or [_gap_of_route(dossier.laboratories, issuer, route, on=event.performed_at)]
    found = next((gap for gap in gaps if gap), "")
    return (BreakName.NOT_COMPETENT, found) if found else None


def whole_certificate(network: Network, input_id: int) -> int | None:
    """Return the result that joins the remainder of a certificate with its shared parts.

    Capability is compared with what the certificate states, not with what is left of it.
    """
    for result_id, result in sorted(network.results.items()):
        if any(one.name == OWN_PART and one.input_id == input_id for one in result.arguments):
            return result_id
    return None


def _issued(certificate: CertificateReference, event: Event) -> datetime:
    """Return the day of a certificate, that of the event where none is stated."""
    if not certificate.issued:
        return event.performed_at
    return datetime.fromisoformat(certificate.issued).replace(tzinfo=UTC)


def _gap_of_result(
    dossier: Dossier, recorded: RecordedResult, event: Event, *, issuer: str, route: Route
) -> str:
    """Return why a laboratory's capability does not cover one result."""
    return capability_gap(
        dossier.laboratories,
        issuer,
        route,
        kind=recorded.measurand.kind,
        performed_at=event.performed_at,
        value=dossier.network.result(recorded.result_id).value,
        u=standard_uncertainty(dossier.network, recorded.result_id),
        conditions=dict(recorded.measurand.conditions),
    )


def _gap_of_route(
    laboratories: Mapping[str, Laboratory], laboratory_id: str, route: Route, *, on: datetime
) -> str:
    """Return why a laboratory shows no capability at all by a route on a day."""
    lines = laboratories[laboratory_id].competences if laboratory_id in laboratories else ()
    if any(c.route is route and c.valid_from <= on <= c.valid_until for c in lines):
        return ""
    word = route.value.replace("_", " ")
    return f"no {word} of {laboratory_id} is on record for {on:%Y-%m-%d}"
