"""`[input.NAME]` tables that refer to what is on record, wholly or in part.

Inside: `is_statement`, `read_reference`, `read_statement_reference`, `read_shared`.

    [input.rate]
    result = "CAL-6/photon_rate"
    conditions = { temperature = "297 K" }        # under which it was used, where it matters

    [input.wavelength]
    statement = "STMT-1/wavelength"

    [input.loss]
    value = "0.982"
    ...
    shared = [{ statement = "STMT-1/radiometer", sensitivity = "0.982" }]
"""

from __future__ import annotations

import re

from qtrace.exchange.assigned_table import SHAPE_KEYS
from qtrace.exchange.quantity_fields import conditions, quantity
from qtrace.exchange.readings_table import READING_KEYS
from qtrace.exchange.stated_table import WAYS
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.draft import InputDraft, SharedPart
from qtrace.laboratory.event import Origin
from qtrace.uncertainty.inputs import Distribution, InputQuantity

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z][A-Za-z0-9_]*)?")
_STATED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z][A-Za-z0-9_]*")
# What a reference cannot have beside it: it has its own already.
_OWN_ONLY = (
    *("value", *WAYS, *SHAPE_KEYS, "type", "n", "s", "dof", "reliability", "k", "U_exact"),
    *("distribution", "end", "certificate", *READING_KEYS, "u_of", "shared"),
)
_NOT_BESIDE = (
    *("value", "readings", "distribution", "end", "result"),
    *("circular_t", "cggtts"),
)
_SHAPES = frozenset({Distribution.NORMAL, Distribution.T})


def is_statement(table: TomlTable) -> bool:
    """Return whether a table takes an input from a statement, not words for its own end."""
    return table.has("statement") and not any(
        table.has(key)
        for key in ("value", "readings", "distribution", "end", "result", "circular_t", "cggtts")
    )


def _refuse_own(table: TomlTable, way: str) -> None:
    for key in _OWN_ONLY:
        if table.has(key):
            raise table.error(
                key,
                f'"{key}" beside "{way}": a referenced {way} already has its value, '
                "uncertainty and chain",
                next_step=f'keep either "{way}" or the value with its uncertainty',
            )


def read_reference(name: str, table: TomlTable) -> InputDraft:
    """Read a reference to a result of this file or of another event.

    Raises:
        InputError: No name of a result, or values of its own beside it.
    """
    reference = table.text("result")
    if not _REFERENCE.fullmatch(reference):
        raise table.error(
            "result",
            f"{reference!r} does not name a result",
            next_step='write "EVENT/name", or the name of a result of this file',
        )
    _refuse_own(table, "result")
    table.optional_text("note")
    used = conditions(table)
    taken_as = table.one_of("as", ("posterior",)) if table.has("as") else ""
    table.finish()
    return InputDraft(
        name,
        table.place("result"),
        reference=reference,
        conditions=used,
        as_posterior=taken_as == "posterior",
    )


def read_statement_reference(name: str, table: TomlTable) -> InputDraft:
    """Read a reference to an input that a statement owns.

    Raises:
        InputError: No name of a statement's input.
    """
    reference = table.text("statement")
    if not _STATED.fullmatch(reference):
        raise table.error(
            "statement",
            f"{reference!r} does not name an input of a statement",
            next_step='write statement = "STATEMENT/name"; words for an end stand beside "end" '
            "and a value",
        )
    _refuse_own(table, "statement")
    table.optional_text("note")
    table.finish()
    return InputDraft(name, table.place("statement"), statement=reference)


def read_shared(
    table: TomlTable, quantity_of: InputQuantity, origin: Origin
) -> tuple[SharedPart, ...]:
    """Read which parts of an own input's u stand in statements, and how they enter.

    Args:
        table: The table of the input.
        quantity_of: Value and whole u.
        origin: Where it comes from; a certificate that names its kind of quantity.

    Raises:
        InputError: No certificate with a kind, a shape that has no remainder, a part twice.
    """
    parts: list[SharedPart] = []
    for inner in table.tables("shared"):
        statement = inner.text("statement")
        if not _STATED.fullmatch(statement):
            raise inner.error(
                "statement",
                f"{statement!r} does not name an input of a statement",
                next_step='write "STATEMENT/name"',
            )
        if statement in {one.statement for one in parts}:
            raise inner.error("statement", f"{statement} is shared twice", next_step="name it once")
        sensitivity = quantity(inner, "sensitivity")
        parts.append(
            SharedPart(statement, sensitivity.si, sensitivity.unit.code, inner.place("statement"))
        )
        inner.finish()
    if not parts:
        return ()
    if origin.certificate is None or not origin.certificate.kind:
        raise table.error(
            "shared",
            "a shared part belongs to a certificate that names its kind of quantity",
            next_step='add certificate = { ..., kind = "..." }',
        )
    if quantity_of.distribution not in _SHAPES:
        raise table.error(
            "shared",
            f"nothing can be taken out of the distribution {quantity_of.distribution.value}",
            next_step="state U with k, or u",
        )
    return tuple(parts)
