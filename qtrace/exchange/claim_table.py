"""One [[claim]] of a claims file: figures, definitions, readings, what is missing, sources.

Inside: `read_claim`.
"""

from __future__ import annotations

from collections.abc import Mapping

from qtrace.claims.claim import (
    ASSUMPTION,
    DEFINITION,
    PUBLICATION,
    Claim,
    Convention,
    Given,
    Missing,
    Primary,
    Reading,
    Source,
)
from qtrace.claims.evaluate import Relation, read_relation
from qtrace.claims.stated import Stated, read_stated
from qtrace.errors import QtraceError
from qtrace.exchange.placed import refuse_repeated
from qtrace.exchange.toml_table import TomlTable
from qtrace.quantity.units import Unit, parse_unit
from qtrace.uncertainty.expression import Expression, compile_expression

Sources = Mapping[str, Source]


def read_claim(table: TomlTable, *, sources: Sources) -> Claim:
    """Read one claim.

    Args:
        table: The table of the file.
        sources: Sources of the file, by id.

    Raises:
        InputError: a field is missing, wrong or unknown; nothing says how the claim is checked.
    """
    given = _all_given(table, sources=sources)
    missing_tables = table.tables("missing")
    lacking = [(one.identifier("name"), one.place("name")) for one in missing_tables]
    definitions = table.table("define") if table.has("define") else None
    expressions = definitions.keys if definitions is not None else ()
    named = [(name, table.place()) for name in given]
    named += [*lacking, *((name, table.place("define")) for name in expressions)]
    refuse_repeated("quantity", named)
    names = frozenset(name for name, _ in named)
    defined = {
        name: _expression(definitions, name, names=names)
        for name in expressions
        if definitions is not None
    }
    read = Claim(
        claim_id=table.identifier("id"),
        title=table.text("title"),
        where=table.text("where"),
        topic=table.optional_text("topic"),
        given=given,
        defined=defined,
        readings=tuple(_reading(one, names=names) for one in table.tables("reading")),
        missing=tuple(_missing(one, names=names) for one in missing_tables),
        primaries=tuple(
            _primary(one, given=given, sources=sources) for one in table.tables("primary")
        ),
        note=table.optional_text("note"),
        place=str(table.place()),
    )
    if not (read.readings or read.primaries or read.missing):
        raise table.error(
            "",
            f"nothing says how claim {read.claim_id} is checked",
            next_step="add a [[claim.reading]], a [[claim.primary]] or a [[claim.missing]]",
        )
    table.finish()
    return read


def _all_given(table: TomlTable, *, sources: Sources) -> dict[str, Given]:
    """Read what the publication says, and what else enters."""
    given = {}
    if table.has("says"):
        said = table.table("says")
        for name in said.keys:
            given[name] = Given(name, _stated(said, name), PUBLICATION)
    for name, inner in table.named_tables("input").items():
        if name in given:
            raise inner.error(
                "", f"{name!r} is in [claim.says], too", next_step="keep one of the two"
            )
        given[name] = _input(inner, name, sources=sources)
    return given


def _input(table: TomlTable, name: str, *, sources: Sources) -> Given:
    origin = table.optional_text("origin", PUBLICATION)
    if origin not in {PUBLICATION, DEFINITION, ASSUMPTION} and origin not in sources:
        raise table.error(
            "origin",
            f"{origin!r} is no origin and no source of this file",
            next_step=f"write {PUBLICATION}, {DEFINITION}, {ASSUMPTION}, or the id of a [[source]]",
        )
    stated = _stated(table, "value", exact=origin == DEFINITION)
    table.finish()
    return Given(name, stated, origin)


def _stated(table: TomlTable, key: str, *, exact: bool = False) -> Stated:
    text = table.entered(key)
    try:
        return read_stated(text, exact=exact)
    except QtraceError as error:
        raise error.located(str(table.place(key))) from None


def _expression(table: TomlTable, key: str, *, names: frozenset[str]) -> Expression:
    try:
        return compile_expression(table.text(key), names=names)
    except QtraceError as error:
        raise error.located(str(table.place(key))) from None


def _unit(table: TomlTable) -> Unit | None:
    if not table.has("unit"):
        return None
    try:
        return parse_unit(table.text("unit"))
    except QtraceError as error:
        raise error.located(str(table.place("unit"))) from None


def _reading(table: TomlTable, *, names: frozenset[str]) -> Reading:
    relations: list[Relation] = []
    for text in table.cells("relation"):
        try:
            relations.append(read_relation(text, names=names))
        except QtraceError as error:
            raise error.located(str(table.place("relation"))) from None
    if not relations:
        raise table.error("relation", "a reading without relation", next_step="state one")
    read = Reading(
        name=table.optional_text("name", "as stated"),
        relations=tuple(relations),
        stated=table.boolean("stated", default=True),
        convention=table.choice("convention", Convention, Convention.NONE),
        unit=_unit(table),
        note=table.optional_text("note"),
        place=str(table.place()),
    )
    table.finish()
    return read


def _missing(table: TomlTable, *, names: frozenset[str]) -> Missing:
    name = table.identifier("name")
    solve = None
    if table.has("solve"):
        solve = _expression(table, "solve", names=names - {name})
    unit = _unit(table)
    examples = []
    for text in table.cells("examples") if table.has("examples") else ():
        try:
            examples.append(read_stated(text, exact=True))
        except QtraceError as error:
            raise error.located(str(table.place("examples"))) from None
        if unit is None or examples[-1].unit.dimension != unit.dimension:
            raise table.error(
                "examples", f"{text!r} does not have the unit of {name}", next_step="correct it"
            )
    read = Missing(name, table.text("what"), unit, solve, tuple(examples), str(table.place()))
    table.finish()
    return read


def _primary(table: TomlTable, *, given: Mapping[str, Given], sources: Sources) -> Primary:
    source = table.text("source")
    if source not in sources:
        raise table.error(
            "source",
            f"no [[source]] has the id {source!r}",
            next_step=f"known here: {', '.join(sources)}",
        )
    quantity, said = table.optional_text("quantity"), table.optional_text("said")
    if bool(quantity) == bool(said):
        raise table.error(
            "",
            "a source is compared with a given quantity, or with a word that is said",
            next_step='write quantity = "name" and figure, or said and found',
        )
    if quantity and quantity not in given:
        raise table.error(
            "quantity",
            f"{quantity!r} is not given in this claim",
            next_step=f"given are: {', '.join(given) or 'none'}",
        )
    figure = _stated(table, "figure") if quantity and table.has("figure") else None
    if figure is not None and figure.unit.dimension != given[quantity].stated.unit.dimension:
        raise table.error(
            "figure",
            f"{figure.text!r} and {given[quantity].stated.text!r} differ in unit",
            next_step="correct the unit",
        )
    found = table.optional_text("found") if said else ""
    read = Primary(
        source_id=source,
        what=table.text("what"),
        quantity=quantity,
        figure=figure,
        said=said,
        found=found,
        note=table.optional_text("note"),
        place=str(table.place()),
    )
    table.finish()
    return read
