"""Runs that compare two clocks, from file to statement, as a stranger types them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clock_runs import LINK, PairTruth, run_text, series_text, two_stations, write_tags
from stranger import Laboratory

OFFSET_NS, SLOPE, SIGMA_NS, STEPS, STEP_S = 12.3, 2e-13, 0.005, 590, 37


def bench_at(folder: Path, protocol: str, more: str = "") -> Laboratory:
    bench = Laboratory(folder)
    assert bench.qtrace("init").code == 0
    (folder / "link.toml").write_text(LINK.format(protocol=protocol) + more)
    assert bench.qtrace("link add link.toml").code == 0
    return bench


def write_series(folder: Path, *, gap: bool = True, scale: float = 1.0) -> None:
    rng = np.random.default_rng(1)
    rows = ["time_s,offset_ns,u_ns"]
    for k in range(STEPS):
        if gap and k in {100, 101}:
            continue
        value = OFFSET_NS + 1e9 * SLOPE * k * STEP_S + rng.normal(0.0, SIGMA_NS * scale)
        rows.append(f"{k * STEP_S},{value:.6f},{SIGMA_NS * scale}")
    (folder / "offsets.csv").write_text("\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """A recorded and recomputed series; nobody may write into it."""
    folder = tmp_path_factory.mktemp("series")
    bench = bench_at(folder, "time_series")
    write_series(folder)
    (folder / "run.toml").write_text(series_text())
    assert bench.qtrace("run add run.toml").code == 0
    done = bench.qtrace("recompute RUN")
    assert done.code == 0, done.err
    return bench


def document(bench: Laboratory, command: str) -> dict[str, Any]:
    answer = bench.qtrace(command)
    assert answer.code == 0, answer.err
    found: dict[str, Any] = answer.answer
    return found


def copy(bench: Laboratory, folder: Path) -> Laboratory:
    """Return a copy that may be broken, raw files and all."""
    shutil.copytree(bench.folder, folder, dirs_exist_ok=True)
    return Laboratory(folder)


def test_offset_and_frequency_of_a_series_come_back(series: Laboratory) -> None:
    report = document(series, "run sync RUN")
    figures = {one["name"]: one["statement"] for one in report["figures"]}
    given = [k for k in range(STEPS) if k not in {100, 101}]  # the epoch is their mean
    middle = OFFSET_NS + 1e9 * SLOPE * STEP_S * float(np.mean(given))
    offset = float(figures["clock_offset"]["value"]) * 1e9
    u = float(figures["clock_offset"]["standard_uncertainty"]) * 1e9
    # white phase noise: sigma / sqrt(n) within 20 %, to 2.5 times that by what it may hide; and
    # the truth within 4 u
    assert 0.8 < u / (SIGMA_NS / np.sqrt(STEPS - 2)) < 2.5
    assert abs(offset - middle) < 4.0 * u
    frequency = float(figures["frequency_deviation"]["value"])
    assert frequency == pytest.approx(
        SLOPE, abs=4 * float(figures["frequency_deviation"]["standard_uncertainty"])
    )
    assert figures["clock_offset"]["flags"] == ["offsets.csv: steps without an offset: 2"]


def test_tdev_has_intervals_and_follows_white_phase_noise(series: Laboratory) -> None:
    rows = [
        one for one in document(series, "run sync RUN")["series"] if one["name"] == "time_deviation"
    ]
    for row in rows:
        if float(row["degrees_of_freedom"]) < 5.0:
            continue
        tau = float(row["seconds"].removesuffix(" s"))
        expected = SIGMA_NS * 1e-9 * np.sqrt(STEP_S / tau)
        # the interval is one of 95 %: twice as wide holds every one of a fixed seed
        low, high = float(row["low"]), float(row["high"])
        assert low / 1.5 < expected < high * 1.5
    assert len(rows) >= 6


def test_nothing_is_claimed_of_utc_without_a_clock_that_knows_it(series: Laboratory) -> None:
    report = document(series, "run sync RUN")
    assert "offset_from_utc" not in {one["name"] for one in report["figures"]}
    assert any("nothing here is about UTC" in one for one in report["not_said"])
    text = series.qtrace("run sync RUN", text=True).out
    assert "BROKEN" in text  # the delays of the stations are not calibrated
    assert max(map(len, text.splitlines())) <= 80


def test_masks_against_utc_do_not_apply(series: Laboratory, tmp_path: Path) -> None:
    bench = copy(series, tmp_path)
    answer = bench.qtrace("assess LINK --scheme prtc-b-check --details", text=True)
    assert answer.out.count("NOT APPLICABLE") >= 3
    assert "offset_from_utc" in answer.out


def test_recomputing_twice_gives_the_same_numbers(series: Laboratory, tmp_path: Path) -> None:
    bench = copy(series, tmp_path)
    first = document(bench, "run sync RUN")
    assert bench.qtrace("recompute RUN").code == 0
    second = document(bench, "run sync RUN")
    assert [one["value"] for one in first["series"]] == [one["value"] for one in second["series"]]


def test_a_changed_raw_file_is_an_integrity_fault(series: Laboratory, tmp_path: Path) -> None:
    bench = copy(series, tmp_path)
    (raw,) = [one for one in (bench.folder / "qtrace.db.raw").rglob("*") if one.is_file()]
    raw.chmod(0o644)
    raw.write_text(raw.read_text().replace("12.3", "12.4"))
    answer = bench.qtrace("recompute RUN")
    assert answer.code == 3
    assert "not the one that was recorded" in answer.err
    raw.unlink()
    answer = bench.qtrace("recompute RUN")
    assert answer.code == 4
    assert "is missing" in answer.err


def test_the_same_files_are_no_second_run(series: Laboratory, tmp_path: Path) -> None:
    bench = copy(series, tmp_path)
    text = series_text(run="RUN-2").replace("2026-01-01", "2026-01-02")
    (bench.folder / "run2.toml").write_text(text)
    answer = bench.qtrace("run add run2.toml")
    assert answer.code == 2
    assert "raw files are those of another run" in answer.err


def test_a_dry_run_keeps_no_file(tmp_path: Path) -> None:
    bench = bench_at(tmp_path, "time_series")
    write_series(tmp_path)
    (tmp_path / "run.toml").write_text(series_text())
    assert bench.qtrace("run add --dry-run run.toml").code == 0
    assert not (tmp_path / "qtrace.db.raw").exists()


def test_a_run_that_compares_no_clocks_has_no_such_report(walked: Laboratory) -> None:
    for command in ("run sync RUN-SYNTHETIC", "run plot RUN-SYNTHETIC --out p.svg"):
        assert walked.qtrace(command).code == 2


def test_from_two_tag_files_to_a_statement_in_three_commands(tmp_path: Path) -> None:
    """Two way, 12 s: the offset of the clocks within its expanded uncertainty."""
    bench = bench_at(tmp_path, "time_two_way")
    truth = PairTruth(seconds=12.0)
    a, b = two_stations("two_way", truth, seed=3)
    write_tags(tmp_path / "a.npy", a)
    write_tags(tmp_path / "b.npy", b)
    (tmp_path / "run.toml").write_text(run_text("two_way", seconds=12, block="1 s"))
    assert bench.qtrace("run add run.toml").code == 0
    answer = bench.qtrace("recompute RUN")
    assert answer.code == 0, answer.err
    report = document(bench, "run sync RUN")
    (offset,) = [one["statement"] for one in report["figures"] if one["name"] == "clock_offset"]
    found_ps = float(offset["value"]) * 1e12
    assert abs(found_ps - truth.offset_ps) < 2.0 * float(offset["expanded_uncertainty"]) * 1e12
    assert not [flag for flag in offset["flags"] if "zero" in flag]


def test_no_peak_leaves_the_run_and_records_nothing(tmp_path: Path) -> None:
    bench = bench_at(tmp_path, "time_one_way")
    a, b = two_stations("one_way", PairTruth(pairs_per_s=0.0, seconds=6.0), seed=4)
    write_tags(tmp_path / "a.npy", a)
    write_tags(tmp_path / "b.npy", b)
    (tmp_path / "run.toml").write_text(run_text("one_way", seconds=6, block="1 s"))
    assert bench.qtrace("run add run.toml").code == 0
    entries = len(bench.ledger())
    answer = bench.qtrace("recompute RUN")
    assert answer.code == 2
    assert "significance" in answer.err
    assert len(bench.ledger()) == entries


def test_audit_sees_a_raw_file_that_is_gone_or_changed(series: Laboratory, tmp_path: Path) -> None:
    bench = copy(series, tmp_path)
    assert bench.qtrace("audit --all").code == 0
    (raw,) = [one for one in (bench.folder / "qtrace.db.raw").rglob("*") if one.is_file()]
    raw.chmod(0o644)
    raw.write_text(raw.read_text() + "\n")
    answer = bench.qtrace("audit --all", text=True)
    assert answer.code != 0
    assert "not the one that was recorded" in " ".join(answer.out.split())
    raw.unlink()
    answer = bench.qtrace("audit --all", text=True)
    assert answer.code != 0
    assert "is missing" in " ".join(answer.out.split())


def test_raw_files_are_reduced_again_where_asked(
    series: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A laboratory that records other readings than its raw files give is found out."""
    from dataclasses import replace

    from qtrace.metrics.timing.sync_readings import sync_readings
    from qtrace.workflow import recompute

    bench = copy(series, tmp_path)
    assert bench.qtrace("audit --all --raw").code == 0

    def flattered(*given: Any) -> Any:
        return tuple(
            replace(one, taken={k: (0.5 * v, u, dof) for k, (v, u, dof) in one.taken.items()})
            if one.name.startswith("time_deviation")
            else one
            for one in sync_readings(*given)
        )

    monkeypatch.setattr(recompute, "sync_readings", flattered)
    assert bench.qtrace("recompute RUN").code == 0
    assert bench.qtrace("audit --all").code == 0  # consistent in itself
    answer = bench.qtrace("audit --all --raw", text=True)
    assert answer.code == 3
    assert "time_deviation_37s_indicated" in " ".join(answer.out.split())


