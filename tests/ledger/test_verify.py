"""Verification of a ledger: one tampering per test, and the entry named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.ledger.canonical import canonical_bytes, parse_canonical
from qtrace.ledger.entry import Entry, entry_digest, next_entry
from qtrace.ledger.verify import EntryFault, verify_entries

FROZEN = Path(__file__).parent / "samples" / "ledger.jsonl"


def ledger(length: int = 5, *, actor: str = "A. Metrologist") -> list[Entry]:
    entries: list[Entry] = []
    for day in range(1, length + 1):
        entries.append(
            next_entry(
                entries[-1] if entries else None,
                recorded_at=f"2022-07-{day:02d}T12:00:00.000000Z",
                actor=actor,
                action="register",
                subject=f"device D{day}",
                content={"rows": {"device": {"count": day}}},
            )
        )
    return entries


def with_own_digest(entry: Entry) -> Entry:
    """Return the entry as a forger who knows the format leaves it."""
    fields = entry.to_dict()
    del fields["digest"]
    return replace(entry, digest=entry_digest(**fields))  # type: ignore[arg-type]


def named(faults: list[EntryFault]) -> list[int]:
    return [fault.sequence for fault in faults]


def test_a_sound_ledger_has_no_fault_and_neither_has_an_empty_one() -> None:
    assert verify_entries(ledger()) == []
    assert verify_entries([]) == []


def test_the_frozen_ledger_made_by_other_tools_verifies() -> None:
    entries = [Entry.from_dict(parse_canonical(line)) for line in FROZEN.read_bytes().splitlines()]
    assert len(entries) == 3
    assert verify_entries(entries) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recorded_at", "2022-07-03T12:00:00.000001Z"),
        ("actor", "B. Metrologist"),
        ("action", "retire"),
        ("subject", "device D4"),
        ("content", '{"rows":{"device":{"count":4}}}'),
        ("digest", "0" * 63 + "1"),
    ],
)
def test_a_changed_field_names_its_entry_first(name: str, value: str) -> None:
    entries = ledger()
    entries[2] = replace(entries[2], **{name: value})  # type: ignore[arg-type]
    faults = verify_entries(entries)
    assert faults[0] == EntryFault(3, "its digest does not fit its fields: it was changed")
    assert set(named(faults)) <= {3, 4}  # 4 only when 3 carries another digest


def test_an_entry_rewritten_with_its_digest_breaks_the_link_of_the_next() -> None:
    entries = ledger()
    entries[2] = with_own_digest(replace(entries[2], subject="device D9"))
    assert verify_entries(entries) == [
        EntryFault(4, "it does not continue entry 3: one of the two was changed")
    ]


def test_a_changed_first_link_is_found() -> None:
    entries = ledger()
    entries[0] = with_own_digest(replace(entries[0], previous="1" * 64))
    assert EntryFault(
        1, "it does not continue the start of the ledger: one of the two was changed"
    ) in verify_entries(entries)


def test_removed_entries_are_counted() -> None:
    entries = ledger()
    assert verify_entries(entries[:1] + entries[2:]) == [
        EntryFault(3, "entry 2 is missing before it")
    ]
    assert verify_entries(entries[:1] + entries[3:]) == [
        EntryFault(4, "entries 2 to 3 are missing before it")
    ]
    assert verify_entries(entries[1:]) == [EntryFault(2, "entry 1 is missing before it")]


def test_entries_that_changed_places_are_found() -> None:
    one, two, three, four, _ = ledger()
    assert verify_entries([one, three, two, four]) == [
        EntryFault(3, "entry 2 is missing before it"),
        EntryFault(2, "it stands after entry 3: moved or repeated"),
    ]


def test_a_repeated_entry_is_found() -> None:
    one, two, *_ = ledger()
    assert verify_entries([one, two, two]) == [
        EntryFault(2, "it stands after entry 2: moved or repeated")
    ]


def test_an_entry_of_another_ledger_does_not_fit() -> None:
    entries, other = ledger(), ledger(actor="B. Metrologist")
    entries[2] = other[2]
    assert named(verify_entries(entries)) == [3, 4]


def test_an_invented_number_does_not_accuse_the_entries_after_it() -> None:
    entries = ledger()
    entries[1] = replace(entries[1], sequence=1000)
    assert named(verify_entries(entries)) == [1000, 1000, 3]


@pytest.mark.parametrize("sequence", [0, -1, 2**60])
def test_numbers_that_no_entry_can_have_are_faults(sequence: int) -> None:
    entries = ledger()
    entries[1] = replace(entries[1], sequence=sequence)
    assert sequence in named(verify_entries(entries))


@pytest.mark.parametrize(
    "content",
    ["", "{", '{"a": 1}', '{"a":1.5}', '{"a":1,"a":2}', "[]", '{"a":"\ud800"}', "[" * 100_000],
    ids=["empty", "cut", "spaced", "float", "twice", "list", "surrogate", "deep"],
)
def test_content_that_is_not_canonical_is_a_fault_even_with_a_fitting_digest(content: str) -> None:
    entry = replace(ledger(1)[0], content=content)
    if content.isascii():  # only then a forger can compute a digest at all
        entry = with_own_digest(entry)
    faults = verify_entries([entry])
    assert faults[0].sequence == 1
    assert faults[0].what.startswith("its content is not canonical JSON: ")
    assert (len(faults) == 1) is content.isascii()


def test_a_time_in_another_form_is_a_fault_even_with_a_fitting_digest() -> None:
    entry = with_own_digest(replace(ledger(1)[0], recorded_at="2022-07-01 12:00"))
    assert verify_entries([entry]) == [
        EntryFault(1, "its time '2022-07-01 12:00' is not in the ledger's form")
    ]


def test_a_text_without_canonical_form_is_a_fault_and_no_crash() -> None:
    entry = replace(ledger(1)[0], actor="A\u202eB")
    (fault,) = verify_entries([entry])
    assert fault.what.startswith("its digest cannot be computed")


def test_values_of_other_types_are_faults_and_no_crash() -> None:
    entries = ledger()
    entries[1] = replace(entries[1], sequence=None, content=b"{}")  # type: ignore[arg-type]
    assert verify_entries(entries) == [
        EntryFault(2, "its fields have the wrong type: sequence, content"),
        EntryFault(3, "entry 2 is missing before it"),
    ]


def test_a_ledger_rewritten_from_the_middle_shows_only_against_a_kept_digest() -> None:
    honest = ledger()
    rewritten = honest[:2]
    for entry in honest[2:]:
        rewritten.append(
            next_entry(
                rewritten[-1],
                recorded_at=entry.recorded_at,
                actor=entry.actor,
                action=entry.action,
                subject="device D9",
                content={},
            )
        )
    assert verify_entries(rewritten) == []  # said in the module's own words
    assert verify_entries(rewritten, kept={2: honest[1].digest}) == []
    assert verify_entries(rewritten, kept={4: honest[3].digest}) == [
        EntryFault(4, "its digest differs from the one kept outside the ledger")
    ]


def test_entries_cut_off_at_the_end_show_only_against_a_kept_digest() -> None:
    honest = ledger()
    assert verify_entries(honest[:3]) == []
    assert verify_entries(honest[:3], kept={5: honest[4].digest}) == [
        EntryFault(5, "an entry whose digest was kept outside is missing from the ledger")
    ]


def faults_of_export(lines: bytes) -> list[EntryFault] | str:
    try:
        entries = [Entry.from_dict(parse_canonical(line)) for line in lines.split(b"\n")]
    except InputError as error:
        return error.what
    return verify_entries(entries)


EXPORT = b"\n".join(canonical_bytes(entry.to_dict()) for entry in ledger(3))


def test_the_export_itself_is_sound() -> None:
    assert faults_of_export(EXPORT) == []


def test_every_single_bit_of_an_exported_ledger_is_covered() -> None:
    for position in range(len(EXPORT)):
        for bit in range(8):
            changed = bytearray(EXPORT)
            changed[position] ^= 1 << bit
            assert faults_of_export(bytes(changed)), f"byte {position}, bit {bit}"


LAW = settings(deadline=None, derandomize=True, max_examples=300)


@LAW
@given(st.integers(0, len(EXPORT) - 1), st.integers(1, 255))
def test_any_changed_byte_is_detected_or_refused(position: int, difference: int) -> None:
    changed = bytearray(EXPORT)
    changed[position] = (changed[position] + difference) % 256
    assert faults_of_export(bytes(changed))


@LAW
@given(st.integers(0, len(EXPORT) - 1))
def test_any_removed_byte_is_detected_or_refused(position: int) -> None:
    assert faults_of_export(EXPORT[:position] + EXPORT[position + 1 :])


@LAW
@given(st.integers(0, len(EXPORT)), st.integers(0, 255))
def test_any_inserted_byte_is_detected_or_refused(position: int, value: int) -> None:
    assert faults_of_export(EXPORT[:position] + bytes([value]) + EXPORT[position:])


@LAW
@given(st.permutations(range(5)).filter(lambda order: order != list(range(5))))
def test_any_other_order_is_detected(order: list[int]) -> None:
    entries = ledger()
    assert verify_entries([entries[place] for place in order])


@LAW
@given(st.sets(st.integers(0, 4), min_size=1))
def test_any_removal_but_at_the_end_is_detected(removed: set[int]) -> None:
    left = [entry for place, entry in enumerate(ledger()) if place not in removed]
    only_the_end = removed == set(range(len(left), 5))
    assert (verify_entries(left) == []) is only_the_end
