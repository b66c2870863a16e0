"""What a conformance case is, and the cases that many rows share.

Inside: `Case`, `Given`, `NOTHING`, `INSIDE`, `OUTSIDE`, `figure`, `document`, `chain`, `below`,
`above`. Outcomes are written by hand; nothing here reads a criterion.
"""

from __future__ import annotations

from typing import Any, TypeAlias

# A case: its name, the evidence (None: there is none; a list: a curve, or several items), the
# expected outcome as a table cell.
Given: TypeAlias = dict[str, Any] | list[dict[str, Any]] | None
Case: TypeAlias = tuple[str, Given, str]

INSIDE, OUTSIDE = "within_guard_band_inside", "within_guard_band_outside"
NOTHING: Case = ("no evidence", None, "no_evidence")
# Figures are stated with u and k = 2 at p = 0.9545, so U = 2 u and AL = TL - 2 u.
K2 = {"coverage_factor": 2.0, "coverage_probability": 0.9545, "breaks": (), "ends": ("counting",)}


def figure(value: float, u: float, unit: str = "1") -> dict[str, Any]:
    return {"value": value, "standard_uncertainty": u, "unit": unit, **K2}


def document(item: str) -> list[Case]:
    """A document met only by an attestation; its mere presence is the limit case."""
    return [
        ("met", {"document": item, "attestation": "evaluator A"}, "met"),
        ("at the limit: present, not attested", {"document": item}, "not_evaluable"),
        ("not met: attested, not there", {"attestation": "evaluator A"}, "not_evaluable"),
        ("not met: an unbroken chain is no document", figure(1.0, 0.1), "no_evidence"),
        NOTHING,
    ]


def chain(value: dict[str, Any]) -> list[Case]:
    """A chain with no break; one with no end is the limit case."""
    return [
        ("met", value, "met"),
        ("at the limit: no break, but no end", {**value, "ends": ()}, "not_evaluable"),
        ("not met: one break", {**value, "breaks": ("meter: expired",)}, "not_met"),
        ("not met: chain unknown", {**value, "breaks": None}, "not_evaluable"),
        NOTHING,
    ]


def below(limit: float, unit: str, *, more: tuple[dict[str, Any], ...] = ()) -> list[Case]:
    """A figure of at most a limit, with u a hundredth of it."""
    u = limit / 100.0
    return [
        ("met", [figure(limit * 0.9, u, unit), *more], "met"),
        ("at the limit", [figure(limit, u, unit), *more], INSIDE),
        ("not met", [figure(limit * 1.1, u, unit), *more], "not_met"),
    ]


def above(limit: float, unit: str, *, more: tuple[dict[str, Any], ...] = ()) -> list[Case]:
    """A figure of at least a limit, with u a hundredth of it."""
    u = limit / 100.0
    return [
        ("met", [figure(limit * 1.1, u, unit), *more], "met"),
        ("at the limit", [figure(limit, u, unit), *more], INSIDE),
        ("not met", [figure(limit * 0.9, u, unit), *more], "not_met"),
    ]
