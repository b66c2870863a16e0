"""A balance of key for the terminal: every sum with its factors.

Inside: `supply_text`, `rate_text`, `time_text`, `bits_text`.
"""

from __future__ import annotations

from typing import Protocol

from qtrace.metrics.supply.key_supply import Balance, SupplyOutcome, Times, UseShare
from qtrace.metrics.supply.key_use import DemandPart
from qtrace.report.columns import WIDTH, table, wrapped
from qtrace.report.figures import percent
from qtrace.report.printable import printable

_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_TIMES = ((31_557_600.0, "a"), (86_400.0, "d"), (3600.0, "hour"), (60.0, "min"), (1.0, "s"))


class WeighedText(Protocol):
    """What of a balance is printed."""

    @property
    def plan_id(self) -> str:
        """The file."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def balance(self) -> Balance:
        """Demand against supply."""


def bits_text(bits: float) -> str:
    """Write an amount of key with four digits."""
    factor, prefix = next(
        ((f, p) for f, p in _PREFIXES if abs(bits) >= f * (1.0 - 5e-5)), (1.0, "")
    )
    return f"{bits / factor:.4g} {prefix}bit"


def rate_text(bits_per_s: float) -> str:
    """Write a rate of key with four digits."""
    return f"{bits_text(bits_per_s)}/s"


def time_text(seconds: float | None) -> str:
    """Write a time with three digits in the largest unit that it reaches."""
    if seconds is None:
        return "never"
    factor, unit = next(((f, u) for f, u in _TIMES if seconds >= f), (1.0, "s"))
    return f"{seconds / factor:.3g} {unit}"


def supply_text(weighed: WeighedText) -> str:
    """Return supply, demand with its arithmetic, outcome, head-room and buffer times."""
    balance = weighed.balance
    lines = [printable(f"{weighed.plan_id}: {weighed.title}".removesuffix(": "))]
    lines += _fold("supply    ", f"{rate_text(balance.supply.bits_per_s)}; {balance.supply.origin}")
    for doubt in balance.supply.doubts:
        lines += _fold("  doubt:  ", doubt)
    for one in balance.uses:
        lines += _use(one)
    lines.append("")
    lines.append(_shares(balance))
    lines.append("")
    lines += _verdict(balance)
    lines += _buffer(balance, balance.times)
    return "\n".join(lines)


def _fold(head: str, text: str) -> list[str]:
    body = wrapped(text, WIDTH - len(head))
    return [f"{head if k == 0 else ' ' * len(head)}{line}".rstrip() for k, line in enumerate(body)]


def _use(share: UseShare) -> list[str]:
    use = share.use
    one = use.protection
    words = (use.kind.value, one.cipher.value, f"authentication {one.authentication.value}")
    title = f", {use.title}" if use.title else ""
    lines = ["", *_fold("", f"{use.use_id}{title}: {', '.join(words).replace('_', ' ')}")]
    for part in share.parts:
        lines += _part(part)
    if use.margin:
        lines += _fold(
            "  ", f"with a margin of {percent(use.margin)}: {rate_text(share.required_bits_per_s)}"
        )
    if share.shortest_period_s is not None:
        keys = " and ".join(part.what for part in share.parts)
        lines += _fold(
            "  ",
            f"the supply alone makes a set of {keys} every {share.shortest_period_s:.3g} s",
        )
    for note in share.notes:
        lines += _fold("  note: ", note)
    return lines


def _part(part: DemandPart) -> list[str]:
    product = " x ".join(f"{value:.6g} {unit}" for value, unit in part.factors)
    if part.period_s is not None:
        product += f" / {part.period_s:.6g} s"
    return [
        *_fold("  ", f"{part.what}:"),
        *_fold("    ", f"{product} = {rate_text(part.bits_per_s)}"),
    ]


def _shares(balance: Balance) -> str:
    rows = [
        (
            one.use.use_id,
            rate_text(one.demand_bits_per_s),
            rate_text(one.required_bits_per_s),
            percent(one.alone),
            percent(one.covered),
            one.outcome.value,
        )
        for one in balance.uses
    ]
    if len(rows) > 1:
        rows.append(
            (
                "all",
                rate_text(balance.demand_bits_per_s),
                rate_text(balance.required_bits_per_s),
                "",
                percent(min(1.0, balance.cover)),
                balance.outcome.value,
            )
        )
    heads = ("use", "demand", "with margin", "alone", "in order", "outcome")
    return table(heads, rows, right=(1, 2, 3, 4))


def _verdict(balance: Balance) -> list[str]:
    ways = (
        f"demand {rate_text(balance.demand_bits_per_s)}: forward "
        f"{rate_text(balance.forward_bits_per_s)}, back {rate_text(balance.back_bits_per_s)}"
    )
    room = balance.head_room_bits_per_s
    name = "head-room" if room >= 0.0 else "lacking"
    lines = [
        *_fold("", ways),
        *_fold(
            "",
            f"{name} {rate_text(abs(room))} after margins; the supply is {balance.cover:.4g} times "
            "the demand",
        ),
        f"outcome: {balance.outcome.value}",
    ]
    if balance.outcome is SupplyOutcome.NOT_EVALUABLE:
        lines += _fold(
            "  ",
            f"it would be {balance.if_confirmed.value} if the doubts above were removed; as it "
            "stands nothing confirms the supply",
        )
    return lines


def _buffer(balance: Balance, times: Times) -> list[str]:
    store = balance.store
    lines = []
    if store.stored_bits:
        lines += _fold(
            "store: ",
            f"{bits_text(store.stored_bits)} last {time_text(times.without_supply_s)} without "
            "supply",
        )
        if times.until_empty_s is not None:
            lines += _fold(
                "store: ", f"empty after {time_text(times.until_empty_s)} at this supply"
            )
    if store.bridge_s:
        fill = times.until_bridge_s
        lines += _fold(
            "bridge: ",
            f"{time_text(store.bridge_s)} without supply take {bits_text(times.bridge_bits)} in "
            f"store; "
            + ("never filled at this supply" if fill is None else f"filled in {time_text(fill)}"),
        )
    if times.block_bits is not None and balance.supply.block_s is not None:
        lines += _fold(
            "blocks: ",
            f"key comes every {time_text(balance.supply.block_s)}: "
            f"{bits_text(times.block_bits)} in store reach from one block to the next",
        )
    return lines
