"""The tables of the registry: append-only, each row naming the ledger entry that wrote it.

Inside: `METADATA`, one constant per table, `APPEND_ONLY` (every table, in order of
dependency), `RECORDED`, `unique_keys` (what the append-only triggers protect).

Conventions. Texts of times are UTC, "YYYY-MM-DDTHH:MM:SS.ffffffZ", so that they sort. Texts
called `*_json` are canonical JSON. Values are doubles in coherent SI units; a missing
`degrees_of_freedom` means infinite. CHECK constraints guard closed sets only (A or B, one of
two parents): an open set in a CHECK could not grow without rewriting evidence. A column with a
default came with a later migration; a row that has the default is digested without it.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from qtrace.registry.columns import (
    METADATA,
    number,
    recorded_in,
    recorded_table,
    reference,
    text,
    texts,
)
from qtrace.registry.register_tables import (
    BASELINE,
    COMPETENCE,
    DEVICE,
    DEVICE_CLASS,
    DEVICE_STATUS,
    LABORATORY,
    LEDGER_ENTRY,
    LINK,
    PROGRAMME,
    RUN,
    RUN_PLAN,
)

__all__ = [
    "BASELINE",
    "COMPETENCE",
    "DEVICE",
    "DEVICE_CLASS",
    "DEVICE_STATUS",
    "LABORATORY",
    "LEDGER_ENTRY",
    "LINK",
    "PROGRAMME",
    "RUN",
    "RUN_PLAN",
]

EVENT = recorded_table(
    "event",
    *texts("label", "kind"),
    text("device_id", "device.device_id", nullable=True),
    text("laboratory_id", "laboratory.laboratory_id", nullable=True),
    text("run_id", "run.run_id", nullable=True),
    *texts(
        "performed_at",
        "state",
        "route",
        "procedure",
        "validation",
        "source",
        "flags_json",
        "document_digest",
    ),
    UniqueConstraint("label"),
    Index(None, "device_id"),
    Index(None, "run_id"),
)

ORIGIN = recorded_table(
    "origin",
    reference("event_id", "event.id"),
    *texts("input_name", "origin_json"),
    UniqueConstraint("event_id", "input_name"),
)

WITHDRAWAL = recorded_table(
    "withdrawal",
    reference("event_id", "event.id"),
    *texts("reason", "withdrawn_at"),
    UniqueConstraint("event_id"),
)

MODEL = recorded_table(
    "model",
    *texts("kind", "text", "version"),
    UniqueConstraint("kind", "text", "version"),
)

MEASURAND = recorded_table(
    "measurand",
    *texts("kind", "conditions_json"),
    UniqueConstraint("kind", "conditions_json"),
)

RESULT = recorded_table(
    "result",
    reference("event_id", "event.id"),
    text("name"),
    reference("measurand_id", "measurand.id"),
    reference("model_id", "model.id"),
    number("value"),
    text("unit"),
    number("standard_uncertainty"),  # a cache, which audit recomputes
    text("form"),
    number("interval_low", nullable=True),
    number("interval_high", nullable=True),
    number("interval_probability", nullable=True),
    *texts("interval_method", "flags_json"),
    UniqueConstraint("event_id", "name"),
    CheckConstraint("standard_uncertainty >= 0", name="standard_uncertainty"),
    Index(None, "measurand_id"),
)

INPUT_QUANTITY = recorded_table(
    "input_quantity",
    reference("event_id", "event.id"),
    text("name"),
    number("estimate"),
    number("standard_uncertainty"),
    *texts("unit", "distribution", "evaluation"),
    number("degrees_of_freedom", nullable=True),
    *texts("text", "flags_json"),
    UniqueConstraint("event_id", "name"),
    CheckConstraint("standard_uncertainty >= 0", name="standard_uncertainty"),
    CheckConstraint("evaluation IN ('A', 'B')", name="evaluation"),
    CheckConstraint("degrees_of_freedom > 0", name="degrees_of_freedom"),
)
for _table_of, _name, _default in (
    (INPUT_QUANTITY, "parameters_json", "[]"),
    (RESULT, "state", ""),
    (COMPETENCE, "conditions_json", "{}"),
    (RUN, "protocol", ""),
    (RUN, "choices_json", "{}"),
    (RUN, "moments_json", "{}"),
    (RUN, "assumptions_json", "{}"),
    (RUN, "ideal_because_json", "{}"),
    (RUN, "plan_id", ""),
    (RUN, "status", "completed"),
    (RUN, "files_json", "[]"),
):
    _table_of.append_column(Column(_name, Text, nullable=False, server_default=_default))

CORRELATION_BLOCK = recorded_table(
    "correlation_block",
    reference("event_id", "event.id"),
    text("kind"),
    number("degrees_of_freedom", nullable=True),
    *texts("reason", "correlation_json", "correlation_entered_json"),
    CheckConstraint("degrees_of_freedom > 0", name="degrees_of_freedom"),
    Index(None, "event_id"),
)

BLOCK_MEMBER = Table(
    "block_member",
    METADATA,
    reference("block_id", "correlation_block.id"),
    Column("position", Integer, nullable=False),
    reference("input_id", "input_quantity.id"),
    recorded_in(),
    PrimaryKeyConstraint("block_id", "position"),
    UniqueConstraint("input_id"),
    sqlite_with_rowid=False,
)

ARGUMENT = Table(
    "argument",
    METADATA,
    reference("result_id", "result.id"),
    Column("position", Integer, nullable=False),
    text("name"),
    reference("parent_id", "result.id", nullable=True),
    reference("input_id", "input_quantity.id", nullable=True),
    number("sensitivity"),
    recorded_in(),
    PrimaryKeyConstraint("result_id", "position"),
    UniqueConstraint("result_id", "name"),
    CheckConstraint("(parent_id IS NULL) <> (input_id IS NULL)", name="one_source"),
    # Recording order is topological order: a cycle cannot be stored.
    CheckConstraint("parent_id < result_id", name="recording_order"),
    sqlite_with_rowid=False,
)
# A literal: SQLite uses a partial index only where a query says the same condition in its text.
Index(
    "ix_input_quantity_walk",
    INPUT_QUANTITY.c.id,
    sqlite_where=INPUT_QUANTITY.c.distribution == literal_column("'random_walk'"),
)
Index(None, ARGUMENT.c.parent_id, sqlite_where=ARGUMENT.c.parent_id.is_not(None))
Index(None, ARGUMENT.c.input_id, sqlite_where=ARGUMENT.c.input_id.is_not(None))

FINDING = recorded_table(
    "finding",
    *texts(
        "assessment", "subject_kind", "subject_id", "standard_id", "scheme_id", "requirement_id"
    ),
    Column("position", Integer, nullable=False),
    text("content_json"),
    UniqueConstraint("assessment", "position"),
)

DECISION = recorded_table(
    "decision",
    *texts(
        "document_number",
        "subject_kind",
        "subject_id",
        "scheme_id",
        "word",
        "attestation_kind",
        "content_json",
    ),
    UniqueConstraint("document_number"),
)

PUBLIC_KEY = recorded_table(
    "public_key",
    *texts("key_id", "person", "organisation", "usage"),
    Column("public_bytes", LargeBinary, nullable=False),
    text("created_at"),
    UniqueConstraint("key_id"),
)

STATEMENT = recorded_table(
    "statement",
    *texts("number", "payload", "payload_type", "payload_digest"),
    text("key_id", "public_key.key_id"),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("number"),
)

# One recall that was confirmed: what was recalled, why, and all that follows, as it was computed.
RECALL = recorded_table(
    "recall",
    text("label"),
    reference("event_id", "event.id"),
    *texts("cause", "reason", "correction_json", "content_json", "recalled_at"),
    UniqueConstraint("label"),
)

# What happens to an issued document later; its status is derived from these.
DECISION_EVENT = recorded_table(
    "decision_event",
    text("document_number", "decision.document_number"),
    text("recall_label", "recall.label", nullable=True),
    *texts("word", "reason", "content_json", "decided_at"),
    Index(None, "document_number"),
)

APPEND_ONLY: tuple[Table, ...] = tuple(METADATA.sorted_tables)

# Tables whose rows a ledger entry summarises.
RECORDED: tuple[Table, ...] = tuple(table for table in APPEND_ONLY if table is not LEDGER_ENTRY)


def unique_keys(table: Table) -> tuple[tuple[str, ...], ...]:
    """Return the primary key and the unique keys of a table, as column names, sorted."""
    constraints = (item for item in table.constraints if isinstance(item, UniqueConstraint))
    unique = sorted(tuple(column.name for column in item.columns) for item in constraints)
    return (tuple(column.name for column in table.primary_key.columns), *unique)
