"""The case studies of the demo: what each is made of, by name.

Inside: `Case`, `Compared`, `Ask`, `SETTING_UP`, `closing_steps`, `stated`, `KEY`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qtrace.cli.demo_timing import Chapter, Step

KEY = "keys/demo.pub.json"

# Runs a command with --json and returns its answer.
Ask = Callable[[str], Any]

SETTING_UP = Chapter(
    "Set up",
    (
        Step("init"),
        Step('key create demo --person "Demo Person" --organisation "qtrace demo"'),
    ),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of a publication beside what this case found, and what the comparison is worth."""

    figure: str
    told: str
    found: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Case:
    """A case study: its data, its steps, what it is compared with, and what it leaves.

    `simulated` and `published` are said before the first step. `compare` asks the finished
    folder; `left` holds (what, where) of files beyond those that every case leaves.
    """

    name: str
    title: str
    simulated: str
    published: str
    examples: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    compare: Callable[[Ask], tuple[Compared, ...]]
    left: tuple[tuple[str, str], ...] = ()


def closing_steps(bundle: str, *more: Step) -> Chapter:
    """Return the last chapter of a case: a stranger verifies a bundle, then all is audited."""
    return Chapter(
        "What a stranger can check",
        (
            Step(
                f"certificate verify {bundle} --key {KEY}",
                "Offline, from the bundle and a public key alone.",
            ),
            *more,
            Step("audit --all"),
        ),
    )


def stated(ask: Ask, label: str) -> Mapping[str, Any]:
    """Return the statement on a recorded result: value, standard_uncertainty, interval, ..."""
    (one,) = ask(f"trace {label} --no-chain")
    found: Mapping[str, Any] = one["statement"]
    return found
