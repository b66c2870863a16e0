"""Decision rules: how wide the guard band is, and in which words the rule speaks.

Inside: `RuleKind`, `DecisionRule`, `SIMPLE`, `ILAC_G8`, `ISO_14253`, `THREE_SIGMA`,
`FOUR_WORDS`, `SPECIFIC_2`, `SPECIFIC_5`, `METHOD_6`, `DECISION_RULES`, `rule_of_risk`.
Source: ILAC-G8:09/2019, clause 4.2 and Table 1; ISO 14253-1:2017 (width); ISO/IEC 17025:2017,
clause 7.8.6; JCGM 106:2012, 8.3 (specified risk); ANSI/NCSL Z540.3-2006, 5.3 (2 %).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.uncertainty.conformity import Zone


class RuleKind(StrEnum):
    """Families of decision rules."""

    SIMPLE = "simple"  # no guard band; accepting at the limit is wrong half of the time
    GUARD_BAND = "guard_band"  # binary: pass inside the acceptance limits, else fail
    FOUR_WORDS = "four_words"  # non-binary: two conditional words inside the guard bands
    SPECIFIC_RISK = "specific_risk"  # binary: the risk of this acceptance is at most `risk`
    METHOD_6 = "method_6"  # binary: w = U M(TUR), at most 2 % false acceptance (Z540.3)


_BINARY = MappingProxyType(
    {
        Zone.ACCEPTED: "Pass",
        Zone.GUARD_INSIDE: "Fail",
        Zone.GUARD_OUTSIDE: "Fail",
        Zone.REJECTED: "Fail",
    }
)
_NON_BINARY = MappingProxyType(
    {
        Zone.ACCEPTED: "Pass",
        Zone.GUARD_INSIDE: "Conditional Pass",
        Zone.GUARD_OUTSIDE: "Conditional Fail",
        Zone.REJECTED: "Fail",
    }
)


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """A rule agreed before the measurement: w = `multiplier` x U at `coverage_probability`.

    A rule of a specified risk takes w from the distribution of the result and `risk`, method 6
    from the ratio of tolerance to U; their multiplier says nothing.
    """

    rule_id: str
    kind: RuleKind
    multiplier: float = 1.0
    coverage_probability: float = 0.95
    risk: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.multiplier <= 10.0 or not 0.0 < self.coverage_probability < 1.0:
            raise InputError(
                f"guard band {self.multiplier} U at p = {self.coverage_probability} is no rule",
                where=f"decision rule {self.rule_id}",
                next_step="give a multiplier of U from 0 to 10 and p between 0 and 1",
            )
        if (self.kind is RuleKind.SIMPLE) != (self.multiplier == 0.0):
            raise InputError(
                f"a {self.kind} rule with a guard band of {self.multiplier} U contradicts itself",
                where=f"decision rule {self.rule_id}",
                next_step="simple acceptance has the multiplier 0, the others a positive one",
            )
        specified = self.kind is RuleKind.SPECIFIC_RISK
        if not (0.0 < self.risk <= 0.5 if specified else self.risk == 0.0):
            raise InputError(
                f"a {self.kind} rule with a risk of {self.risk:g} is none",
                where=f"decision rule {self.rule_id}",
                next_step="only a specified risk has one: above 0 and not above one half",
            )

    def guard_band(self, expanded_uncertainty: float) -> float:
        """Return the width w of the guard band, in the unit of U.

        Source: ILAC-G8:09/2019, clause 4.2.2; JCGM 106:2012, clause 8.3.2 (w = r U).
        """
        return self.multiplier * expanded_uncertainty

    def words(self, zone: Zone) -> str:
        """Return what this rule calls a value in a zone.

        Source: ILAC-G8:09/2019, clauses 4.2.1 to 4.2.3.
        """
        return (_NON_BINARY if self.kind is RuleKind.FOUR_WORDS else _BINARY)[zone]

    def describe(self) -> str:
        """Return the rule in one line, for reports."""
        if self.kind is RuleKind.SIMPLE:
            return f"{self.rule_id}: simple acceptance, no guard band"
        if self.kind is RuleKind.SPECIFIC_RISK:
            return f"{self.rule_id}: specific risk of an acceptance at most {self.risk:.3g}"
        if self.kind is RuleKind.METHOD_6:
            return (
                f"{self.rule_id}: guard band M U, M from the ratio of tolerance to U at "
                f"p = {self.coverage_probability:g}; false acceptance at most 2 %"
            )
        words = "four words" if self.kind is RuleKind.FOUR_WORDS else "pass or fail"
        return (
            f"{self.rule_id}: guard band {self.multiplier:g} U, U at "
            f"p = {self.coverage_probability:g}, {words}"
        )


SIMPLE = DecisionRule("simple", RuleKind.SIMPLE, multiplier=0.0)
ILAC_G8 = DecisionRule("guard_band", RuleKind.GUARD_BAND)
ISO_14253 = DecisionRule("guard_band_0.83", RuleKind.GUARD_BAND, multiplier=0.83)
THREE_SIGMA = DecisionRule("guard_band_1.5", RuleKind.GUARD_BAND, multiplier=1.5)
FOUR_WORDS = DecisionRule("four_words", RuleKind.FOUR_WORDS)

SPECIFIC_2 = DecisionRule("specific_risk_2", RuleKind.SPECIFIC_RISK, risk=0.02)
SPECIFIC_5 = DecisionRule("specific_risk_5", RuleKind.SPECIFIC_RISK, risk=0.05)
METHOD_6 = DecisionRule("z540.3_method_6", RuleKind.METHOD_6)

DECISION_RULES: Mapping[str, DecisionRule] = MappingProxyType(
    {
        rule.rule_id: rule
        for rule in (
            SIMPLE,
            ILAC_G8,
            ISO_14253,
            THREE_SIGMA,
            FOUR_WORDS,
            SPECIFIC_2,
            SPECIFIC_5,
            METHOD_6,
        )
    }
)


def rule_of_risk(risk: float) -> DecisionRule:
    """Return the rule of a specified specific risk that has no name of its own.

    Raises:
        InputError: the risk is not above 0, or above one half.
    """
    return DecisionRule("specific_risk", RuleKind.SPECIFIC_RISK, risk=risk)
