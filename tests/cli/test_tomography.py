"""`metric tomography`: the text of the three examples, JSON, and files that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from qtrace.cli.main import invoke
from qtrace.metrics.teleportation.tomography_report import COVERAGE
from qtrace.report.columns import display_width

EXAMPLES = Path(__file__).parents[2] / "data" / "examples" / "tomography"
DRAWS = ["--draws", "100"]
ONE_QUBIT = """[tomography]
id = "T"
of = "state"
target = "zp"
provenance = "{provenance}"
[counts]
columns = ["setting", "p", "m"]
rows = [["x", 50, 50], ["y", 50, 50], ["z", {right}, {wrong}]]
"""


def printed(file: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert invoke(["metric", "tomography", str(file), *DRAWS]) == 0
    text = capsys.readouterr().out
    assert max(map(display_width, text.splitlines())) <= 80
    return text


def words(text: str) -> str:
    return " ".join(text.split())


def answer(file: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, object]:
    assert invoke(["--json", "metric", "tomography", str(file), *DRAWS, *more]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "qtrace/metric-tomography/1"
    found: dict[str, object] = document["answer"]
    return found


def one_qubit(folder: Path, *, right: int = 90, wrong: int = 10, measured: bool = False) -> Path:
    file = folder / "one.toml"
    provenance = "measured" if measured else "simulated"
    text = ONE_QUBIT.format(provenance=provenance, right=right, wrong=wrong)
    file.write_text(text, encoding="utf-8")
    return file


def test_pairs_have_a_direct_fidelity_beside_the_fit(capsys: pytest.CaptureFixture[str]) -> None:
    text = words(printed(EXAMPLES / "pair.toml", capsys))
    assert "counts 9001, simulated; Werner state, visibility 0.95, seed 2026" in text
    assert "DEMONSTRATION: these data were not measured here" in text
    # 950 of 967, 995 of 1014 and 954 of 979 agree: (sum - 1) / 2.
    assert "fidelity_direct 0.96907 0.96046 0.97618 unbiased exact" in text
    assert "entangled p-value below 1e-300 against every separable state" in text
    assert f"covered {100 * COVERAGE['boundary']:.0f} % at least" in text
    assert "fidelity_direct covers, rely on it" in text
    assert "NO state" not in text


def test_counts_of_no_state_are_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    text = words(printed(EXAMPLES / "james_2001.toml", capsys))
    assert "NO state of this model explains the counts" in text
    assert "no interval above covers that" in text
    assert "no direct estimate stands beside" in text
    assert "fidelity_direct" not in text
    assert "linear inversion gives 1.01382 and no state" in text
    assert "from memory" in text


def test_a_process_is_printed_as_chi(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(EXAMPLES / "transfer.toml", capsys)
    assert "chi over 1, X, Y, Z, real part" in text
    flat = words(text)
    # Counts were drawn at a process fidelity of 0.94.
    assert "process_fidelity_ml 0.94131" in flat
    assert "average_fidelity_ml 0.96087" in flat
    assert "for processes coverage was not simulated" in flat
    assert "entangled" not in flat


def test_json_holds_the_matrix_and_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(EXAMPLES / "pair.toml", capsys)
    report = found["report"]
    assert isinstance(report, dict)
    real = np.array([[float(one) for one in row] for row in report["real"]])
    imaginary = np.array([[float(one) for one in row] for row in report["imaginary"]])
    rho = real + 1j * imaginary
    assert np.trace(rho).real == pytest.approx(1.0)
    assert np.allclose(rho, rho.conj().T)
    names = [one["name"] for one in report["figures"]]
    assert names == ["fidelity_direct", "fidelity_ml", "purity", "concurrence", "negativity"]
    assert report["figures"][0]["bias"] is None
    assert report["at_boundary"] is True
    assert report["draws"] == 100


def test_the_seed_decides_the_draws_alone(capsys: pytest.CaptureFixture[str]) -> None:
    file = EXAMPLES / "pair.toml"
    first, again = answer(file, capsys), answer(file, capsys)
    assert first == again
    other = answer(file, capsys, "--seed", "7")
    assert other["report"] != first["report"]
    assert isinstance(other["report"], dict)
    assert isinstance(first["report"], dict)
    assert other["report"]["real"] == first["report"]["real"]
    assert other["report"]["figures"][0] == first["report"]["figures"][0]


def test_one_qubit_has_the_proportion_as_direct_fidelity(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = words(printed(one_qubit(tmp_path, measured=True), capsys))
    exact = binomtest(90, 100).proportion_ci(0.95, method="exact")
    assert f"fidelity_direct 0.90000 {exact.low:.5f} {exact.high:.5f} unbiased exact" in text
    assert "DEMONSTRATION" not in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["z", 90, 10]', '["z", 90]', "row 3 has 2 cells"),
        ('["z", 90, 10]', '["z", 90, "many"]', "is not a count"),
        ('["z", 90, 10]', '["z", 0, 0]', "nothing is known of z"),
        (', ["z", 90, 10]', "", "nothing is known of z"),
        ('target = "zp"', 'target = "psi_minus"', "target"),
        ('of = "state"', 'of = "weather"', "of"),
        ("[counts]", "[count]", "counts"),
    ],
)
def test_a_file_that_is_wrong_ends_with_2_and_names_the_place(
    old: str, new: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = one_qubit(tmp_path)
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert invoke(["metric", "tomography", str(file), *DRAWS]) == 2
    error = capsys.readouterr().err
    assert said in words(error)
    assert "one.toml" in words(error)


@pytest.mark.parametrize(
    ("more", "said"), [(["--draws", "5"], "5 draws"), (["--seed", "-1"], "negative")]
)
def test_options_out_of_range_are_refused(
    more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["metric", "tomography", str(EXAMPLES / "pair.toml"), *more]) == 2
    assert said in capsys.readouterr().err


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert invoke(["metric", "tomography", str(tmp_path / "none.toml"), *DRAWS]) == 2
