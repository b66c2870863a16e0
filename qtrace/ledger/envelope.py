"""Signed envelopes: payload bytes, what they are, and who signed them.

Inside: `Envelope`, `seal`.

Payloads are kept and verified as bytes. An envelope has one form only: fields, base64 and order
are fixed, so that a changed byte either breaks a signature or is not read at all.

Source: DSSE v1.0, envelope and protocol; RFC 4648 section 4 (base64, padded). Stricter than
DSSE: key ids are required, URL-safe base64 and unknown fields or types are refused.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.canonical import canonical_bytes, parse_canonical
from qtrace.ledger.digest import digest_hex, is_digest
from qtrace.ledger.signing import (
    PAYLOAD_TYPES,
    SIGNATURE_BYTES,
    DocumentKind,
    Key,
    Signature,
    Signer,
)

MAX_SIGNATURES = 16  # persons who act on one document are few; a flood of them is an attack
_FIELDS = frozenset({"payload", "payloadType", "signatures"})
_SIGNATURE_FIELDS = frozenset({"keyid", "sig"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with its type and signatures, none of them trusted before `open_with`."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def payload_digest(self) -> str:
        """Digest of type and payload (domain `payload`), 64 hexadecimal digits.

        It is what other documents and the ledger cite: the same bytes as another type differ.
        """
        kind = self.payload_type.encode("utf-8")
        return digest_hex("payload", b"%d %b %b" % (len(kind), kind, self.payload))

    def signed_by(self, key: Key) -> bool:
        """Tell whether one of the signatures is this key's and holds."""
        return any(
            key.verify(self.payload_type, self.payload, signature) for signature in self.signatures
        )

    def open_with(self, key: Key) -> dict[str, Any]:
        """Verify under one key, then read the very bytes that were verified.

        Args:
            key: A key that the reader trusts, from elsewhere than this envelope.

        Returns:
            The payload's fields.

        Raises:
            IntegrityError: This key did not sign these bytes as this type.
            InputError: The payload is signed but not in canonical form.
        """
        if not self.signed_by(key):
            raise IntegrityError(
                f"The document was not signed by {key.person} with key {key.key_id[:16]}, "
                "or was changed since.",
                where=f"payload of type {self.payload_type}",
                next_step="Ask the issuer for the document again, and for the id of the key.",
            )
        return self.read_unverified()

    def read_unverified(self) -> dict[str, Any]:
        """Read the payload's fields without asking who wrote them.

        Raises:
            InputError: The payload is not one canonical JSON object.
        """
        try:
            return parse_canonical(self.payload)
        except InputError as error:
            raise error.located("payload") from None

    def to_dict(self) -> dict[str, object]:
        """Return the DSSE JSON form."""
        return {
            "payload": _to_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [
                {"keyid": signature.key_id, "sig": _to_base64(signature.value)}
                for signature in self.signatures
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Envelope:
        """Read the DSSE JSON form.

        Args:
            data: Exactly the fields of `to_dict`.

        Returns:
            The envelope, nothing of it verified.

        Raises:
            InputError: Missing, unknown or malformed fields, an unknown type, no signature, two
                by one key, or signatures out of order.
        """
        _check_fields(data, _FIELDS, "envelope")
        payload_type = data["payloadType"]
        if payload_type not in PAYLOAD_TYPES.values() or not isinstance(payload_type, str):
            raise InputError(
                f"Documents of type {payload_type!r} are not known here.",
                where="envelope, field payloadType",
                next_step="Use a newer version of the program, or ask what this document is.",
            )
        listed = data["signatures"]
        if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_SIGNATURES:
            raise InputError(
                f"An envelope carries a list of 1 to {MAX_SIGNATURES} signatures.",
                where="envelope, field signatures",
                next_step="Ask the issuer for the signed document.",
            )
        signatures = tuple(_signature(item, number) for number, item in enumerate(listed, start=1))
        key_ids = [signature.key_id for signature in signatures]
        if key_ids != sorted(set(key_ids)):
            raise InputError(
                "The signatures of the envelope are not in order of key id, or two name one key.",
                where="envelope, field signatures",
                next_step="Do not trust this file; ask its issuer for it again.",
            )
        payload = _from_base64(data["payload"], "envelope, field payload")
        return cls(payload_type, payload, signatures)

    def to_bytes(self) -> bytes:
        """Return the canonical bytes of the DSSE JSON form."""
        return canonical_bytes(self.to_dict())

    @classmethod
    def from_bytes(cls, data: bytes) -> Envelope:
        """Read an envelope from all bytes of a file.

        Raises:
            InputError: No canonical JSON, or no envelope (see `from_dict`).
        """
        return cls.from_dict(parse_canonical(data))


def seal(kind: DocumentKind, statement: Mapping[str, object], *signers: Signer) -> Envelope:
    """Write a statement in canonical form and let each signer sign it.

    Args:
        kind: What the statement is.
        statement: Its fields; no floats, figures are decimal texts.
        *signers: One or more, each with its own key for this kind.

    Returns:
        The envelope.

    Raises:
        InputError: A statement without canonical form, no signer, or a key for another kind.
    """
    payload_type = PAYLOAD_TYPES[kind]
    payload = canonical_bytes(dict(statement))
    signatures = tuple(
        signer.sign(payload_type, payload)
        for signer in sorted(signers, key=lambda signer: signer.key.key_id)
    )
    # Reading it back refuses an envelope that nobody could open: no signer, or one twice.
    return Envelope.from_dict(Envelope(payload_type, payload, signatures).to_dict())


def _signature(item: object, number: int) -> Signature:
    where = f"envelope, signature {number}"
    if not isinstance(item, Mapping):
        raise InputError(
            "A signature of the envelope is no object.",
            where=where,
            next_step="Use the file as issued.",
        )
    _check_fields(item, _SIGNATURE_FIELDS, where)
    key_id, value = item["keyid"], _from_base64(item["sig"], f"{where}, field sig")
    if not isinstance(key_id, str) or not is_digest(key_id) or len(value) != SIGNATURE_BYTES:
        raise InputError(
            f"A signature is a key id of 64 hexadecimal digits and {SIGNATURE_BYTES} bytes.",
            where=where,
            next_step="Use the file as issued.",
        )
    return Signature(key_id, value)


def _check_fields(data: Mapping[str, object], names: frozenset[str], where: str) -> None:
    if set(data) != names:
        odd = ", ".join(sorted(str(name) for name in set(data) ^ names))
        raise InputError(
            f"There are missing or unknown fields: {odd}.",
            where=where,
            next_step="Use the file as issued, or a newer version of the program.",
        )


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _from_base64(text: object, where: str) -> bytes:
    """Read base64 and refuse a second spelling: stray bits, spaces, missing padding."""
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except ValueError:
        data = None
    if data is None or _to_base64(data) != text:
        raise InputError(
            "The text is not base64 in its one form (RFC 4648 section 4, with padding).",
            where=where,
            next_step="Use the file as issued; it was cut or changed.",
        )
    return data
