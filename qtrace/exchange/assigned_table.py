"""Distributions that a file assigns by limits or by counts, in an `[input.NAME]` table.

Inside: `AssignedInput`, `read_assigned`, `SHAPE_KEYS`.
Source: JCGM 100:2008 (GUM), 4.3.4 to 4.3.9; JCGM 101:2008, 6.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.exchange.quantity_fields import positive, quantity, same_dimension
from qtrace.exchange.toml_table import TomlTable
from qtrace.quantity.kinds import kind
from qtrace.quantity.units import DIMENSIONLESS, ONE, parse_unit
from qtrace.quantity.value import QuantityValue
from qtrace.uncertainty.distributions import (
    JEFFREYS_COUNTS,
    JEFFREYS_PROPORTION,
    UNIFORM_COUNTS,
    UNIFORM_PROPORTION,
    Prior,
    TypeB,
    beta_proportion,
    curvilinear_trapezoid,
    exponential,
    gamma_counts,
    normal_interval,
    rectangular,
    trapezoidal,
    triangular,
    u_shaped,
)
from qtrace.uncertainty.inputs import Distribution

_LIMITS = ("half_width", "lower", "upper")
_PRIOR = ("prior", "prior_a", "prior_b", "prior_source")
# Fields that belong to some distributions only.
_KEYS: Mapping[Distribution, tuple[str, ...]] = MappingProxyType(
    {
        Distribution.NORMAL: _LIMITS,
        Distribution.T: _LIMITS,
        Distribution.RECTANGULAR: _LIMITS,
        Distribution.TRIANGULAR: _LIMITS,
        Distribution.U_SHAPED: _LIMITS,
        Distribution.TRAPEZOIDAL: (*_LIMITS, "top_half_width"),
        Distribution.CURVILINEAR_TRAPEZOID: (*_LIMITS, "half_width_uncertainty"),
        Distribution.EXPONENTIAL: ("lower", "upper"),
        Distribution.GAMMA: ("counts", "time", *_PRIOR),
        Distribution.BETA: ("successes", "trials", *_PRIOR),
        Distribution.TRUNCATED_NORMAL: ("lower", "upper"),
    }
)
SHAPE_KEYS: tuple[str, ...] = tuple(
    dict.fromkeys(key for keys in _KEYS.values() for key in (*keys, "p"))
)
_INTERVALS = (Distribution.NORMAL, Distribution.T)
_NAMES = {"half_width": "a half-width"}


@dataclass(frozen=True, slots=True)
class AssignedInput:
    """A value with the distribution that the table assigns to it."""

    value: QuantityValue
    assigned: TypeB
    flags: tuple[str, ...] = ()


def read_assigned(
    table: TomlTable, distribution: Distribution, *, degrees_of_freedom: float
) -> AssignedInput | None:
    """Read an input whose u follows from limits or counts; None where it is stated otherwise.

    Args:
        table: The table [input.NAME].
        distribution: What it says of the distribution.
        degrees_of_freedom: Of the table; infinite where it says nothing.

    Raises:
        InputError: A field that does not belong to the distribution, limits that cross, counts
            that are none; with its place.
    """
    _refuse_foreign(table, distribution)
    match distribution:
        case Distribution.GAMMA:
            return _counted(table)
        case Distribution.BETA:
            return _proportion(table)
        case Distribution.EXPONENTIAL:
            return _one_sided(table)
        case Distribution.TRUNCATED_NORMAL:
            return None
        case _ if any(table.has(key) for key in _LIMITS):
            return _limited(table, distribution, degrees_of_freedom)
        case Distribution.TRAPEZOIDAL | Distribution.CURVILINEAR_TRAPEZOID:
            raise table.error(
                "half_width",
                f'the distribution "{distribution.value}" has no limits',
                next_step='add half_width = "...", or lower and upper',
            )
        case _:
            return None


def _refuse_foreign(table: TomlTable, distribution: Distribution) -> None:
    """Refuse a field that belongs to other distributions, and say to which."""
    own = _KEYS.get(distribution, ())
    for key in table.keys:
        if key in SHAPE_KEYS and key not in {*own, "p"}:
            fitting = [f'"{one.value}"' for one, keys in _KEYS.items() if key in keys]
            what = _NAMES.get(key, f'"{key}"')
            raise table.error(
                key,
                f'{what} does not belong to the distribution "{distribution.value}"',
                next_step=f"write distribution = {' or '.join(fitting)}",
            )


def _placed(table: TomlTable, key: str, assign: Callable[[], TypeB]) -> TypeB:
    """Assign a distribution; errors get the place of the field that is to blame."""
    try:
        return assign()
    except InputError as error:
        raise table.error(key, error.what, next_step=error.next_step) from None


def _limited(
    table: TomlTable, distribution: Distribution, degrees_of_freedom: float
) -> AssignedInput:
    """Read x +- half-width, or lower and upper; the value may then be left out."""
    if table.has("half_width"):
        for key in ("lower", "upper"):
            if table.has(key):
                raise table.error(
                    key,
                    f'the limits are stated twice: "half_width" and "{key}"',
                    next_step="keep the half-width, or both limits",
                )
        value = quantity(table, "value")
        half, key = same_dimension(table, "half_width", value=value), "half_width"
        if half.si < 0.0:
            what = f"the uncertainty is negative: {half.text}"
            raise table.error(key, what, next_step="correct the number")
        width = half.si
    else:
        value, width = _between(table)
        key = "upper"
    return AssignedInput(
        value,
        _limited_shape(
            table, distribution, value, width=width, key=key, degrees_of_freedom=degrees_of_freedom
        ),
    )


def _between(table: TomlTable) -> tuple[QuantityValue, float]:
    """Return the middle of lower and upper, and the half-width in SI."""
    lower = quantity(table, "lower")
    upper = same_dimension(table, "upper", value=lower, of="lower")
    if lower.si > upper.si:
        raise table.error(
            "upper",
            f"the lower limit {lower.text} is above the upper limit {upper.text}",
            next_step="swap or correct the limits",
        )
    middle, half = lower.si / 2.0 + upper.si / 2.0, upper.si / 2.0 - lower.si / 2.0
    if not table.has("value"):
        return QuantityValue(middle, lower.unit, f"{lower.text} .. {upper.text}"), half
    value = same_dimension(table, "value", value=lower, of="lower")
    if not math.isclose(value.si, middle, rel_tol=1e-12, abs_tol=1e-9 * half):
        raise table.error(
            "value",
            f"the value {value.text} is not in the middle of {lower.text} and {upper.text}",
            next_step="leave the value out: the middle is taken; or state half_width",
        )
    return value, half


def _limited_shape(
    table: TomlTable,
    distribution: Distribution,
    value: QuantityValue,
    *,
    width: float,
    key: str,
    degrees_of_freedom: float,
) -> TypeB:
    """Return the distribution within limits, or of an interval with its probability."""
    x = value.si
    if distribution in _INTERVALS:
        if not table.has("p"):
            raise table.error(
                key,
                f"{_NAMES.get(key, 'an interval')} does not belong to the distribution "
                f'"{distribution.value}" without its probability p',
                next_step="add p = 0.95, or p = 0.5 for even odds; or write distribution = "
                '"rectangular", "triangular", "trapezoidal" or "u_shaped"',
            )
        p = positive(table, "p", dimension=DIMENSIONLESS).si
        dof = degrees_of_freedom
        return _placed(
            table, "p", lambda: normal_interval(x, width, probability=p, degrees_of_freedom=dof)
        )
    if table.has("p"):
        raise table.error(
            "p",
            f'limits of the distribution "{distribution.value}" hold all of it; p says otherwise',
            next_step='leave p out, or write distribution = "normal"',
        )
    if distribution is Distribution.TRAPEZOIDAL:
        top = same_dimension(table, "top_half_width", value=value)
        return _placed(
            table, "top_half_width", lambda: trapezoidal(x, width, top_half_width=top.si)
        )
    if distribution is Distribution.CURVILINEAR_TRAPEZOID:
        slack = same_dimension(table, "half_width_uncertainty", value=value)
        return _placed(
            table,
            "half_width_uncertainty",
            lambda: curvilinear_trapezoid(x, width, half_width_uncertainty=slack.si),
        )
    return {
        Distribution.RECTANGULAR: rectangular,
        Distribution.TRIANGULAR: triangular,
        Distribution.U_SHAPED: u_shaped,
    }[distribution](x, width)


def _one_sided(table: TomlTable) -> AssignedInput:
    """Read an exponential: the expected value and the one bound that is known."""
    value = quantity(table, "value")
    keys = [key for key in ("lower", "upper") if table.has(key)]
    if len(keys) != 1:
        raise table.error(
            keys[1] if keys else "lower",
            'the distribution "exponential" has one bound',
            next_step='add lower = "...", or upper = "..."',
        )
    bound = same_dimension(table, keys[0], value=value)
    if bound.si >= value.si if keys[0] == "lower" else bound.si <= value.si:
        raise table.error(
            keys[0],
            f"the {keys[0]} bound {bound.text} is not {'below' if keys[0] == 'lower' else 'above'} "
            f"the value {value.text}",
            next_step="correct the bound; the value is the mean that is expected",
        )
    return AssignedInput(
        value, _placed(table, keys[0], lambda: exponential(value.si, bound=bound.si))
    )


def _counted(table: TomlTable) -> AssignedInput:
    """Read a number of events, in a time or as such; the value follows."""
    _refuse_value(table, "counts")
    counts = table.integer("counts", least=0)
    prior = _prior(table, JEFFREYS_COUNTS, UNIFORM_COUNTS)
    if table.has("time"):
        time = positive(table, "time", dimension=kind("duration").dimension)
        assigned = _placed(
            table, "prior", lambda: gamma_counts(counts, exposure=time.si, prior=prior)
        )
        value = QuantityValue(assigned.estimate, parse_unit("/s"), f"{counts} in {time.text}")
    else:
        assigned = _placed(table, "prior", lambda: gamma_counts(counts, prior=prior))
        value = QuantityValue(assigned.estimate, ONE, str(counts))
    return AssignedInput(value, assigned, (_posterior_flag(prior),))


def _proportion(table: TomlTable) -> AssignedInput:
    """Read k successes of n trials; the value follows."""
    _refuse_value(table, "successes")
    successes, trials = table.integer("successes", least=0), table.integer("trials", least=1)
    if successes > trials:
        raise table.error(
            "successes",
            f"{successes} successes are more than {trials} trials",
            next_step="check which count is which",
        )
    prior = _prior(table, JEFFREYS_PROPORTION, UNIFORM_PROPORTION)
    assigned = _placed(table, "prior", lambda: beta_proportion(successes, trials, prior=prior))
    value = QuantityValue(assigned.estimate, ONE, f"{successes} of {trials}")
    return AssignedInput(value, assigned, (_posterior_flag(prior),))


def _posterior_flag(prior: Prior) -> str:
    return f"estimate and u are those of the posterior; prior: {prior.name}"


def _refuse_value(table: TomlTable, instead: str) -> None:
    if table.has("value"):
        raise table.error(
            "value",
            f'the value follows from "{instead}" here',
            next_step="leave the value out",
        )


def _prior(table: TomlTable, jeffreys: Prior, uniform: Prior) -> Prior:
    """Read the prior: a word, or declared parameters with where they come from."""
    word = table.one_of("prior", ("jeffreys", "uniform", "declared"), "jeffreys")
    if word != "declared":
        for key in _PRIOR[1:]:
            if table.has(key):
                raise table.error(
                    key,
                    f'"{key}" belongs to a declared prior',
                    next_step='write prior = "declared"',
                )
        return jeffreys if word == "jeffreys" else uniform
    a, b = table.number("prior_a"), table.number("prior_b")
    return Prior(a, b, f"declared ({table.text('prior_source')})")
