"""Raw files beside the database, by their SHA-256: kept once, never changed.

Inside: `RawFiles`, `raw_folder`, `raw_files_of`, `digest_of_file`.

A file goes through a temporary name, is synced and renamed, before the run that names it is
recorded: a process that dies leaves a file too many, never a run without its data.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from qtrace.errors import InputError, IntegrityError, SetupError
from qtrace.ledger.digest import digest_of_chunks
from qtrace.registry.database import path_of

_SUFFIX = ".raw"
_SHARD = 2  # characters of the digest that name a folder


def raw_folder(database: Path) -> Path:
    """Return the folder of raw files that belongs to a database file."""
    return database.with_name(database.name + _SUFFIX)


def raw_files_of(url: str) -> RawFiles:
    """Return the raw files of the database at a URL."""
    return RawFiles(raw_folder(path_of(url)))


@dataclass(frozen=True, slots=True)
class RawFiles:
    """The folder of raw files of one database."""

    folder: Path

    def path_of(self, digest: str) -> Path:
        """Return where a file of that digest is, or would be."""
        name = digest.rpartition(":")[2]
        return self.folder / name[:_SHARD] / name

    def keep(self, source: Path, digest: str) -> Path:
        """Copy a file under its digest, unless it is there; return where it is.

        Raises:
            InputError: the file is not the one of that digest: it changed while it was read.
            SetupError: the folder cannot be written, or the disk is full.
        """
        target = self.path_of(digest)
        if target.exists():
            return target
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".raw.")
            try:
                with os.fdopen(descriptor, "wb") as out, source.open("rb") as data:
                    shutil.copyfileobj(data, out, 1 << 20)
                    out.flush()
                    os.fsync(out.fileno())
                _same(Path(temporary), digest, source)
                Path(temporary).chmod(0o444)
                Path(temporary).replace(target)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise SetupError(
                f"the raw file cannot be kept: {error.strerror}", where=str(target)
            ) from None
        return target

    def checked(self, digest: str, name: str) -> Path:
        """Return where a recorded file is, if it is there and whole.

        Args:
            digest: Of the file.
            name: What it was called when it was recorded.

        Raises:
            SetupError: the file is not there.
            IntegrityError: it is another one than was recorded.
        """
        path = self.path_of(digest)
        if not path.is_file():
            raise SetupError(
                f"the raw file {name} of the run is missing",
                where=str(path),
                next_step="put the file back there: it is known by its digest",
            )
        if digest_of_file(path) != digest:
            raise IntegrityError(
                f"the raw file {name} is not the one that was recorded",
                where=str(path),
                next_step="restore it from a backup; the digest in the ledger tells the true one",
            )
        return path


def _same(copy: Path, digest: str, source: Path) -> None:
    if digest_of_file(copy) != digest:
        raise InputError(
            "the file changed while it was read",
            where=str(source),
            next_step="record it when nothing writes to it any more",
        )


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file of any length, as `sha256sum` prints it."""
    with path.open("rb") as data:
        return digest_of_chunks(iter(lambda: data.read(1 << 20), b""))
