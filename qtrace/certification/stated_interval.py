"""Where U of a linear propagation must not be stated: few counts, levels converted, bounds.

Inside: `StatedInterval`, `interval_instead_of_u`, `interval_within_bounds`.

A result with few counts behind it, or with a level converted at a large u, is given with the
interval of draws of its posterior; its U is refused with the reason. Where x +- U crosses a
physical bound the bounded interval stands beside it, and the estimate stays as measured.
Source: JCGM 101:2008, 7.7 (intervals from draws); DESIGN rules named in `uncertainty.few_counts`
and `traceability.level_conversion`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qtrace.quantity.kinds import KINDS
from qtrace.quantity.units import has_level, parse_unit
from qtrace.traceability.chain import Dossier
from qtrace.traceability.level_conversion import level_conversion
from qtrace.uncertainty.bounded import BOUNDED_METHOD, bounded_interval
from qtrace.uncertainty.coverage_interval import OutsideDomainError, symmetric_interval
from qtrace.uncertainty.domain import draw_chain_counting
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.few_counts import FEW, counted, few_count_inputs
from qtrace.uncertainty.network import ancestors
from qtrace.uncertainty.results import Argument

INTERVAL_DRAWS = 100_000  # resolves a 95 % quantile to about 1 % of u
INTERVAL_SEED = 20_230_101
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
) -> StatedInterval | None:
    """Return the interval within the bounds of the kind, None where x +- U keeps within them.

    Args:
        dossier: Network and records.
        result_id: The result.
        standard_uncertainty: u, in SI units.
        expanded_uncertainty: U, in SI units.
        degrees_of_freedom: Of u.
        coverage_probability: p.

    Source: as for `bounded_interval`.
    """
    kind = KINDS.get(dossier.results[result_id].measurand.kind)
    if kind is None or standard_uncertainty == 0.0:
        return None
    value = dossier.network.result(result_id).value
    below = kind.lower is not None and value - expanded_uncertainty < kind.lower
    above = kind.upper is not None and value + expanded_uncertainty > kind.upper
    if not (below or above):
        return None
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
