"""Recalls that were confirmed, and the decision events after a document was issued.

Revision: 0003; after: 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qtrace.registry.triggers import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Each table with its primary key and its unique keys.
PROTECTED = (
    ("recall", (("id",), ("label",))),
    ("decision_event", (("id",),)),
)


def upgrade() -> None:
    """Create both tables, make them append-only, raise the version of the schema."""
    op.create_table(
        "recall",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("correction_json", sa.Text(), nullable=False),
        sa.Column("content_json", sa.Text(), nullable=False),
        sa.Column("recalled_at", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_recall_event_id")),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_recall_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
        sa.UniqueConstraint("label", name=op.f("uq_recall_label")),
    )
    op.create_index(op.f("ix_recall_recorded_in"), "recall", ["recorded_in"], unique=False)
    op.create_table(
        "decision_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("recall_label", sa.Text(), nullable=True),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content_json", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_number"],
            ["decision.document_number"],
            name=op.f("fk_decision_event_document_number"),
        ),
        sa.ForeignKeyConstraint(
            ["recall_label"], ["recall.label"], name=op.f("fk_decision_event_recall_label")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_decision_event_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_event")),
    )
    op.create_index(
        op.f("ix_decision_event_document_number"),
        "decision_event",
        ["document_number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_decision_event_recorded_in"), "decision_event", ["recorded_in"], unique=False
    )
    for table, unique in PROTECTED:
        protect(table, unique)
    op.execute("PRAGMA user_version = 3")


def downgrade() -> None:
    """Refuse: what is recorded stays recorded."""
    raise NotImplementedError("the registry is append-only: restore a backup instead")
