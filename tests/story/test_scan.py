"""A scan at the terminal: drawings, tables, a run beside, and what is refused."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from link_bench import add, bench_at, run_text
from stranger import Laboratory
from toy_protocol import TOY

from qtrace.errors import InputError
from qtrace.metrics import catalogue
from qtrace.metrics.entangled.bbm92 import BBM92
from qtrace.metrics.link_scan import LinkScan
from qtrace.metrics.metric import Metric
from qtrace.metrics.protocol import LinkModel, Proof, Protocol
from qtrace.workflow import scan as scan_module

PAIRS = MappingProxyType({"pairs": 1e9, "error_rate": 0.02, "loss_db_per_km": 0.2})


def _transmittance(*, distance_km: Any, loss_db_per_km: Any, **_rest: Any) -> Any:
    return 10.0 ** (-np.asarray(distance_km * loss_db_per_km) / 10.0)


def _cells(**link: Any) -> dict[str, Any]:
    sifted = link["pairs"] * _transmittance(**link) / 4.0
    return {
        f"{cell}_{basis}": sifted * share
        for basis in ("z", "x")
        for cell, share in (("errors", link["error_rate"]), ("agreements", 1 - link["error_rate"]))
    }


# The entanglement protocol with a link made for tests; gamma bound and tail stand in for the
# figure at nominal values and the one over a set.
WITH_LINK = replace(
    BBM92,
    link_model=LinkModel(PAIRS, _cells, _transmittance, "pairs", "made up for tests"),
    proofs=(
        Proof(
            "tail", "tail", "qkd.bbm92.finite_length_tail", "qkd.bbm92.finite_length_gamma",
            "made up", "none", "finite",
        ),
    ),
)  # fmt: skip
EPSILONS = " ".join(f"--set epsilon_{one}=1e-10" for one in ("sampling", "correctness", "privacy"))
TAIL = f"metric scan bbm92 --metric qkd.bbm92.finite_length_tail {EPSILONS} --set error_correction_efficiency=1.16"


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    def protocol(name: str) -> Protocol:
        return {"toy": TOY, "bbm92": WITH_LINK}.get(name) or catalogue.protocol(name)

    def metric(metric_id: str) -> Metric:
        found = [one for one in TOY.metrics if one.metric_id == metric_id]
        return found[0] if found else catalogue.metric(metric_id)

    monkeypatch.setattr(scan_module, "protocol", protocol)
    monkeypatch.setattr(scan_module, "metric", metric)


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    made = bench_at(tmp_path)
    add(made, run_text("RUN", "2021-07-01"), "run add")
    assert made.qtrace("recompute RUN").code == 0
    return made


def test_a_scan_draws_and_writes_without_a_database(tmp_path: Path) -> None:
    here = Laboratory(tmp_path)
    done = here.qtrace(
        "metric scan toy --metric qkd.toy.certified_length_toy --over distance_km=0:200:5 "
        "--curves block=1e4,1e9 --set u_mean_photon_number=0.02 --svg a.svg --csv a.csv",
        text=True,
    )
    assert done.code == 0, done.said
    assert "cut-off at 167.04 km" in done.out
    assert "block = 1e9" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "half width" not in svg
    assert "held: u_mean_photon_number = 0.02" in svg
    assert len((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2 * 41
    assert not (tmp_path / "qtrace.db").exists()


def test_the_last_part_of_a_metric_is_enough(tmp_path: Path) -> None:
    here = Laboratory(tmp_path)
    said = [
        here.qtrace(f"metric scan chsh --metric {name} --over distance_km=0:20:10", text=True)
        for name in ("chsh_value", "qkd.chsh.chsh_value", "key_per_use")
    ]
    assert [one.code for one in said] == [0, 0, 2]
    assert said[0].out == said[1].out


def test_the_answer_holds_every_point(tmp_path: Path) -> None:
    here = Laboratory(tmp_path)
    done = here.qtrace(
        "metric scan toy --metric qkd.toy.certified_length_toy --set distance_km=50 "
        "--over u_mean_photon_number_1=0:0.1:0.05"
    )
    (curve,) = done.answer["curves"]
    assert [float(one["x"]) for one in curve["points"]] == [0.0, 0.05, 0.1]
    assert done.answer["abscissa"].startswith("half width of the declared interval of mean photon")
    assert done.answer["unit"] == "bit per use"
    figures = [float(one["figure"]) for one in curve["points"]]
    assert figures[1] == pytest.approx(figures[0] * 0.95 / 1.05)


def test_a_run_stands_beside_with_its_set_and_interval(bench: Laboratory) -> None:
    asked = f"{TAIL} --set distance_km=20 --set pairs=4e7 --over-log error_rate=0.001:0.1:9"
    done = bench.qtrace(f"{asked} --run RUN --run-at 0.02 --svg a.svg")
    assert done.code == 0, done.said
    run = done.answer["run"]
    shown = bench.qtrace("recompute RUN").answer["results"]
    by_kind = {one["label"].rpartition("/")[2]: float(one["value"]) for one in shown}
    assert float(run["certified"]) == pytest.approx(by_kind["finite_length_tail"] / 4e7)
    assert float(run["nominal"]) == pytest.approx(by_kind["finite_length_gamma"] / 4e7)
    low, high, p = (float(one) for one in run["interval"])
    assert low < float(run["nominal"]) < high
    assert p == 0.95
    svg = (bench.folder / "a.svg").read_text(encoding="utf-8")
    assert "run RUN at 0.02, certified" in svg
    assert svg.count("<circle") == 3, "disc, ring, and the disc of the legend"


def test_a_block_of_a_run_is_its_counts_and_a_rate_needs_its_place(bench: Laboratory) -> None:
    asked = f"{TAIL} --set distance_km=20"
    done = bench.qtrace(f"{asked} --over-log block=1e4:1e7:4 --set pairs=4e7 --run RUN")
    assert done.code == 2, "block and uses say the same thing twice"
    qber = "metric scan bbm92 --metric qkd.bbm92.qber --set distance_km=20"
    beside = bench.qtrace(f"{qber} --over-log block=1e4:1e7:4 --run RUN")
    assert beside.code == 0, beside.said
    assert float(beside.answer["run"]["x"]) == 1e6
    nowhere = bench.qtrace(
        f"{qber.replace(' --set distance_km=20', '')} --over distance_km=0:9:3 --run RUN"
    )
    assert nowhere.code == 2
    assert "--run-at" in nowhere.said
    unsaid = bench.qtrace(f"{TAIL} --over distance_km=10:20:5 --run RUN --run-at 20")
    assert unsaid.code == 2
    assert "pairs" in unsaid.said


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("toy --metric qkd.toy.qber", "--over"),
        ("toy --metric qkd.toy.qber --over distance_km=0:9:1 --over-log block=1:9:3", "one of the two"),
        ("toy --metric qkd.bbm92.qber --over distance_km=0:9:1", "no figure of toy"),
        ("toy --metric qkd.toy.qber --over distance=0:9:1", "distance_km"),
        ("toy --metric qkd.toy.qber --over distance_km=0:9:1 --set distance_km=1", "given twice"),
        ("toy --metric qkd.toy.qber --over distance_km=0:9:1 --curves distance_km=1,2", "given twice"),
        ("toy --metric qkd.toy.qber --over distance_km=0:9:1 --set pulses", "--set"),
        ("toy --metric qkd.toy.qber --over-log block=1e3:1e6:4", "--set distance_km"),
        ("nothing --metric qkd.toy.qber --over distance_km=0:9:1", "no protocol"),
        (
            "toy --metric qkd.toy.qber --over distance_km=0:9:1 --set dark_probability=0 "
            "--set detector_efficiency=0",
            "value nowhere",
        ),
        ("toy --metric qkd.toy.key_per_use --over distance_km=0:9:1 --set block=10 --set pulses=1", "twice"),
    ],
)  # fmt: skip
def test_what_is_no_scan_is_refused_with_the_next_step(
    tmp_path: Path, asked: str, words: str
) -> None:
    done = Laboratory(tmp_path).qtrace(f"metric scan {asked}")
    assert done.code == 2
    assert words in " ".join(done.said.split())
    assert "next:" in done.said


def test_a_run_of_another_protocol_or_without_figures_is_refused(bench: Laboratory) -> None:
    toy = "metric scan toy --metric qkd.toy.qber --over distance_km=0:9:1 --run-at 5 --run"
    other = bench.qtrace(f"{toy} RUN")
    assert other.code == 2
    assert "is of bbm92" in other.said
    add(bench, run_text("RAW", "2021-07-03"), "run add")
    raw = bench.qtrace(
        "metric scan bbm92 --metric qkd.bbm92.qber --over distance_km=1:9:1 --run RAW"
    )
    assert raw.code == 2
    assert "qtrace recompute RAW" in " ".join(raw.said.split())


def test_a_drawing_that_cannot_be_written_ends_with_4(tmp_path: Path) -> None:
    here = Laboratory(tmp_path)
    (tmp_path / "folder").mkdir()
    asked = "metric scan toy --metric qkd.toy.qber --over distance_km=0:9:1"
    assert here.qtrace(f"{asked} --svg folder").code == 4


def test_a_png_without_matplotlib_ends_with_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    asked = "metric scan toy --metric qkd.toy.qber --over distance_km=0:9:1 --png a.png"
    done = Laboratory(tmp_path).qtrace(asked)
    assert done.code == 4
    assert "qtrace-metrology[plot]" in " ".join(done.said.split())
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    "one", [p for p in catalogue.PROTOCOLS if p.link_model], ids=lambda one: one.name
)
def test_every_protocol_with_a_link_model_gives_a_figure_somewhere(one: Protocol) -> None:
    assert one.link_model is not None
    found = 0
    for figure in one.metrics:
        with contextlib.suppress(InputError):
            found += LinkScan(one, figure).at("distance_km", 10.0).figure is not None
    assert found
