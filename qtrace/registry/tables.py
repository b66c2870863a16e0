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

from typing import TYPE_CHECKING

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, refers_to: str = "", *, nullable: bool = False) -> Column[str]:
    reference = [ForeignKey(refers_to)] if refers_to else []
    return Column(name, Text, *reference, nullable=nullable)


def _texts(*names: str) -> tuple[Column[str], ...]:
    return tuple(_text(name) for name in names)


def _number(name: str, *, nullable: bool = False) -> Column[float]:
    return Column(name, Double, nullable=nullable)


def _reference(name: str, refers_to: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Integer, ForeignKey(refers_to), nullable=nullable)


def _recorded_in() -> Column[int]:
    # Deferred: the entry holds the digests of the rows, so it is written after them.
    entry = ForeignKey("ledger_entry.sequence", deferrable=True, initially="DEFERRED")
    return Column("recorded_in", Integer, entry, nullable=False, index=True)


def _table(name: str, *items: SchemaItem) -> Table:
    return Table(name, METADATA, Column("id", Integer, primary_key=True), *items, _recorded_in())


LEDGER_ENTRY = Table(
    "ledger_entry",
    METADATA,
    Column("sequence", Integer, primary_key=True),
    *_texts("recorded_at", "actor", "action", "subject", "content", "previous", "digest"),
)

DEVICE_CLASS = _table(
    "device_class",
    *_texts("class_id", "title", "kinds_json", "roles_json"),
    UniqueConstraint("class_id"),
)

DEVICE = _table(
    "device",
    _text("device_id"),
    _text("class_id", "device_class.class_id"),
    *_texts("manufacturer", "model", "serial", "firmware", "notes"),
    UniqueConstraint("device_id"),
    UniqueConstraint("manufacturer", "serial"),
)

DEVICE_STATUS = _table(
    "device_status",
    _text("device_id", "device.device_id"),
    *_texts("status", "reason", "effective_at"),
)

LABORATORY = _table(
    "laboratory",
    *_texts("laboratory_id", "name", "country"),
    UniqueConstraint("laboratory_id"),
)

COMPETENCE = _table(
    "competence",
    _text("laboratory_id", "laboratory.laboratory_id"),
    *_texts("kind", "route"),
    _number("low"),
    _number("high"),
    _number("expanded_uncertainty"),
    Column("relative", Boolean, nullable=False),
    *_texts("valid_from", "valid_until", "reference"),
    CheckConstraint("expanded_uncertainty >= 0", name="expanded_uncertainty"),
    CheckConstraint("low <= high", name="range"),
)

PROGRAMME = _table(
    "programme",
    _text("device_id", "device.device_id"),
    _text("kind"),
    _number("interval_days"),
    *_texts("decided_by", "valid_from"),
    CheckConstraint("interval_days > 0", name="interval_days"),
)

