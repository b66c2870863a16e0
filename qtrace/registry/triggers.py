"""Append-only triggers: no UPDATE, no DELETE, no INSERT over an existing key.

Inside: `trigger_statements`, `protect`.

Triggers stop accidents. Whoever holds the file can drop them; that shows when the schema is
compared with its migrations and when the digests of the ledger are recomputed.
Source: SQLite documentation, CREATE TRIGGER; PRAGMA recursive_triggers (without it,
INSERT OR REPLACE deletes a row and fires no delete trigger).
"""

from __future__ import annotations

from collections.abc import Sequence


def trigger_statements(table: str, keys: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the statements that make a table append-only.

    Args:
        table: Name of the table.
        keys: Primary key and unique keys, each as names of columns.
    """
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE "  # noqa: S608 - names come from our own schema
        + " AND ".join(f"{column} = NEW.{column}" for column in key)
        + ")"
        for key in keys
    )
    actions = {
        "update": ("BEFORE UPDATE", "", "UPDATE refused"),
        "delete": ("BEFORE DELETE", "", "DELETE refused"),
        "replace": ("BEFORE INSERT", f" WHEN {taken}", "this key is recorded"),
    }
    return tuple(
        f"CREATE TRIGGER {table}_refuses_{name} {moment} ON {table}{condition} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {message}'); END"
        for name, (moment, condition, message) in actions.items()
    )


def protect(table: str, keys: Sequence[Sequence[str]]) -> None:
    """Make a table append-only inside a migration; call it again after a batch migration.

    Args:
        table: Name of the table.
        keys: Primary key and unique keys, each as names of columns.
    """
    from alembic import op

    for statement in trigger_statements(table, keys):
        op.execute(statement)
