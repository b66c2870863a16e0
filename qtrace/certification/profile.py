"""The attribute profile of a run: six attributes, the figures that bear on each, how it stands.

Inside: `AttributeProfile`, `Profile`, `attribute_profile`.

No number stands for an attribute, and attributes are never added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qtrace.certification.key_report import KeyReport
from qtrace.certification.profile_rows import (
    DEMONSTRATION_MARKS,
    ProfileRow,
    RunContext,
    profile_row,
)
from qtrace.certification.profile_security import SecurityStatement, security_statement
from qtrace.certification.profile_standing import (
    AttributeStanding,
    is_of,
    standing_of_chains,
    standing_of_figures,
    standing_of_security,
)
from qtrace.laboratory.link import Link
from qtrace.metrics.attributes import (
    ATTRIBUTES,
    Attribute,
    AttributeText,
    why_on_none,
)

__all__ = (
    "AttributeProfile",
    "AttributeStanding",
    "Profile",
    "ProfileRow",
    "RunContext",
    "SecurityStatement",
    "attribute_profile",
)
UNMAPPED = "nobody has said what this kind bears on"


@dataclass(frozen=True, slots=True)
class AttributeProfile:
    """One attribute: what it is, how it stands and why, its figures, and what they rest on.

    For traceability every figure of the run is among `figures`: its chain is what is shown.
    """

    attribute: Attribute
    text: AttributeText
    standing: AttributeStanding
    reason: str
    figures: tuple[ProfileRow, ...]
    conditions: tuple[ProfileRow, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of one round of recomputation of a run.

    `demonstration` says why nothing here is more than a DEMONSTRATION; empty where all was
    measured. `left_out` are figures that bear on no attribute, each with the reason.
    """

    run_id: str
    link_id: str
    title: str
    protocol: str
    provenance: str
    watermark: str
    demonstration: tuple[str, ...]
    attributes: tuple[AttributeProfile, ...]
    security: SecurityStatement
    left_out: tuple[tuple[str, str], ...]

    def of(self, attribute: Attribute) -> AttributeProfile:
        """Return one attribute."""
        return next(one for one in self.attributes if one.attribute is attribute)


def attribute_profile(
    context: RunContext,
    link: Link,
    result_ids: Sequence[int],
    *,
    key: KeyReport | None,
    no_security: str,
) -> Profile:
    """Return the attribute profile of a recomputed run.

    Args:
        context: Run, records behind its results, baselines.
        link: Its link.
        result_ids: Results of one round of recomputation, in order.
        key: What the run proves of its key, None where it has no certified figure.
        no_security: Why it has none, where the protocol says so.
    """
    run = context.run
    rows = tuple(profile_row(context, one) for one in result_ids)
    security = security_statement(run, link, key, no_outcome=no_security)
    marks = {mark for row in rows for mark in row.marks}
    return Profile(
        run.run_id,
        run.link_id,
        link.title,
        run.protocol,
        run.provenance,
        link.watermark,
        tuple(sorted(marks & DEMONSTRATION_MARKS)),
        tuple(_attribute(one, rows, security) for one in Attribute),
        security,
        tuple(
            (row.name, why_on_none(row.statement.kind) or UNMAPPED)
            for row in rows
            if not row.bearings
        ),
    )


def _attribute(
    attribute: Attribute, rows: tuple[ProfileRow, ...], security: SecurityStatement
) -> AttributeProfile:
    """Return one attribute with the rows that bear on it."""
    text = ATTRIBUTES[attribute]
    if attribute is Attribute.TRACEABILITY:
        return AttributeProfile(attribute, text, *standing_of_chains(rows), rows, ())
    bearing = [row for row in rows if any(one.attribute is attribute for one in row.bearings)]
    figures = tuple(row for row in bearing if is_of(row, attribute))
    conditions = tuple(row for row in bearing if not is_of(row, attribute))
    if attribute is Attribute.SECURITY:
        standing, reason = standing_of_security(security, bearing)
    else:
        standing, reason = standing_of_figures(attribute, bearing)
    return AttributeProfile(attribute, text, standing, reason, figures, conditions)
