"""A published example: where it stands, what goes in, what is printed of it.

Inside: `Basis`, `PrintedFigure`, `Case`, `ReferenceDocument`, `Figure`, `Figures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from qtrace.validation.given import Given


class Basis(StrEnum):
    """How the figure that we compare with became known here."""

    READ = "read"  # read in a public source that is named
    MEMORY = "memory"  # as known of the document, whose text was not read again
    COMPUTED = "computed"  # not in print: closed form, quadrature or another program


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    """One figure of an example, as decimal text in the unit that the case states.

    `tolerance` is None where half a unit of the last printed digit holds; else `because` says
    why. `explained` says why a known difference is there; `instead` is then what we must get,
    so that an explanation never hides another fault.
    """

    name: str
    text: str
    basis: Basis
    read_in: str
    unit: str = ""
    tolerance: float | None = None
    because: str = ""
    explained: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One example of a document with the procedure that evaluates it again.

    `draws` and `seed` are 0 where nothing is drawn; `printed_draws` is the number behind the
    printed figures. `given` holds the inputs, `inputs_basis` and `inputs_from` say how those are
    known.
    """

    case_id: str
    document: str
    source: str
    title: str
    procedure: str
    tags: tuple[str, ...]
    given: Given
    inputs_basis: Basis
    inputs_from: str
    printed: tuple[PrintedFigure, ...]
    draws: int = 0
    seed: int = 0
    printed_draws: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReferenceDocument:
    """A document whose examples are at hand."""

    document_id: str
    title: str
    cases: tuple[Case, ...]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of ours; `scatter` is the standard deviation of a drawn one, else 0."""

    value: float
    scatter: float = 0.0


Figures: TypeAlias = Mapping[str, Figure]
