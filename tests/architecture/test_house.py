"""The house is built as planned."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from architecture.house import DEBTS, DOORS, FLOORS, PACKAGE
from architecture.rules import RULES, Fault
from architecture.source_tree import Module, read_tree

TOP = Path(__file__).parents[2]
Rule = Callable[[Iterable[Module]], list[Fault]]


@pytest.fixture(scope="module")
def house() -> tuple[Module, ...]:
    return read_tree(TOP, PACKAGE, "migrations")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds_everywhere(rule: Rule, house: tuple[Module, ...]) -> None:
    faults = [one for one in rule(house) if (rule.__name__, one.place) not in DEBTS]
    assert not faults, "\n".join(map(str, faults))


def test_every_debt_is_still_owed(house: tuple[Module, ...]) -> None:
    owed = {(rule.__name__, fault.place) for rule in RULES for fault in rule(house)}
    assert set(DEBTS) <= owed, "a debt was paid: strike it out in tests/architecture/house.py"


def test_every_room_of_the_plan_is_built(house: tuple[Module, ...]) -> None:
    built = {one.room for one in house}
    assert set().union(*FLOORS) <= built


def test_every_door_is_used(house: tuple[Module, ...]) -> None:
    imported = {one.target.split(".")[0] for module in house for one in module.imports}
    # rich is a door without traffic as long as tables are plain text.
    assert set(DOORS) - {"rich"} <= imported
