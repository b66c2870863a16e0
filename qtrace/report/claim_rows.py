"""Checked claims as words for table, page and JSON.

Inside: `ClaimRow`, `TopicRows`, `claim_rows`, `claims_document`, `VERDICT_WORDS`, `CONVENTIONS`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qtrace.claims.check import (
    CheckedClaim,
    CheckedFile,
    CheckedMissing,
    CheckedPrimary,
    CheckedReading,
    CheckedRelation,
)
from qtrace.claims.claim import PUBLICATION, Claim, Reading, Tag
from qtrace.claims.span import Span
from qtrace.claims.verdict import Arithmetic, SourceStanding, Verdict
from qtrace.quantity.units import ONE, Dimension, Unit, dimension_text, parse_unit

VERDICT_WORDS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.INCONSISTENT: "holds under no reading of its words, or a source that was seen "
        "says otherwise",
        Verdict.UNDERDETERMINED: "a quantity is missing, or an assumption stands for it",
        Verdict.UNVERIFIED_SOURCE: "may hold; its source is from memory, not located, or silent",
        Verdict.CONSISTENT: "holds within the digits stated, and no source that was seen differs",
    }
)
TAG_WORDS: Mapping[Tag, str] = MappingProxyType(
    {
        Tag.SEEN: "seen",
        Tag.ABSTRACT: "abstract seen",
        Tag.FROM_MEMORY: "from memory",
        Tag.NOT_LOCATED: "not located",
    }
)
CONVENTIONS = (
    "power_ratio_of_level(x) = 10^(x/10 dB), of variances and powers; "
    "amplitude_ratio_of_level(x) = 10^(x/20 dB), of standard deviations and amplitudes"
)
GENERAL = "General"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Units of time and frequency are shown with the prefix that leaves one to three digits in front.
_SCALED = {
    "s": ("fs", "ps", "ns", "us", "ms", "s"),
    "Hz": ("mHz", "Hz", "kHz", "MHz", "GHz"),
}
_POINT = 1e-9  # relative width below which an interval is shown as one number


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A reading: its head, and for each relation formula, numbers put in, and comparison."""

    head: str
    steps: tuple[tuple[str, str, str], ...]
    result: str
    note: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim for people."""

    claim_id: str
    title: str
    where: str
    verdict: Verdict
    mood: str
    standings: tuple[str, ...]
    given: tuple[str, ...]
    readings: tuple[ReadingRow, ...]
    missing: tuple[str, ...]
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class TopicRows:
    """Claims of one topic."""

    topic: str
    claims: tuple[ClaimRow, ...]


def claim_rows(checked: CheckedFile) -> tuple[TopicRows, ...]:
    """Return the claims by topic, in the order of the file."""
    topics: dict[str, list[ClaimRow]] = {}
    for one in checked.claims:
        topics.setdefault(one.claim.topic or GENERAL, []).append(_row(one, checked))
    return tuple(TopicRows(topic, tuple(rows)) for topic, rows in topics.items())


def _row(one: CheckedClaim, checked: CheckedFile) -> ClaimRow:
    standings = []
    if one.arithmetic is not Arithmetic.NONE:
        words = one.arithmetic.value
        standings.append(words if words.startswith("rests") else f"arithmetic {words}")
    if one.sources is not SourceStanding.NONE:
        standings.append(f"source {one.sources.value}")
    return ClaimRow(
        claim_id=one.claim.claim_id,
        title=one.claim.title,
        where=one.claim.where,
        verdict=one.verdict,
        mood=one.verdict.value.lower().replace(" ", "_"),
        standings=tuple(standings),
        given=_given(one.claim, checked),
        readings=tuple(_reading(one.claim, reading) for reading in one.readings),
        missing=tuple(_missing(one, lacking) for lacking in one.missing),
        sources=tuple(_primary(one.claim, primary) for primary in one.primaries),
        note=one.claim.note,
    )


def _given(claim: Claim, checked: CheckedFile) -> tuple[str, ...]:
    """Return the figures that the publication does not state, with where they come from."""
    lines = []
    for name, one in claim.given.items():
        if one.origin == PUBLICATION:
            continue
        source = checked.file.sources.get(one.origin)
        origin = one.origin if source is None else f"{source.source_id}, {TAG_WORDS[source.tag]}"
        lines.append(f"{name} = {one.stated.text} ({origin})")
    lines += [f"{name} = {one.text} (defined)" for name, one in claim.defined.items()]
    return tuple(lines)


def _reading(claim: Claim, checked: CheckedReading) -> ReadingRow:
    reading = checked.reading
    head = reading.name if reading.stated else f"{reading.name} (not its words, never counted)"
    if checked.relations:
        steps = tuple(
            (one.relation.text, filled(one.relation.text, claim), _compared(claim, reading, one))
            for one in checked.relations
        )
        result = "holds" if checked.holds else "fails"
    else:
        steps = tuple((one.text, filled(one.text, claim), "") for one in reading.relations)
        names = {one.name for one in claim.missing}
        lacking = ", ".join(name for name in checked.inputs if name in names)
        result = f"open: {lacking} is not stated"
    if checked.arithmetic in {Arithmetic.ASSUMED, Arithmetic.FROM_MEMORY}:
        result += f", {checked.arithmetic.value}"
    return ReadingRow(head, steps, result, reading.note)


def filled(text: str, claim: Claim) -> str:
    """Return a relation with the figures put in, in brackets."""

    def figure(found: re.Match[str]) -> str:
        name = found.group()
        return f"[{claim.given[name].stated.text}]" if name in claim.given else name

    return _NAME.sub(figure, text)


def _compared(claim: Claim, reading: Reading, one: CheckedRelation) -> str:
    unit = _unit_of(claim, reading, one)
    left = _side(one.left, one.left_span, unit, bare=_is_range(claim, one.relation.left.text))
    right = _side(one.right, one.right_span, unit, bare=_is_range(claim, one.relation.right.text))
    answer = "yes" if one.holds else "no"
    return f"{left} {one.relation.comparison.value} {right}: {answer}"


def _is_range(claim: Claim, text: str) -> bool:
    """Return whether a side is one figure stated as a range, which has no number of its own."""
    return text in claim.given and ".." in claim.given[text].stated.text


def _unit_of(claim: Claim, reading: Reading, one: CheckedRelation) -> Unit:
    if reading.unit is not None:
        return reading.unit
    left = one.relation.left.text
    if left in claim.given:
        return claim.given[left].stated.unit
    return unit_of_dimension(one.dimension)


def unit_of_dimension(dimension: Dimension) -> Unit:
    """Return the coherent unit of a dimension."""
    code = dimension_text(dimension)
    return ONE if code == "1" else parse_unit(code)


def _side(value: float, span: Span, unit: Unit, *, bare: bool = False) -> str:
    """Write a number with what its digits leave open."""
    factor = float(unit.factor)
    code = "" if unit.code == "1" else f" {unit.code}"
    low, high = span.low / factor, span.high / factor
    if math.isinf(low) and math.isinf(high):
        return "any number"
    if math.isinf(high):
        return f">= {low:.4g}{code}"
    if math.isinf(low):
        return f"<= {high:.4g}{code}"
    shown = f"{value / factor:.4g}"
    if high - low <= _POINT * max(abs(low), abs(high)):
        return f"{shown}{code}"
    ends = f"{low:.4g} .. {high:.4g}"
    return f"{ends}{code}" if bare else f"{shown}{code} ({ends})"


def scaled(value: float, span: Span | None, unit: Unit) -> str:
    """Write a number in the prefix of its unit that suits it."""
    for code in reversed(_SCALED.get(unit.code, ())):
        prefixed = parse_unit(code)
        if abs(value) >= float(prefixed.factor):
            unit = prefixed
            break
    return _side(value, span or Span(value, value), unit)


def _missing(one: CheckedClaim, lacking: CheckedMissing) -> str:
    missing = lacking.missing
    text = f"{missing.name}, {missing.what}"
    if lacking.needed is not None and missing.unit is not None:
        text += f"; would have to be {scaled(lacking.needed, lacking.needed_span, missing.unit)}"
    for example, relation in lacking.examples:
        reading = next(r.reading for r in one.readings if relation.relation in r.reading.relations)
        unit = _unit_of(one.claim, reading, relation)
        given = f"{relation.right / float(unit.factor):.4g} {unit.code}".removesuffix(" 1")
        text += f"; {missing.name} = {example} gives {given}"
    return text


def _primary(claim: Claim, checked: CheckedPrimary) -> str:
    primary = checked.primary
    tag = TAG_WORDS[checked.source.tag]
    said = claim.given[primary.quantity].stated.text if primary.quantity else f'"{primary.said}"'
    if primary.figure is not None:
        gives = f"gives {primary.figure.text}, said is {said}"
    elif primary.found:
        gives = f'has "{primary.found}", said is {said}'
    else:
        gives = f"nothing found for {said}"
    result = {True: "agrees", False: "differs", None: "unverified"}[checked.agrees]
    if checked.agrees is not None and not checked.source.tag.read:
        result += ", unverified"
    note = f" ({primary.note})" if primary.note else ""
    return f"{primary.what}: {checked.source.source_id} ({tag}) {gives}: {result}{note}"


def claims_document(checked: CheckedFile) -> dict[str, object]:
    """Return everything as plain values for JSON; numbers keep all digits."""
    return {
        "file": checked.file.name,
        "file_digest": checked.file.digest,
        "publication": checked.file.publication,
        "sources": list(checked.file.sources.values()),
        "counts": {verdict.value: checked.count(verdict) for verdict in Verdict},
        "claims": [_claim_document(one, checked) for one in checked.claims],
    }


def _claim_document(one: CheckedClaim, checked: CheckedFile) -> dict[str, object]:
    row = _row(one, checked)
    return {
        "id": row.claim_id,
        "topic": one.claim.topic,
        "statement": row.title,
        "where": row.where,
        "verdict": one.verdict.value,
        "arithmetic": one.arithmetic.value,
        "source": one.sources.value,
        "given": [
            {"name": g.name, "stated": g.stated.text, "si": g.stated.number, "origin": g.origin}
            for g in one.claim.given.values()
        ],
        "readings": [_reading_document(reading) for reading in one.readings],
        "missing": [
            {"name": m.missing.name, "what": m.missing.what, "needed_si": m.needed}
            for m in one.missing
        ],
        "primary": [
            {
                "source": p.source.source_id,
                "tag": p.source.tag.value,
                "what": p.primary.what,
                "figure": p.primary.figure.text if p.primary.figure else p.primary.found,
                "agrees": p.agrees,
                "standing": p.standing.value,
            }
            for p in one.primaries
        ],
        "shown": {"missing": row.missing, "sources": row.sources},
        "note": row.note,
    }


def _reading_document(one: CheckedReading) -> dict[str, object]:
    return {
        "name": one.reading.name,
        "stated": one.reading.stated,
        "convention": one.reading.convention.value,
        "holds": one.holds,
        "arithmetic": one.arithmetic.value,
        "relations": [
            {
                "relation": r.relation.text,
                "left": r.left,
                "right": r.right,
                "left_within": _ends(r.left_span),
                "right_within": _ends(r.right_span),
                "holds": r.holds,
            }
            for r in one.relations
        ],
    }


def _ends(span: Span) -> list[float | None]:
    """Return both bounds; none where there is no bound."""
    return [end if math.isfinite(end) else None for end in (span.low, span.high)]
