"""Files of what happened beside calibrations: adjustments, and statements of shared quantities.

Inside: `read_adjustment`, `StatementDraft`, `read_statement`. Described in docs/files.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from qtrace.exchange.calibration_file import read_blocks, read_inputs
from qtrace.exchange.placed import Placed
from qtrace.exchange.quantity_fields import known_kind_of
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import root_table
from qtrace.laboratory.draft import BlockDraft, InputDraft, Place
from qtrace.laboratory.event import ADJUSTS, Event, EventKind


@dataclass(frozen=True, slots=True)
class StatementDraft:
    """A statement file as read: own input quantities that several events share."""

    event: Event
    inputs: tuple[InputDraft, ...]
    blocks: tuple[BlockDraft, ...]
    places: dict[str, Place]
    warnings: tuple[str, ...]


def read_adjustment(source: Path | bytes, *, name: str = "") -> Placed[Event]:
    """Read an adjustment file: which device was changed, when, why, and what of it.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: Whatever is wrong with the file, with file, line and field.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    table = root.table("adjustment")
    kinds = [
        known_kind_of(word, str(file.place(("adjustment", "kinds", k)))).name
        for k, word in enumerate(table.texts("kinds"))
    ]
    event = Event(
        event_id=0,
        label=table.identifier("id"),
        kind=EventKind.ADJUSTMENT,
        device_id=table.identifier("device"),
        laboratory_id=table.optional_identifier("laboratory"),
        performed_at=table.moment("performed"),
        procedure=table.text("reason"),
        source=table.optional_text("source"),
        flags=tuple(f"{ADJUSTS} {kind}" for kind in kinds),
        document_digest=file.digest,
    )
    table.finish()
    root.finish()
    fields = ("id", "device", "performed", "kinds")
    return Placed(event, table.place(), {key: table.place(key) for key in fields})


def read_statement(source: Path | bytes, *, name: str = "") -> StatementDraft:
    """Read a statement file: quantities that outlive one event, with where they come from.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: Whatever is wrong with the file; an input that refers to something else.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    table = root.table("statement")
    event = Event(
        event_id=0,
        label=table.identifier("id"),
        kind=EventKind.STATEMENT,
        device_id=table.optional_identifier("device"),
        laboratory_id=table.optional_identifier("laboratory"),
        performed_at=table.moment("performed"),
        source=table.text("source"),
        document_digest=file.digest,
    )
    table.finish()
    inputs, warnings = read_inputs(root)
    for one in inputs:
        if one.quantity is None or one.shared:
            raise root.file.error(
                ("input", one.name),
                "a statement owns its quantities: it refers to nothing else",
                next_step="state its value and u, or record a calibration",
            )
    blocks = read_blocks(root, inputs)
    root.finish()
    origins = {one.name: one.origin for one in inputs if one.origin is not None}
    places = {key: table.place(key) for key in ("id", "device", "laboratory", "performed")}
    return StatementDraft(replace(event, origins=origins), inputs, blocks, places, warnings)
