"""Envelopes: one form, nothing read before it is verified, no byte that does not count."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.canonical import canonical_bytes, parse_canonical
from qtrace.ledger.envelope import MAX_SIGNATURES, Envelope, seal
from qtrace.ledger.signing import PAYLOAD_TYPES, DocumentKind, Key, Signature, Signer

SAMPLES = Path(__file__).parent / "samples"
LAW = settings(deadline=None, derandomize=True, max_examples=300)
DECISION = DocumentKind.DECISION_STATEMENT
STATEMENT = {"decision": "REFUSED", "subject": "link TEST-1", "value": "0.9377851731506629"}

FROZEN = (SAMPLES / "decision_envelope.json").read_bytes()
FROZEN_KEY = Key.from_dict(parse_canonical((SAMPLES / "decision_key.json").read_bytes()))


def signer(person: str = "C. Decider", *, usage: str = DECISION) -> Signer:
    return Signer.generate(person=person, organisation="Body", usage=usage)


def test_the_frozen_envelope_signed_by_another_tool_opens() -> None:
    fields = Envelope.from_bytes(FROZEN).open_with(FROZEN_KEY)
    assert fields == {
        "decision": "REFUSED",
        "reasons": ["counter time base: no calibration"],
        "subject": "link TEST-1",
        "value": "0.9377851731506629",
    }


def test_the_form_is_the_one_of_dsse() -> None:
    # DSSE v1.0, envelope: names of the fields, and base64 of the example payload.
    envelope = Envelope(PAYLOAD_TYPES[DECISION], b"hello world", (Signature("0" * 64, b"\0" * 64),))
    assert envelope.to_dict() == {
        "payload": "aGVsbG8gd29ybGQ=",
        "payloadType": "application/vnd.qtrace.decision-statement+json",
        "signatures": [{"keyid": "0" * 64, "sig": "A" * 86 + "=="}],
    }


def test_a_statement_is_sealed_sent_and_opened() -> None:
    ours = signer()
    sent = seal(DECISION, STATEMENT, ours).to_bytes()
    received = Envelope.from_bytes(sent)
    assert received.to_bytes() == sent
    assert received.payload == canonical_bytes(STATEMENT)
    assert received.open_with(ours.key) == STATEMENT


def test_a_stranger_can_read_but_only_a_key_can_vouch() -> None:
    ours, forger = signer(), signer()
    envelope = seal(DECISION, STATEMENT, forger)
    assert envelope.read_unverified() == STATEMENT
    assert not envelope.signed_by(ours.key)
    with pytest.raises(IntegrityError, match=r"not signed by C\. Decider") as caught:
        envelope.open_with(ours.key)
    assert caught.value.exit_code == 3


def test_two_persons_sign_one_document_in_one_form() -> None:
    one, two = signer("A. Reviewer"), signer("B. Decider")
    envelope = seal(DECISION, STATEMENT, one, two)
    assert envelope == seal(DECISION, STATEMENT, two, one)
    assert envelope.signed_by(one.key)
    assert envelope.signed_by(two.key)
    assert Envelope.from_bytes(envelope.to_bytes()) == envelope


def test_a_signature_cannot_be_moved_to_another_document() -> None:
    ours = signer()
    refused = seal(DECISION, {"decision": "REFUSED"}, ours)
    granted = seal(DECISION, {"decision": "GRANTED"}, signer())
    forged = Envelope(granted.payload_type, granted.payload, refused.signatures)
    with pytest.raises(IntegrityError):
        forged.open_with(ours.key)


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind is not DECISION])
def test_a_document_cannot_be_passed_off_as_another_kind(kind: DocumentKind) -> None:
    ours = signer()
    sealed = seal(DECISION, STATEMENT, ours)
    relabelled = Envelope(PAYLOAD_TYPES[kind], sealed.payload, sealed.signatures)
    with pytest.raises(IntegrityError):
        relabelled.open_with(ours.key)
    same_bytes_as_key = Key(ours.key.public_bytes, "C. Decider", organisation="Body", usage=kind)
    with pytest.raises(IntegrityError):
        relabelled.open_with(same_bytes_as_key)
    assert relabelled.payload_digest != sealed.payload_digest


def test_only_the_right_key_seals() -> None:
    with pytest.raises(InputError, match="A key for checkpoint cannot sign"):
        seal(DECISION, STATEMENT, signer(usage="checkpoint"))


def test_nobody_is_no_signer_and_one_signer_signs_once() -> None:
    ours = signer()
    with pytest.raises(InputError, match="1 to 16 signatures"):
        seal(DECISION, STATEMENT)
    with pytest.raises(InputError, match="two name one key"):
        seal(DECISION, STATEMENT, ours, ours)


def test_statements_without_canonical_form_are_not_sealed() -> None:
    with pytest.raises(InputError, match="decimal"):
        seal(DECISION, {"value": 0.5}, signer())


def test_a_signed_payload_that_is_not_canonical_is_refused_after_verification() -> None:
    ours = signer()
    payload = b'{"decision": "GRANTED"}'
    payload_type = PAYLOAD_TYPES[DECISION]
    envelope = Envelope(payload_type, payload, (ours.sign(payload_type, payload),))
    assert envelope.signed_by(ours.key)
    with pytest.raises(InputError, match="canonical form") as caught:
        envelope.open_with(ours.key)
    assert caught.value.where.startswith("payload")


def respelled(**changes: Any) -> dict[str, Any]:
    return dict(Envelope.from_bytes(FROZEN).to_dict()) | changes


SIG = parse_canonical(FROZEN)["signatures"][0]
PAYLOAD = parse_canonical(FROZEN)["payload"]
OTHER = {"keyid": "0" * 64, "sig": SIG["sig"]}

REFUSED_SHAPES: dict[str, dict[str, Any]] = {
    "unknown field": respelled(valid_only_if="tested"),
    "missing payload": {name: v for name, v in respelled().items() if name != "payload"},
    "type of somebody else": respelled(payloadType="application/vnd.in-toto+json"),
    "type in capitals": respelled(payloadType=PAYLOAD_TYPES[DECISION].upper()),
    "type no text": respelled(payloadType=["x"]),
    "payload no text": respelled(payload=1),
    "payload without padding": respelled(payload=PAYLOAD.rstrip("=") + "A"),
    "payload with newline": respelled(payload=PAYLOAD[:8] + "\n" + PAYLOAD[8:]),
    "payload URL-safe": respelled(payload="-_-_"),
    "payload with stray bits": respelled(payload="aGVsbG8gd29ybGR="),
    "payload with letters of another script": respelled(payload="аGVs"),
    "signatures missing": respelled(signatures=[]),
    "signatures no list": respelled(signatures=SIG),
    "signature no object": respelled(signatures=[SIG["sig"]]),
    "signature twice": respelled(signatures=[SIG, SIG]),
    "signatures out of order": respelled(signatures=[SIG, OTHER]),
    "signature with a field": respelled(signatures=[SIG | {"cert": "x"}]),
    "signature without key id": respelled(signatures=[{"sig": SIG["sig"]}]),
    "key id in capitals": respelled(signatures=[SIG | {"keyid": SIG["keyid"].upper()}]),
    "key id no text": respelled(signatures=[SIG | {"keyid": 1}]),
    "signature short": respelled(signatures=[SIG | {"sig": "AAAA"}]),
    "signature empty": respelled(signatures=[SIG | {"sig": ""}]),
    "signature no base64": respelled(signatures=[SIG | {"sig": "!" * 88}]),
    "signature with stray bits": respelled(signatures=[SIG | {"sig": SIG["sig"][:-3] + "h=="}]),
    "a flood of signatures": respelled(
        signatures=[{"keyid": f"{n:064x}", "sig": SIG["sig"]} for n in range(MAX_SIGNATURES + 1)]
    ),
}


def test_the_shapes_below_start_from_one_that_is_read() -> None:
    assert Envelope.from_dict(respelled()).signed_by(FROZEN_KEY)
    assert Envelope.from_dict(respelled(signatures=[OTHER, SIG])).signed_by(FROZEN_KEY)


@pytest.mark.parametrize("shape", REFUSED_SHAPES.values(), ids=REFUSED_SHAPES)
def test_every_other_shape_is_refused(shape: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        Envelope.from_dict(shape)
    assert caught.value.where.startswith("envelope")


def test_stray_bits_in_base64_would_be_a_second_spelling_of_the_same_bytes() -> None:
    # Why strictness is needed: the ordinary decoder reads both the same.
    ordinary = base64.b64decode
    assert ordinary("aGVsbG8gd29ybGQ=") == ordinary("aGVsbG8gd29ybGR=")
    assert SIG["sig"][-3:] == "g=="


def opens(data: bytes) -> bool:
    try:
        Envelope.from_bytes(data).open_with(FROZEN_KEY)
    except (InputError, IntegrityError):
        return False
    return True


def test_every_single_bit_of_an_envelope_counts() -> None:
    assert opens(FROZEN)
    for position in range(len(FROZEN)):
        for bit in range(8):
            changed = bytearray(FROZEN)
            changed[position] ^= 1 << bit
            assert not opens(bytes(changed)), f"byte {position}, bit {bit}"


@LAW
@given(st.integers(0, len(FROZEN) - 1), st.integers(1, 255))
def test_any_changed_byte_is_detected_or_refused(position: int, difference: int) -> None:
    changed = bytearray(FROZEN)
    changed[position] = (changed[position] + difference) % 256
    assert not opens(bytes(changed))


@LAW
@given(st.integers(0, len(FROZEN) - 1), st.integers(1, 40))
def test_any_cut_is_detected_or_refused(position: int, length: int) -> None:
    assert not opens(FROZEN[:position] + FROZEN[position + length :])


@LAW
@given(st.integers(0, len(FROZEN)), st.binary(min_size=1, max_size=4))
def test_any_insertion_is_detected_or_refused(position: int, extra: bytes) -> None:
    assert not opens(FROZEN[:position] + extra + FROZEN[position:])


def test_a_changed_payload_that_still_parses_is_an_integrity_error() -> None:
    envelope = Envelope.from_bytes(FROZEN)
    changed = Envelope(
        envelope.payload_type,
        envelope.payload.replace(b"REFUSED", b"GRANTED"),
        envelope.signatures,
    )
    reread = Envelope.from_bytes(changed.to_bytes())
    assert reread.read_unverified()["decision"] == "GRANTED"
    with pytest.raises(IntegrityError):
        reread.open_with(FROZEN_KEY)
