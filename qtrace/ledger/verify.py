"""Check of a ledger's entries: every fault is collected, none is raised.

Inside: `EntryFault`, `verify_entries`.

What it cannot see: a ledger rewritten from some entry to its end with all digests computed anew,
and entries cut off at its end. Both show only against a digest that was kept elsewhere, for
instance the one printed on a certificate: hand such digests in as `kept`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from qtrace.errors import InputError
from qtrace.ledger.canonical import parse_canonical
from qtrace.ledger.entry import GENESIS, Entry, entry_digest, is_recorded_at


@dataclass(frozen=True, slots=True)
class EntryFault:
    """One thing wrong with one entry; `sequence` is the one it carries or should carry."""

    sequence: int
    what: str


def verify_entries(
    entries: Iterable[Entry], *, kept: Mapping[int, str] | None = None
) -> list[EntryFault]:
    """Check each entry by itself and its place after the one before.

    Args:
        entries: In the order in which they are stored; a complete ledger, from sequence 1.
        kept: Digests kept outside this ledger, by sequence; each must be found in it.

    Returns:
        The faults in the order of the entries, empty when there is none.
    """
    faults: list[EntryFault] = []
    unseen = dict(kept or {})
    head_sequence, head_digest = 0, GENESIS
    for entry in entries:
        mistyped = _check_types(entry)
        if mistyped:  # a database may hand out anything; the other checks need the types
            faults += [EntryFault(head_sequence + 1, what) for what in mistyped]
            continue
        found = [what for check in CHECKS for what in check(entry)]
        sound = not found
        found += _check_place(entry, head_sequence, head_digest)
        if entry.sequence in unseen and unseen.pop(entry.sequence) != entry.digest:
            found.append("its digest differs from the one kept outside the ledger")
        faults += [EntryFault(entry.sequence, what) for what in found]
        # An entry out of order, or one whose number may be invented, does not become the head:
        # its followers would look wrong too.
        if entry.sequence == head_sequence + 1 or (sound and entry.sequence > head_sequence):
            head_sequence, head_digest = entry.sequence, entry.digest
    faults += [
        EntryFault(sequence, "an entry whose digest was kept outside is missing from the ledger")
        for sequence in sorted(unseen)
    ]
    return faults


def _check_place(entry: Entry, head_sequence: int, head_digest: str) -> list[str]:
    expected = head_sequence + 1
    if entry.sequence < expected:
        return [f"it stands after entry {head_sequence}: moved or repeated"]
    if entry.sequence > expected:
        last = entry.sequence - 1
        missing = (
            f"entry {expected} is" if last == expected else f"entries {expected} to {last} are"
        )
        return [f"{missing} missing before it"]
    if entry.previous != head_digest:
        before = f"entry {head_sequence}" if head_sequence else "the start of the ledger"
        return [f"it does not continue {before}: one of the two was changed"]
    return []


def _check_types(entry: Entry) -> list[str]:
    wrong = [
        name
        for name, value in entry.to_dict().items()
        if type(value) is not (int if name == "sequence" else str)
    ]
    return [f"its fields have the wrong type: {', '.join(wrong)}"] if wrong else []


def _check_time(entry: Entry) -> list[str]:
    if is_recorded_at(entry.recorded_at):
        return []
    return [f"its time {entry.recorded_at!r} is not in the ledger's form"]


def _check_content(entry: Entry) -> list[str]:
    try:
        parse_canonical(entry.content.encode("utf-8", errors="surrogatepass"))
    except InputError as error:
        return [f"its content is not canonical JSON: {error.what}"]
    return []


def _check_digest(entry: Entry) -> list[str]:
    try:
        digest = entry_digest(
            entry.sequence,
            entry.recorded_at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            content=entry.content,
            previous=entry.previous,
        )
    except InputError as error:
        return [f"its digest cannot be computed: {error.what}"]
    return [] if digest == entry.digest else ["its digest does not fit its fields: it was changed"]


CHECKS: tuple[Callable[[Entry], list[str]], ...] = (_check_time, _check_content, _check_digest)
