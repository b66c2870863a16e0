"""Calibration files: what was calibrated, from which inputs, with which results.

Inside: `read_calibration`, `read_inputs`, `read_blocks`. The format is described in docs/files.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from qtrace.exchange.correlation_table import read_correlation
from qtrace.exchange.curve_tables import has_curves, names_used, read_curves
from qtrace.exchange.input_table import check_name, read_input
from qtrace.exchange.result_table import (
    in_dependency_order,
    read_result,
    result_name,
)
from qtrace.exchange.tag_files import TagFiles, read_tag_files
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.laboratory.draft import BlockDraft, CalibrationDraft, InputDraft, ResultDraft
from qtrace.laboratory.event import (
    FROM_MEMORY,
    PUBLISHED_DATA,
    SIMULATED_DATA,
    Event,
    EventKind,
)
from qtrace.laboratory.laboratory import Route

AS_LEFT = "as_left"
_PLACED_FIELDS = ("id", "device", "laboratory", "performed")


def read_calibration(source: Path | bytes, *, name: str = "") -> CalibrationDraft:
    """Read a calibration file.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Returns:
        The draft, results in the order in which they can be computed. References to other
        events, units of models and dates against the clock are left to the calibrate verb.

    Raises:
        InputError: Whatever is wrong with the file, with file, line and field.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    if root.has("adjustment") and not root.has("calibration"):
        raise root.error(
            "adjustment",
            "the file records an adjustment, not a calibration",
            next_step="`qtrace calibration adjust FILE`",
        )
    table = root.table("calibration")
    event, warnings = _event(table, file.digest)
    tags = read_tag_files(root, folder=_folder(source))
    inputs, input_warnings = read_inputs(root, tags=tags)
    curves, fits = read_curves(root, inputs, folder=_folder(source))
    results = _results(root, inputs)
    blocks = read_blocks(root, inputs)
    root.finish()
    event = replace(
        event, flags=(*event.flags, *(one.note for one in curves if one.note), *tags.notes())
    )
    if tags.simulated() and SIMULATED_DATA not in event.flags:
        event = replace(event, flags=(*event.flags, SIMULATED_DATA))
    adjusted = _adjusted(table, event, results[0])
    table.finish()
    return CalibrationDraft(
        event=replace(event, origins={i.name: i.origin for i in inputs if i.origin is not None}),
        inputs=inputs,
        blocks=blocks,
        results=results[0],
        place=table.place(),
        warnings=(
            *warnings,
            *input_warnings,
            *_unused(inputs, results[1] | names_used(inputs, curves)),
        ),
        field_places={key: table.place(key) for key in _PLACED_FIELDS},
        curves=curves,
        fits=fits,
        adjusted=adjusted,
    )


def _folder(source: Path | bytes) -> Path | None:
    """Return where a file's tables are looked for: beside it."""
    return source.parent if isinstance(source, Path) else None


def _event(table: TomlTable, digest: str) -> tuple[Event, tuple[str, ...]]:
    event = Event(
        event_id=0,
        label=table.identifier("id"),
        kind=EventKind.CALIBRATION,
        device_id=table.identifier("device"),
        laboratory_id=table.identifier("laboratory"),
        performed_at=table.moment("performed"),
        state=table.one_of("state", ("", "as_found", "as_left"), ""),
        route=table.choice("route", Route, Route.IN_HOUSE),
        procedure=table.optional_text("procedure"),
        validation=table.optional_text("validation"),
        source=table.optional_text("source"),
        flags=(*table.texts("flags"), *_provenance_flags(table)),
        document_digest=digest,
    )
    if event.route is Route.IN_HOUSE and not (event.procedure and event.validation):
        gap = "an in-house step without procedure and validation; its chain will show a break"
        return event, (f"{table.place()}: {gap}",)
    return event, ()


