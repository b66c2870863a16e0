"""The budget of a result by input, device, laboratory or step of its chain.

Inside: `Grouping`, `GroupTie`, `BudgetByGroup`, `parse_grouping`, `budget_by`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qtrace.errors import InputError
from qtrace.laboratory.event import Event
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.grouped_budget import (
    GroupShare,
    grouped_budget,
    parts_by_input,
    parts_by_step,
)

NO_DEVICE = "(no device)"
NO_LABORATORY = "(no laboratory)"


class Grouping(StrEnum):
    """By what the lines of a budget are gathered."""

    INPUT = "input"  # event and name of each input quantity
    DEVICE = "device"  # the device whose event owns the input
    LABORATORY = "laboratory"  # the issuer of a certificate, else the laboratory of the event
    STEP = "step"  # the event at whose results the input enters the chain


@dataclass(frozen=True, slots=True)
class GroupTie:
    """An input by which groups are tied together; `correlated`: through others of its block."""

    label: str
    groups: tuple[str, ...]
    correlated: bool


@dataclass(frozen=True, slots=True)
class BudgetByGroup:
    """A grouped budget with the labels that people know; the variance in the squared SI unit."""

    by: Grouping
    groups: tuple[GroupShare, ...]
    ties: tuple[GroupTie, ...]
    variance: float


def parse_grouping(text: str) -> Grouping | None:
    """Return what an option means, None where it is empty.

    Raises:
        InputError: it is none of the four words.
    """
    if not text:
        return None
    try:
        return Grouping(text)
    except ValueError:
        raise InputError(
            f"a budget is not gathered by {text!r}",
            where="--by",
            next_step=f"write one of {', '.join(Grouping)}",
        ) from None


def budget_by(dossier: Dossier, result_id: int, by: Grouping) -> BudgetByGroup:
    """Return the budget of a result gathered into groups.

    Args:
        dossier: Holds the result, all behind it, and their events.
        result_id: The result.
        by: What makes a group.

    Source: GUM Eq. 13; see `qtrace.uncertainty.grouped_budget`.
    """
    network = dossier.network
    if by is Grouping.STEP:
        steps = {one: dossier.event_of(one).label for one in network.results}
        parts = parts_by_step(network, result_id, steps)
    else:
        names = {one: _group(dossier, one, by) for one in network.inputs}
        parts = parts_by_input(network, result_id, names)
    whole = grouped_budget(network, parts)
    ties = tuple(
        GroupTie("/".join(dossier.input_owner[one.input_id]), one.groups, one.correlated)
        for one in whole.shared
    )
    return BudgetByGroup(by, whole.groups, ties, whole.variance)


def _group(dossier: Dossier, input_id: int, by: Grouping) -> str:
    label, name = dossier.input_owner[input_id]
    event: Event = dossier.events[label]
    if by is Grouping.INPUT:
        return f"{label}/{name}"
    if by is Grouping.DEVICE:
        return event.device_id or NO_DEVICE
    origin = event.origins.get(name)
    if origin is not None and origin.certificate is not None:
        return origin.certificate.issuer
    return event.laboratory_id or NO_LABORATORY
