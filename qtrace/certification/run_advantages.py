"""The figures of a run against the baselines on record: which are better, at which confidence.

Inside: `RecordedBaselineAt`, `AdvantageRow`, `NotCompared`, `RunAdvantages`, `run_advantages`.
Source: as `metrics.advantage.state`; several statements together: Bonferroni (1936).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from qtrace.certification.advantage_figure import compared_figure, conditions_of
from qtrace.certification.assemble import figures_of
from qtrace.certification.case import Figure
from qtrace.laboratory.baseline import FROM_MEMORY as TAG_FROM_MEMORY
from qtrace.laboratory.baseline import MEASURED, Baseline
from qtrace.laboratory.event import FROM_MEMORY, PUBLISHED_DATA, SIMULATED_DATA
from qtrace.laboratory.figure_flags import disqualifying
from qtrace.laboratory.link import Link, Run
from qtrace.metrics.advantage.compared import difference_from_chain
from qtrace.metrics.advantage.conditions import mismatch
from qtrace.metrics.advantage.security import SecurityAdvantage, state_security
from qtrace.metrics.advantage.state import state_advantage
from qtrace.metrics.advantage.statement import Advantage, Standing
from qtrace.metrics.catalogue import protocol
from qtrace.traceability.chain import Dossier
from qtrace.traceability.walk import build_chain
from qtrace.uncertainty.network import ancestors, standard_uncertainty

CERTIFIED_KEY, EPSILON = "qkd.certified_key", "qkd.epsilon_total"


@dataclass(frozen=True, slots=True)
class RecordedBaselineAt:
    """A baseline, when the ledger took it, and the result that a measured one names."""

    baseline: Baseline
    recorded_at: datetime
    result_id: int = 0


@dataclass(frozen=True, slots=True)
class AdvantageRow:
    """One figure against one baseline; `value` and its u are in `unit`, the SI unit of the kind.

    `breaks` are those of the figure's chain: its u does not hold what is missing there.
    """

    item: str
    subject: str
    label: str
    value: float
    standard_uncertainty: float | None
    unit: str
    conditions: tuple[tuple[str, str], ...]
    advantage: Advantage
    breaks: tuple[str, ...] = ()
    security: SecurityAdvantage | None = None


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A baseline on record that speaks of no figure of the run, and why."""

    baseline_id: str
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunAdvantages:
    """All statements of a run at one confidence.

    `demonstration` says why the outcome is only a demonstration, if it is. `together` bounds the
    probability that any of the statements with a probability says better wrongly.
    """

    run_id: str
    link_id: str
    confidence: float
    rows: tuple[AdvantageRow, ...]
    not_compared: tuple[NotCompared, ...]
    demonstration: tuple[str, ...]
    together: float

    @property
    def all_better(self) -> bool:
        """Return whether there is a statement, and each says better."""
        standings = {one.advantage.standing for one in self.rows}
        return standings == {Standing.BETTER}


def run_advantages(
    dossier: Dossier,
    run: Run,
    link: Link,
    *,
    result_ids: frozenset[int],
    baselines: Sequence[RecordedBaselineAt],
    confidence: float,
    asked: bool = False,
) -> RunAdvantages:
    """Return how each figure of a run stands against each baseline of its item.

    Args:
        dossier: Holds the figures and the results of measured baselines, with all behind them.
        run: The run.
        link: Its link.
        result_ids: Results of its latest recomputation.
        baselines: Those to hold the figures against.
        confidence: p of each statement.
        asked: The baselines were named: one that speaks of no figure is said to be so.

    Raises:
        InputError: no such confidence.
    """
    figures = figures_of(_latest_only(dossier, run, result_ids), run, link)
    rows: list[AdvantageRow] = []
    left: list[NotCompared] = []
    for held in baselines:
        baseline = held.baseline
        found = [one for one in figures if one.item == baseline.item]
        reasons = []
        for figure in found:
            fault = _fault(dossier, figure, baseline, run=run)
            if fault:
                reasons.append(fault)
                continue
            make = _security if baseline.categorical else _row
            rows.append(make(dossier, run, link, figure, held, figures=figures, p=confidence))
        if len(reasons) == len(found) and (found or asked):
            left.append(NotCompared(baseline.baseline_id, baseline.item, _why(baseline, reasons)))
    numbers = sum(one.security is None for one in rows)
    return RunAdvantages(
        run.run_id,
        link.link_id,
        confidence,
        tuple(rows),
        tuple(left),
        _demonstration(dossier, run, link, rows),
        min(1.0, numbers * (1.0 - confidence)),
    )


def _latest_only(dossier: Dossier, run: Run, result_ids: frozenset[int]) -> Dossier:
    """Return a dossier without the earlier rounds of the run, which a baseline may name."""
    kept = {
        i: one
        for i, one in dossier.results.items()
        if i in result_ids or dossier.events[one.event_label].run_id != run.run_id
    }
    return replace(dossier, results=kept)


