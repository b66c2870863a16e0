"""Where U of a linear propagation must not be stated: few counts, levels, bent models, bounds.

Inside: `StatedInterval`, `interval_instead_of_u`, `interval_within_bounds`,
`posterior_within_bounds`.

A result with few counts behind it, with a level converted at a large u, or with a bent model that
draws leave, is given with the interval of draws; its U is refused with the reason. Where x +- U
crosses a physical bound the bounded interval stands beside it, and the estimate stays as measured.
Source: JCGM 101:2008, 7.7 (intervals from draws); DESIGN rules named in `uncertainty.few_counts`
and `traceability.level_conversion`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from qtrace.laboratory.curve_names import FIT_COEFFICIENT
from qtrace.laboratory.figure_flags import U_REFUSED
from qtrace.quantity.kinds import KINDS, Kind
from qtrace.quantity.units import has_level, parse_unit
from qtrace.traceability.chain import Dossier
from qtrace.traceability.level_conversion import level_conversion
from qtrace.uncertainty.bounded import BOUNDED_METHOD, bounded_interval
from qtrace.uncertainty.coverage_interval import OutsideDomainError, symmetric_interval
from qtrace.uncertainty.domain import draw_chain_counting
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.few_counts import FEW, counted, few_count_inputs
from qtrace.uncertainty.inputs import Distribution
from qtrace.uncertainty.network import ancestors, input_sensitivities
from qtrace.uncertainty.results import Argument

INTERVAL_DRAWS = 100_000  # resolves a 95 % quantile to about 1 % of u
INTERVAL_SEED = 20_230_101
LEAST_DRAWS = 10_000  # inside the bounds: fewer place the ends of 95 % by 3 % of u or worse
CONVERTING = "_ratio"  # in the names of all functions between levels and ratios


@dataclass(frozen=True, slots=True)
class StatedInterval:
    """An interval (low, high, p) in SI units, its method, and why U is refused if it is.

    `interval` is None where U is refused and draws place none either; the method says why.
    """

    interval: tuple[float, float, float] | None
    method: str
    reason: str = ""


def _refusal(dossier: Dossier, result_id: int) -> str:
    """Return why the linear U of a result must not be stated, "" where it may."""
    few = few_count_inputs(dossier.network, result_id)
    if few:
        named = ", ".join(
            f"{one.name} ({found.count:g})" for one in few if (found := counted(one)) is not None
        )
        return f"rests on fewer than {FEW} counts: {named}"
    left = [
        dossier.results[one].label
        for one in ancestors(dossier.network, [result_id])
        if any(flag.endswith(U_REFUSED) for flag in dossier.results[one].flags)
    ]
    if left:
        return f"first order does not hold for the model of {', '.join(left)}"
    converted = [
        dossier.results[one].label
        for one in ancestors(dossier.network, [result_id])
        if CONVERTING in dossier.network.result(one).model.text
        and level_conversion(dossier.network, one, _levels(dossier, one))
    ]
    return f"a level is converted with a large u in {', '.join(converted)}" if converted else ""


def _unit_of(dossier: Dossier, argument: Argument) -> str:
    if argument.parent_id is not None:
        return dossier.results[argument.parent_id].unit
    return dossier.network.quantity(argument.input_id or 0).unit


def _levels(dossier: Dossier, result_id: int) -> frozenset[str]:
    """Return the names of the arguments of a result that are levels, from their units."""
    return frozenset(
        one.name
        for one in dossier.network.result(result_id).arguments
        if has_level(parse_unit(_unit_of(dossier, one)).dimension)
    )


def interval_instead_of_u(
    dossier: Dossier,
    result_id: int,
    *,
    coverage_probability: float,
    functions: Mapping[str, ModelFunction],
) -> StatedInterval | None:
    """Return the interval that stands in place of U, None where U may be stated.

    Args:
        dossier: Network and records.
        result_id: The result.
        coverage_probability: p of the interval.
        functions: "metric_id@version" to function.

    Source: JCGM 101:2008, 7.7.2 (probabilistically symmetric interval).
    """
    reason = _refusal(dossier, result_id)
    if not reason:
        return None
    recorded = dossier.results[result_id]
    if recorded.interval is not None:
        return StatedInterval(recorded.interval, recorded.interval_method, reason)
    counted_draws = draw_chain_counting(
        dossier.network, [result_id], n=INTERVAL_DRAWS, seed=INTERVAL_SEED, functions=functions
    )
    method = f"Monte Carlo, {INTERVAL_DRAWS} draws, seed {INTERVAL_SEED}"
    try:
        found = symmetric_interval(counted_draws.draws.values[result_id], coverage_probability)
    except OutsideDomainError as refusal:
        return StatedInterval(None, f"{method}: none ({refusal.what})", reason)
    lost = counted_draws.outside[result_id]
    if lost:
        method += f"; {lost} of them leave the domain of the model and count as outside"
    return StatedInterval((found.low, found.high, coverage_probability), method, reason)


def interval_within_bounds(
    dossier: Dossier,
    result_id: int,
    *,
    standard_uncertainty: float,
    expanded_uncertainty: float,
    degrees_of_freedom: float,
    coverage_probability: float,
    functions: Mapping[str, ModelFunction],
) -> StatedInterval | None:
    """Return the interval within the bounds of the kind, None where x +- U keeps within them.

    Where an input is neither normal nor t its shape is known, and may keep within the bounds
    itself: then draws are cut to the bounds, not a normal distribution of the same u.

    Args:
        dossier: Network and records.
        result_id: The result.
        standard_uncertainty: u, in SI units.
        expanded_uncertainty: U, in SI units.
        degrees_of_freedom: Of u.
        coverage_probability: p.
        functions: "metric_id@version" to function.

    Source: as for `bounded_interval`.
    """
    kind = _bounded_kind(dossier, result_id)
    if kind is None or standard_uncertainty == 0.0:
        return None
    value = dossier.network.result(result_id).value
    if not _crosses(kind, value - expanded_uncertainty, value + expanded_uncertainty):
        return None
    if not _all_normal(dossier, result_id):
        return _cut_draws(
            dossier, result_id, kind, coverage_probability=coverage_probability, functions=functions
        )
    found = bounded_interval(
        value,
        standard_uncertainty,
        lower=kind.lower,
        upper=kind.upper,
        coverage_probability=coverage_probability,
        degrees_of_freedom=degrees_of_freedom,
    )
    if found is None:
        return None
    return StatedInterval((found.low, found.high, coverage_probability), BOUNDED_METHOD)


def posterior_within_bounds(
    dossier: Dossier,
    result_id: int,
    instead: StatedInterval,
    *,
    coverage_probability: float,
    functions: Mapping[str, ModelFunction],
) -> StatedInterval | None:
    """Return draws cut to the bounds, beside an interval in place of U that crosses them.

    Args:
        dossier: Network and records.
        result_id: The result.
        instead: The interval that stands in place of U.
        coverage_probability: p.
        functions: "metric_id@version" to function.
    """
    kind = _bounded_kind(dossier, result_id)
    if kind is None or instead.interval is None or not _crosses(kind, *instead.interval[:2]):
        return None
    return _cut_draws(
        dossier, result_id, kind, coverage_probability=coverage_probability, functions=functions
    )


def _bounded_kind(dossier: Dossier, result_id: int) -> Kind | None:
    """Return the kind whose bounds hold for a result; a coefficient of a fit is none of it."""
    if dossier.network.result(result_id).model.text == FIT_COEFFICIENT:
        return None
    return KINDS.get(dossier.results[result_id].measurand.kind)


def _crosses(kind: Kind, low: float, high: float) -> bool:
    below = kind.lower is not None and low < kind.lower
    return below or (kind.upper is not None and high > kind.upper)


def _all_normal(dossier: Dossier, result_id: int) -> bool:
    """Return whether every input behind a result that has an uncertainty is normal or t."""
    found = input_sensitivities(dossier.network, result_id)
    quantities = [dossier.network.quantity(one) for one, c in found.items() if c != 0.0]
    return all(
        one.standard_uncertainty == 0.0 or one.distribution in {Distribution.NORMAL, Distribution.T}
        for one in quantities
    )


def _cut_draws(
    dossier: Dossier,
    result_id: int,
    kind: Kind,
    *,
    coverage_probability: float,
    functions: Mapping[str, ModelFunction],
) -> StatedInterval | None:
    """Return the interval of the draws that lie within the bounds, None where hardly any do."""
    drawn = draw_chain_counting(
        dossier.network, [result_id], n=INTERVAL_DRAWS, seed=INTERVAL_SEED, functions=functions
    ).draws.values[result_id]
    low = -math.inf if kind.lower is None else kind.lower
    high = math.inf if kind.upper is None else kind.upper
    inside = drawn[(drawn >= low) & (drawn <= high)]
    if len(inside) < LEAST_DRAWS:
        return None
    found = symmetric_interval(inside, coverage_probability)
    method = f"{BOUNDED_METHOD}: {len(inside)} of {INTERVAL_DRAWS} draws, seed {INTERVAL_SEED}"
    return StatedInterval((found.low, found.high, coverage_probability), method)
