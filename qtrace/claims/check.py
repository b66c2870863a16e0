"""Check claims: arithmetic of each reading, what is missing, what the primary sources say.

Inside: `check_claims`, `check_claim`, `CheckedFile`, `CheckedClaim`, `CheckedReading`,
`CheckedRelation`, `CheckedMissing`, `CheckedPrimary`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.claims.claim import (
    ASSUMPTION,
    DEFINITION,
    PUBLICATION,
    Claim,
    ClaimFile,
    Convention,
    Missing,
    Primary,
    Reading,
    Source,
    Tag,
)
from qtrace.claims.definitions import Known, known_of, number_of
from qtrace.claims.evaluate import Relation, compare, span_of
from qtrace.claims.span import Span
from qtrace.claims.verdict import (
    Arithmetic,
    SourceStanding,
    Verdict,
    best_of,
    overall,
    worst_of,
)
from qtrace.errors import InputError, QtraceError, UnitError
from qtrace.quantity.units import Dimension, dimension_text

_OF_VARIANCE = frozenset({"power_ratio_of_level", "level_of_power_ratio"})
_OF_DEVIATION = frozenset({"amplitude_ratio_of_level", "level_of_amplitude_ratio"})


@dataclass(frozen=True, slots=True)
class CheckedRelation:
    """Both sides in SI units: at the numbers written, and within what is left open."""

    relation: Relation
    dimension: Dimension
    left: float
    left_span: Span
    right: float
    right_span: Span
    holds: bool


@dataclass(frozen=True, slots=True)
class CheckedReading:
    """One reading: what it rests on, each relation, and what follows; none where it is open."""

    reading: Reading
    inputs: tuple[str, ...]
    relations: tuple[CheckedRelation, ...]
    holds: bool | None
    arithmetic: Arithmetic


@dataclass(frozen=True, slots=True)
class CheckedMissing:
    """A missing quantity: what it would have to be, and what examples would give."""

    missing: Missing
    needed: float | None
    needed_span: Span | None
    examples: tuple[tuple[str, CheckedRelation], ...]


@dataclass(frozen=True, slots=True)
class CheckedPrimary:
    """What a source says beside what the publication says; `agrees` none where it is silent."""

    primary: Primary
    source: Source
    agrees: bool | None
    standing: SourceStanding


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim with everything that was found, and the verdict."""

    claim: Claim
    readings: tuple[CheckedReading, ...]
    missing: tuple[CheckedMissing, ...]
    primaries: tuple[CheckedPrimary, ...]
    arithmetic: Arithmetic
    sources: SourceStanding
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """All claims of a file, in its order."""

    file: ClaimFile
    claims: tuple[CheckedClaim, ...]

    def count(self, verdict: Verdict) -> int:
        """Return how many claims have a verdict."""
        return sum(one.verdict is verdict for one in self.claims)


def check_claims(file: ClaimFile) -> CheckedFile:
    """Check every claim of a file.

    Raises:
        InputError: a relation has no value, a definition runs in a circle, dB without convention.
        UnitError: both sides of a relation, or a figure and its source, differ in unit.
    """
    return CheckedFile(file, tuple(check_claim(one, file) for one in file.claims))


def check_claim(claim: Claim, file: ClaimFile) -> CheckedClaim:
    """Check one claim against itself and its sources."""
    known = known_of(claim)
    readings = tuple(_reading(claim, one, known=known, file=file) for one in claim.readings)
    missing = tuple(_missing(claim, one, known=known) for one in claim.missing)
    primaries = tuple(_primary(claim, one, file=file) for one in claim.primaries)
    arithmetic = best_of(one.arithmetic for one in readings if one.reading.stated)
    in_relations = {name for one in readings for name in one.inputs}
    lacking = any(one.name not in in_relations for one in claim.missing)
    if lacking and arithmetic is not Arithmetic.FAILS:
        arithmetic = Arithmetic.OPEN
    sources = worst_of(one.standing for one in primaries)
    verdict = overall(arithmetic, sources)
    return CheckedClaim(claim, readings, missing, primaries, arithmetic, sources, verdict)


def _reading(claim: Claim, reading: Reading, *, known: Known, file: ClaimFile) -> CheckedReading:
    names = tuple(dict.fromkeys(name for one in reading.relations for name in one.names))
    inputs = known.behind(names)
    _check_convention(reading, known=known)
    dimensions = [_common_dimension(reading, one, known=known) for one in reading.relations]
    if any(one.name in inputs for one in claim.missing):
        return CheckedReading(reading, inputs, (), None, Arithmetic.OPEN)
    checked = tuple(
        _relation(one, known, dimension=dimension, place=reading.place)
        for one, dimension in zip(reading.relations, dimensions, strict=True)
    )
    holds = all(one.holds for one in checked)
    origins = {claim.given[name].origin for name in inputs}
    if ASSUMPTION in origins:
        arithmetic = Arithmetic.ASSUMED
    elif any(not _seen(origin, file) for origin in origins):
        arithmetic = Arithmetic.FROM_MEMORY
    else:
        arithmetic = Arithmetic.HOLDS if holds else Arithmetic.FAILS
    return CheckedReading(reading, inputs, checked, holds, arithmetic)


def _seen(origin: str, file: ClaimFile) -> bool:
    return origin in {PUBLICATION, DEFINITION} or file.sources[origin].tag.read


