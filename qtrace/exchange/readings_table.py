"""Readings written one by one in an `[input.NAME]` table, and their type A evaluation.

Inside: `READING_KEYS`, `METHODS`, `MOST_READINGS`, `FoundReadings`, `read_readings`.
Source: JCGM 100:2008 (GUM), 4.2; JCGM 101:2008, 6.4.9 (posterior); formulas in
`uncertainty.type_a`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError, QtraceError, UnitError
from qtrace.exchange.assigned_table import SHAPE_KEYS
from qtrace.exchange.quantity_fields import positive, same_dimension
from qtrace.exchange.stated_table import (
    NOT_PUBLISHED,
    NOT_PUBLISHED_FLAG,
    StatedInput,
    Statistics,
)
from qtrace.exchange.toml_file import EnteredFloat
from qtrace.exchange.toml_table import TomlTable
from qtrace.quantity.dimension import dimension_text
from qtrace.quantity.notation import decimal_text
from qtrace.quantity.units import Unit, parse_unit
from qtrace.quantity.value import QuantityValue, in_unit, parse_quantity
from qtrace.uncertainty.distributions import TypeB
from qtrace.uncertainty.inputs import Distribution, Evaluation
from qtrace.uncertainty.stated import last_digit
from qtrace.uncertainty.type_a import (
    Serial,
    Subject,
    TypeA,
    TypeAMethod,
    mean_of_readings,
    mean_with_pooled,
    posterior_mean,
)

# Fields that mean something beside readings only.
READING_KEYS = ("readings", "unit", "method", "serial", "pooled_s", "pooled_dof")
# What the readings say by themselves and must not be said again in another way.
_FOLLOWS = ("u_relative", "U", "U_relative", "k", "U_exact", "dof", "reliability", *SHAPE_KEYS)
METHODS = ("experimental", "posterior", "pooled")
MOST_READINGS = 10_000  # more belong into a program, not into a file that people read
ROUNDING = 1e-9  # relative: what a number may differ by beside its last digit


@dataclass(frozen=True, slots=True)
class FoundReadings:
    """What the readings of a table say: the input and what its author should look at."""

    value: QuantityValue
    statistics: Statistics
    stated: StatedInput
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Series:
    """Readings as differences from the first, in SI.

    Differences of like numbers lose nothing: equal readings have no scatter at all, where the
    mean of ten times 0.1 is not 0.1.
    """

    first: float
    differences: NDArray[np.float64]
    unit: Unit

    @property
    def n(self) -> int:
        return len(self.differences)


def read_readings(table: TomlTable, evaluation: Evaluation) -> FoundReadings | None:
    """Read and evaluate `readings`; None where the table has none.

    Args:
        table: The table [input.NAME].
        evaluation: What it says of the evaluation.

    Raises:
        InputError: A field that belongs to readings without them; readings that are no quantities
            of one dimension, too few, or correlated; value, u, n or s beside them that they
            contradict. With its place.
    """
    if not table.has("readings"):
        for key in READING_KEYS:
            if table.has(key):
                raise table.error(
                    key,
                    f'"{key}" belongs to "readings", and there are none',
                    next_step='add readings = ["...", "..."], or leave it out',
                )
        return None
    _refuse_beside(table, evaluation)
    series = _series(table)
    subject = table.choice("u_of", Subject, Subject.MEAN)
    method = TypeAMethod(table.one_of("method", METHODS, METHODS[0]))
    found, flags = _evaluated(table, series, method, subject=subject)
    text = f"mean of {series.n} readings {_in(series.unit)}".rstrip()
    value = QuantityValue(series.first + found.estimate, series.unit, text)
    u = found.standard_uncertainty
    if not (math.isfinite(value.si) and math.isfinite(u)):
        raise table.error(
            "readings", "mean or scatter are not finite", next_step="correct the numbers"
        )
    _compare(table, series, value, u=u)
    if subject is Subject.READING and series.n > 1:
        flags = (*flags, f"u is that of one reading although the value is the mean of {series.n}")
    dof = found.degrees_of_freedom
    shape = _shape(table, dof)
    warnings: tuple[str, ...] = ()
    if u == 0.0:
        warnings = (
            f"{table.place('readings')}: the {series.n} readings are all equal, so u = 0: the "
            "resolution hides their scatter and is an input of its own",
        )
    return FoundReadings(
        value,
        Statistics(series.n, None, subject.value, dof, ()),
        StatedInput(TypeB(shape, value.si, u, (), dof), flags),
        warnings,
    )


def _refuse_beside(table: TomlTable, evaluation: Evaluation) -> None:
    """Refuse another statement of what the readings say."""
    if evaluation is Evaluation.B:
        raise table.error(
            "type",
            "readings are evaluated by type A, not B",
            next_step='write type = "A", or leave it out',
        )
    for key in _FOLLOWS:
        if table.has(key):
            raise table.error(
                key,
                f'"{key}" beside "readings": they give u and its degrees of freedom',
                next_step="keep one of the two",
            )


def _series(table: TomlTable) -> _Series:
    """Read the readings, texts with units or numbers with `unit`."""
    unit = None
    if table.has("unit"):
        try:
            unit = parse_unit(table.text("unit"))
        except QtraceError as error:
            raise type(error)(
                error.what, where=str(table.place("unit")), next_step=error.next_step
            ) from None
    entries = _entries(table)
    if not 1 <= len(entries) <= MOST_READINGS:
        raise table.error(
            "readings",
            f"{len(entries)} readings; from 1 to {MOST_READINGS} may be written here",
            next_step="evaluate so many elsewhere and give value, s and n"
            if entries
            else "write the readings, or leave the field out",
        )
    values = [_reading(table, k, text=text, unit=unit) for k, text in enumerate(entries)]
    for k, one in enumerate(values):
        if one.unit.dimension != values[0].unit.dimension:
            raise UnitError(
                f"reading {k + 1} is {one.text!r}, of dimension "
                f"{dimension_text(one.unit.dimension)}; the first is {values[0].text!r}",
                where=_where(table, k),
                next_step="write all readings in one unit",
            )
    first = values[0].si
    with np.errstate(all="ignore"):
        differences = np.array([one.si for one in values]) - first
    return _Series(first, differences, values[0].unit)


def _where(table: TomlTable, index: int) -> str:
    return str(table.file.place((*table.path, "readings", index)))


def _entries(table: TomlTable) -> list[str]:
    """Return the readings as they were written."""
    found: object = table.file.entered
    for part in (*table.path, "readings"):
        if isinstance(found, dict):
            found = found[part]
    if not isinstance(found, list):
        raise table.error(
            "readings",
            '"readings" is no list',
            next_step='write readings = ["1.2 mV", "1.3 mV"]',
        )
    entries = []
    for k, one in enumerate(found):
        if isinstance(one, EnteredFloat):
            entries.append(one.text)
        elif isinstance(one, str) or (isinstance(one, int) and not isinstance(one, bool)):
            entries.append(str(one))
        else:
            raise InputError(
                f"reading {k + 1} is no text and no number",
                where=_where(table, k),
                next_step='write it like "1.2 mV", or 1.2 with unit = "mV"',
            )
    return entries


def _reading(table: TomlTable, index: int, *, text: str, unit: Unit | None) -> QuantityValue:
    if unit is not None and " " in text:
        raise InputError(
            f'reading {index + 1} is {text!r} beside unit = "{unit.code}": the unit is stated '
            "twice",
            where=_where(table, index),
            next_step="write bare numbers, or leave unit out",
        )
    try:
        return parse_quantity(text if unit is None else f"{text} {unit.code}")
    except QtraceError as error:
        raise type(error)(
            f"{error.what} in reading {index + 1}, {text!r}",
            where=_where(table, index),
            next_step=error.next_step,
        ) from None


def _evaluated(
    table: TomlTable, series: _Series, method: TypeAMethod, *, subject: Subject
) -> tuple[TypeA, tuple[str, ...]]:
    """Return the type A evaluation, and flags for what was declared or assumed."""
    serial = table.choice("serial", Serial, Serial.REFUSE)
    if method is not TypeAMethod.EXPERIMENTAL and serial is Serial.CORRECT:
        raise table.error(
            "serial",
            f'method "{method.value}" takes the readings as independent: nothing corrects it',
            next_step='write method = "experimental", or let the instrument settle',
        )
    if method is not TypeAMethod.POOLED:
        for key in ("pooled_s", "pooled_dof"):
            if table.has(key):
                raise table.error(
                    key,
                    f'"{key}" belongs to the method "pooled", not to "{method.value}"',
                    next_step='write method = "pooled", or leave it out',
                )
    try:
        with np.errstate(all="ignore"):
            if method is TypeAMethod.POOLED:
                return _pooled(table, series, subject=subject, serial=serial)
            # Of a posterior too: it supposes as well that the order means nothing.
            found = mean_of_readings(series.differences, subject=subject, serial=serial)
            flags = _notes(found, serial)
            if method is TypeAMethod.POSTERIOR:
                found = posterior_mean(series.differences, subject=subject)
                flags = (*flags, f"{found.note}; draws take a normal of this u")
            return found, flags
    except InputError as error:
        if error.where:
            raise
        raise table.error("readings", error.what, next_step=error.next_step) from None


def _notes(found: TypeA, serial: Serial) -> tuple[str, ...]:
    """Return what type A notes about the order of the readings."""
    declared = "; declared independent" if serial is Serial.INDEPENDENT else ""
    return (f"{found.note}{declared}",) if found.note else ()


def _pooled(
    table: TomlTable, series: _Series, *, subject: Subject, serial: Serial
) -> tuple[TypeA, tuple[str, ...]]:
    """Evaluate with the scatter of earlier samples; today's order is looked at all the same."""
    flags: tuple[str, ...] = ()
    if series.n > 1:
        flags = _notes(mean_of_readings(series.differences, subject=subject, serial=serial), serial)
    s = positive(table, "pooled_s", dimension=series.unit.dimension, like='"readings"')
    if table.entered("pooled_dof") == NOT_PUBLISHED:
        dof, flags = math.inf, (*flags, NOT_PUBLISHED_FLAG)
    else:
        dof = table.number("pooled_dof")
        if dof < 1.0:
            raise table.error(
                "pooled_dof",
                f"a scatter with {table.entered('pooled_dof')} degrees of freedom is not known",
                next_step=f'correct the number, or write pooled_dof = "{NOT_PUBLISHED}"',
            )
    found = mean_with_pooled(
        series.differences, standard_deviation=s.si, degrees_of_freedom=dof, subject=subject
    )
    return found, (f"scatter of earlier samples, pooled s = {s.text}", *flags)


