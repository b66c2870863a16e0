"""A chain of links joined by swaps: what is left from end to end, and which link costs most.

Inside: `follow_chain`.
A MODEL: Bell-diagonal links, memories and measurements that add Pauli errors independently. For
swaps whose results are all used, other states of the same weights give the same fidelity.
Source: formulas of `qtrace.physics.states`; Bell-diagonal elements are exact without
post-selection: arXiv:2509.16689 [abstract read]; u by GUM Eq. 13.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.metrics.teleportation.chain_records import (
    Chain,
    ChainLink,
    ChainOutcome,
    ChainRates,
    Figure,
    LinkShare,
    NodeShare,
)
from qtrace.physics.states.memory import memory_weights
from qtrace.physics.states.swapping import (
    IDEAL_MEASUREMENT,
    PHI_PLUS,
    convolve,
    measurement_error,
    swap_chain,
    teleported_fidelity,
)
from qtrace.physics.states.swapping_chain import (
    basis_visibilities,
    check_efficiency,
    largest_chsh,
    mean_waits_attempts,
    rate_with_memory,
    rate_without_memory,
)

Array = NDArray[np.float64]
ENTANGLED = 0.5  # a Bell-diagonal pair is entangled where one weight exceeds it


def follow_chain(chain: Chain) -> ChainOutcome:
    """Return what a chain leaves from end to end.

    Args:
        chain: Links in order, one node fewer.

    Returns:
        Figures with u where every link states one, shares of the links, rates where stated.

    Raises:
        InputError: No link, nodes that do not fit, a memory without a waiting time.

    Source: `swap_chain`; memories and measurements are convolutions, too, so that each link's
        coefficient is exact.
    """
    _check(chain)
    rates = _rates(chain)
    waits = _waits(chain, rates)
    stored = [_stored(one, wait) for one, wait in zip(chain.links, waits, strict=True)]
    errors = [measurement_error(one.error) for one in chain.nodes]
    pieces = [
        convolve(np.array(one.weights), memory)
        for one, memory in zip(chain.links, stored, strict=True)
    ]
    end = swap_chain(pieces, errors)
    slopes = [
        convolve(convolve(_direction(one), stored[k]), _rest(pieces, errors, k))
        for k, one in enumerate(chain.links)
    ]
    shares = tuple(
        _share(chain, k, waits[k], pieces=pieces, errors=errors, slope=float(slope[PHI_PLUS]))
        for k, slope in enumerate(slopes)
    )
    limiting = max(shares, key=lambda one: one.loss)
    known = None if any(one.u_fidelity is None for one in chain.links) else chain.links
    linear = [float(slope[PHI_PLUS]) for slope in slopes]
    fidelity = Figure(float(end[PHI_PLUS]), _u(known, linear))
    mean = (4.0 * fidelity.value - 1.0) / 3.0
    return ChainOutcome(
        chain,
        shares,
        _node_shares(chain, pieces, errors, float(end[PHI_PLUS])),
        tuple(float(one) for one in end),
        fidelity,
        _u(known, linear, shared=False),
        Figure(mean, _scaled(fidelity.u, 4.0 / 3.0)),
        Figure((1.0 - mean) / 2.0, _scaled(fidelity.u, 2.0 / 3.0)),
        Figure(largest_chsh(end), _u(known, [_chsh_slope(end, one) for one in slopes])),
        Figure(float(teleported_fidelity(fidelity.value)), _scaled(fidelity.u, 2.0 / 3.0)),
        basis_visibilities(end),
        bool(end[PHI_PLUS] > ENTANGLED),
        limiting.link_id,
        rates,
        _notes(chain, end, rates),
    )


def _share(
    chain: Chain,
    k: int,
    wait_s: float,
    *,
    pieces: Sequence[Array],
    errors: Sequence[Array],
    slope: float,
) -> LinkShare:
    one = chain.links[k]
    end = swap_chain(pieces, errors)
    return LinkShare(
        one.link_id,
        one.fidelity,
        wait_s,
        float(pieces[k][PHI_PLUS]),
        float(swap_chain(pieces[: k + 1], errors[:k])[PHI_PLUS]),
        float(_rest(pieces, errors, k)[PHI_PLUS] - end[PHI_PLUS]),
        slope,
        None if one.u_fidelity is None else abs(slope) * one.u_fidelity,
        one.tag,
    )


def _check(chain: Chain) -> None:
    if not chain.links:
        raise InputError("the chain has no link", where="link", next_step="write [[link]]")
    if len(chain.nodes) != len(chain.links) - 1:
        raise InputError(
            f"{len(chain.links)} links are joined by {len(chain.links) - 1} Bell-state "
            f"measurements, not by {len(chain.nodes)}",
            where="node",
            next_step="write one [[node]] for each place between two links",
        )
    for node in chain.nodes:
        if node.efficiency is not None:
            check_efficiency(node.efficiency, node.method)


def _rates(chain: Chain) -> ChainRates | None:
    success = [one.success for one in chain.links if one.success is not None]
    passed = [one.efficiency for one in chain.nodes if one.efficiency is not None]
    if (
        chain.attempts_per_s is None
        or len(success) < len(chain.links)
        or len(passed) < len(chain.nodes)
    ):
        return None
    each = chain.attempts_per_s
    return ChainRates(
        rate_without_memory(each, success, passed),
        rate_with_memory(each, success, passed),
        tuple(one / each for one in mean_waits_attempts(success)),
    )


def _waits(chain: Chain, rates: ChainRates | None) -> list[float]:
    waits = []
    for k, one in enumerate(chain.links):
        decays = min(one.dephasing_time_s, one.depolarising_time_s) < math.inf
        if one.wait_s is None and decays and rates is None:
            raise InputError(
                f"link {one.link_id} has a memory, but nothing says how long it waits",
                where=f"link {one.link_id}: wait",
                next_step="write wait, or attempts, success and efficiency for the mean wait",
            )
        taken = rates.mean_waits_s[k] if one.wait_s is None and decays and rates else one.wait_s
        waits.append(taken or 0.0)
    return waits


def _stored(one: ChainLink, wait_s: float) -> Array:
    memory = IDEAL_MEASUREMENT
    for _ in range(one.stored_qubits):
        memory = convolve(
            memory,
            memory_weights(
                wait_s,
                dephasing_time_s=one.dephasing_time_s,
                depolarising_time_s=one.depolarising_time_s,
            ),
        )
    return memory


def _direction(one: ChainLink) -> Array:
    """Return d(weights) / d(fidelity): the other weights keep their proportions."""
    others = np.array(one.weights)
    others[PHI_PLUS] = 0.0
    missing = float(others.sum())
    share = others / missing if missing > 0.0 else np.array([0.0, 1.0, 1.0, 1.0]) / 3.0
    return IDEAL_MEASUREMENT - share


def _rest(pieces: Sequence[Array], errors: Sequence[Array], k: int) -> Array:
    whole = IDEAL_MEASUREMENT
    for one in (*pieces[:k], *pieces[k + 1 :], *errors):
        whole = convolve(whole, one)
    return whole


def _node_shares(
    chain: Chain, pieces: Sequence[Array], errors: Sequence[Array], fidelity: float
) -> tuple[NodeShare, ...]:
    found = []
    for k, node in enumerate(chain.nodes):
        without = [IDEAL_MEASUREMENT if j == k else one for j, one in enumerate(errors)]
        loss = float(swap_chain(pieces, without)[PHI_PLUS]) - fidelity
        found.append(NodeShare(node.node_id, node.method.value, node.error, node.efficiency, loss))
    return tuple(found)


def _u(
    links: Sequence[ChainLink] | None, slopes: Sequence[float], *, shared: bool = True
) -> float | None:
    """Return u of a figure with those slopes; the shared parts of one calibration add linearly.

    Source: GUM Eq. 13: own parts in quadrature, common ones as (sum of c u)^2.
    """
    if links is None:
        return None
    variance = 0.0
    common: dict[str, float] = {}
    for one, slope in zip(links, slopes, strict=True):
        u = one.u_fidelity or 0.0
        part = one.u_shared if shared and one.calibration else 0.0
        variance += slope**2 * max(u**2 - part**2, 0.0)
        common[one.calibration] = common.get(one.calibration, 0.0) + slope * part
    return math.sqrt(variance + math.fsum(one * one for one in common.values()))


def _scaled(u: float | None, factor: float) -> float | None:
    return None if u is None else u * factor


def _chsh_slope(end: Array, slope: Array) -> float:
    """Return dS along a change of the weights: S = 2 sqrt(a^2 + b^2)."""
    pairs = zip(basis_visibilities(end), basis_visibilities(slope), strict=True)
    (a, da), (b, db) = sorted(pairs, key=lambda one: -abs(one[0]))[:2]
    size = math.hypot(a, b)
    return 2.0 * (a * da + b * db) / size if size > 0.0 else 0.0


def _notes(chain: Chain, end: Array, rates: ChainRates | None) -> tuple[str, ...]:
    notes = ["a model: Bell-diagonal links, independent errors; nothing was measured end to end"]
    if chain.provenance != "measured":
        notes.append(f"DEMONSTRATION: the figures of the links are {chain.provenance}")
    if any(one.u_fidelity is None for one in chain.links):
        lacking = ", ".join(one.link_id for one in chain.links if one.u_fidelity is None)
        notes.append(f"no u from end to end: none is stated for {lacking}")
    if any(one.fidelity < 0.25 for one in chain.links):
        notes.append("a link has less of phi+ than white noise (F < 1/4): a state, but check it")
    if end[PHI_PLUS] <= ENTANGLED < float(np.max(end)):
        notes.append("entangled after a local rotation: another Bell state has more than 1/2")
    notes.append("coherence times, waits and parts of wrong results are taken as exact")
    if rates is None:
        notes.append(
            "no rates: they need attempts, success of every link, efficiency of every node"
        )
    else:
        notes.append(
            "rates: all links try at once; swaps when all are there, all begin again on failure; "
            "no multiplexing, cut-off, distillation, nor travel of heralds beyond the attempts"
        )
    if any(one.wait_s is None and one.stored_qubits for one in chain.links):
        notes.append("mean waits from the rates: decay at the mean wait, not averaged over waits")
    return tuple(notes)
