"""Validly signed lies about a certified figure: what it rests on, and what is not proven."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from forgeries.forger import Forger
from stranger import Laboratory

from qtrace.errors import IntegrityError
from qtrace.exchange.package_files import data_folder

EVENT = "TL-RUN-DECOY/recomputation"
Lie = Callable[[dict], None]


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory) -> Forger:
    """Return a forger with the document of a run without plan and with an argument left out."""
    folder = tmp_path_factory.mktemp("key")
    shutil.copytree(data_folder() / "examples" / "three_links", folder / "in")
    bench = Laboratory(folder)
    text = bench.read("in/decoy_run.toml").replace('plan = "TL-PLAN-DECOY"\n', "")
    start = text.index("[assumption.intensity_correlation]")
    run = bench.write("in/run.toml", text[:start] + text[text.index("[net]") :])
    for line in (
        "init",
        "key create lab --person Tester --organisation Laboratory",
        "laboratory add in/register.toml",
        "calibration add in/meter.toml",
        "calibration add in/source.toml",
        f"run add {run}",
        "recompute TL-RUN-DECOY",
        "assess TL-DECOY --scheme demonstration-link",
        "certify TL-DECOY --scheme demonstration-link --key lab --bundle bundles/one.json",
    ):
        done = bench.qtrace(line)
        assert done.code in {0, 1}, done.said
    return Forger.with_bundle((folder / "bundles" / "one.json").read_bytes())


def key_of(payload: dict, label: str) -> str:
    event, _, name = label.rpartition("/")
    (found,) = [
        key
        for key, one in payload["case"]["dossier"]["results"].items()
        if (one["event_label"], one["name"]) == (event, name)
    ]
    return found


def flags(payload: dict) -> list[str]:
    key = key_of(payload, f"{EVENT}/certified_length_hoeffding_gamma")
    found = payload["case"]["dossier"]["results"][key]["flags"]
    assert isinstance(found, list)
    return found


def argument(payload: dict, name: str) -> dict:
    key = key_of(payload, f"{EVENT}/key_length_hoeffding_gamma")
    arguments = payload["case"]["dossier"]["network"]["results"][key]["arguments"]
    (found,) = [one for one in arguments if one["name"] == name]
    return found


def say_nothing_of_what_is_unproven(payload: dict) -> None:
    flags(payload)[:] = [one for one in flags(payload) if not one.startswith("not proven")]


def say_nothing_of_the_missing_plan(payload: dict) -> None:
    flags(payload)[:] = [one for one in flags(payload) if not one.startswith("post_hoc")]


def take_the_decoy_for_the_signal(payload: dict) -> None:
    one, other = (argument(payload, f"mean_photon_number_{k}") for k in (1, 2))
    one["parent_id"] = other["parent_id"]


def take_the_nominal_value(payload: dict) -> None:
    """Add the nominal intensity as an input of the run, exact as any other parameter of it."""
    dossier = payload["case"]["dossier"]
    inputs, owners = dossier["network"]["inputs"], dossier["input_owner"]
    (like,) = [k for k, v in owners.items() if list(v) == [EVENT, "probability_1"]]
    new = str(max(map(int, inputs)) + 1)
    fields = {"input_id": type(inputs[like]["input_id"])(new), "estimate": "0.48", "text": "0.48"}
    inputs[new] = {**inputs[like], **fields, "name": "mean_photon_number_1"}
    owners[new] = type(owners[like])([EVENT, "mean_photon_number_1"])
    one = argument(payload, "mean_photon_number_1")
    one["input_id"], one["parent_id"] = type(one["parent_id"])(new), None


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (say_nothing_of_what_is_unproven, "it does not say: not proven for this device"),
        (say_nothing_of_the_missing_plan, "it does not say: post_hoc"),
        (take_the_decoy_for_the_signal, "mean_photon_number_1 is taken from"),
        (take_the_nominal_value, "mean_photon_number_1 is not that of the device in use"),
    ],
)
def test_a_lie_about_a_certified_figure_is_stopped(forger: Forger, lie: Lie, words: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        forger.verify(forger.lie_with_conclusions(lie))
    assert words in caught.value.what


def test_the_true_document_stands(forger: Forger) -> None:
    assert forger.verify(forger.lie_with_conclusions(lambda _: None)).established
