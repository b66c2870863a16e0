"""PTU files of every record type: our kernels against ptufile, event by event.

Only one real PTU file was at hand (see test_real_tag_files.py); these are of our own writer, and
ptufile, which reads them, is the independent judge.
"""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import ptufile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError, SetupError
from qtrace.exchange.time_tags.ptu_records import PtuWriter, t2_records, t3_records
from qtrace.exchange.time_tags.reading import open_tags, read_tags
from qtrace.exchange.time_tags.source import TagOptions
from qtrace.physics.tags.decode_ptu import LAYOUTS, SYNC_CHANNEL, PtuCarry, decode_ptu

T2 = [number for number, one in LAYOUTS.items() if not one.t3]
T3 = [number for number, one in LAYOUTS.items() if one.t3]
UNIT_PS = {"PicoHarp 300 T2": 4.0}


def of_ptufile(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return time, dtime, channel (markers negative) of the tags that ptufile finds."""
    with ptufile.PtuFile(path) as file:
        rows = file.decode_records()
    marker = rows["marker"].astype(int)
    channel = np.where(marker > 0, -marker, rows["channel"].astype(int))
    tags = (rows["channel"] >= 0) | (marker > 0)
    dtime = rows["dtime"].astype(int) if "dtime" in rows.dtype.names else np.zeros(rows.size, int)
    return rows["time"].astype(np.int64)[tags], np.maximum(dtime, 0)[tags], channel[tags], marker


def some_tags(seed: int, *, t3: bool, pico: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    gaps = rng.integers(0, 3_000_000_000 // (1000 if t3 else 1), 4000)
    gaps[rng.random(4000) < 0.7] //= 100_000
    highest = (4 if t3 else 5) if pico else 64
    channels = rng.integers(0, highest, 4000)
    marked = rng.random(4000) < 0.05
    channels[marked] = -rng.integers(1, 16, int(marked.sum()))
    return (
        np.cumsum(gaps),
        rng.integers(0, 4096 if pico else 32768, 4000),
        channels.astype(np.int16),
    )


@pytest.mark.parametrize("number", T2, ids=lambda one: LAYOUTS[one].name)
def test_t2_events_are_those_of_ptufile(number: int, tmp_path: Path) -> None:
    layout = LAYOUTS[number]
    unit = UNIT_PS.get(layout.name, 1.0)
    units, _, channels = some_tags(number, t3=False, pico=layout.family == "pico")
    if layout.family == "pico":
        units += (channels < 0) * (-units % 16)  # a marker's low four bits are not time
        units = np.sort(units)
    path = tmp_path / "a.ptu"
    writer = PtuWriter(path, record_type=number, unit_ps=unit)
    for part in np.array_split(np.arange(units.size), 3):
        writer.write(units[part] * int(unit), channels[part])
    writer.close()
    time, _, channel, _ = of_ptufile(path)
    stream = read_tags(path)
    given_channels = np.where(stream.channels == SYNC_CHANNEL, 0, stream.channels)
    assert time.size == units.size
    order = np.argsort(time, kind="stable")
    assert np.array_equal(stream.times_ps, time[order] * int(unit))
    assert np.array_equal(given_channels, channel[order])
    assert stream.header.resolution_ps == unit
    if layout.family == "hydra":
        assert np.array_equal(stream.times_ps, units * int(unit))
        assert np.array_equal(stream.channels, channels)


@pytest.mark.parametrize("number", T3, ids=lambda one: LAYOUTS[one].name)
def test_t3_events_are_those_of_ptufile(number: int, tmp_path: Path) -> None:
    layout = LAYOUTS[number]
    syncs, dtimes, channels = some_tags(number, t3=True, pico=layout.family == "pico")
    path = tmp_path / "a.ptu"
    writer = PtuWriter(path, record_type=number, unit_ps=12_495.520355952392, dtime_ps=0.25)
    for part in np.array_split(np.arange(syncs.size), 3):
        writer.write_t3(syncs[part], dtimes[part], channels[part])
    writer.close()
    time, dtime, channel, _ = of_ptufile(path)
    assert np.array_equal(time, syncs)
    header = open_tags(path).header
    assert header.sync_period_ps == pytest.approx(12_495.520355952392, rel=1e-15)
    exact = [
        int(np.rint(int(sync) * (header.sync_period_ps - 12_495) + delay * 0.25))
        + int(sync) * 12_495
        for sync, delay in zip(time, dtime, strict=True)
    ]
    order = np.argsort(exact, kind="stable")
    stream = read_tags(path)
    assert np.array_equal(stream.times_ps, np.array(exact)[order])
    assert np.array_equal(stream.channels, channel[order])
    assert any("finite digits" in note for note in header.notes)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=60),
    st.integers(1, 7),
    st.sampled_from(T2),
)
def test_parts_of_any_size_give_the_same_tags(gaps: list[int], cut: int, number: int) -> None:
    layout = LAYOUTS[number]
    if not layout.counted:
        gaps = [one % 10**9 for one in gaps]
    units = np.cumsum(np.array(gaps, np.int64))
    channels = (units % 4).astype(np.int16)
    records, _ = t2_records(units, channels, layout=layout)
    carry = PtuCarry()
    parts = []
    for first in range(0, records.size, cut):
        part = records[first : first + cut]
        times, given_channels, carry = decode_ptu(part, carry, layout=layout, unit_ps=1.0)
        parts.append((times, given_channels))
    assert np.array_equal(np.concatenate([one[0] for one in parts]), units)
    assert np.array_equal(np.concatenate([one[1] for one in parts]), channels)


def write_t2(path: Path, count: int = 1000) -> np.ndarray:
    times = np.arange(count, dtype=np.int64) * 50_000_000
    writer = PtuWriter(path)
    writer.write(times, np.zeros(count, np.int16))
    writer.close()
    return times


def test_a_cut_file_ends_with_its_last_whole_record(tmp_path: Path) -> None:
    path = tmp_path / "a.ptu"
    times = write_t2(path)
    data = path.read_bytes()
    path.write_bytes(data[:-6])
    stream = read_tags(path)
    assert stream.faults.truncated_bytes == 8  # two announced records are missing
    assert stream.faults.lost
    assert np.array_equal(stream.times_ps, times[:-1])
    assert any(note.startswith("TRUNCATED") for note in stream.header.notes)


def test_a_cut_header_and_unknown_records_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ptu"
    write_t2(path)
    data = path.read_bytes()
    cut = tmp_path / "cut.ptu"
    cut.write_bytes(data[:200])
    with pytest.raises(InputError, match="header of a PTU file"):
        open_tags(cut)
    other = tmp_path / "other.ptu"
    other.write_bytes(data.replace((0x01010204).to_bytes(8, "little"), b"\x99" + bytes(7)))
    with pytest.raises(InputError, match="record type 0x00000099"):
        open_tags(other)


def test_a_record_that_no_instrument_writes_is_named_by_its_number() -> None:
    layout = LAYOUTS[0x01010204]
    good, _ = t2_records(np.arange(5) * 10, np.zeros(5, np.int16), layout=layout)
    bad = np.append(good, np.uint32((1 << 31) | (40 << 25)))
    with pytest.raises(InputError, match="record 106"):
        decode_ptu(bad, PtuCarry(records=100), layout=layout, unit_ps=1.0)
    t3 = LAYOUTS[0x00010303]
    with pytest.raises(InputError, match="never writes"):
        decode_ptu(np.array([0xE0000000], np.uint32), PtuCarry(), layout=t3, unit_ps=1.0)


def test_without_ptufile_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ptu"
    write_t2(path)
    real = builtins.__import__

    def fake(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "ptufile":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fake)
    with pytest.raises(SetupError, match="timetags"):
        open_tags(path)


def test_markers_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.ptu"
    writer = PtuWriter(path)
    writer.write(np.array([1, 2, 3, 4]), np.array([0, -3, SYNC_CHANNEL, 5], np.int16))
    writer.close()
    assert read_tags(path).numbers() == (SYNC_CHANNEL, -3, 0, 5)
    assert read_tags(path, options=TagOptions(markers=False)).numbers() == (0, 5)


def test_the_writer_refuses_what_the_record_cannot_hold(tmp_path: Path) -> None:
    layout = LAYOUTS[0x00010204]
    with pytest.raises(InputError, match="far apart"):
        t2_records(np.array([0, 10**18]), np.zeros(2, np.int16), layout=layout)
    with pytest.raises(InputError, match="out of order"):
        t3_records(
            np.array([5000, 0]), np.zeros(2, int), np.zeros(2, np.int16), layout=LAYOUTS[0x00010307]
        )
    writer = PtuWriter(tmp_path / "a.ptu")
    with pytest.raises(InputError, match="channels -16 to 63"):
        writer.write(np.array([1]), np.array([64], np.int16))
    writer.close()
