"""How a result changes after its calibration: the drift process, and what conditions do to it.

Inside: `read_drift`, `read_bound`, `read_coefficients`.

    drift = { bound = "0.2 %/a", source = "five years of history" }
    drift = { rate = "0.1 %/a", u = "0.05 %/a", dof = 4, source = "maker's data" }
    drift = { random_walk = "0.02 %", after = "1 a", source = "type test" }
    drift = { fitted = "history" }
    conditions_coefficient.temperature = { at = "296 K", value = "0.1 %/K", u = "0.02 %/K" }

An amount in % or ppm is a part of the value; any other is in the unit of the result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from qtrace.errors import InputError
from qtrace.exchange.quantity_fields import CONDITION_KINDS, RANGE_MARK, positive, quantity
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.drift_draft import CoefficientDraft, DriftDraft
from qtrace.quantity.kinds import Kind, kind
from qtrace.quantity.units import DIMENSIONLESS, Dimension, divide, parse_unit
from qtrace.quantity.value import QuantityValue, parse_quantity

# An amount in these units is a part of the value, not an amount in its unit.
_PARTS = ("%", "ppm")
_RATES = ("bound", "rate", "fitted")
HISTORY = "history"


def _amount(
    table: TomlTable, key: str, of: Kind, per: Dimension, *, what: str
) -> tuple[QuantityValue, bool]:
    """Read an amount of a kind of quantity per something, or a part of its value per that."""
    relative = any(part in table.entered(key) for part in _PARTS)
    if relative and of.level:
        raise table.error(
            key,
            f"{of.name} is a level: a part of it means nothing",
            next_step=f'write an amount, e.g. {key} = "0.2 dB/a"',
        )
    above = DIMENSIONLESS if relative else of.dimension
    like = f"a relative {what}" if relative else f"{of.name} {what}"
    return quantity(table, key, dimension=divide(above, per), like=like), relative


def read_drift(table: TomlTable, of: Kind) -> DriftDraft:
    """Read the drift of a result: a bound, a rate, a fit to the history, a random walk.

    Args:
        table: The table `drift` of a result.
        of: Kind of the result.

    Returns:
        The draft, in SI units per second.

    Raises:
        InputError: No process, two that exclude each other, or an amount that cannot be.
        UnitError: A unit that is neither a part nor that of the result, per time.
    """
    named = [key for key in _RATES if table.has(key)]
    if len(named) > 1 or not (named or table.has("random_walk")):
        raise table.error(
            named[-1] if named else "bound",
            f"a drift is one of {', '.join(_RATES)}, or a random_walk alone or beside one of them",
            next_step='write for example drift = { bound = "0.2 %/a", source = "..." }',
        )
    way = named[0] if named else ""
    second = parse_unit("s").dimension
    half = rate = None
    u = 0.0
    dof = math.inf
    relative = False
    text = HISTORY if way == "fitted" else ""
    if way in {"bound", "rate"}:
        read, relative = _amount(table, way, of, second, what="per time")
        text = read.text
        if way == "bound":
            half = _not_negative(table, way, read, next_step="give its half-width")
        else:
            rate = read.si
            stated, u_relative = _amount(table, "u", of, second, what="per time")
            if u_relative is not relative:
                raise table.error(
                    "u", "one of rate and u is a part of the value, the other an amount"
                )
            u = _not_negative(table, "u", stated, next_step="give a standard uncertainty")
            dof = _degrees_of_freedom(table)
    elif way == "fitted":
        table.one_of("fitted", (HISTORY,))
    variance, walk_relative, walk_text = _walk(table, of)
    draft = DriftDraft(
        text=text or walk_text,
        source=table.optional_text("source") if way == "fitted" else table.text("source"),
        half_width_per_s=half,
        rate_per_s=rate,
        u_rate_per_s=u,
        degrees_of_freedom=dof,
        relative=relative,
        fitted=way == "fitted",
        variance_per_s=variance,
        walk_relative=walk_relative,
        walk_text=walk_text,
    )
    table.finish()
    return draft


def read_bound(table: TomlTable, of: Kind) -> DriftDraft | None:
    """Read the drift of a curve or fit, None where it has none: a bound, and nothing else.

    Raises:
        InputError: Another process; points of a curve share one bound only.
    """
    if not table.has("drift"):
        return None
    inner = table.table("drift")
    other = next((key for key in (*_RATES, "random_walk") if key != "bound" and inner.has(key)), "")
    if other:
        raise inner.error(
            other,
            f'a curve drifts within a bound; "{other}" is not known for one',
            next_step='write drift = { bound = "0.2 %/a", source = "..." }',
        )
    return read_drift(inner, of)


def _not_negative(table: TomlTable, key: str, read: QuantityValue, *, next_step: str) -> float:
    if read.si < 0.0:
        raise table.error(key, f"the {key} is negative: {read.text}", next_step=next_step)
    return read.si


def _degrees_of_freedom(table: TomlTable) -> float:
    if not table.has("dof"):
        return math.inf
    dof = table.number("dof")
    if dof < 1.0:
        raise table.error("dof", f"dof is {dof:g}, below 1", next_step="correct it or leave it out")
    return dof


def _walk(table: TomlTable, of: Kind) -> tuple[float | None, bool, str]:
    """Return the variance per s of a random walk, from its deviation after a time."""
    if not table.has("random_walk"):
        if table.has("after"):
            raise table.error(
                "after",
                '"after" belongs to a random walk',
                next_step='add random_walk = "...": its standard deviation after that time',
            )
        return None, False, ""
    deviation, relative = _amount(table, "random_walk", of, DIMENSIONLESS, what="after a time")
    size = _not_negative(
        table, "random_walk", deviation, next_step="give its standard deviation after the time"
    )
    after = positive(table, "after", dimension=kind("duration").dimension, like="a duration")
    return size * size / after.si, relative, f"{deviation.text} after {after.text}"


def read_coefficients(
    table: TomlTable, of: Kind, stated: Mapping[str, str]
) -> tuple[CoefficientDraft, ...]:
    """Read `conditions_coefficient` of a result: how it changes inside a calibrated range.

    Args:
        table: A [[result]] table.
        of: Kind of the result.
        stated: Its calibrated conditions; each with a coefficient is a range that holds the
            calibrated point `at`.

    Raises:
        InputError: A condition that is not stated as a range, or a point outside it.
        UnitError: A unit other than that of the result per that of the condition.
    """
    return tuple(
        _coefficient(inner, name, of, stated)
        for name, inner in table.named_tables("conditions_coefficient").items()
    )


def _coefficient(
    table: TomlTable, name: str, of: Kind, stated: Mapping[str, str]
) -> CoefficientDraft:
    if name not in CONDITION_KINDS:
        raise table.error(
            "",
            f'"{name}" is no condition with a coefficient',
            next_step="choose one of: " + ", ".join(sorted(CONDITION_KINDS)),
        )
    condition = kind(CONDITION_KINDS[name])
    if RANGE_MARK not in stated.get(name, ""):
        raise table.error(
            "",
            f"the conditions of the result do not state {name} as a range",
            next_step=f'write conditions = {{ {name} = "low .. high" }}, inside which the '
            "coefficient holds",
        )
    at = quantity(table, "at", dimension=condition.dimension, like=condition.title)
    low, high = (parse_quantity(part.strip()) for part in stated[name].split(RANGE_MARK, 1))
    if not low.si <= at.si <= high.si:
        raise table.error(
            "at", f"{at.text} lies outside the calibrated range {stated[name]}",
            next_step="correct the point or the range",
        )  # fmt: skip
    slope, relative = _amount(table, "value", of, condition.dimension, what=f"per {name}")
    u, u_relative = _amount(table, "u", of, condition.dimension, what=f"per {name}")
    if u_relative is not relative:
        raise InputError(
            "one of value and u is a part of the value, the other an amount",
            where=str(table.place("u")),
            next_step="write both in the same way",
        )
    draft = CoefficientDraft(
        condition=name,
        at=table.entered("at"),
        per=condition.unit,
        slope=slope.si,
        u_slope=_not_negative(table, "u", u, next_step="give a standard uncertainty"),
        text=slope.text,
        relative=relative,
        source=table.text("source"),
    )
    table.finish()
    return draft
