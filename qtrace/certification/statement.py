"""The signed statement and the bundle around it.

Inside: `DocumentHead`, `title_of`, `statement_of`, `Bundle`, `restored_bundle`,
`STATEMENT_FORMAT`, `BUNDLE_FORMAT`, `PAYLOAD_DIGEST`.

The payload carries the whole case file and the conclusions; the bundle carries payload,
what seals it, the public key that it claims, and the ledger entry that names its digest.
Nothing in a bundle is trusted before it is verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qtrace.certification.case import CaseFile
from qtrace.certification.codec import encode
from qtrace.certification.conclude import Conclusions
from qtrace.certification.decision import DecisionWord
from qtrace.certification.scheme import AttestationKind
from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.canonical import canonical_bytes, parse_canonical
from qtrace.ledger.entry import Entry
from qtrace.ledger.envelope import Envelope
from qtrace.ledger.signing import Key, Signature

STATEMENT_FORMAT = "qtrace/decision-statement/1"
BUNDLE_FORMAT = "qtrace/bundle/1"
PAYLOAD_DIGEST = "payload_digest"  # under this name a ledger entry commits to a document
_BUNDLE_FIELDS = frozenset({"bundle", "envelope", "key", "ledger_entry"})


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """Number, kind, title, time and issuer of a document; `tool` is the software version."""

    number: str
    attestation_kind: AttestationKind
    title: str
    issued_at: datetime
    person: str
    organisation: str
    tool: str
    watermark: str = ""


def title_of(kind: AttestationKind, word: DecisionWord) -> str:
    """Return the title that a kind of statement may carry."""
    if kind is AttestationKind.DEMONSTRATION:
        return "DEMONSTRATION: statement on a decision"
    if kind is AttestationKind.CERTIFICATION and word is DecisionWord.GRANTED:
        return "Certification decision"
    return f"Statement on a decision ({kind.value.replace('_', ' ')})"


def statement_of(head: DocumentHead, case: CaseFile, conclusions: Conclusions) -> dict[str, Any]:
    """Return the payload of a decision statement, ready for canonical JSON."""
    return {
        "format": STATEMENT_FORMAT,
        "document": encode(head),
        "case": encode(case),
        "conclusions": encode(conclusions),
        "ext": {},
    }


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is handed to others: envelope, claimed key, ledger entry."""

    envelope: Envelope
    key: Key
    entry: Entry

    def to_bytes(self) -> bytes:
        """Return the canonical bytes of the bundle file."""
        return canonical_bytes(
            {
                "bundle": BUNDLE_FORMAT,
                "envelope": self.envelope.to_dict(),
                "key": self.key.to_dict(),
                "ledger_entry": self.entry.to_dict(),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Bundle:
        """Read a bundle; nothing in it is verified by that.

        Raises:
            InputError: not canonical JSON, unknown or missing fields, another format.
        """
        fields = parse_canonical(data)
        if set(fields) != _BUNDLE_FIELDS or fields["bundle"] != BUNDLE_FORMAT:
            raise InputError(
                f"this is not a {BUNDLE_FORMAT} bundle",
                where=f"fields {', '.join(sorted(fields))}",
                next_step="ask the issuer for the bundle file, or use a newer version of qtrace",
            )
        return cls(
            Envelope.from_dict(_table(fields, "envelope")),
            Key.from_dict(_table(fields, "key")),
            Entry.from_dict(_table(fields, "ledger_entry")),
        )


def _table(fields: Mapping[str, Any], name: str) -> Mapping[str, object]:
    value = fields[name]
    if not isinstance(value, dict):
        raise InputError(f"{name} must be an object", where=f"bundle, field {name}")
    return value


def _named_in(entry: Entry) -> object:
    """Return the payload digest that an entry names, None where it names or parses to none."""
    try:
        return parse_canonical(entry.content.encode("utf-8", "surrogatepass")).get(PAYLOAD_DIGEST)
    except InputError:
        return None


def restored_bundle(
    payload_type: str, payload: bytes, *, sealed: bytes, key: Key, entries: Iterable[Entry]
) -> Bundle:
    """Return a bundle from its stored parts; the ledger entry is the one that names it.

    Raises:
        IntegrityError: no ledger entry names the payload.
    """
    envelope = Envelope(payload_type, payload, (Signature(key.key_id, sealed),))
    for entry in entries:
        if _named_in(entry) == envelope.payload_digest:
            return Bundle(envelope, key, entry)
    raise IntegrityError(
        "no ledger entry names this document: it was changed, or its entry was",
        where=f"payload {envelope.payload_digest[:16]}...",
    )
