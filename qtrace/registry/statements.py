"""Issued statements and the public keys that they are checked with.

Inside: `PublicKeyRecord`, `StatementRecord`, `Statements`.
Private keys never come here. What seals a payload is kept as bytes, not as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from qtrace.errors import InputError
from qtrace.registry.lookup import already_recorded, not_found
from qtrace.registry.session import Session
from qtrace.registry.tables import PUBLIC_KEY, STATEMENT
from qtrace.registry.texts import parse_time, time_text


@dataclass(frozen=True, slots=True)
class PublicKeyRecord:
    """The public half of a key, and who uses it for what."""

    key_id: str
    person: str
    organisation: str
    usage: str
    public_bytes: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """A payload as it was sealed; `sealed` holds the raw bytes that the key made over it."""

    number: str
    payload: str
    payload_type: str
    payload_digest: str
    key_id: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements and public keys inside one transaction."""

    session: Session

    def add_key(self, key: PublicKeyRecord) -> None:
        """Record a public key.

        Raises:
            InputError: The key is recorded already.
        """
        if key.key_id in self._key_ids():
            raise already_recorded(
                "key",
                key.key_id,
                recorded_as=f"the key of {self.key(key.key_id).person}",
                next_step="list them: `qtrace key list`",
            )
        self.session.add(
            PUBLIC_KEY,
            {
                "key_id": key.key_id,
                "person": key.person,
                "organisation": key.organisation,
                "usage": key.usage,
                "public_bytes": key.public_bytes,
                "created_at": time_text(key.created_at, f"key {key.key_id}"),
            },
        )

    def keys(self) -> tuple[PublicKeyRecord, ...]:
        """Return all public keys in the order of recording."""
        query = select(PUBLIC_KEY).where(self.session.visible(PUBLIC_KEY)).order_by(PUBLIC_KEY.c.id)
        return tuple(_key(row) for row in self.session.all(query))

    def key(self, key_id: str) -> PublicKeyRecord:
        """Return one public key.

        Raises:
            InputError: It is unknown; close ids are named.
        """
        known = {key.key_id: key for key in self.keys()}
        if key_id not in known:
            raise not_found("key", key_id, known, next_step="list them: `qtrace key list`")
        return known[key_id]

    def add(self, statement: StatementRecord) -> None:
        """Record an issued statement.

        Raises:
            InputError: The number is taken; the key is unknown; `sealed` is empty, or an
                envelope where raw bytes are wanted.
        """
        where = f"statement {statement.number}"
        query = select(STATEMENT).where(STATEMENT.c.number == statement.number)
        if self.session.first(query) is not None:
            raise already_recorded(
                "statement",
                statement.number,
                recorded_as="an issued document",
                next_step="give the new one its own number",
            )
        if statement.key_id not in self._key_ids():
            raise not_found(
                "key",
                statement.key_id,
                self._key_ids(),
                next_step="record the public key with the statement, or before it",
            ).located(where)
        # Raw bytes may start with any character, so an envelope is told by the word in it.
        if not statement.sealed or b"signature" in statement.sealed.lower():
            raise InputError(
                "a statement is kept with the raw bytes that the key made over its payload",
                where=where,
                next_step="hand over those bytes, not the envelope around them",
            )
        self.session.add(
            STATEMENT,
            {
                "number": statement.number,
                "payload": statement.payload,
                "payload_type": statement.payload_type,
                "payload_digest": statement.payload_digest,
                "key_id": statement.key_id,
                "sealed": statement.sealed,
            },
        )

    def all(self) -> tuple[StatementRecord, ...]:
        """Return all statements in the order of recording."""
        query = select(STATEMENT).where(self.session.visible(STATEMENT)).order_by(STATEMENT.c.id)
        return tuple(_statement(row) for row in self.session.all(query))

    def by_number(self, number: str) -> StatementRecord:
        """Return one statement.

        Raises:
            InputError: The number is unknown; close ones are named.
        """
        known = {statement.number: statement for statement in self.all()}
        if number not in known:
            raise not_found("statement", number, known, next_step="list: `qtrace certificate list`")
        return known[number]

    def _key_ids(self) -> tuple[str, ...]:
        return self.session.texts(select(PUBLIC_KEY.c.key_id).order_by(PUBLIC_KEY.c.id))


def _key(row: Row[Any]) -> PublicKeyRecord:
    return PublicKeyRecord(
        row.key_id,
        row.person,
        row.organisation,
        row.usage,
        row.public_bytes,
        parse_time(row.created_at),
    )


def _statement(row: Row[Any]) -> StatementRecord:
    return StatementRecord(
        row.number,
        row.payload,
        row.payload_type,
        row.payload_digest,
        row.key_id,
        row.sealed,
    )
