"""Budget lines in the units that people wrote, ready for a table.

Inside: `BudgetRow`, `BudgetTable`, `budget_rows`, `budget_notes`, `budget_tables`.
Stored estimates are in the coherent SI unit; each line is shown in the unit of its input, its
sensitivity in the unit of the result per that unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.certification.conclude import Conclusions, StatedBudget
from qtrace.quantity.units import parse_unit
from qtrace.report.figures import (
    degrees,
    estimate,
    measured,
    percent,
    uncertainty,
)
from qtrace.report.printable import printable
from qtrace.uncertainty.budget import BudgetLine


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One line of a budget as texts; `bar` is the share of variance in percent, 0 to 100."""

    owner: str
    name: str
    value: str
    estimate: str
    u: str
    unit: str
    evaluation: str
    distribution: str
    dof: str
    sensitivity: str
    contribution: str
    share: str
    bar: float
    negative: bool
    correlated: bool
    note: str


@dataclass(frozen=True, slots=True)
class BudgetTable:
    """All lines of the budget of one result; `unit` is that of the contributions.

    `notes` stand below the table, each once.
    """

    label: str
    unit: str
    rows: tuple[BudgetRow, ...]
    combined: str
    notes: tuple[str, ...]


def budget_tables(conclusions: Conclusions) -> tuple[BudgetTable, ...]:
    """Return all budgets of a case, in the units of their results."""
    stated = {one.label: one for one in conclusions.results}
    tables = []
    for one in conclusions.budgets:
        result = stated.get(one.label)
        unit = result.unit if result else "1"
        combined = uncertainty(result.standard_uncertainty, unit) if result else ""
        rows, notes = budget_rows(one, unit), budget_notes(one)
        tables.append(BudgetTable(printable(one.label), unit, rows, combined, notes))
    return tuple(tables)


def budget_rows(budget: StatedBudget, unit: str) -> tuple[BudgetRow, ...]:
    """Return the lines of a budget as texts.

    Args:
        budget: Lines with the names of their events and inputs.
        unit: Unit of the result, in which contributions are given.
    """
    factor = float(parse_unit(unit).factor)
    return tuple(
        _row(line, owner, factor=factor, unit=unit)
        for line, owner in zip(budget.lines, budget.owners, strict=True)
    )


def budget_notes(budget: StatedBudget) -> tuple[str, ...]:
    """Return the notes of a budget, each once, with the inputs that it is about, as recorded.

    Args:
        budget: All lines: a note about one that is not shown holds for the sum as well.
    """
    names: dict[str, list[str]] = {}
    pairs = zip(budget.lines, budget.owners, strict=True)
    for line, owner in sorted(pairs, key=lambda pair: pair[0].input_id):
        if line.note:
            names.setdefault(line.note, []).append(printable(owner))
    return tuple(
        f"{printable(note)}; taken at the bound: {', '.join(inputs)}"
        for note, inputs in names.items()
    )


def _row(line: BudgetLine, owner: str, *, factor: float, unit: str) -> BudgetRow:
    own = float(parse_unit(line.unit).factor)
    event, _, name = owner.rpartition("/")
    value, u = line.estimate / own, line.standard_uncertainty / own
    return BudgetRow(
        printable(event),
        printable(name or line.name),
        measured(value, u, line.unit),
        estimate(value),
        uncertainty(u),
        "1" if line.unit == "" else printable(line.unit),
        line.evaluation,
        line.distribution.replace("_", " "),
        degrees(line.degrees_of_freedom),
        estimate(float(f"{line.sensitivity * own / factor:.4g}")),
        uncertainty(line.contribution / factor, unit),
        percent_of_variance(line.share),
        max(0.0, min(100.0, 100.0 * abs(line.share))),
        line.share < 0.0,
        line.correlated,
        printable(line.note),
    )


def percent_of_variance(share: float) -> str:
    """Write a share of variance with one decimal; what is smaller is said to be."""
    if share != 0.0 and abs(share) < 0.0005:
        return "< 0.1 %" if share > 0.0 else "> -0.1 %"
    if share == 0.0:
        return "0 %"
    return f"{100.0 * share:.1f} %" if abs(share) < 10.0 else percent(share)
