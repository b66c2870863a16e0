"""Validly signed lies about a gain: over another reference than the run's."""

from __future__ import annotations

import shutil

import pytest
from clock import clock_of
from forgeries.forger import Forger
from stranger import Laboratory

from qtrace.errors import IntegrityError
from qtrace.exchange.package_files import data_folder


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory) -> Forger:
    """Return a forger with the document of the network against single nodes."""
    folder = tmp_path_factory.mktemp("gain")
    example = data_folder() / "examples" / "sensor_network"
    shutil.copytree(example, folder, dirs_exist_ok=True)
    bench = Laboratory(folder)
    with pytest.MonkeyPatch.context() as patch:
        clock_of(patch, "2026-05-02T00:00:00Z")
        for line in (
            "init",
            "key create lab --person Tester --organisation Laboratory",
            "laboratory add register.toml",
            "calibration add atoms.toml",
            "calibration add clock.toml",
            "link add link.toml",
            "run add modes_run.toml",
            "recompute RUN-SN-MODES",
            "assess SN-NETWORK --scheme sensing-check",
            "certify SN-NETWORK --scheme sensing-check --key lab --bundle one.json",
        ):
            done = bench.qtrace(line)
            assert done.code == 0, done.said
    return Forger.with_bundle((folder / "one.json").read_bytes())


def test_the_truth_passes(forger: Forger) -> None:
    forger.verify(forger.lie_with_conclusions(lambda _: None))


def test_a_gain_over_another_reference_is_found(forger: Forger) -> None:
    def over_projection_noise(payload: dict) -> None:
        changed = 0
        for one in payload["case"]["dossier"]["results"].values():
            conditions = one["measurand"]["conditions"]
            for pair in conditions:
                if pair[0] == "reference":
                    pair[1] = "quantum_projection_noise"
                    changed += 1
        assert changed == 3

    with pytest.raises(IntegrityError, match="reference is not that of the run"):
        forger.verify(forger.lie_with_conclusions(over_projection_noise))
