"""Ledger entries: who recorded what, when, each holding the digest of the one before.

Inside: `Entry`, `entry_digest`, `next_entry`, `recorded_at_text`, `is_recorded_at`, `GENESIS`.

The digest of an entry is SHA-256 (domain `entry`) over the canonical JSON of all its other
fields, so that a stranger can recompute it from an exported ledger alone. The chain shows a
change of the past only to somebody who kept a later digest: it is a check, not a proof.

Source: the linking follows S. Haber and W. S. Stornetta, J. Cryptology 3, 99 (1991), section 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.canonical import canonical_bytes, check_text
from qtrace.ledger.digest import digest_hex, is_digest

GENESIS = "0" * 64  # what the first entry names as the entry before it

# Hours end at 23 here: newer interpreters read 24:00 as the next day, older ones refuse it.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger, as stored; it may be wrong, `verify_entries` tells.

    `sequence` counts from 1 without gap. `content` is canonical JSON text of an object.
    `previous` is the digest of the entry before, `GENESIS` in the first.
    """

    sequence: int
    recorded_at: str
    actor: str
    action: str
    subject: str
    content: str
    previous: str
    digest: str

    def to_dict(self) -> dict[str, int | str]:
        """Return the fields by name, as an exported ledger carries them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Entry:
        """Read the fields of an exported entry.

        Args:
            data: Exactly the fields of `to_dict`.

        Returns:
            The entry, with its digest not yet checked: see `verify_entries`.

        Raises:
            InputError: A field is missing, unknown, or of another type.
        """
        names = [field.name for field in fields(cls)]
        if set(data) != set(names):
            odd = ", ".join(sorted(str(name) for name in set(data) ^ set(names)))
            raise InputError(
                f"A ledger entry has missing or unknown fields: {odd}.",
                where="ledger entry",
                next_step="Export the ledger again with the program that wrote it.",
            )
        sequence = data["sequence"]
        if type(sequence) is not int:
            raise InputError(
                f"The sequence of a ledger entry is {sequence!r}, no integer.",
                where="ledger entry, field sequence",
                next_step="Export the ledger again with the program that wrote it.",
            )
        return cls(sequence, *(_text(data, name) for name in names[1:]))


def entry_digest(
    sequence: int,
    recorded_at: str,
    *,
    actor: str,
    action: str,
    subject: str,
    content: str,
    previous: str,
) -> str:
    """Compute the digest that an entry with these fields must carry.

    Args:
        sequence: Place in the ledger, from 1.
        recorded_at: UTC time text.
        actor: Who recorded it.
        action: The verb.
        subject: What it is about.
        content: Canonical JSON text.
        previous: Digest of the entry before.

    Returns:
        64 hexadecimal digits.

    Raises:
        InputError: A field has no canonical form.
    """
    material = {
        "sequence": sequence,
        "recorded_at": recorded_at,
        "actor": actor,
        "action": action,
        "subject": subject,
        "content": content,
        "previous": previous,
    }
    return digest_hex("entry", canonical_bytes(material))


def next_entry(
    previous: Entry | None,
    *,
    recorded_at: str,
    actor: str,
    action: str,
    subject: str,
    content: Mapping[str, object],
) -> Entry:
    """Build the entry that follows another one.

    Args:
        previous: The last entry of the ledger; None when the ledger is empty.
        recorded_at: UTC time, "YYYY-MM-DDTHH:MM:SS.ffffffZ" (see `recorded_at_text`).
        actor: Who records it, one line.
        action: The verb, one line.
        subject: What it is about, one line, may be empty.
        content: The facts; no floats, figures are decimal texts.

    Returns:
        The entry with its digest.

    Raises:
        InputError: A field without canonical form, or a malformed time.
        IntegrityError: The previous entry does not carry its own digest; nothing may follow it.
    """
    if not is_recorded_at(recorded_at):
        raise InputError(
            f"The time {recorded_at!r} is no UTC time with six digits of a second.",
            where="ledger entry, field recorded_at",
            next_step='Write it as "2022-07-01T12:00:00.000000Z".',
        )
    for name, text in (("actor", actor), ("action", action), ("subject", subject)):
        _check_line(name, text)
    before = GENESIS if previous is None else previous.digest
    if previous is not None and before != _digest_of(previous):
        raise IntegrityError(
            f"Ledger entry {previous.sequence} was changed: it does not carry its own digest.",
            where=f"ledger entry {previous.sequence}",
            next_step="Record nothing more here; run the audit and restore a kept copy.",
        )
    sequence = 1 if previous is None else previous.sequence + 1
    text = canonical_bytes(dict(content)).decode("utf-8")
    digest = entry_digest(
        sequence,
        recorded_at,
        actor=actor,
        action=action,
        subject=subject,
        content=text,
        previous=before,
    )
    return Entry(sequence, recorded_at, actor, action, subject, text, before, digest)


def recorded_at_text(moment: datetime) -> str:
    """Write a moment in the only form that the ledger takes.

    Args:
        moment: A time with its zone.

    Returns:
        UTC, six digits of a second, e.g. "2022-07-01T12:00:00.000000Z".

    Raises:
        InputError: A time without zone.
    """
    if moment.utcoffset() is None:
        raise InputError(
            f"The time {moment.isoformat()} has no zone.",
            where="ledger entry, field recorded_at",
            next_step="Give the time with its zone, for instance ending in Z.",
        )
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def is_recorded_at(text: str) -> bool:
    """Tell whether a text is a real UTC time in the ledger's form."""
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:  # the 30th of February
        return False
    return True


def _digest_of(entry: Entry) -> str:
    """Recompute the digest of an entry; empty where its fields have no canonical form."""
    try:
        return entry_digest(
            entry.sequence,
            entry.recorded_at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            content=entry.content,
            previous=entry.previous,
        )
    except InputError:
        return ""


def _check_line(name: str, text: str) -> None:
    where = f"ledger entry, field {name}"
    check_text(text, where, one_line=True)
    if name != "subject" and not text.strip():
        raise InputError(
            f"The {name} of a ledger entry is empty.",
            where=where,
            next_step=f"Say the {name}.",
        )


def _text(data: Mapping[str, object], name: str) -> str:
    value = data[name]
    if not isinstance(value, str):
        raise InputError(
            f"The {name} of a ledger entry is {value!r}, no text.",
            where=f"ledger entry, field {name}",
            next_step="Export the ledger again with the program that wrote it.",
        )
    if name in {"previous", "digest"} and not is_digest(value):
        raise InputError(
            f"The {name} of a ledger entry is no digest of 64 hexadecimal digits.",
            where=f"ledger entry, field {name}",
            next_step="Export the ledger again with the program that wrote it.",
        )
    return value
