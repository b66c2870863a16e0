"""Tags in run files: live keys are refused, silence about clocks and channels too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clock_runs import run_text, series_text, write_tags

from qtrace.errors import InputError
from qtrace.exchange.run_file import RunDraft, read_run_file

TIMES = np.arange(1, 200, dtype=np.int64) * 1_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tags(tmp_path / "a.npy", {1: TIMES, 2: TIMES + 7})
    write_tags(tmp_path / "b.npy", {1: TIMES + 3, 2: TIMES + 5})
    (tmp_path / "offsets.csv").write_text("time_s,offset_ns\n0,1\n37,2\n74,3\n")
    return tmp_path


def read(folder: Path, text: str) -> RunDraft:
    (folder / "run.toml").write_text(text)
    return read_run_file(folder / "run.toml")


def refused(folder: Path, text: str, *change: tuple[str, str]) -> InputError:
    for old, new in change:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(InputError) as caught:
        read(folder, text)
    return caught.value


def test_a_run_knows_its_files_by_digest(folder: Path) -> None:
    draft = read(folder, run_text("two_way"))
    a, b = draft.run.files
    assert (a.station, a.channels) == ("a", {"local": 1, "received": 2})
    assert (b.station, b.tags, b.zero_ps) == ("b", 398, 0)
    assert a.lock == "locked to one clock"
    assert draft.sources[a.digest] == folder / "a.npy"
    assert draft.run.parameters["block"] == 2.0
    assert draft.run.counts == {}


def test_a_series_knows_its_file(folder: Path) -> None:
    draft = read(folder, series_text())
    (one,) = draft.run.files
    assert (one.holds, one.tags, one.format) == ("series", 3, "csv")


@pytest.mark.parametrize("scheme", ["one_way", "two_way", "round_trip"])
def test_tags_of_a_live_key_are_refused(folder: Path, scheme: str) -> None:
    error = refused(folder, run_text(scheme), ('"never_used"', '"live"'))
    assert "live key" in error.what
    assert 'data = "subset"' in error.next_step
    assert "line 8" in error.where


def test_tags_are_no_part_of_a_key_run(folder: Path) -> None:
    text = run_text("one_way").replace('protocol = "time_one_way"\n', "")
    error = refused(
        folder,
        text + "\n[counts]\nerrors_z = 1\nagreements_z = 9\nerrors_x = 1\nagreements_x = 9\n",
    )
    assert error.what.startswith("a run of bbm92 holds counts")


def test_a_subset_says_how_it_was_chosen(folder: Path) -> None:
    text = run_text("one_way")
    assert "selection" in refused(folder, text, ('data = "all"', 'data = "subset"')).what
    chosen = text.replace('data = "all"', 'data = "subset"\nselection = "every tenth pair"')
    assert read(folder, chosen).run.choices == {"data": "subset", "selection": "every tenth pair"}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (('lock = "locked to one clock"\n', ""), "clock of the tagger was locked"),
        (('lock_evidence = "drawn on one clock"\n', ""), "a lock without evidence"),
        (("received = 1", "received = 9"), "channel 9 (received) has no tag in b.npy"),
        (('file = "b.npy"', 'file = "c.npy"'), "no file"),
        (('name = "b"', 'name = "c"'), "'c' is not one"),
        (('name = "b"', 'name = "a"'), "stations a, a are given"),
        (('block = "2 s"', 'block = "0 s"'), "not above zero"),
        (('block = "2 s"', 'block = "2 m"'), "is expected"),
        (('search = "1 ms"', 'search = "1 ms"\nskew = 0.1'), "no frequency deviation"),
        (('zero = "0 s"', 'zero = "1 d"'), "more than 2^53 ps"),
        (('data = "all"', 'data = "some"'), "'some' is not one"),
        (('data = "all"\n', ""), '"data" is missing'),
    ],
)
def test_what_is_missing_or_wrong_is_refused(
    folder: Path, change: tuple[str, str], what: str
) -> None:
    error = refused(folder, run_text("one_way"), change)
    assert what in error.what + error.next_step
    assert "run.toml, line" in error.where


def test_one_channel_cannot_be_two_things(folder: Path) -> None:
    error = refused(
        folder, run_text("two_way"), ("local = 1, received = 2", "local = 1, received = 1")
    )
    assert "two of the channels are the same" in error.what


def test_a_mislabelled_file_is_refused_with_its_place(folder: Path) -> None:
    (folder / "b.npy").write_bytes(b"PQTTTR\0\0" + bytes(400))
    error = refused(folder, run_text("one_way"))
    assert "mislabelled" in error.what
    assert "run.toml, line" in error.where


def test_a_truncated_file_says_so(folder: Path) -> None:
    data = (folder / "b.npy").read_bytes()
    (folder / "b.npy").write_bytes(data[:-3])
    draft = read(folder, run_text("one_way"))
    assert draft.run.files[1].faults["truncated_bytes"] > 0
    assert draft.run.files[1].tags == 397  # the last whole one


def test_tags_out_of_order_are_counted(folder: Path) -> None:
    times = TIMES.copy()
    times[[10, 11]] = times[[11, 10]]
    table = np.empty(len(times), dtype=[("time_ps", "<i8"), ("channel", "<i2")])
    table["time_ps"], table["channel"] = times, 1
    np.save(folder / "b.npy", table)
    assert read(folder, run_text("one_way")).run.files[1].faults == {"out_of_order": 1}


def test_a_channel_is_not_compared_with_itself(folder: Path) -> None:
    error = refused(folder, run_text("one_way"), ('file = "b.npy"', 'file = "a.npy"'))
    assert "both stations name channel 1 of one file" in error.what
    both = run_text("one_way").replace('file = "b.npy"', 'file = "a.npy"')
    assert read(folder, both.replace("received = 1", "received = 2")).run.files[1].name == "a.npy"


def test_data_beyond_the_stated_time_are_refused(folder: Path) -> None:
    """The tags span 0.198 s; a run of a microsecond with slack of 1 s would still hold them."""
    write_tags(folder / "b.npy", {1: TIMES * 100})
    error = refused(folder, run_text("one_way", seconds=10))
    assert "b.npy holds 19.8 s of data, the run lasted 10 s" in error.what
