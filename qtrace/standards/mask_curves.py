"""The masks of packs by the id of their requirement, so that a plot can draw the limit.

Inside: `NamedMask`, `masks_of`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qtrace.standards.mask import Mask
from qtrace.standards.pack import StandardPack


@dataclass(frozen=True, slots=True)
class NamedMask:
    """A mask with what a drawing must say: whose it is, of what, in which unit, from where.

    `declaration` names the declared limit that takes the place of this default, if there is one.
    """

    requirement_id: str
    standard_id: str
    title: str
    evidence_item: str
    mask: Mask
    unit: str
    limit_origin: str
    declaration: str = ""


def masks_of(packs: Iterable[StandardPack]) -> dict[str, NamedMask]:
    """Return the masks of packs by requirement id.

    Two packs may use one id: the later one is then found as "STANDARD ID".

    Args:
        packs: Packs at hand.

    Returns:
        Requirement id to mask, in the order of the packs.
    """
    found: dict[str, NamedMask] = {}
    for pack in packs:
        for row in pack.requirements:
            if row.criterion.mask is None:
                continue
            name = row.requirement_id
            if name in found:
                name = f"{pack.standard_id} {name}"
            found[name] = NamedMask(
                row.requirement_id,
                pack.standard_id,
                row.title,
                row.evidence_item,
                row.criterion.mask,
                row.criterion.unit,
                row.limit_origin,
                row.criterion.declaration,
            )
    return found
