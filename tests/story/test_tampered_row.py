"""One stored row changed behind the program's back: the audit ends with 3 and names the entry."""

from __future__ import annotations

import pytest
from stranger import Laboratory, entries_named, one_value, tamper

D1_EVENT = "(SELECT id FROM event WHERE label = 'CAL-2022-D1')"
D1_RESULT = (
    "(SELECT result_id FROM argument WHERE name = 'photon_rate' AND sensitivity < 0 LIMIT 1)"
)

# Table, column, new value, which row.
CHANGES = {
    "a result's value": ("result", "value", "value * 1.0001", f"id = {D1_RESULT}"),
    "a result's value in the last bits": (
        "result",
        "value",
        "value * 1.000000000001",
        f"id = {D1_RESULT}",
    ),
    "the u that is only a cache": (
        "result",
        "standard_uncertainty",
        "standard_uncertainty / 2",
        f"id = {D1_RESULT}",
    ),
    "an input's estimate": (
        "input_quantity",
        "estimate",
        "estimate + 1",
        f"name = 'counts' AND event_id = {D1_EVENT}",
    ),
    "an input's u": (
        "input_quantity",
        "standard_uncertainty",
        "standard_uncertainty / 2",
        f"name = 'counts' AND event_id = {D1_EVENT}",
    ),
    "an input's degrees of freedom": (
        "input_quantity",
        "degrees_of_freedom",
        "NULL",
        f"name = 'counts' AND event_id = {D1_EVENT}",
    ),
    "a sensitivity": (
        "argument",
        "sensitivity",
        "sensitivity * 0.9",
        f"name = 'counts' AND result_id = {D1_RESULT}",
    ),
    "the parent of an argument": (
        "argument",
        "parent_id",
        "parent_id - 1",
        f"name = 'photon_rate' AND result_id = {D1_RESULT}",
    ),
    "the date of an event": (
        "event",
        "performed_at",
        "'2021-06-30T12:00:00.000000Z'",
        "label = 'CAL-2022-D1'",
    ),
    "the words of an event": ("event", "flags_json", "'[]'", "label = 'CAL-2022-D1'"),
    "an origin": (
        "origin",
        "origin_json",
        "replace(origin_json, 'false', 'true')",
        "origin_json LIKE '%certificate%' AND origin_json LIKE '%false%'",
    ),
    "a finding": (
        "finding",
        "content_json",
        "replace(content_json, 'NOT_MET', 'MET')",
        "id = (SELECT min(id) FROM finding WHERE content_json LIKE '%NOT_MET%')",
    ),
    "a decision": ("decision", "word", "'GRANTED'", "id = 1"),
    "a serial number": ("device", "serial", "'D9'", "device_id = 'SNSPD-D1'"),
    "a programme": (
        "programme",
        "interval_days",
        "interval_days * 10",
        "id = (SELECT min(id) FROM programme)",
    ),
    "counts of a run": (
        "run",
        "counts_json",
        "replace(counts_json, '9890', '9891')",
        "run_id = 'RUN-SYNTHETIC'",
    ),
    "a declared limit": (
        "link",
        "declarations_json",
        "replace(declarations_json, '0.05', '0.06')",
        "link_id = 'LINK-SYNTHETIC'",
    ),
    "who holds a key": ("public_key", "person", "'Somebody'", "id = 1"),
    "a stored document": (
        "statement",
        "payload",
        "replace(payload, 'REFUSED', 'GRANTED')",
        "id = 1",
    ),
    "a byte that is no text any more": (
        "device",
        "notes",
        "CAST(x'ff' AS TEXT)",
        "device_id = 'SNSPD-D1'",
    ),
    "a number that becomes a text": ("result", "value", "'many'", f"id = {D1_RESULT}"),
    "a number that becomes infinite": ("result", "value", "9e999", f"id = {D1_RESULT}"),
    "a model": (
        "model",
        "text",
        "'counts / photon_rate'",
        "text = '(counts - dark) / photon_rate'",
    ),
    "the ledger entry that a row names": (
        "device",
        "recorded_in",
        "recorded_in + 1",
        "device_id = 'SNSPD-D1'",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_row_is_found_and_its_ledger_entry_named(own: Laboratory, change: str) -> None:
    table, column, value, row = CHANGES[change]
    entry = one_value(own, f"SELECT recorded_in FROM {table} WHERE {row}")  # noqa: S608
    tamper(own, f"UPDATE {table} SET {column} = {value} WHERE {row}")  # noqa: S608
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert entry in entries_named(audit)
    rows = [one["what"] for one in audit.answer["findings"] if one["check"] == "rows"]
    assert any(what.startswith(table) for what in rows)


def test_the_text_of_an_audit_names_entry_and_table(own: Laboratory) -> None:
    tamper(own, "UPDATE device SET serial = 'D9' WHERE device_id = 'SNSPD-D1'")
    audit = own.qtrace("audit --all", text=True)
    assert audit.code == 3
    assert "ledger entry 3: device: a row was changed after it was recorded" in audit.said
    assert "NOTHING WRONG" not in audit.out
    quick = own.qtrace("ledger verify", text=True)
    assert quick.code == 3
    assert "ledger entry 3" in quick.said


@pytest.mark.parametrize(
    ("table", "column", "row"),
    [
        ("ledger_entry", "actor", "sequence = 5"),
        ("ledger_entry", "content", "sequence = 5"),
        ("laboratory", "name", "id = 1"),
        ("event", "label", "id = 1"),
        ("model", "text", "id = 2"),
        ("statement", "payload", "id = 1"),
        ("public_key", "person", "id = 1"),
    ],
)
def test_a_byte_that_is_no_text_is_a_finding_like_others(
    own: Laboratory, table: str, column: str, row: str
) -> None:
    """Flip one byte of a text in the file and it is, more often than not, no UTF-8 any more."""
    number = "sequence" if table == "ledger_entry" else "recorded_in"
    entry = one_value(own, f"SELECT {number} FROM {table} WHERE {row}")  # noqa: S608
    broken = f"CAST(x'ff1b' || {column} AS TEXT)"
    tamper(own, f"UPDATE {table} SET {column} = {broken} WHERE {row}")  # noqa: S608
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert entry in entries_named(audit)
    text = own.qtrace("ledger verify", text=True).out
    assert text.encode()
    assert "\x1b" not in text


def test_a_changed_value_is_also_contradicted_by_its_own_model(own: Laboratory) -> None:
    tamper(own, f"UPDATE result SET value = value * 1.0001 WHERE id = {D1_RESULT}")  # noqa: S608
    found = own.qtrace("audit --all").answer["findings"]
    assert any(
        one["check"] == "arithmetic" and "CAL-2022-D1/system_detection_efficiency" in one["what"]
        for one in found
    )


def test_nothing_is_certified_on_changed_records(own: Laboratory) -> None:
    tamper(own, f"UPDATE result SET value = value * 1.02 WHERE id = {D1_RESULT}")  # noqa: S608
    before = one_value(own, "SELECT count(*) FROM ledger_entry")
    answer = own.qtrace("certify LINK-SYNTHETIC --scheme demonstration-link --key lab")
    assert answer.code == 3
    assert one_value(own, "SELECT count(*) FROM ledger_entry") == before


def test_a_clean_copy_audits_clean(own: Laboratory) -> None:
    """The same door without a change: what the tests above find is not the copying."""
    with_triggers_renewed = "UPDATE device SET serial = serial WHERE device_id = 'SNSPD-D1'"
    tamper(own, with_triggers_renewed)
    audit = own.qtrace("audit --all")
    assert (audit.code, audit.answer["findings"]) == (0, [])
