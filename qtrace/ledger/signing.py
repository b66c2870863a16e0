"""Who signs what: Ed25519 keys bound to a person, an organisation and one kind of document.

Inside: `DocumentKind`, `PAYLOAD_TYPES`, `Signer` (private), `Key` (public), `Signature`, `pae`.

A key says what it may be used for and refuses the rest, in signing and in verifying alike, so
that no document can be passed off as one of another kind (the fault of CVE-2022-35929).

Source: RFC 8032 (Ed25519), RFC 8410 and RFC 5958 (PKCS #8), DSSE v1.0 protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.canonical import check_text
from qtrace.ledger.digest import digest_hex, is_digest

_PUBLIC_BYTES = 32  # RFC 8032 section 5.1.5
SIGNATURE_BYTES = 64  # RFC 8032 section 5.1.6
_ALGORITHM = "Ed25519"
_KEY_FIELDS = frozenset({"algorithm", "key_id", "organisation", "person", "public_key", "usage"})

# RFC 8032 section 5.1: the field prime and, from the curve equation, the y of the points whose
# order divides 8. Under such a key one signature fits many messages. The order-8 pair is a root
# of d y^4 + 2 y^2 = 1 and its negative.
_FIELD_PRIME = 2**255 - 19
_ORDER_8_Y = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER_Y = frozenset({0, 1, _FIELD_PRIME - 1, _ORDER_8_Y, _FIELD_PRIME - _ORDER_8_Y})


class DocumentKind(StrEnum):
    """What a signed payload is; also the one thing that a key may sign."""

    DECISION_STATEMENT = "decision-statement"  # a decision event with its findings
    EVALUATION_REPORT = "evaluation-report"  # findings without a decision
    ATTESTATION = "attestation"  # a named evaluator's judgement on a document
    CHECKPOINT = "checkpoint"  # the head of the ledger
    KEY_EVENT = "key-event"  # a key made, replaced or revoked
    STATUS_LIST = "status-list"  # which decisions stand


PAYLOAD_TYPES: Mapping[DocumentKind, str] = MappingProxyType(
    {kind: f"application/vnd.qtrace.{kind}+json" for kind in DocumentKind}
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What one key says about one payload: the key's id and the 64 bytes."""

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its holder and its one use.

    The id covers the key's bytes only. Holder and use are claims of whoever hands the key over:
    take them from a source that you trust, not from the document that you check.

    Args:
        public_bytes: The 32 bytes of RFC 8032.
        person: Who holds the private half.
        organisation: For whom.
        usage: The kind of document that it signs.

    Raises:
        InputError: No usable Ed25519 key, an empty or unsafe name, or an unknown use.
    """

    public_bytes: bytes
    person: str
    _: KW_ONLY
    organisation: str
    usage: DocumentKind

    def __post_init__(self) -> None:
        for name, text in (("person", self.person), ("organisation", self.organisation)):
            check_text(text, f"key, field {name}", one_line=True)
            if not text.strip():
                raise InputError(
                    f"The key names no {name}.",
                    where=f"key, field {name}",
                    next_step=f"Say the {name}; two keys of one person are still one person.",
                )
        object.__setattr__(self, "usage", _document_kind(self.usage))
        _check_public_bytes(self.public_bytes)

    @property
    def key_id(self) -> str:
        """The digest of the 32 public bytes (domain `key`), 64 hexadecimal digits."""
        return digest_hex("key", self.public_bytes)

    def verify(self, payload_type: str, payload: bytes, signature: Signature) -> bool:
        """Tell whether this key signed this payload as this type.

        Args:
            payload_type: The type that the envelope states.
            payload: The bytes that the envelope carries.
            signature: One of its signatures.

        Returns:
            False also for another key's signature and for a type outside this key's use.

        Source: RFC 8032 section 5.1.7 over the encoding of DSSE v1.0.
        """
        if payload_type != PAYLOAD_TYPES[self.usage] or signature.key_id != self.key_id:
            return False
        public = Ed25519PublicKey.from_public_bytes(self.public_bytes)
        try:
            public.verify(signature.value, pae(payload_type, payload))
        except InvalidSignature:
            return False
        return True

    def to_dict(self) -> dict[str, str]:
        """Return the key as plain texts, the key itself in hexadecimal digits."""
        return {
            "algorithm": _ALGORITHM,
            "key_id": self.key_id,
            "organisation": self.organisation,
            "person": self.person,
            "public_key": self.public_bytes.hex(),
            "usage": str(self.usage),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Key:
        """Read a key from plain texts.

        Args:
            data: Exactly the fields of `to_dict`.

        Returns:
            The key.

        Raises:
            InputError: Missing, unknown or malformed fields.
            IntegrityError: The id does not belong to the key.
        """
        if set(data) != _KEY_FIELDS:
            odd = ", ".join(sorted(str(name) for name in set(data) ^ _KEY_FIELDS))
            raise InputError(
                f"The key has missing or unknown fields: {odd}.",
                where="key",
                next_step="Ask the holder for the key file as it was exported.",
            )
        texts = {name: value for name, value in data.items() if isinstance(value, str)}
        public_key = texts.get("public_key", "")
        if len(texts) != len(data) or texts["algorithm"] != _ALGORITHM or not is_digest(public_key):
            raise InputError(
                "The key is not an Ed25519 key of 64 lower case hexadecimal digits.",
                where="key, fields algorithm and public_key",
                next_step="Ask the holder for the key file as it was exported.",
            )
        key = cls(
            bytes.fromhex(public_key),
            texts["person"],
            organisation=texts["organisation"],
            usage=_document_kind(texts["usage"]),
        )
        if key.key_id != texts["key_id"]:
            raise IntegrityError(
                "The id of the key is not the digest of the key.",
                where="key, field key_id",
                next_step="Do not use this key; compare its id with the holder by another way.",
            )
        return key


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and its public half; nothing of it is shown when it is printed."""

    key: Key
    _private: Ed25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls, *, person: str, organisation: str, usage: str) -> Signer:
        """Make a new key from the operating system's random source.

        Args:
            person: Who will hold it.
            organisation: For whom.
            usage: The kind of document that it may sign (`DocumentKind`).

        Returns:
            The signer.

        Raises:
            InputError: An empty or unsafe name, or an unknown use.
        """
        private = Ed25519PrivateKey.generate()
        return cls._of(private, person=person, organisation=organisation, usage=usage)

    @classmethod
    def from_pem(
        cls,
        pem: bytes,
        *,
        person: str,
        organisation: str,
        usage: str,
        password: bytes | None = None,
    ) -> Signer:
        """Read a private key; the file does not say whose it is, so the caller does.

        Args:
            pem: PKCS #8, PEM.
            person: Who holds it.
            organisation: For whom.
            usage: The kind of document that it may sign (`DocumentKind`).
            password: Of an encrypted file; None for a plain one.

        Returns:
            The signer.

        Raises:
            InputError: No PEM, a wrong, missing or superfluous password, or another algorithm.
        """
        try:
            private = load_pem_private_key(pem, password)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # The library's own message is left out: it must not tell file contents apart.
            raise InputError(
                "The private key cannot be read: no PKCS #8 PEM, or the password does not fit.",
                where="private key",
                next_step="Give the key file with its password, or without one if it is plain.",
            ) from None
        if not isinstance(private, Ed25519PrivateKey):
            raise InputError(
                "The private key is not an Ed25519 key.",
                where="private key",
                next_step="Make a new key; other algorithms are not taken.",
            )
        return cls._of(private, person=person, organisation=organisation, usage=usage)

    def to_pem(self, password: bytes | None = None) -> bytes:
        """Write the private key as PKCS #8 PEM; the caller keeps the file private (mode 0600).

        Args:
            password: Encrypts the file. The key derivation is the library's (PBKDF2 with few
                rounds), so take a long random password, not a word.

        Returns:
            The bytes of the file.

        Raises:
            InputError: An empty password, which would look like protection.
        """
        if password is not None and not password:
            raise InputError(
                "The password of the private key is empty.",
                where="private key",
                next_step="Give a password, or none at all.",
            )
        encryption: KeySerializationEncryption = NoEncryption()
        if password is not None:
            encryption = BestAvailableEncryption(password)
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

    def sign(self, payload_type: str, payload: bytes) -> Signature:
        """Sign a payload as one type.

        Args:
            payload_type: The type, which must be the one that this key is for.
            payload: The bytes.

        Returns:
            The signature, the same every time for the same bytes.

        Raises:
            InputError: A type outside this key's use.

        Source: RFC 8032 section 5.1.6 over the encoding of DSSE v1.0.
        """
        if payload_type != PAYLOAD_TYPES[self.key.usage]:
            raise InputError(
                f"A key for {self.key.usage} cannot sign a payload of type {payload_type!r}.",
                where=f"key of {self.key.person}",
                next_step="Use the key that was made for this kind of document.",
            )
        return Signature(self.key.key_id, self._private.sign(pae(payload_type, payload)))

    @classmethod
    def _of(
        cls, private: Ed25519PrivateKey, *, person: str, organisation: str, usage: str
    ) -> Signer:
        public_bytes = private.public_key().public_bytes_raw()
        kind = _document_kind(usage)
        return cls(Key(public_bytes, person, organisation=organisation, usage=kind), private)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Join type and payload so that no other pair gives the same bytes.

    Args:
        payload_type: The type; its length is counted in UTF-8 bytes.
        payload: The bytes.

    Returns:
        The bytes that are signed.

    Source: DSSE v1.0, protocol, section "Signature Definition" (PAE).

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _document_kind(text: str) -> DocumentKind:
    try:
        return DocumentKind(text)
    except ValueError:
        raise InputError(
            f"A key cannot be for {text!r}.",
            where="key, field usage",
            next_step=f"Take one of: {', '.join(DocumentKind)}.",
        ) from None


def _check_public_bytes(public_bytes: bytes) -> None:
    """Refuse encodings that are not unique and keys that any message can be fitted to."""
    y = int.from_bytes(public_bytes, "little") & (2**255 - 1)  # the top bit is the sign of x
    if len(public_bytes) == _PUBLIC_BYTES and y < _FIELD_PRIME and y not in _SMALL_ORDER_Y:
        return
    raise InputError(
        "The public key is no Ed25519 key of 32 bytes, or one under which anybody can sign.",
        where="key, field public_key",
        next_step="Do not use this key; ask its holder for the right one.",
    )
