"""Validly signed lies about a curve in use: each is stopped by the arithmetic or by the records."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from forgeries.forger import Forger, Payload
from stranger import Laboratory

from qtrace.certification import consistency, recheck
from qtrace.errors import IntegrityError

CURVE = """\
[calibration]
id = "CAL-CURVE"
device = "SNSPD-D1"
laboratory = "NIST-Boulder"
performed = 2021-06-20T12:00:00Z
procedure = "substitution"
validation = "comparison"

[[curve]]
measurand = "system_detection_efficiency"
conditions = { photon_rate = "2.4e5 /s", polarization = "maximum", bias = "0.53 V" }
argument = "wavelength"
argument_unit = "nm"
points = [[1540, 0.925, 0.002], [1548, 0.934, 0.002], [1552, 0.937, 0.002], [1560, 0.936, 0.002]]
interpolant = "pchip"
interpolation_error = { u_relative = "0.1 %", correlation_length = "all", source = "dense table" }
drift = { bound = "0.2 %/a", source = "history" }
end = "counting"
"""
USE = ("RUN-CURVE/use/receiver_a", "system_detection_efficiency")
Lie = Callable[[Payload], None]


@pytest.fixture(scope="module")
def forger(walked: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> Forger:
    own = walked.copy(tmp_path_factory.mktemp("curve"))
    run = own.read("input/synthetic_link/run.toml").replace("RUN-SYNTHETIC", "RUN-CURVE")
    scheme = "--scheme demonstration-link --run RUN-CURVE"
    for line in (
        f"calibration add {own.write('curve.toml', CURVE)}",
        f"run add {own.write('run.toml', run)}",
        "recompute RUN-CURVE",
        f"assess LINK-SYNTHETIC {scheme}",
        f"certify LINK-SYNTHETIC {scheme} --key lab --bundle b.json",
    ):
        done = own.qtrace(line)
        assert done.code in {0, 1}, done.said
    return Forger.with_bundle((own.folder / "b.json").read_bytes())


def used(payload: Payload) -> dict:
    dossier = payload["case"]["dossier"]
    (key,) = [
        k for k, one in dossier["results"].items() if (one["event_label"], one["name"]) == USE
    ]
    found: dict = dossier["network"]["results"][key]
    return found


def argument(payload: Payload, name: str) -> dict:
    (found,) = [one for one in used(payload)["arguments"] if one["name"] == name]
    return found


def lean_on_the_better_point(payload: Payload) -> None:
    argument(payload, "system_detection_efficiency@1548")["sensitivity"] = "0.01"
    argument(payload, "system_detection_efficiency@1552")["sensitivity"] = "0.1"


def forget_the_interpolation_error(payload: Payload) -> None:
    error = argument(payload, "system_detection_efficiency/interpolation_error@0")
    used(payload)["arguments"].remove(error)
    forget_input(payload, error)


def forget_the_drift(payload: Payload) -> None:
    drift = argument(payload, "drift_rate")
    used(payload)["arguments"].remove(drift)
    forget_input(payload, drift)


def forget_input(payload: Payload, gone: dict) -> None:
    key = str(gone["input_id"])
    del payload["case"]["dossier"]["network"]["inputs"][key]
    del payload["case"]["dossier"]["input_owner"][key]


def take_another_interpolant(payload: Payload) -> None:
    used(payload)["model"]["text"] = "linear"


LIES: dict[str, tuple[Lie, str]] = {
    "weights": (lean_on_the_better_point, "sensitivity to system_detection_efficiency@15"),
    "no interpolation error": (forget_the_interpolation_error, "carries no interpolation error"),
    "no drift": (forget_the_drift, "its drift is not that of"),
    "interpolant": (take_another_interpolant, "is interpolated by pchip/1"),
}


def test_the_true_document_verifies(forger: Forger) -> None:
    assert forger.verify(forger.lie(lambda _payload: None)).case.run.run_id == "RUN-CURVE"


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_lie_about_a_curve_is_stopped(forger: Forger, lie: str) -> None:
    change, words = LIES[lie]
    with pytest.raises(IntegrityError) as caught:
        forger.verify(forger.lie_with_conclusions(change))
    assert words in caught.value.what


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_without_the_checks_of_curves_it_would_pass(
    forger: Forger, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recheck, "recheck_curve", lambda *_: [])
    monkeypatch.setattr(consistency, "use_faults", lambda *_: iter(()))
    forger.verify(forger.lie_with_conclusions(LIES[lie][0]))
