"""From a run to the key that its uses need: claims, gross figures, outcomes, exit codes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from link_bench import add, bench_at, run_text
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder
from qtrace.laboratory.event import RecordedResult
from qtrace.quantity.measurand import Measurand
from qtrace.workflow import supply as supply_module

PLAN = """\
[supply]
id = "PLAN"
{supply}

[[use]]
id = "tunnel"
type = "rekeying"
rekey = "1 min"
authentication = "with_cipher"
"""
NEEDED = 512 / 60  # bit/s


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    made = bench_at(tmp_path)
    add(made, run_text("RUN", "2021-07-01"), "run add")
    assert made.qtrace("recompute RUN").code == 0
    return made


def plan(bench: Laboratory, supply: str = "") -> str:
    return str(bench.write("plan.toml", PLAN.format(supply=supply)))


def test_the_example_lacks_key_and_says_so_within_80_columns(tmp_path: Path) -> None:
    shutil.copytree(data_folder() / "examples" / "key_supply", tmp_path / "key_supply")
    bench = Laboratory(tmp_path)
    done = bench.qtrace("metric supply key_supply/substation.toml", text=True)
    assert done.code == 1
    assert "54 B x 8 bit/B x 60 /s x 1 direction = 25.92 kbit/s" in done.out
    assert "never filled at this" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    assert not (tmp_path / "qtrace.db").exists()


def test_a_claimed_rate_is_never_enough(tmp_path: Path) -> None:
    bench = Laboratory(tmp_path)
    path = plan(bench)
    done = bench.qtrace(f"metric supply {path} --rate", "1 kbit/s")
    assert done.code == 5
    balance = done.answer["balance"]
    assert (balance["outcome"], balance["if_confirmed"]) == ("NOT_EVALUABLE", "MET")
    assert float(balance["demand_bits_per_s"]) == pytest.approx(NEEDED)
    assert bench.qtrace(f"metric supply {path} --rate", "8 bit/s").code == 1
    for wrong in ("1 kbit", "-1 bit/s", "fast", "1 qbit/s"):
        assert bench.qtrace(f"metric supply {path} --rate", wrong).code == 2
    assert bench.qtrace(f"metric supply {path}").code == 2, "nothing says what is supplied"


def test_a_run_supplies_its_smallest_length_per_wall_time(bench: Laboratory) -> None:
    path = plan(bench, 'wall_time = "2000 s"\nspent = "1000 bit"')
    done = bench.qtrace(f"metric supply {path} --run RUN")
    supply = done.answer["balance"]["supply"]
    shown = bench.qtrace("calibration show RUN/recomputation").answer["results"]
    names = {one["name"] for one in shown}
    assert "finite_length_gamma" in names
    doubts = " ".join(supply["doubts"])
    assert "not certified" in doubts, "bbm92 has no figure over a declared set"
    assert "post hoc" in doubts
    assert "gross" not in doubts
    assert "smallest of 5 bounds" in supply["origin"]
    length = float(supply["bits_per_s"]) * 2000.0 + 1000.0
    assert f"{length:.6g} bit" in supply["origin"]
    assert done.code == 5


def test_without_wall_time_and_spent_key_the_figure_is_gross(bench: Laboratory) -> None:
    done = bench.qtrace(f"metric supply {plan(bench)} --run RUN")
    supply = done.answer["balance"]["supply"]
    assert sum("gross" in one for one in supply["doubts"]) == 2
    assert float(supply["block_s"]) == 1000.0

    shorter = plan(bench, 'wall_time = "999 s"')
    refused = bench.qtrace(f"metric supply {shorter} --run RUN")
    assert refused.code == 2
    assert "shorter than the run" in refused.said


def test_a_certified_planned_measured_run_can_meet(
    bench: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No protocol with a certified figure is needed: one result is given that kind."""
    planned = run_text("RUN-2", "2021-07-02").replace("[counts]", "planned = true\n[counts]", 1)
    add(bench, planned, "run add")
    assert bench.qtrace("recompute RUN-2").code == 0
    monkeypatch.setattr(supply_module, "CERTIFIED", "key_length_finite")
    path = plan(bench, 'wall_time = "2000 s"\nspent = "1000 bit"')
    done = bench.qtrace(f"metric supply {path} --run RUN-2", text=True)
    assert done.code == 0, done.said
    assert "outcome: MET" in done.out
    assert "doubt" not in done.out
    tight = plan(bench, 'wall_time = "2000 s"\nspent = "670000 bit"')
    assert bench.qtrace(f"metric supply {tight} --run RUN-2").code == 1


def test_a_run_that_was_not_recomputed_or_is_unknown_is_refused(bench: Laboratory) -> None:
    add(bench, run_text("RAW", "2021-07-03"), "run add")
    raw = bench.qtrace(f"metric supply {plan(bench)} --run RAW")
    assert raw.code == 2
    assert "qtrace recompute RAW" in " ".join(raw.said.split())
    assert bench.qtrace(f"metric supply {plan(bench)} --run NOBODY").code == 2
    both = bench.qtrace(f"metric supply {plan(bench)} --run RUN --rate", "1 bit/s")
    assert both.code == 2


def test_the_smallest_of_several_is_taken() -> None:
    class Events:
        def stored_values(self, _ids: object) -> dict[int, tuple[float, float]]:
            return {1: (50.0, 1.0), 2: (40.0, 1.0)}

    class Session:
        events = Events()

    lengths = [
        RecordedResult(k, "R", f"l{k}", Measurand("key_length_finite"), "bit") for k in (1, 2)
    ]
    assert supply_module._smallest(Session(), lengths) == (40.0, "R/l2")  # type: ignore[arg-type]
