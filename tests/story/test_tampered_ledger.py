"""The ledger itself changed: an entry edited, removed, moved, or the head cut off."""

from __future__ import annotations

import pytest
from stranger import Laboratory, entries_named, one_value, tamper

ENTRY = 5
CHANGES = {
    "recorded_at": "'2020-01-01T00:00:00.000000Z'",
    "actor": "'somebody else'",
    "action": "'nothing'",
    "subject": "'CAL-2022-OTHER'",
    "content": "replace(content, 'rows', 'rowz')",
    "previous": "digest",
    "digest": "previous",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_entry_is_named(own: Laboratory, column: str) -> None:
    tamper(own, f"UPDATE ledger_entry SET {column} = {CHANGES[column]} WHERE sequence = {ENTRY}")  # noqa: S608
    command = "audit --all" if column in {"content", "digest"} else "ledger verify"
    answer = own.qtrace(command)
    assert answer.code == 3
    assert ENTRY in entries_named(answer)


def test_content_that_no_longer_parses_is_a_finding_not_a_crash(own: Laboratory) -> None:
    sequence = one_value(own, "SELECT max(sequence) FROM ledger_entry WHERE action = 'certify'")
    tamper(own, f"UPDATE ledger_entry SET content = 'no json' WHERE sequence = {sequence}")  # noqa: S608
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert sequence in entries_named(audit)
    # The bundle of that document cannot be put together again; the others can.
    number = one_value(own, "SELECT max(document_number) FROM decision")
    gone = own.qtrace(f"certificate export {number} --output again.json")
    assert gone.code == 3
    assert not (own.folder / "again.json").exists()
    assert "Traceback" not in gone.err


def test_an_entry_that_is_cut_out_is_missed(own: Laboratory) -> None:
    tamper(own, f"DELETE FROM ledger_entry WHERE sequence = {ENTRY}")  # noqa: S608
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert {ENTRY, ENTRY + 1} <= entries_named(audit)
    assert f"entry {ENTRY} is missing" in audit.said


def test_entries_cut_off_at_the_end_leave_rows_without_entry(own: Laboratory) -> None:
    last = one_value(own, "SELECT max(sequence) FROM ledger_entry")
    tamper(own, f"DELETE FROM ledger_entry WHERE sequence = {last}")  # noqa: S608
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert last in entries_named(audit)


def test_nothing_is_recorded_after_a_changed_head(own: Laboratory) -> None:
    tamper(
        own,
        "UPDATE ledger_entry SET actor = 'x' "
        "WHERE sequence = (SELECT max(sequence) FROM ledger_entry)",
    )
    refused = own.qtrace("device retire SNSPD-D2 --reason broken")
    assert refused.code == 3
    assert "was changed" in refused.said


def test_a_row_cut_off_with_its_entry_shows_only_against_a_kept_head(own: Laboratory) -> None:
    """What an audit cannot see is said by it: a database rewritten whole, ledger included."""
    last = one_value(own, "SELECT max(sequence) FROM ledger_entry")
    with_rows = [
        f"DELETE FROM {table} WHERE recorded_in = {last}"  # noqa: S608
        for table in ("statement", "decision")
    ]
    tamper(own, *with_rows, f"DELETE FROM ledger_entry WHERE sequence = {last}")  # noqa: S608
    audit = own.qtrace("audit --all", text=True)
    assert audit.code == 0
    assert "cannot see a database that was rewritten whole" in audit.said
