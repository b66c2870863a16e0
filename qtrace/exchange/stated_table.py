"""How an own input states its uncertainty: readings, u, U of a certificate, or what they imply.

Inside: `Statistics`, `read_statistics`, `read_scatter`, `StatedInput`, `read_stated`, `WAYS`.
Source: JCGM 100:2008 (GUM), 4.2 (type A), 4.3.3 (U with k), G.4.2 (degrees of freedom of type B).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from qtrace.errors import InputError
from qtrace.exchange.quantity_fields import positive, quantity, same_dimension
from qtrace.exchange.toml_table import TomlTable
from qtrace.quantity.units import DIMENSIONLESS, LEVEL
from qtrace.quantity.value import QuantityValue
from qtrace.uncertainty.distributions import (
    TypeB,
    lognormal,
    reliability_degrees_of_freedom,
    student,
    truncated_normal,
)
from qtrace.uncertainty.inputs import Distribution, Evaluation
from qtrace.uncertainty.stated import K_ROUNDING, from_certificate, last_digit

NOT_PUBLISHED = "not published"
NOT_PUBLISHED_FLAG = "degrees of freedom not published, taken infinite"
WAYS = ("u", "u_relative", "U", "U_relative")
_EXPANDED = ("U", "U_relative")
# The rounding of U is worth a word from this part of u on.
ROUNDING_SAID = 0.05


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the table says about repeated readings."""

    n: int | None
    s: float | None
    u_of: str
    degrees_of_freedom: float
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatedInput:
    """The distribution that a stated uncertainty means, and what was assumed."""

    assigned: TypeB
    flags: tuple[str, ...] = ()


def read_statistics(table: TomlTable, evaluation: Evaluation) -> Statistics:
    """Read n, u_of and the degrees of freedom; type A needs n or dof. s follows the value."""
    if evaluation is Evaluation.B:
        for key in ("n", "s", "u_of"):
            if table.has(key):
                raise table.error(
                    key,
                    f'"{key}" belongs to repeated readings, but the evaluation is type B',
                    next_step=f'write type = "A", or leave "{key}" out',
                )
    n = table.integer("n", least=2) if table.has("n") else None
    u_of = table.one_of("u_of", ("reading", "mean"), "mean")
    degrees_of_freedom, flags = _degrees_of_freedom(table, evaluation, n)
    if u_of == "reading" and n is not None:
        flags = (*flags, f"u is that of one reading although the value is the mean of {n}")
    return Statistics(n, None, u_of, degrees_of_freedom, flags)


def read_scatter(table: TomlTable, statistics: Statistics, value: QuantityValue) -> Statistics:
    """Read s, the standard deviation of single readings, in the dimension of the value."""
    if not table.has("s"):
        return statistics
    s = same_dimension(table, "s", value=value).si
    if s < 0.0:
        raise table.error("s", "s is negative", next_step="correct the number")
    return replace(statistics, s=s)


def _degrees_of_freedom(
    table: TomlTable, evaluation: Evaluation, n: int | None
) -> tuple[float, tuple[str, ...]]:
    if table.has("reliability"):
        return _reliability(table, evaluation), ()
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
    if degrees_of_freedom < 1.0:
        raise table.error(
            "dof",
            f"dof is {stated}, below 1: no coverage factor exists then",
            next_step='correct the number, or write dof = "not published"',
        )
    return degrees_of_freedom, ()


def _reliability(table: TomlTable, evaluation: Evaluation) -> float:
    """Read how well a type B u itself is known, as degrees of freedom (GUM G.4.2)."""
    if table.has("dof") or evaluation is Evaluation.A:
        other = '"dof"' if table.has("dof") else "repeated readings"
        raise table.error(
            "reliability",
            f'"reliability" beside {other}: the degrees of freedom are stated twice',
            next_step="keep one of the two",
        )
    relative = quantity(table, "reliability", dimension=DIMENSIONLESS)
    try:
        return reliability_degrees_of_freedom(relative.si)
    except InputError as error:
        raise table.error("reliability", error.what, next_step=error.next_step) from None


def read_stated(
    table: TomlTable,
    value: QuantityValue,
    *,
    distribution: Distribution,
    statistics: Statistics,
) -> StatedInput:
    """Return the distribution from whichever one way of stating u the table uses.

    Raises:
        InputError: Stated twice, not at all, negative, or against its distribution.
    """
    ways = [way for way in WAYS if table.has(way)]
    if len(ways) > 1:
        raise table.error(
            ways[1],
            f'the uncertainty is stated twice: "{ways[0]}" and "{ways[1]}"',
            next_step="keep one of the two",
        )
    if distribution is Distribution.COUNTS:
        _check_counts(table, value)
    for key in ("k", "p", "U_exact"):
        if table.has(key) and not (ways and ways[0] in _EXPANDED):
            raise table.error(
                key,
                f'"{key}" belongs to "U", not to "{ways[0] if ways else "s"}"',
                next_step='write "U", or omit',
            )
    dof = statistics.degrees_of_freedom
    flags: tuple[str, ...] = ()
    if not ways:
        u = _implied_uncertainty(table, value, distribution=distribution, statistics=statistics)
    elif ways[0] in _EXPANDED:
        u, dof, flags = _expanded(table, value, ways[0], statistics)
    else:
        u = _amount(table, value, ways[0])
    return StatedInput(_shaped(table, distribution, value, u=u, degrees_of_freedom=dof), flags)


