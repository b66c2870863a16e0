"""Texts as they stand in rows: times, canonical JSON, numbers that are finite.

Inside: `time_text`, `parse_time`, `json_text`, `parse_json`, `text_list`, `finite`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.canonical import canonical_bytes

_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def time_text(moment: datetime, where: str) -> str:
    """Return a time as UTC text that sorts: "YYYY-MM-DDTHH:MM:SS.ffffffZ".

    Args:
        moment: Any timezone-aware time.
        where: What the time belongs to, for the error.

    Raises:
        InputError: The time has no zone.
    """
    if moment.utcoffset() is None:
        raise InputError(
            f"the time {moment.isoformat()} has no zone",
            where=where,
            next_step="write it with an offset, e.g. 2021-06-01T12:00:00Z",
        )
    # Not strftime: it drops the leading zeros of early years on some platforms.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> datetime:
    """Return the time that a stored text says.

    Raises:
        IntegrityError: The stored text is not a time in our form.
    """
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except (ValueError, TypeError):
        raise IntegrityError(
            f"a stored time does not read as one: {text!r}", next_step="run `qtrace audit --all`"
        ) from None


def json_text(value: Mapping[str, object] | Sequence[object]) -> str:
    """Return canonical JSON text.

    Raises:
        InputError: The value holds what canonical JSON cannot (NaN, control characters).
    """
    return canonical_bytes(value, allow_floats=True).decode("utf-8")


def parse_json(text: str) -> Any:  # noqa: ANN401 - what a stored JSON text says
    """Return what a stored JSON text says.

    Raises:
        IntegrityError: The text is not JSON any more.
    """
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        raise IntegrityError(
            f"a stored JSON text does not parse: {str(text)[:60]!r}",
            next_step="run `qtrace audit --all`",
        ) from None


def text_list(text: str) -> tuple[str, ...]:
    """Return a stored list of texts."""
    return tuple(str(item) for item in parse_json(text))


def finite(number: float, where: str) -> float:
    """Return a number as a plain double, refusing NaN and infinity.

    Args:
        number: Any real number, NumPy scalars included.
        where: What the number belongs to, for the error.

    Raises:
        InputError: The number is not finite. SQLite would store NaN as "no value".
    """
    value = float(number)
    if not math.isfinite(value):
        raise InputError(
            f"{value} is not a number that can be recorded",
            where=where,
            next_step="give a finite value, or leave the quantity out and say why",
        )
    return value
