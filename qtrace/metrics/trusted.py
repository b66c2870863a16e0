"""Who must be trusted for what a protocol proves, and who need not be.

Inside: `Untrusted`, `untrusted_parts`, `ALWAYS_TRUSTED`.

Source: Koashi and Preskill, PRL 90, 057902 (2003) (source of pairs); Lo, Curty and Qi, PRL 108,
130503 (2012) (relay that measures); Acin et al., PRL 98, 230501 (2007) (devices that pass a Bell
test). References from memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Of every key whatever the protocol: no proof of the catalogue holds without these.
ALWAYS_TRUSTED = (
    "the classical channel is authenticated",
    "nothing leaks from the sites but what the protocol says",
)


@dataclass(frozen=True, slots=True)
class Untrusted:
    """A part that the adversary may hold, and why the proof still stands."""

    part: str
    reason: str


_RELAY = Untrusted(
    "the relay in the middle",
    "it only announces outcomes of a measurement of both sides' light; the proof gives it to the "
    "adversary",
)
_PARTS: Mapping[str, tuple[Untrusted, ...]] = MappingProxyType(
    {
        "bbm92": (
            Untrusted(
                "the source of pairs",
                "the bound rests on outcomes at both receivers; the proof gives the source to the "
                "adversary",
            ),
        ),
        "mdi": (_RELAY,),
        "tf_cal": (_RELAY,),
        "tf_sns": (_RELAY,),
        "chsh_complete": (
            Untrusted(
                "source and measuring devices",
                "the bound rests on a complete Bell test of outcomes, not on how they come about",
            ),
        ),
    }
)


def untrusted_parts(protocol: str) -> tuple[Untrusted, ...]:
    """Return what need not be trusted in a protocol; empty where every part must be."""
    return _PARTS.get(protocol, ())
