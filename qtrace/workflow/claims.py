"""Check what a publication claims: its arithmetic, and what its primary sources say.

Inside: `check_claim_file`, `ShippedClaims`, `list_claim_files`. Nothing is recorded; no database
is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.claims.check import CheckedFile, check_claims
from qtrace.claims.verdict import Verdict
from qtrace.exchange.claim_file import claim_file_of, read_claim_file, shipped_claim_files


@dataclass(frozen=True, slots=True)
class ShippedClaims:
    """A claims file that travels with qtrace."""

    name: str
    claims: int
    publication: str


def check_claim_file(name: str) -> CheckedFile:
    """Check a claims file.

    Args:
        name: Its path, or the name of a shipped one.

    Raises:
        InputError: not found, not readable, or a relation has no value.
        UnitError: units do not match.
    """
    return check_claims(read_claim_file(claim_file_of(name)))


def standing_of(checked: CheckedFile) -> Verdict:
    """Return INCONSISTENT where one claim is, CONSISTENT where all are, else what lacks."""
    if checked.count(Verdict.INCONSISTENT):
        return Verdict.INCONSISTENT
    if checked.count(Verdict.CONSISTENT) == len(checked.claims):
        return Verdict.CONSISTENT
    return Verdict.UNDERDETERMINED


def list_claim_files() -> tuple[ShippedClaims, ...]:
    """Return the shipped claims files."""
    found = []
    for path in shipped_claim_files():
        file = read_claim_file(path)
        about = f"{file.publication.title} ({file.publication.year})"
        found.append(ShippedClaims(file.name, len(file.claims), about))
    return tuple(found)
