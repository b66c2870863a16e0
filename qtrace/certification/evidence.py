"""Join results, chain facts and documents into what standards judge.

Inside: `ResultStatement`, `state_result`, `evidence_of_figure`, `evidence_of_document`,
`collect_evidence`. The one place where metrics, standards and traceability meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qtrace.certification.case import CaseFile, DocumentEvidence, Figure
from qtrace.certification.stated_interval import (
    StatedInterval,
    interval_instead_of_u,
    interval_within_bounds,
    posterior_within_bounds,
)
from qtrace.laboratory.event import (
    FROM_MEMORY,
    PUBLISHED_DATA,
    SIMULATED_DATA,
    EventKind,
    RecordedResult,
)
from qtrace.quantity.units import parse_unit
from qtrace.standards.evidence import Evidence, Form, Provenance
from qtrace.traceability.chain import Chain, Dossier
from qtrace.uncertainty.bias import enlarged, known_bias
from qtrace.uncertainty.coverage import coverage_factor, effective_degrees_of_freedom, expand
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.monte_carlo import draw_chain, summarize
from qtrace.uncertainty.network import (
    ancestors,
    independent_parents_uncertainty,
    standard_uncertainty,
    tree_uncertainty,
)

K_DRAWS = 100_000  # resolves a 95 % quantile to about 1 % of u
K_SEED = 20_230_101


@dataclass(frozen=True, slots=True)
class ResultStatement:
    """A result as it is printed; numbers in `unit`.

    `tree_uncertainty` is what ignoring all shared ancestors would claim, and
    `independent_parents_uncertainty` what ignoring the covariances of the direct arguments
    would. `known_bias` is the known error that the value still holds; U is enlarged by its size,
    so that U = k u + |known_bias|. `interval` is (low, high, p) where an exact method, draws or a
    limit govern instead of U, named by `interval_method`; `linear_refused` says why U is then
    refused, if it is. `bounded_interval` stands beside a U that crosses a physical bound.
    """

    result_id: int
    label: str
    kind: str
    conditions: tuple[tuple[str, str], ...]
    value: float
    unit: str
    standard_uncertainty: float
    expanded_uncertainty: float
    coverage_factor: float
    coverage_probability: float
    degrees_of_freedom: float
    coverage_method: str
    tree_uncertainty: float
    interval: tuple[float, float, float] | None = None
    interval_method: str = ""
    form: str = "estimate"
    flags: tuple[str, ...] = ()
    independent_parents_uncertainty: float = 0.0
    known_bias: float = 0.0
    linear_refused: str = ""
    bounded_interval: tuple[float, float, float] | None = None
    bounded_method: str = ""

    @property
    def claimed(self) -> float | None:
        """Return the one number that the form claims: a limit, the estimate, or none."""
        if self.form == Form.INTERVAL_ONLY:
            return None
        if self.form == Form.ESTIMATE or self.interval is None:
            return self.value
        return self.interval[0 if self.form == Form.LOWER_LIMIT else 1]


def _coverage(
    dossier: Dossier,
    result_id: int,
    u: float,
    *,
    coverage_probability: float,
    functions: Mapping[str, ModelFunction],
) -> tuple[float, float, float, str]:
    """Return U, k, degrees of freedom and the method, from a formula or from draws."""
    if u == 0.0:
        k = coverage_factor(coverage_probability, float("inf"))
        return 0.0, k, float("inf"), "exact"
    expanded = expand(dossier.network, result_id, u, coverage_probability=coverage_probability)
    if expanded is not None and expanded.degrees_of_freedom is not None:
        return (
            expanded.expanded_uncertainty,
            expanded.coverage_factor,
            expanded.degrees_of_freedom,
            expanded.method,
        )
    draws = draw_chain(dossier.network, [result_id], n=K_DRAWS, seed=K_SEED, functions=functions)
    summary = summarize(draws, result_id, coverage_probability=coverage_probability)
    half_width = (summary.high - summary.low) / 2.0
    reason = effective_degrees_of_freedom(dossier.network, result_id).reason
    method = f"Monte Carlo, {K_DRAWS} draws, seed {K_SEED}"
    return half_width, half_width / u, float("inf"), f"{method} ({reason})" if reason else method


def state_result(
    dossier: Dossier,
    result_id: int,
    *,
    coverage_probability: float,
    functions: Mapping[str, ModelFunction],
) -> ResultStatement:
    """Return a result as it is printed, in its own unit.

    Args:
        dossier: Network and records.
        result_id: The result.
        coverage_probability: p of the expanded uncertainty.
        functions: "metric_id@version" to function, where k needs draws.
    """
    recorded = dossier.results[result_id]
    result = dossier.network.result(result_id)
    factor = float(parse_unit(recorded.unit).factor)
    u = standard_uncertainty(dossier.network, result_id)
    expanded, k, degrees, method = _coverage(
        dossier, result_id, u, coverage_probability=coverage_probability, functions=functions
    )
    bias = known_bias(dossier.network, result_id)
    if bias:
        expanded, _ = enlarged((expanded, expanded), bias)
        method += f"; U enlarged by the known error {bias / factor:.3g} {recorded.unit}"
    governing, bounded, form = _intervals(
        dossier,
        result_id,
        (u, expanded, degrees),
        coverage_probability=coverage_probability,
        functions=functions,
    )
    return ResultStatement(
        result_id,
        recorded.label,
        recorded.measurand.kind,
        recorded.measurand.conditions,
        result.value / factor,
        recorded.unit,
        u / factor,
        expanded / factor,
        k,
        coverage_probability,
        degrees,
        method,
        tree_uncertainty(dossier.network, result_id) / factor,
        _in_unit(governing, factor, bias=bias),
        governing.method if governing else "",
        form,
        recorded.flags,
        independent_parents_uncertainty(dossier.network, result_id) / factor,
        bias / factor,
        governing.reason if governing else "",
        _in_unit(bounded, factor),
        bounded.method if bounded else "",
    )


def _intervals(
    dossier: Dossier,
    result_id: int,
    uncertainty: tuple[float, float, float],
    *,
    coverage_probability: float,
    functions: Mapping[str, ModelFunction],
) -> tuple[StatedInterval | None, StatedInterval | None, str]:
    """Return the interval that governs, the bounded one beside U, and the form.

    Args:
        dossier: Network and records.
        result_id: The result.
        uncertainty: u and U in SI units, degrees of freedom.
        coverage_probability: p of both.
        functions: "metric_id@version" to function.
    """
    recorded = dossier.results[result_id]
    value = dossier.network.result(result_id).value
    u, expanded, degrees = uncertainty
    if recorded.interval is not None and recorded.form != Form.ESTIMATE:
        return StatedInterval(recorded.interval, recorded.interval_method), None, recorded.form
    p = coverage_probability
    instead = interval_instead_of_u(dossier, result_id, coverage_probability=p, functions=functions)
    if instead is not None and recorded.form == Form.ESTIMATE:
        # Where the draws leave the estimate outside, no value is preferred any more.
        around = instead.interval
        outside = around is not None and not around[0] <= value <= around[1]
        within = posterior_within_bounds(
            dossier, result_id, instead, coverage_probability=p, functions=functions
        )
        return instead, within, Form.INTERVAL_ONLY if outside else Form.ESTIMATE
    if recorded.interval is not None or recorded.form != Form.ESTIMATE:
        stored = recorded.interval
        kept = StatedInterval(stored, recorded.interval_method) if stored else None
        return kept, None, recorded.form
    beside = interval_within_bounds(
        dossier,
        result_id,
        standard_uncertainty=u,
        expanded_uncertainty=expanded,
        degrees_of_freedom=degrees,
        coverage_probability=p,
        functions=functions,
    )
    return None, beside, recorded.form


def _in_unit(
    one: StatedInterval | None, factor: float, *, bias: float = 0.0
) -> tuple[float, float, float] | None:
    """Return an interval in a unit, wider by a known error as U is."""
    if one is None or one.interval is None:
        return None
    low, high, p = one.interval
    return (low - abs(bias)) / factor, (high + abs(bias)) / factor, p


def _provenance(case: CaseFile, result_id: int) -> Provenance:
    """Return the weakest provenance among the run and the calibrations behind a result."""
    events = {
        case.dossier.results[one].event_label
        for one in ancestors(case.dossier.network, [result_id])
    }
    kinds = {case.dossier.events[label].kind for label in events}
    from_run = EventKind.RECOMPUTATION in kinds
    flags = {flag for label in events for flag in case.dossier.events[label].flags}
    if SIMULATED_DATA in flags or (from_run and case.run.provenance == Provenance.SIMULATED):
        return Provenance.SIMULATED
    published = PUBLISHED_DATA in flags
    if published or (from_run and case.run.provenance == Provenance.PUBLISHED):
        return Provenance.PUBLISHED
    return Provenance.MEASURED


def _attributes(
    case: CaseFile, recorded: RecordedResult, statement: ResultStatement
) -> dict[str, str]:
    """Return what the statement of a result gives, for completeness checks."""
    attributes = dict(recorded.measurand.conditions)
    for one in ancestors(case.dossier.network, [recorded.result_id]):
        source = case.dossier.results[one]
        if source.measurand.kind == recorded.measurand.kind:
            attributes = {**dict(source.measurand.conditions), **attributes}
    if statement.standard_uncertainty > 0.0:
        attributes["standard_uncertainty"] = f"{statement.standard_uncertainty:.3g}"
        attributes["coverage_factor"] = f"{statement.coverage_factor:.3f}"
        attributes["coverage_probability"] = f"{statement.coverage_probability:g}"
    return {name: text for name, text in attributes.items() if text}


def _judged_uncertainty(statement: ResultStatement) -> float | None:
    """Return u of an estimate; that of the posterior says nothing about a limit."""
    limit = statement.form != Form.ESTIMATE and statement.interval is not None
    return None if limit or statement.linear_refused else statement.standard_uncertainty


def evidence_of_figure(
    case: CaseFile, figure: Figure, statement: ResultStatement, *, chain: Chain
) -> Evidence:
    """Return a stored result as evidence for an item about a subject."""
    recorded = case.dossier.results[figure.result_id]
    # The firmware at calibration is a condition of the calibrated measurand, or it is unknown.
    attributes = _attributes(case, recorded, statement)
    behind = ancestors(case.dossier.network, [figure.result_id])
    memory = {
        flag
        for one in behind
        for flag in case.dossier.event_of(one).flags
        if flag.startswith(FROM_MEMORY)
    }
    return Evidence(
        figure.item,
        figure.subject,
        value=statement.claimed,
        standard_uncertainty=_judged_uncertainty(statement),
        degrees_of_freedom=statement.degrees_of_freedom,
        unit=statement.unit,
        form=statement.form,
        interval=statement.interval,
        coverage_factor=statement.coverage_factor,
        coverage_probability=statement.coverage_probability,
        attributes=attributes,
        breaks=tuple(str(one) for one in chain.breaks),
        ends=tuple(sorted({one.kind.value for one in chain.ends})),
        result_label=statement.label,
        provenance=_provenance(case, figure.result_id),
        known_bias=statement.known_bias,
        flags=(*statement.flags, *sorted(memory - set(statement.flags))),
    )


def evidence_of_document(case: CaseFile, document: DocumentEvidence) -> Evidence:
    """Return a document as evidence: its presence, and who attested its content if anybody."""
    return Evidence(
        document.item,
        document.subject,
        provenance=case.run.provenance,
        document=document.document,
        attestation=document.attestation,
    )


def collect_evidence(
    case: CaseFile, statements: Mapping[int, ResultStatement], chains: Mapping[int, Chain]
) -> tuple[Evidence, ...]:
    """Return all evidence of a case: figures first, then documents, in the case's order."""
    figures: Iterable[Evidence] = (
        evidence_of_figure(
            case, figure, statements[figure.result_id], chain=chains[figure.result_id]
        )
        for figure in case.figures
    )
    documents = (evidence_of_document(case, document) for document in case.documents)
    return (*figures, *documents)
