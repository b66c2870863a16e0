"""Records of published claims, without logic.

Inside: `Tag`, `Publication`, `Source`, `Given`, `Reading`, `Missing`, `Primary`, `Claim`,
`ClaimFile`, `PUBLICATION`, `DEFINITION`, `ASSUMPTION`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from qtrace.claims.evaluate import Relation
from qtrace.claims.stated import Stated
from qtrace.quantity.units import Unit
from qtrace.uncertainty.expression import Expression

# Where a figure comes from; else it is the id of a source.
PUBLICATION, DEFINITION, ASSUMPTION = "publication", "definition", "assumption"


class Tag(StrEnum):
    """How a source is known to whoever wrote the file."""

    SEEN = "seen"
    ABSTRACT = "abstract"  # only its abstract, or a summary by its publisher
    FROM_MEMORY = "from_memory"
    NOT_LOCATED = "not_located"

    @property
    def read(self) -> bool:
        """Whether its words were before somebody's eyes."""
        return self in {Tag.SEEN, Tag.ABSTRACT}


class Convention(StrEnum):
    """What a level in dB is of."""

    NONE = ""
    VARIANCE = "variance"  # also a power: factor 10
    STANDARD_DEVIATION = "standard_deviation"  # also an amplitude: factor 20


@dataclass(frozen=True, slots=True)
class Publication:
    """What is checked."""

    title: str
    authors: str
    year: int
    citation: str
    read: str  # how it was read


@dataclass(frozen=True, slots=True)
class Source:
    """A primary source, and how well it is known."""

    source_id: str
    citation: str
    tag: Tag
    gives: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A figure that enters, and where it comes from."""

    name: str
    stated: Stated
    origin: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the claim; `stated` is false for one that its words do not allow."""

    name: str
    relations: tuple[Relation, ...]
    stated: bool
    convention: Convention
    unit: Unit | None
    note: str
    place: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A quantity that would be needed, and what it would have to be."""

    name: str
    what: str
    unit: Unit | None
    solve: Expression | None
    examples: tuple[Stated, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Primary:
    """What a source gives for a figure (`quantity`, `figure`) or a word (`said`, `found`)."""

    source_id: str
    what: str
    quantity: str
    figure: Stated | None
    said: str
    found: str
    note: str
    place: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim in our own words with the figures taken over."""

    claim_id: str
    title: str
    where: str
    topic: str
    given: Mapping[str, Given]
    defined: Mapping[str, Expression]
    readings: tuple[Reading, ...]
    missing: tuple[Missing, ...]
    primaries: tuple[Primary, ...]
    note: str
    place: str


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """A publication, its sources, its claims."""

    name: str
    publication: Publication
    sources: Mapping[str, Source]
    claims: tuple[Claim, ...]
    digest: str
