"""The six attributes of a link that measures: what each is, and how it is shown.

Inside: `Attribute`, `AttributeText`, `ATTRIBUTES`, `Bearing`, `Weight`, `bearings_of`,
`why_on_none`.

Accuracy is no quantity and gets no number: the known bias and the standard uncertainty stand
instead. Traceability is a property of a result that is shown, never more or less of it. Security
has no probability: it is a statement of a proof about a set of devices.
Source: JCGM 200:2012 (VIM), 2.13 with its note, 2.18, 2.26, 2.41, 4.12, 4.16, 4.18 and 4.19;
all but 2.13 are clauses from memory. The words are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qtrace.metrics.attribute_rows import ON_NONE, ROWS, Attribute, Weight


@dataclass(frozen=True, slots=True)
class AttributeText:
    """What an attribute is, how it is shown, and what nobody may read into it."""

    definition: str
    shown_as: str
    not_said: str
    term: str  # of the vocabulary


ATTRIBUTES: Mapping[Attribute, AttributeText] = MappingProxyType(
    {
        Attribute.ACCURACY: AttributeText(
            "how close a measured value lies to the true one",
            "the known bias that the value still holds, and the standard uncertainty of the value",
            "no number is the accuracy: the true value is unknown, so closeness to it is, too",
            "VIM 2.13 (not a quantity, by its note); bias 2.18, uncertainty 2.26",
        ),
        Attribute.STABILITY: AttributeText(
            "how little a property changes with time",
            "deviations over an averaging time, each with that time and its interval",
            "a constant error leaves no trace in a deviation",
            "VIM 4.19",
        ),
        Attribute.SENSITIVITY: AttributeText(
            "how much an indication changes with the quantity, and so which change can be seen",
            "responses, and smallest changes that can be told apart, each beside its reference",
            "what can be seen in principle is no result: a small scatter may sit on a large bias",
            "VIM 4.12; discrimination and detection limit 4.16 and 4.18",
        ),
        Attribute.SYNCHRONIZATION: AttributeText(
            "how well two clocks are known to show one time, or one frequency",
            "differences of clocks with their u, and limits of the time error over a record",
            "an asymmetry of the path moves the difference and leaves no trace in its scatter",
            "no term of the VIM; ITU-T G.810 and BIPM words",
        ),
        Attribute.SECURITY: AttributeText(
            "what an adversary provably cannot know or change, for which devices",
            "a proof with its set of devices, epsilon, and who must be trusted; no probability",
            "epsilon is the failure of an ideal protocol, conditional on the set of devices",
            "no term of the VIM; ETSI GS QKD and ISO/IEC 23837 words",
        ),
        Attribute.TRACEABILITY: AttributeText(
            "whether a result hangs on its reference by an unbroken chain of calibrations",
            "the chain of every figure: its typed ends, or the steps that are missing",
            "there is no more or less of it: it is shown or broken, and no link improves it",
            "VIM 2.41 to 2.43",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Bearing:
    """A kind of quantity bears on an attribute: as a figure of it, or as a condition."""

    attribute: Attribute
    weight: Weight
    why: str


def bearings_of(kind: str) -> tuple[Bearing, ...]:
    """Return what a kind of quantity bears on, empty where it bears on none or is not mapped.

    Traceability is in no list: the chain of every figure bears on it.

    Args:
        kind: Name of the kind of a figure.
    """
    return tuple(
        Bearing(attribute, weight, row.why)
        for row in ROWS
        if kind in row.kinds
        for attribute, weight in row.on
    )


def why_on_none(kind: str) -> str:
    """Return why a kind of quantity bears on no attribute; empty where nobody has said."""
    return next((why for kinds, why in ON_NONE if kind in kinds), "")


__all__ = (
    "ATTRIBUTES",
    "Attribute",
    "AttributeText",
    "Bearing",
    "Weight",
    "bearings_of",
    "why_on_none",
)
