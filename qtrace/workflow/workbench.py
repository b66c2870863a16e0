"""What every verb is given: settings, clock, unit of work, signer, progress.

Inside: `Workbench`, `open_workbench`, `system_clock`.
Nothing else in the house reads the clock, the environment or the user's name.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from qtrace.errors import InputError
from qtrace.registry.database import Database
from qtrace.registry.raw_files import RawFiles, raw_files_of
from qtrace.registry.unit_of_work import ReadSession, UnitOfWork

DEFAULT_DATABASE = "qtrace.db"
DATABASE_VARIABLE = "QTRACE_DATABASE"
KEYS_VARIABLE = "QTRACE_KEYS"
DEFAULT_COVERAGE = 0.95


def system_clock() -> datetime:
    """Return now, in UTC, from the system."""
    return datetime.now(UTC)


def _silent(_message: str) -> None:
    """Drop a progress message."""


class _RehearsalOverError(Exception):
    """Ends a rehearsal; what it wrote is rolled back."""


def _roll_back() -> NoReturn:
    raise _RehearsalOverError


@dataclass(frozen=True, slots=True)
class Workbench:
    """Settings and doors of one invocation; frozen, handed to each verb first."""

    database_url: str
    actor: str
    keys_folder: Path
    clock: Callable[[], datetime] = system_clock
    progress: Callable[[str], None] = field(default=_silent)
    as_of: datetime | None = None
    coverage_probability: float = DEFAULT_COVERAGE

    def raw_files(self) -> RawFiles:
        """Return the raw files that belong to the database."""
        return raw_files_of(self.database_url)

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """Open the database for reading, as it was known at `as_of` where that is set."""
        database = Database.open(self.database_url, read_only=True)
        sequence = None
        if self.as_of is not None:
            with database.read() as session:
                sequence = session.ledger.sequence_at(self.as_of)
        with database.read(as_of=sequence) as session:
            yield session

    @contextmanager
    def write(self, action: str, subject: str) -> Iterator[UnitOfWork]:
        """Open one unit of work: all rows and their ledger entry, or nothing."""
        if self.as_of is not None:
            raise InputError(
                "--as-of looks at the past and cannot be written to",
                next_step="leave --as-of out to record something now",
            )
        database = Database.open(self.database_url)
        with database.write(
            recorded_at=self.clock(), actor=self.actor, action=action, subject=subject
        ) as unit:
            yield unit

    @contextmanager
    def rehearse(self, action: str, subject: str) -> Iterator[UnitOfWork]:
        """Open a unit of work that finds every error and is always rolled back."""
        try:
            with self.write(action, subject) as unit:
                yield unit
                _roll_back()
        except _RehearsalOverError:
            return


def open_workbench(
    database: str = "",
    *,
    actor: str = "",
    keys: str = "",
    as_of: datetime | None = None,
    progress: Callable[[str], None] = _silent,
) -> Workbench:
    """Build the workbench from options and environment; options win.

    Args:
        database: URL or file path; QTRACE_DATABASE, then ./qtrace.db where empty.
        actor: Who acts; the login name where empty.
        keys: Folder of private keys; QTRACE_KEYS, then ./keys beside the database file.
        as_of: Look at the records as they were known then.
        progress: Takes messages about long work, for stderr.
    """
    url = database or os.environ.get(DATABASE_VARIABLE, "") or DEFAULT_DATABASE
    if "://" not in url:
        url = f"sqlite:///{Path(url).absolute()}"
    folder = keys or os.environ.get(KEYS_VARIABLE, "")
    path = Path(folder) if folder else Path(url.removeprefix("sqlite:///")).parent / "keys"
    return Workbench(url, actor or getpass.getuser(), path, progress=progress, as_of=as_of)


def parse_as_of(text: str, *, now: datetime) -> datetime | None:
    """Return the time that an --as-of option means: a date means the end of that day, UTC.

    Raises:
        InputError: it is neither a date nor a time with a zone, or it lies in the future: what
            will be known then is not known now.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{text!r} is no date",
            where="--as-of",
            next_step="write 2026-11-23 or a time with zone",
        ) from None
    if moment.tzinfo is not None:
        start = moment
    elif len(text) == len("2026-11-23"):
        start = moment.replace(tzinfo=UTC)
    else:
        raise InputError(f"the time {text!r} has no zone", where="--as-of", next_step="append Z")
    if start > now:
        raise InputError(
            f"{text} lies in the future", where="--as-of", next_step="name a day that has been"
        )
    if moment.tzinfo is None:
        return moment.replace(hour=23, minute=59, second=59, microsecond=999999, tzinfo=UTC)
    return moment.astimezone(UTC)
