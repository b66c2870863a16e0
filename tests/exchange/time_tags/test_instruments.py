"""quTAG and Swabian files: records of one size, losses that are carried, a maker's library."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from qtrace.errors import InputError, SetupError
from qtrace.exchange.time_tags.fixed import QUTAG_RECORD, SWABIAN_TAG
from qtrace.exchange.time_tags.reading import open_tags, read_tags
from qtrace.laboratory.time_tags import TagFaults


def qutag(path: Path, times: list[int], channels: list[int]) -> Path:
    rows = np.empty(len(times), QUTAG_RECORD)
    rows["time"], rows["channel"] = times, channels
    path.write_bytes(bytes(40) + rows.tobytes())
    return path


def test_a_qutag_file_that_is_cut_or_damaged(tmp_path: Path) -> None:
    path = qutag(tmp_path / "a.qutag", [10, 20, 30], [1, 2, 3])
    path.write_bytes(path.read_bytes()[:-4])
    stream = read_tags(path)
    assert (stream.times_ps.tolist(), stream.faults.truncated_bytes) == ([10, 20], 6)
    path.write_bytes(bytes(30))
    with pytest.raises(InputError, match=r"mislabelled|30 bytes"):
        open_tags(path)
    channels = [1] * 1000
    channels[700] = 5000
    with pytest.raises(InputError, match="channel 5000") as caught:
        read_tags(qutag(path, list(range(1000)), channels))
    assert "record 701" in caught.value.where


# kind, missed, channel, time
EVENTS = [
    (0, 0, 1, 100),
    (0, 0, -2, 150),
    (2, 0, 0, 200),
    (4, 7, 1, 300),
    (4, 65535, 3, 310),
    (3, 0, 0, 400),
    (0, 0, 3, 500),
    (0, 0, 1, 450),
    (1, 0, 0, 600),
]
TAGS = ([100, 150, 450, 500], [1, -2, 1, 3])
FAULTS = TagFaults(overflows=2, missed=65542, out_of_order=1)


def test_losses_of_a_swabian_stream_are_carried(tmp_path: Path) -> None:
    rows = np.zeros(len(EVENTS), SWABIAN_TAG)
    for name, values in zip(("type", "missed", "channel", "time"), zip(*EVENTS), strict=True):  # noqa: B905
        rows[name] = values
    path = tmp_path / "a.dump"
    path.write_bytes(rows.tobytes())
    stream = read_tags(path)
    assert (stream.times_ps.tolist(), stream.channels.tolist()) == TAGS
    assert stream.faults == FAULTS
    assert stream.faults.lost
    path.write_bytes(rows.tobytes()[:-9])
    assert read_tags(path).faults.truncated_bytes == 7
    many = np.zeros(500, SWABIAN_TAG)
    many["channel"], many["type"][333] = 1, 9
    path.write_bytes(many.tobytes())
    with pytest.raises(InputError, match="kind 9") as caught:
        read_tags(path)
    assert "record 334" in caught.value.where


class FakeBuffer:
    """The documented part of TimeTagStreamBuffer."""

    def __init__(self, events: list[tuple[int, int, int, int]]) -> None:
        self._columns = list(zip(*events, strict=True))

    def getEventTypes(self) -> np.ndarray:  # noqa: N802
        return np.array(self._columns[0], np.uint8)

    def getMissedEvents(self) -> np.ndarray:  # noqa: N802
        return np.array(self._columns[1], np.uint16)

    def getChannels(self) -> np.ndarray:  # noqa: N802
        return np.array(self._columns[2], np.int32)

    def getTimestamps(self) -> np.ndarray:  # noqa: N802
        return np.array(self._columns[3], np.int64)


class FakeReader:
    """The documented part of FileReader."""

    def __init__(self, path: str) -> None:
        if "broken" in path:
            raise RuntimeError("no time tag file")
        self._left = list(EVENTS)

    def hasData(self) -> bool:  # noqa: N802
        return bool(self._left)

    def getData(self, count: int) -> FakeBuffer:  # noqa: N802
        part, self._left = self._left[:count], self._left[count:]
        return FakeBuffer(part)

    def getConfiguration(self) -> str:  # noqa: N802
        return '{"model": "Time Tagger Ultra", "serial": "1234", "clock source": "external 10 MHz"}'


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> None:
    library: Any = ModuleType("TimeTagger")
    library.FileReader = FakeReader
    monkeypatch.setitem(sys.modules, "TimeTagger", library)


@pytest.mark.usefixtures("maker")
def test_ttbin_through_the_library_of_its_maker(tmp_path: Path) -> None:
    path = tmp_path / "a.ttbin"
    path.write_bytes(b"SITT and what nobody says")
    stream = read_tags(path)
    assert (stream.times_ps.tolist(), stream.channels.tolist()) == TAGS
    assert stream.faults == FAULTS
    assert stream.header.instrument == "Swabian Time Tagger Ultra 1234"
    assert stream.header.stated_clock == "external 10 MHz"
    parts = list(open_tags(path).chunks(2))
    assert [int(t) for one in parts for t in one.times_ps] == TAGS[0]
    broken = tmp_path / "broken.ttbin"
    broken.write_bytes(b"SITT")
    with pytest.raises(InputError, match="refuses the file"):
        open_tags(broken)


def test_ttbin_without_the_library_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "TimeTagger", None)
    path = tmp_path / "a.ttbin"
    path.write_bytes(b"SITT")
    with pytest.raises(SetupError, match="TimeTagger") as caught:
        open_tags(path)
    assert "dump, CSV or NPY" in caught.value.next_step
