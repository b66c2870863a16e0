"""Are the requirements and the scheme in a document those that this software ships?

Inside: `ShippedRules`, `rule_differences`, `scheme_digest`.

A document carries its own rules, so that it can be judged for ever; its author could have
loosened them. A reader who has the software compares. Another edition differs honestly: then
the reader decides, and is told what differs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from qtrace.certification.case import AppliedStandard, CaseFile
from qtrace.certification.codec import encode
from qtrace.certification.scheme import Scheme
from qtrace.errors import IntegrityError
from qtrace.ledger.canonical import canonical_bytes
from qtrace.ledger.digest import digest_hex


@dataclass(frozen=True, slots=True)
class ShippedRules:
    """All standards, as they would be applied, and all schemes at the reader's."""

    standards: tuple[AppliedStandard, ...]
    schemes: tuple[Scheme, ...]


def rule_differences(case: CaseFile, shipped: ShippedRules) -> tuple[str, ...]:
    """Return where the rules of a case are not the shipped ones, empty where they are.

    Raises:
        IntegrityError: a standard claims the digest of the shipped file and has other rows.
    """
    known = {one.standard_id: one for one in shipped.standards}
    lines: list[str] = []
    for standard in case.standards:
        own = known.get(standard.standard_id)
        if own is None:
            lines.append(f"requirements: {standard.standard_id} is not shipped here")
        else:
            lines.extend(_standard(standard, own))
    scheme = {one.scheme_id: one for one in shipped.schemes}.get(case.scheme.scheme_id)
    if scheme is None:
        lines.append(f"scheme: {case.scheme.scheme_id} is not shipped here")
    elif encode(scheme) != encode(case.scheme):
        fields = _differing(encode(case.scheme), encode(scheme))
        lines.append(f"scheme: {case.scheme.scheme_id} differs in {', '.join(fields)}")
    return tuple(lines)


def scheme_digest(scheme: Scheme) -> str:
    """Return the digest (domain `scheme`) of all rules of a scheme; a name alone says nothing."""
    return digest_hex("scheme", canonical_bytes(encode(scheme)))


def _standard(stated: AppliedStandard, own: AppliedStandard) -> list[str]:
    """Return how the rows of one standard differ from the shipped ones."""
    rows = {row.requirement_id: encode(row) for row in stated.requirements}
    shipped = {row.requirement_id: encode(row) for row in own.requirements}
    what = [
        *(f"{name} is missing" for name in shipped if name not in rows),
        *(f"{name} is added" for name in rows if name not in shipped),
        *(
            f"{name} differs in {', '.join(_differing(rows[name], shipped[name]))}"
            for name in rows
            if name in shipped and rows[name] != shipped[name]
        ),
    ]
    if replace(stated, requirements=(), edition_warning="", digest="") != replace(
        own, requirements=(), edition_warning="", digest=""
    ):
        what.append("title, edition or notice differ")
    if what and stated.digest == own.digest:
        raise IntegrityError(
            f"{stated.standard_id} claims the digest of the shipped requirements, but {what[0]}",
            where="requirements",
            next_step="do not trust this document; ask its issuer which requirements were applied",
        )
    if not what and stated.digest != own.digest:
        what.append("same rows, from another file")
    return [f"requirements: {stated.standard_id}: {one}" for one in what]


def _differing(one: dict[str, object], other: dict[str, object]) -> list[str]:
    return [name for name in one if one[name] != other.get(name)]
