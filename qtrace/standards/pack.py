"""Standards as data: a table that a person wrote becomes requirements, or an error with a place.

Inside: `StandardPack`, `SelectedPack`, `pack_from_dict`, `select_pack`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.quantity.value import QuantityValue, in_unit
from qtrace.standards.mask_reading import read_mask
from qtrace.standards.reading import TableReader, Where
from qtrace.standards.requirement import (
    Comparison,
    Criterion,
    CriterionKind,
    Figure,
    Origin,
    OriginKind,
    Requirement,
    Scope,
    ValueIs,
)

_ONE_LIMIT = frozenset({Comparison.AT_MOST, Comparison.AT_LEAST, Comparison.RATIO_WITHIN})
# What each kind of criterion compares with; none for those that compare no figure.
_COMPARISONS: Mapping[CriterionKind, frozenset[Comparison]] = MappingProxyType(
    {
        CriterionKind.LIMIT: _ONE_LIMIT | {Comparison.COMPATIBLE_AT_MOST},
        CriterionKind.RANGE: frozenset({Comparison.WITHIN}),
        CriterionKind.DECLARED: _ONE_LIMIT,
        CriterionKind.DOCUMENTED: frozenset(),
        CriterionKind.CHAIN_UNBROKEN: frozenset(),
        CriterionKind.COMPLETE: frozenset(),
        CriterionKind.MASK: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class StandardPack:
    """One edition of a normative document, as far as it is mapped to requirements.

    `supersedes` and `standard_id` are written NAME:EDITION. `notice` is what a report must say
    beside every finding of this pack.
    """

    standard_id: str
    title: str
    edition: str
    requirements: tuple[Requirement, ...]
    supersedes: str = ""
    source: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class SelectedPack:
    """A pack that answers to what was asked for, with warnings about the edition."""

    pack: StandardPack
    warnings: tuple[str, ...] = ()


def pack_from_dict(data: Mapping[str, object], *, where: Where) -> StandardPack:
    """Build a pack from the table of a file.

    Args:
        data: Tables `standard` and `requirement` (a list).
        where: Turns a field path into "file, line, field".

    Raises:
        InputError: a field is missing, unknown, of the wrong kind or contradicts another.
    """
    top = TableReader(data, where)
    head = top.inner("standard")
    standard_id = head.text("id")
    if not all(standard_id.partition(":")):
        raise head.error("id", f"{standard_id!r} names no edition", next_step="write NAME:EDITION")
    rows = top.each("requirement")
    if not rows:
        raise top.error("requirement", "a standard without requirements judges nothing")
    requirements: list[Requirement] = []
    for row in rows:
        requirement = _requirement(row, standard_id)
        if requirement.requirement_id in {earlier.requirement_id for earlier in requirements}:
            raise row.error("id", f"the id {requirement.requirement_id!r} stands here twice")
        requirements.append(requirement)
    pack = StandardPack(
        standard_id,
        head.text("title"),
        head.text("edition"),
        tuple(requirements),
        supersedes=head.text("supersedes", default=""),
        source=head.text("source"),
        notice=head.text("notice", default=""),
    )
    head.finish()
    top.finish()
    return pack


def select_pack(packs: Iterable[StandardPack], asked: str) -> SelectedPack:
    """Find the pack for a standard, by NAME:EDITION or by name; a superseded edition warns.

    Raises:
        InputError: no pack answers to the name, or only one of another edition does.
    """
    known = tuple(packs)
    for pack in known:
        if asked in {pack.standard_id, _name(pack.standard_id)}:
            return SelectedPack(pack)
    for pack in known:
        if pack.supersedes and asked in {pack.supersedes, _name(pack.supersedes)}:
            warning = (
                f"{pack.supersedes} is superseded by {pack.standard_id}; "
                "the newer edition was used, name it in what you write"
            )
            return SelectedPack(pack, (warning,))
    ids = [pack.standard_id for pack in known]
    close = difflib.get_close_matches(asked, ids, n=1, cutoff=0.4)
    raise InputError(
        f"no requirements of {asked!r} are known",
        where="standard",
        next_step=f"did you mean {close[0]}?" if close else f"known: {', '.join(ids) or 'none'}",
    )


def _name(standard_id: str) -> str:
    return standard_id.partition(":")[0]


def _requirement(row: TableReader, standard_id: str) -> Requirement:
    """Build one requirement and check that its row does not contradict itself."""
    criterion = _criterion(row.inner("criterion"))
    origin_row = row.inner("origin")
    origin = Origin(origin_row.choice("kind", OriginKind), origin_row.text("source"))
    origin_row.finish()
    requirement = Requirement(
        row.text("id"),
        row.text("title"),
        row.text("side"),
        row.choice("scope", Scope),
        row.text("evidence"),
        criterion,
        origin,
        row.text("confidence"),
        limit_origin=row.text("limit_origin", default=""),
        applies_to=row.texts("applies_to"),
        clause=row.text("clause", default=""),
        clause_verified_by=row.text("clause_verified_by", default=""),
        standard_id=standard_id,
        needs=row.text("needs", default=""),
    )
    row.finish()
    if requirement.confidence not in {"H", "M", "L"}:
        raise row.error("confidence", f"confidence {requirement.confidence!r} is not H, M or L")
    if bool(requirement.clause) != bool(requirement.clause_verified_by):
        raise row.error(
            "clause",
            "a clause number and who verified it belong together",
            next_step="fill both 'clause' and 'clause_verified_by', or neither",
        )
    if any(one is not None for one in (criterion.limit, criterion.low, criterion.mask)):
        if not requirement.limit_origin:
            raise row.error("limit_origin", "a limit must say where it comes from")
    elif requirement.limit_origin:
        raise row.error("limit_origin", "an origin is given for a limit that does not exist")
    return requirement


def _criterion(row: TableReader) -> Criterion:
    """Build a criterion; the kind decides which fields it may and must have."""
    kind = row.choice("kind", CriterionKind)
    comparisons = _COMPARISONS[kind]
    if kind is CriterionKind.COMPLETE:
        criterion = Criterion(kind, attributes=row.texts("attributes", required=True))
    elif kind is CriterionKind.MASK:
        criterion = _mask(row)
    elif not comparisons:
        criterion = Criterion(kind)
    else:
        default = Comparison.WITHIN if kind is CriterionKind.RANGE else None
        comparison = row.choice("comparison", Comparison, default=default)
        if comparison not in comparisons:
            raise row.error(
                "comparison",
                f"a criterion of kind {kind} does not compare {comparison}",
                next_step=f"one of: {', '.join(sorted(comparisons))}",
            )
        criterion = _figure_fields(row, Criterion(kind, comparison))
        criterion = _with_limits(row, criterion)
    row.finish()
    return criterion


def _mask(row: TableReader) -> Criterion:
    """Build the criterion of a mask; one that is declared is one flat segment."""
    mask, unit = read_mask(row)
    name = row.text("declaration", default="")
    if not name:
        return Criterion(CriterionKind.MASK, unit=unit, mask=mask)
    if len(mask.segments) > 1 or mask.segments[0].slope:
        raise row.error(
            "declaration",
            "a declared limit is one number, this mask is more",
            next_step="give one segment without slope, or no declaration",
        )
    limit = mask.segments[0].limit
    return Criterion(CriterionKind.MASK, limit=limit, unit=unit, declaration=name, mask=mask)


def _figure_fields(row: TableReader, criterion: Criterion) -> Criterion:
    """Read which figure is compared, and the k of a relative expanded uncertainty."""
    figure = row.choice("figure", Figure, default=Figure.VALUE)
    coverage = row.quantity("coverage_factor")
    if (figure is not Figure.VALUE) != (coverage is not None):
        raise row.error(
            "coverage_factor", "k is fixed where an uncertainty is judged, and only there"
        )
    if coverage is not None and not coverage.si > 0.0:
        raise row.error("coverage_factor", "k is a positive number")
    return replace(
        criterion,
        figure=figure,
        coverage_factor=None if coverage is None else coverage.si,
        value_is=row.choice("value_is", ValueIs, default=ValueIs.ESTIMATE),
    )


def _with_limits(row: TableReader, criterion: Criterion) -> Criterion:
    """Read the limits; they share the unit of the first one written."""
    names = ("low", "high") if criterion.kind is CriterionKind.RANGE else ("limit",)
    limits = {name: row.quantity(name) for name in names}
    if criterion.kind is CriterionKind.DECLARED:
        criterion = replace(criterion, declaration=row.text("declaration"))
    else:
        for name, limit in limits.items():
            if limit is None:
                raise row.error(name, f"the field {name!r} is missing", next_step="give a limit")
    written = [limit for limit in limits.values() if limit is not None]
    if not written:
        # The declared limit alone decides, so the row must say in which unit it is shown.
        return replace(criterion, unit=row.text("unit"))
    unit = written[0].unit
    if any(limit.unit.dimension != unit.dimension for limit in written):
        raise row.error("high", f"the limits {_texts(written)} are in units that do not fit")
    numbers = {
        name: None if limit is None else in_unit(limit.si, unit) for name, limit in limits.items()
    }
    if criterion.kind is CriterionKind.RANGE and written[0].si >= written[1].si:
        raise row.error("low", f"the range {_texts(written)} is empty or reversed")
    if criterion.comparison is Comparison.RATIO_WITHIN and not 0.0 <= written[0].si < 1.0:
        raise row.error("limit", f"a mismatch of {_texts(written)} is not between 0 and 1")
    return replace(
        criterion,
        limit=numbers.get("limit"),
        low=numbers.get("low"),
        high=numbers.get("high"),
        unit=unit.code,
    )


def _texts(limits: list[QuantityValue]) -> str:
    return " and ".join(repr(limit.text) for limit in limits)
