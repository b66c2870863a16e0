"""Storage files: counts of a quantum memory at several times of storage.

Inside: `StorageSeries`, `read_storage_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qtrace.exchange.chain_file import PROVENANCES
from qtrace.exchange.quantity_fields import quantity
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.physics.states.memory import LEAST_TIMES, Decay
from qtrace.quantity.kinds import kind

MOST = 2**53
_TIME = kind("duration").dimension


@dataclass(frozen=True, slots=True)
class StorageSeries:
    """A storage file as read; times in s, counts whole."""

    series_id: str
    title: str
    provenance: str
    source: str
    decay: Decay
    times_s: tuple[float, ...]
    agreements: tuple[int, ...]
    errors: tuple[int, ...]


def read_storage_file(source: Path | bytes, *, name: str = "") -> StorageSeries:
    """Read a storage file.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: Anything that is wrong, with file, line and field: negative times, a time twice,
            a point without counts, fewer than three times.
    """
    root = root_table(read_toml(source, name=name))
    table = root.table("memory")
    points = [_point(inner) for inner in root.tables("point")]
    times, agreements, errors = zip(*points, strict=True) if points else ((), (), ())
    if len(set(times)) < LEAST_TIMES:
        raise root.error(
            "point",
            f"{len(set(times))} times of storage are too few for a decay",
            next_step=f"write {LEAST_TIMES} [[point]] or more, each at its own time",
        )
    series = StorageSeries(
        table.identifier("id"),
        table.optional_text("title"),
        table.one_of("provenance", PROVENANCES),
        table.text("source"),
        table.choice("decay", Decay),
        tuple(times),
        tuple(agreements),
        tuple(errors),
    )
    table.finish()
    root.finish()
    return series


def _point(table: TomlTable) -> tuple[float, int, int]:
    time = quantity(table, "time", dimension=_TIME, like="a time")
    if time.si < 0.0:
        raise table.error(
            "time", f"a time of {time.text} is negative", next_step="correct the number"
        )
    agreements, errors = (_count(table, key) for key in ("agreements", "errors"))
    if agreements + errors == 0:
        raise table.error(
            "agreements", "nothing was counted at this time", next_step="leave the point out"
        )
    table.finish()
    return time.si, agreements, errors


def _count(table: TomlTable, key: str) -> int:
    """Read a count; above 2^53 a number no longer tells neighbours apart."""
    found = table.integer(key, least=0)
    if found > MOST:
        raise table.error(key, f"{found} is beyond 2^53", next_step="correct the number")
    return found
