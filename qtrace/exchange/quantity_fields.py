"""Fields that hold quantities: numbers with units, kinds, conditions, durations.

Inside: `quantity`, `positive`, `same_dimension`, `known_kind`, `known_kind_of`,
`conditions`, `CONDITION_KINDS`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from qtrace.errors import InputError, QtraceError, UnitError
from qtrace.exchange.toml_table import TomlTable
from qtrace.quantity import condition_kinds
from qtrace.quantity.kinds import Kind, kind
from qtrace.quantity.units import Dimension, dimension_text
from qtrace.quantity.value import QuantityValue, parse_quantity

CONDITION_KINDS: Mapping[str, str] = condition_kinds.CONDITION_KINDS
_WORD_CONDITIONS = ("polarization", "reference_plane", "photon_statistics", "method", "setting")
RANGE_MARK = ".."
_MISSPELT_CUTOFF = 0.85


def quantity(
    table: TomlTable, key: str, *, dimension: Dimension | None = None, like: str = ""
) -> QuantityValue:
    """Read a field that is a number with its unit; a bare number has the unit one.

    Args:
        table: The table with the field.
        key: Name of the field.
        dimension: The dimension that it must have, if any.
        like: What sets that dimension, in words for the message.

    Returns:
        The value in SI with its unit and text as written.

    Raises:
        InputError: Missing, malformed, not finite.
        UnitError: An unknown unit or another dimension.
    """
    return _parsed(table, key, table.entered(key), dimension=dimension, like=like)


def same_dimension(
    table: TomlTable, key: str, *, value: QuantityValue, of: str = "value"
) -> QuantityValue:
    """Read a field that must have the dimension of another one, such as u that of value."""
    return quantity(table, key, dimension=value.unit.dimension, like=f'"{of}" ({value.text})')


def positive(
    table: TomlTable, key: str, *, dimension: Dimension | None = None, like: str = ""
) -> QuantityValue:
    """Read a quantity that must be above zero."""
    read = quantity(table, key, dimension=dimension, like=like)
    if read.si <= 0.0:
        raise table.error(
            key, f'"{key}" is {read.text}, not above zero', next_step="correct the number"
        )
    return read


def known_kind(table: TomlTable, key: str) -> Kind:
    """Read a field that names a kind of quantity."""
    return known_kind_of(table.text(key), str(table.place(key)))


def known_kind_of(name: str, where: str) -> Kind:
    """Return the kind of a name that stands at a place of a file."""
    try:
        return kind(name)
    except InputError as error:
        raise InputError(error.what, where=where, next_step=error.next_step) from None


def conditions(
    table: TomlTable, key: str = "conditions", *, with_u: bool = False
) -> dict[str, str]:
    """Read a table of conditions; those that are quantities are checked, words are free.

    A quantity may be given as a range, "1549 nm .. 1552 nm"; where `with_u`, its standard
    uncertainty may stand beside it, `wavelength_u = "0.05 nm"`.
    """
    if not table.has(key):
        return {}
    inner = table.table(key)
    found = {}
    for name in inner.keys:
        text = inner.entered(name)
        if name in CONDITION_KINDS:
            wanted = kind(CONDITION_KINDS[name])
            ends = [
                _parsed(inner, name, part.strip(), dimension=wanted.dimension, like=wanted.title)
                for part in text.split(RANGE_MARK, maxsplit=1)
            ]
            if ends[0].si > ends[-1].si:
                raise inner.error(
                    name, f"the range {text} runs downward", next_step="swap its ends"
                )
        elif with_u and name.removesuffix("_u") in CONDITION_KINDS:
            _check_u(inner, name)
        else:
            _refuse_misspelt(inner, name)
        found[name] = text
    inner.finish()
    return found


def _check_u(inner: TomlTable, name: str) -> None:
    """Check the uncertainty of a condition that stands beside it."""
    stem = name.removesuffix("_u")
    wanted = kind(CONDITION_KINDS[stem])
    read = quantity(inner, name, dimension=wanted.dimension, like=wanted.title)
    if read.si < 0.0 or not inner.has(stem) or RANGE_MARK in inner.entered(stem):
        raise inner.error(
            name,
            f'"{name}" is the u of one stated "{stem}", not below zero',
            next_step=f"state {stem} as one quantity, or correct the number",
        )


def _refuse_misspelt(table: TomlTable, name: str) -> None:
    """Refuse a free condition whose name is nearly that of a known one."""
    known = (*CONDITION_KINDS, *_WORD_CONDITIONS)
    close = difflib.get_close_matches(name, known, n=1, cutoff=_MISSPELT_CUTOFF)
    if name not in known and close:
        raise table.error(
            name,
            f'unknown condition "{name}"; did you mean "{close[0]}"?',
            next_step="correct the name, or take one that cannot be mistaken",
        )


def _parsed(
    table: TomlTable, key: str, text: str, *, dimension: Dimension | None, like: str
) -> QuantityValue:
    try:
        read = parse_quantity(text)
    except QtraceError as error:
        # The type is kept: a wrong unit stays a UnitError.
        raise type(error)(
            f"{error.what} in {text!r}", where=str(table.place(key)), next_step=error.next_step
        ) from None
    if dimension is not None and read.unit.dimension != dimension:
        wanted = dimension_text(dimension)
        source = f", the dimension of {like}" if like else ""
        raise UnitError(
            f'"{key}" is {text!r}, of dimension {dimension_text(read.unit.dimension)}; '
            f"{wanted} is expected{source}",
            where=str(table.place(key)),
            next_step="correct the unit",
        )
    return read
