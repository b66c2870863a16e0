"""A run is compared with its plan field by field; a bound chosen late is post_hoc."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qtrace.laboratory.figure_flags import disqualifying
from qtrace.laboratory.link import ABORTED, Run
from qtrace.laboratory.run_plan import RunPlan
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.planned import (
    block_of,
    blocks_beyond,
    plan_differences,
    plans_in_the_way,
    post_hoc_reason,
    runs_at_that_time,
)

START = datetime(2021, 7, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
PROOF = protocol("bbm92").proofs[0]
COUNTS = {"errors_z": 20, "agreements_z": 980, "errors_x": 20, "agreements_x": 970}
PLAN = RunPlan(
    "P", "L", START - DAY, START + DAY, "bbm92", PROOF.bound, 2, 1000, "after two blocks",
    parameters={"epsilon_privacy": 1e-10}, assumptions={"basis_overlap": (0.5, 0.51)},
    choices={"key_basis": "z"}, ideal_because={"efficiency_mismatch": "one detector"},
)  # fmt: skip
RUN = Run(
    "R", "L", START, START + 100 * SECOND, COUNTS, {"epsilon_privacy": 1e-10, "leak": 12.0,
    "authentication_key": 256.0}, (), "discarded", "measured", protocol="bbm92",
    choices={"bound": PROOF.bound, "key_basis": "z"}, assumptions={"basis_overlap": (0.5, 0.51)},
    ideal_because={"efficiency_mismatch": "one detector, seen again"}, plan_id="P",
)  # fmt: skip


def test_a_run_as_planned_differs_in_nothing_and_may_measure_its_leak() -> None:
    assert plan_differences(RUN, PLAN) == ()
    assert plan_differences(replace(RUN, ideal_because={}), PLAN) == (), "less is no gain"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"link_id": "M"}, "link: planned L, run with M"),
        ({"protocol": "mdi"}, "protocol: planned bbm92, run with mdi"),
        ({"choices": {"key_basis": "z"}}, "bound: planned gamma, run with none"),
        ({"choices": {"bound": "gamma"}}, "key_basis: planned z, run with nothing"),
        ({"parameters": {"epsilon_privacy": 1e-9}}, "epsilon_privacy: planned 1e-10, run with"),
        ({"parameters": {}}, "epsilon_privacy: planned 1e-10, run with nothing"),
        ({"assumptions": {}}, "basis_overlap: planned (0.5, 0.51), run with nothing"),
        ({"assumptions": {"basis_overlap": (0.5, 0.505)}}, "basis_overlap: planned"),
        ({"ideal_because": {"basis_dependence": "x"}}, "basis_dependence: the run takes it"),
        ({"started": START - 2 * DAY}, "time: the run is not within"),
        ({"ended": START + 2 * DAY}, "time: the run is not within"),
        ({"counts": {**COUNTS, "agreements_z": 1081}}, "block size: planned 1000, run with 1101"),
        (
            {"counts": {"errors_z": 10, "agreements_z": 800}},
            "block size: planned 1000, run with 810",
        ),
    ],
)
def test_each_departure_is_one_line(change: dict[str, Any], line: str) -> None:
    (found,) = plan_differences(replace(RUN, **change), PLAN)
    assert found.startswith(line)


def test_a_block_is_as_large_as_its_key_basis() -> None:
    assert block_of(RUN) == 1000
    rows = {"errors_key_1": 3, "agreements_key_2": 4, "agreements_test_1": 100}
    assert block_of(replace(RUN, counts=rows)) == 7
    symbols = replace(RUN, counts={}, parameters={"symbols_key": 12.0})
    assert block_of(symbols) == 12
    assert plan_differences(replace(RUN, counts={"errors_z": 1}, status=ABORTED), PLAN) == ()


def test_two_plans_or_two_runs_of_a_link_do_not_share_their_time() -> None:
    later = replace(PLAN, plan_id="P2", planned_from=START + DAY, planned_until=START + 2 * DAY)
    rival = replace(PLAN, plan_id="P3", planned_from=START, planned_until=START + 2 * DAY)
    assert plans_in_the_way(PLAN, [PLAN, later]) == ()
    assert plans_in_the_way(PLAN, [PLAN, rival, replace(rival, link_id="M")]) == ("P3",)
    other = replace(RUN, run_id="R2", started=START + 50 * SECOND, ended=START + 150 * SECOND)
    assert runs_at_that_time(RUN, [RUN, other]) == ("R2",)
    assert runs_at_that_time(RUN, [replace(other, started=RUN.ended)]) == ()


def test_only_completed_runs_fill_the_plan() -> None:
    aborted = replace(RUN, status=ABORTED)
    assert blocks_beyond(RUN, PLAN, [RUN, aborted, aborted]) == ()
    assert blocks_beyond(aborted, PLAN, [RUN, RUN]) == ()
    assert blocks_beyond(RUN, PLAN, [RUN, RUN]) == ("blocks: 2 were planned, 2 are on record",)


def test_the_ledger_says_what_is_post_hoc() -> None:
    def late(plan: RunPlan | None, at: datetime | None) -> str:
        return post_hoc_reason(RUN, PROOF, plan, at)

    assert late(PLAN, START - SECOND) == ""
    assert late(PLAN, START) == "", "recorded as the run begins"
    assert "recorded after the run began" in late(PLAN, START + timedelta(microseconds=1))
    assert "no plan" in late(None, None)
    other = protocol("bbm92").proofs[1]
    assert "the plan chose the bound gamma" in post_hoc_reason(RUN, other, PLAN, START - SECOND)


def test_the_words_of_a_reason_are_those_that_disqualify() -> None:
    reason = post_hoc_reason(RUN, PROOF, None, None)
    assert disqualifying(["few counts", reason]) == (reason,)
    assert disqualifying(["not proven for this device: x", "aborted run: y"])[1] == "aborted run: y"
    assert disqualifying(["a note on post_hoc"]) == (), "flags are told by how they begin"
