"""What the tables of the registry are made of: their metadata and their kinds of columns.

Inside: `METADATA`, `text`, `texts`, `number`, `reference`, `recorded_in`, `recorded_table`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Double, ForeignKey, Integer, MetaData, Table, Text

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


def text(name: str, refers_to: str = "", *, nullable: bool = False) -> Column[str]:
    """Return a text column, optionally one that refers to a unique text elsewhere."""
    reference = [ForeignKey(refers_to)] if refers_to else []
    return Column(name, Text, *reference, nullable=nullable)


def texts(*names: str) -> tuple[Column[str], ...]:
    """Return text columns that are never NULL."""
    return tuple(text(name) for name in names)


def number(name: str, *, nullable: bool = False) -> Column[float]:
    """Return a column of doubles."""
    return Column(name, Double, nullable=nullable)


def reference(name: str, refers_to: str, *, nullable: bool = False) -> Column[int]:
    """Return an integer column that refers to another table's id."""
    return Column(name, Integer, ForeignKey(refers_to), nullable=nullable)


def recorded_in() -> Column[int]:
    """Return the column that names the ledger entry of a row."""
    # Deferred: the entry holds the digests of the rows, so it is written after them.
    entry = ForeignKey("ledger_entry.sequence", deferrable=True, initially="DEFERRED")
    return Column("recorded_in", Integer, entry, nullable=False, index=True)


def recorded_table(name: str, *items: SchemaItem) -> Table:
    """Return a table with an integer id and the sequence of its ledger entry."""
    return Table(name, METADATA, Column("id", Integer, primary_key=True), *items, recorded_in())
