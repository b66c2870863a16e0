"""A forger with a key of their own: takes a true statement, lies in it, seals it anew.

Inside: `Forger`, `Payload`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qtrace.certification.case import CaseFile
from qtrace.certification.codec import decode, encode
from qtrace.certification.conclude import conclude
from qtrace.certification.statement import Bundle
from qtrace.certification.verification import Verification, verify_bundle
from qtrace.ledger.canonical import parse_canonical
from qtrace.ledger.entry import next_entry
from qtrace.ledger.envelope import seal
from qtrace.ledger.signing import DocumentKind, Key, Signer
from qtrace.metrics.catalogue import functions
from qtrace.workflow.verify import shipped_rules

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Forger:
    """A true bundle, and a key that belongs to somebody real."""

    true: Bundle
    signer: Signer

    @classmethod
    def with_bundle(cls, data: bytes) -> Forger:
        bundle = Bundle.from_bytes(data)
        key = bundle.key
        signer = Signer.generate(
            person=key.person, organisation=key.organisation, usage=DocumentKind.DECISION_STATEMENT
        )
        return cls(bundle, signer)

    def lie(self, change: Callable[[Payload], None]) -> bytes:
        """Return a validly sealed bundle whose payload was changed."""
        payload = copy.deepcopy(self.true.envelope.read_unverified())
        change(payload)
        return self.sealed(payload)

    def lie_with_conclusions(self, change: Callable[[Payload], None]) -> bytes:
        """Return a bundle in which everything concluded follows from the changed case."""

        def changed(payload: Payload) -> None:
            change(payload)
            case = decode(CaseFile, payload["case"])
            payload["conclusions"] = encode(conclude(case, functions()))

        return self.lie(changed)

    def sealed(self, payload: Payload, **entry: str) -> bytes:
        """Return the bundle of a payload, with a ledger entry that names it."""
        envelope = seal(DocumentKind.DECISION_STATEMENT, payload, self.signer)
        true = self.true.entry
        content = parse_canonical(true.content.encode())
        facts = {
            "recorded_at": true.recorded_at,
            "actor": true.actor,
            "action": true.action,
            "subject": true.subject,
        }
        forged = next_entry(
            None,
            **{**facts, **entry},
            content={**content, "payload_digest": envelope.payload_digest},
        )
        return Bundle(envelope, self.signer.key, forged).to_bytes()

    def verify(self, data: bytes, *, trusted: Key | None = None) -> Verification:
        """Verify as the command does, by a reader who trusts the forger's key."""
        return verify_bundle(
            data,
            trusted=trusted or self.signer.key,
            functions=functions(),
            shipped=shipped_rules(),
        )
