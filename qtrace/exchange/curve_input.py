"""One `[input.NAME]` table that takes its value from a curve or a fit at an argument.

Inside: `read_curve_use`.
"""

from __future__ import annotations

import re

from qtrace.exchange.quantity_fields import quantity
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.curve_draft import CurveUse
from qtrace.laboratory.draft import InputDraft
from qtrace.laboratory.event import EndKind, Origin

_REFERENCE = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*/)?[A-Za-z][A-Za-z0-9_]{0,39}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


def read_curve_use(name: str, table: TomlTable) -> InputDraft:
    """Read `curve` with `at` (or `inverse_of`), and `at_u` with `at_statement`.

    Args:
        name: Name of the input.
        table: The table [input.NAME].

    Raises:
        InputError: no curve of such a name can be, no argument, or a u beside the name of an
            input that has its own. UnitError: u in another unit than the argument.
    """
    reference = table.text("curve")
    if not _REFERENCE.fullmatch(reference):
        raise table.error(
            "curve",
            f"{reference!r} does not name a curve",
            next_step='write "EVENT/curve", or the name of a curve of this file',
        )
    inverse = table.has("inverse_of")
    if inverse == table.has("at"):
        raise table.error(
            "at",
            'neither or both of "at" and "inverse_of"',
            next_step='write at = "1550.5 nm", or at = "NAME" of another input',
        )
    key = "inverse_of" if inverse else "at"
    given = table.entered(key)
    table.optional_text("note")
    if _NAME.fullmatch(given):
        for other in ("at_u", "at_statement"):
            if table.has(other):
                raise table.error(
                    other,
                    f'"{other}" beside {key} = "{given}": that input has its own uncertainty',
                    next_step="keep one of the two",
                )
        if given == name:
            raise table.error(key, "an input at itself", next_step="name another one")
        use = CurveUse(reference, inverse, at_name=given)
    else:
        use = _amount(reference, table, key, inverse=inverse)
    table.finish()
    return InputDraft(name=name, place=table.place("curve"), curve=use)


def _amount(reference: str, table: TomlTable, key: str, *, inverse: bool) -> CurveUse:
    at = quantity(table, key)
    u = 0.0
    origin = None
    if table.has("at_u"):
        u = quantity(table, "at_u", dimension=at.unit.dimension, like=f"{key} ({at.text})").si
        if u < 0.0:
            raise table.error("at_u", "the uncertainty is negative", next_step="correct the number")
        statement = table.optional_text("at_statement")
        origin = Origin(end=EndKind.ASSESSED_BOUND, statement=statement) if statement else Origin()
    return CurveUse(
        reference,
        inverse,
        at=at.si,
        at_text=at.text,
        at_u=u,
        at_unit=at.unit.code,
        at_origin=origin,
    )
