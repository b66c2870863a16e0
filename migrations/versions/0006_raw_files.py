"""Raw files of a run: time tags and series of offsets, by their digest.

Revision: 0006; after: 0005.

A plain ADD COLUMN with a default: the rows stay as they are and no trigger is dropped. Rows from
before are digested without the new column, as the ledger knows them.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, raise the version of the schema."""
    op.execute("ALTER TABLE run ADD COLUMN files_json TEXT DEFAULT '[]' NOT NULL")
    op.execute("PRAGMA user_version = 6")


def downgrade() -> None:
    """Refuse: what is recorded stays recorded."""
    raise NotImplementedError("the registry is append-only: restore a backup instead")
