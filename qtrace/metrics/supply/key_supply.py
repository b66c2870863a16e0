"""Key supply against demand: outcome, head-room, buffer times, each sum with its reasons.

Inside: `SupplyOutcome`, `Supply`, `Store`, `UseShare`, `Times`, `Balance`, `net_supply`, `weigh`.

A supply is what a link certifies per total wall time, net of what it spends itself. Anything less
is a doubt, is said, and never gives MET; it may well give NOT_MET, since doubts only lessen it.
Source: sums and quotients; demand as in `qtrace.metrics.supply.key_use`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qtrace.errors import InputError
from qtrace.metrics.supply.key_use import (
    MOST_MESSAGES_PER_KEY,
    Cipher,
    DemandPart,
    KeyUse,
    demand_parts,
    messages_per_key,
)

# Of sums of rates; what is equal but for rounding is equal.
_ROUNDING = 1e-12


class SupplyOutcome(StrEnum):
    """The words of `qtrace.standards.finding.Outcome` that a balance can have."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    WITHIN_GUARD_BAND = "WITHIN_GUARD_BAND"  # demand is met, the margin is not
    NOT_EVALUABLE = "NOT_EVALUABLE"  # would be met, if the doubts were removed


@dataclass(frozen=True, slots=True)
class Supply:
    """Bits per second of wall time, where they come from, and why they may be fewer.

    `block_s` is how long a block of key takes, where it comes in blocks.
    """

    bits_per_s: float
    origin: str
    doubts: tuple[str, ...] = ()
    block_s: float | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """Key in store at the start, and how long the store is to last without supply."""

    stored_bits: float = 0.0
    bridge_s: float = 0.0


@dataclass(frozen=True, slots=True)
class UseShare:
    """One use: its demand, and how much of it the supply covers.

    `alone` is the share that the whole supply would cover, at most 1; `covered` the one left by
    the uses before it, in the order of the file. `shortest_period_s` is the shortest period of
    rekeying that the whole supply carries, where all demand is rekeying.
    """

    use: KeyUse
    parts: tuple[DemandPart, ...]
    demand_bits_per_s: float
    required_bits_per_s: float
    alone: float
    covered: float
    outcome: SupplyOutcome
    shortest_period_s: float | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Times:
    """What the store means in time; None where it never happens.

    `without_supply_s`: how long the store lasts alone. `until_empty_s`: how long with a supply
    that is too small. `bridge_bits`: what the wanted bridge takes; `until_bridge_s`: how long
    filling the store up to it takes. `block_bits`: what is used while one block is made.
    """

    without_supply_s: float
    until_empty_s: float | None
    bridge_bits: float
    until_bridge_s: float | None
    block_bits: float | None


@dataclass(frozen=True, slots=True)
class Balance:
    """Demand against supply; rates in bit/s of both directions together."""

    supply: Supply
    store: Store
    uses: tuple[UseShare, ...]
    forward_bits_per_s: float
    back_bits_per_s: float
    demand_bits_per_s: float
    required_bits_per_s: float
    head_room_bits_per_s: float  # supply less demand with margins; below 0 where it lacks
    cover: float  # supply over demand
    outcome: SupplyOutcome
    if_confirmed: SupplyOutcome  # the outcome that the numbers alone would have
    times: Times


def net_supply(
    length_bits: float, wall_time_s: float, *, spent_bits: float = 0.0
) -> tuple[float, tuple[str, ...]]:
    """Return bits per second of wall time, clamped at 0, with a line where that is so.

    Args:
        length_bits: Certified length, unclamped, in bits.
        wall_time_s: All time that it took, in s: with aborted blocks, dead and calibration time.
        spent_bits: Key that the link spent in that time on authentication and verification.

    Raises:
        InputError: a time that is not above zero, or spent key below zero.

    Source: definition of a net figure, (length - spent) / wall time.
    """
    if not 0.0 < wall_time_s < math.inf or not 0.0 <= spent_bits < math.inf:
        raise InputError(
            f"{wall_time_s:g} s of wall time and {spent_bits:g} bit spent give no rate",
            where="supply",
            next_step="give the whole time, above zero, and the key spent, not below zero",
        )
    net = max(length_bits, 0.0) - spent_bits
    if length_bits <= 0.0:
        return 0.0, (f"no key: the length is {length_bits:.6g} bit before it is set to 0",)
    if net <= 0.0:
        return 0.0, (f"no key is left: {length_bits:.6g} bit made, {spent_bits:.6g} bit spent",)
    return net / wall_time_s, ()


