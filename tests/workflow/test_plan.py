"""Verbs of plans and key reports, called as a program calls them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stranger import Laboratory

from qtrace.errors import InputError
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.run_file import read_run_file
from qtrace.workflow.key_report import report_key
from qtrace.workflow.plan import planned_key, record_plan, template
from qtrace.workflow.register import add_run
from qtrace.workflow.workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """The three links of the example with nothing calibrated."""
    shutil.copytree(data_folder() / "examples" / "three_links", tmp_path / "in")
    made = Laboratory(tmp_path)
    assert made.qtrace("init").code == 0
    assert made.qtrace("laboratory add in/register.toml").code == 0
    url = f"sqlite:///{tmp_path / 'qtrace.db'}"
    return Workbench(url, "tester", tmp_path / "keys")


def test_a_plan_is_in_the_ledger_with_its_time_and_text(bench: Workbench, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    plan = record_plan(bench, tmp_path / "in" / "pairs_plan.toml")
    with bench.read() as session:
        assert session.plans.all("TL-PAIRS") == (plan,)
        assert before <= session.plans.recorded_at(plan.plan_id) <= datetime.now(UTC)
    (entry,) = [one for one in Laboratory(tmp_path).ledger() if one["action"] == "plan run"]
    assert entry["subject"] == "TL-PLAN-PAIRS"
    assert "leverrier" not in entry["content"]
    assert '"bound":"gamma"' in entry["content"]


def test_a_dry_run_finds_errors_and_records_nothing(bench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "in" / "pairs_plan.toml"
    record_plan(bench, path, dry_run=True)
    record_plan(bench, path)
    with pytest.raises(InputError, match="already recorded"):
        record_plan(bench, path, dry_run=True)


def test_a_plan_for_another_link_is_refused_with_its_place(
    bench: Workbench, tmp_path: Path
) -> None:
    text = (tmp_path / "in" / "pairs_plan.toml").read_text().replace("TL-PAIRS", "TL-DECOY")
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(InputError, match="TL-DECOY runs bb84_two_decoy") as caught:
        record_plan(bench, tmp_path / "plan.toml")
    assert "plan.toml, line 2" in caught.value.where


def test_a_run_of_an_unknown_plan_is_refused(bench: Workbench, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="TL-PLAN-PAIRS"):
        add_run(bench, tmp_path / "in" / "pairs_run.toml")


def test_a_plan_without_runs_and_a_run_without_figures_say_what_to_do(
    bench: Workbench, tmp_path: Path
) -> None:
    record_plan(bench, tmp_path / "in" / "pairs_plan.toml")
    with pytest.raises(InputError, match="no run of plan") as caught:
        planned_key(bench, "TL-PLAN-PAIRS")
    assert "qtrace run add" in caught.value.next_step
    add_run(bench, tmp_path / "in" / "pairs_run.toml")
    with pytest.raises(InputError, match="not recomputed yet") as caught:
        report_key(bench, "TL-RUN-PAIRS")
    assert "qtrace recompute TL-RUN-PAIRS" in caught.value.next_step
    (block,) = planned_key(bench, "TL-PLAN-PAIRS").blocks
    assert (block.certified_bits, block.key_bits) == (None, 0)


def test_a_run_that_names_no_protocol_has_no_key_report(bench: Workbench, tmp_path: Path) -> None:
    text = (tmp_path / "in" / "pairs_run.toml").read_text()
    start = text.index("[assumption.")
    plain = (text[:start] + text[text.index("[net]") :]).replace('plan = "TL-PLAN-PAIRS"\n', "")
    plain = plain.replace('protocol = "bbm92"\n', "").replace('bound = "gamma"\n', "")
    (tmp_path / "in" / "plain.toml").write_text(plain)
    add_run(bench, tmp_path / "in" / "plain.toml")
    with pytest.raises(InputError, match="names no protocol") as caught:
        report_key(bench, "TL-RUN-PAIRS")
    assert "qtrace run compare" in caught.value.next_step


def test_a_template_is_text_that_reads() -> None:
    assert read_run_file(template("mdi").encode()).run.protocol == "mdi"
    with pytest.raises(InputError):
        template("nothing")
