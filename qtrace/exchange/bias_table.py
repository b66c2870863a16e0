"""The `uncorrected_bias` of a result: a known error that its value still holds.

Inside: `read_bias`.
Source: JCGM 100:2008 (GUM), note to 6.3.1: a known error is corrected wherever that is possible.
"""

from __future__ import annotations

from qtrace.exchange.quantity_fields import quantity, same_dimension
from qtrace.exchange.toml_table import TomlTable
from qtrace.quantity.kinds import Kind
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.results import UNCORRECTED_BIAS


def read_bias(result: TomlTable, kind: Kind) -> tuple[InputQuantity | None, str]:
    """Read the table, if the result has one.

    Args:
        result: The [[result]] table.
        kind: Its kind of quantity.

    Returns:
        The known error (indicated minus true) with its own u, in the SI unit of the kind, and who
        found it; None and "" where the result has no such table.

    Raises:
        InputError: value, u or source is missing, u is negative.
        UnitError: a unit that does not fit the kind.
    """
    if not result.has(UNCORRECTED_BIAS):
        return None, ""
    table = result.table(UNCORRECTED_BIAS)
    error = quantity(table, "value", dimension=kind.dimension, like=kind.title)
    u = same_dimension(table, "u", value=error)
    if u.si < 0.0:
        raise table.error("u", f"u is negative: {u.text}", next_step="give u of the known error")
    source = table.text("source")
    table.finish()
    return InputQuantity(0, UNCORRECTED_BIAS, error.si, u.si, kind.unit, text=error.text), source