def _check_convention(reading: Reading, *, known: Known) -> None:
    """Refuse a level that becomes a ratio without, or against, a declared convention."""
    called = frozenset().union(*(one.functions() for one in reading.relations))
    names = {name for one in reading.relations for name in one.names}
    called = called.union(*(known.functions[name] for name in names))
    fitting = {
        Convention.VARIANCE: _OF_VARIANCE,
        Convention.STANDARD_DEVIATION: _OF_DEVIATION,
        Convention.NONE: frozenset[str](),
    }[reading.convention]
    wrong = sorted(called & (_OF_VARIANCE | _OF_DEVIATION) - fitting)
    if wrong:
        said = f'"{reading.convention.value}"' if reading.convention.value else "not stated"
        raise InputError(
            f"{wrong[0]} is used, but the convention of the level is {said}",
            where=f"{reading.place}, field convention",
            next_step='write convention = "variance" (10^(x/10)) or "standard_deviation" '
            "(10^(x/20)) and take the function that fits",
        )


def _common_dimension(reading: Reading, relation: Relation, *, known: Known) -> Dimension:
    """Return the dimension of both sides.

    Raises:
        UnitError: they differ, or a side joins what does not fit, or the unit shown does not.
    """
    where = f"{reading.place}, relation {relation.text!r}"
    try:
        left = relation.left.dimension(known.dimensions)
        right = relation.right.dimension(known.dimensions)
    except QtraceError as error:
        raise error.located(where) from None
    if left != right:
        raise UnitError(
            f"the left side has the unit {dimension_text(left)}, the right side "
            f"{dimension_text(right)}",
            where=where,
            next_step="correct a unit, or the relation",
        )
    if reading.unit is not None and reading.unit.dimension != left:
        raise UnitError(
            f"{reading.unit.code!r} is no unit of {relation.text!r}",
            where=f"{reading.place}, field unit",
            next_step=f"give a unit of dimension {dimension_text(left)}",
        )
    return left


def _relation(
    relation: Relation, known: Known, *, dimension: Dimension, place: str
) -> CheckedRelation:
    try:
        left, right = (number_of(one, known.numbers) for one in (relation.left, relation.right))
        left_span = span_of(relation.left, known.spans)
        right_span = span_of(relation.right, known.spans)
    except QtraceError as error:
        raise error.located(f"{place}, relation {relation.text!r}") from None
    holds = compare(relation.comparison, left_span, right_span)
    return CheckedRelation(relation, dimension, left, left_span, right, right_span, holds)


def _missing(claim: Claim, missing: Missing, *, known: Known) -> CheckedMissing:
    """Return what would be needed; that it solves the relation is checked."""
    where = f"{missing.place}, field solve"
    needed, span = None, None
    readings = [
        (reading, one)
        for reading in claim.readings
        for one in reading.relations
        if missing.name in known.behind(one.names)
    ]
    if missing.solve is not None:
        try:
            dimension = missing.solve.dimension(known.dimensions)
            needed = number_of(missing.solve, known.numbers)
            span = span_of(missing.solve, known.spans)
        except QtraceError as error:
            raise error.located(where) from None
        if missing.unit is None or dimension != missing.unit.dimension:
            raise UnitError(
                f"{missing.solve.text!r} has the unit {dimension_text(dimension)}",
                where=where,
                next_step=f"write unit, of that dimension, for {missing.name!r}",
            )
        filled = known.with_value(claim, missing.name, number=needed, span=Span(needed, needed))
        for reading, one in readings:
            if all(name in filled.spans for name in one.names):
                _check_solved(reading, one, filled=filled, where=where)
    examples = []
    for example in missing.examples:
        filled = known.with_value(
            claim, missing.name, number=example.number, span=Span(example.number, example.number)
        )
        for reading, one in readings:
            if all(name in filled.spans for name in one.names):
                dimension = _common_dimension(reading, one, known=known)
                checked = _relation(one, filled, dimension=dimension, place=reading.place)
                examples.append((example.text, checked))
    return CheckedMissing(missing, needed, span, tuple(examples))


def _check_solved(reading: Reading, relation: Relation, *, filled: Known, where: str) -> None:
    left, right = span_of(relation.left, filled.spans), span_of(relation.right, filled.spans)
    if not compare(relation.comparison, left, right):
        raise InputError(
            f"what it gives does not solve {relation.text!r} of reading {reading.name!r}",
            where=where,
            next_step="solve the relation for the missing quantity again",
        )


def _primary(claim: Claim, primary: Primary, *, file: ClaimFile) -> CheckedPrimary:
    source = file.sources[primary.source_id]
    agrees: bool | None
    if primary.quantity:
        stated = claim.given[primary.quantity].stated
        agrees = None if primary.figure is None else stated.span.meets(primary.figure.span)
    else:
        agrees = primary.said.casefold() == primary.found.casefold() if primary.found else None
    if agrees is None or not source.tag.read:
        standing = SourceStanding.UNVERIFIED
    else:
        standing = SourceStanding.AGREES if agrees else SourceStanding.CONTRADICTS
    if source.tag is Tag.NOT_LOCATED and agrees is not None:
        raise InputError(
            f"source {source.source_id} was not located, but a figure of it is given",
            where=primary.place,
            next_step='tag it "from_memory", or leave figure and found out',
        )
    return CheckedPrimary(primary, source, agrees, standing)
