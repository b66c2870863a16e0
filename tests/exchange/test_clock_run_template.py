"""Run files of two clocks to fill in: each reads as it stands with its files beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from clock_runs import PairTruth, two_stations, write_tags

from qtrace.errors import InputError
from qtrace.exchange.run_file import RunDraft, read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.laboratory.run_files import FREE
from qtrace.metrics.catalogue import PROTOCOLS
from qtrace.metrics.protocol import Protocol

CLOCKS = tuple(one for one in PROTOCOLS if one.comparison)
BY_NAME = pytest.mark.parametrize("form", CLOCKS, ids=lambda one: one.name)
ROLES = {
    "time_one_way": ["fibre", "stations", "tagger_a", "clock_a"],
    "time_two_way": ["fibre", "stations", "tagger_a", "clock_a"],
    "time_round_trip": ["fibre", "stations", "tagger_a", "clock_a"],
    "time_series": ["stations", "tagger_a", "clock_a"],
}


def files_of(form: Protocol, folder: Path) -> None:
    """Write what a template of a protocol names."""
    if form.comparison == "series":
        (folder / "offsets.csv").write_text("time_s,offset_ns\n0,1.2\n1,1.3\n2,1.1\n4,1.2\n")
        return
    truth = PairTruth(pairs_per_s=50.0, singles_per_s=50.0)
    a, b = two_stations(form.comparison, truth, seed=5)
    write_tags(folder / "a.npy", a)
    write_tags(folder / "b.npy", b)


def read(text: str, folder: Path) -> RunDraft:
    path = folder / "run.toml"
    path.write_text(text)
    return read_run_file(path)


@BY_NAME
def test_the_template_reads_with_its_files_beside_it(form: Protocol, tmp_path: Path) -> None:
    files_of(form, tmp_path)
    draft = read(run_template(form), tmp_path)
    assert draft.run.protocol == form.name
    assert [one.name for one in draft.run.files] == (
        ["offsets.csv"] if form.comparison == "series" else ["a.npy", "b.npy"]
    )
    assert [one.role for one in draft.run.roles] == ROLES[form.name]
    assert max(map(len, run_template(form).splitlines())) <= 80, "printed lines are folded there"


@BY_NAME
def test_without_its_files_it_is_refused_by_name(form: Protocol, tmp_path: Path) -> None:
    missing = "offsets.csv" if form.comparison == "series" else "a.npy"
    with pytest.raises(InputError, match=missing):
        read(run_template(form), tmp_path)


@BY_NAME
def test_nothing_is_declared_for_the_user(form: Protocol, tmp_path: Path) -> None:
    files_of(form, tmp_path)
    run = read(run_template(form), tmp_path).run
    assert not any(one.lock_evidence for one in run.files)
    assert all(one.lock in {"", FREE} and one.zero_ps is None for one in run.files)
    assert not any(one.device_id for one in run.roles)


@BY_NAME
def test_what_is_in_comments_can_be_taken_out_of_them(form: Protocol, tmp_path: Path) -> None:
    files_of(form, tmp_path)
    text = run_template(form)
    marked = ["lock_evidence", "status"]
    if form.comparison != "series":
        marked += ["search", "skew", "window", "zero"]
        text = text.replace('lock = "free running" ', 'lock = "locked to a maser" ')
    for name in marked:
        assert f"# {name} = " in text
        text = text.replace(f"# {name} = ", f"{name} = ")
    run = read(text, tmp_path).run
    assert run.status == "aborted"
    assert all(one.lock_evidence for one in run.files)
    if form.comparison != "series":
        assert [one.zero_ps for one in run.files] == [0, 0]
        assert run.parameters["search"] == 0.01
        assert run.parameters["skew"] == 1e-6
        assert run.parameters["window"] == 1e-9
