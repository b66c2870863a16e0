"""The formats of time-tag files: how each is recognised, and who reads it.

Inside: `FORMATS`, `TagFormat`, `format_of`, `looks_like`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qtrace.errors import InputError
from qtrace.exchange.time_tags.fixed import (
    QUTAG_CHANNELS,
    QUTAG_HEADER,
    QUTAG_RECORD,
    SWABIAN_TAG,
    open_qutag,
    open_swabian_dump,
)
from qtrace.exchange.time_tags.hdf5 import open_hdf5
from qtrace.exchange.time_tags.ptu import PTU_MAGIC, open_ptu
from qtrace.exchange.time_tags.source import RawSource, TagOptions
from qtrace.exchange.time_tags.swabian import open_ttbin
from qtrace.exchange.time_tags.tables import CSV_HEADER, open_csv, open_npy, open_parquet
from qtrace.exchange.time_tags.words import (
    EPOCH_2,
    EPOCH_TAGS,
    HEX_HALVES,
    HEX_WORD,
    half_steps,
    open_epoch,
    open_qcrypto,
    open_sfifteen,
)

_HEAD = 4096


@dataclass(frozen=True, slots=True)
class TagFormat:
    """One format; `sure` where its first bytes name it, else they only allow it."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    sure: bool
    fits: Callable[[bytes], bool]
    open: Callable[[Path, TagOptions], RawSource]


def _starts(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magic)


def _csv(head: bytes) -> bool:
    lines = [one for one in head.splitlines() if not one.startswith(b"#")]
    return bool(lines) and lines[0].strip() == CSV_HEADER.encode()


def _words(head: bytes) -> bool:
    """Return whether one half of the words hardly changes, as the upper half of a time does."""
    if HEX_WORD.match(head) or HEX_HALVES.match(head):
        return True
    steps = half_steps(head)
    return bool(len(head) >= 8 and (not steps.size or np.median(steps, axis=0).min() < 2**20))


def _qutag(head: bytes) -> bool:
    body = head[QUTAG_HEADER:]
    rows = np.frombuffer(body[: len(body) // 10 * 10], QUTAG_RECORD)
    return bool(len(head) >= QUTAG_HEADER and (rows["channel"] < QUTAG_CHANNELS).all())


def _swabian(head: bytes) -> bool:
    rows = np.frombuffer(head[: len(head) // 16 * 16], SWABIAN_TAG)
    return bool(
        rows.size
        and (rows["type"] <= 4).all()
        and (rows["reserved"] == 0).all()
        and (np.abs(rows["channel"]) < 2**15).all()
    )


def _epoch(head: bytes) -> bool:
    if len(head) < EPOCH_2.size - 4 or struct.unpack_from("<I", head)[0] not in EPOCH_TAGS:
        return False
    tag, _, _, bits, bases = struct.unpack_from("<5I", head)
    if EPOCH_TAGS[tag] == 1:
        return bool(bits == 49 and bases <= 10)
    return bool(2 <= bits <= 31 and bases <= 30)


FORMATS: dict[str, TagFormat] = {
    one.name: one
    for one in (
        TagFormat("ptu", "PicoQuant PTU", (".ptu",), True, _starts(PTU_MAGIC), open_ptu),
        TagFormat("qutag", "quTAG binary", (".qutag",), False, _qutag, open_qutag),
        TagFormat("sfifteen", "S-Fifteen a0, a1, a2", (".ts",), False, _words, open_sfifteen),
        TagFormat("qcrypto", "qcrypto raw events", (), False, _words, open_qcrypto),
        TagFormat("qcrypto-epoch", "qcrypto epoch, type 1 or 2", (), True, _epoch, open_epoch),
        TagFormat(
            "hdf5",
            "Photon-HDF5 and plain HDF5",
            (".h5", ".hdf5"),
            True,
            _starts(b"\x89HDF\r\n\x1a\n"),
            open_hdf5,
        ),
        TagFormat("npy", "NumPy NPY", (".npy",), True, _starts(b"\x93NUMPY"), open_npy),
        TagFormat("csv", "CSV", (".csv",), True, _csv, open_csv),
        TagFormat("parquet", "Parquet", (".parquet",), True, _starts(b"PAR1"), open_parquet),
        TagFormat(
            "swabian-ttbin", "Swabian ttbin", (".ttbin",), True, _starts(b"SITT"), open_ttbin
        ),
        TagFormat("swabian-dump", "Swabian tags", (".dump",), False, _swabian, open_swabian_dump),
    )
}


def looks_like(head: bytes) -> tuple[TagFormat, ...]:
    """Return the formats that the first bytes of a file name, or else allow.

    Args:
        head: The first bytes, up to 4096.
    """
    named = tuple(one for one in FORMATS.values() if one.sure and one.fits(head))
    return named or tuple(one for one in FORMATS.values() if not one.sure and one.fits(head))


def format_of(path: Path, stated: str = "") -> TagFormat:
    """Return the format of a file: as stated, by its suffix, or by its first bytes.

    Args:
        path: The file.
        stated: Name of the format; empty where it is to be found out.

    Raises:
        InputError: no such file, an empty one, an unknown format, or first bytes that are not
            those of the format that was stated or that the suffix stands for.
    """
    if not path.is_file():
        raise InputError("no such file", where=str(path), next_step="look at the path")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise InputError(
            "the file is empty", where=str(path), next_step="look at how it was recorded or copied"
        )
    if stated and stated not in FORMATS:
        raise InputError(
            f"{stated!r} is no format of time tags",
            where="--format",
            next_step=f"choose one of: {', '.join(FORMATS)}",
        )
    by_suffix = next((one for one in FORMATS.values() if path.suffix.lower() in one.suffixes), None)
    row = FORMATS[stated] if stated else by_suffix
    found = looks_like(head)
    if row is None:
        return _only(found, path)
    # What has no mark of its own is only believed where nothing with a mark is seen.
    if not row.fits(head) or (not row.sure and any(one.sure for one in found)):
        by = f"--format {stated}" if stated else f"the suffix {path.suffix}"
        seen = " or ".join(one.title for one in found) or "nothing known"
        raise InputError(
            f"mislabelled: {by} says {row.title}, the first bytes look like {seen}",
            where=str(path),
            next_step="name the right --format; if the name is right, the file is damaged",
        )
    return row


def _only(found: tuple[TagFormat, ...], path: Path) -> TagFormat:
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.name for one in found)
    raise InputError(
        f"the first bytes allow {names}" if found else "the first bytes are of no known format",
        where=str(path),
        next_step=f"say which with --format: {names or ', '.join(FORMATS)}",
    )
