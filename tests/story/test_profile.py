"""Attribute profiles of the example laboratories, as a stranger asks for them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from stranger import Laboratory

import qtrace.registry.run_profiles as registry
from qtrace.exchange.package_files import data_folder
from qtrace.metrics.advantage.statement import Advantage, Baseline, Standing

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


def test_a_baseline_shows_where_it_joins(
    synced: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = Baseline(
        "B", "timing.time_deviation", "time_deviation", 1e-9, 1e-11, "lower",
        "GNSS common view", "made up", "declared",
    )  # fmt: skip

    def joined(_stated: object, _dossier: object, items: Any) -> Any:
        of = [one for one, names in items.items() if base.item in names]
        won = Advantage(base, Standing.BETTER, 0.95, 0.999, -1e-9, 0.003, "u of both", False)
        return dict.fromkeys(of, (won,)), {}

    monkeypatch.setattr(registry, "_against", joined)
    found = profile(synced, "RUN-SYNC")
    assert standings(found)["stability"] == "improved over baseline"
    assert standings(found)["accuracy"] == "not shown"
    said = synced.qtrace("profile RUN-SYNC", text=True).said
    assert "better than the baseline (probability 0.999): GNSS common view, 1e-9 s" in said


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
