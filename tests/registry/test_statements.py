from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from qtrace.errors import InputError
from qtrace.registry.statements import PublicKeyRecord, StatementRecord

STATEMENT = StatementRecord("DOC-1", '{"a":1}', "application/x", "cd" * 32, "k1", b"\x7b" * 64)

if TYPE_CHECKING:
    from tests.registry.conftest import World


def test_statements_and_keys_come_back_byte_for_byte(full_world: World) -> None:
    key = PublicKeyRecord("k1", "Ann", "Lab", "release", b"\x01" * 32, full_world.performed)
    with full_world.database.read() as reader:
        assert reader.statements.all() == (STATEMENT,)
        assert reader.statements.by_number("DOC-1") == STATEMENT
        assert reader.statements.keys() == (key,)
        assert reader.statements.key("k1") == key


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "statement DOC-1 is already recorded"),
        ({"number": "D", "key_id": "k2"}, "no key called 'k2'"),
        ({"number": "D", "sealed": b""}, "raw bytes"),
        ({"number": "D", "sealed": b'{"payload":"","Signatures":[]}'}, "raw bytes"),
    ],
)
def test_a_wrong_statement_is_refused(
    full_world: World, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message), full_world.writes() as unit:
        unit.statements.add(replace(STATEMENT, **changes))
    with full_world.database.read() as reader:
        assert len(reader.statements.all()) == 1


@pytest.mark.parametrize("first", [b"{", b" {", b"\x00", b"\xff"])
def test_raw_bytes_may_start_with_anything(full_world: World, first: bytes) -> None:
    """An Ed25519 value starts with any byte; one in 256 looks like the start of JSON."""
    statement = replace(STATEMENT, number="D", sealed=first + b"\x01" * 63)
    with full_world.writes() as unit:
        unit.statements.add(statement)
    with full_world.database.read() as reader:
        assert reader.statements.by_number("D") == statement


def test_a_key_is_recorded_once(full_world: World) -> None:
    key = PublicKeyRecord("k1", "Eve", "", "release", b"\x02" * 32, full_world.performed)
    with (
        pytest.raises(InputError, match="key k1 is already recorded as the key of Ann"),
        full_world.writes() as unit,
    ):
        unit.statements.add_key(key)


def test_unknown_numbers_come_with_close_ones(full_world: World) -> None:
    with full_world.database.read() as reader:
        with pytest.raises(InputError) as caught:
            reader.statements.by_number("DOC-2")
        assert "did you mean DOC-1" in caught.value.next_step
        with pytest.raises(InputError, match="no key called 'zz'"):
            reader.statements.key("zz")


def test_the_file_never_holds_the_word_that_only_bundles_carry(full_world: World) -> None:
    with full_world.database.read() as reader:
        reader.statements.all()
    for path in full_world.path.parent.glob(f"{full_world.path.name}*"):
        assert b"signature" not in path.read_bytes().lower()
