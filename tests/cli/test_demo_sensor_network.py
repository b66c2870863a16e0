"""The case study of entangled sensors: a gain names its reference, and says of what it is."""

from __future__ import annotations

import pytest
from demo_walks import Walk, check_profile, check_walk, walk_case


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return walk_case("sensor-network", tmp_path_factory)


def test_the_case_is_walked_and_is_a_demonstration(walk: Walk) -> None:
    check_walk(walk)


@pytest.mark.parametrize(("run", "told_db"), [("RUN-SN-MODES", 4.5), ("RUN-SN-PROJECTION", 11.6)])
def test_the_gains_are_those_that_were_declared(walk: Walk, run: str, told_db: float) -> None:
    (one,) = walk.bench.qtrace(f"trace {run}/recomputation/variance_gain_level --no-chain").answer
    low, high = (float(end) for end in one["statement"]["interval"][:2])
    assert low < told_db < high


def test_variance_and_deviation_are_told_apart(walk: Walk) -> None:
    for text in ("2.818 in variance", "1.679 in deviation", "14.45 in variance", "3.80"):
        assert text in walk.compared, text
    assert "fourfold holds for the deviation alone" in walk.compared
    assert "N to the power -0.90, -0.69 to -1.12" in walk.compared


@pytest.mark.parametrize("run", ["RUN-SN-NODE", "RUN-SN-PROJECTION"])
def test_the_gain_is_better_than_the_quantum_limit_but_post_hoc(walk: Walk, run: str) -> None:
    done = walk.bench.qtrace(f"metric advantage {run}")
    assert done.code == 5
    for row in done.answer["rows"]:
        assert row["advantage"]["baseline"]["baseline_id"].startswith("STANDARD-QUANTUM-LIMIT")
        assert row["advantage"]["standing"] == "better than the baseline"
        assert row["advantage"]["post_hoc"] is True, "the shipped run is older"
    found = check_profile(walk, run, {"sensitivity": "not shown", "traceability": "shown"})
    assert "declared after the run" in found["sensitivity"]["reason"]
