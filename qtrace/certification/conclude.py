"""From a case file to conclusions, by one pure function.

Inside: `StatedBudget`, `ScopeStatement`, `Conclusions`, `conclude`, `stated_budget`.

Assessing, certifying, auditing and verifying all call `conclude`: what a stranger computes
from a signed document is what the issuer computed from the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qtrace.certification.case import CHAIN_JUDGEMENT, CaseFile
from qtrace.certification.decision import Cap, CapKind, Decision, decide
from qtrace.certification.evidence import ResultStatement, collect_evidence, state_result
from qtrace.certification.joint import joint_statement
from qtrace.certification.stored_distribution import stored_distribution
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit
from qtrace.standards.context import DeclaredLimit, EvaluationContext
from qtrace.standards.evaluate import evaluate_all
from qtrace.standards.evidence import Evidence
from qtrace.standards.finding import Finding
from qtrace.standards.requirement import Scope
from qtrace.traceability.chain import Chain, Dossier
from qtrace.traceability.walk import build_chain
from qtrace.uncertainty.budget import BudgetLine, budget
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.network import correlation

RECEIVER_PREFIX = "receiver"
TRANSMITTER_PREFIX = "transmitter"


@dataclass(frozen=True, slots=True)
class StatedBudget:
    """The flattened budget of one result; `owners` names event and input of each line."""

    label: str
    lines: tuple[BudgetLine, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScopeStatement:
    """What page 1 says: covered, not covered, taken on trust, and what cannot be concluded."""

    covers: tuple[str, ...]
    not_covered: tuple[str, ...]
    trusted: tuple[str, ...]
    cannot_conclude: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conclusions:
    """Everything that follows from a case file."""

    results: tuple[ResultStatement, ...]
    chains: tuple[Chain, ...]
    budgets: tuple[StatedBudget, ...]
    correlations: tuple[tuple[str, str, float], ...]
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    decision: Decision
    scope: ScopeStatement
    warnings: tuple[str, ...] = field(default=())


def conclude(case: CaseFile, functions: Mapping[str, ModelFunction]) -> Conclusions:
    """Draw all conclusions of a case: results, chains, budgets, findings, decision, scope.

    Args:
        case: The case file; nothing else enters.
        functions: "metric_id@version" to function, for coverage factors that need draws.

    Raises:
        InputError: figures, declarations and requirements do not fit each other.
    """
    ids = tuple(dict.fromkeys(figure.result_id for figure in case.figures))
    statements = {
        result_id: state_result(
            case.dossier,
            result_id,
            coverage_probability=case.coverage_probability,
            functions=functions,
        )
        for result_id in ids
    }
    chains = {result_id: build_chain(case.dossier, result_id) for result_id in ids}
    evidence = collect_evidence(case, statements, chains)
    if case.judgement == CHAIN_JUDGEMENT:
        evidence = _with_distributions(case, evidence, functions)
    requirements = tuple(row for standard in case.standards for row in standard.requirements)
    context = evaluation_context(case)
    findings = evaluate_all(
        requirements,
        evidence,
        rule=case.scheme.rule,
        declarations=declared_limits(case),
        context=context,
    )
    decision = decide(
        findings,
        case.scheme,
        requirements=requirements,
        caps=case_caps(case),
        watermark=case.link.watermark,
        subjects=context.subjects,
    )
    if case.judgement == CHAIN_JUDGEMENT:
        decision = _with_joint(decision, findings, evidence, case.dossier)
    return Conclusions(
        tuple(statements.values()),
        tuple(chains.values()),
        tuple(stated_budget(case.dossier, i) for i in ids if _has_budget(case, i)),
        _correlations(case, tuple(statements.values())),
        evidence,
        findings,
        decision,
        _scope(case, decision),
        tuple(s.edition_warning for s in case.standards if s.edition_warning),
    )


def _with_distributions(
    case: CaseFile, evidence: tuple[Evidence, ...], functions: Mapping[str, ModelFunction]
) -> tuple[Evidence, ...]:
    """Give each figure the distribution that belongs to its result, if it is a special one."""
    ids = {case.dossier.results[one.result_id].label: one.result_id for one in case.figures}
    stored = {label: stored_distribution(case.dossier, i, functions) for label, i in ids.items()}
    return tuple(replace(one, posterior=stored.get(one.result_label)) for one in evidence)


def _with_joint(
    decision: Decision,
    findings: tuple[Finding, ...],
    evidence: tuple[Evidence, ...],
    dossier: Dossier,
) -> Decision:
    """Add the joint probability of conformity from the chain to what is printed with a decision."""
    joint = joint_statement(findings, evidence, dossier)
    if joint is None:
        return decision
    coverage = replace(
        decision.coverage,
        joint_conformity=joint.probability,
        joint_conformity_error=joint.standard_error,
        joint_conformity_bounded=joint.bounded,
        joint_conformity_method=joint.method,
    )
    return replace(decision, coverage=coverage)


def stated_budget(dossier: Dossier, result_id: int) -> StatedBudget:
    """Return the flattened budget of a result with the owner of each input."""
    lines = budget(dossier.network, result_id)
    return StatedBudget(
        dossier.results[result_id].label,
        lines,
        tuple("/".join(dossier.input_owner[line.input_id]) for line in lines),
    )


def declared_limits(case: CaseFile) -> dict[str, DeclaredLimit]:
    """Return the security target's limits; the scheme's floors and ceilings bound them."""
    return {
        one.name: DeclaredLimit(
            one.name, in_unit(one.value, parse_unit(one.unit)), one.unit, one.source
        )
        for one in case.link.declarations
    }


def evaluation_context(case: CaseFile) -> EvaluationContext:
    """Return who is judged: receivers by role, the pair of them, the link."""
    roles = sorted(device.role for device in case.devices)
    receivers = tuple(role for role in roles if role.startswith(RECEIVER_PREFIX))
    classes = {d.device.class_id for d in case.devices if d.device is not None}
    subjects = {
        Scope.DETECTOR: receivers,
        Scope.TRANSMITTER: tuple(role for role in roles if role.startswith(TRANSMITTER_PREFIX)),
        Scope.LINK: (case.link.link_id,),
    }
    if len(receivers) == 2:
        subjects[Scope.DETECTOR_PAIR] = ("/".join(receivers),)
    return EvaluationContext(
        tags=frozenset({case.link.protocol, *classes}),
        subjects=subjects,
        bounds=case.scheme.bounds,
        firmware={
            d.role: d.device.firmware for d in case.devices if d.device and d.device.firmware
        },
        remarks={
            d.role: f"{d.described_as or 'its device'}: not in the registry"
            for d in case.devices
            if d.device is None
        },
    )


def case_caps(case: CaseFile) -> tuple[Cap, ...]:
    """Return why the run itself can carry no more than a DEMONSTRATION."""
    caps = []
    if case.run.provenance == "simulated":
        caps.append(Cap(CapKind.SIMULATED, f"run {case.run.run_id} is simulated"))
    if case.run.provenance == "published":
        caps.append(
            Cap(CapKind.PUBLISHED_ONLY, f"run {case.run.run_id} is known from a publication only")
        )
    if case.run.from_memory:
        parts = ", ".join(case.run.from_memory)
        caps.append(Cap(CapKind.FROM_MEMORY, f"confirmed in no source: {parts}"))
    return tuple(caps)


def _has_budget(case: CaseFile, result_id: int) -> bool:
    return any(a.sensitivity != 0.0 for a in case.dossier.network.result(result_id).arguments)


def _correlations(
    case: CaseFile, statements: tuple[ResultStatement, ...]
) -> tuple[tuple[str, str, float], ...]:
    """Return r of every pair of stated results that is not zero."""
    network = case.dossier.network
    pairs = []
    for k, one in enumerate(statements):
        for other in statements[k + 1 :]:
            r = correlation(network, one.result_id, other.result_id)
            if abs(r) > 1e-12:
                pairs.append((one.label, other.label, r))
    return tuple(pairs)


def _scope(case: CaseFile, decision: Decision) -> ScopeStatement:
    """Write page 1 from the case: nothing in it is typed by hand."""
    run = case.run
    span = f"{run.started:%Y-%m-%d %H:%M} to {run.ended:%Y-%m-%d %H:%M} UTC"
    coverage = decision.coverage
    covers = [
        f"link {case.link.link_id} ({case.link.title}), protocol {case.link.protocol}",
        f"run {run.run_id}, {span}, {run.provenance}",
        *(f"{device.role}: {device.title}" for device in case.devices),
        f"{coverage.evaluated} of {coverage.applicable} applicable requirements evaluated",
    ]
    trusted = (
        "the classical channel is authenticated",
        "random numbers of both sides are uniform and secret",
        "the sites are safe from anybody inside them",
        "the devices that took part are those named here",
    )
    cannot = (
        "that the data came from that device",
        "that the device has not changed since",
        "that the laboratory is honest",
        "that nothing was left out before the document was made",
        "security against attacks that no requirement above is about",
    )
    return ScopeStatement(tuple(covers), coverage.not_covered, trusted, cannot)
