"""Monte Carlo by blocks until the figures stand still, or by a given number of draws.

Inside: `block_size`, `block_seed`, `draw_block`, `adaptive_figure`, `fixed_figure`,
`draw_figure`.

Block b draws from a seed made of the root seed and b alone, so that neither the order of the
blocks nor their number changes what is in one. At least ten blocks are drawn: with the two that
the first supplement asks for, two figures that are equal by luck end the run.
Source: JCGM 101:2008, 7.9; JCGM 102:2011, 7.8.3 f (ten blocks); Wuebbeler et al., Metrologia 47
(2010) 317 (erratic stopping).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from qtrace.errors import InputError
from qtrace.uncertainty.coverage_interval import OutsideDomainError, check_probability
from qtrace.uncertainty.domain import CountedDraws, draw_chain_counting
from qtrace.uncertainty.drawn_figure import (
    BlockFigures,
    DrawnFigure,
    DrawPlan,
    block_figures,
    figure_of,
    has_moments,
    standard_errors,
    tolerance_of,
)
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.network import Network

LEAST_BLOCK = 10_000
DRAWS_BEYOND = 100.0  # expected outside the interval in one block
CEILING_NOISE = 1e-12  # 100 / (1 - 0.95) is 2000.0000000000018
FIXED_PARTS = 10  # a run of fixed length is cut so, only to see how sure its figures are
BEYOND_IN_PART = 2.0  # expected outside the interval in one such part, at least


def block_size(coverage_probability: float) -> int:
    """Return the number M of draws in a block: max(J, 10^4), J the least integer >= 100/(1 - p).

    Raises:
        InputError: p does not lie between 0 and 1.

    Source: JCGM 101:2008, 7.9.4 b.
    """
    check_probability(coverage_probability)
    least = DRAWS_BEYOND / (1.0 - coverage_probability)
    return max(math.ceil(least * (1.0 - CEILING_NOISE)), LEAST_BLOCK)


def block_seed(root: int, block: int) -> int:
    """Return the seed of a block, a 128-bit number made of the root seed and the block's number.

    Raises:
        InputError: root seed or block number below zero.
    """
    if root < 0 or block < 0:
        raise InputError(f"a seed and a block number are not negative: {root}, {block}")
    words = np.random.SeedSequence(root, spawn_key=(block,)).generate_state(4, np.uint32)
    return sum(int(word) << (32 * place) for place, word in enumerate(words))


def draw_block(
    network: Network,
    result_id: int,
    block: int,
    *,
    plan: DrawPlan,
    seed: int,
    functions: Mapping[str, ModelFunction],
) -> CountedDraws:
    """Return the draws of one block; they depend on root seed and block number only.

    Raises:
        InputError: seed or block number below zero.
        IntegrityError: the network is incomplete, or a metric's function is not at hand.
    """
    return draw_chain_counting(
        network,
        [result_id],
        n=block_size(plan.coverage_probability),
        seed=block_seed(seed, block),
        functions=functions,
    )


def _counted_figures(
    counted: CountedDraws, result_id: int, *, parts: int, plan: DrawPlan
) -> list[BlockFigures]:
    """Return the figures of equal parts of draws; a refusal tells what the models said."""
    values = counted.draws.values[result_id]
    try:
        return [block_figures(part, plan) for part in np.array_split(values, parts)]
    except OutsideDomainError as refusal:
        if not counted.reasons:
            raise
        said = f"{refusal.what} ({counted.reasons[0]})"
        raise OutsideDomainError(said, next_step=refusal.next_step) from None


def adaptive_figure(
    network: Network,
    result_id: int,
    *,
    plan: DrawPlan,
    seed: int,
    functions: Mapping[str, ModelFunction],
) -> DrawnFigure:
    """Draw blocks until 2 s of estimate, u and both ends is no larger than the tolerance.

    Where an input leaves no moments, median and ends alone are judged, against the tolerance of
    the half-width over the normal k. The figures are those of all draws, not averages of blocks.

    Args:
        network: Holds the result and all ancestors.
        result_id: The result.
        plan: Probability, kind of interval, digits, and where to give up.
        seed: Root seed, not negative.
        functions: "metric_id@version" to function, for function models.

    Returns:
        The figure; `stabilised` is False, and a note says so, where `most_draws` were not
        enough. At least `least_blocks` are drawn, whatever `most_draws` says.

    Raises:
        InputError: fewer than two blocks asked for.
        OutsideDomainError: too many draws have no value.
        IntegrityError: the network is incomplete, or a metric's function is not at hand.

    Source: JCGM 101:2008, 7.9.4.
    """
    if plan.least_blocks < 2:
        raise InputError("an adaptive run compares blocks: two are the least, ten are advised")
    most = max(plan.least_blocks, plan.most_draws // block_size(plan.coverage_probability))
    counted: list[CountedDraws] = []
    blocks: list[BlockFigures] = []
    while len(blocks) < most:
        drawn = draw_block(
            network, result_id, len(blocks), plan=plan, seed=seed, functions=functions
        )
        counted.append(drawn)
        blocks += _counted_figures(drawn, result_id, parts=1, plan=plan)
        if len(blocks) < plan.least_blocks:
            continue
        moments = has_moments(drawn, result_id)
        errors = standard_errors(blocks, moments=moments)
        if 2.0 * errors.largest() <= tolerance_of(blocks, plan, moments=moments):
            break
    return figure_of(counted, result_id, blocks=blocks, plan=plan, seed=seed, adapted=True)


def fixed_figure(
    network: Network,
    result_id: int,
    *,
    n: int,
    plan: DrawPlan,
    seed: int,
    functions: Mapping[str, ModelFunction],
) -> DrawnFigure:
    """Draw n times, as `draw_chain` with that seed; ten parts say how sure the figures are.

    Args:
        network: Holds the result and all ancestors.
        result_id: The result.
        n: Number of draws; each tenth of them must be able to place the ends.
        plan: Probability and kind of interval; digits for the tolerance.
        seed: Seed of the draws, not negative.
        functions: "metric_id@version" to function, for function models.

    Raises:
        InputError: too few draws, or a negative seed.
        OutsideDomainError: too many draws have no value.
        IntegrityError: the network is incomplete, or a metric's function is not at hand.

    Source: JCGM 101:2008, 7.2 to 7.7.
    """
    p = plan.coverage_probability
    check_probability(p)
    least = FIXED_PARTS * math.ceil(BEYOND_IN_PART / (1.0 - p) * (1.0 - CEILING_NOISE))
    if n < least:
        raise InputError(
            f"{n} draws cannot place the ends of a {p:g} interval and say how sure they are",
            next_step=f"draw at least {least}; {block_size(p)} or more are advised",
        )
    if seed < 0:
        raise InputError(f"a seed is not negative: {seed}")
    counted = draw_chain_counting(network, [result_id], n=n, seed=seed, functions=functions)
    blocks = _counted_figures(counted, result_id, parts=FIXED_PARTS, plan=plan)
    return figure_of([counted], result_id, blocks=blocks, plan=plan, seed=seed, adapted=False)


def draw_figure(
    network: Network,
    result_id: int,
    *,
    n: int,
    plan: DrawPlan,
    seed: int,
    functions: Mapping[str, ModelFunction],
) -> DrawnFigure:
    """Draw n times, or, where n is 0, until the figures are stable.

    Raises:
        InputError: as for `fixed_figure` and `adaptive_figure`.
        IntegrityError: the network is incomplete, or a metric's function is not at hand.
    """
    if n == 0:
        return adaptive_figure(network, result_id, plan=plan, seed=seed, functions=functions)
    return fixed_figure(network, result_id, n=n, plan=plan, seed=seed, functions=functions)
