"""Channels of a file larger than memory: the same tags, read-only, and nothing left behind."""

from __future__ import annotations

import errno
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from clock_runs import PairTruth, two_stations, write_tags

from qtrace.errors import InputError, SetupError
from qtrace.exchange import run_record
from qtrace.exchange.time_tags import channels
from qtrace.exchange.time_tags.channels import channels_of, tenths
from qtrace.laboratory.run_files import TAGS, RunFile
from qtrace.physics.tags.delay_histogram import checked_times, delay_histogram

if TYPE_CHECKING:
    from qtrace.laboratory.link import Run
    from qtrace.metrics.protocol import Protocol

NUMBERS = {"local": 1, "returned": 2}
ZERO = 7_000_000_000_123


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    a, _ = two_stations("round_trip", PairTruth(seconds=10.0), seed=3)
    path = tmp_path_factory.mktemp("tags") / "a.npy"
    write_tags(path, a)
    return path


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an own place of temporary files; it must be empty in the end."""
    place = tmp_path / "aside"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield place
    assert not list(place.iterdir())


@pytest.mark.usefixtures("parts")
def test_a_large_file_gives_the_same_tags_read_only(file: Path) -> None:
    wanted = NUMBERS | {"silent": 9}
    with (
        channels_of(file, wanted, zero_ps=ZERO) as held,
        channels_of(file, wanted, zero_ps=ZERO, large_bytes=0) as mapped,
    ):
        assert list(mapped) == list(held)
        for name, times in mapped.items():
            assert times.dtype == np.int64
            assert np.array_equal(times, held[name])
        assert len(mapped["local"]) > 10_000
        assert len(mapped["silent"]) == 0
        assert not mapped["local"].flags.writeable
        # No copy on the way to the loops, which take it as it is.
        assert np.shares_memory(checked_times(mapped["local"], where=""), mapped["local"])
        window = {"low_ps": 199_990_000, "high_ps": 200_010_000, "bin_ps": 100}
        counts = [
            delay_histogram(one["local"], one["returned"], **window) for one in (held, mapped)
        ]
        assert np.array_equal(*counts)
        assert counts[0].sum() > 3000


def test_nothing_stays_after_an_error(file: Path, parts: Path) -> None:
    with pytest.raises(KeyError), channels_of(file, NUMBERS, large_bytes=0):
        raise KeyError
    wrong = parts.parent / "wrong.npy"
    write_tags(wrong, {1: np.arange(10**6), -3: np.array([2 * 10**6])})  # said by the last tag
    with pytest.raises(InputError), channels_of(wrong, NUMBERS, large_bytes=0):
        pass


class _Full(io.BytesIO):
    def write(self, _data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels.tempfile, "TemporaryFile", lambda **_: _Full())
    with (
        pytest.raises(SetupError, match="the disk is full") as caught,
        channels_of(file, NUMBERS, large_bytes=0),
    ):
        pass
    assert str(file) in caught.value.where
    assert "TMPDIR" in caught.value.next_step


def test_a_long_file_tells_each_tenth(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    tell = tenths(file, said.append, name="A")
    tell(0.5)
    assert not said  # a short one
    monkeypatch.setattr(channels, "LONG_FILE_BYTES", 10)
    with channels_of(file, NUMBERS, large_bytes=0, progress=tenths(file, said.append, name="A")):
        assert said[-1] == "A: 100 % read"
    tell = tenths(file, said.append)
    for done in (0.05, 0.31, 0.32, 0.4):
        tell(done)
    assert said[-2:] == [f"{file.name}: 30 % read", f"{file.name}: 40 % read"]


@pytest.mark.usefixtures("parts")
def test_a_run_of_large_files_gives_the_same_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stations = two_stations("one_way", PairTruth(seconds=10.0), seed=4)
    for name, tags in zip("ab", stations, strict=True):
        write_tags(tmp_path / f"{name}.npy", tags)

    def file_of(name: str, carries: str) -> RunFile:
        return RunFile(TAGS, name, f"{name}.npy", "", "npy", {carries: 1}, zero_ps=5)

    run = cast(
        "Run",
        SimpleNamespace(
            files=(file_of("a", "local"), file_of("b", "received")),
            parameters={"block": 2.0, "search": 1e-3, "window": 0.0, "skew": 1e-6},
        ),
    )
    form = cast("Protocol", SimpleNamespace(comparison="one_way"))
    both = []
    for large in (channels.LARGE_BYTES, 0):
        monkeypatch.setattr(channels, "LARGE_BYTES", large)
        both.append(
            run_record.read_record(
                run, form, lambda _digest, name: tmp_path / name, progress=lambda _text: None
            )
        )
    assert np.array_equal(both[0].offset_s, both[1].offset_s)
    assert np.array_equal(both[0].u_s, both[1].u_s)
    assert both[0].base_s == both[1].base_s
