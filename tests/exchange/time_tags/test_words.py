"""Words of S-Fifteen cards and qcrypto: against arithmetic in Python integers, by definition."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.exchange.time_tags.reading import open_tags, read_tags
from qtrace.exchange.time_tags.source import TagOptions
from qtrace.physics.tags.decode_words import EpochCarry, decode_epoch, detectors_of, words_to_ps

RNG = np.random.default_rng(11)


def a1(path: Path, words: list[int], *, high_first: bool = False) -> Path:
    pairs = ((one >> 32, one & 0xFFFFFFFF) for one in words)
    path.write_bytes(b"".join(struct.pack("<II", *(p if high_first else p[::-1])) for p in pairs))
    return path


def word(units: int, pattern: int = 1, flags: int = 0) -> int:
    return (units << 10) | (flags << 4) | pattern


@given(st.integers(0, 2**61))
def test_units_become_the_nearest_picosecond(units: int) -> None:
    exact = Fraction(units * 125, 32)
    given_ps = int(words_to_ps(np.array([units], np.int64))[0])
    assert given_ps == int(exact + Fraction(1, 2))


def test_times_beyond_the_range_are_refused() -> None:
    with pytest.raises(InputError, match="beyond the range"):
        words_to_ps(np.array([2**62], np.int64))


@settings(deadline=None)
@given(st.lists(st.integers(0, 15), max_size=30))
def test_each_detector_that_fired_is_a_tag(patterns: list[int]) -> None:
    times = np.arange(len(patterns), dtype=np.int64) * 7
    given_ps, channels = detectors_of(times, np.array(patterns, np.int64), bits=4)
    expected = [
        (7 * k, channel)
        for k, one in enumerate(patterns)
        for channel in ([b + 1 for b in range(4) if one >> b & 1] or [0])
    ]
    assert list(zip(given_ps.tolist(), channels.tolist(), strict=True)) == expected


@pytest.mark.parametrize("order", ["low first", "high first"])
def test_the_order_of_halves_is_found_out(order: str, tmp_path: Path) -> None:
    high_first = order == "high first"
    units = 2**50 + np.cumsum(RNG.integers(0, 10**7, 300))
    path = a1(tmp_path / "a.ts", [word(int(one)) for one in units], high_first=high_first)
    stream = read_tags(path)
    assert np.array_equal(stream.times_ps, words_to_ps(units))
    assert ("high first" in stream.header.notes[0]) is high_first
    stated = TagOptions(word_order=order)
    assert np.array_equal(read_tags(path, options=stated).times_ps, stream.times_ps)


def test_an_order_that_cannot_be_told_or_is_none_is_refused(tmp_path: Path) -> None:
    path = a1(tmp_path / "a.ts", [word(2**50)])
    with pytest.raises(InputError, match="cannot be told"):
        open_tags(path)
    with pytest.raises(InputError, match="no order of words"):
        open_tags(path, options=TagOptions(word_order="middle"))
    assert read_tags(path, options=TagOptions(word_order="low first")).channels.tolist() == [1]


def test_a_wrapped_counter_is_unwrapped_and_counted(tmp_path: Path) -> None:
    units = np.array([2**54 - 2000, 2**54 - 50, 2**54 + 40, 2**54 - 10, 2**54 + 90, 2**54 + 200])
    words = [word(int(one) % 2**54) for one in units]
    path = a1(tmp_path / "a.ts", words)
    options = TagOptions(word_order="low first")
    stream = read_tags(path, options=options)
    assert np.array_equal(stream.times_ps, np.sort(words_to_ps(units)))
    assert (stream.faults.wraps, stream.faults.out_of_order) == (1, 1)
    parts = list(open_tags(path, options=options).chunks(1))
    assert np.array_equal(np.concatenate([one.times_ps for one in parts]), stream.times_ps)


def test_qcrypto_counts_in_125_ps_and_wraps_at_49_bits(tmp_path: Path) -> None:
    counts = np.array([2**49 - 5, 2**49 - 1, 2**49 + 3, 2**49 + 70_000])
    words = [((int(one) % 2**49) << 15) | 4 for one in counts]
    path = a1(tmp_path / "raw", words, high_first=True)
    stream = read_tags(path, format="qcrypto")
    assert np.array_equal(stream.times_ps, counts * 125)
    assert stream.numbers() == (3,)
    assert stream.faults.wraps == 1


def test_text_of_both_kinds_and_line_ends(tmp_path: Path) -> None:
    words = [word(2**50 + 1000 * k, 1 << k % 4) for k in range(50)]
    for end in ("\n", "\r\n"):
        a2, a0 = tmp_path / "a2.ts", tmp_path / "a0.ts"
        a2.write_bytes("".join(f"{one:016x}{end}" for one in words).encode())
        a0.write_bytes(
            "".join(f"{one & 0xFFFFFFFF:08x}{end}{one >> 32:08x}{end}" for one in words).encode()
        )
        expected = [((2**50 + 1000 * k) * 125 + 16) // 32 for k in range(50)]
        for path in (a2, a0):
            stream = read_tags(path)
            assert stream.times_ps.tolist() == expected
            assert stream.channels.tolist() == [k % 4 + 1 for k in range(50)]


def test_a_bad_digit_is_named_by_its_record_and_a_cut_line_is_counted(tmp_path: Path) -> None:
    lines = [f"{word(2**50 + 1000 * k):016x}\n" for k in range(40)]
    path = tmp_path / "a.ts"
    path.write_text("".join(lines)[:-5])
    assert read_tags(path).faults.truncated_bytes == 12
    lines[29] = lines[29].replace("0", "g", 1)
    path.write_text("".join(lines))
    with pytest.raises(InputError, match="record 30"):
        read_tags(path)


def test_a_cut_word_is_counted(tmp_path: Path) -> None:
    path = a1(tmp_path / "a.ts", [word(2**50 + 1000 * k) for k in range(40)])
    path.write_bytes(path.read_bytes()[:-3])
    stream = read_tags(path)
    assert (stream.times_ps.size, stream.faults.truncated_bytes) == (39, 5)


def packed(entries: list[tuple[int, int]], time_bits: int, base_bits: int) -> np.ndarray:
    """Pack differences and bases as the specification says, bit by bit."""
    bits = ""
    for step, base in entries:
        fits = 1 < step < 1 << time_bits
        bits += f"{step:0{time_bits}b}" if fits else "0" * time_bits + f"{step:032b}"
        bits += f"{base:0{base_bits}b}" if base_bits else ""
    bits += f"{1:0{time_bits}b}" + "0" * base_bits
    bits += "0" * (-len(bits) % 32)
    return np.array([int(bits[k : k + 32], 2) for k in range(0, len(bits), 32)], np.uint32)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(2, 2**32 - 1), st.integers(0, 15)), max_size=40),
    st.integers(5, 28),
    st.sampled_from([0, 1, 4]),
    st.integers(1, 5),
)
def test_packed_epochs_come_back(
    entries: list[tuple[int, int]], time_bits: int, base_bits: int, cut: int
) -> None:
    entries = [(step, base % (1 << base_bits)) for step, base in entries]
    words = packed(entries, time_bits, base_bits)
    carry, times, bases = EpochCarry(), [], []
    for first in range(0, words.size, cut):
        part, base, carry = decode_epoch(
            words[first : first + cut], carry, time_bits=time_bits, base_bits=base_bits
        )
        times += part.tolist()
        bases += base.tolist()
        if carry.ended:
            break
    assert carry.ended
    assert times == np.cumsum([one for one, _ in entries], dtype=np.int64).tolist()
    assert bases == [one for _, one in entries]


def epoch_2(path: Path, entries: list[tuple[int, int]], *, length: int, protocol: int = 0) -> Path:
    head = struct.pack("<6I", 0x102, 0xB8D42AC0, length, 20, 4, protocol)
    path.write_bytes(head + packed(entries, 20, 4).astype("<u4").tobytes())
    return path


def test_an_epoch_of_type_2_starts_at_its_epoch(tmp_path: Path) -> None:
    entries = [(100, 1), (2**25, 8), (3, 3)]
    path = epoch_2(tmp_path / "b8d42ac0", entries, length=3)
    stream = read_tags(path)
    origin = (0xB8D42AC0 % 2**17) << 32
    assert stream.times_ps.tolist() == [
        (origin + one) * 125 for one in (100, 100 + 2**25, 103 + 2**25, 103 + 2**25)
    ]
    assert stream.channels.tolist() == [1, 4, 1, 2]
    assert stream.header.format == "qcrypto-epoch"
    assert not stream.faults.lost
    assert read_tags(epoch_2(path, entries, length=3, protocol=1)).channels.tolist() == [1, 8, 3]


def test_an_epoch_that_is_cut_or_inconsistent_says_so(tmp_path: Path) -> None:
    entries = [(1000 + k, 1) for k in range(50)]
    path = epoch_2(tmp_path / "e", entries, length=50)
    path.write_bytes(path.read_bytes()[:-45])
    stream = read_tags(path)
    assert stream.faults.lost
    assert stream.times_ps.size < 50
    with pytest.raises(InputError, match="announces 49 events, 50"):
        read_tags(epoch_2(path, entries, length=49))


def test_an_epoch_of_type_1_holds_raw_words(tmp_path: Path) -> None:
    units = [2**50 + 1000 * k for k in range(20)]
    body = b"".join(struct.pack("<II", word(u, 2) >> 32, word(u, 2) & 0xFFFFFFFF) for u in units)
    path = tmp_path / "e"
    path.write_bytes(struct.pack("<5I", 0x101, 77, 20, 49, 4) + body + bytes(8))
    stream = read_tags(path)
    assert stream.times_ps.tolist() == [(one * 125 + 16) // 32 for one in units]
    assert stream.numbers() == (2,)
    assert not stream.faults.lost
    path.write_bytes(path.read_bytes()[:-20])
    cut = read_tags(path)
    assert cut.times_ps.size == 18
    assert cut.faults.lost
