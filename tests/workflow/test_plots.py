"""`qtrace run plot` and `qtrace tags plot`, as typed: what they write, what they refuse."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from clock_runs import LINK, PairTruth, run_text, series_text, two_stations, write_tags
from stranger import Laboratory

from qtrace.cli.main import invoke
from qtrace.exchange.pack_files import load_packs
from qtrace.standards.mask_curves import masks_of
from qtrace.workflow.run_plot import view_run
from qtrace.workflow.tag_plot import view_tags
from qtrace.workflow.workbench import open_workbench

WITH_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None
pytestmark = pytest.mark.skipif(not WITH_MATPLOTLIB, reason="the extra [plot] is not installed")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def recorded(folder: Path, protocol: str, run: str) -> None:
    (folder / "link.toml").write_text(LINK.format(protocol=protocol))
    (folder / "run.toml").write_text(run)
    for words in (["init"], ["link", "add", "link.toml"], ["run", "add", "run.toml"]):
        assert invoke(words) == 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("QTRACE_DATABASE", "QTRACE_KEYS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def series(folder: Path) -> Path:
    rng = np.random.default_rng(9)
    lines = [f"{k},{x:.6f}" for k, x in enumerate(rng.normal(0.0, 0.03, 600))]
    (folder / "offsets.csv").write_text("time_s,offset_ns\n" + "\n".join(lines) + "\n")
    recorded(folder, "time_series", series_text(interval="1 s"))
    return folder


def test_tags_of_a_run_are_drawn_with_the_times_between_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = two_stations("round_trip", PairTruth(), seed=3)
    write_tags(folder / "a.npy", a)
    write_tags(folder / "b.npy", b)
    recorded(folder, "time_round_trip", run_text("round_trip"))
    assert invoke(["run", "plot", "RUN", "--out", "p.html"]) == 2
    assert "recompute RUN" in capsys.readouterr().err, "a page has figures, which are not yet there"
    assert invoke(["run", "plot", "RUN", "--out", "p.png"]) == 0
    assert (folder / "p.png").read_bytes().startswith(PNG_SIGNATURE)
    found = {one.label: one for one in view_run(open_workbench(), "RUN").intervals}
    assert list(found) == [
        "station a: local, channel 1",
        "station a: returned, channel 2",
        "station b: received, channel 1",
    ]
    for label, stream in zip(found, (a[1], a[2], b[1]), strict=True):
        every = np.diff(stream)
        assert int(found[label].counts.sum()) == np.count_nonzero(every > 0)
        assert found[label].edges_s[-1] >= 100e-12 * float(np.mean(every))
    assert invoke(["recompute", "RUN"]) == 0
    assert invoke(["run", "plot", "RUN", "--out", "p.html"]) == 0
    html = (folder / "p.html").read_text()
    assert "SIMULATED" in html
    assert "tagger locked to one clock: drawn on one clock" in html
    assert "RUN/recomputation/clock_offset" in html


def test_limits_of_packs_are_drawn_in_seconds(series: Path) -> None:
    names = ("PRTC-B-TDEV", "PRTC-B-MTIE", "SYNC-04")
    known = masks_of(one.pack for one in load_packs())
    limits = view_run(open_workbench(), "RUN", masks=names).limits
    for name, one in zip(names, limits, strict=True):
        assert name in one.label
        assert known[name].standard_id in one.label
        unit = {"ns": 1e-9, "ps": 1e-12}[known[name].unit]
        assert one.values(np.array([20.0]))[0] == pytest.approx(
            known[name].mask.limit_at(20.0) * unit, rel=1e-12
        )
    assert invoke(["run", "plot", "RUN", "--out", "p.svg", "--mask", names[0]]) == 0
    assert f">{limits[0].label}<" in (series / "p.svg").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("p.svg", "--mask", "PRTC-B-TDVE"), "PRTC-B-TDEV"),
        (("p.svg", "--mask", "zzzzzzzz"), "known: "),
        (("p.gif",), ".png, .svg or .html"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    series: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["run", "plot", "RUN", "--out", *words]) == 2
    assert said in capsys.readouterr().err
    assert not list(series.glob("p.*"))


def test_a_run_of_counts_is_refused(own: Laboratory) -> None:
    done = own.qtrace("run plot RUN-SYNTHETIC --out p.png", text=True)
    assert done.code == 2
    assert "holds counts" in done.said


def test_a_channel_is_drawn_and_a_missing_one_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, _ = two_stations("round_trip", PairTruth(), seed=3)
    write_tags(folder / "a.npy", a)
    words = ["tags", "plot", "a.npy", "--channel", "2", "--sync", "1", "--out"]
    assert invoke([*words, "p.png"]) == 0
    assert (folder / "p.png").read_bytes().startswith(PNG_SIGNATURE)
    assert invoke([*words, "p.svg"]) == 0
    once = (folder / "p.svg").read_bytes()
    assert invoke([*words, "p.svg"]) == 0
    assert (folder / "p.svg").read_bytes() == once
    assert b"times between successive tags" in once
    view, _ = view_tags(open_workbench(), folder / "a.npy", channel=2)
    assert view.tags == a[2].size
    capsys.readouterr()
    for wrong, said in (
        (["--channel", "7"], "channels with tags: 1, 2"),
        (["--channel", "1", "--sync", "1"], "own sync"),
        (["--channel", "1", "--sync", "9"], "--sync"),
    ):
        assert invoke(["tags", "plot", "a.npy", *wrong, "--out", "q.png"]) == 2
        assert said in capsys.readouterr().err
    assert invoke(["tags", "plot", "a.npy", "--channel", "1", "--out", "q.html"]) == 2
    assert not list(folder.glob("q.*"))
    assert not (folder / "qtrace.db").exists()
