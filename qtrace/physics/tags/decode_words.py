"""Timestamp words of S-Fifteen cards and qcrypto files to picoseconds and detectors.

Inside: `WORD_BITS`, `unpack_words`, `words_to_ps`, `detectors_of`, `EpochCarry`, `decode_epoch`.

A word has 64 bits: 54 of time in 1/256 ns (older cards fill the upper 49, 125 ps), 6 of flags, 4
of detectors. Flag 16 marks a word that only says that the counter rolled over.
Source: C. Kurtsiefer, qcrypto, filespec.txt (27.11.05), items 0 to 2; S-Fifteen Instruments,
fpfind, lib/parse_timestamps.py (_parse_a1) and lib/parse_epochs.py (read_T2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qtrace.errors import InputError

WORD_BITS: Final = 54
RAW_BITS: Final = 49
RAW_PS: Final = 125
ROLL_OVER: Final = 0b10000
_DETECTORS: Final = 0xF
# One unit of 1/256 ns is 125/32 ps.
_NUMERATOR: Final = 125
_DENOMINATOR: Final = 32


def unpack_words(
    high: NDArray[np.uint32], low: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return time in 1/256 ns, pattern of detectors, and whether it is a roll-over mark.

    Args:
        high: Upper halves of the words, uint32 (n,).
        low: Lower halves of the words, uint32 (n,).

    Source: fpfind, lib/parse_timestamps.py, _parse_a1.
    """
    time = (high.astype(np.int64) << 22) | (low >> np.uint32(10)).astype(np.int64)
    pattern = (low & np.uint32(_DETECTORS)).astype(np.int64)
    return time, pattern, (low & np.uint32(ROLL_OVER)) != 0


def words_to_ps(units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return times of 1/256 ns as whole ps, halves upward, without overflow on the way.

    Args:
        units: Times in 1/256 ns, int64 (n,).

    Raises:
        InputError: a time beyond the range of whole picoseconds.

    Source: 1/256 ns = 125/32 ps.
    """
    turns, rest = np.divmod(units, _DENOMINATOR)
    if turns.size and int(np.abs(turns).max()) > (2**63 - 1) // _NUMERATOR - 1:
        raise InputError("times beyond the range of whole picoseconds (106 days)")
    given: NDArray[np.int64] = (
        turns * _NUMERATOR + (rest * _NUMERATOR + _DENOMINATOR // 2) // _DENOMINATOR
    )
    return given


def detectors_of(
    times_ps: NDArray[np.int64], pattern: NDArray[np.int64], *, bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
    """Return one tag for each detector that fired: bit k of a pattern is channel k + 1.

    Args:
        times_ps: Times, ps, int64 (n,).
        pattern: Pattern of detectors of each time, int64 (n,).
        bits: Number of detectors, at most 16.

    Returns:
        Times and channels, in order; detectors that fired at once follow each other, and a word
        without any detector is a tag of channel 0.

    Source: qcrypto, filespec.txt, item 0.
    """
    single = np.full(1 << bits, -1, np.int16)
    single[0] = 0
    single[1 << np.arange(bits)] = np.arange(1, bits + 1)
    channels = single[pattern]
    if not channels.size or int(channels.min()) >= 0:
        return times_ps, channels
    fired = (pattern[:, None] & (1 << np.arange(bits))) != 0
    alone = ~fired.any(axis=1)
    table = np.concatenate([alone[:, None], fired], axis=1)
    rows, numbers = np.nonzero(table)
    return times_ps[rows], numbers.astype(np.int16)


@dataclass(frozen=True, slots=True)
class EpochCarry:
    """State between two parts of a compressed epoch file: bits in hand, time so far."""

    buffer: int = 0
    size: int = 0
    time: int = 0
    ended: bool = False


def decode_epoch(
    words: NDArray[np.uint32], carry: EpochCarry, *, time_bits: int, base_bits: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], EpochCarry]:
    """Decode 32-bit words of a qcrypto epoch file of type 2: differences of time, packed in bits.

    Args:
        words: Words of the data section, uint32 (n,), most significant bit first.
        carry: State after the part before.
        time_bits: Bits of a difference of time ("timeorder"); 0 announces one of 32 bits, 1 ends.
        base_bits: Bits of the basis or detector after each difference.

    Returns:
        Times in 125 ps from the start of the epoch, int64 (m,); base bits, int64 (m,); the state.

    Source: qcrypto, filespec.txt, item 2; fpfind, lib/parse_epochs.py, read_T2.
    """
    words = np.ascontiguousarray(words, np.uint32)
    most = (words.size * 32 + carry.size) // (time_bits + base_bits) + 1
    times = np.empty(most, np.int64)
    bases = np.empty(most, np.int64)
    found, buffer, size, time, ended = _decode_epoch(
        words,
        np.uint64(carry.buffer),
        carry.size,
        carry.time,
        time_bits,
        base_bits,
        times,
        bases,
    )
    after = EpochCarry(int(buffer), int(size), int(time), bool(ended))
    return times[:found], bases[:found], after


@njit(cache=True)
def _decode_epoch(words, buffer, size, time, time_bits, base_bits, times, bases):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Take whole entries out of the bits in hand and the words; keep the rest, below 64 bits."""
    found = 0
    total = words.size * 32 + size
    at = 0
    while True:
        first = _bits(words, buffer, size, at, time_bits, total)
        if first < 0:
            break
        here = at + time_bits
        if first == 1:
            return found, np.uint64(0), 0, time, True
        if first == 0:
            first = _bits(words, buffer, size, here, 32, total)
            if first < 0:
                break
            here += 32
        base = _bits(words, buffer, size, here, base_bits, total)
        if base < 0:
            break
        time += first
        times[found] = time
        bases[found] = base
        found += 1
        at = here + base_bits
    rest = total - at
    kept = np.uint64(0)
    for k in range(at, total):
        kept = (kept << np.uint64(1)) | np.uint64(_bits(words, buffer, size, k, 1, total))
    return found, kept, rest, time, False


@njit(cache=True)
def _bits(words, buffer, size, at, count, total):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return `count` bits from bit `at` of the buffer followed by the words; -1 beyond the end."""
    if at + count > total:
        return -1
    value = np.int64(0)
    left = count
    while left > 0:
        if at < size:
            take = min(left, size - at)
            piece = (buffer >> np.uint64(size - at - take)) & np.uint64((1 << take) - 1)
            value = (value << take) | np.int64(piece)
        else:
            place = at - size
            word = words[place >> 5]
            inside = place & 31
            take = min(left, 32 - inside)
            piece32 = (np.int64(word) >> (32 - inside - take)) & ((1 << take) - 1)
            value = (value << take) | piece32
        at += take
        left -= take
    return value
