"""Parameters of the distribution of an input quantity; empty for all that is on record.

Revision: 0002; after: 0001.

A plain ADD COLUMN: the rows stay as they are and no trigger is dropped. Rows from before are
digested without the new column, as the ledger knows them.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and raise the version of the schema."""
    op.execute("ALTER TABLE input_quantity ADD COLUMN parameters_json TEXT DEFAULT '[]' NOT NULL")
    op.execute("PRAGMA user_version = 2")


def downgrade() -> None:
    """Refuse: what is recorded stays recorded."""
    raise NotImplementedError("the registry is append-only: restore a backup instead")
