"""Propagation of distributions through a whole chain, from the leaves.

Inside: `Draws`, `draw_chain`, `MonteCarloSummary`, `summarize`, `uniforms`.

Raw 64-bit words of PCG64 are mapped by our own inverse distribution functions and by the one
symmetric root of each correlation matrix, so that a seed names the same draws on every machine.
Finite degrees of freedom draw a t; an ensemble shares one chi-square with the degrees of freedom
of its sample, as the Welch-Satterthwaite formula takes them. Points whose correlation is not
stated are drawn at the bound for one result, independently for several.
Source: JCGM 101:2008, clauses 6.4, 7; 6.4.9.2 (scaled and shifted t); JCGM 102:2011, 5.3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtr, ndtri

from qtrace.errors import InputError
from qtrace.uncertainty.correlation import connected_parts
from qtrace.uncertainty.drawn_curve import draw_curve, is_drawn_curve
from qtrace.uncertainty.evaluation import ModelFunction, evaluate_arrays
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock, Distribution
from qtrace.uncertainty.network import Network, ancestors
from qtrace.uncertainty.quantiles import quantile
from qtrace.uncertainty.results import MODEL_NONLINEARITY, UNCORRECTED_BIAS, ModelKind, Result
from qtrace.uncertainty.unknown import NOT_STATED, unknown_parts, worst_signs

Array = NDArray[np.float64]
MOMENT_DOF = 2.0  # a t with two or fewer degrees of freedom has no variance
ZERO_EIGENVALUE = 1e-13  # per row: below this an eigenvalue is noise, and its root would not be
BIT_GENERATOR = "PCG64"
AT_BOUND = "drawn at the bound"
AS_INDEPENDENT = "drawn as independent"
TRANSFORMS = "inverse distribution functions of 52-bit uniforms, symmetric roots"


def uniforms(source: np.random.PCG64, n: int) -> Array:
    """Return n numbers inside (0, 1), ends excluded, from the upper 52 bits of raw words.

    With 53 bits the largest would round to 1, where quantiles are infinite.
    """
    raw = np.asarray(source.random_raw(n), dtype=np.uint64)
    return ((raw >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def _root(matrix: Array) -> Array:
    """Return the symmetric square root: unlike an eigenvector it does not depend on the library."""
    values, vectors = np.linalg.eigh(matrix)
    kept = np.where(values > len(matrix) * ZERO_EIGENVALUE, values, 0.0)
    root: Array = (vectors * np.sqrt(kept)) @ vectors.T
    return root


def _draw_part(
    network: Network,
    block: CorrelationBlock,
    part: tuple[int, ...],
    *,
    source: np.random.PCG64,
    n: int,
) -> dict[int, Array]:
    """Draw inputs of a block together: Gaussian copula, or a joint t for an ensemble."""
    matrix = block.correlation[np.ix_(part, part)]
    normal = _root(matrix) @ np.stack([ndtri(uniforms(source, n)) for _ in part])
    ids = [block.input_ids[position] for position in part]
    quantities = [network.quantity(input_id) for input_id in ids]
    if block.kind is BlockKind.DECLARED:
        return {
            input_id: quantile(quantity, ndtr(row))
            for input_id, quantity, row in zip(ids, quantities, normal, strict=True)
        }
    nu = block.degrees_of_freedom
    if math.isfinite(nu):
        normal = normal * np.sqrt(nu / chdtri(nu, uniforms(source, n)))
    return {
        input_id: np.asarray(quantity.estimate + quantity.standard_uncertainty * row)
        for input_id, quantity, row in zip(ids, quantities, normal, strict=True)
    }


def _draw_at_bound(
    network: Network, signs: Mapping[int, float], *, source: np.random.PCG64, n: int
) -> dict[int, Array]:
    """Draw each unknown block fully correlated, falling where the sign is negative."""
    drawn: dict[int, Array] = {}
    for block in network.blocks if signs else ():
        members = [i for i in block.input_ids if i in signs]
        if members:
            p = uniforms(source, n)
            for i in members:
                drawn[i] = quantile(network.quantity(i), p if signs[i] > 0.0 else 1.0 - p)
    return drawn


def _draw_inputs(
    network: Network,
    needed: Sequence[int],
    *,
    signs: Mapping[int, float],
    source: np.random.PCG64,
    n: int,
) -> dict[int, Array]:
    """Draw all needed inputs in the order of their ids, blocks at their first member.

    A declared matrix is drawn in its connected parts; an ensemble is one sample and never cut.
    Points of unknown correlation are drawn with their `signs`, those without independently.
    """
    drawn = _draw_at_bound(network, signs, source=source, n=n)
    for input_id in sorted(needed):
        if input_id in drawn:
            continue
        place = network.block_place(input_id)
        if place is None or network.blocks[place[0]].kind is BlockKind.UNKNOWN:
            drawn[input_id] = quantile(network.quantity(input_id), uniforms(source, n))
            continue
        block = network.blocks[place[0]]
        whole = block.kind is BlockKind.ENSEMBLE
        parts = [tuple(range(len(block.input_ids)))] if whole else None
        for part in parts or connected_parts(block.correlation):
            if len(part) == 1 and not whole:
                lone = block.input_ids[part[0]]
                drawn[lone] = quantile(network.quantity(lone), uniforms(source, n))
            else:
                drawn.update(_draw_part(network, block, part, source=source, n=n))
    return drawn


def _unstated(network: Network, result_ids: Sequence[int]) -> tuple[dict[int, float], str]:
    """Return the signs with which unknown blocks are drawn, and what was assumed in words."""
    wanted = dict.fromkeys(result_ids)
    if not any(unknown_parts(network, one) for one in wanted):
        return {}, ""
    if len(wanted) > 1:
        return {}, f"{NOT_STATED}: {AS_INDEPENDENT}"
    return worst_signs(network, result_ids[0]), f"{NOT_STATED}: {AT_BOUND}"


def _evaluate(
    network: Network,
    result: Result,
    *,
    inputs: Mapping[int, Array],
    results: Mapping[int, Array],
    functions: Mapping[str, ModelFunction],
) -> Array:
    """Evaluate one stored model on drawn arguments."""
    values: dict[str, Array] = {}
    estimates: dict[str, float] = {}
    linear: Array | float = result.value
    for argument in result.of_model:
        if argument.parent_id is not None:
            drawn = results[argument.parent_id]
            estimate = network.result(argument.parent_id).value
        else:
            drawn = inputs[argument.input_id or 0]
            estimate = network.quantity(argument.input_id or 0).estimate
        values[argument.name], estimates[argument.name] = drawn, estimate
        if result.model.kind is ModelKind.LINEAR:
            linear = linear + argument.sensitivity * (drawn - estimate)
    if is_drawn_curve(result.model):
        return draw_curve(result, estimates, values)
    if result.model.kind is ModelKind.LINEAR:
        return np.asarray(linear, dtype=np.float64)
    drawn = evaluate_arrays(result.model, values, functions=functions)
    for argument in result.beside_model:
        if argument.name == UNCORRECTED_BIAS:  # the draws show for themselves what bends
            bias = argument.input_id or 0
            drawn = drawn + argument.sensitivity * (inputs[bias] - network.quantity(bias).estimate)
    return drawn


def _lowest_degrees_of_freedom(network: Network, result_id: int) -> float:
    """Return the smallest degrees of freedom with which a t is drawn behind a result."""
    lowest = math.inf
    for one in ancestors(network, [result_id]):
        for argument in network.result(one).arguments:
            if argument.input_id is None:
                continue
            quantity = network.quantity(argument.input_id)
            place = network.block_place(argument.input_id)
            if quantity.standard_uncertainty == 0.0:
                continue
            if place is not None and network.blocks[place[0]].kind is BlockKind.ENSEMBLE:
                lowest = min(lowest, network.blocks[place[0]].degrees_of_freedom)
            elif quantity.distribution in {Distribution.NORMAL, Distribution.T}:
                lowest = min(lowest, quantity.degrees_of_freedom)
    return lowest


@dataclass(frozen=True, slots=True)
class Draws:
    """Joint draws of results, each of shape (n,), with how they were made.

    `lowest_degrees_of_freedom` holds, per result, the smallest with which a t was drawn behind
    it: at 2 or below the result has no variance. `assumed` says what was assumed of correlations
    that no certificate states, empty where all are known.
    """

    values: Mapping[int, Array]
    n: int
    seed: int
    lowest_degrees_of_freedom: Mapping[int, float]
    bit_generator: str = BIT_GENERATOR
    transforms: str = TRANSFORMS
    assumed: str = ""


def draw_chain(
    network: Network,
    result_ids: Sequence[int],
    *,
    n: int,
    seed: int,
    functions: Mapping[str, ModelFunction],
) -> Draws:
    """Re-run all models above the given results, in recording order, on joint draws.

    Args:
        network: Holds the results and all ancestors.
        result_ids: Results wanted.
        n: Number of draws, at least 2.
        seed: Seed of the PCG64 bit generator.
        functions: "metric_id@version" to function, for function models.

    Returns:
        Draws of the wanted results; they keep every correlation of the chain. A seed names
        the same draws only for the same set of results. Where a correlation is not stated, one
        result is drawn at its bound (contributions add, as its u says); several are drawn as
        if independent, since no joint distribution can be at the bound of each.

    Raises:
        InputError: fewer than two draws.
        IntegrityError: the network is incomplete, or a metric's function is not at hand.

    Source: JCGM 101:2008, 7.2 to 7.4.
    """
    if n < 2:
        raise InputError(f"{n} draws say nothing of a distribution", next_step="draw 10000 or more")
    source = np.random.PCG64(seed)
    order = ancestors(network, result_ids)
    needed = {
        argument.input_id
        for result_id in order
        for argument in network.result(result_id).arguments
        if argument.input_id is not None and argument.name != MODEL_NONLINEARITY
    }
    signs, assumed = _unstated(network, result_ids)
    inputs = _draw_inputs(network, sorted(needed), signs=signs, source=source, n=n)
    results: dict[int, Array] = {}
    for result_id in order:
        drawn = _evaluate(
            network, network.result(result_id), inputs=inputs, results=results, functions=functions
        )
        results[result_id] = np.broadcast_to(drawn, (n,))
    return Draws(
        {i: results[i] for i in result_ids},
        n,
        seed,
        {i: _lowest_degrees_of_freedom(network, i) for i in result_ids},
        assumed=assumed,
    )


@dataclass(frozen=True, slots=True)
class MonteCarloSummary:
    """What the draws say of one result, in SI units.

    `standard_uncertainty` and `mean` are None where an input with two or fewer degrees of
    freedom leaves no moment; the median and the interval then speak alone, and `note` says so.
    """

    median: float
    mean: float | None
    standard_uncertainty: float | None
    low: float
    high: float
    coverage_probability: float
    n: int
    seed: int
    note: str = ""


def summarize(
    draws: Draws, result_id: int, *, coverage_probability: float = 0.95
) -> MonteCarloSummary:
    """Return the probabilistically symmetric interval and, where they exist, the moments.

    Args:
        draws: Joint draws from `draw_chain`.
        result_id: One of its results.
        coverage_probability: Probability of the interval, between 0 and 1.

    Raises:
        InputError: the probability is none, too few draws lie beyond the interval to place its
            ends, or the model has no finite value for some draws.

    Source: JCGM 101:2008, 7.6 (estimate, u), 7.7 (interval); a t with nu <= 2 has no variance.
    """
    if not 0.0 < coverage_probability < 1.0:
        raise InputError(f"a coverage probability lies between 0 and 1, not {coverage_probability}")
    values = draws.values[result_id]
    tail = (1.0 - coverage_probability) / 2.0
    if draws.n * tail < 1.0:
        raise InputError(
            f"{draws.n} draws cannot place the ends of a {coverage_probability:g} interval",
            next_step=f"draw at least {math.ceil(100.0 / tail)}",
        )
    lost = int(np.count_nonzero(~np.isfinite(values)))
    if lost:
        raise InputError(
            f"the model has no finite value for {lost} of {draws.n} draws",
            next_step="an input reaches values where the model does not hold; state the result "
            "by an exact interval, or give the input a distribution that stays inside",
        )
    low, median, high = (float(v) for v in np.quantile(values, [tail, 0.5, 1.0 - tail]))
    lowest = draws.lowest_degrees_of_freedom[result_id]
    moments = lowest > MOMENT_DOF
    notes = [draws.assumed] if draws.assumed else []
    if not moments:
        notes.append(
            f"an input has {lowest:g} degrees of freedom: its t has no variance, so quantiles only"
        )
    return MonteCarloSummary(
        median,
        float(np.mean(values)) if moments else None,
        float(np.std(values, ddof=1)) if moments else None,
        low,
        high,
        coverage_probability,
        draws.n,
        draws.seed,
        "; ".join(notes),
    )
