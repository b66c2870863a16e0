"""Entries: linked by digests that a stranger can recompute with other tools."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.canonical import canonical_bytes, parse_canonical
from qtrace.ledger.entry import (
    GENESIS,
    Entry,
    entry_digest,
    is_recorded_at,
    next_entry,
    recorded_at_text,
)

NOON = "2022-07-01T12:00:00.000000Z"


def first(**changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "recorded_at": NOON,
        "actor": "A. Metrologist",
        "action": "register",
        "subject": "device D1",
        "content": {"rows": {"device": {"count": 1}}},
    }
    return next_entry(None, **(fields | changes))


def test_the_first_entry_follows_nothing_and_the_next_one_follows_it() -> None:
    one = first()
    two = next_entry(
        one, recorded_at=NOON, actor="A. Metrologist", action="trace", subject="", content={}
    )
    assert (one.sequence, one.previous) == (1, GENESIS)
    assert (two.sequence, two.previous) == (2, one.digest)
    assert two.content == "{}"


def test_the_digest_can_be_recomputed_without_this_program() -> None:
    entry = first(content={"note": "η of D1\nk = 2.080"})
    material = entry.to_dict()
    del material["digest"]
    text = json.dumps(material, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert entry.digest == hashlib.sha256(b"qtrace/entry\0" + text.encode()).hexdigest()


FIELD_CHANGES: dict[str, Any] = {
    "sequence": 2,
    "recorded_at": "2022-07-01T12:00:00.000001Z",
    "actor": "B. Metrologist",
    "action": "withdraw",
    "subject": "device D2",
    "content": '{"rows":{"device":{"count":2}}}',
    "previous": "1" * 64,
}


@pytest.mark.parametrize("name", FIELD_CHANGES)
def test_the_digest_covers_every_field(name: str) -> None:
    entry = first()
    fields = entry.to_dict()
    del fields["digest"]
    fields[name] = FIELD_CHANGES[name]
    assert entry_digest(**fields) != entry.digest  # type: ignore[arg-type]


def test_two_fields_cannot_trade_their_text() -> None:
    assert first(actor="ab", action="c").digest != first(actor="a", action="bc").digest


def test_nothing_follows_an_entry_that_was_changed() -> None:
    forged = replace(first(), subject="device D2")
    with pytest.raises(IntegrityError, match="entry 1 was changed") as caught:
        next_entry(forged, recorded_at=NOON, actor="a", action="b", subject="c", content={})
    assert caught.value.exit_code == 3


def test_nothing_follows_an_entry_whose_fields_have_no_canonical_form() -> None:
    forged = replace(first(), subject="device\u202eD1")
    with pytest.raises(IntegrityError, match="entry 1 was changed"):
        next_entry(forged, recorded_at=NOON, actor="a", action="b", subject="c", content={})


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"content": {"u": 0.5}}, "decimal"),
        ({"content": {"n": 2**53}}, "2\\^53"),
        ({"content": {"note": "e\u0301"}}, "normal form C"),
        ({"actor": ""}, "actor .* is empty"),
        ({"actor": " "}, "actor .* is empty"),
        ({"action": ""}, "action .* is empty"),
        ({"actor": "A\nB"}, r"U\+000A"),
        ({"subject": "D1\u202e"}, r"U\+202E"),
        ({"recorded_at": "2022-07-01T12:00:00Z"}, "six digits"),
    ],
)
def test_bad_facts_are_refused(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError, match=what):
        first(**changes)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (NOON, True),
        ("2024-02-29T23:59:59.999999Z", True),
        ("2023-02-29T00:00:00.000000Z", False),  # no leap year
        ("2022-07-01T24:00:00.000000Z", False),  # interpreters disagree on this one
        ("2016-12-31T23:59:60.000000Z", False),  # leap second
        ("2022-07-01T12:00:00.000000+00:00", False),
        ("2022-07-01T12:00:00.000000z", False),
        ("2022-07-01T12:00:00.000000", False),
        ("2022-07-01 12:00:00.000000Z", False),
        ("2022-07-01T12:00:00.000Z", False),
        ("2022-07-01T12:00:00.0000000Z", False),
        ("2022-07-01T12:00:00,000000Z", False),
        ("0000-01-01T00:00:00.000000Z", False),
        ("\u0662022-07-01T12:00:00.000000Z", False),  # a digit, but no ASCII one
        (NOON + "\n", False),
        ("", False),
    ],
)
def test_a_time_has_one_form(text: str, *, answer: bool) -> None:
    assert is_recorded_at(text) is answer


def test_a_moment_of_any_zone_is_written_in_utc() -> None:
    boulder = timezone(timedelta(hours=-6))
    assert recorded_at_text(datetime(2022, 7, 1, 6, tzinfo=boulder)) == NOON
    assert recorded_at_text(datetime(2022, 7, 1, 12, tzinfo=UTC)) == NOON


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(InputError, match="no zone"):
        recorded_at_text(datetime(2022, 7, 1, 12))  # noqa: DTZ001 - that is the point


@settings(deadline=None, derandomize=True)
@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_every_moment_is_written_in_the_ledgers_form(moment: datetime) -> None:
    text = recorded_at_text(moment.replace(tzinfo=UTC))
    assert is_recorded_at(text)
    assert datetime.fromisoformat(text) == moment.replace(tzinfo=UTC)


def test_an_exported_entry_is_read_back() -> None:
    entry = first()
    assert Entry.from_dict(parse_canonical(canonical_bytes(entry.to_dict()))) == entry


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"sequence": "1"}, "no integer"),
        ({"sequence": True}, "no integer"),
        ({"sequence": 1.0}, "no integer"),
        ({"actor": None}, "no text"),
        ({"content": {}}, "no text"),
        ({"digest": "A" * 64}, "no digest"),
        ({"previous": ""}, "no digest"),
        ({"valid_only_if": "x"}, "unknown fields: valid_only_if"),
    ],
)
def test_an_exported_entry_of_another_shape_is_refused(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError, match=what):
        Entry.from_dict(first().to_dict() | changes)


def test_a_missing_field_is_named() -> None:
    fields = first().to_dict()
    del fields["subject"]
    with pytest.raises(InputError, match="fields: subject"):
        Entry.from_dict(fields)