LINK = _table(
    "link",
    *_texts(
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

RUN = _table(
    "run",
    _text("run_id"),
    _text("link_id", "link.link_id"),
    *_texts(
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
    _text("document_digest"),
    UniqueConstraint("run_id"),
    CheckConstraint("started <= ended", name="times"),
)

EVENT = _table(
    "event",
    *_texts("label", "kind"),
    _text("device_id", "device.device_id", nullable=True),
    _text("laboratory_id", "laboratory.laboratory_id", nullable=True),
    _text("run_id", "run.run_id", nullable=True),
    *_texts(
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

ORIGIN = _table(
    "origin",
    _reference("event_id", "event.id"),
    *_texts("input_name", "origin_json"),
    UniqueConstraint("event_id", "input_name"),
)

WITHDRAWAL = _table(
    "withdrawal",
    _reference("event_id", "event.id"),
    *_texts("reason", "withdrawn_at"),
    UniqueConstraint("event_id"),
)

MODEL = _table(
    "model",
    *_texts("kind", "text", "version"),
    UniqueConstraint("kind", "text", "version"),
)

MEASURAND = _table(
    "measurand",
    *_texts("kind", "conditions_json"),
    UniqueConstraint("kind", "conditions_json"),
)

RESULT = _table(
    "result",
    _reference("event_id", "event.id"),
    _text("name"),
    _reference("measurand_id", "measurand.id"),
    _reference("model_id", "model.id"),
    _number("value"),
    _text("unit"),
    _number("standard_uncertainty"),  # a cache, which audit recomputes
    _text("form"),
    _number("interval_low", nullable=True),
    _number("interval_high", nullable=True),
    _number("interval_probability", nullable=True),
    *_texts("interval_method", "flags_json"),
    UniqueConstraint("event_id", "name"),
    CheckConstraint("standard_uncertainty >= 0", name="standard_uncertainty"),
    Index(None, "measurand_id"),
)

INPUT_QUANTITY = _table(
    "input_quantity",
    _reference("event_id", "event.id"),
    _text("name"),
    _number("estimate"),
    _number("standard_uncertainty"),
    *_texts("unit", "distribution", "evaluation"),
    _number("degrees_of_freedom", nullable=True),
    *_texts("text", "flags_json"),
    UniqueConstraint("event_id", "name"),
    CheckConstraint("standard_uncertainty >= 0", name="standard_uncertainty"),
    CheckConstraint("evaluation IN ('A', 'B')", name="evaluation"),
    CheckConstraint("degrees_of_freedom > 0", name="degrees_of_freedom"),
)
for _table_of, _name, _default in (
    (INPUT_QUANTITY, "parameters_json", "[]"),
    (RESULT, "state", ""),
    (COMPETENCE, "conditions_json", "{}"),
):
    _table_of.append_column(Column(_name, Text, nullable=False, server_default=_default))

CORRELATION_BLOCK = _table(
    "correlation_block",
    _reference("event_id", "event.id"),
    _text("kind"),
    _number("degrees_of_freedom", nullable=True),
    *_texts("reason", "correlation_json", "correlation_entered_json"),
    CheckConstraint("degrees_of_freedom > 0", name="degrees_of_freedom"),
    Index(None, "event_id"),
)

BLOCK_MEMBER = Table(
    "block_member",
    METADATA,
    _reference("block_id", "correlation_block.id"),
    Column("position", Integer, nullable=False),
    _reference("input_id", "input_quantity.id"),
    _recorded_in(),
    PrimaryKeyConstraint("block_id", "position"),
    UniqueConstraint("input_id"),
    sqlite_with_rowid=False,
)

ARGUMENT = Table(
    "argument",
    METADATA,
    _reference("result_id", "result.id"),
    Column("position", Integer, nullable=False),
    _text("name"),
    _reference("parent_id", "result.id", nullable=True),
    _reference("input_id", "input_quantity.id", nullable=True),
    _number("sensitivity"),
    _recorded_in(),
    PrimaryKeyConstraint("result_id", "position"),
    UniqueConstraint("result_id", "name"),
    CheckConstraint("(parent_id IS NULL) <> (input_id IS NULL)", name="one_source"),
    # Recording order is topological order: a cycle cannot be stored.
    CheckConstraint("parent_id < result_id", name="recording_order"),
    sqlite_with_rowid=False,
)
Index(None, ARGUMENT.c.parent_id, sqlite_where=ARGUMENT.c.parent_id.is_not(None))
Index(None, ARGUMENT.c.input_id, sqlite_where=ARGUMENT.c.input_id.is_not(None))

FINDING = _table(
    "finding",
    *_texts(
        "assessment", "subject_kind", "subject_id", "standard_id", "scheme_id", "requirement_id"
    ),
    Column("position", Integer, nullable=False),
    _text("content_json"),
    UniqueConstraint("assessment", "position"),
)

DECISION = _table(
    "decision",
    *_texts(
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

PUBLIC_KEY = _table(
    "public_key",
    *_texts("key_id", "person", "organisation", "usage"),
    Column("public_bytes", LargeBinary, nullable=False),
    _text("created_at"),
    UniqueConstraint("key_id"),
)

STATEMENT = _table(
    "statement",
    *_texts("number", "payload", "payload_type", "payload_digest"),
    _text("key_id", "public_key.key_id"),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("number"),
)

APPEND_ONLY: tuple[Table, ...] = tuple(METADATA.sorted_tables)

# Tables whose rows a ledger entry summarises.
RECORDED: tuple[Table, ...] = tuple(table for table in APPEND_ONLY if table is not LEDGER_ENTRY)


def unique_keys(table: Table) -> tuple[tuple[str, ...], ...]:
    """Return the primary key and the unique keys of a table, as column names, sorted."""
    constraints = (item for item in table.constraints if isinstance(item, UniqueConstraint))
    unique = sorted(tuple(column.name for column in item.columns) for item in constraints)
    return (tuple(column.name for column in table.primary_key.columns), *unique)
