"""CSV, NPY, Parquet and HDF5: strict, with the place of each fault."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from qtrace.errors import InputError, SetupError
from qtrace.exchange.time_tags.reading import open_tags, read_tags
from qtrace.exchange.time_tags.source import TagOptions
from qtrace.physics.tags.decode_text import decode_lines

TIMES = np.array([5, 10**15, 2 * 10**15 + 1], np.int64)
CHANNELS = np.array([1, 2, 1], np.int16)
INT64 = st.integers(-(2**63) + 1, 2**63 - 1)


def csv(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([*lines, ""]))
    return path


@given(st.lists(st.tuples(INT64, INT64), max_size=20))
def test_lines_come_back(rows: list[tuple[int, int]]) -> None:
    data = "".join(f"{time},{channel}\n" for time, channel in rows).encode()
    times, channels, fault = decode_lines(data)
    assert fault is None
    assert list(zip(times.tolist(), channels.tolist(), strict=True)) == rows


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("1.5,2", "whole numbers"),
        ("nan,2", "whole numbers"),
        ("1e6,2", "whole numbers"),
        ("7", "whole numbers"),
        ("7,2,3", "whole numbers"),
        ("7, 2", "whole numbers"),
        ("", "whole numbers"),
        (",1", "whole numbers"),
        ("7,", "whole numbers"),
        ("9223372036854775808,1", "64 bits"),
    ],
)
def test_a_bad_line_is_named_by_its_number(line: str, what: str, tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "# comment", "time_ps,channel", "1,1", "2,1", line, "9,1")
    with pytest.raises(InputError, match=what) as caught:
        read_tags(path)
    assert "line 5" in caught.value.where
    assert caught.value.next_step
    with pytest.raises(InputError, match=what) as caught:
        list(open_tags(path).chunks(1))
    assert "line 5" in caught.value.where


def test_channels_of_a_csv(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "time_ps,channel", "1,1", "2,-1")
    with pytest.raises(InputError, match="channel -1") as caught:
        read_tags(path)
    assert "line 3" in caught.value.where
    assert read_tags(path, options=TagOptions(negative_channels=True)).numbers() == (-1, 1)
    path = csv(tmp_path / "b.csv", "time_ps,channel", "1,40000")
    with pytest.raises(InputError, match="channel 40000"):
        read_tags(path)


def test_the_head_of_a_csv_is_strict_and_its_tail_may_be_cut(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mislabelled"):
        open_tags(csv(tmp_path / "a.csv", "time,channel", "1,1"))
    with pytest.raises(InputError, match="mislabelled"):
        open_tags(csv(tmp_path / "b.csv", "1,1"))
    path = tmp_path / "c.csv"
    path.write_bytes(b"time_ps,channel\r\n1,1\r\n12,1\r\n13")
    stream = read_tags(path)
    assert stream.times_ps.tolist() == [1, 12]
    assert stream.faults.truncated_bytes == 2
    assert read_tags(csv(tmp_path / "d.csv", "time_ps,channel")).times_ps.size == 0


def save(path: Path, array: np.ndarray) -> Path:
    np.save(path, array)
    return path


def test_three_shapes_of_npy(tmp_path: Path) -> None:
    rows = np.empty(3, [("channel", "u1"), ("time_ps", ">i8")])
    rows["time_ps"], rows["channel"] = TIMES, CHANNELS
    structured = save(tmp_path / "a.npy", rows)
    pairs = save(tmp_path / "b.npy", np.stack([TIMES, CHANNELS], axis=1))
    times = save(tmp_path / "c.npy", TIMES.astype(np.uint64))
    beside = str(save(tmp_path / "d.npy", CHANNELS))
    for path, options in (
        (structured, TagOptions()),
        (pairs, TagOptions()),
        (times, TagOptions(channels=beside)),
    ):
        for stream in (
            read_tags(path, options=options),
            *open_tags(path, options=options).chunks(50),
        ):
            assert stream.times_ps.tolist() == TIMES.tolist()
            assert stream.channels.tolist() == CHANNELS.tolist()
    stream = read_tags(pairs, options=TagOptions(unit_ps=1000))
    assert stream.times_ps.tolist() == (TIMES * 1000).tolist()


def test_npy_that_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    cases = [
        (np.stack([TIMES * 1.0, CHANNELS], axis=1), "float64"),
        (np.array([[1.0, np.nan]]), "float64"),
        (TIMES, "shape"),
        (np.zeros((3, 3), int), "shape"),
        (np.asfortranarray(np.zeros((3, 2), int)), "Fortran"),
        (np.zeros(2, [("t", "i8"), ("c", "i2")]), "fields t, c"),
        (np.array([[2**63, 1], [5, 1]], np.uint64), "beyond 64 bits"),
        (np.array([[5, 1], [6, -1]]), "channel -1"),
        (np.array([[5, 1], [6, 40_000]]), "channel 40000"),
    ]
    for array, what in cases:
        np.save(path, array)
        with pytest.raises(InputError, match=what):
            read_tags(path)
    np.save(path, np.array([{}, {}]), allow_pickle=True)
    with pytest.raises(InputError, match="Python objects"):
        read_tags(path)
    np.save(path, np.array([[10**18, 1]]))
    with pytest.raises(InputError, match="beyond 64 bits"):
        read_tags(path, options=TagOptions(unit_ps=1000))
    with pytest.raises(InputError, match="unit of 0 ps"):
        read_tags(path, options=TagOptions(unit_ps=0))
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError, match="header of an NPY"):
        read_tags(path)


def test_a_pair_of_npy_must_fit(tmp_path: Path) -> None:
    times = save(tmp_path / "t.npy", TIMES)
    short = save(tmp_path / "c.npy", CHANNELS[:2])
    with pytest.raises(InputError, match="channels of shape"):
        read_tags(times, options=TagOptions(channels=str(short)))
    with pytest.raises(InputError, match="no such file"):
        read_tags(times, options=TagOptions(channels=str(tmp_path / "no.npy")))


def test_a_cut_npy_ends_with_its_last_whole_row(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npy", np.stack([TIMES, CHANNELS], axis=1))
    path.write_bytes(path.read_bytes()[:-5])
    stream = read_tags(path)
    assert stream.times_ps.tolist() == TIMES[:2].tolist()
    assert stream.faults.truncated_bytes == 16


def hdf5(path: Path, **datasets: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name.replace("__", "/")] = values
    return path


def test_plain_hdf5_with_other_names(tmp_path: Path) -> None:
    path = hdf5(tmp_path / "a.h5", run__t=TIMES, run__c=CHANNELS)
    options = TagOptions(times="run/t", channels="run/c", unit_ps=2)
    assert read_tags(path, options=options).times_ps.tolist() == (TIMES * 2).tolist()
    with pytest.raises(InputError, match="no dataset time_ps"):
        open_tags(path)


def test_hdf5_that_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with pytest.raises(InputError, match="no dataset time_ps"):
        open_tags(hdf5(path, time_ps=TIMES * 1.0, channel=CHANNELS))
    with pytest.raises(InputError, match="3 times and 2 channels"):
        open_tags(hdf5(path, time_ps=TIMES, channel=CHANNELS[:2]))
    with pytest.raises(InputError, match="channel -4"):
        read_tags(hdf5(path, time_ps=TIMES, channel=-4 * CHANNELS))
    hdf5(path, time_ps=np.arange(10**5), channel=np.arange(10**5) % 7)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(InputError, match="cannot be read"):
        read_tags(path)


def photon(path: Path, **more: Any) -> Path:
    return hdf5(
        path,
        photon_data__timestamps=TIMES[:2] // 10**6,
        photon_data__timestamps_specs__timestamps_unit=12.5e-9,
        **more,
    )


def test_photon_hdf5(tmp_path: Path) -> None:
    path = photon(tmp_path / "a.hdf5", photon_data__detectors=CHANNELS[:2].astype(np.uint8))
    stream = read_tags(path)
    assert stream.header.format == "photon-hdf5"
    assert stream.times_ps.tolist() == [0, 10**9 * 12_500]
    assert stream.numbers() == (1, 2)
    path = photon(
        tmp_path / "b.hdf5",
        photon_data__nanotimes=np.array([3, 4], np.uint16),
        photon_data__nanotimes_specs__tcspc_unit=16e-12,
    )
    stream = read_tags(path)
    assert stream.times_ps.tolist() == [48, 10**9 * 12_500 + 64]
    assert stream.header.sync_period_ps == 12_500.0
    assert stream.numbers() == (0,)


def test_photon_hdf5_without_unit_or_with_several_spots(tmp_path: Path) -> None:
    path = hdf5(tmp_path / "a.h5", photon_data__timestamps=TIMES)
    with pytest.raises(InputError, match="timestamps_unit"):
        open_tags(path)
    path = hdf5(tmp_path / "b.h5", photon_data0__timestamps=TIMES, photon_data1__timestamps=TIMES)
    with pytest.raises(InputError, match="several spots"):
        open_tags(path)


def test_parquet_that_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for columns, what in (
        ({"time_ps": TIMES * 1.0, "channel": CHANNELS}, "no column time_ps"),
        ({"t": TIMES, "channel": CHANNELS}, "no column time_ps"),
        ({"time_ps": [1, None, 3], "channel": [1, 1, 1]}, "without a value"),
        ({"time_ps": TIMES, "channel": -CHANNELS}, "channel -1"),
    ):
        parquet.write_table(pa.table(columns), path)
        with pytest.raises(InputError, match=what):
            read_tags(path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match="cannot be read"):
        read_tags(path)


@pytest.mark.parametrize(
    ("library", "suffix", "extra"),
    [("h5py", ".h5", "timetags"), ("pyarrow", ".parquet", "parquet")],
)
def test_without_a_library_its_extra_is_named(
    library: str, suffix: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" if suffix == ".h5" else b"PAR1")
    real = builtins.__import__

    def fake(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == library:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fake)
    with pytest.raises(SetupError, match=extra):
        open_tags(path)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 12))
def test_lines_are_whole_in_parts_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, count: int, wanted: int
) -> None:
    rows = [f"{10**k % (10**15 + 7) + 10**15 * k},{k % 3}" for k in range(count)]
    path = csv(tmp_path_factory.mktemp("csv") / "a.csv", "time_ps,channel", *rows)
    parts = list(open_tags(path).chunks(wanted))
    assert sum(one.times_ps.size for one in parts) == count
    assert [int(t) for one in parts for t in one.times_ps] == [int(r.split(",")[0]) for r in rows]
