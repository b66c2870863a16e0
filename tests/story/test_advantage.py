"""Baselines before a run, the run, and what it is better at; on the made-up synchronization link."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clock import clock_of
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

EXAMPLE = data_folder() / "examples" / "sync_link"
ADDED = (
    "baseline add baselines.toml",
    "laboratory add register.toml",
    *(f"calibration add {name}.toml" for name in ("tagger", "stations", "clock", "fibre")),
    "link add link.toml",
    "run add run.toml",
    "recompute RUN-SYNC",
)
ITSELF = """[[baseline]]
id = "EARLIER-ROUND"
item = "timing.time_deviation"
kind = "time_deviation"
result = "RUN-SYNC/recomputation/time_deviation_50s"
better = "lower"
title = "the first recomputation of the same record"
source = "the same run"
tag = "measured"
conditions = { averaging_time = "50 s" }
"""
QBER = """[[baseline]]
id = "QBER-LEVEL"
item = "qkd.qber"
kind = "qber"
value = "0.11"
u = "0"
better = "lower"
title = "error rate at which an ideal link has no key: 11.0 %"
source = "zero of 1 - 2 h(e): Shor and Preskill, PRL 85, 441 (2000)"
tag = "computed"
"""


@pytest.fixture(scope="module")
def synced(walked: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    made = walked.copy(tmp_path_factory.mktemp("synced"))
    for path in EXAMPLE.glob("*.toml"):
        made.write(path.name, path.read_bytes())
    for command in ("tags simulate simulation.toml --seed 20260501 --out .", *ADDED):
        done = made.qtrace(command)
        assert done.code == 0, f"{command}: {done.said}"
    return made


@pytest.fixture
def mine(synced: Laboratory, tmp_path: Path) -> Laboratory:
    shutil.copytree(synced.folder, tmp_path / "mine")
    return Laboratory(tmp_path / "mine", synced.answers)


def rows(answer: Any) -> dict[str, Any]:
    """Return the rows by the id of their baseline."""
    return {one["advantage"]["baseline"]["baseline_id"]: one for one in answer["rows"]}


def test_each_figure_stands_against_its_baseline(synced: Laboratory) -> None:
    done = synced.qtrace("metric advantage RUN-SYNC")
    assert done.code == 1, "one is worse"
    found = rows(done.answer)
    standings = {name: one["advantage"]["standing"] for name, one in found.items()}
    assert standings == {
        "SL-TWO-WAY-TDEV-100S": "better than the baseline",
        # Its u is mostly stated by the calibrations: no probability, and nothing proven.
        "SL-TWO-WAY-OFFSET": "not shown",
        "SL-TWO-WAY-ADEV-100S": "not shown",
        "SL-CARRIER-TDEV-12S": "worse",
    }
    tdev = found["SL-TWO-WAY-TDEV-100S"]
    assert float(tdev["advantage"]["probability"]) > 0.99
    assert "chi-square" in tdev["advantage"]["reason"]
    # The run is of 2026-05-01 and the baselines of today: declared late, and said so.
    assert all(one["advantage"]["post_hoc"] for one in found.values())


def test_what_a_person_reads_fits_and_says_what_it_is_not(synced: Laboratory) -> None:
    done = synced.qtrace("metric advantage RUN-SYNC", text=True)
    assert max(map(len, done.out.splitlines())) <= 80
    for words in ("DEMONSTRATION", "simulated", "post hoc", "averaging time 100 s", "up to 20 %"):
        assert words in done.said, words


def test_better_than_what_came_later_is_not_established(synced: Laboratory) -> None:
    asked = "metric advantage RUN-SYNC --baseline SL-TWO-WAY-TDEV-100S"
    assert synced.qtrace(asked).code == 5
    surer = synced.qtrace(f"{asked} --confidence 0.99999")
    assert surer.code == 1


def test_a_measured_baseline_shares_what_it_shares(mine: Laboratory) -> None:
    """The time base of the tagger stands behind both rounds, their indicated values do not."""
    assert mine.qtrace(f"baseline add {mine.write('itself.toml', ITSELF)}").code == 0
    assert mine.qtrace("recompute RUN-SYNC").code == 0
    done = mine.qtrace("metric advantage RUN-SYNC --baseline EARLIER-ROUND")
    assert done.code == 1
    advantage = rows(done.answer)["EARLIER-ROUND"]["advantage"]
    assert advantage["standing"] == "not shown"
    assert float(advantage["difference"]) == pytest.approx(0.0, abs=1e-18)


def test_other_conditions_are_not_compared(mine: Laboratory) -> None:
    assert mine.qtrace("baseline add classical_2026").code == 0
    done = mine.qtrace("metric advantage RUN-SYNC --baseline WHITE-RABBIT-TDEV-1S")
    assert done.code == 1
    (left,) = done.answer["not_compared"]
    assert "averaging_time" in left["reason"]
    assert done.answer["rows"] == []
    shown = mine.qtrace("metric advantage RUN-SYNC --baseline TWO-WAY-FIBRE-LEVEL").answer
    fibre = rows(shown)["TWO-WAY-FIBRE-LEVEL"]["advantage"]
    assert (fibre["standing"], fibre["probability"]) == ("not shown", None)
    assert "as declared, u lies below" in fibre["reason"]


def test_keeping_the_bound_of_a_method_is_no_advantage(mine: Laboratory) -> None:
    assert mine.qtrace("baseline add classical_2026").code == 0
    for name in ("WHITE-RABBIT-LEVEL", "PTP-LEVEL"):
        done = mine.qtrace(f"metric advantage RUN-SYNC --baseline {name}")
        assert done.code == 1
        assert rows(done.answer)[name]["advantage"]["probability"] is None
        assert rows(done.answer)[name]["advantage"]["standing"] == "not shown"
        shown = mine.qtrace(f"metric advantage RUN-SYNC --baseline {name}", text=True)
        assert "specified" in shown.said
        assert "exact" not in shown.said
        assert max(map(len, shown.out.splitlines())) <= 80


def test_bad_questions_are_refused(synced: Laboratory) -> None:
    for command, named in (
        ("metric advantage RUN-X", "RUN-X"),
        ("metric advantage RUN-SYNC --confidence 0.4", "0.4"),
        ("metric advantage RUN-SYNC --baseline SL-TWO", "SL-TWO"),
        ("metric advantage RUN-YIN-2020", "no baseline"),
        ("baseline add nothing", "classical_2026"),
    ):
        done = synced.qtrace(command)
        assert done.code == 2, command
        assert named in done.said, command


def test_a_baseline_is_recorded_once_and_in_the_ledger(mine: Laboratory) -> None:
    again = mine.qtrace("baseline add baselines.toml")
    assert again.code == 2
    assert "another id" in again.said
    listed = mine.qtrace("baseline list").answer
    assert len(listed) == 4
    dry = mine.qtrace("baseline add classical_2026 --dry-run")
    assert dry.code == 0
    assert len(mine.qtrace("baseline list").answer) == 4
    assert "baseline add" in mine.qtrace("ledger list", text=True).said
    assert mine.qtrace("audit --all").code == 0


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """A bbm92 run of the shipped example: plan and baselines stand before it."""
    folder = tmp_path_factory.mktemp("pairs")
    shutil.copytree(data_folder() / "examples" / "three_links", folder / "in")
    made = Laboratory(folder)
    made.write("qber.toml", QBER)
    with pytest.MonkeyPatch.context() as patch:
        clock = clock_of(patch, "2021-06-10T00:00:00Z")
        for command in (
            "init",
            "laboratory add in/register.toml",
            *(f"calibration add in/{name}.toml" for name in ("meter", "source", "receiver")),
            "calibration add in/counter.toml",
            "run plan in/pairs_plan.toml",
            "baseline add classical_2026",
            "baseline add qber.toml",
        ):
            done = made.qtrace(command)
            assert done.code == 0, f"{command}: {done.said}"
        clock.set("2021-07-03T00:00:00Z")
        for command in ("run add in/pairs_run.toml", "recompute TL-RUN-PAIRS"):
            done = made.qtrace(command)
            assert done.code == 0, f"{command}: {done.said}"
        yield made


def test_security_is_categorical(pairs: Laboratory) -> None:
    """A statement with proof, epsilon, trusted nodes and what is left out; no probability."""
    asked = "metric advantage TL-RUN-PAIRS --baseline COMPUTATIONAL-KEY-EXCHANGE"
    done = pairs.qtrace(asked)
    assert done.code == 0, done.said
    (row,) = done.answer["rows"]
    assert row["advantage"]["probability"] is None
    assert row["advantage"]["post_hoc"] is False
    assert len(row["security"]["trusted_nodes"]) == 2
    assert float(row["security"]["epsilon"]) > 0.0
    shown = pairs.qtrace(asked, text=True)
    assert max(map(len, shown.out.splitlines())) <= 80
    for words in ("categorical", "trusted nodes", "not covered", "epsilon", "DEMONSTRATION"):
        assert words in shown.said, words


def test_a_share_of_errors_is_judged_by_its_counts(pairs: Laboratory) -> None:
    found = rows(pairs.qtrace("metric advantage TL-RUN-PAIRS --baseline QBER-LEVEL").answer)
    advantage = found["QBER-LEVEL"]["advantage"]
    assert advantage["standing"] == "better than the baseline"
    assert "Clopper-Pearson" in advantage["reason"]
