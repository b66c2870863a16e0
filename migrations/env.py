"""Runs migrations on the connection that `qtrace.registry.migration` hands in.

The connection begins its transactions itself and has foreign keys switched off: SQLite
ignores that switch inside a transaction, and a batch migration with it on may delete rows.
"""

from __future__ import annotations

from alembic import context

from qtrace.registry.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
