"""A row that is gone: found by count, by what refers to it, and by the entry that wrote it."""

from __future__ import annotations

import pytest
from stranger import Laboratory, entries_named, one_value, tamper

ROWS = {
    "withdrawn from the budget": (
        "argument",
        "name = 'wavelength' AND result_id = (SELECT min(id) FROM result WHERE "
        "name = 'photon_rate')",
    ),
    "an input": ("input_quantity", "id = (SELECT max(id) FROM input_quantity)"),
    "a result that others rest on": ("result", "id = 1"),
    "an event": ("event", "label = 'CAL-2022-METER'"),
    "an origin": ("origin", "id = 1"),
    "a finding": ("finding", "id = 3"),
    "a decision": ("decision", "id = 1"),
    "a statement": ("statement", "id = 1"),
    "a programme": ("programme", "id = 2"),
    "a device": ("device", "device_id = 'LASER-1'"),
    "a public key": ("public_key", "id = 1"),
}


@pytest.mark.parametrize("what", ROWS)
def test_a_deleted_row_is_missed_and_its_entry_named(own: Laboratory, what: str) -> None:
    table, row = ROWS[what]
    entry = one_value(own, f"SELECT recorded_in FROM {table} WHERE {row}")  # noqa: S608
    tamper(own, f"DELETE FROM {table} WHERE {row}")  # noqa: S608
    quick = own.qtrace("ledger verify")
    assert quick.code == 3
    assert entry in entries_named(quick)
    if table in {"argument", "result", "event", "statement", "public_key"}:
        audit = own.qtrace("audit --all", text=True)  # what is gone is needed, and missed again
        assert audit.code == 3
        assert f"ledger entry {entry}" in audit.said


def test_a_withdrawal_cannot_be_taken_back_by_deleting_it(own: Laboratory) -> None:
    assert own.qtrace("calibration withdraw CAL-2022-METER --reason wrong").code == 0
    entry = one_value(own, "SELECT max(sequence) FROM ledger_entry")
    tamper(own, "DELETE FROM withdrawal")
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert entry in entries_named(audit)
