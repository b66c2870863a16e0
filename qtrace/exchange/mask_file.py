"""Reading masks and limits of time errors; each must say where it comes from.

Inside: `MaskFile`, `CONFIDENCES`, `read_masks`.
A mask is a list of segments [from tau, to tau, a, b] in s with the limit a + b tau. Those of
ITU-T are in data/masks/itu_t.toml; a laboratory writes its own in the same form.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qtrace.exchange.toml_file import TomlFile, read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.physics.timing.mask import TimeLimit, TimeMask

# How the numbers are known: read in the document itself, in a text about it, or set by the user.
CONFIDENCES = ("primary", "secondary", "user")
MASKED = (
    "allan_deviation",
    "modified_allan_deviation",
    "hadamard_deviation",
    "time_deviation",
    "maximum_time_interval_error",
    "rms_time_interval_error",
)
LIMITED = ("maximum_absolute_time_error", "constant_time_error", "dynamic_time_error")


@dataclass(frozen=True, slots=True)
class MaskFile:
    """Masks and limits by id, with the digest of the file."""

    masks: Mapping[str, TimeMask]
    limits: Mapping[str, TimeLimit]
    digest: str


def read_masks(source: Path | bytes, *, name: str = "") -> MaskFile:
    """Read a file of masks.

    Args:
        source: A path, or the bytes themselves.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: Not readable, a field missing, unknown or wrong, an id given twice, segments
            that overlap, or no mask and no limit at all.
    """
    file: TomlFile = read_toml(source, name=name)
    root = root_table(file)
    masks: dict[str, TimeMask] = {}
    limits: dict[str, TimeLimit] = {}
    for table in root.tables("mask"):
        mask = _mask(table)
        if mask.name in masks:
            raise table.error("id", f'id "{mask.name}" is given twice', next_step="rename one")
        masks[mask.name] = mask
    for table in root.tables("limit"):
        limit = _limit(table)
        if limit.name in masks or limit.name in limits:
            raise table.error("id", f'id "{limit.name}" is given twice', next_step="rename one")
        limits[limit.name] = limit
    root.finish()
    if not masks and not limits:
        raise root.error("", "the file holds no mask", next_step="write [[mask]] or [[limit]]")
    return MaskFile(masks, limits, file.digest)


def _mask(table: TomlTable) -> TimeMask:
    mask = TimeMask(
        table.identifier("id"),
        table.one_of("quantity", MASKED),
        _segments(table),
        table.text("source"),
        reference=table.optional_text("reference"),
        confidence=table.one_of("confidence", CONFIDENCES, "user"),
        conditions=table.optional_text("conditions"),
    )
    table.finish()
    return mask


def _limit(table: TomlTable) -> TimeLimit:
    limit_s = _number(table, "limit_s", table.entered("limit_s"))
    if not 0.0 < limit_s < math.inf:
        raise table.error(
            "limit_s", f"{limit_s:g} s is no limit", next_step="give it in s, above 0"
        )
    limit = TimeLimit(
        table.identifier("id"),
        table.one_of("quantity", LIMITED),
        limit_s,
        table.text("source"),
        reference=table.optional_text("reference"),
        confidence=table.one_of("confidence", CONFIDENCES, "user"),
        conditions=table.optional_text("conditions"),
    )
    table.finish()
    return limit


def _segments(table: TomlTable) -> tuple[tuple[float, float, float, float], ...]:
    """Return the segments, ascending and without overlap."""
    found: list[tuple[float, float, float, float]] = []
    for number, row in enumerate(table.rows("segments"), start=1):
        if len(row) != 4:
            raise table.error(
                "segments",
                f"segment {number} has {len(row)} numbers",
                next_step="write [from tau, to tau, a, b], all in s; b has no unit",
            )
        low, high, a, b = (_number(table, "segments", text) for text in row)
        if not 0.0 <= low < high or (found and low < found[-1][1]):
            raise table.error(
                "segments",
                f"segment {number} from {low:g} s to {high:g} s does not follow the one before",
                next_step="let segments ascend without overlap",
            )
        if not (0.0 <= a < math.inf and 0.0 <= b < math.inf and a + b > 0.0):
            raise table.error(
                "segments",
                f"segment {number} has the limit {a:g} + {b:g} tau",
                next_step="a and b are not negative, not infinite, and not both 0",
            )
        found.append((low, high, a, b))
    if not found:
        raise table.error("segments", "the mask has no segment", next_step="write one")
    return tuple(found)


def _number(table: TomlTable, key: str, text: str) -> float:
    """Return a number as written; "inf" is one."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise table.error(key, f"{text!r} is not a number", next_step="write e.g. 3e-9 or inf")
    return number
