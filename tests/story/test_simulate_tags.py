"""Simulated tags from their file to the folder: all files or none, marked, the same again."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from stranger import Laboratory

from qtrace.errors import InputError, SetupError
from qtrace.exchange.tag_array_file import TAG_ROW, TagArrayWriter, read_tag_array
from qtrace.ledger.digest import file_digest
from qtrace.physics.tags.simulated_stream import SIMULATOR

WORLD = """
[simulation]
id = "DET-1"
kind = "detector"
duration = "1 s"
block = "0.3 s"
[light]
rate = "1e5 1/s"
[detector]
efficiency = 0.5
dead_time = "100 ns"
[tagger]
resolution = "10 ps"
buffer = 1000
drain_rate = "4e4 1/s"
"""
PAIRS = """
[simulation]
id = "SYNC-1"
kind = "pairs"
scheme = "one_way"
duration = "1 s"
[[user]]
name = "B"
[user.fibre]
delay = "50 us"
transmittance = 0.1
[user.source]
pair_rate = "1e4 1/s"
[user.clock]
offset = "-3 us"
"""
TAGS, TRUTH = "made/DET-1.detector.simulated.npy", "made/DET-1.truth.toml"


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    made = Laboratory(tmp_path)
    made.write("world.toml", WORLD)
    made.write("pairs.toml", PAIRS)
    return made


def test_tags_and_truth_stand_beside_each_other_and_name_each_other(
    bench: Laboratory, tmp_path: Path
) -> None:
    done = bench.qtrace("tags simulate world.toml --seed 5 --out made", text=True)
    assert done.code == 0, done.err
    assert "simulated: time_tags 1, seed 5" in " ".join(done.out.split())
    assert "OVERFLOW" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    about = tomllib.loads(bench.read(TRUTH))
    simulated, truth = about["simulated"], about["truth"]
    assert simulated["provenance"] == "simulated"
    assert (simulated["simulator"], simulated["seed"]) == (SIMULATOR, 5)
    assert simulated["bit_generator"] == "PCG64"
    assert simulated["numpy"] == np.__version__
    assert simulated["simulation_file_digest"] == file_digest(WORLD.encode())
    rows = read_tag_array(tmp_path / TAGS)
    file = simulated["files"]["detector"]
    assert file["digest"] == file_digest((tmp_path / TAGS).read_bytes())
    assert file["tags"] == truth["tags"] == rows.size
    assert truth["overflows"] > 0
    assert np.all(np.diff(rows["time_ps"]) >= 100_000 - 10)
    assert set(np.unique(rows["channel"])) == {1}
    # The file itself says it, in the title of a field; any program that reads arrays can read it.
    head = (tmp_path / TAGS).read_bytes()[:256]
    assert b"simulated by qtrace" in head
    assert rows.dtype.names == ("time_ps", "channel")
    assert not [one for one in (tmp_path / "made").iterdir() if one.name.startswith(".")]


def test_the_same_seed_gives_the_same_bytes(bench: Laboratory, tmp_path: Path) -> None:
    for seed, out in ((5, "made"), (5, "again"), (6, "other")):
        done = bench.qtrace(f"tags simulate pairs.toml --seed {seed} --out {out}")
        assert done.code == 0
        assert done.answer["provenance"] == "simulated"
        assert [one["station"] for one in done.answer["files"]] == ["A", "B"]
    for name in ("SYNC-1.A.simulated.npy", "SYNC-1.B.simulated.npy"):
        made, again, other = (
            (tmp_path / out / name).read_bytes() for out in ("made", "again", "other")
        )
        assert made == again != other
    assert bench.read("made/SYNC-1.truth.toml") == bench.read("again/SYNC-1.truth.toml")
    truth = tomllib.loads(bench.read("made/SYNC-1.truth.toml"))["truth"]
    assert truth["users"]["B"]["offset_ps"] == [-3e6]


def test_nothing_is_written_over(bench: Laboratory) -> None:
    assert bench.qtrace("tags simulate world.toml --seed 5 --out made").code == 0
    before = bench.read(TRUTH)
    assert bench.qtrace("tags simulate world.toml --seed 6 --out made").code == 2
    assert bench.read(TRUTH) == before


def test_what_is_wrong_leaves_nothing(bench: Laboratory, tmp_path: Path) -> None:
    assert bench.qtrace("tags simulate world.toml --seed -1 --out made").code == 2
    bench.write("wrong.toml", WORLD.replace("efficiency = 0.5", "efficiency = 1.5"))
    done = bench.qtrace("tags simulate wrong.toml --seed 1 --out made")
    assert done.code == 2
    assert "field detector.efficiency" in done.err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("which", [0, 1])
def test_all_files_are_there_or_none(
    bench: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    placed: list[Path] = []
    place = TagArrayWriter.place

    def failing(self: TagArrayWriter) -> None:
        if len(placed) == which:
            raise SetupError("no room", where=str(self.path))
        placed.append(self.path)
        place(self)

    monkeypatch.setattr(TagArrayWriter, "place", failing)
    assert bench.qtrace("tags simulate pairs.toml --seed 5 --out made").code == 4
    assert list((tmp_path / "made").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_the_environment(bench: Laboratory) -> None:
    bench.write("made", "a file")
    assert bench.qtrace("tags simulate world.toml --seed 5 --out made").code == 4


def test_an_array_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.npy"
    np.save(path, np.zeros(3))
    with pytest.raises(InputError, match="no rows"):
        read_tag_array(path)
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be read"):
        read_tag_array(path)


def test_an_empty_file_is_an_array_too(tmp_path: Path) -> None:
    path = tmp_path / "empty.npy"
    with TagArrayWriter(path) as writer:
        writer.append(np.empty(0, np.int64), np.empty(0, np.int16))
        digest = writer.finish()
        writer.place()
    assert digest == file_digest(path.read_bytes())
    rows = np.load(path)
    assert (rows.size, rows.dtype) == (0, TAG_ROW)
