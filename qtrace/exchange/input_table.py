"""One `[input.NAME]` table of a calibration file: an own input quantity, or a reference.

Inside: `read_input`, `check_name`.
Source: JCGM 100:2008 (GUM), 4.2 (type A), 4.3 (type B, half-widths), 4.3.3 (U with k).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from qtrace.errors import QtraceError
from qtrace.exchange.input_checks import Readings, contradictions
from qtrace.exchange.origin_table import read_origin
from qtrace.exchange.quantity_fields import positive, quantity, same_dimension
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.draft import InputDraft
from qtrace.quantity.kinds import kind
from qtrace.quantity.units import DIMENSIONLESS
from qtrace.quantity.value import QuantityValue
from qtrace.uncertainty.expression import compile_expression
from qtrace.uncertainty.inputs import Distribution, Evaluation, InputQuantity

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
NOT_PUBLISHED = "not published"
NOT_PUBLISHED_FLAG = "degrees of freedom not published, taken infinite"
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z][A-Za-z0-9_]*)?")
_U_WAYS = ("u", "u_relative", "U", "U_relative", "half_width")
# Half-width a of a bound to u: GUM 4.3.7 (rectangular), 4.3.9 (triangular), F.2.3.3 note.
_DIVISORS = {
    Distribution.RECTANGULAR: math.sqrt(3.0),
    Distribution.TRIANGULAR: math.sqrt(6.0),
    Distribution.U_SHAPED: math.sqrt(2.0),
}


@dataclass(frozen=True, slots=True)
class _Statistics:
    """What the table says about repeated readings."""

    n: int | None
    s: float | None
    u_of: str
    degrees_of_freedom: float
    flags: tuple[str, ...]


def read_input(name: str, table: TomlTable) -> tuple[InputDraft, tuple[str, ...]]:
    """Read one input quantity, or a reference to a result.

    Args:
        name: Name of the input, as the models use it.
        table: The table [input.NAME].

    Returns:
        The draft and the warnings about it, each with its place.

    Raises:
        InputError: Anything missing, contradictory or unknown in the table.
    """
    check_name(table, "", name)
    if table.has("result"):
        return _reference(name, table), ()
    value = quantity(table, "value")
    distribution = table.choice("distribution", Distribution, Distribution.NORMAL)
    evaluation = table.choice("type", Evaluation, Evaluation.B)
    statistics = _statistics(table, evaluation, value)
    u = _standard_uncertainty(table, value, distribution=distribution, statistics=statistics)
    origin = read_origin(table)
    readings = Readings(
        u=u,
        u_of=statistics.u_of,
        s=statistics.s,
        n=statistics.n,
        counts=_counts_per_reading(table, value, is_counting=origin.end == "counting"),
        per_count=_per_count(table, value),
        value=value,
    )
    table.optional_text("note")
    flags = (*table.texts("flags"), *statistics.flags)
    draft = InputDraft(
        name=name,
        place=table.place(),
        quantity=InputQuantity(
            input_id=0,
            name=name,
            estimate=value.si,
            standard_uncertainty=u,
            unit=value.unit.code,
            distribution=distribution,
            evaluation=evaluation,
            degrees_of_freedom=statistics.degrees_of_freedom,
            text=value.text,
            flags=flags,
        ),
        origin=origin,
    )
    table.finish()
    return draft, _warnings(table, value, readings, draft)


def check_name(table: TomlTable, key: str, name: str) -> None:
    """Refuse a name that models cannot use, such as that of a constant."""
    if not _NAME.fullmatch(name):
        raise table.error(
            key,
            f"{name!r} is not a name for a model",
            next_step="use letters, digits and _, beginning with a letter, at most 40 characters",
        )
    try:
        compile_expression(name, names=frozenset({name}))
    except QtraceError as error:
        raise table.error(key, error.what, next_step="choose another name") from None


def _reference(name: str, table: TomlTable) -> InputDraft:
    reference = table.text("result")
    if not _REFERENCE.fullmatch(reference):
        raise table.error(
            "result",
            f"{reference!r} does not name a result",
            next_step='write "EVENT/name", or the name of a result of this file',
        )
    for key in ("value", *_U_WAYS, "type", "n", "s", "dof", "distribution", "end", "certificate"):
        if table.has(key):
            raise table.error(
                key,
                f'"{key}" beside "result": a referenced result already has its value, '
                "uncertainty and chain",
                next_step='keep either "result" or the value with its uncertainty',
            )
    table.optional_text("note")
    table.finish()
    return InputDraft(name=name, place=table.place("result"), reference=reference)


def _statistics(table: TomlTable, evaluation: Evaluation, value: QuantityValue) -> _Statistics:
    """Read n, s, u_of and the degrees of freedom; type A needs n or dof."""
    if evaluation is Evaluation.B:
        for key in ("n", "s", "u_of"):
            if table.has(key):
                raise table.error(
                    key,
                    f'"{key}" belongs to repeated readings, but the evaluation is type B',
                    next_step=f'write type = "A", or leave "{key}" out',
                )
    n = table.integer("n", least=2) if table.has("n") else None
    s = None
    if table.has("s"):
        s = same_dimension(table, "s", value=value).si
        if s < 0.0:
            raise table.error("s", "s is negative", next_step="correct the number")
    u_of = table.one_of("u_of", ("reading", "mean"), "mean")
    degrees_of_freedom, flags = _degrees_of_freedom(table, evaluation, n)
    if u_of == "reading" and n is not None:
        flags = (*flags, f"u is that of one reading although the value is the mean of {n}")
    return _Statistics(n, s, u_of, degrees_of_freedom, flags)


def _degrees_of_freedom(
    table: TomlTable, evaluation: Evaluation, n: int | None
) -> tuple[float, tuple[str, ...]]:
    if not table.has("dof"):
        if evaluation is Evaluation.A and n is None:
            raise table.error(
                "dof",
                "type A without n or dof: how many readings there were is not said",
                next_step=f'add n = ..., or dof = ..., or dof = "{NOT_PUBLISHED}" '
                "(then it is taken infinite and flagged)",
            )
        return (math.inf if n is None else n - 1.0), ()
    stated = table.entered("dof")
    if stated == NOT_PUBLISHED:
        return math.inf, (NOT_PUBLISHED_FLAG,)
    degrees_of_freedom = table.number("dof")
    if degrees_of_freedom <= 0.0:
        raise table.error("dof", f"dof is {stated}, not above zero", next_step="correct the number")
    return degrees_of_freedom, ()


def _standard_uncertainty(
    table: TomlTable,
    value: QuantityValue,
    *,
    distribution: Distribution,
    statistics: _Statistics,
) -> float:
    """Return u in SI from whichever one way of stating it the table uses."""
    ways = [way for way in _U_WAYS if table.has(way)]
    if len(ways) > 1:
        raise table.error(
            ways[1],
            f'the uncertainty is stated twice: "{ways[0]}" and "{ways[1]}"',
            next_step="keep one of the two",
        )
    if distribution is Distribution.COUNTS:
        _check_counts(table, value)
    if not ways:
        return _implied_uncertainty(table, value, distribution=distribution, statistics=statistics)
    way = ways[0]
    k = positive(table, "k", dimension=DIMENSIONLESS).si if way in {"U", "U_relative"} else 1.0
    if table.has("k") and way not in {"U", "U_relative"}:
        raise table.error(
            "k", f'"k" belongs to "U", not to "{way}"', next_step='write "U", or omit'
        )
    if way in {"u_relative", "U_relative"}:
        stated = quantity(table, way, dimension=DIMENSIONLESS, like="a relative uncertainty")
        if value.si == 0.0:
            raise table.error(
                way, "a relative uncertainty of the value 0", next_step='give "u" with its unit'
            )
        u = stated.si * abs(value.si) / k
    else:
        stated = same_dimension(table, way, value=value)
        u = stated.si / k
    if u < 0.0:
        raise table.error(
            way, f"the uncertainty is negative: {stated.text}", next_step="correct the number"
        )
    if way == "half_width":
        if distribution not in _DIVISORS:
            raise table.error(
                way,
                f'a half-width does not belong to the distribution "{distribution.value}"',
                next_step='write distribution = "rectangular", "triangular" or "u_shaped"',
            )
        u /= _DIVISORS[distribution]
    return u


def _implied_uncertainty(
    table: TomlTable,
    value: QuantityValue,
    *,
    distribution: Distribution,
    statistics: _Statistics,
) -> float:
    """Return u where none is written but the readings or the count give it."""
    if distribution is Distribution.COUNTS:
        # Variance of the gamma posterior with shape n + 1/2 (Jeffreys prior).
        return math.sqrt(value.si + 0.5)
    if statistics.s is not None and statistics.n is not None:
        # GUM 4.2.3 for the mean; 4.2.2 for one reading.
        divisor = math.sqrt(statistics.n) if statistics.u_of == "mean" else 1.0
        return statistics.s / divisor
    raise table.error(
        "u",
        "no uncertainty is stated",
        next_step='add u = "..." with its unit; u = "0 ..." says that it is taken as exact',
    )


def _check_counts(table: TomlTable, value: QuantityValue) -> None:
    if value.unit.dimension != DIMENSIONLESS or value.si < 0.0 or value.si != int(value.si):
        raise table.error(
            "value",
            f'the distribution "counts" belongs to a number of events, not to {value.text}',
            next_step="give the whole number of events; the model divides by the time",
        )


def _counts_per_reading(
    table: TomlTable, value: QuantityValue, *, is_counting: bool
) -> float | None:
    """Return the expected number of events in one reading, where it was counting."""
    per_count = _per_count(table, value)
    if not is_counting or per_count is None or value.si < 0.0:
        return None
    return value.si / per_count


def _per_count(table: TomlTable, value: QuantityValue) -> float | None:
    """Return what one event adds to the value in SI: 1/T for a rate, 1 for a number."""
    if table.has("reading_time"):
        time_s = positive(table, "reading_time", dimension=kind("duration").dimension).si
        if value.unit.dimension != kind("count_rate").dimension:
            raise table.error(
                "reading_time",
                f"a reading time belongs to a rate, but the value is {value.text}",
                next_step='give the value in "/s", or leave the reading time out',
            )
        return 1.0 / time_s
    return 1.0 if value.unit.dimension == DIMENSIONLESS else None


def _warnings(
    table: TomlTable, value: QuantityValue, readings: Readings, draft: InputDraft
) -> tuple[str, ...]:
    warnings = [f"{table.place()}: {line}" for line in contradictions(readings)]
    origin = draft.origin
    if origin is not None and not (origin.end or origin.instrument or origin.certificate):
        warnings.append(
            f"{table.place()}: nothing says where this input comes from (end, instrument or "
            "certificate); its chain will show a break"
        )
    if table.has("u") and "%" in table.entered("u") and "%" not in value.text:
        warnings.append(
            f"{table.place('u')}: u = {table.entered('u')} is read as absolute; "
            "a part of the value is u_relative"
        )
    return tuple(warnings)
