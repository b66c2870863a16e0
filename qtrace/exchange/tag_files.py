"""The tag files that a calibration file names, and the `[tags]` table about their tagger.

Inside: `TagFiles`, `FoundTags`, `read_tag_files`, `read_tag_file`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from qtrace.errors import InputError
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.figure_flags import FREE_RUNNING
from qtrace.laboratory.time_tags import TagFaults, TagHeader, TagStream

LOCKED = "locked to "
FREE = "free running"
_LOCK_STEP = (
    'write lock = "locked to ..." with lock_evidence = "..." (who saw it, and how), or lock = '
    f'"{FREE}"'
)


@dataclass(frozen=True, slots=True)
class FoundTags:
    """A tag file as read, with the name and SHA-256 of its bytes."""

    name: str
    digest: str
    stream: TagStream

    @property
    def note(self) -> str:
        """Return what an event keeps of the file."""
        return f"tags {self.name}, SHA-256 {self.digest}"


@dataclass(slots=True)
class TagFiles:
    """Where tag files lie and what is known of their tagger; each file is read once."""

    folder: Path | None
    tagger: str = ""
    lock: str = ""
    evidence: str = ""
    dead_time_s: float = 0.0
    found: dict[tuple[str, str], FoundTags] = field(default_factory=dict)

    def flags(self) -> tuple[str, ...]:
        """Return what every figure from these tags must repeat of their time base."""
        return (f"{FREE_RUNNING}: tagger {self.tagger}",) if self.lock == FREE else ()

    def notes(self) -> tuple[str, ...]:
        """Return the lines for the event: the files, the tagger, its lock."""
        if not self.found:
            return ()
        evidence = f" ({self.evidence})" if self.evidence else ""
        return (
            *(one.note for one in self.found.values()),
            f"tagger {self.tagger}, {self.lock}{evidence}",
        )

    def simulated(self) -> bool:
        """Return whether one of the files is marked as simulated."""
        return any(one.stream.header.simulated for one in self.found.values())

    def read(self, table: TomlTable) -> FoundTags:
        """Read the file that an input names with `tags`, and `format` where it is stated."""
        name = table.text("tags")
        if self.folder is None or Path(name).name != name:
            raise table.error(
                "tags",
                f"{name!r} is not the name of a file beside this one",
                next_step="put the tag file into the folder of the calibration file",
            )
        if not self.lock:
            raise table.error(
                "tags",
                "nothing says which tagger gave these tags, and what its clock was locked to",
                next_step=f'add a table [tags] with tagger = "DEVICE"; {_LOCK_STEP}',
            )
        form = table.optional_text("format")
        key = (name, form)
        if key not in self.found:
            path = self.folder / name
            try:
                with path.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                self.found[key] = FoundTags(name, digest, read_tag_file(path, form))
            except OSError as error:
                raise table.error(
                    "tags",
                    f"the tags cannot be read: {error.strerror}",
                    next_step="put the file beside the one that names it",
                ) from None
            except InputError as error:
                raise error.located(str(table.place("tags"))) from None
        return self.found[key]


def read_tag_files(root: TomlTable, *, folder: Path | None) -> TagFiles:
    """Read the `[tags]` table of a calibration file; without one no input may name tags.

    Args:
        root: The file.
        folder: Where tag files are looked for.

    Raises:
        InputError: a lock that is not stated, or a lock without evidence.
    """
    if not root.has("tags"):
        return TagFiles(folder)
    from qtrace.exchange.quantity_fields import positive
    from qtrace.quantity.kinds import kind

    table = root.table("tags")
    tagger = table.identifier("tagger")
    if not table.has("lock"):
        raise table.error(
            "lock", "nothing says what the clock of the tagger was locked to", next_step=_LOCK_STEP
        )
    lock = table.text("lock")
    if lock != FREE and not (lock.startswith(LOCKED) and lock != LOCKED):
        raise table.error("lock", f"{lock!r} says no lock", next_step=_LOCK_STEP)
    evidence = table.optional_text("lock_evidence")
    if lock != FREE and not evidence:
        raise table.error("lock", "a lock without evidence", next_step='add lock_evidence = "..."')
    dead = 0.0
    if table.has("dead_time"):
        dead = positive(table, "dead_time", dimension=kind("dead_time").dimension).si
    table.optional_text("note")
    table.finish()
    return TagFiles(folder, tagger, lock, evidence, dead)


def read_tag_file(path: Path, form: str) -> TagStream:
    """Read a tag file of any format; a plain NPY of (time_ps, channel) needs no other module.

    Args:
        path: The file.
        form: Its format, or empty: told from the file.

    Raises:
        InputError: it is no tag file.
    """
    if path.suffix == ".npy" and form in {"", "npy"}:
        return _read_npy(path)
    from qtrace.exchange import time_tags

    reader: Callable[..., TagStream] | None = getattr(time_tags, "read_tags", None)
    if reader is None:
        raise InputError(
            "this format of time tags is not read here",
            where=path.name,
            next_step="save the tags as .npy with the fields time_ps (int64) and channel",
        )
    return reader(path, format=form or None)


def _read_npy(path: Path) -> TagStream:
    try:
        rows = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(f"this is no NPY file: {error}", where=path.name) from None
    names = rows.dtype.names or ()
    if rows.ndim != 1 or not {"time_ps", "channel"} <= set(names):
        raise InputError(
            "the array has no fields time_ps and channel",
            where=path.name,
            next_step='save a structured array: dtype [("time_ps", "<i8"), ("channel", "<i2")]',
        )
    if rows["time_ps"].dtype.kind not in "iu":
        raise InputError(
            "time_ps is not whole picoseconds", where=path.name, next_step="save int64"
        )
    times = np.asarray(rows["time_ps"], dtype=np.int64)
    channels = np.asarray(rows["channel"], dtype=np.int16)
    back = int(np.count_nonzero(np.diff(times) < 0))
    if back:
        order = np.argsort(times, kind="stable")
        times, channels = times[order], channels[order]
    header = TagHeader("npy", 1.0)
    return TagStream(header, times, channels, TagFaults(out_of_order=back))
