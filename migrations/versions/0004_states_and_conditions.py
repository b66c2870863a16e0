"""As-found and as-left results of one event; conditions of a laboratory's capability.

Revision: 0004; after: 0003.

Plain ADD COLUMNs with defaults: the rows stay as they are and no trigger is dropped. Rows from
before are digested without the new columns, as the ledger knows them.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and raise the version of the schema."""
    op.execute("ALTER TABLE result ADD COLUMN state TEXT DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE competence ADD COLUMN conditions_json TEXT DEFAULT '{}' NOT NULL")
    op.execute(
        "CREATE INDEX ix_input_quantity_walk ON input_quantity (id) "
        "WHERE distribution = 'random_walk'"
    )
    op.execute("PRAGMA user_version = 4")


def downgrade() -> None:
    """Refuse: what is recorded stays recorded."""
    raise NotImplementedError("the registry is append-only: restore a backup instead")
