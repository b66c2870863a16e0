"""Tables of the ledger and of the registers: laboratories, devices, links, runs, baselines.

Inside: one constant per table; `tables` holds the others and all that is said of every table.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    Table,
    UniqueConstraint,
)

from qtrace.registry.columns import (
    METADATA,
    number,
    recorded_table,
    text,
    texts,
)

LEDGER_ENTRY = Table(
    "ledger_entry",
    METADATA,
    Column("sequence", Integer, primary_key=True),
    *texts("recorded_at", "actor", "action", "subject", "content", "previous", "digest"),
)

DEVICE_CLASS = recorded_table(
    "device_class",
    *texts("class_id", "title", "kinds_json", "roles_json"),
    UniqueConstraint("class_id"),
)

DEVICE = recorded_table(
    "device",
    text("device_id"),
    text("class_id", "device_class.class_id"),
    *texts("manufacturer", "model", "serial", "firmware", "notes"),
    UniqueConstraint("device_id"),
    UniqueConstraint("manufacturer", "serial"),
)

DEVICE_STATUS = recorded_table(
    "device_status",
    text("device_id", "device.device_id"),
    *texts("status", "reason", "effective_at"),
)

LABORATORY = recorded_table(
    "laboratory",
    *texts("laboratory_id", "name", "country"),
    UniqueConstraint("laboratory_id"),
)

COMPETENCE = recorded_table(
    "competence",
    text("laboratory_id", "laboratory.laboratory_id"),
    *texts("kind", "route"),
    number("low"),
    number("high"),
    number("expanded_uncertainty"),
    Column("relative", Boolean, nullable=False),
    *texts("valid_from", "valid_until", "reference"),
    CheckConstraint("expanded_uncertainty >= 0", name="expanded_uncertainty"),
    CheckConstraint("low <= high", name="range"),
)

PROGRAMME = recorded_table(
    "programme",
    text("device_id", "device.device_id"),
    text("kind"),
    number("interval_days"),
    *texts("decided_by", "valid_from"),
    CheckConstraint("interval_days > 0", name="interval_days"),
)

LINK = recorded_table(
    "link",
    *texts(
        "link_id",
        "title",
        "protocol",
        "endpoint_a",
        "endpoint_b",
        "watermark",
        "declarations_json",
        "documents_json",
        "roles_json",
        "source",
    ),
    UniqueConstraint("link_id"),
)

RUN = recorded_table(
    "run",
    text("run_id"),
    text("link_id", "link.link_id"),
    *texts(
        "started",
        "ended",
        "key_disposition",
        "provenance",
        "counts_json",
        "parameters_json",
        "roles_json",
        "from_memory_json",
        "published_json",
        "notes_json",
        "source",
    ),
    Column("planned", Boolean, nullable=False),
    text("document_digest"),
    UniqueConstraint("run_id"),
    CheckConstraint("started <= ended", name="times"),
)

RUN_PLAN = recorded_table(
    "run_plan",
    text("plan_id"),
    text("link_id", "link.link_id"),
    *texts(
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
    ),
    Column("blocks", Integer, nullable=False),
    Column("block_size", Integer, nullable=False),
    UniqueConstraint("plan_id"),
    CheckConstraint("planned_from <= planned_until", name="times"),
    CheckConstraint("blocks > 0 AND block_size > 0", name="sizes"),
)

BASELINE = recorded_table(
    "baseline",
    *texts(
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
    ),
    number("value", nullable=True),
    number("standard_uncertainty", nullable=True),
    Column("bound", Boolean, nullable=False),
    UniqueConstraint("baseline_id"),
    CheckConstraint("standard_uncertainty >= 0", name="uncertainty"),
)
