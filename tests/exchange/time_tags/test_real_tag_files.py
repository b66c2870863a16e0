"""Real time-tag files, each against an independent decoder, event by event.

The files are third-party and stay outside: the environment variable QTRACE_REFERENCE_DATA names
the folder that holds time_tags/. Source: timetag/ETA (GPL-2): HydraHarp 400 T3, quTAG;
s-fifteen-instruments/fpfind (GPL-2): S-Fifteen a0, a1, a2.
"""

from __future__ import annotations

import hashlib
import os
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import ptufile
import pytest

from qtrace.errors import InputError
from qtrace.exchange.time_tags.reading import open_tags, read_tags
from qtrace.exchange.time_tags.source import TagOptions

FOLDER = os.environ.get("QTRACE_REFERENCE_DATA", "")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="QTRACE_REFERENCE_DATA names no folder of measured data"
)
TAGS = Path(FOLDER) / "time_tags"
PTU = TAGS / "HH400_T3_80MHz_HBT.ptu"
QUTAG = TAGS / "qutag_80MHz_HBT_sync_filtered.qutag"
PLAIN = TAGS / "timestamp7_c1234.Aa1.ts"
ROLL_OVER = [TAGS / f"timestamp7_c14_rollover.{one}.ts" for one in ("Aa0f", "Aa1fX", "Aa2f")]


def test_the_hydraharp_file_is_what_ptufile_reads() -> None:
    with ptufile.PtuFile(PTU) as file:
        rows = file.decode_records()
        period = file.global_resolution * 1e12
    photons = rows[rows["channel"] >= 0]
    stream = read_tags(PTU)
    assert stream.times_ps.size == photons.size == 396_326
    assert np.array_equal(stream.channels, photons["channel"])
    # In whole numbers: the period as the header has it, to the last digit.
    exact = Fraction(period)
    for k in (0, 1, 1000, 200_000, 396_325):
        truth = int(photons["time"][k]) * exact + 16 * int(photons["dtime"][k])
        assert abs(Fraction(int(stream.times_ps[k])) - truth) <= Fraction(1, 2) + Fraction(1, 1000)
    whole = photons["time"].astype(np.int64) * 12_495
    rest = photons["time"] * (period - 12_495) + photons["dtime"] * 16.0
    assert np.array_equal(stream.times_ps, whole + np.rint(rest).astype(np.int64))
    assert stream.header.instrument == "HydraHarp 400 1019646"
    assert stream.header.stated_clock.startswith("internal")
    assert stream.header.resolution_ps == 16.0


def test_the_qutag_file_has_its_known_disorder() -> None:
    rows = np.fromfile(QUTAG, [("t", "<i8"), ("c", "<u2")], offset=40)
    stream = read_tags(QUTAG)
    assert stream.times_ps.size == 267_801
    assert stream.faults.out_of_order == 173
    order = np.argsort(rows["t"], kind="stable")
    assert np.array_equal(stream.times_ps, rows["t"][order])
    assert np.array_equal(stream.channels, rows["c"][order])
    assert np.ptp(stream.times_ps) * 1e-12 == pytest.approx(5.04, abs=0.01)


def of_words(path: Path) -> tuple[list[int], list[int], int]:
    """Return time in 1/256 ns, pattern, and the number of roll-over marks, in Python integers."""
    data = path.read_bytes()
    if "Aa1" in path.name:
        halves = np.frombuffer(data, "<u4").reshape(-1, 2).tolist()
        words = [(a << 32) | b if "X" in path.name else (b << 32) | a for a, b in halves]
    elif "Aa0" in path.name:
        lines = [int(one, 16) for one in data.split()]
        words = [(b << 32) | a for a, b in zip(lines[::2], lines[1::2], strict=True)]
    else:
        words = [int(one, 16) for one in data.split()]
    tags = [one for one in words if not one & 0b10000]
    return [one >> 10 for one in tags], [one & 15 for one in tags], len(words) - len(tags)


@pytest.mark.parametrize("path", [PLAIN, *ROLL_OVER], ids=lambda one: one.name)
def test_s_fifteen_files_against_their_definition(path: Path) -> None:
    units, patterns, marks = of_words(path)
    events = sorted(
        (
            (unit, k, bit + 1)
            for k, (unit, pattern) in enumerate(zip(units, patterns, strict=True))
            for bit in range(4)
            if pattern >> bit & 1
        ),
        key=lambda one: one[:2],
    )
    stream = read_tags(path)
    nearest = [int(Fraction(unit * 125, 32) + Fraction(1, 2)) for unit, _, _ in events]
    assert stream.times_ps.tolist() == nearest
    assert stream.channels.tolist() == [channel for _, _, channel in events]
    assert stream.faults.wraps == marks
    back = sum(b < a for a, b in pairwise(units))
    assert stream.faults.out_of_order == back


def test_the_three_kinds_of_one_recording_agree() -> None:
    """862 events, 138 roll-over marks: as fpfind prints of the a1 file."""
    streams = [read_tags(one) for one in ROLL_OVER]
    for stream in streams:
        assert np.array_equal(stream.times_ps, streams[0].times_ps)
        assert np.array_equal(stream.channels, streams[0].channels)
        assert (stream.times_ps.size, stream.faults.wraps) == (862, 138)
        assert [stream.channel(one).size for one in (1, 4)] == [431, 431]


@pytest.mark.parametrize("path", [PTU, QUTAG, PLAIN, *ROLL_OVER], ids=lambda one: one.name)
def test_parts_make_the_whole_and_the_digest_is_of_the_file(path: Path) -> None:
    whole = read_tags(path)
    reader = open_tags(path, options=TagOptions(digest=True, reach=2000))
    parts = list(reader.chunks(777))
    assert np.array_equal(np.concatenate([one.times_ps for one in parts]), whole.times_ps)
    assert np.array_equal(np.concatenate([one.channels for one in parts]), whole.channels)
    assert reader.faults == whole.faults
    assert reader.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_real_file_under_another_name_is_mislabelled(tmp_path: Path) -> None:
    for name in ("a.qutag", "a.ts", "a.npy", "a.dump"):
        other = tmp_path / name
        other.write_bytes(PTU.read_bytes()[:20_000])
        with pytest.raises(InputError, match=r"mislabelled.*PicoQuant PTU"):
            open_tags(other)
    with pytest.raises(InputError, match="mislabelled"):
        open_tags(QUTAG, format="sfifteen")
    other = tmp_path / "b.ts"
    other.write_bytes(QUTAG.read_bytes()[:20_000])
    with pytest.raises(InputError, match="mislabelled"):
        open_tags(other)
