"""The arrays of all results, kept in a file beside the database and brought up to date.

Inside: `fleet_at`, `cache_path`, `CACHE_FROM`.

The file is a shortcut and no record: it may be deleted at any time, and audit never reads it.
It names the ledger entry up to which it holds everything, and that entry's digest. The digest
covers all earlier entries and, through them, the rows; where the database has another entry at
that place, or the file is damaged, it is left aside and written anew.
"""

from __future__ import annotations

import contextlib
import os
import zipfile
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from qtrace.errors import IntegrityError
from qtrace.registry.arrays import extend_fleet, first_part, load_fleet
from qtrace.registry.session import Session
from qtrace.registry.tables import CORRELATION_BLOCK, INPUT_QUANTITY, LEDGER_ENTRY, RESULT
from qtrace.uncertainty.fleet import FleetArrays, check_fleet

# Arguments from which a file is worth its place; smaller registers load in a blink.
CACHE_FROM = 20_000
# The file is written again once more than this part of the results is new.
REWRITE_AT = 1 / 32
_FORM = 1
_KEY = "key"


@dataclass(frozen=True, slots=True)
class _Kept:
    """Arrays and the ledger entry that they reach to."""

    fleet: FleetArrays
    sequence: int
    digest: str


def cache_path(database: Path) -> Path:
    """Return the place of the file beside a database."""
    return database.with_name(f"{database.name}.arrays.npz")


def fleet_at(session: Session) -> FleetArrays:
    """Return all results as arrays, as the session sees them.

    Args:
        session: Open; its `as_of` counts.

    Raises:
        IntegrityError: rows are missing or damaged.
    """
    last = _entry(session, session.as_of)
    if last is None:
        return load_fleet(session.connection, session.as_of)
    path = cache_path(_file_of(session))
    kept = _read(path)
    known = None if kept is None else _entry(session, kept.sequence)
    if kept is None or known != (kept.sequence, kept.digest):
        fleet = load_fleet(session.connection, session.as_of)
        _keep(path, _Kept(fleet, *last))
        return fleet
    if kept.sequence > last[0]:
        return _earlier(session, kept.fleet, last[0])
    if kept.sequence == last[0]:
        return kept.fleet
    fleet = extend_fleet(session.connection, kept.fleet, after=kept.sequence, until=session.as_of)
    if fleet.size - kept.fleet.size > REWRITE_AT * kept.fleet.size:
        _keep(path, _Kept(fleet, *last))
    return fleet


def _file_of(session: Session) -> Path:
    """Return the file of the database that a session reads."""
    query = "SELECT file FROM pragma_database_list WHERE name = 'main'"
    return Path(str(session.connection.exec_driver_sql(query).scalar_one()))


def _entry(session: Session, sequence: int | None) -> tuple[int, str] | None:
    """Return (sequence, digest) of the last ledger entry up to a sequence, None without any."""
    query = select(LEDGER_ENTRY.c.sequence, LEDGER_ENTRY.c.digest)
    if sequence is not None:
        query = query.where(LEDGER_ENTRY.c.sequence <= sequence)
    row = session.first(query.order_by(LEDGER_ENTRY.c.sequence.desc()).limit(1))
    return None if row is None else (int(row.sequence), str(row.digest))


def _earlier(session: Session, fleet: FleetArrays, sequence: int) -> FleetArrays:
    """Return the first part of arrays: what was recorded up to a ledger entry."""
    counts = []
    for table, ids in (
        (RESULT, fleet.result_ids),
        (INPUT_QUANTITY, fleet.input_ids),
        (CORRELATION_BLOCK, fleet.block_ids),
    ):
        last = session.first(select(func.max(table.c.id)).where(table.c.recorded_in <= sequence))
        highest = last[0] if last is not None and last[0] is not None else 0
        counts.append(int(np.searchsorted(ids, highest, side="right")))
    return first_part(fleet, results=counts[0], inputs=counts[1], blocks=counts[2])


def _read(path: Path) -> _Kept | None:
    """Return what the file holds, None where it is missing, damaged or of another form."""
    names = [one.name for one in fields(FleetArrays)]
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            key = [str(one) for one in file[_KEY]]
            fleet = FleetArrays(**{name: file[name] for name in names})
        check_fleet(fleet)
        if len(key) != 3 or key[0] != str(_FORM):
            return None
        return _Kept(fleet, int(key[1]), key[2])
    except (
        OSError,
        ValueError,
        KeyError,
        EOFError,
        IndexError,
        NotImplementedError,
        zipfile.BadZipFile,
        zlib.error,
        IntegrityError,
    ):
        return None


def _keep(path: Path, kept: _Kept) -> None:
    """Write the file in one step; where that cannot be done, there is none."""
    if kept.fleet.arguments < CACHE_FROM:
        return
    arrays = {one.name: getattr(kept.fleet, one.name) for one in fields(FleetArrays)}
    arrays[_KEY] = np.array([str(_FORM), str(kept.sequence), kept.digest])
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with contextlib.suppress(OSError):
        try:
            with part.open("wb") as file:
                np.savez(file, **arrays)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