@pytest.mark.parametrize(
    ("change", "left_out", "flag"),
    [
        (('zero = "0 s"\n', ""), "clock_offset", ""),
        (
            (
                'lock = "locked to one clock"\nlock_evidence = "drawn on one clock"',
                'lock = "free running"',
            ),
            "",
            "not the clock of the station",
        ),
    ],
)
def test_what_is_not_said_of_zero_and_lock_is_not_assumed(
    tmp_path: Path, change: tuple[str, str], left_out: str, flag: str
) -> None:
    bench = bench_at(tmp_path, "time_two_way")
    a, b = two_stations("two_way", PairTruth(seconds=8.0), seed=5)
    write_tags(tmp_path / "a.npy", a)
    write_tags(tmp_path / "b.npy", b)
    text = run_text("two_way", seconds=8, block="0.5 s")
    assert change[0] in text
    (tmp_path / "run.toml").write_text(text.replace(*change))
    assert bench.qtrace("run add run.toml").code == 0
    done = bench.qtrace("recompute RUN").answer
    report = document(bench, "run sync RUN")
    names = {one["name"] for one in report["figures"]}
    if left_out:
        assert left_out not in names
        assert any(line.startswith(left_out) for line in done["left_out"])
    if flag:
        for one in report["figures"]:
            assert any(line.startswith(flag) for line in one["statement"]["flags"])
    findings = bench.qtrace("assess LINK --scheme sync-check").out
    assert '"SYNC-03","MET"' not in findings.replace(" ", "")
    outcome = {
        one["requirement_id"]: one["outcome"]
        for one in bench.qtrace("assess LINK --scheme sync-check").answer["findings"]
    }
    assert "MET" not in {outcome["SYNC-01"], outcome["SYNC-02"], outcome["SYNC-03"]}
