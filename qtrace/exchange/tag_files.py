"""The tag files that a calibration file names, and the `[tags]` table about their tagger.

Inside: `TagFiles`, `FoundTags`, `read_tag_files`, `read_tag_file`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.tag_lock import LOCK_STEP, read_lock
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.figure_flags import FREE_RUNNING
from qtrace.laboratory.run_files import FREE
from qtrace.laboratory.time_tags import TagStream


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
                next_step=f'add a table [tags] with tagger = "DEVICE"; {LOCK_STEP}',
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
    lock, evidence = read_lock(table)
    dead = 0.0
    if table.has("dead_time"):
        dead = positive(table, "dead_time", dimension=kind("dead_time").dimension).si
    table.optional_text("note")
    table.finish()
    return TagFiles(folder, tagger, lock, evidence, dead)


def read_tag_file(path: Path, form: str) -> TagStream:
    """Read a tag file of any format that is known.

    Args:
        path: The file.
        form: Its format, or empty: told from the file.

    Raises:
        InputError: it is no tag file.
        SetupError: its format needs a library that is not installed.
    """
    from qtrace.exchange.time_tags.reading import read_tags

    return read_tags(path, format=form)
