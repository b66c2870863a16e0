"""What a path offers: key over trusted nodes, a difference of clocks, a swapped pair.

Inside: `KeyHop`, `ClockHop`, `PairHop`, `KeyOffer`, `ClockOffer`, `PairOffer`, `key_offer`,
`clock_offer`, `pair_offer`.

Every figure that is missing on one hop is missing on the path: nothing absent counts as zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from qtrace.metrics.network.paths import Edge
from qtrace.metrics.trusted import Untrusted
from qtrace.physics.states.swapping import (
    swap_werner,
    swap_werner_gradient,
    teleported_fidelity,
)
from qtrace.physics.states.swapping_worst import least_swapped_fidelity

MUST_BE_TRUSTED = "it holds the key in the clear while it relays it"
SWAPPING_NEED_NOT = (
    "a node that swaps holds no key: it only announces outcomes, and a false one lowers the "
    "fidelity that the ends can test; a key from the pairs needs a proof of its own"
)
SEPARABLE = 0.5  # fidelity above which a pair is entangled whatever it is; no Werner pair is below
SURE = 2.0  # standard uncertainties that the least fidelity must lie above it


@dataclass(frozen=True, slots=True)
class KeyHop:
    """Key of one link; `untrusted` are parts inside it that need not be trusted.

    `shown` says that a proof chosen beforehand stands for it; nothing declared is shown.
    """

    edge: Edge
    rate_bits_per_s: float | None
    epsilon: float | None
    untrusted: tuple[Untrusted, ...] = ()
    doubts: tuple[str, ...] = ()
    shown: bool = False


@dataclass(frozen=True, slots=True)
class ClockHop:
    """Second clock less first, in s; `result_id` where a recorded result stands behind it.

    `deviations` are TDEV in s by averaging time in s.
    """

    edge: Edge
    offset_s: float
    standard_uncertainty_s: float | None
    result_id: int | None = None
    deviations: Mapping[float, float] = field(default_factory=dict)
    epoch: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairHop:
    """Fidelity of the pairs of one link; `result_id` where a recorded result stands behind it."""

    edge: Edge
    fidelity: float
    standard_uncertainty: float | None
    doubts: tuple[str, ...] = ()
    result_id: int | None = None


@dataclass(frozen=True, slots=True)
class KeyOffer:
    """Key from end to end; `trusted_nodes` hold it in the clear on the way.

    `not_shown` are the links whose key no proof bears; empty where the path is categorical.
    """

    path: tuple[str, ...]
    links: tuple[str, ...]
    rate_bits_per_s: float | None
    epsilon: float | None
    limited_by: str
    trusted_nodes: tuple[str, ...]
    untrusted: tuple[tuple[str, str, str], ...]
    doubts: tuple[str, ...]
    not_shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockOffer:
    """Last clock less first, in s; `as_independent_s` is u without what the hops share.

    `deviations` are those of independent hops, `deviations_at_most` of any.
    """

    path: tuple[str, ...]
    links: tuple[str, ...]
    offset_s: float
    standard_uncertainty_s: float | None
    as_independent_s: float | None
    deviations: tuple[tuple[float, float], ...]
    limited_by: str
    doubts: tuple[str, ...]
    deviations_at_most: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class PairOffer:
    """A pair from end to end after ideal swaps; `teleported` is the average fidelity by it.

    `fidelity` is that of Werner pairs, `fidelity_at_least` of any pairs of these fidelities.
    `entangled` is what is certain: that least one is above 1/2 by twice its u.
    """

    path: tuple[str, ...]
    links: tuple[str, ...]
    fidelity: float
    standard_uncertainty: float | None
    teleported: float
    entangled: bool
    limited_by: str
    swapping_nodes: tuple[str, ...]
    doubts: tuple[str, ...]
    entangled_if_werner: bool = False
    fidelity_at_least: float = 0.0
    as_independent: float | None = None


def key_offer(path: tuple[str, ...], hops: Sequence[KeyHop]) -> KeyOffer:
    """Return the key that a path relays, one hop's key hidden by the next one's.

    Args:
        path: Its nodes.
        hops: Its links, in order.

    Source: a relay by one-time pad uses up one bit of each hop, so the least rate stays; epsilons
        of composed keys add (union bound): Mueller-Quade and Renner, NJP 11, 085006 (2009), from
        memory.
    """
    rates = [one.rate_bits_per_s for one in hops]
    known = [one for one in rates if one is not None]
    epsilons = [one.epsilon for one in hops if one.epsilon is not None]
    slowest = next((one for one in hops if one.rate_bits_per_s is None), None) or min(
        hops, key=lambda one: one.rate_bits_per_s or 0.0
    )
    return KeyOffer(
        path,
        tuple(one.edge.link_id for one in hops),
        min(known) if len(known) == len(hops) else None,
        math.fsum(epsilons) if len(epsilons) == len(hops) else None,
        slowest.edge.link_id,
        path[1:-1],
        tuple((one.edge.link_id, x.part, x.reason) for one in hops for x in one.untrusted),
        _doubts(hops),
        tuple(one.edge.link_id for one in hops if not one.shown),
    )


def clock_offer(
    path: tuple[str, ...],
    hops: Sequence[ClockHop],
    *,
    u_recorded: Callable[[Mapping[int, float]], float],
) -> ClockOffer:
    """Return the difference of the clocks at both ends.

    Args:
        path: Its nodes.
        hops: Its links, in order.
        u_recorded: From weights of recorded results to u of their sum, shared ancestors kept.

    Returns:
        Offsets added with their signs; u from the covariance of recorded results, declared ones
        independent of everything; TDEV in quadrature at the averaging times that all hops have,
        and beside it their sum, which no noise exceeds, shared or not.

    Source: JCGM 100:2008 (GUM), Eq. 13; TDEV is a root of a mean square, so variances of
        independent processes add, and that of a sum of any is at most
        the sum (Minkowski).
    """
    signs = [
        1.0 if one.edge.nodes[0] == node else -1.0
        for one, node in zip(hops, path[:-1], strict=True)
    ]
    us = [one.standard_uncertainty_s for one in hops]
    stated = [u for u in us if u is not None]
    total = independent = None
    if len(stated) == len(hops):
        independent = math.hypot(*stated)
        weights: dict[int, float] = {}
        declared = [0.0]
        for one, sign, u in zip(hops, signs, stated, strict=True):
            if one.result_id is None:
                declared.append(u)
            else:
                weights[one.result_id] = weights.get(one.result_id, 0.0) + sign
        total = math.hypot(u_recorded(weights) if weights else 0.0, *declared)
    worst = next((one for one in hops if one.standard_uncertainty_s is None), None) or max(
        hops, key=lambda one: one.standard_uncertainty_s or 0.0
    )
    times = set(hops[0].deviations).intersection(*(one.deviations for one in hops))
    doubts = list(_doubts(hops))
    epochs = {one.epoch for one in hops}
    if len(hops) > 1 and len(epochs) > 1:
        doubts.append("epochs differ: what the clocks drifted in between is in no figure here")
    return ClockOffer(
        path,
        tuple(one.edge.link_id for one in hops),
        math.fsum(sign * one.offset_s for one, sign in zip(hops, signs, strict=True)),
        total,
        independent,
        tuple((tau, math.hypot(*(one.deviations[tau] for one in hops))) for tau in sorted(times)),
        worst.edge.link_id,
        tuple(doubts),
        tuple((tau, math.fsum(one.deviations[tau] for one in hops)) for tau in sorted(times)),
    )


def pair_offer(
    path: tuple[str, ...],
    hops: Sequence[PairHop],
    *,
    u_recorded: Callable[[Mapping[int, float]], float],
) -> PairOffer:
    """Return the pair that ideal swaps at all nodes between leave, by the model of Werner.

    Args:
        path: Its nodes.
        hops: Its links, in order.
        u_recorded: As for `clock_offer`.

    Returns:
        u from the covariance of recorded results, and parts of declared ones added linearly, as
        nothing says what they share; the least fidelity whatever the pairs are.

    Source: GUM Eq. 13 and 5.2.2, note 1 (all correlated: linear sum); a pair is entangled where
        its fidelity with a Bell state is above 1/2: Horodecki et al., PRA 60, 1888 (1999).
    """
    fidelities = [one.fidelity for one in hops]
    total = float(swap_werner(fidelities))
    least = least_swapped_fidelity(fidelities)
    stated = [u for one in hops if (u := one.standard_uncertainty) is not None]
    u = alone = None
    if len(stated) == len(hops):
        slopes = [float(one) for one in swap_werner_gradient(fidelities)]
        alone = math.hypot(*(c * one for c, one in zip(slopes, stated, strict=True)))
        u = _correlated(hops, stated, slopes, u_recorded=u_recorded)
    return PairOffer(
        path,
        tuple(one.edge.link_id for one in hops),
        total,
        u,
        float(teleported_fidelity(total)),
        # The least fidelity changes by no more than that of a link does: slopes of 1 at most.
        len(stated) == len(hops) and least - SURE * math.fsum(stated) > SEPARABLE,
        min(hops, key=lambda one: one.fidelity).edge.link_id,
        path[1:-1],
        _doubts(hops),
        total > SEPARABLE,
        least,
        alone,
    )


def _correlated(
    hops: Sequence[PairHop],
    stated: Sequence[float],
    slopes: Sequence[float],
    *,
    u_recorded: Callable[[Mapping[int, float]], float],
) -> float:
    """Return u of recorded parts with what they share, declared ones added as if they shared all.

    Two hops on one recorded result are one input.
    """
    weights: dict[int, float] = {}
    declared = []
    for one, u, slope in zip(hops, stated, slopes, strict=True):
        if one.result_id is None:
            declared.append(abs(slope) * u)
        else:
            weights[one.result_id] = weights.get(one.result_id, 0.0) + slope
    return (u_recorded(weights) if weights else 0.0) + math.fsum(declared)


def _doubts(hops: Sequence[KeyHop] | Sequence[ClockHop] | Sequence[PairHop]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(f"{one.edge.link_id}: {text}" for one in hops for text in one.doubts)
    )
