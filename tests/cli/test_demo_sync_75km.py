"""The case study of 75 km: the offset is the true one, and no more is said than was found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from demo_walks import Walk, check_profile, check_walk, walk_case

from qtrace.cli.demo_sync_75km import LEVELS

TRUE_OFFSET_S = 3217123456e-12
WITHIN = 3.0  # standard uncertainties between a figure and the truth
# Cramer-Rao bound of a point without background (data/examples/sync_75km/source.md).
BOUND_S = 3.5e-12


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return walk_case("sync-75km", tmp_path_factory)


def test_the_case_is_walked_and_is_a_demonstration(walk: Walk) -> None:
    check_walk(walk)


def test_the_offset_is_that_of_the_simulation(walk: Walk) -> None:
    answer = walk.bench.qtrace("run sync RUN-75KM").answer
    figures = {one["name"]: one["statement"] for one in answer["figures"]}
    offset = figures["clock_offset"]
    u = float(offset["standard_uncertainty"])
    assert abs(float(offset["value"]) - TRUE_OFFSET_S) < WITHIN * u
    assert 8e-12 < u < 10e-12, "the stations' delays make it: 8.3 ps"
    first = next(one for one in answer["series"] if one["name"] == "time_deviation")
    assert float(first["low"]) < BOUND_S < float(first["high"])


def test_the_published_figures_are_compared_with_and_not_claimed(walk: Walk) -> None:
    for text in ("4.45 ps", "426 fs", "not recomputed", "published only", "428 fs"):
        assert text in walk.compared, text
    assert "NOT EVALUABLE SYNC-04" in walk.said, "370 s show no TDEV at 100 s"
    bundle = json.loads(Path(walk.folder, "bundles/sync-75km.json").read_text(encoding="utf-8"))
    assert bundle


def test_a_declared_u_below_printed_levels_shows_nothing(walk: Walk) -> None:
    named = " ".join(f"--baseline {one}" for one in LEVELS)
    done = walk.bench.qtrace(f"metric advantage RUN-75KM {named}")
    assert done.code == 1
    found = {one["advantage"]["baseline"]["baseline_id"]: one for one in done.answer["rows"]}
    assert set(found) == set(LEVELS)
    # u of the offset is near 9 ps; the nearest of the levels is 112 ps.
    assert max(float(one["advantage"]["ratio"]) for one in found.values()) < 0.1
    assert {one["advantage"]["standing"] for one in found.values()} == {"not shown"}
    assert "measure the other way here, too" in " ".join(walk.said.replace("# ", "").split())
    states = check_profile(walk, "RUN-75KM", {"synchronization": "not shown"})
    assert "differ in averaging_time" in states["stability"]["reason"]
