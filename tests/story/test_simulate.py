"""A simulated run from its device file to its figures, none longer than the truth."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
from stranger import Laboratory

from qtrace.errors import SetupError
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.run_file import read_run_file
from qtrace.ledger.digest import file_digest
from qtrace.physics.decoy.decoy_link_truth import SIMULATOR
from qtrace.workflow import simulate as simulate_module

RUN, TRUTH = "RUN-DECOY-1.toml", "RUN-DECOY-1.truth.toml"
PULSES = "pulses = 1000000000000"


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    shutil.copytree(data_folder() / "examples" / "decoy_link", tmp_path / "decoy_link")
    return Laboratory(tmp_path)


def with_change(bench: Laboratory, old: str, new: str) -> str:
    text = bench.read("decoy_link/device.toml")
    assert text.count(old) == 1
    return str(bench.write("changed.toml", text.replace(old, new)))


@pytest.mark.parametrize("sampling", ["gamma", "serfling"])
@pytest.mark.parametrize("inequality", ["set_varying", "hoeffding"])
def test_no_recorded_figure_is_longer_than_the_truth(
    bench: Laboratory, inequality: str, sampling: str
) -> None:
    # A short run: the time of the exact tail grows with the counts.
    short = with_change(bench, PULSES, "pulses = 1000000000")
    done = bench.qtrace(f"run simulate {short} --seed 7 --out made").answer
    assert done["violations"] == []
    bound = f"{inequality}_{sampling}"
    text = bench.read(f"made/{RUN}")
    chosen, number = re.subn(r'^bound = ".*"$', f'bound = "{bound}"', text, flags=re.MULTILINE)
    assert number == 1
    bench.write(f"made/{RUN}", chosen)
    assert bench.qtrace("init").code == 0
    assert bench.qtrace("link add decoy_link/link.toml").code == 0
    assert bench.qtrace(f"run add made/{RUN}").code == 0
    done = bench.qtrace("recompute RUN-DECOY-1")
    assert done.code == 0
    figures = {one["label"].rpartition("/")[2]: one for one in done.answer["results"]}
    figure = figures[f"certified_length_{bound}"]
    truth = tomllib.loads(bench.read(f"made/{TRUTH}"))["truth"]["length"]
    assert truth["true_length"] < truth["before_epsilons"]
    if inequality == "set_varying":
        assert 0.0 < float(figure["value"]) <= truth["true_length"]
    # A mismatch was declared, which the older bounds have no term for.
    unproven = any("not proven" in flag for flag in figure["flags"])
    assert unproven == (inequality == "hoeffding")


def test_the_truth_stands_beside_the_run_and_names_it(bench: Laboratory) -> None:
    done = bench.qtrace("run simulate decoy_link/device.toml --seed 1", text=True)
    assert done.code == 0
    assert "the true device lies in it" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    run = read_run_file(bench.folder / RUN).run
    written = tomllib.loads(bench.read(TRUTH))["truth"]
    assert (run.provenance, run.run_id) == ("simulated", written["run"])
    assert SIMULATOR in run.source
    assert "seed 1" in run.source
    assert written["run_digest"] == file_digest((bench.folder / RUN).read_bytes())
    assert (written["seed"], written["simulator"], written["bit_generator"]) == (
        1,
        SIMULATOR,
        "PCG64",
    )
    assert written["numpy"] == np.__version__
    detected = sum(n for name, n in run.counts.items() if "_key_" in name)
    counts = written["counts"]
    assert 0 < counts["vacuum_key"] + counts["single_key"] < detected
    assert written["outside_declared_set"]["set_varying"] == []
    assert len(written["outside_declared_set"]["other_bounds"]) == 2
    assert not (bench.folder / "qtrace.db").exists()


def test_the_same_seed_gives_the_same_files(bench: Laboratory) -> None:
    for seed, out in ((1, "a"), (1, "b"), (2, "c")):
        assert (
            bench.qtrace(f"run simulate decoy_link/device.toml --seed {seed} --out {out}").code == 0
        )
    for name in (RUN, TRUTH):
        assert bench.read(f"a/{name}") == bench.read(f"b/{name}")
        assert bench.read(f"a/{name}") != bench.read(f"c/{name}")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("mean_photon_numbers = [0.4776", "mean_photon_numbers = [0.4700", "intensity 1 reaches"),
        ("efficiencies = [0.1985, 0.200]", "efficiencies = [0.19, 0.200]", "detectors differ by"),
        ("key_share = 0.81", "key_share = 0.81\npattern_effect = 0.001", "choice before it"),
        ('bound = "set_varying_serfling"', 'bound = "hoeffding_serfling"', "declared constant"),
    ],
)
def test_a_device_outside_its_set_is_said(bench: Laboratory, old: str, new: str, what: str) -> None:
    path = with_change(bench, old, new)
    done = bench.qtrace(f"run simulate {path} --seed 1", text=True)
    assert done.code == 0
    assert "DECLARED SET VIOLATED" in done.out
    assert what in " ".join(done.out.split())
    # The run itself does not know.
    assert "VIOLATED" not in bench.read(RUN)


def test_bad_input_writes_nothing(bench: Laboratory) -> None:
    assert bench.qtrace("run simulate decoy_link/device.toml").code == 2, "a seed is needed"
    assert bench.qtrace("run simulate decoy_link/device.toml --seed -1").code == 2
    dark = with_change(bench, PULSES, "pulses = 1")
    assert bench.qtrace(f"run simulate {dark} --seed 1").code == 2, "a run without counts"
    assert not (bench.folder / RUN).exists()
    assert not (bench.folder / TRUTH).exists()
    bench.write(TRUTH, "mine")
    done = bench.qtrace("run simulate decoy_link/device.toml --seed 1")
    assert done.code == 2
    assert "not written over" in done.said
    assert bench.read(TRUTH) == "mine"
    assert not (bench.folder / RUN).exists()


def test_a_full_disk_leaves_neither_file(
    bench: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = simulate_module.write_text

    def full(path: Path, text: str) -> None:
        if path.name == RUN:
            raise SetupError("the file cannot be written: No space left on device")
        whole(path, text)

    monkeypatch.setattr(simulate_module, "write_text", full)
    assert bench.qtrace("run simulate decoy_link/device.toml --seed 1").code == 4
    assert not (bench.folder / RUN).exists()
    assert not (bench.folder / TRUTH).exists()
