"""The rules of the house: each takes modules and returns faults, none if all is well.

Inside: `Fault`, `RULES`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from architecture.house import (
    DOORS,
    EMPTY_WORDS,
    ENTRANCE_HALL,
    FLOORS,
    FORMULA_ROOM,
    FREE_LIBRARIES,
    FRONT_DOORS,
    MOST_LINES_IN_ROOM,
    MOST_LINES_OF_A_FILE,
    MOST_LINES_OF_A_FUNCTION,
    OUTSIDE_ATTRIBUTES,
    OUTSIDE_CALLS,
    OUTSIDE_MODULES,
    PACKAGE,
    PURE_FLOORS,
    SEEDED_CALLS,
    SHARED_BY_VERBS,
    VERBS,
)
from architecture.source_tree import Module

FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: the place (module, or module and name) and what is wrong there."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def _ours(modules: Iterable[Module]) -> Iterator[Module]:
    return (one for one in modules if one.name.split(".")[0] == PACKAGE)


def _room_of(target: str) -> str:
    parts = target.split(".")
    return parts[1] if len(parts) > 1 else ENTRANCE_HALL


def every_room_has_a_floor(modules: Iterable[Module]) -> list[Fault]:
    """No room outside the plan: a new one is a decision."""
    rooms = {one.room for one in _ours(modules)} - {ENTRANCE_HALL}
    return [Fault(f"{PACKAGE}.{room}", "has no floor") for room in sorted(rooms - set(FLOOR_OF))]


def imports_go_downward(modules: Iterable[Module]) -> list[Fault]:
    """A room imports itself and lower floors only; a front door only what is listed for it."""
    faults = []
    for module in _ours(modules):
        if module.room not in FLOOR_OF:
            continue
        for one in module.imports:
            other = _room_of(one.target)
            if one.target.split(".")[0] != PACKAGE or other in {module.room, ENTRANCE_HALL}:
                continue
            allowed = FRONT_DOORS.get(module.room)
            here, there = FLOOR_OF[module.room], FLOOR_OF.get(other, len(FLOORS))
            if there >= here or (allowed is not None and other not in allowed):
                what = f"line {one.line} imports {one.target} (floor {there}) from floor {here}"
                faults.append(Fault(module.name, what))
    return faults


def one_door_per_library(modules: Iterable[Module]) -> list[Fault]:
    """A library is imported behind its door only; one that is in no table nowhere."""
    faults: list[Fault] = []
    for module in modules:
        for one in module.imports:
            library = one.target.split(".")[0]
            if library in DOORS:
                doors = DOORS[library]
                inside = any(f"{module.name}.".startswith(f"{door}.") for door in doors)
                if not inside:
                    where = ", ".join(sorted(doors))
                    what = f"line {one.line} imports {library}, whose door is {where}"
                    faults.append(Fault(module.name, what))
            elif library not in {PACKAGE, *sys.stdlib_module_names, *FREE_LIBRARIES}:
                faults.append(Fault(module.name, f"line {one.line} imports {library}: no door"))
    return faults


def pure_floors_are_handed_everything(modules: Iterable[Module]) -> list[Fault]:
    """Floors 1 to 5 touch no clock, environment, disk, socket or luck of their own."""
    faults: list[Fault] = []
    for module in _ours(modules):
        if FLOOR_OF.get(module.room) not in PURE_FLOORS:
            continue
        faults.extend(
            Fault(module.name, f"line {one.line} imports {one.target}")
            for one in module.imports
            if one.target.split(".")[0] in OUTSIDE_MODULES
        )
        for node in ast.walk(module.tree):
            reached = _reach(node)
            if reached and isinstance(node, ast.expr):
                faults.append(Fault(module.name, f"line {node.lineno} reaches {reached}"))
    return faults


def _reach(node: ast.AST) -> str:
    """Return what a node takes from outside, empty if nothing."""
    if isinstance(node, ast.Call):
        name = _tail(node.func, 1)
        if isinstance(node.func, ast.Name) and name in OUTSIDE_CALLS:
            return f"{name}()"
        if name in SEEDED_CALLS and not node.args and not node.keywords:
            return f"{name}() without a seed"
    if isinstance(node, ast.Attribute) and _tail(node, 2) in OUTSIDE_ATTRIBUTES:
        return _tail(node, 2)
    return ""


def _tail(node: ast.AST, parts: int) -> str:
    """Return the last parts of a dotted name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute) and len(names) < parts:
        names.insert(0, node.attr)
        node = node.value
    if isinstance(node, ast.Name) and len(names) < parts:
        names.insert(0, node.id)
    return ".".join(names)


