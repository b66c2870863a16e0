"""Trace a result to its ends: chain, budget, correlations, what ignoring sharing would claim.

Inside: `Traced`, `trace`, `result_labels`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.certification.conclude import StatedBudget, stated_budget
from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.errors import InputError
from qtrace.laboratory.event import EventKind
from qtrace.metrics.catalogue import functions
from qtrace.registry.dossier import load_dossier
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.chain import Chain
from qtrace.traceability.walk import build_chain
from qtrace.uncertainty.monte_carlo import MonteCarloSummary, draw_chain, summarize
from qtrace.uncertainty.network import correlation
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Traced:
    """One result with its chain, its flattened budget and its company.

    `correlations` holds (label, r) with the results asked for. `monte_carlo` is in the unit of
    the statement.
    """

    statement: ResultStatement
    chain: Chain
    budget: StatedBudget
    correlations: tuple[tuple[str, float], ...]
    monte_carlo: MonteCarloSummary | None


def trace(
    workbench: Workbench,
    subject: str,
    *,
    with_results: tuple[str, ...] = (),
    draws: int = 0,
    seed: int = 1,
) -> tuple[Traced, ...]:
    """Trace one result, or all results of the latest calibrations of a device, or of a link.

    Args:
        workbench: Settings and doors.
        subject: Result label EVENT/name, device id or link id.
        with_results: Labels of results whose correlation is asked for.
        draws: Number of Monte Carlo draws over the whole chain, 0 for none.
        seed: Their seed.

    Raises:
        InputError: nothing of that name is on record.
    """
    with workbench.read() as session:
        targets = [
            session.events.result(label).result_id for label in result_labels(session, subject)
        ]
        company = [session.events.result(label) for label in with_results]
        dossier = load_dossier(session, [*targets, *(one.result_id for one in company)])
    traced = []
    for result_id in targets:
        statement = state_result(
            dossier,
            result_id,
            coverage_probability=workbench.coverage_probability,
            functions=functions(),
        )
        summary = None
        if draws:
            drawn = draw_chain(
                dossier.network, [result_id], n=draws, seed=seed, functions=functions()
            )
            summary = summarize(
                drawn, result_id, coverage_probability=workbench.coverage_probability
            )
        traced.append(
            Traced(
                statement,
                build_chain(dossier, result_id),
                stated_budget(dossier, result_id),
                tuple(
                    (one.label, correlation(dossier.network, result_id, one.result_id))
                    for one in company
                ),
                summary,
            )
        )
    return tuple(traced)


def result_labels(session: ReadSession, subject: str) -> tuple[str, ...]:
    """Return the labels of the results that a subject stands for.

    Raises:
        InputError: it is neither a result, nor a device with calibrations, nor a link with a
            recomputed run.
    """
    if "/" in subject:
        return (session.events.result(subject).label,)
    if subject in {one.device_id for one in session.devices.all()}:
        calibrations = [
            event
            for event in session.events.of_device(subject)
            if event.kind is EventKind.CALIBRATION
        ]
        labels = {
            result.name: result.label
            for event in sorted(calibrations, key=lambda one: one.performed_at)
            for result in session.events.results_of(event.label)
        }
        if not labels:
            raise InputError(
                f"{subject} has no calibration on record", next_step="qtrace calibration add FILE"
            )
        return tuple(labels.values())
    if subject in {one.link_id for one in session.links.all()}:
        runs = session.links.runs(subject)
        found = tuple(
            result.label
            for run in runs[-1:]
            for event in session.events.of_run(run.run_id)
            for result in session.events.results_of(event.label)
        )
        if not found:
            raise InputError(
                f"no run of {subject} has been recomputed", next_step="qtrace recompute RUN"
            )
        return found
    if subject in session.events.labels():
        return tuple(result.label for result in session.events.results_of(subject))
    raise InputError(
        f"nothing on record is called {subject!r}",
        next_step="give EVENT/name, an event, a device or a link; see `qtrace device list`",
    )
