"""The words of an advantage: a declared classical baseline, and how a figure stands against it.

Inside: `Standing`, `Baseline` (from `laboratory`), `Advantage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qtrace.laboratory.baseline import Baseline

__all__ = ["Advantage", "Baseline", "Standing"]


class Standing(StrEnum):
    """How a figure stands against its baseline, at the stated confidence."""

    BETTER = "better than the baseline"
    NOT_SHOWN = "not shown"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Advantage:
    """How one figure stands against one baseline.

    `probability` is that the figure is better; None where no probability exists (security) or
    none can be given (an uncertainty is absent), the reason says which. `difference` is figure
    less baseline in SI units and `ratio` figure over baseline; None where there is no number.
    """

    baseline: Baseline
    standing: Standing
    confidence: float
    probability: float | None
    difference: float | None
    ratio: float | None
    reason: str
    post_hoc: bool
