"""The one door: order of time, formats told apart, digests, progress."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.exchange.time_tags.formats import FORMATS
from qtrace.exchange.time_tags.order import InOrder
from qtrace.exchange.time_tags.reading import open_tags, read_tags
from qtrace.exchange.time_tags.source import SIMULATED_MARK, TagOptions
from qtrace.exchange.time_tags.tag_writers import WRITERS, write_tags
from qtrace.laboratory.time_tags import TagFaults, TagHeader, TagStream
from qtrace.physics.tags.decode_order import steps_back, unwrapped

HEADER = TagHeader("", 1.0, simulated=True)
COUNT = 5000
SUFFIX = {"qcrypto": ".raw"}
# Formats that count in steps of more than 1 ps give back the nearest one.
STEP_PS = {"sfifteen": 2, "qcrypto": 62}


def some_stream(seed: int = 3) -> TagStream:
    rng = np.random.default_rng(seed)
    times = 10**12 + np.cumsum(rng.integers(0, 10**6, COUNT))
    channels = rng.integers(1, 5, COUNT).astype(np.int16)
    return TagStream(HEADER, times, channels, TagFaults())


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    stream = some_stream()
    path = tmp_path / f"a{SUFFIX.get(name, WRITERS[name][1])}"
    notes = write_tags(path, stream, format=name)
    back = read_tags(path, format="" if WRITERS[name][1] else name)
    assert np.abs(back.times_ps - stream.times_ps).max() <= STEP_PS.get(name, 0)
    assert np.array_equal(back.channels, stream.channels)
    assert back.faults == TagFaults(wraps=back.faults.wraps)
    assert back.header.simulated is WRITERS[name][2]
    assert bool(notes) is not WRITERS[name][2]
    assert back.header.format == name


@pytest.mark.parametrize("name", WRITERS)
def test_parts_of_a_written_file_make_the_whole(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{SUFFIX.get(name, WRITERS[name][1])}"
    write_tags(path, some_stream(), format=name)
    whole = read_tags(path, format=name)
    reader = open_tags(path, format=name, options=TagOptions(reach=100, digest=True))
    done: list[float] = []
    parts = list(reader.chunks(700, done.append))
    assert np.array_equal(np.concatenate([one.times_ps for one in parts]), whole.times_ps)
    assert np.array_equal(np.concatenate([one.channels for one in parts]), whole.channels)
    assert len(parts) > 5
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1.0)
    assert reader.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert reader.faults == whole.faults


@pytest.mark.parametrize("name", [one for one in WRITERS if FORMATS[one].sure])
def test_a_file_with_a_mark_is_known_under_no_name_and_refused_under_a_wrong_one(
    name: str, tmp_path: Path
) -> None:
    right = tmp_path / f"a{WRITERS[name][1]}"
    write_tags(right, some_stream(), format=name)
    bare = tmp_path / "bare"
    bare.write_bytes(right.read_bytes())
    assert open_tags(bare).header.format == name
    for other in FORMATS.values():
        if other.name == name:
            continue
        with pytest.raises(InputError, match="mislabelled") as caught:
            open_tags(bare, format=other.name)
        assert FORMATS[name].title in caught.value.what
        if other.suffixes:
            wrong = tmp_path / f"wrong{other.suffixes[0]}"
            wrong.write_bytes(right.read_bytes())
            with pytest.raises(InputError, match="mislabelled"):
                open_tags(wrong)


def test_files_without_a_mark_want_their_name(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_tags(path, some_stream(), format="sfifteen")
    with pytest.raises(InputError, match="sfifteen, qcrypto"):
        open_tags(path)


def test_no_file_an_empty_one_noise_and_an_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        open_tags(tmp_path / "a.ptu")
    empty = tmp_path / "a.ptu"
    empty.touch()
    with pytest.raises(InputError, match="empty"):
        open_tags(empty)
    noise = tmp_path / "noise"
    noise.write_bytes(np.random.default_rng(1).bytes(5000))
    with pytest.raises(InputError, match="no known format"):
        open_tags(noise)
    with pytest.raises(InputError, match="no format of time tags"):
        open_tags(noise, format="hht3")
    with pytest.raises(InputError, match="at least one tag"):
        list(open_tags(written(tmp_path)).chunks(0))


def written(folder: Path) -> Path:
    path = folder / "w.npy"
    write_tags(path, some_stream())
    return path


def ordered(times: list[int], cuts: int, reach: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Put times in order; channels say where each stood."""
    order = InOrder(Path("file"), reach)
    given_times = np.array(times, np.int64)
    places = np.arange(given_times.size, dtype=np.int16)
    parts = []
    for first in range(0, given_times.size, cuts):
        part = slice(first, first + cuts)
        parts += list(order.push(given_times[part], places[part]))
    parts += list(order.finish())
    whole = [np.empty(0, np.int64), *(one[0] for one in parts)]
    where = [np.empty(0, np.int16), *(one[1] for one in parts)]
    return np.concatenate(whole), np.concatenate(where), order.out_of_order


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 9))
def test_within_reach_the_order_is_that_of_a_stable_sort(times: list[int], cuts: int) -> None:
    given_times, places, back = ordered(times, cuts, 60)
    assert given_times.tolist() == sorted(times)
    assert places.tolist() == np.argsort(np.array(times), kind="stable").tolist()
    assert back == sum(b < a for a, b in pairwise(times))


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 9), st.integers(0, 20))
def test_with_any_reach_time_never_falls_or_it_is_an_error(
    times: list[int], cuts: int, reach: int
) -> None:
    try:
        given_times, _, _ = ordered(times, cuts, reach)
    except InputError:
        assert times != sorted(times)
    else:
        assert given_times.tolist() == sorted(times)


