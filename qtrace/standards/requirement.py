"""One demand of a standard, mapped to something that can be computed.

Inside: `CriterionKind`, `Comparison`, `Figure`, `ValueIs`, `Scope`, `OriginKind`, `Origin`,
`Criterion`, `Requirement`. No sentence of a standard is stored: titles are our own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qtrace.standards.mask import Mask


class CriterionKind(StrEnum):
    """How a requirement is judged; each has one function in `criterion.CRITERION_KINDS`."""

    LIMIT = "limit"  # a figure against one limit
    RANGE = "range"  # a figure between two limits
    DECLARED = "declared"  # a figure against a limit that the applicant declares, if it is bound
    DOCUMENTED = "documented"  # a document that an evaluator has attested
    CHAIN_UNBROKEN = "chain_unbroken"  # the chain reaches typed ends without a break
    COMPLETE = "complete"  # a statement gives all that it needs to be read
    MASK = "mask"  # a curve over tau, one piece of evidence for each tau, against a mask


class Comparison(StrEnum):
    """Which side of the limit is good."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    WITHIN = "within"  # between `low` and `high`
    RATIO_WITHIN = "ratio_within"  # a ratio a/b within [1 - limit, 1 / (1 - limit)]
    COMPATIBLE_AT_MOST = "compatible_at_most"  # a bound of nature: judged against U, not guarded


class Figure(StrEnum):
    """Which figure of the evidence is compared."""

    VALUE = "value"
    RELATIVE_EXPANDED_UNCERTAINTY = "relative_expanded_uncertainty"  # k u / |value|, k given
    EXPANDED_UNCERTAINTY = "expanded_uncertainty"  # k u, k given


class ValueIs(StrEnum):
    """What kind of statement the figure is."""

    ESTIMATE = "estimate"  # judged with its uncertainty
    PROVEN_BOUND = "proven_bound"  # its failure probability is the proof's own: no guard band


class Scope(StrEnum):
    """What one finding is about."""

    DETECTOR = "detector"  # one detector, in its role
    DETECTOR_PAIR = "detector_pair"  # two detectors judged together
    TRANSMITTER = "transmitter"  # one transmitter, in its role
    LINK = "link"  # the link as a whole


class OriginKind(StrEnum):
    """How the row is known to belong to its standard, and its limit to be right."""

    READ = "read"  # read in a public source
    COMPUTED = "computed"  # follows from a formula that is given
    MEMORY = "memory"  # recalled, confirmed in no source
    PROPOSAL = "proposal"  # a default of this project; no standard says it


@dataclass(frozen=True, slots=True)
class Origin:
    """How well the row is known, and from where."""

    kind: OriginKind
    source: str

    @property
    def confirmed(self) -> bool:
        """Return whether a reader can check the row in a source or by a computation."""
        return self.kind in {OriginKind.READ, OriginKind.COMPUTED}


@dataclass(frozen=True, slots=True)
class Criterion:
    """The executable form of a requirement.

    `limit`, `low` and `high` are numbers in `unit`, None where they do not apply. `declaration`
    names the declared limit; a `limit` beside it holds where nothing is declared.
    `coverage_factor` fixes k where the figure is an uncertainty. `attributes` are those that a
    complete statement must give. `mask` limits a curve, in `unit`; a `declaration` beside it names
    the declared limit that takes its place over the same tau.
    """

    kind: CriterionKind
    comparison: Comparison | None = None
    limit: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = "1"
    declaration: str = ""
    attributes: tuple[str, ...] = ()
    figure: Figure = Figure.VALUE
    coverage_factor: float | None = None
    value_is: ValueIs = ValueIs.ESTIMATE
    mask: Mask | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One demand: what it is about, which evidence it wants, and how that is judged.

    `applies_to` are tags of protocols and device classes, none meaning all. `clause` stays
    empty until `clause_verified_by` names who read it in the document. `confidence` (H, M, L)
    says how sure we are that the standard asks for this at all. `needs` is an item without a figure
    of which the requirement does not apply: a mask against UTC needs an offset from UTC.
    """

    requirement_id: str
    title: str
    side: str
    scope: Scope
    evidence_item: str
    criterion: Criterion
    origin: Origin
    confidence: str
    limit_origin: str = ""
    applies_to: tuple[str, ...] = ()
    clause: str = ""
    clause_verified_by: str = ""
    standard_id: str = ""
    needs: str = ""
