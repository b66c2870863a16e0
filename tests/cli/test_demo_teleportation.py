"""The case study of teleportation: an interval, two rates, the bound of the states sent."""

from __future__ import annotations

import pytest
from demo_walks import Walk, check_profile, check_walk, walk_case

DECLARED = 0.906  # the average that counts were drawn from (source.md of the example)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return walk_case("teleportation", tmp_path_factory)


def test_the_case_is_walked_and_is_a_demonstration(walk: Walk) -> None:
    check_walk(walk)


def test_the_interval_holds_what_was_declared(walk: Walk) -> None:
    (one,) = walk.bench.qtrace(
        "trace RUN-TELEPORT/recomputation/average_fidelity --no-chain"
    ).answer
    low, high = (float(end) for end in one["statement"]["interval"][:2])
    assert low < DECLARED < high
    assert low > 2.0 / 3.0
    assert "0.6667 for these six states" in walk.compared


def test_heralds_and_received_states_have_a_rate_each(walk: Walk) -> None:
    assert "7.10 received and 22.3 heralded per second" in walk.compared


def test_it_is_better_than_measure_and_prepare_but_post_hoc(walk: Walk) -> None:
    done = walk.bench.qtrace("metric advantage RUN-TELEPORT")
    assert done.code == 5
    found = {one["advantage"]["baseline"]["baseline_id"]: one for one in done.answer["rows"]}
    assert set(found) == {
        "CLASSICAL-MARGIN", "CLASSICAL-FIDELITY-SIX-STATES", "NO-CLONING-SIX-STATES"
    }  # fmt: skip
    assert {one["advantage"]["standing"] for one in found.values()} == {"better than the baseline"}
    assert all(one["advantage"]["post_hoc"] for one in found.values())
    left = {one["baseline_id"] for one in done.answer["not_compared"]}
    assert "CLASSICAL-FIDELITY-TWO-BASES" in left, "3/4 is for another set of states"
    check_profile(walk, "RUN-TELEPORT", {"accuracy": "not shown", "security": "not shown"})
