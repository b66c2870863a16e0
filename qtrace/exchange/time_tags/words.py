"""Files of 64-bit timestamp words: S-Fifteen a0, a1, a2, and qcrypto raw events and epochs.

Inside: `open_sfifteen`, `open_qcrypto`, `open_epoch`, `half_steps`, `HEX_WORD`, `HEX_HALVES`.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.exchange.time_tags.source import (
    RawBlock,
    RawSource,
    TagBytes,
    TagOptions,
    refuse_channels,
)
from qtrace.laboratory.time_tags import TagFaults, TagHeader
from qtrace.physics.tags.decode_order import unwrapped
from qtrace.physics.tags.decode_words import (
    RAW_BITS,
    RAW_PS,
    WORD_BITS,
    EpochCarry,
    decode_epoch,
    detectors_of,
    unpack_words,
    words_to_ps,
)

HEX_WORD: Final = re.compile(rb"[0-9a-fA-F]{16}\r?\n")
HEX_HALVES: Final = re.compile(rb"[0-9a-fA-F]{8}\r?\n[0-9a-fA-F]{8}\r?\n")
WORD_ORDERS: Final = ("low first", "high first")
EPOCH_1: Final = struct.Struct("<5I")
EPOCH_2: Final = struct.Struct("<6I")
EPOCH_TAGS: Final = {1: 1, 0x101: 1, 2: 2, 0x102: 2}
_EPOCH_BITS: Final = 17
_DETECTOR_BITS: Final = 4
_MOST_DETECTORS: Final = 10
_SERVICE: Final = 0
_LOOKED_AT: Final = 4096
_HEX: Final = np.full(256, 255, np.uint8)
for _digit in b"0123456789abcdefABCDEF":
    _HEX[_digit] = int(chr(_digit), 16)

Halves = tuple[NDArray[np.uint32], NDArray[np.uint32]]


def open_sfifteen(path: Path, options: TagOptions) -> RawSource:
    """Open a file of an S-Fifteen timestamp card: a0 or a2 (hexadecimal text), a1 (binary).

    Raises:
        InputError: the order of the halves of binary words cannot be told, or is no such order.
    """
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
    kind, size, halves, order = _layout(path, head, options)
    header = TagHeader(
        "sfifteen",
        1000 / 256,
        instrument="S-Fifteen timestamp card",
        notes=(
            f"kind {kind}{order}",
            "steps of 1/256 ns, given to the nearest ps; channels 1 to 4 are its detectors, two "
            "that fired at once are two tags, words without any are channel 0",
        ),
    )

    def blocks(source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        last: int | None = None
        turns = 0
        for data, first, rest in source.records(size, offset=0, per_block=wanted):
            high, low = halves(data, first)
            units, pattern, roll_over = unpack_words(high, low)
            marks = int(np.count_nonzero(roll_over))
            if marks:
                units, pattern = units[~roll_over], pattern[~roll_over]
            before = turns
            plain = units
            units, turns = unwrapped(units, modulus=1 << WORD_BITS, last=last, turns=turns)
            last = int(plain[-1]) if plain.size else last
            times, channels = detectors_of(words_to_ps(units), pattern, bits=_DETECTOR_BITS)
            faults = TagFaults(truncated_bytes=rest, wraps=marks + max(0, turns - before))
            yield RawBlock(times, channels, faults, source.done())

    return RawSource(header, blocks)


def open_qcrypto(_path: Path, options: TagOptions) -> RawSource:
    """Open qcrypto raw events: 64-bit words, upper half first; 49 bits of 125 ps, 4 detectors.

    Raises:
        InputError: an order of halves that is none.
    """
    order = _stated_order(options) or "high first"
    header = TagHeader(
        "qcrypto",
        float(RAW_PS),
        instrument="qcrypto timestamp card",
        notes=("channels 1 to 4 are its detectors, two that fired at once are two tags",),
    )

    def blocks(source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        last: int | None = None
        turns = 0
        for data, _, rest in source.records(8, offset=0, per_block=wanted):
            high, low = _binary(data, order)
            units = (high.astype(np.int64) << 17) | (low >> np.uint32(15)).astype(np.int64)
            pattern = (low & np.uint32(0xF)).astype(np.int64)
            before = turns
            plain = units
            units, turns = unwrapped(units, modulus=1 << RAW_BITS, last=last, turns=turns)
            last = int(plain[-1]) if plain.size else last
            times, channels = detectors_of(units * RAW_PS, pattern, bits=_DETECTOR_BITS)
            faults = TagFaults(truncated_bytes=rest, wraps=max(0, turns - before))
            yield RawBlock(times, channels, faults, source.done())

    return RawSource(header, blocks)


def open_epoch(path: Path, options: TagOptions) -> RawSource:
    """Open one qcrypto epoch file, type 1 (raw events) or type 2 (packed differences of time).

    Times are from the origin of the upper 17 bits of the raw counter, as in raw events. Type 2
    files of a service run (protocol 0) have detectors 1 to 4, others their base bits as channel.

    Raises:
        InputError: the header is cut or not that of an epoch.
    """
    del options
    with path.open("rb") as file:
        head = file.read(EPOCH_2.size)
    if len(head) < EPOCH_1.size or struct.unpack_from("<I", head)[0] not in EPOCH_TAGS:
        raise InputError(
            "no header of a qcrypto epoch", where=str(path), next_step="name another --format"
        )
    if EPOCH_TAGS[struct.unpack_from("<I", head)[0]] == 1:
        return _epoch_1(path, EPOCH_1.unpack_from(head))
    if len(head) < EPOCH_2.size:
        raise InputError("the header is cut", where=str(path), next_step="copy the file again")
    return _epoch_2(path, EPOCH_2.unpack_from(head))


def _epoch_1(path: Path, fields: tuple[int, ...]) -> RawSource:
    _, epoch, length, bits, detectors = fields
    if bits != RAW_BITS or not 1 <= detectors <= _MOST_DETECTORS:
        raise InputError(
            f"an epoch with {bits} bits of time and {detectors} of detectors",
            where=str(path),
            next_step=f"type 1 has {RAW_BITS} bits of time",
        )

    def blocks(source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        source.read(EPOCH_1.size)
        taken, ended = 0, False
        for data, _, rest in source.records(8, offset=0, per_block=wanted):
            high, low = _binary(data, "high first")
            end = np.flatnonzero((high == 0) & (low == 0))
            if end.size:
                high, low, ended = high[: end[0]], low[: end[0]], True
            units, pattern, _ = unpack_words(high, low)
            pattern = (low & np.uint32((1 << detectors) - 1)).astype(np.int64)
            taken += units.size
            times, channels = detectors_of(words_to_ps(units), pattern, bits=detectors)
            yield RawBlock(times, channels, TagFaults(truncated_bytes=rest), source.done())
            if ended:
                break
        yield _epoch_end(path, taken, length, ended=ended, record=8)

    return RawSource(_epoch_header(epoch, 1, 1000 / 256), blocks)


def _epoch_2(path: Path, fields: tuple[int, ...]) -> RawSource:
    _, epoch, length, time_bits, base_bits, protocol = fields
    if not (2 <= time_bits <= 31 and base_bits >= 0 and time_bits + base_bits <= 32):
        raise InputError(
            f"{time_bits} bits of time and {base_bits} of bases",
            where=str(path),
            next_step="together they are at most 32: the header is damaged",
        )
    origin = (epoch & ((1 << _EPOCH_BITS) - 1)) << (RAW_BITS - _EPOCH_BITS)

    def blocks(source: TagBytes, wanted: int) -> Iterator[RawBlock]:
        source.read(EPOCH_2.size)
        carry, taken = EpochCarry(), 0
        for data, _, rest in source.records(4, offset=0, per_block=wanted):
            units, bases, carry = decode_epoch(
                np.frombuffer(data, "<u4"), carry, time_bits=time_bits, base_bits=base_bits
            )
            taken += units.size
            times = (units + origin) * RAW_PS
            if protocol == _SERVICE and 0 < base_bits <= _MOST_DETECTORS:
                times, channels = detectors_of(times, bases, bits=base_bits)
            else:
                channels = refuse_channels(bases, path, first=taken, negative=False, what="event")
            yield RawBlock(times, channels, TagFaults(truncated_bytes=rest), source.done())
            if carry.ended:
                break
        yield _epoch_end(path, taken, length, ended=carry.ended, record=4)

    return RawSource(_epoch_header(epoch, 2, float(RAW_PS)), blocks)


def _epoch_header(epoch: int, kind: int, resolution_ps: float) -> TagHeader:
    return TagHeader(
        "qcrypto-epoch",
        resolution_ps,
        instrument="qcrypto",
        notes=(f"epoch {epoch:x}, type {kind}; an epoch is 2^29 ns",),
    )


def _epoch_end(path: Path, taken: int, length: int, *, ended: bool, record: int) -> RawBlock:
    """Return an empty block with what is missing; an epoch that holds more is damaged."""
    if ended and length and taken != length:
        raise InputError(
            f"the header announces {length} events, {taken} are there before the end mark",
            where=str(path),
            next_step="the file is inconsistent: have it written again",
        )
    missing = 0 if ended else record * max(1, length - taken)
    nothing = np.empty(0, np.int64)
    return RawBlock(nothing, nothing.astype(np.int16), TagFaults(truncated_bytes=missing), 1.0)


def _layout(
    path: Path, head: bytes, options: TagOptions
) -> tuple[str, int, Callable[[bytes, int], Halves], str]:
    """Return kind, bytes of a record, how halves are had from bytes, and a word on the order."""
    for kind, pattern in (("a2", HEX_WORD), ("a0", HEX_HALVES)):
        found = pattern.match(head)
        if found:
            return kind, found.end(), _text_reader(path, kind, found.end()), ""
    order = _stated_order(options) or _order_of(path, head)
    return "a1", 8, lambda data, _first: _binary(data, order), f", {order}"


def _text_reader(path: Path, kind: str, size: int) -> Callable[[bytes, int], Halves]:
    ends = size - 16 - (2 if kind == "a0" else 1)  # one more for each carriage return
    gap = 2 if ends else 1
    places = list(range(16)) if kind == "a2" else [*range(8), *range(8 + gap, 16 + gap)]

    def halves(data: bytes, first: int) -> Halves:
        table = np.frombuffer(data, np.uint8).reshape(-1, size)
        digits = _HEX[table[:, places]]
        wrong = (digits > 15).any(axis=1) | (table[:, -1] != ord("\n"))
        if wrong.any():
            raise InputError(
                "this is no hexadecimal word",
                where=f"{path}, record {first + int(np.argmax(wrong)) + 1}",
                next_step="each record has 16 hexadecimal digits: the file is damaged",
            )
        packed = (digits[:, 0::2] << 4) | digits[:, 1::2]
        both = packed.copy().view(">u4").astype(np.uint32)
        return (both[:, 1], both[:, 0]) if kind == "a0" else (both[:, 0], both[:, 1])

    return halves


def _binary(data: bytes, order: str) -> Halves:
    words = np.frombuffer(data, "<u4").reshape(-1, 2)
    return (words[:, 0], words[:, 1]) if order == "high first" else (words[:, 1], words[:, 0])


def _stated_order(options: TagOptions) -> str:
    if options.word_order and options.word_order not in WORD_ORDERS:
        raise InputError(
            f"{options.word_order!r} is no order of words",
            where="word_order",
            next_step=f"write one of: {', '.join(WORD_ORDERS)}",
        )
    return options.word_order


def half_steps(head: bytes) -> NDArray[np.int64]:
    """Return how far the two halves of binary words move from word to word, (n - 1, 2).

    Args:
        head: Whole words from the start of a file; what is left over is not looked at.
    """
    words = np.frombuffer(head[: len(head) // 8 * 8], "<u4").reshape(-1, 2)
    # Unsigned differences taken as signed: a roll-over is a small step, too.
    return np.abs(np.diff(words, axis=0).view(np.int32).astype(np.int64))


def _order_of(path: Path, head: bytes) -> str:
    """Tell the upper half, which hardly changes, from the lower one."""
    wander = half_steps(head).sum(axis=0)
    if wander[0] == wander[1]:
        raise InputError(
            "which half of a word is the upper one cannot be told",
            where=str(path),
            next_step='say it: word order "low first", or "high first" ("legacy", option X)',
        )
    return "high first" if wander[0] < wander[1] else "low first"
