"""Brings a database to the schema that this version of qtrace expects.

Inside: `APPLICATION_ID`, `SCHEMA_VERSION`, `migrations_folder`, `upgrade`, `current`, `head`,
`expected_schema`, `schema_of`.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from qtrace.errors import SetupError

if TYPE_CHECKING:
    from alembic.config import Config

# "qtrc" in ASCII: tells a registry from any other SQLite file.
APPLICATION_ID = 0x71747263
# Raised by each migration through PRAGMA user_version, so that opening needs no Alembic.
SCHEMA_VERSION = 7


def migrations_folder() -> Path:
    """Return where the migrations are: inside the installed package, or in the checkout.

    Raises:
        SetupError: Neither place holds them.
    """
    package = Path(str(files("qtrace")))
    for folder in (package / "_data" / "migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise SetupError(
        "the migrations of the database are missing from this installation",
        where=str(package),
        next_step="install qtrace-metrology again",
    )


def upgrade(connection: Connection) -> None:
    """Bring the database behind a connection to the newest schema.

    The caller owns the transaction and has switched foreign keys off before it began.

    Raises:
        SetupError: A row refers to nothing after the migration; roll back.
    """
    from alembic import command

    command.upgrade(_config(connection), "head")
    if connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise SetupError(
            "the migration left rows that refer to nothing; nothing was changed",
            next_step="run `qtrace audit --all` on the database before you migrate it",
        )


def current(connection: Connection) -> str:
    """Return the revision that a database has, empty where it has none."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision() or ""


def head() -> str:
    """Return the newest revision among the migrations."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(migrations_folder())).get_current_head() or ""


def schema_of(connection: Connection) -> dict[str, str]:
    """Return the statements that define a database, by "type name", white space collapsed.

    Indexes that SQLite makes by itself have no statement and are left out.
    """
    rows = connection.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
    )
    return {f"{kind} {name}": " ".join(str(sql).split()) for kind, name, sql in rows}


@cache
def expected_schema() -> tuple[tuple[str, str], ...]:
    """Return what the migrations make of an empty database, as (type and name, statement)."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(":memory:", isolation_level=None),
        poolclass=StaticPool,
    )
    try:
        with engine.begin() as connection:
            upgrade(connection)
            return tuple(schema_of(connection).items())
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    # Alembic reads "%" in an option as the start of an interpolation.
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
