"""Classical baselines: what a figure is held against, on record before the run.

Inside: `VALUE`, `MAGNITUDE`, `UNCERTAINTY`, `COMPARED`, `LOWER`, `HIGHER`, `TAGS`, `Baseline`.
"""

from __future__ import annotations

from dataclasses import dataclass

# What of the figure stands against the baseline. An offset between two clocks is neither good nor
# bad: how well it is known is. An error is as bad below zero as above.
VALUE, MAGNITUDE, UNCERTAINTY = "value", "magnitude", "uncertainty"
COMPARED = (VALUE, MAGNITUDE, UNCERTAINTY)
LOWER, HIGHER = "lower", "higher"
PUBLISHED, FROM_MEMORY, COMPUTED = "published", "from_memory", "computed"
DECLARED, MEASURED = "declared", "measured"
TAGS = (PUBLISHED, FROM_MEMORY, COMPUTED, DECLARED, MEASURED)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a classical method does for one item of evidence, declared before it is needed.

    `value` and `standard_uncertainty` are in the SI unit of `kind`; an uncertainty of None was
    not stated and is never taken as zero, one of 0.0 was stated: the value is exact. `better` is
    "lower" or "higher". `tag` says what the value rests on, `label` names the recorded result of
    a measured one. A baseline without value (None) is categorical, as that of security is; its
    kind is empty. `conditions` are name and value as written, and must be those of the figure.
    `compares` says what of the figure stands against it: value, magnitude or uncertainty.
    `text` is the value as written. `bound` says that the value is what the method is specified to
    keep ("below 1 ns"), not what it reaches: nothing is better than the method for keeping it.
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
    compares: str = VALUE
    text: str = ""
    bound: bool = False

    @property
    def categorical(self) -> bool:
        """Return whether it has no value to compare with."""
        return not self.kind
