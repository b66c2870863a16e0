"""Answers about the whole fleet of results: who moves together, and what a change does to whom.

Inside: `CorrelatedResult`, `CorrelationAnswer`, `ChangeKind`, `Change`, `parse_change`,
`ChangedResult`, `ImpactAnswer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qtrace.errors import InputError
from qtrace.quantity.value import parse_number, parse_quantity


@dataclass(frozen=True, slots=True)
class CorrelatedResult:
    """One result of a covariance column, with the covariance in the product of SI units.

    `unstated` as for a pair in `CorrelationAnswer`.
    """

    label: str
    correlation: float
    covariance: float
    unstated: bool = False


@dataclass(frozen=True, slots=True)
class CorrelationAnswer:
    """The correlation matrix of the results asked for, and the company of one of them.

    `matrix` has one row for each of `labels`. `company` holds the results most correlated with
    `all_with`, of `sharing` that share anything with it, among `results` on record. `unstated`
    are the pairs whose r takes points of a certificate as independent that does not state it.
    """

    labels: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]
    standard_uncertainties: tuple[float, ...]
    all_with: str = ""
    company: tuple[CorrelatedResult, ...] = ()
    sharing: int = 0
    results: int = 0
    unstated: tuple[tuple[str, str], ...] = ()


class ChangeKind(StrEnum):
    """What is supposed to happen to an event."""

    SHIFT = "shift"  # its values are wrong by so much
    WIDEN = "widen"  # the uncertainty that it brings in is so many times larger
    WITHDRAW = "withdraw"  # it no longer counts


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an event: a relative shift, an absolute one (text with its unit), a factor."""

    kind: ChangeKind
    amount: float = 0.0
    relative: bool = True
    text: str = ""


def parse_change(*, shift: str, widen: str, withdraw: bool) -> Change:
    """Return the change that the options mean; none of them means a withdrawal.

    Args:
        shift: "0.5 %" of the value, or an amount with the unit of the result.
        widen: A factor.
        withdraw: Whether the event no longer counts.

    Raises:
        InputError: several of them; a number that is none; a negative factor.
    """
    if bool(shift) + bool(widen) + withdraw > 1:
        raise InputError(
            "one change is asked for at a time",
            where="--shift, --widen, --withdraw",
            next_step='write --shift "0.5 %", --widen 2 or --withdraw',
        )
    if widen:
        factor = parse_number(widen)
        if factor < 0.0:
            raise InputError(f"a factor is not negative: {widen}", where="--widen")
        return Change(ChangeKind.WIDEN, factor, text=widen)
    if not shift:
        return Change(ChangeKind.WITHDRAW)
    amount = parse_quantity(shift)
    return Change(ChangeKind.SHIFT, amount.si, shift.rstrip().endswith("%"), shift)


@dataclass(frozen=True, slots=True)
class ChangedResult:
    """One result before and after, in its SI unit, to first order.

    `new_value` and `new_u` are None where nothing may be stated any more. `per_percent` is the
    change for one percent of the event's values, asked for where an event is withdrawn. `rank`
    is what results are ordered by: |shift| / u, or the share of u^2 that enters at the event.
    """

    label: str
    unit: str
    value: float
    standard_uncertainty: float
    new_value: float | None
    new_standard_uncertainty: float | None
    per_percent: float | None
    rank: float


@dataclass(frozen=True, slots=True)
class ImpactAnswer:
    """What a change of an event does: to its own results, and to all that rest on them.

    `affected` are the first of `descendants`, highest rank first. `recorded_u` says that u is
    the one stored with each result and was not computed again.
    """

    event: str
    change: Change
    own: tuple[ChangedResult, ...]
    affected: tuple[ChangedResult, ...]
    descendants: int
    recorded_u: bool
