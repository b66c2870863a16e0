"""The record of one evaluation: what was computed, never a verdict of a person.

Inside: `Outcome`, `GuardSide`, `OUTCOME_CELLS`, `Finding`.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum

from qtrace.standards.requirement import CriterionKind


class Outcome(StrEnum):
    """What the software computed for one requirement and one subject."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    WITHIN_GUARD_BAND = "WITHIN_GUARD_BAND"  # see `Finding.guard_side`
    NOT_EVALUABLE = "NOT_EVALUABLE"  # evidence is there but does not allow a judgement
    NO_EVIDENCE = "NO_EVIDENCE"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class GuardSide(StrEnum):
    """On which side of the tolerance limit a value within the guard band lies."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    NONE = ""  # not within a guard band


# Every outcome that a truth table must answer for.
OUTCOME_CELLS = (
    "met",
    "not_met",
    "within_guard_band_inside",
    "within_guard_band_outside",
    "not_evaluable",
    "no_evidence",
    "not_applicable",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement, one subject, one outcome, with everything needed to follow it.

    Figures are in `unit`. `conformity` is in the words of `rule_id`, empty where no rule was
    applied. `consumer_risk` is the specific risk that accepting would be wrong, `producer_risk`
    that rejecting would be wrong; `risk_basis` says from which distribution. `margin` is the
    distance to the nearer tolerance limit, positive inside. `breaks` is None where no chain of
    the evidence is known.
    """

    requirement_id: str
    standard_id: str
    subject: str
    outcome: Outcome
    criterion_kind: CriterionKind
    guard_side: GuardSide = GuardSide.NONE
    title: str = ""
    side: str = ""
    evidence_item: str = ""
    conformity: str = ""
    rule_id: str = ""
    measured_value: float | None = None
    standard_uncertainty: float | None = None
    expanded_uncertainty: float | None = None
    coverage_factor: float | None = None
    coverage_probability: float | None = None
    unit: str = ""
    tolerance_low: float | None = None
    tolerance_high: float | None = None
    acceptance_low: float | None = None
    acceptance_high: float | None = None
    guard_band: float | None = None
    limit_origin: str = ""
    margin: float | None = None
    consumer_risk: float | None = None
    producer_risk: float | None = None
    risk_basis: str = ""
    reasons: tuple[str, ...] = ()
    result_label: str = ""
    document: str = ""
    provenance: str = ""
    breaks: tuple[str, ...] | None = None
    flags: tuple[str, ...] = ()
    origin_kind: str = ""
    origin_confirmed: bool = False
    confidence: str = ""
    clause: str = ""

    @property
    def cell(self) -> str:
        """Return the row of a truth table that answers for this outcome."""
        name = self.outcome.value.lower()
        return f"{name}_{self.guard_side}" if self.guard_side else name

    def to_dict(self) -> dict[str, object]:
        """Return the finding as plain values; limits that do not exist are None, never inf."""
        plain: dict[str, object] = {}
        for name, value in asdict(self).items():
            if isinstance(value, float) and math.isinf(value):
                plain[name] = None
            elif isinstance(value, StrEnum):
                plain[name] = value.value
            elif isinstance(value, tuple):
                plain[name] = list(value)
            else:
                plain[name] = value
        return plain
