"""Three links of different protocols, from files to what limits each: the shipped example.

All numbers are made up. What is checked against them is computed again here: coverage from draws,
net key by hand, the limiting calibration from the uncertainties in the files.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clock import Clock, clock_of
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

PLANNED, RUN_ENDED = "2021-06-10T00:00:00Z", "2021-07-03T00:00:00Z"
LINKS = ("decoy", "coherent", "pairs")
DRAWS = 400_000
COVERAGE_TOLERANCE = 1e-3  # three standard deviations of the share of 400 000 draws, and drift


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """The example with plans recorded before their runs, all runs recomputed; read only."""
    folder = tmp_path_factory.mktemp("three")
    with pytest.MonkeyPatch.context() as patch:
        clock = clock_of(patch, PLANNED)
        made = planned(folder)
        clock.set(RUN_ENDED)
        for name in LINKS:
            must(made, f"run add in/{name}_run.toml")
            must(made, f"recompute TL-RUN-{name.upper()}")
        yield made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return clock_of(monkeypatch, PLANNED)


def planned(folder: Path, *, links: Sequence[str] = LINKS) -> Laboratory:
    """Return a laboratory with calibrations and plans (of some links), and no run."""
    shutil.copytree(data_folder() / "examples" / "three_links", folder / "in")
    made = Laboratory(folder)
    must(made, "init")
    must(made, "key create lab --person Tester --organisation Laboratory")
    must(made, "laboratory add in/register.toml")
    for name in ("meter", "source", "receiver", "counter"):
        must(made, f"calibration add in/{name}.toml")
    for name in links:
        must(made, f"run plan in/{name}_plan.toml")
    return made


def must(bench: Laboratory, line: str) -> Any:
    done = bench.qtrace(line)
    assert done.code == 0, f"{line}: {done.said}"
    return done.answer


def figure(bench: Laboratory, run: str) -> dict[str, Any]:
    (one,) = must(bench, f"run key {run}")["figures"]
    return one


def changed(bench: Laboratory, name: str, *pairs: tuple[str, str]) -> str:
    """Return a copy of a file of the example with texts replaced."""
    text = bench.read(f"in/{name}.toml")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return bench.write("in/changed.toml", text)


def test_each_link_names_the_calibration_that_limits_it(three: Laboratory) -> None:
    limits = {name: figure(three, f"TL-RUN-{name.upper()}")["limited_by"] for name in LINKS}
    # The meter is known to 0.7 %, the rest of the source calibration to 0.3 % at most.
    assert [one[0] for one in limits["decoy"]] == ["TL-CAL-METER", "TL-CAL-SOURCE"]
    # The noise is known to 1.5 % and costs more than an efficiency known to 0.8 %.
    assert [one[0] for one in limits["coherent"]] == ["TL-CAL-RECEIVER", "TL-CAL-METER"]
    assert limits["pairs"] == []
    text = three.qtrace("run key TL-RUN-PAIRS", text=True).out
    assert "no calibration can influence this figure: counts in, bits out" in " ".join(text.split())


def test_the_parts_of_the_budget_make_up_its_u(three: Laboratory) -> None:
    """Different calibrations own different inputs; with the counts they are the whole u."""
    one = figure(three, "TL-RUN-DECOY")
    parts = [float(part) for _, part in one["limited_by"]]
    u = float(one["nominal_u"])
    counts = math.sqrt(u**2 - sum(part**2 for part in parts))
    # Statistical part alone, as computed without any calibration (see the example's nominal run).
    assert counts == pytest.approx(352_979, rel=0.02)


def test_coverage_keeps_what_the_intensities_share(three: Laboratory) -> None:
    """Drawn again from the file: one meter, one attenuator, two ratios, drift of the signal."""
    one = figure(three, "TL-RUN-DECOY")
    generator = np.random.Generator(np.random.PCG64(20210610))

    def normal(u: float) -> Any:
        return 1.0 + u * generator.standard_normal(DRAWS)

    h, c = 6.62607015e-34, 299792458.0
    mean = 64.2e-9 / 1.004 * 0.000960 * 1550.12e-9 / (h * c * 1e9)
    years = (29 + 4 / 24) / 365.25  # 2 June 8:00 to 1 July 12:00
    drift = 0.005 * years / math.sqrt(3)
    shared = normal(0.10 / 64.2) / normal(0.007 / 1.004) * normal(0.000002 / 0.00096)
    signal = mean * shared * normal(drift)
    decoy = mean * shared * 0.25 * normal(0.0003 / 0.25)
    vacuum = mean * shared * 0.00042 * normal(0.00002 / 0.00042)
    inside = [
        (signal >= 0.4704) & (signal <= 0.4896),
        (decoy >= 0.1176) & (decoy <= 0.1224),
        (vacuum >= 0.00016) & (vacuum <= 0.00024),
    ]
    singles = [float(a["coverage"]) for a in one["assumptions"] if a["coverage"] is not None]
    for found, drawn in zip(singles, inside, strict=True):
        assert found == pytest.approx(drawn.mean(), abs=COVERAGE_TOLERANCE)
    joint = float(one["assumption_coverage"])
    assert joint == pytest.approx(np.logical_and.reduce(inside).mean(), abs=COVERAGE_TOLERANCE)
    assert joint > math.prod(singles) + 3e-3, "one meter errs in one direction"


def test_figures_planned_before_are_not_post_hoc_and_three_numbers_stay_three(
    three: Laboratory,
) -> None:
    for name in LINKS:
        one = figure(three, f"TL-RUN-{name.upper()}")
        assert one["chosen"]
        assert not any("post_hoc" in flag or "not proven" in flag for flag in one["flags"])
        assert float(one["value"]) < float(one["nominal"]), "the set costs something"
    assert must(three, "run key TL-RUN-DECOY")["epsilon"] == "1.01e-10", "coverage is not in it"


def test_the_report_is_narrow(three: Laboratory) -> None:
    for line in (
        *(f"run key TL-RUN-{name.upper()}" for name in LINKS),
        *(f"run net TL-PLAN-{name.upper()}" for name in LINKS),
        "run plans",
    ):
        done = three.qtrace(line, text=True)
        assert done.code == 0
        assert max(map(len, done.out.splitlines())) <= 80, line


def test_net_key_subtracts_what_the_run_used_and_counts_its_time(three: Laboratory) -> None:
    totals = must(three, "run net TL-PLAN-DECOY")["totals"]
    certified = math.floor(float(figure(three, "TL-RUN-DECOY")["value"]))
    assert totals["net"] is True
    assert int(totals["certified_bits"]) == certified
    assert float(totals["net_bits"]) == certified - 256 - 64
    assert float(totals["rate_bit_per_s"]) == pytest.approx((certified - 320) / 100.0)


def test_counts_from_a_file_beside_are_recorded_with_its_digest(three: Laboratory) -> None:
    import hashlib

    digest = hashlib.sha256((three.folder / "in" / "pairs_counts.csv").read_bytes()).hexdigest()
    notes = must(three, "run show TL-RUN-PAIRS")["notes"]
    assert f"counts read from pairs_counts.csv, SHA-256 {digest}" in notes


def test_such_runs_are_judged_sealed_verified_and_audited(three: Laboratory) -> None:
    """Last: it writes. REFUSED here, since most requirements have no evidence."""
    for name in LINKS:
        must(three, f"assess TL-{name.upper()} --scheme demonstration-link")
        bundle = f"bundles/{name}.json"
        done = three.qtrace(
            f"certify TL-{name.upper()} --scheme demonstration-link --key lab --bundle {bundle}"
        )
        assert done.code in {0, 1}, done.said
        verified = three.qtrace(f"certificate verify {bundle} --key keys/lab.pub.json")
        assert verified.code == 0, verified.said
    assert three.qtrace("audit --all").code == 0


def test_a_plan_recorded_after_the_run_began_makes_the_figure_post_hoc(
    tmp_path: Path, clock: Clock
) -> None:
    bench = planned(tmp_path, links=[])
    clock.set("2021-07-01T12:00:00.000001Z")
    late = changed(bench, "decoy_plan", ("TL-PLAN-DECOY", "TL-PLAN-LATE"))
    must(bench, f"run plan {late}")
    rival = bench.qtrace("run plan in/decoy_plan.toml")
    assert rival.code == 2, "two plans for one time: the better could be shown"
    assert "TL-PLAN-LATE" in rival.said
    clock.set(RUN_ENDED)
    must(bench, "run add " + changed(bench, "decoy_run", ("TL-PLAN-DECOY", "TL-PLAN-LATE")))
    must(bench, "recompute TL-RUN-DECOY")
    one = figure(bench, "TL-RUN-DECOY")
    assert "post_hoc: plan TL-PLAN-LATE was recorded after the run began" in one["flags"]
    found = must(bench, "assess TL-DECOY --scheme demonstration-link")
    judged = [f for f in found["findings"] if f["evidence_item"] == "qkd.certified_key"]
    assert all(f["outcome"] != "MET" for f in judged)


def test_a_run_without_a_plan_is_post_hoc(tmp_path: Path, clock: Clock) -> None:
    bench = planned(tmp_path)
    clock.set(RUN_ENDED)
    must(bench, "run add " + changed(bench, "pairs_run", ('plan = "TL-PLAN-PAIRS"\n', "")))
    must(bench, "recompute TL-RUN-PAIRS")
    assert any("no plan was on record" in flag for flag in figure(bench, "TL-RUN-PAIRS")["flags"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"hoeffding_gamma"', '"chernoff_tail"', "bound: planned hoeffding_gamma"),
        ("interval = [0.4704, 0.4896]", "interval = [0.475, 0.485]", "mean_photon_number_1"),
        ("epsilon_secrecy = 1e-10", "epsilon_secrecy = 1e-9", "epsilon_secrecy: planned 1e-10"),
        ('key_basis = "z"', 'key_basis = "x"', "key_basis: planned z, run with x"),
        ("2021-07-01T", "2021-06-30T", "not within the time span"),
    ],
)
def test_a_run_that_departs_from_its_plan_is_refused(
    tmp_path: Path, clock: Clock, old: str, new: str, said: str
) -> None:
    bench = planned(tmp_path)
    clock.set(RUN_ENDED)
    done = bench.qtrace("run add " + changed(bench, "decoy_run", (old, new)))
    assert done.code == 2
    assert "departs from plan TL-PLAN-DECOY" in done.said
    assert said in done.said


def test_an_aborted_run_counts_with_its_time_and_no_key(tmp_path: Path, clock: Clock) -> None:
    bench = planned(tmp_path)
    clock.set(RUN_ENDED)
    aborted = changed(
        bench,
        "decoy_run",
        ('"TL-RUN-DECOY"', '"TL-RUN-ABORTED"'),
        ("383090877", "191545000"),
        ("12:00:00Z", "11:00:00Z"),
        ("12:01:40Z", "11:00:50Z"),
        ("started =", 'status = "aborted"\nstarted ='),
        ("[net]\nauthentication_key = 256\nverification_key = 64\n", ""),
    )
    must(bench, f"run add {aborted}")
    must(bench, "recompute TL-RUN-ABORTED")
    flags = figure(bench, "TL-RUN-ABORTED")["flags"]
    assert any(flag.startswith("aborted run") for flag in flags)
    must(bench, "run add in/decoy_run.toml")
    must(bench, "recompute TL-RUN-DECOY")
    done = must(bench, "run net TL-PLAN-DECOY")
    totals = done["totals"]
    assert (int(totals["blocks"]), int(totals["aborted"])) == (2, 1)
    assert float(totals["wall_time_s"]) == 3700.0, "from the first start to the last end"
    assert float(totals["run_time_s"]) == 150.0
    assert "aborted" in bench.qtrace("run net TL-PLAN-DECOY", text=True).out


def test_one_more_block_than_planned_is_refused(tmp_path: Path, clock: Clock) -> None:
    bench = planned(tmp_path)
    clock.set(RUN_ENDED)
    must(bench, "run add in/decoy_run.toml")
    done = bench.qtrace("run add " + changed(bench, "decoy_run", ("TL-RUN-DECOY", "TL-RUN-TWO")))
    assert done.code == 2
    assert "1 were planned, 1 are on record" in done.said


def test_an_argument_that_is_left_out_leaves_the_length_unproven(
    tmp_path: Path, clock: Clock
) -> None:
    bench = planned(tmp_path)
    clock.set(RUN_ENDED)
    text = bench.read("in/decoy_run.toml")
    start = text.index("[assumption.intensity_correlation]")
    without = text[:start] + text[text.index("[net]") :]
    must(bench, "run add " + bench.write("in/less.toml", without))
    must(bench, "recompute TL-RUN-DECOY")
    one = figure(bench, "TL-RUN-DECOY")
    assert len(one["not_proven"]) == 1
    text = bench.qtrace("run key TL-RUN-DECOY", text=True).out.upper()
    assert "PROVEN FOR THIS DEVICE" in " ".join(text.split())


def test_a_calibrated_value_outside_the_set_violates_it(tmp_path: Path, clock: Clock) -> None:
    bench = planned(tmp_path)
    clock.set(RUN_ENDED)
    tight = (("[0.4704, 0.4896]", "[0.4795, 0.4805]"), ('plan = "TL-PLAN-DECOY"\n', ""))
    must(bench, "run add " + changed(bench, "decoy_run", *tight))
    must(bench, "recompute TL-RUN-DECOY")
    one = figure(bench, "TL-RUN-DECOY")
    (violated,) = one["violated"]
    assert "is outside 0.4795 to 0.4805" in violated
    assert float(one["assumption_coverage"]) < 0.5
    text = bench.qtrace("run key TL-RUN-DECOY", text=True).out
    assert "SET VIOLATED" in text
    assert "NOT PROVEN FOR THIS DEVICE: 1 calibrated outside the declared set" in " ".join(
        text.split()
    )
    found = must(bench, "assess TL-DECOY --scheme demonstration-link")["findings"]
    assert all(f["outcome"] != "MET" for f in found if f["evidence_item"] == "qkd.certified_key")


def test_without_an_interval_the_calibrated_value_is_outside_too(
    tmp_path: Path, clock: Clock
) -> None:
    bench = planned(tmp_path)
    clock.set(RUN_ENDED)
    bare = (("interval = [0.4704, 0.4896]", ""), ('plan = "TL-PLAN-DECOY"\n', ""))
    must(bench, "run add " + changed(bench, "decoy_run", *bare))
    must(bench, "recompute TL-RUN-DECOY")
    one = figure(bench, "TL-RUN-DECOY")
    assert "is not 0.48, and no interval" in one["violated"][0]
    assert float(one["assumption_coverage"]) == 0.0


def test_questions_about_what_is_not_there_are_refused(three: Laboratory) -> None:
    assert three.qtrace("run key NOBODY").code == 2
    assert three.qtrace("run net NOBODY").code == 2
    assert three.qtrace("run template nothing").code == 2
    assert three.qtrace("run plan in/decoy_plan.toml").code == 2, "a plan is not changed"
    other = changed(three, "decoy_plan", ('link = "TL-DECOY"', 'link = "TL-PAIRS"'))
    done = three.qtrace(f"run plan {other} --dry-run")
    assert (done.code, "TL-PAIRS runs bbm92" in done.said) == (2, True)
