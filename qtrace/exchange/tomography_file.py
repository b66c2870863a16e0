"""Tomography files: counts of each setting of one or two qubits, or of a process of one.

Inside: `TomographyPlan`, `read_tomography_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.exchange.run_consistency import COUNT_LIMIT
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.physics.states.density import BELL_STATES, check_state
from qtrace.physics.states.process import UNITARIES
from qtrace.physics.states.tomography_frame import (
    INPUT_STATES,
    OUTCOMES,
    Frame,
    pauli_frame,
    process_frame,
    projector_frame,
)

STATE, PROCESS = "state", "process"
WRITTEN = 1e-3  # how far a matrix written with a few digits may miss a state
_SETTING, _INPUT, _PROJECTOR, _COUNTS = "setting", "input", "projector", "counts"


@dataclass(frozen=True, slots=True)
class TomographyPlan:
    """A tomography file as read: what was measured, and the counts of each outcome."""

    tomography_id: str
    title: str
    of: str
    target: str
    provenance: str
    source: str
    frame: Frame
    counts: tuple[int, ...]
    digest: str
    expected: NDArray[np.complex128] | None = None


def read_tomography_file(source: Path | bytes, *, name: str = "") -> TomographyPlan:
    """Read a tomography file.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: anything that is wrong, with file, line and field.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    table, counted = root.table("tomography"), root.table("counts")
    of = table.one_of("of", (STATE, PROCESS))
    frame, counts = _counts(counted, of)
    qubits = 1 if frame.operators.shape[-1] == 2 else 2
    if of == PROCESS:
        words = tuple(UNITARIES)
    else:
        words = tuple(BELL_STATES) if qubits == 2 else tuple(INPUT_STATES)
    plan = TomographyPlan(
        tomography_id=table.identifier("id"),
        title=table.optional_text("title"),
        of=of,
        target=table.one_of("target", words),
        provenance=table.one_of("provenance", ("measured", "published", "simulated")),
        source=table.optional_text("source"),
        frame=frame,
        counts=counts,
        digest=file.digest,
        expected=_expected(root, 2**qubits) if of == STATE and root.has("expected") else None,
    )
    table.finish()
    counted.finish()
    root.finish()
    return plan


def _expected(root: TomlTable, size: int) -> NDArray[np.complex128]:
    """Read the state that is compared with: rows of its real and, if any, imaginary part."""
    table = root.table("expected")
    parts = []
    for key in ("real", "imag"):
        rows = table.rows(key) if key == "real" or table.has(key) else [["0"] * size] * size
        if [len(row) for row in rows] != [size] * size:
            raise table.error(
                key, f"it is not {size} rows of {size}", next_step="write the whole matrix"
            )
        try:
            parts.append(np.array([[float(one) for one in row] for row in rows]))
        except ValueError:
            raise table.error(
                key, "an entry is not a number", next_step="write plain numbers"
            ) from None
    table.finish()
    try:
        return check_state(parts[0] + 1j * parts[1], tolerance=WRITTEN)
    except InputError as error:
        raise table.error("real", error.what, next_step=error.next_step) from None


def _counts(table: TomlTable, of: str) -> tuple[Frame, tuple[int, ...]]:
    columns = table.cells("columns")
    allowed = (
        ([_INPUT, _SETTING, *OUTCOMES[1]],)
        if of == PROCESS
        else ([_SETTING, *OUTCOMES[1]], [_SETTING, *OUTCOMES[2]], [_PROJECTOR, _COUNTS])
    )
    if columns not in allowed:
        raise table.error(
            "columns",
            f"columns {columns} are not those of a {of}",
            next_step="write " + " or ".join(str(one).replace("'", '"') for one in allowed),
        )
    words = sum(one in {_SETTING, _INPUT, _PROJECTOR} for one in columns)
    rows = table.rows("rows")
    names: list[list[str]] = []
    counts: list[int] = []
    for k, row in enumerate(rows):
        if len(row) != len(columns):
            raise table.error(
                "rows",
                f"row {k + 1} has {len(row)} cells for {len(columns)} columns",
                next_step=f"write {', '.join(columns)} in each row",
            )
        names.append(row[:words])
        counts.extend(_count(table, k, text) for text in row[words:])
    if not rows:
        raise table.error("rows", "there are no rows of counts", next_step="write every setting")
    try:
        if of == PROCESS:
            return process_frame([(one[0], one[1]) for one in names]), tuple(counts)
        flat = [one[0] for one in names]
        if columns[0] == _PROJECTOR:
            return projector_frame(flat), tuple(counts)
        return pauli_frame(1 if len(columns) == 3 else 2, flat), tuple(counts)
    except InputError as error:
        raise table.error("rows", error.what, next_step=error.next_step) from None


def _count(table: TomlTable, row: int, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= COUNT_LIMIT):
        raise table.error(
            "rows",
            f"row {row + 1}: {text!r} is not a count",
            next_step="write whole numbers in digits, 0 where nothing was counted",
        )
    return int(text)
