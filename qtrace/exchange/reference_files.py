"""Files of published examples: one file for each source document.

Inside: `read_reference_document`, `load_reference_documents`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

from qtrace.exchange.package_files import data_folder
from qtrace.exchange.placed import refuse_repeated
from qtrace.exchange.toml_file import TomlFile, read_toml
from qtrace.exchange.toml_positions import KeyPath
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.laboratory.draft import Place
from qtrace.validation.case import Basis, Case, PrintedFigure, ReferenceDocument
from qtrace.validation.given import Given
from qtrace.validation.procedures import PROCEDURES, check_case

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def load_reference_documents(folder: Path | None = None) -> tuple[ReferenceDocument, ...]:
    """Return the examples of all documents of a folder, the shipped ones where None.

    Raises:
        InputError: a file that is not sound, or a case or document that stands in two files.
    """
    found: list[ReferenceDocument] = []
    places: list[tuple[str, Place]] = []
    for path in sorted((folder or data_folder() / "reference").glob("*.toml")):
        document, case_places = _read(path, name="")
        found.append(document)
        places.append((document.document_id, Place(path.name, 1)))
        places.extend(case_places)
    refuse_repeated("case or document", places)
    return tuple(found)


def read_reference_document(source: Path | bytes, *, name: str = "") -> ReferenceDocument:
    """Read the examples of one document.

    Args:
        source: A path, or the bytes themselves.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: anything that is wrong, with file, line and field.
    """
    document, places = _read(source, name=name)
    refuse_repeated("case", places)
    return document


def _read(source: Path | bytes, *, name: str) -> tuple[ReferenceDocument, list[tuple[str, Place]]]:
    file = read_toml(source, name=name)
    root = root_table(file)
    head = root.table("document")
    document_id = head.identifier("id")
    title = head.text("title")
    head.finish()
    cases, places = [], []
    for index, table in enumerate(root.tables("case")):
        cases.append(_case(file, table, index, document_id=document_id))
        places.append((cases[-1].case_id, table.place("id")))
    root.finish()
    return ReferenceDocument(document_id, title, tuple(cases), file.digest), places


def _case(file: TomlFile, table: TomlTable, index: int, *, document_id: str) -> Case:
    """Read one `[[case]]`; its inputs are read by the procedure when it runs."""
    table.table("inputs")  # that it is a table
    rows = cast("list[dict[str, dict[str, object]]]", file.data["case"])
    given = Given(rows[index]["inputs"], _where(file), f"case[{index + 1}].inputs")
    basis = table.choice("basis", Basis, Basis.READ)
    read_in = table.optional_text("read_in")
    inputs_basis = table.choice("inputs_basis", Basis, basis)
    same = read_in if inputs_basis is basis else ""
    case = Case(
        case_id=table.identifier("id"),
        document=document_id,
        source=table.text("source"),
        title=table.text("title"),
        procedure=table.one_of("procedure", tuple(PROCEDURES)),
        tags=table.texts("tags"),
        given=given,
        inputs_basis=inputs_basis,
        inputs_from=table.optional_text("inputs_from", same),
        printed=tuple(
            _printed(one, basis=basis, read_in=read_in) for one in table.tables("printed")
        ),
        draws=_count(table, "draws"),
        seed=_count(table, "seed"),
        printed_draws=_count(table, "printed_draws"),
        note=table.optional_text("note"),
    )
    table.finish()
    check_case(case)
    return case


def _count(table: TomlTable, key: str) -> int:
    return table.integer(key, least=0) if table.has(key) else 0


def _printed(table: TomlTable, *, basis: Basis, read_in: str) -> PrintedFigure:
    own = table.choice("basis", Basis, basis)
    found = PrintedFigure(
        name=table.text("figure"),
        text=table.text("value"),
        basis=own,
        read_in=table.optional_text("read_in", read_in if own is basis else ""),
        unit=table.optional_text("unit"),
        tolerance=table.number("tolerance") if table.has("tolerance") else None,
        because=table.optional_text("because"),
        explained=table.optional_text("explained"),
        instead=table.optional_text("instead"),
    )
    table.finish()
    return found


def _where(file: TomlFile) -> Callable[[str], str]:
    """Return how the path of a field becomes a place; paths count tables from 1."""

    def place(field: str) -> str:
        path: KeyPath = tuple(
            int(index) - 1 if index else name for name, index in _PART.findall(field)
        )
        return str(file.place(path))

    return place
