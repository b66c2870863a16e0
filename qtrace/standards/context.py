"""What an evaluation must know beside the evidence: subjects, declared limits, their bounds.

Inside: `DeclaredLimit`, `LimitBounds`, `Exclusion`, `EvaluationContext`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from qtrace.errors import InputError
from qtrace.standards.requirement import Scope


@dataclass(frozen=True, slots=True)
class DeclaredLimit:
    """A limit that the applicant declares, as a number in `unit`.

    `bound_by` names the input of the key recomputation that uses it, empty where none does.
    `post_hoc` says that it was chosen after the data were seen.
    """

    name: str
    value: float
    unit: str
    source: str = ""
    bound_by: str = ""
    post_hoc: bool = False

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise InputError(
                f"the declared limit {self.value} is no finite number",
                where=f"declaration {self.name}",
            )


@dataclass(frozen=True, slots=True)
class LimitBounds:
    """How far a declared limit may go: `floor` and `ceiling` in `unit`, set by a scheme."""

    floor: float
    ceiling: float
    unit: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A reason why a requirement does not apply; it counts only with a signed attestation."""

    reason: str
    attestation: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationContext:
    """What is assessed and under which conditions.

    `tags` are the protocol and classes of the link; an empty set exempts from nothing.
    `subjects` lists for each scope what evidence is wanted about. `firmware` gives the version
    in use per subject; evidence that does not state it does not count. `exclusions` are by
    requirement id. `remarks` say per subject what a reader must know where evidence is missing,
    for example that the device is not in the registry.
    """

    tags: frozenset[str] = frozenset()
    subjects: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)
    bounds: Mapping[str, LimitBounds] = field(default_factory=dict)
    firmware: Mapping[str, str] = field(default_factory=dict)
    exclusions: Mapping[str, Exclusion] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
