"""Bundles from the database, as they were handed out.

Inside: `stored_bundle`.
"""

from __future__ import annotations

from qtrace.certification.statement import Bundle, restored_bundle
from qtrace.ledger.signing import DocumentKind, Key
from qtrace.registry.unit_of_work import ReadSession


def stored_bundle(session: ReadSession, number: str) -> Bundle:
    """Return the bundle of a stored statement, as it was handed out.

    Raises:
        InputError: no such document.
        IntegrityError: its key or ledger entry is gone.
    """
    record = session.statements.by_number(number)
    key = session.statements.key(record.key_id)
    return restored_bundle(
        record.payload_type,
        record.payload.encode(),
        sealed=record.sealed,
        key=Key(
            key.public_bytes,
            key.person,
            organisation=key.organisation,
            usage=DocumentKind(key.usage),
        ),
        entries=session.ledger.entries(action="certify"),
    )
