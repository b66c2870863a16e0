"""A traced result for the terminal.

Inside: `trace_text`.
"""

from __future__ import annotations

from typing import Protocol

from qtrace.certification.conclude import StatedBudget
from qtrace.certification.evidence import ResultStatement
from qtrace.report.text import budget_table, chain_text, results_table
from qtrace.traceability.chain import Chain
from qtrace.uncertainty.monte_carlo import MonteCarloSummary


class TracedResult(Protocol):
    """What of a traced result is printed."""

    @property
    def statement(self) -> ResultStatement:
        """The result as stated."""

    @property
    def chain(self) -> Chain:
        """Its chain."""

    @property
    def budget(self) -> StatedBudget:
        """Its flattened budget."""

    @property
    def correlations(self) -> tuple[tuple[str, float], ...]:
        """Label and r of the results asked for."""

    @property
    def monte_carlo(self) -> MonteCarloSummary | None:
        """Summary of draws over the chain, in SI units, if any."""


def trace_text(traced: TracedResult, *, lines: int) -> str:
    """Return result, chain, budget, correlations and draws of one traced result."""
    statement = traced.statement
    parts = [results_table((statement,)), chain_text(traced.chain), ""]
    parts.append(budget_table(traced.budget, limit=lines))
    if statement.standard_uncertainty > 0.0:
        part = statement.tree_uncertainty / statement.standard_uncertainty - 1.0
        parts.append(
            f"ignoring what is shared would claim u = {statement.tree_uncertainty:.10g}"
            f" ({part:+.1%})"
        )
    parts.extend(f"r with {label} = {r:.4f}" for label, r in traced.correlations)
    summary = traced.monte_carlo
    if summary is not None:
        parts.append(
            f"Monte Carlo, {summary.n} draws over the chain, seed {summary.seed}: "
            f"median {summary.median:.8g},"
        )
        parts.append(
            f"  {summary.coverage_probability:.0%} interval {summary.low:.8g} ... "
            f"{summary.high:.8g} (SI units)"
        )
        parts.append(
            f"  u = {summary.standard_uncertainty:.8g}"
            if summary.standard_uncertainty is not None
            else f"  {summary.note}"
        )
    return "\n".join(parts)
