"""The words of an advantage: a declared classical baseline, and how a figure stands against it.

Inside: `Standing`, `Baseline`, `Advantage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How a figure stands against its baseline, at the stated confidence."""

    BETTER = "better than the baseline"
    NOT_SHOWN = "not shown"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a classical method does for one item of evidence, declared before it is needed.

    `value` and `standard_uncertainty` are in the SI unit of `kind`; an uncertainty of None was
    not stated and is never taken as zero, one of 0.0 was stated: the value is exact. `better` is
    "lower" or "higher". `tag` says what the value rests on: published, from_memory, computed,
    declared or measured; `label` names the recorded result of a measured one. A baseline without
    value (None) is categorical, as that of security is. `conditions` are name and value as
    written, and must be those of the figure.
    """

    baseline_id: str
    item: str
    kind: str
    value: float | None
    standard_uncertainty: float | None
    better: str
    title: str
    source: str
    tag: str
    conditions: tuple[tuple[str, str], ...] = ()
    label: str = ""


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