def verbs_stand_alone(modules: Iterable[Module]) -> list[Fault]:
    """Modules of the workflow share the workbench and nothing else."""
    return [
        Fault(module.name, f"line {one.line} imports the verb {one.target}")
        for module in _ours(modules)
        if module.room == VERBS
        for one in module.imports
        if one.target.startswith(f"{PACKAGE}.{VERBS}.")
        and one.target not in SHARED_BY_VERBS | {module.name}
    ]


def no_circles(modules: Iterable[Module]) -> list[Fault]:
    """No module reaches itself by imports, at the top or inside functions."""
    known = {one.name: one for one in modules}
    left = {
        name: {one.target for one in module.imports if one.target in known} - {name}
        for name, module in known.items()
    }
    while True:
        reached = set().union(*left.values()) if left else set()
        kept = {
            name: targets & left.keys()
            for name, targets in left.items()
            if targets & left.keys() and name in reached
        }
        if kept == left:
            break
        left = kept
    return [
        Fault(name, f"lies on a circle with {', '.join(sorted(targets))}")
        for name, targets in sorted(left.items())
    ]


def files_are_short(modules: Iterable[Module]) -> list[Fault]:
    """A file that no longer fits a reader's head is two files."""
    faults = []
    for module in _ours(modules):
        most = MOST_LINES_IN_ROOM.get(module.room, MOST_LINES_OF_A_FILE)
        if module.lines > most:
            faults.append(Fault(module.name, f"{module.lines} lines, at most {most}"))
    return faults


def functions_are_short(modules: Iterable[Module]) -> list[Fault]:
    """A function, its docstring included, fits one screen."""
    faults = []
    for module in _ours(modules):
        for name, node in module.functions():
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_LINES_OF_A_FUNCTION:
                what = f"{length} lines, at most {MOST_LINES_OF_A_FUNCTION}"
                faults.append(Fault(f"{module.name}.{name}", what))
    return faults


def names_say_something(modules: Iterable[Module]) -> list[Fault]:
    """No module is called by a word that fits everything."""
    return [
        Fault(one.name, "the name says nothing")
        for one in modules
        if EMPTY_WORDS & {word for part in one.name.split(".") for word in part.split("_")}
    ]


def public_functions_are_explained(modules: Iterable[Module]) -> list[Fault]:
    """Every function that others may call has a docstring."""
    return [
        Fault(f"{module.name}.{name}", "has no docstring")
        for module in _ours(modules)
        for name, node in module.public_functions()
        if not ast.get_docstring(node)
    ]


def formulas_have_a_source(modules: Iterable[Module]) -> list[Fault]:
    """A public function of physics that computes says where its formula is from."""
    return [
        Fault(f"{module.name}.{name}", "computes without a `Source:`")
        for module in _ours(modules)
        if module.room == FORMULA_ROOM
        for name, node in module.public_functions()
        if _computes(node) and "Source:" not in (ast.get_docstring(node) or "")
    ]


def _computes(function: ast.AST) -> bool:
    """Return whether a function holds arithmetic; adding up or joining alone is none."""
    operators = (ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.FloorDiv)
    return any(
        isinstance(node, ast.BinOp) and isinstance(node.op, operators)
        for node in ast.walk(function)
    )


RULES: tuple[Callable[[Iterable[Module]], list[Fault]], ...] = (
    every_room_has_a_floor,
    imports_go_downward,
    one_door_per_library,
    pure_floors_are_handed_everything,
    verbs_stand_alone,
    no_circles,
    files_are_short,
    functions_are_short,
    names_say_something,
    public_functions_are_explained,
    formulas_have_a_source,
)
