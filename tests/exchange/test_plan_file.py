"""Plan files: what a run will be judged by; what only the run can measure is not in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qtrace.errors import InputError
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.plan_file import read_plan_file
from qtrace.exchange.run_file import read_run_file
from qtrace.metrics.planned import plan_differences

FOLDER = data_folder() / "examples" / "three_links"
TEXT = (FOLDER / "decoy_plan.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["decoy", "coherent", "pairs"])
def test_a_plan_and_its_run_say_the_same(name: str) -> None:
    plan = read_plan_file(FOLDER / f"{name}_plan.toml").plan
    run = read_run_file(FOLDER / f"{name}_run.toml").run
    assert plan_differences(run, plan) == ()
    assert run.plan_id == plan.plan_id


def test_a_plan_is_read_whole() -> None:
    draft = read_plan_file(TEXT.encode(), name="plan.toml")
    plan = draft.plan
    assert (plan.plan_id, plan.link_id, plan.protocol) == (
        "TL-PLAN-DECOY",
        "TL-DECOY",
        "bb84_two_decoy",
    )
    assert (plan.bound, plan.rule, plan.blocks, plan.block_size) == (
        "hoeffding_gamma",
        "guard_band",
        1,
        400_000_000,
    )
    assert plan.planned_from == datetime(2021, 7, 1, tzinfo=UTC)
    assert plan.assumptions["mean_photon_number_3"] == (0.00016, 0.00024)
    assert set(plan.ideal_because) == {
        "detection_efficiency_mismatch",
        "phase_randomization",
        "intensity_correlation",
    }
    assert "bound" not in plan.choices
    assert plan.choices["key_basis"] == "z"
    assert str(draft.place).startswith("plan.toml, line 2")


def test_a_leak_to_be_measured_is_left_out_of_a_plan() -> None:
    plan = read_plan_file(TEXT.replace("error_correction_efficiency = 1.16", "").encode()).plan
    assert "leak" not in plan.parameters
    run_text = (FOLDER / "decoy_run.toml").read_text(encoding="utf-8")
    measured = run_text.replace("error_correction_efficiency = 1.16", "leak = 70000000")
    assert plan_differences(read_run_file(measured.encode()).run, plan) == ()
    modelled = read_run_file(run_text.encode()).run
    assert any("error_correction_efficiency" in one for one in plan_differences(modelled, plan))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("2021-07-02T00:00:00Z", "2021-06-30T00:00:00Z", "is not after"),
        ("2021-07-02T00:00:00Z", "2021-07-02T00:00:00", "no time zone"),
        ("blocks = 1", "blocks = 0", "0 is below 1"),
        ("blocks = 1", "blocks = 1.5", "1.5"),
        ("block_size = 400000000", "block_size = -1", "-1 is below 1"),
        ('bound = "hoeffding_gamma"', "", "bound"),
        ('bound = "hoeffding_gamma"', 'bound = "any"', "not one of"),
        ('rule = "guard_band"', 'rule = "kind"', "not one of"),
        ('stop_rule = "after one block, or at the end of the time span"', "", "stop_rule"),
        ('protocol = "bb84_two_decoy"', 'protocol = "bb85"', "not one of"),
        ('key_basis = "z"', "", "key basis is not named"),
        ('id = "TL-PLAN-DECOY"', 'id = "a plan"', "a plan"),
        ("interval = [0.4704, 0.4896]", "interval = [0.49, 0.50]", "does not hold"),
        ("[plan]", "[plan]\nwish = 1", "wish"),
        ("[parameters]", "[counts]\n[parameters]", "counts"),
        ("[parameters]", "[net]\nauthentication_key = 1\n[parameters]", "net"),
    ],
)
def test_a_bad_plan_is_refused_with_line_and_field(old: str, new: str, what: str) -> None:
    assert old in TEXT
    with pytest.raises(InputError) as caught:
        read_plan_file(TEXT.replace(old, new, 1).encode(), name="plan.toml")
    assert what in f"{caught.value.what} {caught.value.where}"
    assert "plan.toml" in caught.value.where


def test_an_absent_or_cut_plan_is_refused() -> None:
    with pytest.raises(InputError):
        read_plan_file(FOLDER / "nothing.toml")
    for size in (0, 10, 200, 400, 600):
        with pytest.raises(InputError):
            read_plan_file(TEXT.encode()[:size], name="plan.toml")


@pytest.mark.parametrize(
    ("old", "new", "what", "where"),
    [
        ("epsilon_secrecy = 1e-10", "epsilon_secrecy = 1e-320", "below 1e-100", "epsilon_secrecy"),
        ("mean_photon_number = 0.48", "mean_photon_number = 800", "above 10", "intensity[1].mean"),
    ],
)
def test_numbers_beyond_the_range_of_doubles_are_refused(
    old: str, new: str, what: str, where: str
) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(InputError) as caught:
        read_plan_file(TEXT.replace(old, new).encode(), name="plan.toml")
    assert what in caught.value.what
    assert where in caught.value.where
