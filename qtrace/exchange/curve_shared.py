"""What the points of a curve share: effects, a common part, and the interpolation error.

Inside: `read_effects`, `read_common`, `read_error`.
"""

from __future__ import annotations

import math

from qtrace.errors import QtraceError
from qtrace.exchange.quantity_fields import positive, quantity
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.curve_draft import EffectDraft, ErrorDraft
from qtrace.quantity.kinds import Kind
from qtrace.quantity.units import DIMENSIONLESS
from qtrace.quantity.value import QuantityValue, parse_quantity

_TAKEN = ("own", "common")


def read_effects(table: TomlTable, points: int) -> tuple[EffectDraft, ...]:
    """Read the inputs that all points share, with one sensitivity for all or one for each.

    Args:
        table: The [[curve]] table.
        points: How many points there are.

    Raises:
        InputError: a number of sensitivities that fits no curve, or an input named twice.
    """
    found: list[EffectDraft] = []
    for inner in table.tables("effects"):
        name = inner.text("input")
        if name in {one.input_name for one in found}:
            raise inner.error("input", f'"{name}" stands twice', next_step="name it once")
        if name in _TAKEN:
            raise inner.error(
                "input",
                f'"{name}" is what a part of every point is called',
                next_step="give the input another name",
            )
        relative = inner.has("relative")
        if relative == inner.has("absolute"):
            raise inner.error(
                "relative",
                f'the effect of "{name}" has neither or both of "relative" and "absolute"',
                next_step="write relative = 1 for a factor or a relative correction",
            )
        key = "relative" if relative else "absolute"
        texts = inner.cells(key)
        if len(texts) not in {1, points}:
            raise inner.error(
                key,
                f"{len(texts)} sensitivities for {points} points",
                next_step="give one for all points, or one for each",
            )
        read = [_number(inner, key, text) for text in texts]
        if len({one.unit.dimension for one in read}) > 1:
            raise inner.error(key, "sensitivities of several dimensions", next_step="correct them")
        numbers = tuple(one.si for one in read)
        spread = numbers * points if len(numbers) == 1 else numbers
        found.append(EffectDraft(name, spread, read[0].unit.dimension, relative, inner.place()))
        inner.finish()
    return tuple(found)


def _number(inner: TomlTable, key: str, text: str) -> QuantityValue:
    try:
        return parse_quantity(text)
    except QtraceError as error:
        raise inner.error(key, f"{error.what} in {text!r}", next_step=error.next_step) from None


def read_common(table: TomlTable) -> tuple[float, str, bool]:
    """Return u of the part that all points share, its text, and whether u of points contains it.

    The u is a part of the value.

    Raises:
        InputError: negative, or nothing shared that u could contain.
    """
    common, text = 0.0, ""
    if table.has("common_u_relative"):
        read = quantity(
            table, "common_u_relative", dimension=DIMENSIONLESS, like="a relative uncertainty"
        )
        if read.si < 0.0:
            raise table.error(
                "common_u_relative",
                f"the uncertainty is negative: {read.text}",
                next_step="correct the number",
            )
        common, text = read.si, read.text
    includes = table.one_of("u_of_points", ("own", "all"), "own") == "all"
    if includes and not (common or table.has("effects")):
        raise table.error(
            "u_of_points",
            "u of the points is said to contain shared parts, and none is declared",
            next_step="add common_u_relative or effects, or leave u_of_points out",
        )
    return common, text, includes


def read_error(table: TomlTable, kind: Kind, argument: Kind) -> ErrorDraft | None:
    """Read `interpolation_error`: u or u_relative, correlation_length, source.

    Raises:
        InputError: both ways of u or none, negative, or no correlation length.
    """
    if not table.has("interpolation_error"):
        return None
    inner = table.table("interpolation_error")
    relative = inner.has("u_relative")
    if relative == inner.has("u"):
        raise inner.error("u", 'neither or both of "u" and "u_relative"', next_step="state it once")
    key = "u_relative" if relative else "u"
    read = quantity(
        inner,
        key,
        dimension=DIMENSIONLESS if relative else kind.dimension,
        like="a relative uncertainty" if relative else kind.name,
    )
    if read.si < 0.0:
        raise inner.error(
            key, f"the uncertainty is negative: {read.text}", next_step="correct the number"
        )
    whole = inner.entered("correlation_length") == "all"
    length = (
        math.inf
        if whole
        else positive(
            inner, "correlation_length", dimension=argument.dimension, like=argument.title
        ).si
    )
    draft = ErrorDraft(read.si, relative, length, read.text, inner.text("source"), inner.place())
    inner.finish()
    return draft
