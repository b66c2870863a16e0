"""From tag files to a detector and a pair source on record, their chains, and the audit."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

EXAMPLE = data_folder() / "examples" / "detector_tags"
FIGURES = {  # truth of source.md
    "DT-CAL-APD/dark_count_rate": 50.0,
    "DT-CAL-APD/afterpulse_probability": 0.05,
    "DT-CAL-APD/dead_time": 45.0,
    "DT-CAL-PAIRS/arm_1": 0.22,
    "DT-CAL-PAIRS/arm_2": 0.14,
}


@pytest.fixture(name="lab", scope="module")
def _lab(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    folder = tmp_path_factory.mktemp("tags")
    shutil.copytree(EXAMPLE, folder / "in")
    lab = Laboratory(folder)
    for line in ("init", "laboratory add in/register.toml"):
        assert lab.qtrace(line).code == 0
    for name in ("tagger", "detector", "pairs"):
        added = lab.qtrace(f"calibration add in/{name}.toml")
        assert added.code == 0, added.said
    return lab


def test_the_figures_hold_the_truth_that_was_simulated(lab: Laboratory) -> None:
    found = {}
    for device in ("DT-APD", "DT-SOURCE"):
        for one in lab.qtrace(f"trace {device}").answer:
            found[one["statement"]["label"]] = one["statement"]
    for label, truth in FIGURES.items():
        value = float(found[label]["value"])
        u = float(found[label]["standard_uncertainty"])
        assert abs(value - truth) < 2.6 * u, (label, value, u)


def test_the_chain_ends_in_counting_and_at_the_clock_of_the_tagger(lab: Laboratory) -> None:
    said = lab.qtrace("trace DT-CAL-APD/dark_count_rate", text=True).said
    assert "END: counting: tags per time; tags dark.npy, SHA-256" in said
    assert "DT-CAL-TAGGER/time_base_frequency" in said
    assert "unbroken" in said
    dead = lab.qtrace("trace DT-CAL-APD/dead_time", text=True).said
    assert "DT-CAL-TAGGER/time_base_frequency" in dead
    assert "unbroken" in dead


def test_both_arms_share_their_coincidences(lab: Laboratory) -> None:
    text = lab.read("in/pairs.toml").replace("DT-CAL-PAIRS", "DT-CAL-AGAIN")
    added = lab.qtrace(f"calibration add {lab.write('in/again.toml', text)} --dry-run")
    assert added.code == 0, added.said
    ((_, _, r),) = added.answer["correlations"]
    # The same coincidences are in both: 0.8 in the simulation of test_heralding as well.
    assert 0.6 < float(r) < 0.95


def test_a_free_clock_reaches_the_result_and_the_audit_finds_nothing(lab: Laboratory) -> None:
    said = lab.qtrace("trace DT-CAL-PAIRS/arm_1", text=True).said
    assert "flag: free-running time base: tagger DT-TAGGER" in said
    assert lab.qtrace("audit --all").code == 0


def test_the_event_keeps_the_digest_and_a_changed_file_another(lab: Laboratory) -> None:
    shown = lab.qtrace("calibration show DT-CAL-APD").answer
    kept = [one for one in shown["flags"] if one.startswith("tags dark.npy, SHA-256 ")]
    path = lab.folder / "in" / "dark.npy"
    rows = np.load(path)
    np.save(path, rows[:-1])
    text = lab.read("in/detector.toml").replace("DT-CAL-APD", "DT-CAL-CHANGED")
    added = lab.qtrace(f"calibration add {lab.write('in/changed.toml', text)}")
    assert added.code == 0, added.said
    other = lab.qtrace("calibration show DT-CAL-CHANGED").answer
    assert len(kept) == 1
    assert kept[0] not in other["flags"]


def test_a_missing_lock_is_refused_and_nothing_is_recorded(lab: Laboratory) -> None:
    text = lab.read("in/pairs.toml").replace("DT-CAL-PAIRS", "DT-CAL-FREE")
    text = text.replace('lock = "free running"', "")
    refused = lab.qtrace(f"calibration add {lab.write('in/free.toml', text)}")
    assert refused.code == 2
    assert "what the clock of the tagger was locked to" in refused.said
    assert lab.qtrace("calibration show DT-CAL-FREE").code == 2