def _adjusted(table: TomlTable, event: Event, results: Sequence[ResultDraft]) -> bool:
    """Return whether the device was adjusted between as found and as left; check the states."""
    of_event = [one for one in results if one.state and event.state]
    if of_event:
        raise table.error(
            "state",
            f"the event is {event.state} as a whole, and one of its results says its state, too",
            next_step="state it for each result, and leave it out of [calibration]",
        )
    adjusted = table.boolean("adjusted", default=False)
    states = {one.state or event.state for one in results}
    if not adjusted:
        return False
    if AS_LEFT not in states:
        raise table.error(
            "adjusted",
            "the device was adjusted, and no result says how it was left: an adjustment without "
            "as-left",
            next_step='calibrate after the adjustment: [[result]] with state = "as_left"; without '
            "one record the adjustment alone, `qtrace calibration adjust FILE`",
        )
    if "" in states:
        raise table.error(
            "adjusted",
            "the device was adjusted, and a result does not say whether before or after",
            next_step='add state = "as_found" or state = "as_left" to each result',
        )
    return True


def _provenance_flags(table: TomlTable) -> tuple[str, ...]:
    """Return what limits a statement that rests on this calibration."""
    provenance = table.one_of("provenance", ("measured", "published", "simulated"), "measured")
    flags = {"published": (PUBLISHED_DATA,), "simulated": (SIMULATED_DATA,)}.get(provenance, ())
    memory = table.texts("from_memory")
    return (*flags, f"{FROM_MEMORY}: {', '.join(memory)}") if memory else flags


def read_inputs(
    root: TomlTable, *, tags: TagFiles | None = None
) -> tuple[tuple[InputDraft, ...], tuple[str, ...]]:
    """Read the [input.NAME] tables with their warnings; there is at least one.

    Args:
        root: The file.
        tags: Where inputs may take their values from time tags; None where they may not.
    """
    drafts = []
    warnings: list[str] = []
    for name, table in root.named_tables("input").items():
        if tags is not None and table.has("tags"):
            from qtrace.exchange.tag_input import read_tag_input

            check_name(table, "", name)
            draft, lines = read_tag_input(name, table, tags)
        else:
            draft, lines = read_input(name, table)
        drafts.append(draft)
        warnings.extend(lines)
    if not drafts and not has_curves(root):
        raise root.error(
            "input",
            "the file has no inputs",
            next_step="add a table [input.NAME] for each quantity that the models use",
        )
    return tuple(drafts), tuple(warnings)


def _results(
    root: TomlTable, inputs: Sequence[InputDraft]
) -> tuple[tuple[ResultDraft, ...], frozenset[str]]:
    tables = root.tables("result")
    if not tables and not has_curves(root):
        raise root.error(
            "result", "the file has no results", next_step="add a table [[result]] with a model"
        )
    lines = {item.name: item.place.line for item in inputs}
    for table in tables:
        name = result_name(table)
        if name in lines:
            raise table.error(
                "name" if table.has("name") else "measurand",
                f'the name "{name}" is used twice; it is also in line {lines[name]}',
                next_step='give the result another name = "..."',
            )
        lines[name] = table.place().line
    results = tuple(read_result(table) for table in tables)
    own_names = {result.name for result in results}
    references = {}
    for item in inputs:
        is_own = bool(item.reference) and "/" not in item.reference
        if is_own and item.reference not in own_names:
            raise root.file.error(
                ("input", item.name, "result"),
                f'there is no result "{item.reference}" in this file',
                next_step="results here: "
                + ", ".join(sorted(own_names))
                + '; a result of another event is "EVENT/name"',
            )
        references[item.name] = item.reference if is_own else ""
    return in_dependency_order(results, tables, inputs=references)


def read_blocks(root: TomlTable, inputs: Sequence[InputDraft]) -> tuple[BlockDraft, ...]:
    """Read the [[correlation]] tables."""
    own = [item.name for item in inputs if item.quantity is not None]
    referenced = [item.name for item in inputs if item.reference or item.statement]
    blocks: list[BlockDraft] = []
    for table in root.tables("correlation"):
        taken = [name for block in blocks for name in block.names]
        blocks.append(read_correlation(table, own=own, referenced=referenced, taken=taken))
    return tuple(blocks)


def _unused(inputs: Sequence[InputDraft], used: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        f'{item.place}: no result uses the input "{item.name}"'
        for item in inputs
        if item.name not in used
    )
