"""`qtrace tags show` and `tags convert`: what they say, what they write, what they refuse."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qtrace.cli.main import invoke
from qtrace.exchange.time_tags import channels
from qtrace.exchange.time_tags.ptu_records import PtuWriter
from qtrace.exchange.time_tags.reading import read_tags
from qtrace.exchange.time_tags.tag_writers import write_tags
from qtrace.laboratory.time_tags import TagFaults, TagHeader, TagStream
from qtrace.report.tag_text import faults_text, tags_text
from qtrace.workflow.tags import TagQuestion, TagSummary, show_tags
from qtrace.workflow.workbench import open_workbench

WIDTH = 80
MANY = 20_000


@pytest.fixture
def ptu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QTRACE_DATABASE", raising=False)
    path = tmp_path / "run.ptu"
    writer = PtuWriter(path, comment="simulated by qtrace", instrument="HydraHarp 400")
    writer.write(np.arange(MANY) * 10**8, (np.arange(MANY) % 4 - 1).astype(np.int16))
    writer.close()
    return path


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert invoke(["--json", *words]) == 0
    return json.loads(capsys.readouterr().out)["answer"]


def test_a_file_is_shown(ptu: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["tags", "show", str(ptu)]) == 0
    text = capsys.readouterr().out
    assert all(len(line) <= WIDTH for line in text.splitlines())
    for words in ("HydraHarp 400", "SIMULATED", "not stated by the file", "out of order"):
        assert words in text
    assert "WARNING" not in text
    assert [one.name for one in ptu.parent.iterdir()] == ["run.ptu"], "nothing is stored"


def test_the_document_has_the_same(ptu: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = answer(capsys, "tags", "show", str(ptu))
    assert shown["sha256"] == hashlib.sha256(ptu.read_bytes()).hexdigest()
    assert shown["tags"] == MANY
    assert [one["channel"] for one in shown["channels"]] == [-1, 0, 1, 2]
    span = float(shown["span_s"])
    assert span == pytest.approx((MANY - 1) * 1e-4)
    assert float(shown["channels"][1]["rate_per_s"]) == pytest.approx(MANY / 4 / span)
    assert (shown["first_ps"], shown["last_ps"]) == ("0", str((MANY - 1) * 10**8))
    assert shown["header"]["simulated"] is True
    assert shown["faults"]["truncated_bytes"] == 0


def test_a_cut_file_is_shown_loudly(ptu: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ptu.write_bytes(ptu.read_bytes()[:-7])
    assert invoke(["tags", "show", str(ptu)]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("WARNING: the file is TRUNCATED")


def test_lost_tags_are_said_loudly() -> None:
    faults = TagFaults(overflows=1, missed=9)
    summary = TagSummary("f", TagHeader("csv", 1.0), 0, "", "", 0.0, (), faults, "")
    text = tags_text(summary)
    assert text.startswith("WARNING: tags were LOST")
    assert "no tags" in text
    assert dict(faults_text(faults))["missed"].startswith("9 ")
    assert "WARNING" not in tags_text(replace(summary, faults=TagFaults(wraps=5, out_of_order=5)))


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".h5", ".parquet", ".ptu", ".qutag", ".dump"])
def test_a_file_is_converted(suffix: str, ptu: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = ptu.with_name(f"out{suffix}")
    assert invoke(["tags", "convert", str(ptu), str(output), "--positive-only"]) == 0
    text = capsys.readouterr().out
    assert str(MANY * 3 // 4) in text
    assert "left out" in text
    before, after = read_tags(ptu), read_tags(output)
    some = before.channels >= 0
    assert np.array_equal(after.times_ps, before.times_ps[some])
    assert np.array_equal(after.channels, before.channels[some])
    assert ("no room for a mark" in text) is not after.header.simulated


def test_a_conversion_never_overwrites_nor_leaves_halves(
    ptu: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = ptu.with_name("out.csv")
    assert invoke(["tags", "convert", str(ptu), str(output)]) == 2
    assert "channels 0 to 32767" in capsys.readouterr().err
    assert not output.exists()
    output.write_text("mine")
    assert invoke(["tags", "convert", str(ptu), str(output), "--positive-only"]) == 2
    assert "overwritten" in capsys.readouterr().err
    assert output.read_text() == "mine"
    assert len(list(ptu.parent.iterdir())) == 2
    assert invoke(["tags", "convert", str(ptu), str(ptu.with_name("x.xyz"))]) == 2
    assert invoke(["tags", "convert", str(ptu), str(ptu.parent / "no" / "x.npy")]) == 4


def test_losses_of_the_input_are_said_after_a_conversion(
    ptu: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ptu.write_bytes(ptu.read_bytes()[:-7])
    done = answer(capsys, "tags", "convert", str(ptu), "o.npy", "--positive-only", "--to", "npy")
    assert any("lost tags" in one for one in done["notes"])
    assert done["faults"]["truncated_bytes"] == 8


def test_options_of_a_file_that_says_little(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.array([[1, 0], [3, -1], [2, 5]]))
    assert invoke(["tags", "show", str(path)]) == 2
    shown = answer(capsys, "tags", "show", str(path), "--negative", "--unit-ps", "1000")
    assert (shown["last_ps"], shown["faults"]["out_of_order"]) == ("3000", 1)


def test_a_long_file_tells_how_far_it_is(ptu: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "LONG_FILE_BYTES", 100)
    told: list[str] = []
    show_tags(open_workbench(progress=told.append), ptu, TagQuestion())
    assert told[-1] == "run.ptu: 100 % read"


def test_an_empty_span_has_no_rate(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    one = TagStream(TagHeader("", 1.0), np.array([5]), np.array([1], np.int16), TagFaults())
    write_tags(path, one)
    shown = show_tags(open_workbench(), path, TagQuestion())
    assert shown.channels[0].rate_per_s is None
    assert "1" in tags_text(shown)
