"""The door to the database: opening it, reading sessions, units of work.

Inside: `Database`.

SQLite in WAL mode with full synchronisation: what was acknowledged survives a power loss.
Writers begin with BEGIN IMMEDIATE; a writer that begins by reading fails at once under load,
whatever the busy timeout. Source: SQLite documentation, "Write-Ahead Logging", PRAGMA
synchronous, result code SQLITE_BUSY_SNAPSHOT.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.exc import IntegrityError as RefusedRow
from sqlalchemy.pool import NullPool

from qtrace.errors import InputError, IntegrityError, SetupError
from qtrace.registry.migration import APPLICATION_ID, SCHEMA_VERSION, upgrade
from qtrace.registry.unit_of_work import ReadSession, UnitOfWork

_FILE_URL = "sqlite:///"
_BUSY_TIMEOUT_S = 15.0
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    # Without it INSERT OR REPLACE deletes a row and no delete trigger sees it.
    "PRAGMA recursive_triggers = ON",
    # A foreign file may carry functions in its views and triggers.
    "PRAGMA trusted_schema = OFF",
)


class _Purpose(Enum):
    """What a connection is for: file mode, how transactions begin, further pragmas."""

    AUDIT = ("ro", "BEGIN", ("PRAGMA query_only = ON",))
    READ = ("rw", "BEGIN", ("PRAGMA query_only = ON",))
    WRITE = ("rw", "BEGIN IMMEDIATE", ("PRAGMA foreign_keys = ON",))
    # Foreign keys off: SQLite ignores that switch inside a transaction, where migrations run.
    MIGRATE = ("rwc", "BEGIN IMMEDIATE", ("PRAGMA foreign_keys = OFF",))


@dataclass(frozen=True, slots=True)
class Database:
    """A registry in one SQLite file."""

    path: Path
    read_only: bool
    _reader: Engine
    _writer: Engine

    @classmethod
    def open(cls, url: str, *, create: bool = False, read_only: bool = False) -> Database:
        """Open a database whose schema is up to date.

        Args:
            url: "sqlite:///PATH", or the path of a file.
            create: Make the file, or bring its schema up to date, where that is needed.
            read_only: Open the file itself for reading only; `write` is refused.

        Raises:
            SetupError: Not SQLite; no such file; not a registry; schema out of date.
        """
        path = path_of(url)
        if not create and not path.exists():
            raise SetupError(
                "there is no database",
                where=str(path),
                next_step=f"make one: `qtrace --database {path} init`",
            )
        if not path.parent.is_dir():
            raise SetupError(
                "the folder of the database does not exist",
                where=str(path.parent),
                next_step="make the folder first",
            )
        if create:
            _bring_up_to_date(path)
        reader = _engine(path, _Purpose.AUDIT if read_only else _Purpose.READ)
        with _explained(path), reader.connect() as connection:
            _check_identity(_identity(connection), path)
        return cls(path, read_only, reader, _engine(path, _Purpose.WRITE))

    @contextmanager
    def read(self, *, as_of: int | None = None) -> Iterator[ReadSession]:
        """Open a consistent view of the database.

        Args:
            as_of: Hide what ledger entries after this sequence recorded.
        """
        # Closed by rollback: a COMMIT would fail where a damaged page was met and reported.
        with _explained(self.path), self._reader.connect() as connection:
            yield ReadSession(connection, as_of=as_of)

    @contextmanager
    def write(
        self, *, recorded_at: datetime, actor: str, action: str, subject: str
    ) -> Iterator[UnitOfWork]:
        """Open a unit of work: all rows and their ledger entry, or nothing.

        Args:
            recorded_at: Time of recording, with a zone.
            actor: Who records.
            action: The verb.
            subject: What it is about.

        Raises:
            InputError: The database refuses a row.
            SetupError: Opened for reading; another process keeps the lock; the disk is full.
            IntegrityError: The head of the ledger is damaged; nothing may follow it.
        """
        if self.read_only:
            raise SetupError(
                "the database was opened for reading only",
                where=str(self.path),
                next_step="open it without the read-only option",
            )
        with _explained(self.path), self._writer.begin() as connection:
            unit = UnitOfWork(
                connection, recorded_at=recorded_at, actor=actor, action=action, subject=subject
            )
            yield unit
            unit.close()


def path_of(url: str) -> Path:
    """Return the file that a URL names; refuse everything that is not SQLite."""
    if "://" not in url:
        return Path(url)
    # Read literally: a path may hold "?" or "%", which a URL parser would take for its own.
    if url.startswith(_FILE_URL) and url[len(_FILE_URL) :] not in {"", ":memory:"}:
        return Path(url[len(_FILE_URL) :])
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SetupError(
            f"'{url}' is not the URL of a database",
            next_step="write sqlite:///PATH",
        ) from None
    if parsed.get_backend_name() != "sqlite":
        raise SetupError(
            f"{parsed.get_backend_name()} is not supported: SQLite only for now",
            where=parsed.render_as_string(hide_password=True),
            next_step="write sqlite:///PATH",
        )
    raise SetupError(
        "a registry lives in a file; this URL names none",
        where=url,
        next_step="write sqlite:///PATH",
    )


def _connect(path: Path, purpose: _Purpose) -> sqlite3.Connection:
    mode, _, pragmas = purpose.value
    if mode == "ro" and os.access(path, os.W_OK):
        # The last connection to close tidies SQLite's side files up, if it may write; no
        # statement can, because of query_only.
        mode = "rw"
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"
    driver = sqlite3.connect(address, uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    try:
        for pragma in (*_PRAGMAS, *pragmas):
            driver.execute(pragma)
    except sqlite3.Error:
        driver.close()
        raise
    return driver


def _engine(path: Path, purpose: _Purpose) -> Engine:
    def connect() -> sqlite3.Connection:
        return _connect(path, purpose)

    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(purpose.value[1])

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", begin_transaction)
    return engine


def _bring_up_to_date(path: Path) -> None:
    """Make the file, or migrate it, in one transaction."""
    with _explained(path):
        with _engine(path, _Purpose.MIGRATE).begin() as connection:
            _migrate(connection, path)
        # The file keeps this mode. Switching needs the file alone, so it is done here once.
        with closing(_connect(path, _Purpose.WRITE)) as driver:
            driver.execute("PRAGMA journal_mode = WAL")


def _migrate(connection: Connection, path: Path) -> None:
    """Migrate an empty file or a registry of ours; leave every other file alone."""
    identity = _identity(connection)
    if identity == (APPLICATION_ID, SCHEMA_VERSION):
        return
    if connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first() is not None:
        # An older schema is what this is for; a foreign file or a newer schema is not.
        _check_identity((identity[0], max(identity[1], SCHEMA_VERSION)), path)
    upgrade(connection)


def _identity(connection: Connection) -> tuple[int, int]:
    """Return what the file says it is, and the version of its schema."""
    return (
        int(connection.exec_driver_sql("PRAGMA application_id").scalar_one()),
        int(connection.exec_driver_sql("PRAGMA user_version").scalar_one()),
    )


def _check_identity(identity: tuple[int, int], path: Path) -> None:
    application, version = identity
    if application != APPLICATION_ID:
        raise SetupError(
            "this file is not a qtrace database",
            where=str(path),
            next_step="name another file, or make a new one with `qtrace init`",
        )
    if version < SCHEMA_VERSION:
        raise SetupError(
            f"the schema of the database is out of date: {version}, wanted {SCHEMA_VERSION}",
            where=str(path),
            next_step=f"back the file up, then: `qtrace --database {path} init`",
        )
    if version > SCHEMA_VERSION:
        raise SetupError(
            f"the database was written by a newer qtrace: schema {version}, "
            f"this one knows {SCHEMA_VERSION}",
            where=str(path),
            next_step="install the newer qtrace-metrology",
        )


# What SQLite says, and what a reader can do about it.
_SETUP_FAULTS = {
    "locked": ("another process keeps the database locked", "wait for it, then try again"),
    "not a database": ("this file is not a qtrace database", "name another file"),
    "disk is full": ("the disk is full; nothing was written", "make room, then try again"),
    "disk i/o error": ("the disk does not answer; nothing was written", "check the disk"),
    "readonly": ("the database cannot be written to", "check the rights on file and folder"),
    "read-only": ("the database cannot be written to", "check the rights on file and folder"),
    "unable to open": ("the database cannot be opened", "check the rights on file and folder"),
}


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn errors of the driver into errors that say what, where and what next."""
    try:
        yield
    except RefusedRow as error:
        raise InputError(
            f"the database refuses a row, nothing was written: {error.orig}",
            where=str(path),
            next_step="check the numbers and names of what was to be recorded",
        ) from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        said = str(getattr(error, "orig", error))
        for sign, (what, next_step) in _SETUP_FAULTS.items():
            if sign in said.lower():
                raise SetupError(what, where=str(path), next_step=next_step) from error
        if "malformed" in said or "decode to UTF-8" in said or "no such" in said:
            raise IntegrityError(
                f"the database file is damaged: {said}",
                where=str(path),
                next_step="restore a backup; keep the damaged file for the audit",
            ) from error
        raise
