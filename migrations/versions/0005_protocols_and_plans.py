"""What a run declares by its protocol; plans of runs, recorded before them.

Revision: 0005; after: 0004.

Plain ADD COLUMNs with defaults: the rows stay as they are and no trigger is dropped. Rows from
before are digested without the new columns, as the ledger knows them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qtrace.registry.triggers import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = (
    ("protocol", ""),
    ("choices_json", "{}"),
    ("moments_json", "{}"),
    ("assumptions_json", "{}"),
    ("ideal_because_json", "{}"),
    ("plan_id", ""),
    ("status", "completed"),
)
TEXTS = (
    "planned_from",
    "planned_until",
    "protocol",
    "bound",
    "rule",
    "tolerance",
    "stop_rule",
    "settings_json",
    "source",
    "document_digest",
)


def upgrade() -> None:
    """Add the columns and the table, make it append-only, raise the version of the schema."""
    for name, default in COLUMNS:
        op.execute(f"ALTER TABLE run ADD COLUMN {name} TEXT DEFAULT '{default}' NOT NULL")
    op.create_table(
        "run_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("block_size", sa.Integer(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "planned_from <= planned_until", name=op.f("ck_run_plan_times")
        ),
        sa.CheckConstraint("blocks > 0 AND block_size > 0", name=op.f("ck_run_plan_sizes")),
        sa.ForeignKeyConstraint(["link_id"], ["link.link_id"], name=op.f("fk_run_plan_link_id")),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_run_plan_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_plan")),
        sa.UniqueConstraint("plan_id", name=op.f("uq_run_plan_plan_id")),
    )
    op.create_index(op.f("ix_run_plan_recorded_in"), "run_plan", ["recorded_in"], unique=False)
    protect("run_plan", (("id",), ("plan_id",)))
    op.execute("PRAGMA user_version = 5")


def downgrade() -> None:
    """Refuse: what is recorded stays recorded."""
    raise NotImplementedError("the registry is append-only: restore a backup instead")
