"""The case study of the smart grid: planned before, enough for tags and keys, not for a pad."""

from __future__ import annotations

import pytest
from demo_walks import Walk, check_profile, check_walk, walk_case

from qtrace.cli import demo_smart_grid


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return walk_case("smart-grid", tmp_path_factory)


def test_the_case_is_walked_and_is_a_demonstration(walk: Walk) -> None:
    check_walk(walk)


def test_the_plan_was_there_before_the_run(walk: Walk) -> None:
    (one,) = walk.bench.qtrace("run key SG-RUN").answer["figures"]
    assert one["chosen"]
    assert not any("post_hoc" in flag or "not proven" in flag for flag in one["flags"])
    assert "MET KEY-01" in walk.said


def test_about_one_kbit_per_second_is_left(walk: Walk) -> None:
    totals = walk.bench.qtrace("run net SG-PLAN").answer["totals"]
    assert totals["net"] is True
    assert float(totals["rate_bit_per_s"]) == pytest.approx(1e3, rel=0.1)
    assert "of declared counts" in walk.compared


def test_a_pad_lacks_key_and_rekeying_would_be_met(walk: Walk) -> None:
    pad = walk.bench.qtrace("metric supply input/smart_grid/one_time_pad.toml --run SG-RUN")
    assert pad.code == 1
    # 4 kbit/s of data and 60 tags of 64 bit each second, one direction.
    assert float(pad.answer["balance"]["demand_bits_per_s"]) == pytest.approx(4000 + 60 * 64)
    keys = walk.bench.qtrace("metric supply input/smart_grid/rekeying.toml --run SG-RUN")
    assert keys.code == 5
    balance = keys.answer["balance"]
    # 256 bit each second both ways; 2 messages and their acknowledgements, 64 bit each.
    assert float(balance["demand_bits_per_s"]) == pytest.approx(2 * 256 + 4 * 64)
    assert (balance["outcome"], balance["if_confirmed"]) == ("NOT_EVALUABLE", "MET")
    assert balance["supply"]["doubts"] == ["the run is simulated, not measured here"]


def test_a_proof_is_better_than_an_assumption_and_that_is_no_number(walk: Walk) -> None:
    (row,) = walk.bench.qtrace("metric advantage SG-RUN").answer["rows"]
    assert row["advantage"]["baseline"]["baseline_id"] == "COMPUTATIONAL-KEY-EXCHANGE"
    assert row["advantage"]["standing"] == "better than the baseline"
    assert row["advantage"]["probability"] is None
    assert row["advantage"]["post_hoc"] is False, "the baseline was on record before the run"
    assert row["security"]["trusted_nodes"] == ["control centre", "substation"]
    assert "trusted nodes: control centre, substation" in walk.said
    security = check_profile(walk, "SG-RUN", {"security": "categorical"})["security"]
    lines = [one["no_baseline"] for one in security["figures"]]
    assert any("better than the baseline, categorical" in text for text in lines)


def test_a_relay_must_be_trusted_and_a_declared_hop_proves_nothing(walk: Walk) -> None:
    show = "network show input/smart_grid/network.toml --from CC --to"
    near = walk.bench.qtrace(f"{show} S1").answer["key"]
    far = walk.bench.qtrace(f"{show} S2").answer["key"]
    assert near["trusted_nodes"] == []
    assert len(far["trusted_nodes"]) == 1
    assert "standing categorical" in " ".join(
        walk.bench.qtrace(f"{show} S1", text=True).out.split()
    )
    assert "standing not shown: no proof that stands for KEY-S1-S2" in walk.said


def test_times_are_written_only_where_a_field_stands_once(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("dated")
    (folder / demo_smart_grid.FOLDER).mkdir(parents=True)
    (folder / demo_smart_grid.FOLDER / "plan.toml").write_text("planned_from = 1\n")
    monkeypatch.chdir(folder)
    with pytest.raises(RuntimeError, match="0 lines of planned_until"):
        demo_smart_grid._before_the_plan()
