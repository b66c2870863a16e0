"""Classical baselines, declared before the run that is held against them.

Revision: 0007; after: 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qtrace.registry.triggers import protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXTS = (
    "baseline_id",
    "item",
    "kind",
    "better",
    "compares",
    "title",
    "source",
    "tag",
    "conditions_json",
    "result_label",
    "text",
    "document_digest",
)


def upgrade() -> None:
    """Create the table, make it append-only, raise the version of the schema."""
    op.create_table(
        "baseline",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("standard_uncertainty", sa.Double(), nullable=True),
        sa.Column("bound", sa.Boolean(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.CheckConstraint("standard_uncertainty >= 0", name=op.f("ck_baseline_uncertainty")),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_baseline_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline")),
        sa.UniqueConstraint("baseline_id", name=op.f("uq_baseline_baseline_id")),
    )
    op.create_index(op.f("ix_baseline_recorded_in"), "baseline", ["recorded_in"], unique=False)
    protect("baseline", (("id",), ("baseline_id",)))
    op.execute("PRAGMA user_version = 7")


def downgrade() -> None:
    """Refuse: what is recorded stays recorded."""
    raise NotImplementedError("the registry is append-only: restore a backup instead")