def _amount(table: TomlTable, value: QuantityValue, way: str) -> float:
    """Return a stated amount or part of the value, in SI."""
    if way in {"u_relative", "U_relative"}:
        stated = quantity(table, way, dimension=DIMENSIONLESS, like="a relative uncertainty")
        if value.unit.dimension == LEVEL:
            raise table.error(
                way,
                f"{value.text} is a level: a part of it means nothing",
                next_step='give "u" or "U" in dB',
            )
        if value.si == 0.0:
            raise table.error(
                way, "a relative uncertainty of the value 0", next_step='give "u" with its unit'
            )
        amount = stated.si * abs(value.si)
    else:
        stated = same_dimension(table, way, value=value)
        amount = stated.si
    if amount < 0.0:
        raise table.error(
            way, f"the uncertainty is negative: {stated.text}", next_step="correct the number"
        )
    return amount


def _expanded(
    table: TomlTable, value: QuantityValue, way: str, statistics: Statistics
) -> tuple[float, float, tuple[str, ...]]:
    """Return u, its degrees of freedom and what was assumed, from U with k, p or both."""
    expanded = _amount(table, value, way)
    p = positive(table, "p", dimension=DIMENSIONLESS).si if table.has("p") else None
    factor = positive(table, "k", dimension=DIMENSIONLESS) if p is None or table.has("k") else None
    dof = statistics.degrees_of_freedom
    try:
        stated = from_certificate(
            expanded,
            k=None if factor is None else factor.si,
            probability=p,
            degrees_of_freedom=dof if math.isfinite(dof) else None,
            half_last_digit=_half_digit(table, value, way) if expanded > 0.0 else 0.0,
            half_digit_of_k=K_ROUNDING if factor is None else _half_unit(factor),
        )
    except InputError as error:
        key = "p" if p is not None else "k"
        raise table.error(key, error.what, next_step=error.next_step) from None
    flags = stated.flags
    if stated.rounding > ROUNDING_SAID * stated.standard_uncertainty:
        share = stated.rounding / stated.standard_uncertainty
        flags = (*flags, f"U is printed with few digits: its rounding is {share:.0%} of u")
    return stated.standard_uncertainty, stated.degrees_of_freedom, flags


def _half_digit(table: TomlTable, value: QuantityValue, way: str) -> float:
    """Return half a unit of the last digit of U in SI; 0 where U is said to be exact."""
    if table.boolean("U_exact", default=False):
        return 0.0
    half = _half_unit(quantity(table, way))
    return half * abs(value.si) if way == "U_relative" else half


def _half_unit(printed: QuantityValue) -> float:
    """Return half a unit of the last digit of a number as printed, in SI units."""
    return last_digit(printed.text.partition(" ")[0]) * float(printed.unit.factor) / 2.0


def _shaped(
    table: TomlTable,
    distribution: Distribution,
    value: QuantityValue,
    *,
    u: float,
    degrees_of_freedom: float,
) -> TypeB:
    """Give a stated u its distribution."""
    try:
        match distribution:
            case Distribution.T:
                return student(value.si, u, degrees_of_freedom=degrees_of_freedom)
            case Distribution.LOGNORMAL:
                assigned = lognormal(value.si, u)
            case Distribution.TRUNCATED_NORMAL:
                assigned = _truncated(table, value, u)
            case _:
                assigned = TypeB(distribution, value.si, u)
    except InputError as error:
        if error.where:
            raise
        key = "dof" if distribution is Distribution.T else "value"
        raise table.error(key, error.what, next_step=error.next_step) from None
    return replace(assigned, degrees_of_freedom=degrees_of_freedom)


def _truncated(table: TomlTable, value: QuantityValue, u: float) -> TypeB:
    """Read the bounds of a truncated normal; one of them may be open."""
    bounds = {
        key: same_dimension(table, key, value=value).si
        for key in ("lower", "upper")
        if table.has(key)
    }
    if not bounds:
        raise table.error(
            "lower",
            "a truncated normal without bounds",
            next_step='add lower = "...", upper = "...", or both',
        )
    try:
        return truncated_normal(value.si, u, **bounds)
    except InputError as error:
        raise table.error(list(bounds)[-1], error.what, next_step=error.next_step) from None


def _implied_uncertainty(
    table: TomlTable,
    value: QuantityValue,
    *,
    distribution: Distribution,
    statistics: Statistics,
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
