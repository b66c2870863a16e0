"""A traced result for the terminal.

Inside: `trace_text`.
"""

from __future__ import annotations

import math
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


HEAVY_TAILS = (
    "  Draws keep the heavy tails of that input; Welch-Satterthwaite dilutes its few",
    "  degrees of freedom over all inputs. So the interval is wider than U.",
)


def trace_text(traced: TracedResult, *, lines: int, with_chain: bool = True) -> str:
    """Return result, chain, budget, correlations and draws of one traced result."""
    statement = traced.statement
    parts = [results_table((statement,))]
    if with_chain:
        parts.extend((chain_text(traced.chain), ""))
    parts.append(budget_table(traced.budget, limit=lines))
    if statement.standard_uncertainty > 0.0:
        parts.extend(_uncertainty_lines(statement))
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
        if summary.standard_uncertainty is None:
            parts.extend(HEAVY_TAILS)
    return "\n".join(parts)


def _uncertainty_lines(statement: ResultStatement) -> list[str]:
    """Return U as stated and with k = 2, and what ignoring sharing would claim."""
    u = statement.standard_uncertainty
    scale = abs(statement.value)
    degrees = statement.degrees_of_freedom
    truncated = "" if math.isinf(degrees) else f" from nu = {degrees:.2f}, truncated"
    claims = (
        ("all that is shared", statement.tree_uncertainty),
        ("what its direct arguments share", statement.independent_parents_uncertainty),
    )

    def sized(number: float) -> str:
        return f"{number:.10g} ({number / scale:.3%})" if scale > 0.0 else f"{number:.10g}"

    return [
        f"u = {sized(u)}; U = {statement.expanded_uncertainty:.4g}",
        f"  (k = {statement.coverage_factor:.3f}, p = {statement.coverage_probability:.0%}"
        f"{truncated})",
        f"  with k = 2, as often published: U = {2.0 * u:.4g}",
        *(f"ignoring {what} would claim u = {sized(v)}" for what, v in claims),
    ]
