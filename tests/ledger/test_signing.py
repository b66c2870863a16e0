"""Keys and signatures: the RFC's vectors, one use per key, and keys that nobody may use."""

from __future__ import annotations

import base64
import pickle
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.canonical import canonical_bytes, parse_canonical
from qtrace.ledger.digest import digest_hex
from qtrace.ledger.signing import PAYLOAD_TYPES, DocumentKind, Key, Signature, Signer, pae

DECISION = PAYLOAD_TYPES[DocumentKind.DECISION_STATEMENT]
CHECKPOINT = PAYLOAD_TYPES[DocumentKind.CHECKPOINT]
LAW = settings(deadline=None, derandomize=True, max_examples=200)

# RFC 8032 section 7.1, TEST 1 and TEST 2: secret, public, message, signature.
RFC_8032 = {
    "TEST 1": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    "TEST 2": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
}
# RFC 8410 section 10.3: a private key file, and its public key of section 10.1.
RFC_8410_PEM = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
"""
RFC_8410_PUBLIC = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"

P = 2**255 - 19  # RFC 8032 section 5.1, the field prime
D = -121665 * pow(121666, -1, P) % P  # and the curve constant
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


def signer(seed: str = RFC_8032["TEST 1"][0], *, usage: str = "decision-statement") -> Signer:
    # RFC 8410 section 7: PKCS #8 puts these 16 bytes in front of the 32 secret ones.
    der = bytes.fromhex("302e020100300506032b657004220420" + seed)
    pem = (
        b"-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(der) + b"\n-----END PRIVATE KEY-----\n"
    )
    return Signer.from_pem(pem, person="C. Decider", organisation="Body", usage=usage)


@pytest.mark.parametrize("name", RFC_8032)
def test_the_vectors_of_rfc_8032(name: str) -> None:
    secret, public, message, value = RFC_8032[name]
    ours = signer(secret)
    assert ours.key.public_bytes.hex() == public
    # The vector signs a bare message, our doors only typed ones: so one step below the door.
    assert ours._private.sign(bytes.fromhex(message)).hex() == value


def test_the_key_file_of_rfc_8410_is_read() -> None:
    read = Signer.from_pem(RFC_8410_PEM, person="A", organisation="B", usage="checkpoint")
    assert read.key.public_bytes.hex() == RFC_8410_PUBLIC
    assert read.to_pem() == RFC_8410_PEM


def test_the_encoding_example_of_the_dsse_protocol() -> None:
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_in_the_encoding_count_bytes_and_not_letters() -> None:
    assert pae("η", "η".encode()) == b"DSSEv1 2 \xce\xb7 2 \xce\xb7"
    assert pae("", b"") == b"DSSEv1 0  0 "


@LAW
@given(st.text("1 a"), st.binary(max_size=8), st.text("1 a"), st.binary(max_size=8))
def test_no_two_pairs_have_the_same_encoding(
    kind: str, payload: bytes, other_kind: str, other_payload: bytes
) -> None:
    same = (kind, payload) == (other_kind, other_payload)
    assert (pae(kind, payload) == pae(other_kind, other_payload)) is same


def test_a_signature_holds_for_its_type_payload_and_key_only() -> None:
    ours, theirs = signer(), signer(RFC_8032["TEST 2"][0])
    signature = ours.sign(DECISION, b"{}")
    assert ours.key.verify(DECISION, b"{}", signature)
    assert not ours.key.verify(DECISION, b"{ }", signature)
    assert not ours.key.verify(CHECKPOINT, b"{}", signature)
    assert not theirs.key.verify(DECISION, b"{}", signature)
    relabelled = Signature(theirs.key.key_id, signature.value)
    assert not theirs.key.verify(DECISION, b"{}", relabelled)
    assert not ours.key.verify(DECISION, b"{}", relabelled)


@pytest.mark.parametrize("kind", DocumentKind)
def test_a_key_signs_its_own_kind_of_document_and_no_other(kind: DocumentKind) -> None:
    ours = signer(usage=kind)
    for other, payload_type in PAYLOAD_TYPES.items():
        if other is kind:
            assert ours.key.verify(payload_type, b"{}", ours.sign(payload_type, b"{}"))
        else:
            with pytest.raises(InputError, match=f"A key for {kind} cannot sign"):
                ours.sign(payload_type, b"{}")


def test_the_same_secret_under_another_use_does_not_pass_one_kind_off_as_another() -> None:
    as_checkpoint = signer(usage="checkpoint").sign(CHECKPOINT, b"{}")
    as_decision = signer(usage="decision-statement").key
    assert not as_decision.verify(CHECKPOINT, b"{}", as_checkpoint)
    assert not as_decision.verify(DECISION, b"{}", as_checkpoint)


def test_the_payload_types_are_one_per_kind() -> None:
    assert DECISION == "application/vnd.qtrace.decision-statement+json"
    assert set(PAYLOAD_TYPES) == set(DocumentKind)
    assert len(set(PAYLOAD_TYPES.values())) == len(DocumentKind)


def test_the_second_spelling_of_a_signature_is_refused() -> None:
    # RFC 8032 section 5.1.7 step 1: S + L would fit the same equation.
    ours = signer()
    signature = ours.sign(DECISION, b"{}")
    scalar = int.from_bytes(signature.value[32:], "little") + GROUP_ORDER
    second = Signature(signature.key_id, signature.value[:32] + scalar.to_bytes(32, "little"))
    assert not ours.key.verify(DECISION, b"{}", second)


@pytest.mark.parametrize("value", [b"", b"\0" * 63, b"\0" * 64, b"\0" * 65, b"\xff" * 64])
def test_bytes_that_are_no_signature_are_not_one(value: bytes) -> None:
    ours = signer()
    assert not ours.key.verify(DECISION, b"{}", Signature(ours.key.key_id, value))


@LAW
@given(st.integers(0, 63), st.integers(1, 255))
def test_any_changed_byte_of_a_signature_is_detected(position: int, difference: int) -> None:
    ours = signer()
    value = bytearray(ours.sign(DECISION, b"{}").value)
    value[position] = (value[position] + difference) % 256
    assert not ours.key.verify(DECISION, b"{}", Signature(ours.key.key_id, bytes(value)))


def times_eight_is_neutral(y: int) -> bool:
    """Double a point of the curve three times, by its y; True when the neutral point comes out.

    Source: RFC 8032 section 5.1, curve -x^2 + y^2 = 1 + d x^2 y^2; for twice a point,
    y' = (y^2 + x^2) / (2 + x^2 - y^2), as a = -1.
    """
    for _ in range(3):
        x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        y = (y * y + x2) * pow(2 + x2 - y * y, -1, P) % P
    return y == 1


SMALL_ORDER = {
    "order 1": 1,
    "order 2": P - 1,
    "order 4": 0,
    "order 8": 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    "order 8, negative": P - 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
}


def encoded(y: int, sign: int) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", SMALL_ORDER.values(), ids=SMALL_ORDER)
def test_keys_under_which_anybody_can_sign_are_refused(y: int, sign: int) -> None:
    assert times_eight_is_neutral(y)
    with pytest.raises(InputError, match="anybody can sign"):
        Key(encoded(y, sign), "A", organisation="B", usage=DocumentKind.CHECKPOINT)


def test_the_library_alone_would_accept_such_a_key() -> None:
    # Why the refusal above is ours to make: R = neutral point, S = 0 fits every message.
    forged = encoded(1, 0) + bytes(32)
    Ed25519PublicKey.from_public_bytes(encoded(1, 0)).verify(forged, b"any message")


def test_an_ordinary_key_is_not_of_small_order() -> None:
    public = bytes.fromhex(RFC_8032["TEST 1"][1])
    assert not times_eight_is_neutral(int.from_bytes(public, "little") & (2**255 - 1))


@pytest.mark.parametrize(
    "public", [b"", b"\x05" * 31, b"\x05" * 33, encoded(P, 0), encoded(P + 1, 1), encoded(P + 3, 0)]
)
def test_keys_of_another_length_or_with_a_second_encoding_are_refused(public: bytes) -> None:
    with pytest.raises(InputError, match="no Ed25519 key"):
        Key(public, "A", organisation="B", usage=DocumentKind.CHECKPOINT)


def test_the_id_of_a_key_is_the_digest_of_its_bytes() -> None:
    key = signer().key
    assert key.key_id == digest_hex("key", bytes.fromhex(RFC_8032["TEST 1"][1]))


def test_a_key_is_written_and_read_back() -> None:
    key = signer().key
    assert Key.from_dict(parse_canonical(canonical_bytes(key.to_dict()))) == key
    assert "signature" not in canonical_bytes(key.to_dict()).decode().lower()


@pytest.mark.parametrize(
    ("changes", "error", "what"),
    [
        ({"algorithm": "RSA"}, InputError, "not an Ed25519 key"),
        ({"public_key": "D7" + RFC_8032["TEST 1"][1][2:]}, InputError, "not an Ed25519 key"),
        ({"public_key": ""}, InputError, "not an Ed25519 key"),
        ({"person": 1}, InputError, "not an Ed25519 key"),
        ({"person": ""}, InputError, "no person"),
        ({"person": "A\u202eB"}, InputError, r"U\+202E"),
        ({"organisation": " "}, InputError, "no organisation"),
        ({"usage": "everything"}, InputError, "cannot be for 'everything'"),
        ({"ext": "x"}, InputError, "unknown fields: ext"),
        ({"public_key": RFC_8032["TEST 2"][1]}, IntegrityError, "not the digest of the key"),
        ({"key_id": "0" * 64}, IntegrityError, "not the digest of the key"),
    ],
)
def test_a_key_file_that_does_not_fit_is_refused(
    changes: dict[str, Any], error: type[Exception], what: str
) -> None:
    with pytest.raises(error, match=what):
        Key.from_dict(signer().key.to_dict() | changes)


@pytest.mark.parametrize("password", [None, b"a long random password"])
def test_a_private_key_is_written_and_read_back(password: bytes | None) -> None:
    made = Signer.generate(person="A", organisation="B", usage="checkpoint")
    pem = made.to_pem(password)
    read = Signer.from_pem(pem, person="A", organisation="B", usage="checkpoint", password=password)
    assert (b"ENCRYPTED" in pem) is (password is not None)
    assert read == made
    assert made.key.verify(CHECKPOINT, b"{}", read.sign(CHECKPOINT, b"{}"))


def test_two_new_keys_are_two_keys() -> None:
    one, two = (Signer.generate(person="A", organisation="B", usage="checkpoint") for _ in "12")
    assert one.key.key_id != two.key.key_id


@pytest.mark.parametrize(
    ("written_with", "read_with"),
    [(b"right", b"wrong"), (b"right", None), (None, b"superfluous")],
)
def test_a_password_that_does_not_fit_is_an_input_error(
    written_with: bytes | None, read_with: bytes | None
) -> None:
    pem = signer().to_pem(written_with)
    with pytest.raises(InputError, match="cannot be read"):
        Signer.from_pem(pem, person="A", organisation="B", usage="checkpoint", password=read_with)


def test_an_empty_password_is_refused() -> None:
    with pytest.raises(InputError, match="empty"):
        signer().to_pem(b"")


def test_files_that_hold_no_private_key_are_refused() -> None:
    for pem in (b"", b"{}", RFC_8410_PEM[:60], RFC_8410_PEM.replace(b"MC4C", b"MC4D")):
        with pytest.raises(InputError, match="cannot be read"):
            Signer.from_pem(pem, person="A", organisation="B", usage="checkpoint")


def test_keys_of_other_algorithms_are_refused() -> None:
    pem = generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(InputError, match="not an Ed25519 key"):
        Signer.from_pem(pem, person="A", organisation="B", usage="checkpoint")


def test_a_key_for_nobody_or_for_nothing_is_refused() -> None:
    for fields in (
        {"person": "", "organisation": "B", "usage": "checkpoint"},
        {"person": "A", "organisation": "", "usage": "checkpoint"},
        {"person": "A", "organisation": "B", "usage": ""},
    ):
        with pytest.raises(InputError):
            Signer.generate(**fields)


def test_the_private_half_is_neither_printed_nor_pickled() -> None:
    ours = signer()
    secret = RFC_8032["TEST 1"][0]
    assert secret not in repr(ours)
    assert "rivate" not in repr(ours)
    with pytest.raises(TypeError):
        pickle.dumps(ours)
