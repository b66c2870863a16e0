"""Limits that their data do not give, sealed with a real key: computed again, they are found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from forgeries.forger import Forger
from stranger import Laboratory, input_files

from qtrace.certification import consistency, figure_consistency
from qtrace.certification.form_checks import form_faults
from qtrace.errors import IntegrityError

LIMIT = """\
[calibration]
id = "CAL-DARK"
device = "SNSPD-D1"
laboratory = "NIST-Boulder"
performed = 2021-06-02T12:00:00Z
procedure = "counting in the dark"
validation = "comparison"

[input.dark]
distribution = "gamma"
counts = 0
time = "250 s"
end = "counting"

[[result]]
measurand = "dark_count_rate"
model = "dark"
form = "upper_limit"
drift = { bound = "0.001 /s/a", source = "history" }
conditions = { wavelength = "1550.5 nm", bias = "0.53 V" }
""".replace("/s/a", "s^-1 a^-1")
CALIBRATED = "CAL-DARK/dark_count_rate"
USED = "RUN-SYNTHETIC/use/receiver_a/dark_count_rate"


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory) -> Forger:
    laboratory = Laboratory(tmp_path_factory.mktemp("limits"))
    input_files(laboratory.folder)
    laboratory.write("dark.toml", LIMIT)
    for line in (
        "init",
        "key create lab --person Tester --organisation Laboratory",
        "laboratory add input/nist_2022/register.toml",
        "calibration add dark.toml",
        "link add input/synthetic_link/link.toml",
        "run add input/synthetic_link/run.toml",
        "recompute RUN-SYNTHETIC",
        "assess LINK-SYNTHETIC --scheme demonstration-link",
    ):
        done = laboratory.qtrace(line)
        assert done.code == 0, done.said
    line = "certify LINK-SYNTHETIC --scheme demonstration-link --key lab"
    line += " --bundle true.json --report true.html"
    assert laboratory.qtrace(line).code in {0, 1}
    report = laboratory.read("true.html")
    # 3.00 / 250 s, and 29 days of drift at its bound
    assert "&lt; 0.0121 /s (upper limit, 95 %), exact, Garwood (Poisson)" in report
    return Forger.with_bundle((laboratory.folder / "true.json").read_bytes())


def record(payload: dict, label: str) -> dict:
    results = payload["case"]["dossier"]["results"].values()
    (found,) = [one for one in results if f"{one['event_label']}/{one['name']}" == label]
    return found


def smaller_limit(payload: dict) -> None:
    for label in (CALIBRATED, USED):
        record(payload, label)["interval"] = ["0", "0.001", "0.95"]


def smaller_limit_in_use(payload: dict) -> None:
    record(payload, USED)["interval"] = record(payload, CALIBRATED)["interval"]


def surer_limit(payload: dict) -> None:
    for label in (CALIBRATED, USED):
        one = record(payload, label)
        one["interval"] = [*one["interval"][:2], "0.99"]


def another_form_in_use(payload: dict) -> None:
    record(payload, USED)["form"] = "lower_limit"


def limit_on_counts_of_a_run(payload: dict) -> None:
    one = record(payload, "RUN-SYNTHETIC/recomputation/qber")
    one["form"], one["interval"] = "upper_limit", ["0", "0.001", "0.95"]


LIES = [
    smaller_limit,
    smaller_limit_in_use,
    surer_limit,
    another_form_in_use,
    limit_on_counts_of_a_run,
]


def test_the_true_bundle_verifies(forger: Forger) -> None:
    assert forger.verify(forger.lie(lambda _: None)).steps


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_forged_limit_is_found(forger: Forger, lie: Callable[[dict], None]) -> None:
    with pytest.raises(IntegrityError):
        forger.verify(forger.lie_with_conclusions(lie))


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_without_the_check_it_would_pass(
    forger: Forger, lie: Callable[[dict], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tuple(one for one in consistency.CASE_CHECKS if one is not form_faults)
    monkeypatch.setattr(consistency, "CASE_CHECKS", left)
    # An interval of a run's figure is looked at a second time, with its arguments.
    monkeypatch.setattr(figure_consistency, "_interval_faults", lambda _case, _one: iter(()))
    forger.verify(forger.lie_with_conclusions(lie))
