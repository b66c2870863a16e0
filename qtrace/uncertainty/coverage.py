"""Degrees of freedom, coverage factors and expanded uncertainty.

Inside: `VarianceComponent`, `variance_components`, `EffectiveDegrees`,
`effective_degrees_of_freedom`, `coverage_factor`, `ExpandedUncertainty`, `expand`.
Source: JCGM 100:2008 (GUM) Annex G; Willink, Metrologia 44 (2007) 340 (ensembles).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qtrace.errors import InputError
from qtrace.uncertainty.correlation import connected_parts
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock
from qtrace.uncertainty.network import Network, input_sensitivities
from qtrace.uncertainty.stated import unknown_correlation

TRUNCATION_SLACK = 1e-9  # relative: far above rounding, far below any stated number of degrees
NORMAL_FROM = 1e12  # t and normal quantiles agree to all digits from here


@dataclass(frozen=True, slots=True)
class VarianceComponent:
    """Independent part of a variance: the inputs behind it, its size, its dof.

    `degrees_of_freedom` is None where no formula holds; `reason` then says why.
    """

    input_ids: tuple[int, ...]
    variance: float
    degrees_of_freedom: float | None
    reason: str = ""


def variance_components(network: Network, result_id: int) -> list[VarianceComponent]:
    """Split u^2 of a result into mutually independent components at the leaf inputs.

    Declared matrices are first cut into connected parts, so that an input which is listed in
    a matrix but correlated with nothing keeps its own degrees of freedom. An ensemble is never
    cut: any linear combination of one sample's means has that sample's degrees of freedom,
    whatever its coefficients (Willink 2007). Points whose correlation is not stated are one
    component, of the variance that `standard_uncertainty` takes.
    """
    sensitivities = {i: c for i, c in input_sensitivities(network, result_id).items() if c != 0.0}
    components: list[VarianceComponent] = []
    for input_id in sorted(sensitivities):
        if network.block_place(input_id) is None:
            quantity = network.inputs[input_id]
            variance = (sensitivities[input_id] * quantity.standard_uncertainty) ** 2
            components.append(VarianceComponent((input_id,), variance, quantity.degrees_of_freedom))
    for block in network.blocks:
        if block.kind is BlockKind.UNKNOWN:
            components.append(_unstated_component(network, block, sensitivities))
            continue
        members = [k for k, i in enumerate(block.input_ids) if i in sensitivities]
        ensemble = block.kind is BlockKind.ENSEMBLE
        parts = [tuple(members)] if ensemble else connected_parts(block.correlation, members)
        for part in parts:
            ids = tuple(block.input_ids[k] for k in part)
            weights = np.array(
                [sensitivities[i] * network.inputs[i].standard_uncertainty for i in ids]
            )
            variance = float(weights @ block.correlation[np.ix_(part, part)] @ weights)
            components.append(_component(network, ids, max(0.0, variance), block=block))
    return [component for component in components if component.variance > 0.0]


def _component(
    network: Network, ids: tuple[int, ...], variance: float, *, block: CorrelationBlock
) -> VarianceComponent:
    """Give a connected part of a block its degrees of freedom, or the reason for none."""
    if block.kind is BlockKind.ENSEMBLE:
        return VarianceComponent(ids, variance, block.degrees_of_freedom)
    dofs = [network.inputs[i].degrees_of_freedom for i in ids]
    if len(ids) == 1:
        return VarianceComponent(ids, variance, dofs[0])
    if all(math.isinf(dof) for dof in dofs):
        return VarianceComponent(ids, variance, math.inf)
    names = ", ".join(network.inputs[i].name for i in ids)
    return VarianceComponent(
        ids,
        variance,
        None,
        f"inputs with finite degrees of freedom are declared correlated ({names}) "
        "without being one sample",
    )


def _unstated_component(
    network: Network, block: CorrelationBlock, sensitivities: Mapping[int, float]
) -> VarianceComponent:
    """Return the one component of points whose correlation is not stated, taken at the bound."""
    parts = {
        i: abs(sensitivities[i]) * network.inputs[i].standard_uncertainty
        for i in block.input_ids
        if i in sensitivities
    }
    ids = tuple(i for i, part in parts.items() if part > 0.0)
    variance = unknown_correlation(tuple(parts.values())).larger ** 2
    dofs = [network.inputs[i].degrees_of_freedom for i in ids]
    if len(ids) == 1:
        return VarianceComponent(ids, variance, dofs[0])
    if all(math.isinf(dof) for dof in dofs):
        return VarianceComponent(ids, variance, math.inf)
    names = ", ".join(network.inputs[i].name for i in ids)
    return VarianceComponent(
        ids,
        variance,
        None,
        f"inputs with finite degrees of freedom ({names}) correlate in a way that is not stated",
    )


@dataclass(frozen=True, slots=True)
class EffectiveDegrees:
    """Effective degrees of freedom, or None with the reason why no formula holds."""

    value: float | None
    reason: str = ""


def effective_degrees_of_freedom(network: Network, result_id: int) -> EffectiveDegrees:
    """Return the Welch-Satterthwaite degrees of freedom of a result.

    Applied to leaf inputs, ensembles taken together, never to correlated intermediate
    results.

    Source: GUM Eq. G.2b; Willink, Metrologia 44 (2007) 340.
    """
    components = variance_components(network, result_id)
    total = sum(component.variance for component in components)
    denominator = 0.0
    for component in components:
        degrees = component.degrees_of_freedom
        if degrees is None:
            return EffectiveDegrees(None, component.reason)
        if not degrees > 0.0:
            names = ", ".join(network.quantity(i).name for i in component.input_ids)
            return EffectiveDegrees(None, f"{names} has {degrees:g} degrees of freedom")
        denominator += (component.variance / total) ** 2 / degrees
    return EffectiveDegrees(math.inf if denominator == 0.0 else 1.0 / denominator)


def coverage_factor(coverage_probability: float, degrees_of_freedom: float) -> float:
    """Return the two-sided k for a probability, from t with truncated degrees of freedom.

    Args:
        coverage_probability: Between 0 and 1, e.g. 0.95.
        degrees_of_freedom: At least 1; truncated to the next lower integer.

    Raises:
        InputError: probability outside (0, 1) or less than one degree of freedom.

    Source: GUM G.3.2, G.4.1 (truncation), Table G.2.
    """
    from scipy.special import ndtri, stdtrit

    if not 0.0 < coverage_probability < 1.0:
        raise InputError(f"a coverage probability lies between 0 and 1, not {coverage_probability}")
    degrees = _truncated(degrees_of_freedom)
    if not degrees >= 1.0:
        raise InputError(
            f"no coverage factor exists for {degrees_of_freedom:.3g} degrees of freedom",
            next_step="take k from the Monte Carlo quantiles",
        )
    quantile = (1.0 + coverage_probability) / 2.0
    if degrees > NORMAL_FROM:
        return float(ndtri(quantile))
    return float(stdtrit(degrees, quantile))


def _truncated(degrees_of_freedom: float) -> float:
    """Return the next lower integer; 9 less a rounding error of the formula is 9."""
    if not math.isfinite(degrees_of_freedom):
        return degrees_of_freedom
    return float(math.floor(degrees_of_freedom * (1.0 + TRUNCATION_SLACK)))


@dataclass(frozen=True, slots=True)
class ExpandedUncertainty:
    """U = k u with everything that was needed to say so.

    `degrees_of_freedom` is the effective value before truncation, None where refused.
    `method` is 'Welch-Satterthwaite' or 'Monte Carlo'.
    """

    expanded_uncertainty: float
    coverage_factor: float
    coverage_probability: float
    degrees_of_freedom: float | None
    method: str
    note: str = ""


def expand(
    network: Network, result_id: int, u: float, *, coverage_probability: float = 0.95
) -> ExpandedUncertainty | None:
    """Return U of a result, or None where its k must come from Monte Carlo.

    Args:
        network: Holds the result and its ancestors.
        result_id: The result.
        u: Its combined standard uncertainty, in SI units.
        coverage_probability: p, 0.95 unless stated.

    Source: GUM 6.2.1, G.6.4.
    """
    degrees = effective_degrees_of_freedom(network, result_id)
    if degrees.value is None or _truncated(degrees.value) < 1.0:
        return None
    k = coverage_factor(coverage_probability, degrees.value)
    return ExpandedUncertainty(k * u, k, coverage_probability, degrees.value, "Welch-Satterthwaite")