def weigh(supply: Supply, uses: Sequence[KeyUse], *, store: Store) -> Balance:
    """Return the balance of demand and supply.

    Args:
        supply: Bits per second of wall time, shared by both directions.
        uses: In the order in which they are served where not all can be.
        store: Key in store, and the time to bridge.

    Raises:
        InputError: no use; a use that consumes nothing or does not say what is needed; a supply
            or store below zero.
    """
    if not uses:
        raise InputError(
            "no use of key is given", where="uses", next_step="describe one in [[use]]"
        )
    numbers = (supply.bits_per_s, store.stored_bits, store.bridge_s)
    if not all(0.0 <= one < math.inf for one in numbers):
        raise InputError(
            "a supply, a store or a time to bridge is below zero or not finite",
            where="supply",
            next_step="a link without key supplies 0 bit/s",
        )
    shares = []
    left = supply.bits_per_s
    for use in uses:
        share = _share(use, supply, left)
        shares.append(share)
        left = max(left - share.required_bits_per_s, 0.0)
    parts = [part for one in shares for part in one.parts]
    demand = math.fsum(one.demand_bits_per_s for one in shares)
    required = math.fsum(one.required_bits_per_s for one in shares)
    numbers_say = _outcome(supply.bits_per_s, demand, required)
    return Balance(
        supply,
        store,
        tuple(shares),
        math.fsum(part.forward_bits_per_s for part in parts),
        math.fsum(part.back_bits_per_s for part in parts),
        demand,
        required,
        supply.bits_per_s - required,
        supply.bits_per_s / demand,
        _doubted(numbers_say, supply),
        numbers_say,
        _times(supply, store, demand),
    )


def _share(use: KeyUse, supply: Supply, left: float) -> UseShare:
    parts = demand_parts(use)
    demand = math.fsum(part.bits_per_s for part in parts)
    required = demand * (1.0 + use.margin)
    replaced = math.fsum(part.bits_per_s * (part.period_s or 0.0) for part in parts)
    only_rekeying = all(part.period_s is not None for part in parts)
    shortest = replaced / supply.bits_per_s if only_rekeying and supply.bits_per_s else None
    return UseShare(
        use,
        parts,
        demand,
        required,
        min(1.0, supply.bits_per_s / demand),
        min(1.0, left / demand),
        _doubted(_outcome(left, demand, required), supply),
        shortest,
        _notes(use),
    )


def _outcome(supply: float, demand: float, required: float) -> SupplyOutcome:
    if supply < demand * (1.0 - _ROUNDING):
        return SupplyOutcome.NOT_MET
    if supply < required * (1.0 - _ROUNDING):
        return SupplyOutcome.WITHIN_GUARD_BAND
    return SupplyOutcome.MET


def _doubted(outcome: SupplyOutcome, supply: Supply) -> SupplyOutcome:
    """A doubtful supply can show that key lacks, never that there is enough."""
    if supply.doubts and outcome is not SupplyOutcome.NOT_MET:
        return SupplyOutcome.NOT_EVALUABLE
    return outcome


def _notes(use: KeyUse) -> tuple[str, ...]:
    notes = []
    if use.protection.cipher is Cipher.AES_256:
        notes.append("AES-256 rests on an assumption about computing, whatever its keys come from")
    served = messages_per_key(use)
    if served is not None:
        period = use.protection.rekey_s * MOST_MESSAGES_PER_KEY / served
        choice = (
            "too many"
            if served > MOST_MESSAGES_PER_KEY
            else f"reached after {period:.3g} s, sooner keys are a choice"
        )
        notes.append(
            f"{served:.6g} messages under one key; with drawn nonces a key serves "
            f"{MOST_MESSAGES_PER_KEY:.3g} (SP 800-38D): {choice}"
        )
    return tuple(notes)


def _times(supply: Supply, store: Store, demand: float) -> Times:
    spare = supply.bits_per_s - demand
    bridge = demand * store.bridge_s
    lacking = bridge - store.stored_bits
    fill: float | None = None
    if lacking <= 0.0:
        fill = 0.0
    elif spare > 0.0:
        fill = lacking / spare
    return Times(
        store.stored_bits / demand,
        store.stored_bits / -spare if spare < 0.0 else None,
        bridge,
        fill,
        demand * supply.block_s if supply.block_s is not None else None,
    )
