"""A traced result for the terminal.

Inside: `trace_text`, `drawn_lines`, `validation_lines`.
"""

from __future__ import annotations

import math
import textwrap
from typing import Protocol

from qtrace.certification.conclude import StatedBudget
from qtrace.certification.evidence import ResultStatement
from qtrace.report.figures import MANY_DEGREES
from qtrace.report.fleet_text import group_text
from qtrace.report.form_text import states_no_u
from qtrace.report.printable import spaced
from qtrace.report.text import budget_table, chain_text, results_table
from qtrace.traceability.budget_groups import BudgetByGroup
from qtrace.traceability.chain import Chain
from qtrace.uncertainty.coverage_interval import IntervalKind
from qtrace.uncertainty.drawn_figure import DrawnFigure
from qtrace.uncertainty.validation import Validation


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
    def monte_carlo(self) -> DrawnFigure | None:
        """What draws over the chain say, in SI units, if any."""

    @property
    def validation(self) -> Validation | None:
        """Whether the linear interval agrees with the draws, in SI units."""

    @property
    def unstated(self) -> frozenset[str]:
        """Labels of those whose r lacks correlations that are not stated."""

    @property
    def undrawn(self) -> str:
        """Why there are no draws though they were asked for."""

    @property
    def groups(self) -> BudgetByGroup | None:
        """Its budget gathered into groups, if asked for."""


LEAST_PERCENT = 1e-4  # below it three places of a percent hold less than two digits
UNSTATED = ", if points of a certificate whose correlation is not stated are independent"
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
    if traced.groups is not None:
        parts.extend(("", group_text(traced.groups, unit=statement.unit, limit=lines), ""))
    if statement.standard_uncertainty > 0.0:
        parts.extend(_uncertainty_lines(statement))
    parts.extend(
        f"r with {label} = {r:.4f}" + (UNSTATED if label in traced.unstated else "")
        for label, r in traced.correlations
    )
    if traced.monte_carlo is not None:
        parts.extend(drawn_lines(traced.monte_carlo))
    if traced.undrawn:
        parts.extend(("Monte Carlo: not drawn", *_wrapped(traced.undrawn)))
    if traced.validation is not None:
        parts.extend(validation_lines(traced.validation))
    return "\n".join(parts)


KIND_WORDS = {
    IntervalKind.SYMMETRIC: "probabilistically symmetric",
    IntervalKind.SHORTEST: "shortest",
}


def _wrapped(text: str) -> list[str]:
    """Fold a remark under the draws."""
    return textwrap.wrap(text, 78, initial_indent="  ", subsequent_indent="    ")


def drawn_lines(drawn: DrawnFigure) -> list[str]:
    """Return what the draws say, how it was drawn, and how sure it is."""
    interval = drawn.interval
    lines = [
        f"Monte Carlo, {drawn.n} draws over the chain, seed {drawn.seed}: "
        f"median {drawn.median:.8g},",
        f"  {interval.coverage_probability:.0%} interval {interval.low:.8g} ... "
        f"{interval.high:.8g} (SI units),",
        f"  {KIND_WORDS[interval.kind]}",
    ]
    if drawn.standard_uncertainty is not None:
        lines.append(f"  u = {drawn.standard_uncertainty:.8g}, mean {drawn.mean:.8g}")
    if drawn.stabilised:
        lines.append(
            f"  adaptive: {drawn.blocks} blocks; all figures stable to 2 s <= "
            f"{drawn.tolerance:.2g}, {drawn.digits} digits of u"
        )
    for remark in drawn.notes:
        lines.extend(_wrapped(remark))
    if drawn.standard_uncertainty is None:
        lines.extend(HEAVY_TAILS)
    return lines


def validation_lines(validation: Validation) -> list[str]:
    """Return the verdict of JCGM 101, clause 8, with both intervals."""
    lines = [f"JCGM 101 clause 8: GUM interval {validation.verdict}"]
    if validation.gum is None or validation.d_low is None or validation.d_high is None:
        lines.extend(_wrapped(validation.reason))
    else:
        lines.extend(
            (
                f"  GUM   {validation.gum[0]:.8g} ... {validation.gum[1]:.8g}",
                f"  draws {validation.drawn[0]:.8g} ... {validation.drawn[1]:.8g}",
                f"  ends differ by {validation.d_low:.2g} and {validation.d_high:.2g}, "
                f"allowed {validation.tolerance:.2g} ({validation.digits} digits of u)",
            )
        )
    if not validation.settled:
        lines.append("  the scatter of these draws could turn this; draw more")
    return lines


def _many(degrees: float) -> str:
    """Write degrees of freedom with two places as far as they say something."""
    return f"{degrees:.2f}" if degrees <= MANY_DEGREES else "> 1e6"


def _relative(part: float) -> str:
    """Write a relative uncertainty in percent, small ones with their digits."""
    return f"{part:.3%}" if part == 0.0 or part >= LEAST_PERCENT else f"{100.0 * part:.3g}%"


def _uncertainty_lines(statement: ResultStatement) -> list[str]:
    """Return U as stated and with k = 2, and what ignoring sharing would claim."""
    u = statement.standard_uncertainty
    scale = abs(statement.value)
    degrees = statement.degrees_of_freedom
    truncated = "" if math.isinf(degrees) else f" from nu = {_many(degrees)}, truncated"
    claims = (
        ("all that is shared", statement.tree_uncertainty),
        ("what its direct arguments share", statement.independent_parents_uncertainty),
    )

    def sized(number: float) -> str:
        return f"{number:.10g} ({_relative(number / scale)})" if scale > 0.0 else f"{number:.10g}"

    if states_no_u(statement):
        why = statement.linear_refused or f"the result is stated as {spaced(statement.form)}"
        return [
            f"u of the posterior = {sized(u)}",
            *textwrap.wrap(f"  no U: {why}", 78, subsequent_indent="    "),
            *(f"ignoring {what} would claim u = {sized(v)}" for what, v in claims),
        ]
    return [
        f"u = {sized(u)}; U = {statement.expanded_uncertainty:.4g}",
        f"  (k = {statement.coverage_factor:.3f}, p = {statement.coverage_probability:.0%}"
        f"{truncated})",
        f"  with k = 2, as often published: U = {2.0 * u:.4g}",
        *(f"ignoring {what} would claim u = {sized(v)}" for what, v in claims),
    ]
