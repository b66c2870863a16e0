"""The readings that a fit on record was made from.

Inside: `ReadingRow`, `fit_readings`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qtrace.laboratory.curve_names import reading_name
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit
from qtrace.traceability.curve import Curve
from qtrace.uncertainty.inputs import InputQuantity


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One reading that a fit rests on, with u of both coordinates, in the units of the curve."""

    argument: float
    u_argument: float
    value: float
    standard_uncertainty: float


def fit_readings(curve: Curve, inputs: Iterable[InputQuantity]) -> tuple[ReadingRow, ...]:
    """Return what a fit was made from, in the order of its file; nothing for a table.

    Args:
        curve: The fit.
        inputs: Input quantities of its event.
    """
    name = curve.label.rpartition("/")[2]
    named = {one.name: one for one in inputs}
    axis, unit = parse_unit(curve.argument_unit), parse_unit(curve.unit)
    rows: list[ReadingRow] = []
    while (y := named.get(reading_name(name, "y", len(rows) + 1))) is not None:
        x = named[reading_name(name, "x", len(rows) + 1)]
        rows.append(
            ReadingRow(
                in_unit(x.estimate, axis),
                x.standard_uncertainty / float(axis.factor),
                in_unit(y.estimate, unit),
                y.standard_uncertainty / float(unit.factor),
            )
        )
    return tuple(rows)
