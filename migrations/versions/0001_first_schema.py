"""The first schema: registers, events with what they own, evaluation, decisions, the ledger.

Revision: 0001; after: nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qtrace.registry.triggers import protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Each table with its primary key and its unique keys.
PROTECTED = (
    ("ledger_entry", (("sequence",),)),
    ("decision", (("id",), ("document_number",))),
    ("device_class", (("id",), ("class_id",))),
    ("finding", (("id",), ("assessment", "position"))),
    ("laboratory", (("id",), ("laboratory_id",))),
    ("link", (("id",), ("link_id",))),
    ("measurand", (("id",), ("kind", "conditions_json"))),
    ("model", (("id",), ("kind", "text", "version"))),
    ("public_key", (("id",), ("key_id",))),
    ("competence", (("id",),)),
    ("device", (("id",), ("device_id",), ("manufacturer", "serial"))),
    ("run", (("id",), ("run_id",))),
    ("statement", (("id",), ("number",))),
    ("device_status", (("id",),)),
    ("event", (("id",), ("label",))),
    ("programme", (("id",),)),
    ("correlation_block", (("id",),)),
    ("input_quantity", (("id",), ("event_id", "name"))),
    ("origin", (("id",), ("event_id", "input_name"))),
    ("result", (("id",), ("event_id", "name"))),
    ("withdrawal", (("id",), ("event_id",))),
    ("argument", (("result_id", "position"), ("result_id", "name"))),
    ("block_member", (("block_id", "position"), ("input_id",))),
)


def upgrade() -> None:
    """Create all tables, make them append-only, and mark the file as a registry."""
    op.create_table(
        "ledger_entry",
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_ledger_entry")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("scheme_id", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("attestation_kind", sa.Text(), nullable=False),
        sa.Column("content_json", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_decision_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("document_number", name=op.f("uq_decision_document_number")),
    )
    op.create_index(op.f("ix_decision_recorded_in"), "decision", ["recorded_in"], unique=False)
    op.create_table(
        "device_class",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kinds_json", sa.Text(), nullable=False),
        sa.Column("roles_json", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_device_class_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_class")),
        sa.UniqueConstraint("class_id", name=op.f("uq_device_class_class_id")),
    )
    op.create_index(
        op.f("ix_device_class_recorded_in"), "device_class", ["recorded_in"], unique=False
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("standard_id", sa.Text(), nullable=False),
        sa.Column("scheme_id", sa.Text(), nullable=False),
        sa.Column("requirement_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content_json", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_finding_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("assessment", "position", name=op.f("uq_finding_assessment_position")),
    )
    op.create_index(op.f("ix_finding_recorded_in"), "finding", ["recorded_in"], unique=False)
    op.create_table(
        "laboratory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("laboratory_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_laboratory_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratory")),
        sa.UniqueConstraint("laboratory_id", name=op.f("uq_laboratory_laboratory_id")),
    )
    op.create_index(op.f("ix_laboratory_recorded_in"), "laboratory", ["recorded_in"], unique=False)
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("endpoint_a", sa.Text(), nullable=False),
        sa.Column("endpoint_b", sa.Text(), nullable=False),
        sa.Column("watermark", sa.Text(), nullable=False),
        sa.Column("declarations_json", sa.Text(), nullable=False),
        sa.Column("documents_json", sa.Text(), nullable=False),
        sa.Column("roles_json", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_link_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("link_id", name=op.f("uq_link_link_id")),
    )
    op.create_index(op.f("ix_link_recorded_in"), "link", ["recorded_in"], unique=False)
    op.create_table(
        "measurand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("conditions_json", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_measurand_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurand")),
        sa.UniqueConstraint(
            "kind", "conditions_json", name=op.f("uq_measurand_kind_conditions_json")
        ),
    )
    op.create_index(op.f("ix_measurand_recorded_in"), "measurand", ["recorded_in"], unique=False)
    op.create_table(
        "model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_model_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
        sa.UniqueConstraint("kind", "text", "version", name=op.f("uq_model_kind_text_version")),
    )
    op.create_index(op.f("ix_model_recorded_in"), "model", ["recorded_in"], unique=False)
    op.create_table(
        "public_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("public_bytes", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_public_key_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_key")),
        sa.UniqueConstraint("key_id", name=op.f("uq_public_key_key_id")),
    )
    op.create_index(op.f("ix_public_key_recorded_in"), "public_key", ["recorded_in"], unique=False)
    op.create_table(
        "competence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("laboratory_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("expanded_uncertainty", sa.Double(), nullable=False),
        sa.Column("relative", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "expanded_uncertainty >= 0", name=op.f("ck_competence_expanded_uncertainty")
        ),
        sa.CheckConstraint("low <= high", name=op.f("ck_competence_range")),
        sa.ForeignKeyConstraint(
            ["laboratory_id"],
            ["laboratory.laboratory_id"],
            name=op.f("fk_competence_laboratory_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_competence_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competence")),
    )
    op.create_index(op.f("ix_competence_recorded_in"), "competence", ["recorded_in"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("class_id", sa.Text(), nullable=False),
        sa.Column("manufacturer", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("firmware", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"], ["device_class.class_id"], name=op.f("fk_device_class_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_device_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("device_id", name=op.f("uq_device_device_id")),
        sa.UniqueConstraint("manufacturer", "serial", name=op.f("uq_device_manufacturer_serial")),
    )
    op.create_index(op.f("ix_device_recorded_in"), "device", ["recorded_in"], unique=False)
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("started", sa.Text(), nullable=False),
        sa.Column("ended", sa.Text(), nullable=False),
        sa.Column("key_disposition", sa.Text(), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.Column("counts_json", sa.Text(), nullable=False),
        sa.Column("parameters_json", sa.Text(), nullable=False),
        sa.Column("roles_json", sa.Text(), nullable=False),
        sa.Column("from_memory_json", sa.Text(), nullable=False),
        sa.Column("published_json", sa.Text(), nullable=False),
        sa.Column("notes_json", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("document_digest", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.CheckConstraint("started <= ended", name=op.f("ck_run_times")),
        sa.ForeignKeyConstraint(["link_id"], ["link.link_id"], name=op.f("fk_run_link_id")),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_run_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("run_id", name=op.f("uq_run_run_id")),
    )
    op.create_index(op.f("ix_run_recorded_in"), "run", ["recorded_in"], unique=False)
    op.create_table(
        "statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_type", sa.Text(), nullable=False),
        sa.Column("payload_digest", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["public_key.key_id"], name=op.f("fk_statement_key_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_statement_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("number", name=op.f("uq_statement_number")),
    )
    op.create_index(op.f("ix_statement_recorded_in"), "statement", ["recorded_in"], unique=False)
    op.create_table(
        "device_status",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effective_at", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.device_id"], name=op.f("fk_device_status_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_device_status_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_status")),
    )
    op.create_index(
        op.f("ix_device_status_recorded_in"), "device_status", ["recorded_in"], unique=False
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("laboratory_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("performed_at", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("validation", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("flags_json", sa.Text(), nullable=False),
        sa.Column("document_digest", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.device_id"], name=op.f("fk_event_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["laboratory.laboratory_id"], name=op.f("fk_event_laboratory_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_event_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_event_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("label", name=op.f("uq_event_label")),
    )
    op.create_index(op.f("ix_event_device_id"), "event", ["device_id"], unique=False)
    op.create_index(op.f("ix_event_recorded_in"), "event", ["recorded_in"], unique=False)
    op.create_index(op.f("ix_event_run_id"), "event", ["run_id"], unique=False)
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("interval_days", sa.Double(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.CheckConstraint("interval_days > 0", name=op.f("ck_programme_interval_days")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.device_id"], name=op.f("fk_programme_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_programme_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_index(op.f("ix_programme_recorded_in"), "programme", ["recorded_in"], unique=False)
    op.create_table(
        "correlation_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("degrees_of_freedom", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("correlation_json", sa.Text(), nullable=False),
        sa.Column("correlation_entered_json", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "degrees_of_freedom > 0", name=op.f("ck_correlation_block_degrees_of_freedom")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_correlation_block_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_correlation_block_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correlation_block")),
    )
    op.create_index(
        op.f("ix_correlation_block_event_id"), "correlation_block", ["event_id"], unique=False
    )
    op.create_index(
        op.f("ix_correlation_block_recorded_in"), "correlation_block", ["recorded_in"], unique=False
    )
    op.create_table(
        "input_quantity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("estimate", sa.Double(), nullable=False),
        sa.Column("standard_uncertainty", sa.Double(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("distribution", sa.Text(), nullable=False),
        sa.Column("evaluation", sa.Text(), nullable=False),
        sa.Column("degrees_of_freedom", sa.Double(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("flags_json", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.CheckConstraint("evaluation IN ('A', 'B')", name=op.f("ck_input_quantity_evaluation")),
        sa.CheckConstraint(
            "degrees_of_freedom > 0", name=op.f("ck_input_quantity_degrees_of_freedom")
        ),
        sa.CheckConstraint(
            "standard_uncertainty >= 0", name=op.f("ck_input_quantity_standard_uncertainty")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_input_quantity_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_input_quantity_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_input_quantity")),
        sa.UniqueConstraint("event_id", "name", name=op.f("uq_input_quantity_event_id_name")),
    )
    op.create_index(
        op.f("ix_input_quantity_recorded_in"), "input_quantity", ["recorded_in"], unique=False
    )
    op.create_table(
        "origin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("input_name", sa.Text(), nullable=False),
        sa.Column("origin_json", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_origin_event_id")),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_origin_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_origin")),
        sa.UniqueConstraint("event_id", "input_name", name=op.f("uq_origin_event_id_input_name")),
    )
    op.create_index(op.f("ix_origin_recorded_in"), "origin", ["recorded_in"], unique=False)
    op.create_table(
        "result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("measurand_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("standard_uncertainty", sa.Double(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("interval_low", sa.Double(), nullable=True),
        sa.Column("interval_high", sa.Double(), nullable=True),
        sa.Column("interval_probability", sa.Double(), nullable=True),
        sa.Column("interval_method", sa.Text(), nullable=False),
        sa.Column("flags_json", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "standard_uncertainty >= 0", name=op.f("ck_result_standard_uncertainty")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_result_event_id")),
        sa.ForeignKeyConstraint(
            ["measurand_id"], ["measurand.id"], name=op.f("fk_result_measurand_id")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_result_model_id")),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_result_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint("event_id", "name", name=op.f("uq_result_event_id_name")),
    )
    op.create_index(op.f("ix_result_measurand_id"), "result", ["measurand_id"], unique=False)
    op.create_index(op.f("ix_result_recorded_in"), "result", ["recorded_in"], unique=False)
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.Text(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_withdrawal_event_id")),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_withdrawal_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
        sa.UniqueConstraint("event_id", name=op.f("uq_withdrawal_event_id")),
    )
    op.create_index(op.f("ix_withdrawal_recorded_in"), "withdrawal", ["recorded_in"], unique=False)
    op.create_table(
        "argument",
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("input_id", sa.Integer(), nullable=True),
        sa.Column("sensitivity", sa.Double(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(parent_id IS NULL) <> (input_id IS NULL)", name=op.f("ck_argument_one_source")
        ),
        sa.CheckConstraint("parent_id < result_id", name=op.f("ck_argument_recording_order")),
        sa.ForeignKeyConstraint(
            ["input_id"], ["input_quantity.id"], name=op.f("fk_argument_input_id")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["result.id"], name=op.f("fk_argument_parent_id")),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_argument_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_argument_result_id")),
        sa.PrimaryKeyConstraint("result_id", "position", name=op.f("pk_argument")),
        sa.UniqueConstraint("result_id", "name", name=op.f("uq_argument_result_id_name")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_argument_input_id"),
        "argument",
        ["input_id"],
        unique=False,
        sqlite_where=sa.text("input_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_argument_parent_id"),
        "argument",
        ["parent_id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_argument_recorded_in"), "argument", ["recorded_in"], unique=False)
    op.create_table(
        "block_member",
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("input_id", sa.Integer(), nullable=False),
        sa.Column("recorded_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["block_id"], ["correlation_block.id"], name=op.f("fk_block_member_block_id")
        ),
        sa.ForeignKeyConstraint(
            ["input_id"], ["input_quantity.id"], name=op.f("fk_block_member_input_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_in"],
            ["ledger_entry.sequence"],
            name=op.f("fk_block_member_recorded_in"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("block_id", "position", name=op.f("pk_block_member")),
        sa.UniqueConstraint("input_id", name=op.f("uq_block_member_input_id")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_block_member_recorded_in"), "block_member", ["recorded_in"], unique=False
    )
    for table, unique in PROTECTED:
        protect(table, unique)
    op.execute(f"PRAGMA application_id = {0x71747263}")  # "qtrc" in ASCII
    op.execute("PRAGMA user_version = 1")


def downgrade() -> None:
    """Refuse: what is recorded stays recorded."""
    raise NotImplementedError("the registry is append-only: restore a backup instead")
