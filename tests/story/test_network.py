"""What networks offer, as a stranger asks: declared figures, recorded runs, and wrong questions."""

from __future__ import annotations

import math
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clock_runs import LINK, series_text
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

EXAMPLE = data_folder() / "examples" / "network" / "network.toml"
PAIRS = data_folder() / "examples" / "qsdc_network"
STEPS, STEP_S = 301, 37
WIDEST = 80
HEAD = """\
[network]
id = "NET"
"""


def nodes(names: str) -> str:
    return HEAD + "".join(f'[[node]]\nid = "{one}"\n' for one in names)


def run_link(one: str, other: str, run: str, what: str = "synchronization") -> str:
    return (
        f'[[link]]\nid = "{one}{other}"\nnodes = ["{one}", "{other}"]\ntype = "{what}"\n'
        f'run = "{run}"\n'
    )


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    made = Laboratory(tmp_path_factory.mktemp("network"))
    made.write("example.toml", EXAMPLE.read_bytes())
    made.write("link.toml", LINK.format(protocol="time_series"))
    rng = np.random.default_rng(3)
    rows = [f"{k * STEP_S},{12.3 + rng.normal(0.0, 0.005):.6f},0.005" for k in range(STEPS)]
    made.write("offsets.csv", "\n".join(["time_s,offset_ns,u_ns", *rows]) + "\n")
    made.write("others.csv", "\n".join(["time_s,offset_ns,u_ns", *reversed(rows[::-2])]) + "\n")
    made.write("run.toml", series_text())
    idle = series_text(run="IDLE", interval=f"{2 * STEP_S} s").replace("2026-01", "2026-02")
    made.write("idle.toml", idle.replace("offsets.csv", "others.csv"))
    for line in ("init", "link add link.toml", "run add run.toml", "run add idle.toml"):
        assert made.qtrace(line).code == 0, line
    assert made.qtrace("recompute RUN").code == 0
    return made


def answer(made: Laboratory, line: str) -> dict[str, Any]:
    done = made.qtrace(f"network show {line}")
    assert done.code == 0, done.err
    found: dict[str, Any] = done.answer
    return found


def test_declared_figures_need_no_database(tmp_path: Path) -> None:
    made = Laboratory(tmp_path)
    shutil.copy(EXAMPLE, tmp_path / "n.toml")
    found = answer(made, "n.toml --from A --to D")
    assert found["key"]["path"] == ["A", "B", "C", "D"]
    assert float(found["key"]["rate_bits_per_s"]) == 4e3
    assert found["key"]["limited_by"] == "KEY-BC"
    assert found["key"]["trusted_nodes"] == ["B", "C"]
    assert float(found["key"]["epsilon"]) == pytest.approx(3e-10)
    assert found["key_fewest_trusted"]["trusted_nodes"] == ["B"]
    assert float(found["clocks"]["offset_s"]) == pytest.approx(16.4e-9)
    assert float(found["clocks"]["standard_uncertainty_s"]) == pytest.approx(17e-12)
    assert float(found["pairs"]["fidelity"]) == pytest.approx(0.8748)
    assert all("declared" in one for one in found["key"]["doubts"])
    assert not (tmp_path / "qtrace.db").exists()


def test_the_text_is_narrow_and_says_who_must_be_trusted(bench: Laboratory) -> None:
    done = bench.qtrace("network show example.toml --from A --to D", text=True)
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= WIDEST
    assert "B, C: it holds the key in the clear" in done.said
    assert "a node that swaps holds no key" in done.said


def test_a_path_that_is_named(bench: Laboratory) -> None:
    found = answer(bench, "example.toml --path A,B,D")
    assert found["key"]["path"] == ["A", "B", "D"]
    assert found["named"] is True


