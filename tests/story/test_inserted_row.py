"""A row smuggled in: under an old entry, under a new one, or under none."""

from __future__ import annotations

import pytest
from stranger import Laboratory, entries_named, tamper

COMPETENCE = (
    "INSERT INTO competence (laboratory_id, kind, route, low, high, expanded_uncertainty, "
    "relative, valid_from, valid_until, reference, recorded_in) VALUES ('NIST-Boulder', "
    "'indication_ratio', 'nmi_capability', 0, 10, 0, 1, '2000-01-01T00:00:00.000000Z', "
    "'2099-01-01T00:00:00.000000Z', 'smuggled', {entry})"
)


@pytest.mark.parametrize("entry", [2, 3, 9999])
def test_a_smuggled_row_is_found_under_the_entry_that_it_names(own: Laboratory, entry: int) -> None:
    tamper(own, COMPETENCE.format(entry=entry))
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert entry in entries_named(audit)
    assert "competence" in audit.said


def test_a_programme_smuggled_in_changes_what_documents_say_of_now(own: Laboratory) -> None:
    """It bears on the chain, so the document's records are no longer those of the database."""
    tamper(
        own,
        "INSERT INTO programme (device_id, kind, interval_days, decided_by, valid_from, "
        "recorded_in) SELECT device_id, kind, 3650, decided_by, "
        "'2021-06-01T00:00:00.000000Z', recorded_in FROM programme WHERE id = 1",
    )
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert {one["check"] for one in audit.answer["findings"]} >= {"rows", "document"}


def test_an_entry_smuggled_in_breaks_the_chain(own: Laboratory) -> None:
    tamper(
        own,
        "INSERT INTO ledger_entry SELECT max(sequence) + 1, recorded_at, actor, action, subject, "
        "content, previous, digest FROM ledger_entry",
    )
    audit = own.qtrace("audit --all")
    assert audit.code == 3
    assert max(entries_named(audit)) == len(own.ledger())
