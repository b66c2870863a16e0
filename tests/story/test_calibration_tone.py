"""A calibration tone sent far away: from a phase and its averaging time to a traced frequency.

Anchors, computed by hand: 0.3 deg = 5.236e-3 rad; over 55.6 ms that is 15 mHz, of 10 MHz 1.5e-9,
as a time of the carrier 83.3 ps.
"""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

EXAMPLE = data_folder() / "examples" / "calibration_tone"
ADDED = (
    "init",
    "key create lab --person Tester --organisation tests",
    "laboratory add in/register.toml",
    "calibration add in/clock.toml",
    "link add in/link.toml",
    "run add in/run.toml",
    "recompute RUN-TONE",
)
PHASE_RAD = math.radians(0.3)
U_RAD = 0.00035
TAU_S, CARRIER_HZ = 55.6e-3, 1e7
# The clock of the example is 4e-11 off its nominal 10 MHz and known to 5e-11.
CLOCK = 1e-9


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """The example recomputed; nobody may write into it."""
    made = Laboratory(tmp_path_factory.mktemp("tone"))
    shutil.copytree(EXAMPLE, made.folder / "in")
    for command in ADDED:
        done = made.qtrace(command)
        assert done.code == 0, f"{command}: {done.said}"
    return made


@pytest.fixture
def mine(sent: Laboratory, tmp_path: Path) -> Laboratory:
    shutil.copytree(sent.folder, tmp_path / "mine")
    return Laboratory(tmp_path / "mine")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("frequency_offset", PHASE_RAD / (2.0 * math.pi * TAU_S)),
        ("fractional_frequency", PHASE_RAD / (2.0 * math.pi * TAU_S * CARRIER_HZ)),
        ("time_offset", PHASE_RAD / (2.0 * math.pi * CARRIER_HZ)),
    ],
)
def test_figures_and_their_uncertainty(sent: Laboratory, name: str, value: float) -> None:
    (one,) = sent.qtrace(f"trace RUN-TONE/recomputation/{name} --no-chain").answer
    found = one["statement"]
    assert float(found["value"]) == pytest.approx(value, rel=CLOCK)
    # All but the phase is known far better than the phase.
    assert float(found["standard_uncertainty"]) == pytest.approx(
        value * U_RAD / PHASE_RAD, rel=1e-6
    )


def test_what_the_survey_tells_is_met_by_that_averaging_time(sent: Laboratory) -> None:
    (one,) = sent.qtrace("trace RUN-TONE/recomputation/frequency_offset --no-chain").answer
    assert float(one["statement"]["value"]) == pytest.approx(15e-3, rel=2e-3)


def test_the_frequency_is_traced_to_the_clock(sent: Laboratory) -> None:
    traced = sent.qtrace("trace RUN-TONE/recomputation/fractional_frequency", text=True)
    assert traced.code == 0, traced.said
    assert "CT-CAL-CLOCK/frequency" in traced.said
    assert "unbroken" in traced.said
    alone = sent.qtrace("trace RUN-TONE/recomputation/frequency_offset", text=True)
    assert "CT-CAL-CLOCK" not in alone.said, "an offset in hertz does not rest on the carrier"


def test_without_an_averaging_time_it_is_refused(mine: Laboratory) -> None:
    text = mine.read("in/run.toml").replace("RUN-TONE", "RUN-OTHER")
    mine.write("in/other.toml", text.replace('averaging_time = "55.6 ms"', ""))
    done = mine.qtrace("run add in/other.toml")
    assert done.code == 2
    assert "averaging_time" in done.said


def test_traced_is_not_good_enough(mine: Laboratory) -> None:
    """Both chains are unbroken, and 1.5e-9 is still far beyond what is asked of a tone."""
    assessed = mine.qtrace("assess CT-LINK --scheme tone-check", text=True)
    assert assessed.code == 0, assessed.said
    said = " ".join(assessed.said.split())
    assert "NOT MET TONE-01" in said
    for k in (2, 3, 4):
        assert f" MET TONE-0{k}" in said.replace("NOT MET", "NOT-MET"), k
    sealed = mine.qtrace(
        "certify CT-LINK --scheme tone-check --key lab --bundle bundles/tone.json", text=True
    )
    assert sealed.code == 1, sealed.said
    assert "REFUSED" in sealed.said
    checked = mine.qtrace("certificate verify bundles/tone.json --key keys/lab.pub.json", text=True)
    assert checked.code == 0, checked.said
    audited = mine.qtrace("audit --all")
    assert audited.code == 0
    assert audited.answer["findings"] == []


def test_the_source_says_what_is_declared() -> None:
    text = (EXAMPLE / "source.md").read_text(encoding="utf-8")
    for words in ("declared after a survey", "No primary source was found", "made up", "55.6 ms"):
        assert words in text, words
