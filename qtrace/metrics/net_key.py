"""From certified blocks to a net figure: what a user of the key has, over the whole time.

Inside: `Block`, `NetKey`, `net_key`, `disclosed_bits`, `MEASURED_PER_RUN`.

Every block of a plan counts, aborted ones too: with no key, and with their time. The security
parameters of blocks add up. Key that is used up by authentication and verification is subtracted,
and what the published error counts of a live block tell. Anything else is a gross figure.
Source: union bound; composability, Portmann and Renner, RMP 94, 025008 (2022).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from qtrace.laboratory.figure_flags import disqualifying
from qtrace.laboratory.link import Run

AUTHENTICATION, VERIFICATION = "authentication_key", "verification_key"
# What may fail besides the proof itself; each adds to epsilon, and silence about it is said.
FAILURES = ("epsilon_authentication", "epsilon_randomness")
# Parameters of a run that are known only when it is over.
MEASURED_PER_RUN = frozenset(
    {
        "leak",
        AUTHENTICATION,
        VERIFICATION,
        "pulses",
        "pulses_message",
        "pulses_check_x",
        "pulses_check_z",
        "trials",
        "symbols",
        "symbols_estimation",
        "symbols_key",
        "discarded",
        "accidentals",
        "channel_transmittance",
        "channel_transmittance_u",
    }
)
LIVE = "live"


@dataclass(frozen=True, slots=True)
class Block:
    """One run of a plan: its certified bits (unclamped, None where there are none), its epsilon.

    `authentication_bits` and `verification_bits` are None where the run does not state them;
    `failures` are the probabilities of `FAILURES` that it does state.
    """

    run_id: str
    started: datetime
    ended: datetime
    aborted: bool
    certified_bits: float | None
    epsilon: float
    authentication_bits: float | None
    verification_bits: float | None
    disclosed_bits: float
    flags: tuple[str, ...] = ()
    failures: tuple[tuple[str, float], ...] = ()

    @property
    def key_bits(self) -> int:
        """Return the whole bits of key that the block gives, before anything is used up."""
        if self.aborted or self.certified_bits is None or self.certified_bits <= 0.0:
            return 0
        return math.floor(self.certified_bits)

    @property
    def used_bits(self) -> float:
        """Return the bits that the block itself used up."""
        stated = (self.authentication_bits, self.verification_bits)
        return sum(one for one in stated if one is not None) + self.disclosed_bits


@dataclass(frozen=True, slots=True)
class NetKey:
    """Totals over blocks. `net` is false where something is missing, `gross_because` says what.

    `rate_bit_per_s` is over the wall time from the first start to the last end, with all that
    lies between: aborted blocks, dead time, calibration.
    """

    blocks: int
    aborted: int
    certified_bits: int
    used_bits: float
    net_bits: float
    epsilon_sum: float
    wall_time_s: float
    run_time_s: float
    rate_bit_per_s: float
    net: bool
    gross_because: tuple[str, ...]
    not_in_epsilon: tuple[str, ...] = ()


def net_key(blocks: Sequence[Block], *, planned_blocks: int | None) -> NetKey:
    """Return the totals of the blocks of a plan.

    Args:
        blocks: At least one, in any order.
        planned_blocks: How many the plan announced; None where there is no plan.
    """
    wall = (max(b.ended for b in blocks) - min(b.started for b in blocks)).total_seconds()
    key = sum(one.key_bits for one in blocks)
    used = sum(one.used_bits for one in blocks)
    missing = []
    if planned_blocks is None:
        missing.append("no plan: blocks that were left out cannot be seen")
    elif len(blocks) < planned_blocks:
        missing.append(f"{len(blocks)} of {planned_blocks} planned blocks are on record")
    for name, stated in (
        (AUTHENTICATION, [one.authentication_bits for one in blocks]),
        (VERIFICATION, [one.verification_bits for one in blocks]),
    ):
        silent = [
            one.run_id
            for one, bits in zip(blocks, stated, strict=True)
            if bits is None and not one.aborted
        ]
        if silent:
            missing.append(f"{name} is not stated: {', '.join(silent)}")
    if any(disqualifying(one.flags) for one in blocks if not one.aborted):
        missing.append("a figure is not proven for its device, or was chosen afterwards")
    return NetKey(
        blocks=len(blocks),
        aborted=sum(one.aborted for one in blocks),
        certified_bits=key,
        used_bits=used,
        net_bits=key - used,
        epsilon_sum=math.fsum(
            one.epsilon + sum(p for _, p in one.failures) for one in blocks if one.key_bits
        ),
        wall_time_s=wall,
        run_time_s=math.fsum((b.ended - b.started).total_seconds() for b in blocks),
        rate_bit_per_s=(key - used) / wall if wall > 0.0 else 0.0,
        net=not missing,
        gross_because=tuple(missing),
        not_in_epsilon=tuple(
            name
            for name in FAILURES
            if not all(name in dict(one.failures) for one in blocks if one.key_bits)
        ),
    )


def disclosed_bits(run: Run) -> float:
    """Return what the published error counts of the key basis tell of a live key, in bits.

    Each count of errors is one of (sifted + 1) numbers, so it tells at most log2 of that; the
    sum is rounded up to whole bits.
    Source: a leaked string of b bits lowers the min-entropy by at most b (chain rule).
    """
    if run.key_disposition != LIVE:
        return 0.0
    total = 0.0
    for name, errors in run.counts.items():
        cell, _, row = name.partition("_")
        if cell == "errors" and not row.startswith("test"):
            total += math.log2(errors + run.counts.get(f"agreements_{row}", 0) + 1.0)
    return float(math.ceil(total))