def _shape(table: TomlTable, degrees_of_freedom: float) -> Distribution:
    """Return the distribution to draw from: normal (t where the dof are finite), or t."""
    shape = table.choice("distribution", Distribution, Distribution.NORMAL)
    if shape is Distribution.NORMAL:
        return shape
    if shape is Distribution.T and math.isfinite(degrees_of_freedom):
        return shape
    raise table.error(
        "distribution",
        f'the distribution "{shape.value}" does not follow from these readings',
        next_step="leave it out: finite degrees of freedom are drawn as t",
    )


def _compare(table: TomlTable, series: _Series, value: QuantityValue, *, u: float) -> None:
    """Refuse value, u, n or s beside the readings that they contradict.

    u and s may have been rounded up: a whole unit of their last digit is allowed, half of one for
    the value.
    """
    if table.has("n") and table.integer("n") != series.n:
        raise table.error(
            "n",
            f"n = {table.integer('n')}, but {series.n} readings are written",
            next_step="correct one of the two, or leave n out",
        )
    with np.errstate(all="ignore"):
        own = float(np.std(series.differences, ddof=1)) if series.n > 1 else None
    for key, found, digits in (("value", value.si, 0.5), ("u", u, 1.0), ("s", own, 1.0)):
        if not table.has(key):
            continue
        stated = same_dimension(table, key, value=value, of="readings")
        last = last_digit(stated.text.partition(" ")[0]) * float(stated.unit.factor)
        limit = digits * last + ROUNDING * abs(stated.si)
        exact = digits == 1.0 and stated.si == 0.0  # u = 0 says so, and is no rounded number
        if found is None or abs(stated.si - found) > (0.0 if exact else limit):
            gives = "nothing" if found is None else _shown(found, series.unit)
            raise table.error(
                key,
                f"{key} = {stated.text} contradicts the readings, which give {gives}",
                next_step=f"correct one of the two, or leave {key} out",
            )


def _in(unit: Unit) -> str:
    return "" if unit.code in {"", "1"} else f"in {unit.code}"


def _shown(si: float, unit: Unit) -> str:
    number = decimal_text(float(f"{in_unit(si, unit):.6g}"))
    return f"{number} {_in(unit).removeprefix('in ')}".rstrip()
