"""Entangled sensing from empty laboratory to sealed document: the shipped example.

All of it is simulated. Figures are computed again here from the numbers in the files.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from clock import clock_of
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

EXAMPLE = data_folder() / "examples" / "sensor_network"
RUNS = ("node", "modes", "projection", "probes")
ATOMS = 1.1475e8 / (1.906e7 * 0.0003010 * 0.4445)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """The example with all runs recomputed, the last one of the network against single nodes."""
    folder = tmp_path_factory.mktemp("network")
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        clock_of(patch, "2026-05-02T00:00:00Z")
        made = Laboratory(folder)
        must(made, "init")
        must(made, "key create lab --person Tester --organisation Laboratory")
        must(made, "laboratory add register.toml")
        for name in ("atoms", "clock"):
            must(made, f"calibration add {name}.toml")
        must(made, "link add link.toml")
        for name in RUNS:
            must(made, f"run add {name}_run.toml")
        yield made


@pytest.fixture(scope="module")
def figures(network: Laboratory) -> dict[str, dict[str, dict[str, Any]]]:
    """The figures of each run by name."""
    found = {}
    for name in RUNS:
        answer = must(network, f"recompute RUN-SN-{name.upper()}")
        found[name] = {one["label"].rpartition("/")[2]: one for one in answer["results"]}
    return found


def must(bench: Laboratory, line: str) -> Any:
    done = bench.qtrace(line)
    assert done.code == 0, f"{line}: {done.said}"
    return done.answer


def value(one: dict[str, Any]) -> float:
    return float(one["value"])


def test_the_node_is_squeezed_by_what_its_moments_say(
    figures: dict[str, dict[str, dict[str, Any]]],
) -> None:
    node = figures["node"]
    xi = ATOMS * 1989.86 / 20834**2
    assert value(node["wineland_parameter"]) == pytest.approx(xi, rel=1e-9)
    assert value(node["kitagawa_ueda_parameter"]) == pytest.approx(4 * 1989.86 / ATOMS, rel=1e-9)
    assert value(node["contrast"]) == pytest.approx(2 * 20834 / ATOMS, rel=1e-9)
    assert value(node["variance_gain_level"]) == pytest.approx(-10 * math.log10(xi), rel=1e-9)
    assert value(node["phase_uncertainty"]) == pytest.approx(math.sqrt(xi / ATOMS), rel=1e-9)
    u = float(node["wineland_parameter"]["standard_uncertainty"]) / xi
    atoms = math.hypot(0.0040 / 1.1475, 0.010 / 1.906, 0.0000040 / 0.0003010, 0.0050 / 0.4445)
    shots = 499 / 497 * math.sqrt(2 / 495)
    assert u == pytest.approx(math.hypot(atoms, shots, 2 * 60 / 20834), rel=1e-3)


def test_the_same_network_gains_otherwise_over_another_reference(
    figures: dict[str, dict[str, dict[str, Any]]],
) -> None:
    modes, projection = (figures[name]["variance_gain_level"] for name in ("modes", "projection"))
    assert value(modes) == pytest.approx(10 * math.log10(1.196918e-6 / 4.14584e-7), rel=1e-9)
    assert value(projection) == pytest.approx(10 * math.log10(6.041156e-6 / 3.85667e-7), rel=1e-9)
    conditions = [dict(one["conditions"])["reference"] for one in (modes, projection)]
    assert conditions == ["mode_separable", "quantum_projection_noise"]
    low, high, probability = map(float, modes["interval"])
    assert (low, probability) == (pytest.approx(3.84, abs=0.01), 0.95)
    assert low < 4.5 < high, "the truth of the draw"


def test_references_are_beside_the_projection_noise_of_as_many_atoms(
    figures: dict[str, dict[str, dict[str, Any]]],
) -> None:
    found = {name: figures[name]["reference_of_limit"] for name in ("modes", "projection")}
    assert value(found["modes"]) == pytest.approx(1.196918e-6 * 4 * ATOMS, rel=1e-9)
    low, high, _ = map(float, found["projection"]["interval"])
    assert low < 1.0 < high, "drawn at projection noise"


def test_phase_becomes_frequency(figures: dict[str, dict[str, dict[str, Any]]]) -> None:
    phase = math.sqrt(4.14584e-7)
    expected = phase / (2 * math.pi * 6834682610.9 * 0.01) * math.sqrt(0.25)
    assert value(figures["modes"]["frequency_uncertainty"]) == pytest.approx(expected, rel=1e-9)


def test_checked_probes(figures: dict[str, dict[str, dict[str, Any]]]) -> None:
    probes = figures["probes"]
    assert value(probes["secure_probe_share"]) == pytest.approx(1 - 14 / 2000 - 18 / 2000)
    assert value(probes["sensing_probes"]) == 16_000


@pytest.mark.parametrize(
    "result",
    [
        "RUN-SN-NODE/recomputation/wineland_parameter",
        "RUN-SN-MODES/recomputation/frequency_uncertainty",
    ],
)
@pytest.mark.usefixtures("figures")
def test_chains_are_unbroken(network: Laboratory, result: str) -> None:
    traced = network.qtrace(f"trace {result}", text=True)
    assert traced.code == 0, traced.said
    assert "unbroken" in traced.said


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize(
    ("link", "met"),
    [
        ("SN-NODE", ("SENS-01", "SENS-02", "SENS-03", "SENS-04", "SENS-05", "SENS-06")),
        ("SN-NETWORK", ("SENS-04", "SENS-05", "SENS-06", "SENS-07", "SENS-10", "SENS-11")),
        ("SN-PROBES", ("SENS-08",)),
    ],
)
def test_assessed_certified_and_verified_elsewhere(
    network: Laboratory, link: str, met: tuple[str, ...]
) -> None:
    assessed = network.qtrace(f"assess {link} --scheme sensing-check", text=True)
    assert assessed.code == 0, assessed.said
    for one in met:
        assert f"MET {one}" in assessed.said, one
    bundle = f"{link}.json"
    line = f"certify {link} --scheme sensing-check --key lab --bundle {bundle}"
    sealed = network.qtrace(line, text=True)
    assert sealed.code == 0, sealed.said
    assert "DEMONSTRATED [SYNTHETIC] DEMONSTRATION" in sealed.said
    # A stranger has the bundle and the key, and no database.
    apart = network.folder / f"apart-{link}"
    apart.mkdir()
    shutil.copy(network.folder / bundle, apart)
    shutil.copy(network.folder / "keys" / "lab.pub.json", apart)
    checked = Laboratory(apart).qtrace(f"certificate verify {bundle} --key lab.pub.json", text=True)
    assert checked.code == 0, checked.said
    assert "CONSISTENT" in checked.said


@pytest.mark.usefixtures("figures")
def test_a_recall_that_makes_the_data_impossible_leaves_no_requirement_met(
    network: Laboratory,
) -> None:
    """Half the atoms: the contrast is 1.85, and what assess would say a recall says, too."""
    must(network, "assess SN-NODE --scheme sensing-check")
    must(network, "certify SN-NODE --scheme sensing-check --key lab --bundle recalled.json")
    line = "recall SN-CAL-ATOMS --cause error_in_certificate --shift"
    for shift, decided in (("-50 %", "REFUSED"), ("-1 %", "DEMONSTRATED")):
        done = network.qtrace(line, shift)
        judged = [one for one in done.answer["judgements"] if one["run_id"] == "RUN-SN-NODE"]
        assert judged, done.said
        assert {one["decision_after"] for one in judged} == {decided}, shift


@pytest.mark.usefixtures("figures")
def test_everything_recorded_is_what_its_models_give(network: Laboratory) -> None:
    audited = network.qtrace("audit --all")
    assert audited.code == 0, audited.out


def test_without_a_calibrated_number_the_chain_breaks(network: Laboratory) -> None:
    link = network.read("link.toml").partition("[link.documents]")[0]
    link = link.replace('"SN-NODE"', '"SN-NOMINAL"')
    must(network, f"link add {network.write('nominal_link.toml', link)}")
    text = network.read("node_run.toml").replace("RUN-SN-NODE", "RUN-SN-NOMINAL")
    text = text.replace('link = "SN-NODE"', 'link = "SN-NOMINAL"')
    text = text.replace("shots = 500\n", "shots = 500\natom_number = 45000\n")
    text = text.replace('device = "SN-ENSEMBLE-1"', 'described_as = "cold atoms"')
    must(network, f"run add {network.write('nominal.toml', text)}")
    must(network, "recompute RUN-SN-NOMINAL")
    traced = network.qtrace("trace RUN-SN-NOMINAL/recomputation/wineland_parameter", text=True)
    assert "BREAK" in traced.said
    # xi_R^2 lies 15 u below 1, and yet: what the nominal number is off by is in no u.
    must(network, "baseline add classical_2026")
    done = network.qtrace("metric advantage RUN-SN-NOMINAL --baseline STANDARD-QUANTUM-LIMIT")
    (row,) = done.answer["rows"]
    assert (row["advantage"]["standing"], row["advantage"]["probability"]) == ("not shown", None)
    assert "atom_number: end missing" in row["advantage"]["reason"]
    done = network.qtrace("metric advantage RUN-SN-NODE --baseline STANDARD-QUANTUM-LIMIT")
    (row,) = done.answer["rows"]
    assert row["advantage"]["standing"] == "better than the baseline"
    assert "chi-square" in row["advantage"]["reason"]
    assert 0.999 < float(row["advantage"]["probability"]) < 1.0


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("modes", 'reference = "mode_separable"\n', "", "reference"),
        ("modes", '"mode_separable"', '"classical"', "reference"),
        ("modes", "network_variance = 4.1", "network_variance = -4.1", "network_variance"),
        ("modes", "network_variance = 4.14584e-7", "network_variance = nan", "network_variance"),
        ("modes", "shots_network = 500\n", "", "shots_network"),
        ("modes", "shots_network = 500", "shots_network = 4", "shots_network"),
        ("modes", 'cycle_time = "250 ms"', 'cycle_time = "5 ms"', "cycle_time"),
        ("modes", "nodes = 4", "nodes = 2.5", "nodes"),
        ("node", "spin_variance = 1989.86", "spin_variance = -1", "spin_variance"),
        ("node", "shots = 500\n", "atom_number = 45000\n", "spin_variance"),
        ("node", "spin_length_u = 60\n", "", "spin_length"),
        ("node", "shots = 500", "shots = 500\natom_number = 0", "atom_number"),
        ("node", "shots = 500", "shots = 500\natom_number = 4.5", "atom_number"),
        ("probes", '["x", 2000, 14]', '["x", 14, 2000]', "errors"),
    ],
)
def test_wrong_input_is_refused_by_its_field(
    network: Laboratory, name: str, old: str, new: str, said: str
) -> None:
    text = network.read(f"{name}_run.toml")
    assert old in text
    done = network.qtrace(f"run add {network.write('wrong.toml', text.replace(old, new))}")
    assert done.code == 2, done.said
    assert said in done.said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("spin_length = 30000\nspin_length_u = 60\nspin_variance = 2000", "contrast"),
        ("spin_length = 22000\nspin_length_u = 60\nspin_variance = 0.05", "Heisenberg"),
    ],
)
def test_moments_that_no_ensemble_has_are_refused(
    network: Laboratory, moment: str, said: str
) -> None:
    text = network.read("node_run.toml")
    head, _, tail = text.partition("[moments]")
    tail = tail.partition("[[role]]")[2].replace('device = "SN-ENSEMBLE-1"', 'described_as = "x"')
    head = head.replace("shots = 500", "shots = 500\natom_number = 45000")
    wrong = network.write("wrong.toml", f"{head}[moments]\n{moment}\n\n[[role]]{tail}")
    done = network.qtrace(f"run add {wrong}")
    assert done.code == 2, done.said
    assert said in done.said


def test_every_file_of_the_example_says_that_it_is_made_up() -> None:
    for path in EXAMPLE.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "SYNTHETIC" in text or "ade up" in text, path.name
    source = (EXAMPLE / "source.md").read_text(encoding="utf-8")
    assert "he disputes the gain" in source


def test_scaling_of_the_example(network: Laboratory) -> None:
    done = network.qtrace("metric scaling scaling.toml --svg scaling.svg")
    assert done.code == 0, done.said
    low, high = map(float, done.answer["fit"]["interval"])
    assert low < -0.874 < high, "the truth of the draw"
    relations = [one["relation"] for one in done.answer["fit"]["comparisons"]]
    assert relations == ["falls faster than", "cannot be told from"]
    text = network.qtrace("metric scaling scaling.toml", text=True)
    assert max(map(len, text.out.splitlines())) <= 80
    picture = network.read("scaling.svg")
    assert "SIMULATED" in picture
    assert picture.startswith("<svg")
