"""Validly signed lies about drift, walks, brackets and histories; each is stopped by its check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from forgeries.forger import Forger
from link_bench import EFFICIENCY, add, again, bench_at, efficiency, run_text

from qtrace.errors import IntegrityError
from qtrace.quantity.notation import decimal_text

USE = f"RUN/use/receiver_a/{EFFICIENCY}"
FIT = f"CAL-3/drift/{EFFICIENCY}"
WALK = 'bound = "1 %/a", random_walk = "0.2 %", after = "1 a", source = "s"'
Lie = Callable[[dict], None]


def forger_of(folder: Path, *, drift: str, choice: str) -> Forger:
    """Return a forger who holds the document of a run with four calibrations before it."""
    bench = bench_at(folder)
    assert bench.qtrace("key create lab --person Tester --organisation Laboratory").code == 0
    for k, value in enumerate(("0.800", "0.798", "0.797", "0.795")):
        own = drift if k == 3 else ""
        add(bench, efficiency(f"CAL-{k}", f"{2017 + k}-06-01", value, drift=own))
    add(bench, efficiency("CAL-9", "2022-06-01", "0.79"))
    role = f'calibration = "{choice}"'
    add(bench, run_text("RUN", "2021-06-01", role=role), "run add")
    again(bench, "RUN")
    assert bench.qtrace("assess LINK --scheme demonstration-link").code == 0
    line = "certify LINK --scheme demonstration-link --key lab --bundle bundles/one.json"
    assert bench.qtrace(line).code in {0, 1}
    return Forger.with_bundle((bench.folder / "bundles/one.json").read_bytes())


@pytest.fixture(scope="module")
def bracketed(tmp_path_factory: pytest.TempPathFactory) -> Forger:
    return forger_of(tmp_path_factory.mktemp("walk"), drift=WALK, choice="bracketed")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Forger:
    return forger_of(tmp_path_factory.mktemp("fit"), drift='fitted = "history"', choice="before")


def key_of(payload: dict, label: str) -> str:
    event, _, name = label.rpartition("/")
    (found,) = [
        key
        for key, one in payload["case"]["dossier"]["results"].items()
        if (one["event_label"], one["name"]) == (event, name)
    ]
    return found


def arguments(payload: dict, label: str) -> list[dict]:
    found = payload["case"]["dossier"]["network"]["results"][key_of(payload, label)]["arguments"]
    assert isinstance(found, list)
    return found


def argument(payload: dict, label: str, name: str) -> dict:
    (found,) = [one for one in arguments(payload, label) if one["name"] == name]
    return found


def walk_is_independent(payload: dict) -> None:
    payload["case"]["dossier"]["network"]["blocks"] = []


def walk_is_shorter(payload: dict) -> None:
    """The walk of a use two years after the calibration has walked for a second."""
    network = payload["case"]["dossier"]["network"]
    one = network["inputs"][str(argument(payload, USE, "drift_walk")["input_id"])]
    q = float(one["parameters"][0])
    one["parameters"][1], one["standard_uncertainty"] = "1", decimal_text(q**0.5)


def weight_is_moved(payload: dict) -> None:
    """Most of the weight goes to the calibration with the smaller u."""
    argument(payload, USE, "calibrated")["sensitivity"] = "0.9"
    argument(payload, USE, "closing")["sensitivity"] = "0.1"


def procedure_is_hidden(payload: dict) -> None:
    payload["case"]["dossier"]["events"]["RUN/use/receiver_a"]["flags"] = []


def drift_is_left_out(payload: dict) -> None:
    arguments(payload, USE).remove(argument(payload, USE, "drift_rate"))


def rate_is_another(payload: dict) -> None:
    """The rate is taken from a calibrated value that was never a rate."""
    argument(payload, USE, "drift_rate")["parent_id"] = int(key_of(payload, f"CAL-0/{EFFICIENCY}"))


def history_is_weighted(payload: dict) -> None:
    for one in arguments(payload, FIT):
        one["sensitivity"] = decimal_text(0.5 * float(one["sensitivity"]))


def history_says_left_for_found(payload: dict) -> None:
    events = payload["case"]["dossier"]["events"]
    for label in ("CAL-1", "CAL-2"):
        events[label]["state"] = "as_left"


def history_is_of_another_device(payload: dict) -> None:
    payload["case"]["dossier"]["events"]["CAL-1"]["device_id"] = "D-2"


def history_is_nobodys(payload: dict) -> None:
    payload["case"]["dossier"]["events"]["CAL-3/drift"]["flags"] = []


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (walk_is_independent, "several times that are not correlated"),
        (walk_is_shorter, "drift_walk"),
        (weight_is_moved, "sensitivity to c"),
        (procedure_is_hidden, "used before its calibration"),
    ],
)
def test_a_lie_about_a_bracket_is_stopped(bracketed: Forger, lie: Lie, words: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        bracketed.verify(bracketed.lie_with_conclusions(lie))
    assert words in caught.value.what


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (drift_is_left_out, "its drift is left out"),
        (rate_is_another, "its drift is not that of"),
        (history_is_weighted, "sensitivity to"),
        (history_says_left_for_found, "is not as_found"),
        (history_is_of_another_device, "of this history"),
        (history_is_nobodys, "a linear model belongs to a use"),
    ],
)
def test_a_lie_about_a_history_is_stopped(fitted: Forger, lie: Lie, words: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        fitted.verify(fitted.lie_with_conclusions(lie))
    assert words in caught.value.what


def test_the_true_documents_stand(bracketed: Forger, fitted: Forger) -> None:
    for one in (bracketed, fitted):
        assert one.verify(one.lie_with_conclusions(lambda _: None)).established
