"""Trace a result to its ends: chain, budget, correlations, what ignoring sharing would claim.

Inside: `DrawRequest`, `parse_draws`, `parse_grouping`, `Traced`, `trace`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.certification.conclude import StatedBudget, stated_budget
from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.errors import InputError
from qtrace.laboratory.event import RecordedResult
from qtrace.metrics.catalogue import functions
from qtrace.registry.dossier import load_dossier
from qtrace.registry.subjects import result_labels
from qtrace.traceability.budget_groups import BudgetByGroup, Grouping, budget_by, parse_grouping
from qtrace.traceability.chain import Chain
from qtrace.traceability.walk import build_chain
from qtrace.uncertainty.adaptive import draw_figure
from qtrace.uncertainty.coverage_interval import IntervalKind, OutsideDomainError
from qtrace.uncertainty.drawn_figure import DrawnFigure, DrawPlan
from qtrace.uncertainty.network import Network, correlation
from qtrace.uncertainty.unknown import shares_unstated
from qtrace.uncertainty.validation import Validation, validate_result
from qtrace.workflow.workbench import Workbench

__all__ = ("ADAPTIVE", "DrawRequest", "Traced", "parse_draws", "parse_grouping", "trace")

ADAPTIVE = "adaptive"
MOST_DRAWS = 10_000_000  # 80 MB for each quantity of the chain


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """Monte Carlo over the chain: so many draws, or 0 for as many as it takes."""

    draws: int
    seed: int = 1
    interval: IntervalKind = IntervalKind.SYMMETRIC

    def run(self, network: Network, result_id: int, p: float) -> tuple[DrawnFigure, Validation]:
        """Draw the chain above a result; compare its linear interval, both of probability p."""
        figure = draw_figure(
            network,
            result_id,
            n=self.draws,
            plan=DrawPlan(p, self.interval),
            seed=self.seed,
            functions=functions(),
        )
        return figure, validate_result(network, result_id, figure)


def parse_draws(text: str, *, seed: int, interval: str) -> DrawRequest | None:
    """Return what the options of the draws ask for, None where no draws are wanted.

    Args:
        text: A number of draws, "adaptive", or nothing or 0 for none.
        seed: Their seed.
        interval: "symmetric" or "shortest".

    Raises:
        InputError: neither a number nor "adaptive", or too many; a negative seed; another interval.
    """
    if interval not in set(IntervalKind):
        raise InputError(
            f"{interval!r} is no kind of interval",
            where="--interval",
            next_step=f"write {' or '.join(IntervalKind)}",
        )
    if seed < 0:
        raise InputError(f"a seed is not negative: {seed}", where="--seed")
    if text == ADAPTIVE:
        return DrawRequest(0, seed, IntervalKind(interval))
    if text and not (text.isascii() and text.isdecimal()):
        raise InputError(
            f"{text!r} is no number of draws",
            where="--monte-carlo",
            next_step=f"write a whole number or {ADAPTIVE}",
        )
    if len(text.lstrip("0")) > len(str(MOST_DRAWS)) or int(text or 0) > MOST_DRAWS:
        raise InputError(
            f"{text} draws do not fit in memory",
            where="--monte-carlo",
            next_step=f"write at most {MOST_DRAWS}, or {ADAPTIVE}",
        )
    return DrawRequest(int(text), seed, IntervalKind(interval)) if int(text or 0) else None


@dataclass(frozen=True, slots=True)
class Traced:
    """One result with its chain, its flattened budget and its company.

    `correlations` holds (label, r) with the results asked for. `monte_carlo` and `validation`
    (of the linear interval) are in SI units; `undrawn` says why one of several has none.
    `unstated` are the labels whose r lacks correlations that a certificate does not state.
    """

    statement: ResultStatement
    chain: Chain
    budget: StatedBudget
    correlations: tuple[tuple[str, float], ...]
    monte_carlo: DrawnFigure | None
    validation: Validation | None = None
    undrawn: str = ""
    unstated: frozenset[str] = frozenset()
    groups: BudgetByGroup | None = None


def trace(
    workbench: Workbench,
    subject: str,
    *,
    with_results: tuple[str, ...] = (),
    draws: DrawRequest | None = None,
    by: Grouping | None = None,
) -> tuple[Traced, ...]:
    """Trace one result, or all results of the latest calibrations of a device, or of a link.

    Args:
        workbench: Settings and doors.
        subject: Result label EVENT/name, device id or link id.
        with_results: Labels of results whose correlation is asked for.
        draws: Monte Carlo over the whole chain, None for none.
        by: How the budget is gathered besides its lines, None for not at all.

    Raises:
        InputError: nothing of that name is on record; too few draws, or too many without value.
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
        figure = validation = None
        undrawn = ""
        if draws is not None:
            p = workbench.coverage_probability
            try:
                figure, validation = draws.run(dossier.network, result_id, p)
            except OutsideDomainError as refusal:
                if len(targets) == 1:
                    raise refusal.located(statement.label) from None
                undrawn = refusal.what
        traced.append(
            Traced(
                statement,
                build_chain(dossier, result_id),
                stated_budget(dossier, result_id),
                _correlations(dossier.network, result_id, company),
                figure,
                validation,
                undrawn,
                _unstated(dossier.network, result_id, company),
                None if by is None else budget_by(dossier, result_id, by),
            )
        )
    return tuple(traced)


def _correlations(
    network: Network, result_id: int, company: list[RecordedResult]
) -> tuple[tuple[str, float], ...]:
    """Return label and r of each result in company."""
    return tuple((one.label, correlation(network, result_id, one.result_id)) for one in company)


def _unstated(network: Network, result_id: int, company: list[RecordedResult]) -> frozenset[str]:
    """Return the labels whose r counts as zero what no certificate states."""
    return frozenset(
        one.label for one in company if shares_unstated(network, result_id, one.result_id)
    )