def _why(baseline: Baseline, reasons: Sequence[str]) -> str:
    """Return why a baseline speaks of no figure of the run; the first two of many reasons."""
    if not reasons:
        return f"the run has no figure {baseline.item}"
    different = list(dict.fromkeys(reasons))
    more = f"; and {len(different) - 2} more" if len(different) > 2 else ""
    return "; ".join(different[:2]) + more


def _fault(dossier: Dossier, figure: Figure, baseline: Baseline, *, run: Run) -> str:
    """Return why a figure of that item is not what the baseline speaks of."""
    if baseline.categorical:
        return "" if figure.item == CERTIFIED_KEY else "only a certified key is categorical"
    recorded = dossier.results[figure.result_id]
    conditions = dict(conditions_of(recorded, run))
    return mismatch(baseline, kind=recorded.measurand.kind, conditions=conditions)


def _row(
    dossier: Dossier,
    run: Run,
    link: Link,
    figure: Figure,
    held: RecordedBaselineAt,
    *,
    figures: Sequence[Figure],
    p: float,
) -> AdvantageRow:
    del link, figures
    compared = compared_figure(dossier, figure, run, confidence=p)
    baseline, difference = held.baseline, None
    if baseline.tag == MEASURED:
        source = dossier.results[held.result_id]
        if source.event_label in dossier.withdrawals and not compared.unusable:
            why = f"the baseline rests on {source.event_label}, which is withdrawn"
            compared = compared_figure(dossier, figure, run, confidence=p, unusable=why)
        difference = difference_from_chain(dossier.network, figure.result_id, held.result_id)
    advantage = state_advantage(
        compared,
        baseline,
        confidence=p,
        post_hoc=held.recorded_at > run.started,
        difference=difference,
    )
    recorded = dossier.results[figure.result_id]
    breaks = build_chain(dossier, figure.result_id).breaks
    if breaks:
        named = ", ".join(dict.fromkeys(str(one) for one in breaks))
        said = f"{advantage.reason}; only as far as its broken chain holds: {named}"
        advantage = replace(advantage, reason=advantage.reason if compared.unusable else said)
    return AdvantageRow(
        figure.item,
        figure.subject,
        recorded.label,
        compared.value,
        compared.standard_uncertainty,
        recorded.unit,
        recorded.measurand.conditions,
        advantage,
        tuple(dict.fromkeys(str(one) for one in breaks)),
    )


def _security(
    dossier: Dossier,
    run: Run,
    link: Link,
    figure: Figure,
    held: RecordedBaselineAt,
    *,
    figures: Sequence[Figure],
    p: float,
) -> AdvantageRow:
    """Return the categorical statement; both ends of the link are trusted, and nobody else is."""
    network, recorded = dossier.network, dossier.results[figure.result_id]
    proof = protocol(run.protocol).proof(run.choices.get("bound", ""))
    if proof is None:  # the item is only given to the figure of a chosen proof
        raise ValueError(f"{figure.item} without a proof")
    epsilons = [network.result(one.result_id).value for one in figures if one.item == EPSILON]
    value = network.result(figure.result_id).value
    statement = state_security(
        held.baseline,
        proof,
        certified_bits=value,
        epsilon=epsilons[0] if epsilons else None,
        trusted_nodes=link.endpoints,
        doubts=disqualifying(recorded.flags),
        confidence=p,
        post_hoc=held.recorded_at > run.started,
    )
    breaks = build_chain(dossier, figure.result_id).breaks
    return AdvantageRow(
        figure.item,
        figure.subject,
        recorded.label,
        value,
        standard_uncertainty(network, figure.result_id),
        recorded.unit,
        recorded.measurand.conditions,
        statement.advantage,
        tuple(dict.fromkeys(str(one) for one in breaks)),
        statement,
    )


def _demonstration(
    dossier: Dossier, run: Run, link: Link, rows: Sequence[AdvantageRow]
) -> tuple[str, ...]:
    """Return why what is said of the run is only a demonstration, each reason once."""
    reasons = []
    if run.provenance != "measured":
        reasons.append(f"the run is {run.provenance}, not measured here")
    if run.from_memory:
        reasons.append(f"from memory: {', '.join(run.from_memory)}")
    if link.watermark:
        reasons.append(f"the link is {link.watermark.lower()}")
    ids = {one.label: i for i, one in dossier.results.items()}
    for row in rows:
        behind = ancestors(dossier.network, [ids[row.label]])
        flags = {flag for one in behind for flag in dossier.event_of(one).flags}
        reasons += sorted(
            f"a calibration rests on {flag}"
            for flag in flags
            if flag.startswith((PUBLISHED_DATA, SIMULATED_DATA, FROM_MEMORY))
        )
        if row.breaks:
            reasons.append(f"the chain of {row.label} is broken")
        baseline = row.advantage.baseline
        if baseline.tag == TAG_FROM_MEMORY:
            reasons.append(f"baseline {baseline.baseline_id} is from memory")
    return tuple(dict.fromkeys(reasons))
