"""Decisions on runs of two clocks: sealed, verified by a stranger, and no figure left unchecked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from clock_laboratory import laboratory_of, offsets_ns, own_scheme
from clock_runs import LINK, PairTruth, run_text, two_stations, write_tags
from stranger import Laboratory

from qtrace.certification.case import CaseFile
from qtrace.certification.consistency import case_faults
from qtrace.laboratory.event import EndKind, Origin
from qtrace.uncertainty.inputs import Evaluation
from qtrace.workflow.assess import assess
from qtrace.workflow.workbench import Workbench

RECOMPUTED = "RUN/recomputation"


def _certified(lab: Laboratory, scheme: str, *, code: int) -> None:
    """Assess, certify, verify and audit; each must find nothing wrong with the records."""
    assert lab.qtrace("key create lab --person Tester --organisation Lab").code == 0
    assert lab.qtrace(f"assess LINK --scheme {scheme}").code == 0
    done = lab.qtrace(f"certify LINK --scheme {scheme} --key lab --bundle sync.json")
    assert done.code == code, done.said
    verified = lab.qtrace("certificate verify sync.json --key keys/lab.pub.json")
    assert verified.code == 0, verified.said
    audit = lab.qtrace("audit --all")
    assert (audit.code, audit.answer["findings"]) == (0, [])


@pytest.fixture(scope="module")
def against_utc(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    lab = laboratory_of(tmp_path_factory.mktemp("utc"), offsets_ns(), utc=True)
    own_scheme(lab, "ITU-T-G.8272-PRTC-A-mapped:2018", "ITU-T-G.8273.2-class-D-mapped:2020")
    return lab


@pytest.fixture(scope="module")
def case(against_utc: Laboratory) -> CaseFile:
    url = f"sqlite:///{against_utc.database}"
    bench = Workbench(url, "tester", against_utc.folder / "keys")
    return assess(bench, "LINK", scheme_id="sync-check").case


def test_a_run_against_utc_is_certified(against_utc: Laboratory, case: CaseFile) -> None:
    assert case_faults(case) == []
    _certified(against_utc, "own.toml", code=0)


def test_a_run_of_tags_is_certified(tmp_path: Path) -> None:
    lab = Laboratory(tmp_path)
    for name, one in zip("ab", two_stations("two_way", PairTruth(), seed=31), strict=True):
        write_tags(tmp_path / f"{name}.npy", one)
    lab.write("link.toml", LINK.format(protocol="time_two_way"))
    lab.write("run.toml", run_text("two_way"))
    for line in ("init", "link add link.toml", "run add run.toml", "recompute RUN"):
        done = lab.qtrace(line)
        assert done.code == 0, done.said
    # 40 s reach no mask, which a demonstration lists.
    _certified(lab, "sync-check", code=0)


def _input(case: CaseFile, name: str) -> int:
    return next(k for k, owner in case.dossier.input_owner.items() if owner == (RECOMPUTED, name))


def _with_input(case: CaseFile, name: str, **changes: object) -> CaseFile:
    network = case.dossier.network
    k = _input(case, name)
    inputs = {**network.inputs, k: replace(network.inputs[k], **changes)}  # type: ignore[arg-type]
    dossier = replace(case.dossier, network=replace(network, inputs=inputs))
    return replace(case, dossier=dossier)


def _with_origin(case: CaseFile, name: str, origin: Origin) -> CaseFile:
    events = case.dossier.events
    event = events[RECOMPUTED]
    event = replace(event, origins={**event.origins, name: origin})
    return replace(case, dossier=replace(case.dossier, events={**events, RECOMPUTED: event}))


def _renamed(case: CaseFile, name: str, new: str) -> CaseFile:
    results = {
        k: replace(one, name=new) if one.label == f"{RECOMPUTED}/{name}" else one
        for k, one in case.dossier.results.items()
    }
    return replace(case, dossier=replace(case.dossier, results=results))


FORGED: dict[str, Callable[[CaseFile], CaseFile]] = {
    "it is not said to be reduced": lambda c: _with_input(
        c, "indicated_offset", evaluation=Evaluation.B
    ),
    "local_delay_difference: what nobody calibrated": lambda c: _with_input(
        c, "local_delay_difference", standard_uncertainty=1e-12
    ),
    "time_base_frequency: what nobody calibrated": lambda c: _with_origin(
        c, "time_base_frequency", Origin(end=EndKind.COUNTING, statement="exact")
    ),
    "indicated_offset: it is not said": lambda c: _with_origin(
        c, "indicated_offset", Origin(end=EndKind.DEFINED_CONSTANT, statement="exact")
    ),
    "not named after its metric timing.time_deviation": lambda c: _renamed(
        c, "time_deviation_74s", "time_deviation_148s_too"
    ),
    "without the raw file": lambda c: replace(c, run=replace(c.run, files=())),
}


@pytest.mark.parametrize("words", FORGED)
def test_a_forged_figure_of_two_clocks_is_found(case: CaseFile, words: str) -> None:
    faults = case_faults(FORGED[words](case))
    assert any(words in one for one in faults), faults