def test_a_tag_late_beyond_reach_is_refused_by_parts_and_sorted_as_a_whole(tmp_path: Path) -> None:
    times = np.arange(1000)
    times[900] = 5
    path = tmp_path / "a.qutag"
    write_tags(path, TagStream(HEADER, times, np.ones(1000, np.int16), TagFaults()))
    with pytest.raises(InputError, match="more than 50 tags too late"):
        list(open_tags(path, options=TagOptions(reach=50)).chunks(100))
    whole = read_tags(path)
    assert np.array_equal(whole.times_ps, np.sort(times))
    assert whole.faults.out_of_order == 1


@given(st.lists(st.integers(-100, 100), max_size=40), st.integers(-100, 100))
def test_steps_back_are_counted(times: list[int], before: int) -> None:
    expected = sum(b < a for a, b in zip([before, *times], times, strict=False))
    assert steps_back(np.array(times, np.int64), before_ps=before) == expected


@settings(max_examples=50)
@given(st.lists(st.integers(-20, 499), min_size=1, max_size=60), st.integers(1, 7))
def test_a_counter_is_unwrapped_where_no_step_exceeds_half_its_range(
    steps: list[int], cut: int
) -> None:
    truth = 1000 + np.cumsum(np.array(steps, np.int64))
    turns, last, parts = int(truth[0]) // 1000, None, []
    for first in range(0, truth.size, cut):
        counts = truth[first : first + cut] % 1000
        part, turns = unwrapped(counts, modulus=1000, last=last, turns=turns)
        last = int(counts[-1])
        parts.append(part)
    assert np.array_equal(np.concatenate(parts), truth)


def test_nothing_is_overwritten_and_nothing_half_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_tags(path, some_stream())
    with pytest.raises(InputError, match="overwritten"):
        write_tags(path, some_stream())
    negative = TagStream(HEADER, np.array([1, 2]), np.array([1, -2], np.int16), TagFaults())
    for suffix in (".npy", ".csv", ".h5", ".parquet", ".qutag", ".ts"):
        with pytest.raises(InputError, match=r"channels -?\d"):
            write_tags(tmp_path / f"b{suffix}", negative)
    with pytest.raises(InputError, match="before zero"):
        write_tags(
            tmp_path / "b.ts",
            TagStream(HEADER, np.array([-1]), np.array([1], np.int16), TagFaults()),
        )
    with pytest.raises(InputError, match="no format is written"):
        write_tags(tmp_path / "b.xyz", some_stream())
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


def test_a_simulated_file_says_so_first(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_tags(path, some_stream())
    assert path.read_text().startswith(f"# {SIMULATED_MARK}\n")
