"""Attribute profiles of the example laboratories, as a stranger asks for them."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from clock import clock_of
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

EXAMPLES = data_folder() / "examples"
SYNC = (
    "init",
    "laboratory add register.toml",
    *(f"calibration add {name}.toml" for name in ("tagger", "stations", "clock", "fibre")),
    "link add link.toml",
    "tags simulate simulation.toml --seed 20260501 --out .",
    "run add run.toml",
    "recompute RUN-SYNC",
)
PARTS = ("meter", "switch", "range", *(f"att{k}_{d}" for d in ("d1", "d2") for k in (1, 2, 3)))
PAIRS = (
    "init",
    "laboratory add register.toml",
    *(f"calibration add {name}.toml" for name in (*PARTS, "d1", "d2")),
    "link add synthetic_link.toml",
    "run add synthetic_run.toml",
    "recompute RUN-SYNTHETIC",
)
WIDEST = 80


def laboratory(made: Laboratory, steps: tuple[str, ...]) -> Laboratory:
    for line in steps:
        done = made.qtrace(line)
        assert done.code == 0, f"{line}: {done.said}"
    return made


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    made = Laboratory(tmp_path_factory.mktemp("synced"))
    for path in (EXAMPLES / "sync_link").glob("*.toml"):
        made.write(path.name, path.read_bytes())
    return laboratory(made, SYNC)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    made = Laboratory(tmp_path_factory.mktemp("pairs"))
    for path in (EXAMPLES / "nist_2022").glob("*.toml"):
        made.write(path.name, path.read_bytes())
    for name in ("link", "run"):
        source = EXAMPLES / "synthetic_link" / f"{name}.toml"
        made.write(f"synthetic_{name}.toml", source.read_bytes())
    return laboratory(made, PAIRS)


def profile(made: Laboratory, run: str) -> dict[str, Any]:
    answer = made.qtrace(f"profile {run}")
    assert answer.code == 0, answer.err
    found: dict[str, Any] = answer.answer
    return found


def standings(found: dict[str, Any]) -> dict[str, str]:
    return {one["attribute"]: one["standing"] for one in found["attributes"]}


def attribute(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["attributes"] if one["attribute"] == name)


def test_a_link_of_two_clocks(synced: Laboratory) -> None:
    found = profile(synced, "RUN-SYNC")
    assert standings(found) == {
        "accuracy": "not shown",
        "stability": "not shown",
        "sensitivity": "not measured",
        "synchronization": "not shown",
        "security": "not shown",
        "traceability": "shown",
    }
    assert found["demonstration"] == ["simulated"]
    offset = attribute(found, "accuracy")["figures"][0]
    assert offset["name"] == "clock_offset"
    assert offset["no_baseline"] == "no baseline on record"
    assert "timing.clock_offset" in offset["items"]
    assert 5e-12 < float(offset["statement"]["standard_uncertainty"]) < 20e-12
    times = {
        dict(one["statement"]["conditions"]).get("averaging_time")
        for one in attribute(found, "stability")["figures"]
        if one["name"].startswith("time_deviation")
    }
    assert {"12.5 s", "100 s"} <= times
    assert found["security"]["shown"] is False


def test_a_link_of_pairs_without_a_plan(pairs: Laboratory) -> None:
    found = profile(pairs, "RUN-SYNTHETIC")
    states = standings(found)
    assert states["security"] == "not shown"
    assert states["traceability"] == "broken"
    assert {states[one] for one in ("stability", "sensitivity", "synchronization")} == {
        "not measured"
    }
    assert "no bound was chosen" in attribute(found, "security")["reason"]
    assert "CPM-1: certificate not available" in attribute(found, "traceability")["reason"]
    assert found["security"]["trusted_sites"] == ["Alice", "Bob"]
    assert "probability" not in found["security"]


LEVEL = """[[baseline]]
id = "{identifier}"
item = "{item}"
kind = "{kind}"
value = "{value}"
u = "0.1 ns"
better = "lower"
title = "common view of satellites"
source = "made up for this test"
tag = "declared"
conditions = {{ averaging_time = "{time}" }}
"""
TDEV = {
    "identifier": "GNSS-TDEV-100S",
    "item": "timing.time_deviation",
    "kind": "time_deviation",
    "value": "1 ns",
    "time": "100 s",
}


@pytest.fixture
def mine(synced: Laboratory, tmp_path: Path) -> Laboratory:
    shutil.copytree(synced.folder, tmp_path / "mine")
    return Laboratory(tmp_path / "mine")


def declare(made: Laboratory, **changes: str) -> None:
    text = LEVEL.format(**{**TDEV, **changes})
    made.write("level.toml", text.encode())
    done = made.qtrace("baseline add level.toml")
    assert done.code == 0, done.said


def test_a_baseline_on_record_shows_where_it_joins(mine: Laboratory) -> None:
    declare(mine)
    found = profile(mine, "RUN-SYNC")
    rows = {one["name"]: one for one in attribute(found, "stability")["figures"]}
    compared = {name: one["advantages"] for name, one in rows.items() if one["advantages"]}
    (held,) = [one for rows in compared.values() for one in rows]
    assert held["baseline"]["baseline_id"] == "GNSS-TDEV-100S"
    assert held["standing"] == "better than the baseline"
    # The run of the example is older than this record of the baseline: it counts for nothing.
    assert held["post_hoc"] is True
    assert standings(found)["stability"] == "not shown"
    assert "declared after the run" in attribute(found, "stability")["reason"]
    assert standings(found)["accuracy"] == "not shown", "no baseline speaks of the offset"
    said = " ".join(mine.qtrace("profile RUN-SYNC", text=True).said.split())
    assert "better than the baseline (probability > 0.999999): common view of satellites" in said
    assert said.count("post hoc") == 1


def test_a_baseline_declared_before_the_run_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Laboratory(tmp_path)
    shutil.copytree(EXAMPLES / "sensor_network", tmp_path / "in")
    clock = clock_of(monkeypatch, "2026-04-30T00:00:00Z")
    before = ("init", "laboratory add in/register.toml", "calibration add in/atoms.toml",
              "calibration add in/clock.toml", "link add in/link.toml",
              "baseline add classical_2026")  # fmt: skip
    laboratory(made, before)
    clock.set("2026-05-02T00:00:00Z")
    laboratory(made, ("run add in/node_run.toml", "recompute RUN-SN-NODE"))
    found = profile(made, "RUN-SN-NODE")
    assert standings(found)["sensitivity"] == "improved over baseline"
    reason = attribute(found, "sensitivity")["reason"]
    assert reason.startswith("2 better, 0 worse of 2 comparisons: ")
    assert "post hoc" not in made.qtrace("profile RUN-SN-NODE", text=True).said
    drawn = made.qtrace("profile RUN-SN-NODE --svg p.svg", text=True)
    assert drawn.code == 0
    assert "improved over baseline" in made.read("p.svg")
    assert "#15803d" not in made.read("p.svg"), "a DEMONSTRATION is never green"


def test_named_baselines_and_confidence(mine: Laboratory) -> None:
    declare(mine)
    declare(mine, identifier="OTHER-TIME", time="1 s")
    stability = attribute(profile(mine, "RUN-SYNC --baseline OTHER-TIME"), "stability")
    reasons = {one["no_baseline"] for one in stability["figures"]}
    assert reasons == {
        "no baseline fits: OTHER-TIME differs in averaging_time",
        "no baseline that was named speaks of it",
    }
    assert mine.qtrace("profile RUN-SYNC --baseline NOT-THERE").code == 2
    assert mine.qtrace("profile RUN-SYNC --confidence 1.2").code == 2


@pytest.mark.parametrize(("which", "run"), [("synced", "RUN-SYNC"), ("pairs", "RUN-SYNTHETIC")])
def test_text_drawing_and_page(which: str, run: str, request: pytest.FixtureRequest) -> None:
    made: Laboratory = request.getfixturevalue(which)
    done = made.qtrace(f"profile {run} --svg p.svg --html p.html", text=True)
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= WIDEST
    assert "DEMONSTRATION" in done.out
    root = ET.fromstring(made.read("p.svg"))  # noqa: S314 - our own file
    words = " ".join(text for one in root.iter() if (text := one.text))
    for name in ("accuracy", "stability", "sensitivity", "synchronization", "security"):
        assert name in words
    assert "#15803d" not in made.read("p.svg"), "a DEMONSTRATION is never green"
    page = made.read("p.html")
    assert "DEMONSTRATION" in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")


def test_what_is_no_recomputed_run_is_refused(pairs: Laboratory) -> None:
    assert pairs.qtrace("profile NO-RUN").code == 2
    text = pairs.read("synthetic_run.toml").replace("RUN-SYNTHETIC", "RUN-OTHER")
    pairs.write("other.toml", text)
    assert pairs.qtrace("run add other.toml").code == 0
    done = pairs.qtrace("profile RUN-OTHER")
    assert done.code == 2
    assert "qtrace recompute RUN-OTHER" in done.said