def test_recorded_hops_keep_their_covariance(bench: Laboratory) -> None:
    bench.write("twice.toml", nodes("ABC") + run_link("A", "B", "RUN") + run_link("B", "C", "RUN"))
    one = answer(bench, "twice.toml --from A --to B")["clocks"]
    both = answer(bench, "twice.toml --from A --to C")["clocks"]
    u = float(one["standard_uncertainty_s"])
    assert u > 0.0
    assert float(both["offset_s"]) == pytest.approx(2.0 * float(one["offset_s"]))
    # One result twice is fully correlated with itself; as if independent it would be less.
    assert float(both["standard_uncertainty_s"]) == pytest.approx(2.0 * u)
    assert float(both["as_independent_s"]) == pytest.approx(math.sqrt(2.0) * u)
    back = nodes("ABC") + run_link("A", "B", "RUN") + run_link("C", "B", "RUN")
    bench.write("back.toml", back)
    found = answer(bench, "back.toml --from A --to C")["clocks"]
    assert float(found["standard_uncertainty_s"]) == pytest.approx(0.0, abs=1e-9 * u)
    (tau, deviation), *_ = one["deviations"]
    (same, larger), *_ = both["deviations"]
    assert same == tau
    assert float(larger) == pytest.approx(math.sqrt(2.0) * float(deviation))
    assert any("simulated" in text for text in both["doubts"])


def test_recorded_pairs_keep_their_covariance(tmp_path: Path) -> None:
    """One result on two hops is one input: slopes add; as if independent they would not."""
    made = Laboratory(tmp_path)
    for path in PAIRS.glob("*.toml"):
        made.write(path.name, path.read_bytes())
    for line in ("init", "link add links.toml", "run add run_u01_u02.toml"):
        assert made.qtrace(line).code == 0, line
    run = tomllib.loads((PAIRS / "run_u01_u02.toml").read_text(encoding="utf-8"))["run"]["id"]
    assert made.qtrace(f"recompute {run}").code == 0
    twice = run_link("A", "B", run, "swapping") + run_link("B", "C", run, "swapping")
    made.write("pairs.toml", nodes("ABC") + twice)
    found = answer(made, "pairs.toml --from A --to C")["pairs"]
    alone = float(found["as_independent"])
    assert float(found["standard_uncertainty"]) == pytest.approx(math.sqrt(2.0) * alone)
    one = answer(made, "pairs.toml --from A --to B")["pairs"]
    assert float(found["fidelity_at_least"]) == pytest.approx(float(one["fidelity"]) ** 2)
    assert found["entangled"] is True


@pytest.mark.parametrize(
    ("file", "question", "words"),
    [
        ("example.toml", "", "which way through the network"),
        ("example.toml", "--from A", "which way through the network"),
        ("example.toml", "--from A --to D --path A,D", "through the network is said twice"),
        ("example.toml", "--from A --to Z", "there is no node 'Z'"),
        ("example.toml", "--path A,B,C,A", "comes to A twice"),
        ("example.toml", "--path A,C", "no link joins A and C"),
        ("idle.net", "--from A --to B", "is not recomputed yet"),
        ("none.net", "--from A --to B", "NO-RUN"),
        ("key.net", "--from A --to B", "gives no key"),
        ("pairs.net", "--from A --to B", "holds no fidelity of pairs"),
        ("apart.net", "--from A --to C", "no path of links of one type"),
    ],
)
def test_wrong_questions(bench: Laboratory, file: str, question: str, words: str) -> None:
    texts = {
        "idle.net": nodes("AB") + run_link("A", "B", "IDLE"),
        "none.net": nodes("AB") + run_link("A", "B", "NO-RUN"),
        "key.net": nodes("AB") + run_link("A", "B", "RUN", "qkd"),
        "pairs.net": nodes("AB") + run_link("A", "B", "RUN", "swapping"),
        "apart.net": nodes("ABC") + run_link("A", "B", "RUN"),
    }
    if file in texts:
        bench.write(file, texts[file])
    done = bench.qtrace(f"network show {file} {question}")
    assert done.code == 2
    assert words in done.said
