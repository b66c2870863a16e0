"""Write a file whole or not at all.

Inside: `write_text`, `write_bytes`, `check_writable`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from qtrace.errors import InputError, SetupError


def check_writable(path: Path, *, suffix: str = "") -> None:
    """Check that a file can be written there, before something is done that stays.

    Args:
        path: The file; a folder that is missing is made.
        suffix: How its name must end, ".svg", where one format alone is written.

    Raises:
        InputError: the name promises another format.
        SetupError: the folder cannot be made or written to, or the path is a folder.
    """
    try:
        if path.is_dir():
            raise SetupError("the file cannot be written: it is a folder", where=str(path))
        if suffix and path.suffix.lower() != suffix:
            raise InputError(
                f"{path.name!r} ends in {path.suffix or 'no suffix'}, and {suffix[1:].upper()} "
                "is what would be written",
                where=str(path),
                next_step=f"write for example {path.with_suffix(suffix)}",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise SetupError(f"the file cannot be written: {error.strerror}", where=str(path)) from None


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes through a temporary file in the same folder, then rename.

    Raises:
        SetupError: the folder is missing, not writable, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # mkstemp makes files private; a report is for others.
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SetupError(f"the file cannot be written: {error.strerror}", where=str(path)) from None


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all; errors as `write_bytes`."""
    write_bytes(path, text.encode())
