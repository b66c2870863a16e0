"""Lines of "time,channel" in decimal to whole numbers.

Inside: `decode_lines`, `LineFault`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

_FAULTS: Final = {
    1: "not two whole numbers with a comma between",
    2: "a number beyond 64 bits",
}


@dataclass(frozen=True, slots=True)
class LineFault:
    """The first bad line of a part, counted from 0, and what is wrong with it."""

    line: int
    what: str


def decode_lines(
    data: bytes,
) -> tuple[NDArray[np.int64], NDArray[np.int64], LineFault | None]:
    """Decode whole lines, each "time,channel" and a line feed, without blanks or signs of plus.

    Args:
        data: The lines; the last one ends with a line feed, too.

    Returns:
        Times and channels, int64 (n,), and the first fault; nothing after it is decoded.

    Source: by definition.
    """
    text = np.frombuffer(data, np.uint8)
    lines = data.count(b"\n")
    times = np.empty(lines, np.int64)
    channels = np.empty(lines, np.int64)
    found, fault = _decode_lines(text, times, channels)
    return times[:found], channels[:found], LineFault(found, _FAULTS[fault]) if fault else None


@njit(cache=True)
def _decode_lines(text, times, channels):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    at = 0
    for line in range(times.size):
        for column in range(2):
            negative = text[at] == 45
            at += negative
            value = np.int64(0)
            start = at
            while 48 <= text[at] <= 57:
                digit = np.int64(text[at]) - 48
                if value > (9223372036854775807 - digit) // 10:
                    return line, 2
                value = value * 10 + digit
                at += 1
            if at == start:
                return line, 1
            if column == 0:
                if text[at] != 44:
                    return line, 1
                times[line] = -value if negative else value
            else:
                at += text[at] == 13
                if text[at] != 10:
                    return line, 1
                channels[line] = -value if negative else value
            at += 1
    return times.size, 0
