"""Digests: the standard's examples, and kinds that cannot be mistaken for one another."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.ledger.digest import digest_hex, file_digest, is_digest

DOMAINS = st.from_regex(r"[a-z][a-z0-9-]{0,8}(/[a-z0-9-]{1,8})?", fullmatch=True)


def test_the_digest_of_a_file_is_the_one_of_the_standard() -> None:
    # FIPS 180-4 examples, SHA-256 of "abc" and of the empty message.
    assert file_digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_kind_stands_in_front_of_the_data() -> None:
    assert digest_hex("rows", b"abc") == hashlib.sha256(b"qtrace/rows\x00abc").hexdigest()


def test_the_form_of_the_digest_never_changes() -> None:
    # Frozen: printed by sha256sum of the bytes "qtrace/entry", a zero byte, "{}".
    frozen = "bda90910f9bcbd2eb6288e52982b8b8ed6dd8f3ba7bf064eee1a15cd831c677a"
    assert digest_hex("entry", b"{}") == frozen


@settings(deadline=None, derandomize=True)
@given(DOMAINS, DOMAINS, st.binary(max_size=20), st.binary(max_size=20))
def test_no_two_kinds_share_a_digest(one: str, two: str, data: bytes, other: bytes) -> None:
    same = (one, data) == (two, other)
    assert (digest_hex(one, data) == digest_hex(two, other)) is same


@pytest.mark.parametrize("domain", ["", "Entry", "a\0b", "a b", "/a", "a/", "é", "1a", "a\n"])
def test_a_kind_that_could_be_confused_is_a_fault_of_the_program(domain: str) -> None:
    with pytest.raises(ValueError, match="no digest domain"):
        digest_hex(domain, b"")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("0" * 64, True),
        ("0" * 63, False),
        ("0" * 65, False),
        ("A" * 64, False),
        ("g" * 64, False),
        ("0" * 63 + "\u0661", False),  # a digit, but no hexadecimal one
        ("0" * 64 + "\n", False),
    ],
)
def test_the_form_of_a_digest_is_recognised(text: str, *, answer: bool) -> None:
    assert is_digest(text) is answer
