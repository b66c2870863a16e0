"""From two tag files to an assessed, certified synchronization link, and what a recall moves.

Truth of the simulation: 3217123456 ps + 2e-11 t, local difference 250 ps, asymmetry 393 ps.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

EXAMPLE = data_folder() / "examples" / "sync_link"
OFFSET_S, FREQUENCY = 3217123456e-12, 2e-11
STARTED = datetime(2026, 5, 1, 12, tzinfo=UTC)
LOCAL_ERROR_S, ASYMMETRY_ERROR_S = 4e-12, 2.6275e-12  # calibrated minus true
LARGEST_FILE = 5_000_000
WITHIN = 3.0  # standard uncertainties between a figure and the truth
ADDED = (
    "laboratory add register.toml",
    *(f"calibration add {name}.toml" for name in ("tagger", "stations", "clock", "fibre")),
    "link add link.toml",
    "run add run.toml",
    "recompute RUN-SYNC",
)


@pytest.fixture(scope="module")
def synced(walked: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """The walked laboratory with the example recomputed; nobody may write into it."""
    made = walked.copy(tmp_path_factory.mktemp("synced"))
    for path in EXAMPLE.glob("*.toml"):
        made.write(path.name, path.read_bytes())
    drawn = made.qtrace("tags simulate simulation.toml --seed 20260501 --out .")
    assert drawn.code == 0, drawn.said
    for command in ADDED:
        done = made.qtrace(command)
        assert done.code == 0, f"{command}: {done.said}"
    return made


@pytest.fixture
def mine(synced: Laboratory, tmp_path: Path) -> Laboratory:
    shutil.copytree(synced.folder, tmp_path / "mine")
    return Laboratory(tmp_path / "mine", synced.answers)


def figures(made: Laboratory) -> dict[str, tuple[float, float]]:
    """Return value and u of the figures of the run."""
    answer = made.qtrace("run sync RUN-SYNC").answer
    return {
        one["name"]: (
            float(one["statement"]["value"]),
            float(one["statement"]["standard_uncertainty"]),
        )
        for one in answer["figures"]
    }


def test_the_tag_files_are_light(synced: Laboratory) -> None:
    files = sorted(synced.folder.glob("*.npy"))
    assert [one.name for one in files] == [
        "SYNC-LINK.A.simulated.npy",
        "SYNC-LINK.B.simulated.npy",
    ]
    assert all(one.stat().st_size < LARGEST_FILE for one in files)


def test_the_truth_lies_within_u(synced: Laboratory) -> None:
    found = figures(synced)
    offset, u = found["clock_offset"]
    assert 5e-12 < u < 20e-12
    first = synced.qtrace("run sync RUN-SYNC").answer["figures"][0]["statement"]
    epoch = datetime.fromisoformat(dict(first["conditions"])["epoch"])
    assert epoch.microsecond, "at 20 ps a second an epoch to the second says too little"
    truth = OFFSET_S + FREQUENCY * (epoch - STARTED).total_seconds()
    assert abs(offset - truth) < WITHIN * u
    # Without the known errors of the calibrations the photons alone remain: below 1 ps.
    assert abs(offset + LOCAL_ERROR_S + ASYMMETRY_ERROR_S / 2.0 - truth) < WITHIN * 0.5e-12
    frequency, u_frequency = found["frequency_deviation"]
    assert abs(frequency - FREQUENCY) < WITHIN * u_frequency
    utc, u_utc = found["offset_from_utc"]
    assert utc == pytest.approx(offset - 41.3e-9, abs=1e-15)
    assert u_utc == pytest.approx(1.118e-9, rel=1e-2)


@pytest.mark.parametrize(
    "name", ["clock_offset", "offset_from_utc", "time_deviation_100s", "frequency_deviation"]
)
def test_chains_are_unbroken(synced: Laboratory, name: str) -> None:
    traced = synced.qtrace(f"trace RUN-SYNC/recomputation/{name}", text=True)
    assert traced.code == 0, traced.said
    assert "unbroken" in traced.said


def test_the_time_base_of_a_stands_behind_the_stability(synced: Laboratory) -> None:
    traced = synced.qtrace("trace RUN-SYNC/recomputation/time_deviation_100s", text=True)
    assert "SL-CAL-TAGGER-A/time_base_frequency" in traced.said


def test_everything_recorded_is_what_its_models_give(synced: Laboratory) -> None:
    """The u that is stored beside each figure holds what calibrations bring into it."""
    audited = synced.qtrace("audit --all")
    assert audited.code == 0, audited.out


def test_it_is_assessed_certified_and_verified(mine: Laboratory) -> None:
    assessed = mine.qtrace("assess SYNC-LINK --scheme sync-check", text=True)
    assert assessed.code == 0, assessed.said
    for one in ("SYNC-01", "SYNC-02", "SYNC-03", "SYNC-04", "SYNC-05", "SYNC-07"):
        assert f"MET {one}" in assessed.said, one
    assert "NOT EVALUABLE SYNC-06" in assessed.said, "nobody attested the document"
    sealed = mine.qtrace(
        "certify SYNC-LINK --scheme sync-check --key lab --bundle bundles/sync.json", text=True
    )
    assert sealed.code == 0, sealed.said
    assert "DEMONSTRATED [SYNTHETIC] DEMONSTRATION" in sealed.said
    checked = mine.qtrace("certificate verify bundles/sync.json --key keys/lab.pub.json", text=True)
    assert checked.code == 0, checked.said
    assert "CONSISTENT" in checked.said


def test_a_recall_of_the_fibre_moves_the_offset_by_half(synced: Laboratory) -> None:
    recalled = synced.qtrace(
        "recall SL-CAL-FIBRE --result delay_asymmetry --cause error_in_certificate",
        "--shift",
        "100 ps",
    )
    assert recalled.code == 0, recalled.said
    (row,) = [
        one
        for one in recalled.answer["results"]
        if one["label"].endswith("recomputation/clock_offset")
    ]
    moved = float(row["value_after"]) - float(row["value_before"])
    assert moved == pytest.approx(-50e-12, rel=1e-3)


def test_every_file_of_the_example_says_that_it_is_made_up() -> None:
    for path in EXAMPLE.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "SYNTHETIC" in text or "ade up" in text, path.name
    source = (EXAMPLE / "source.md").read_text(encoding="utf-8")
    assert "No public time tags of entangled-pair synchronization exist" in source
