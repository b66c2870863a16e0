"""Put a case file together from records: which stored result is evidence for what.

Inside: `figures_of`, `documents_of`, `applied_standards`, `assemble`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qtrace.certification.case import (
    CHAIN_JUDGEMENT,
    AppliedStandard,
    CaseFile,
    DeviceInRole,
    DocumentEvidence,
    Figure,
)
from qtrace.certification.scheme import Scheme, scheme_requirements
from qtrace.laboratory.device import Device
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.link import Link, Run
from qtrace.laboratory.run_labels import round_of, use_label
from qtrace.metrics.catalogue import protocol
from qtrace.standards.pack import StandardPack, select_pack
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.results import ModelKind

# Figures with one meaning in every protocol.
GENERAL_FIGURES = frozenset({"qber", "epsilon_total"})
# One test of each run is evidence, the one that sees the offset itself; others stand beside it.
DETECTABLE = "timing.detectable_asymmetry"
INNOVATION = "timing.detectable_asymmetry_innovation"


def figures_of(dossier: Dossier, run: Run, link: Link) -> tuple[Figure, ...]:
    """Return which results of a run are evidence: devices in use by role, metrics by id.

    A result in use is evidence about its role, a metric of two results about their pair, any
    other metric about the link.
    """
    labels = [event.label for event in dossier.events.values() if event.run_id == run.run_id]
    number = max(map(round_of, labels), default=1)
    role_of = {use_label(run.run_id, role.role, number): role.role for role in run.roles}
    figures = []
    for result_id in sorted(dossier.results):
        recorded = dossier.results[result_id]
        event = dossier.events[recorded.event_label]
        if event.run_id != run.run_id:
            continue
        if event.kind is EventKind.USE:
            place = "source" if role_of[event.label].startswith("source") else "detector"
            item = f"{place}.{recorded.measurand.kind}"
            figures.append(Figure(item, role_of[event.label], result_id))
            continue
        model = dossier.network.result(result_id).model
        if model.kind is ModelKind.FUNCTION:
            subject = recorded.measurand.condition("pair") or link.link_id
            figures.append(Figure(model.text, subject, result_id))
            if general := _general_item(run, model.text):
                figures.append(Figure(general, subject, result_id))
    return tuple(figures)


def _general_item(run: Run, metric_id: str) -> str:
    """Return the item of a figure that requirements ask for whatever the protocol is.

    Of several bounds only the one that was chosen is evidence of the certified figure.
    """
    if not run.protocol:
        return ""
    form = protocol(run.protocol)
    if form.comparison:
        if metric_id == INNOVATION:
            return DETECTABLE
        return f"timing.{metric_id.rpartition('.')[2]}" if metric_id.count(".") > 1 else ""
    if form.area != "qkd":
        return f"{form.area}.{metric_id.rpartition('.')[2]}"
    chosen = form.proof(run.choices.get("bound", ""))
    if chosen is not None and chosen.estimate_id == metric_id:
        return "qkd.key_at_calibrated_values"
    if chosen is not None and chosen.metric_id == metric_id:
        return "qkd.certified_key" if chosen.regime == "finite" else "qkd.certified_key_per_use"
    name = metric_id.removeprefix(f"qkd.{form.name}.")
    return f"qkd.{name}" if name in GENERAL_FIGURES else ""


def documents_of(link: Link) -> tuple[DocumentEvidence, ...]:
    """Return the documents that a link names, as evidence about the link; none is attested."""
    return tuple(
        DocumentEvidence(item, link.link_id, document)
        for item, document in sorted(link.documents.items())
    )


def applied_standards(
    scheme: Scheme, packs: Iterable[StandardPack], digests: Mapping[str, str]
) -> tuple[AppliedStandard, ...]:
    """Return the standards of a scheme as they are applied, with edition warnings.

    Args:
        scheme: Names its standards.
        packs: All packs at hand.
        digests: Standard id to the digest of the pack's file.

    Raises:
        InputError: a standard has no pack, or the scheme comes to no requirement at all.
    """
    known = tuple(packs)
    scheme_requirements(scheme, known)
    applied = []
    for name in scheme.standards:
        selected = select_pack(known, name)
        pack = selected.pack
        applied.append(
            AppliedStandard(
                pack.standard_id,
                pack.title,
                pack.edition,
                digests.get(pack.standard_id, ""),
                pack.requirements,
                "; ".join(selected.warnings),
                pack.notice,
            )
        )
    return tuple(applied)


def assemble(
    link: Link,
    run: Run,
    *,
    devices: Mapping[str, Device],
    dossier: Dossier,
    scheme: Scheme,
    standards: tuple[AppliedStandard, ...],
    coverage_probability: float,
) -> CaseFile:
    """Return the case file of a run of a link under a scheme.

    Args:
        link: The link.
        run: One run of it.
        devices: Registered devices by id.
        dossier: Records behind all results of the run.
        scheme: Truth table, rule, bounds.
        standards: What `applied_standards` gave.
        coverage_probability: p of expanded uncertainties.
    """
    in_roles = tuple(
        DeviceInRole(role.role, devices.get(role.device_id), role.described_as)
        for role in run.roles
    )
    return CaseFile(
        link,
        run,
        in_roles,
        dossier,
        figures_of(dossier, run, link),
        documents_of(link),
        standards,
        scheme,
        coverage_probability,
        CHAIN_JUDGEMENT,
    )
