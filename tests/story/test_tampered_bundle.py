"""One byte of a bundle changed: exit code 3 and the ledger entry named, or 2 where it is no
bundle any more. Every place is tried in steps; no changed bundle verifies."""

from __future__ import annotations

import base64
import json

import pytest
from stranger import DEMONSTRATION, PUBLIC_KEY, Answer, Laboratory

from qtrace.certification.verification import verify_bundle
from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.canonical import canonical_bytes, parse_canonical
from qtrace.ledger.signing import Key
from qtrace.metrics.catalogue import functions


@pytest.fixture(scope="module")
def bundle(walked: Laboratory) -> bytes:
    return (walked.folder / DEMONSTRATION).read_bytes()


@pytest.fixture(scope="module")
def entry(bundle: bytes) -> int:
    sequence = parse_canonical(bundle)["ledger_entry"]["sequence"]
    assert isinstance(sequence, int)
    return sequence


def verify(walked: Laboratory, name: str, data: bytes, *, key: str = "") -> Answer:
    (walked.folder / name).write_bytes(data)
    return walked.qtrace(f"certificate verify {name} --key {key or PUBLIC_KEY}", text=True)


def changed_payload(bundle: bytes, old: bytes, new: bytes) -> bytes:
    """Return the bundle with other bytes under the same seal."""
    fields = parse_canonical(bundle)
    payload = base64.b64decode(fields["envelope"]["payload"])
    assert old in payload
    fields["envelope"]["payload"] = base64.b64encode(payload.replace(old, new, 1)).decode()
    return canonical_bytes(fields)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"word":"DEMONSTRATED"', b'"word":"REFUSED"'),
        (b'"watermark":"SYNTHETIC"', b'"watermark":""'),
        (b"0.93778517", b"0.93778518"),
        (b'"person":"Tester"', b'"person":"Taster"'),
    ],
)
def test_a_payload_under_an_old_seal_is_found_and_the_entry_named(
    own: Laboratory, bundle: bytes, entry: int, old: bytes, new: bytes
) -> None:
    answer = verify(own, "t.json", changed_payload(bundle, old, new))
    assert answer.code == 3
    assert f"ledger entry {entry}" in answer.said
    assert answer.out == ""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ledger_entry", "actor"), "somebody"),
        (("ledger_entry", "recorded_at"), "2020-01-01T00:00:00.000000Z"),
        (("ledger_entry", "digest"), "0" * 64),
        (("ledger_entry", "sequence"), 1),
        (("ledger_entry", "content"), "{}"),
        (("key", "person"), "Somebody Else"),
        (("key", "organisation"), "Elsewhere"),
    ],
)
def test_a_changed_part_of_the_bundle_is_found(
    own: Laboratory, bundle: bytes, entry: int, path: tuple[str, str], value: object
) -> None:
    fields = parse_canonical(bundle)
    fields[path[0]][path[1]] = value
    answer = verify(own, "t.json", canonical_bytes(fields))
    assert answer.code == 3
    named = value if path[1] == "sequence" else entry
    assert f"entry {named}" in answer.said
    assert own.qtrace("certificate verify t.json").code == 3  # nor without a key


def test_another_key_in_the_bundle_is_found(own: Laboratory, bundle: bytes) -> None:
    assert own.qtrace("key create other --person Tester --organisation Laboratory").code == 0
    fields = parse_canonical(bundle)
    fields["key"] = json.loads(own.read("keys/other.pub.json"))
    assert verify(own, "t.json", canonical_bytes(fields)).code == 3
    # And the right bundle under a key that did not seal it.
    answer = verify(own, "u.json", bundle, key="keys/other.pub.json")
    assert answer.code == 3
    assert "was not signed by Tester" in answer.said


@pytest.mark.parametrize("length", [0, 1, 1000, -1, -2])
def test_a_truncated_bundle_does_not_parse(own: Laboratory, bundle: bytes, length: int) -> None:
    answer = verify(own, "t.json", bundle[:length])
    assert answer.code == 2
    assert answer.out == ""


def test_appended_or_reformatted_bytes_are_no_bundle(own: Laboratory, bundle: bytes) -> None:
    for data in (bundle + b"\n", b"\xef\xbb\xbf" + bundle, json.dumps(json.loads(bundle)).encode()):
        assert verify(own, "t.json", data).code == 2


def test_no_changed_byte_anywhere_is_accepted(bundle: bytes, walked: Laboratory) -> None:
    """Places all over the payload, and closer ones in the short fields around it."""
    key = Key.from_dict(parse_canonical(walked.read(PUBLIC_KEY).strip().encode()))
    start = bundle.index(b'"payload":"') + 11
    end = bundle.index(b'"', start)
    outside = [*range(0, start, 7), *range(end, len(bundle), 31)]
    places = sorted({*outside, *range(start, end, len(bundle) // 30)})
    codes = set()
    for place in places:
        data = bytearray(bundle)
        data[place] ^= 0x01
        with pytest.raises((InputError, IntegrityError)) as caught:
            verify_bundle(bytes(data), trusted=key, functions=functions())
        codes.add(caught.value.exit_code)
    assert codes == {2, 3}
    assert len(places) > 60


def test_the_unchanged_bundle_verifies(bundle: bytes, own: Laboratory) -> None:
    assert verify(own, "t.json", bundle).code == 0
