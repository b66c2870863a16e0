"""A link to UTC(k) and a row of Circular T, from their files to chains without a break."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from cggtts_writer import CLOCK_NS, DELAYS, cggtts_bytes, example_files
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

DATA = os.environ.get("QTRACE_REFERENCE_DATA", "")
ONE_CLOCK = """\
[calibration]
id = "CAL-ONE-CLOCK"
device = "UL-CLOCK"
laboratory = "UL-SITE"
performed = 2023-11-11T12:00:00Z
procedure = "one receiver, one clock, two systems of satellites"
validation = "none"

[input.link]
cggtts = "GZGTR560.258"
cggtts_b = "EZGTR60.258"
signal = "L1P"
signal_b = "{signal_b}"
view = "all"
centre = "median"
ionosphere = "measured"
elevation_least = "20 deg"
u_of = "{u_of}"

[[result]]
measurand = "time_scale_difference"
model = "link"
"""
EARLIER = """\
[input.earlier]
circular_t = "circular_t.toml"
laboratory = "XLAB"
mjd = 60254
part = "u_a"
certificate = { issuer = "UL-BUREAU", number = "MADE-UP 431, 60254", route = "nmi_capability", \
available = true, kind = "offset_from_utc", issued = "2023-12-10" }

[[result]]
name = "on_60254"
measurand = "offset_from_utc"
conditions = { scale = "UTC(XLAB)", day = "MJD 60254" }
model = "earlier + shared"
"""


@pytest.fixture
def linked(own: Laboratory) -> Laboratory:
    for path in (data_folder() / "examples" / "utc_link").iterdir():
        own.write(path.name, path.read_bytes())
    for command in (
        "laboratory add register.toml",
        "statement add shared_error.toml",
        "calibration add scale.toml",
        "calibration add receiver.toml",
    ):
        done = own.qtrace(command)
        assert done.code == 0, done.said
        assert "warning" not in done.err
    return own


def test_two_statements_with_unbroken_chains(linked: Laboratory) -> None:
    added = linked.qtrace("calibration add calibration.toml")
    assert added.code == 0, added.said
    found = {one["label"].rpartition("/")[2]: one for one in added.answer["results"]}
    difference, offset = found["time_scale_difference"], found["offset_from_utc"]
    # In ns: u of the delays is 1.5, of the link 0.15, of the circular 0.7 and 2.1.
    assert float(difference["value"]) == pytest.approx(CLOCK_NS + 0.4, abs=0.5)
    assert float(offset["value"]) - float(difference["value"]) == pytest.approx(-2.6, abs=1e-9)
    for label, ends in (("time_scale_difference", 2), ("offset_from_utc", 4)):
        (traced,) = linked.qtrace(f"trace UL-CAL-CLOCK/{label}").answer
        assert traced["chain"]["breaks"] == []
        assert len(traced["chain"]["ends"]) == ends


def test_days_of_one_circular_share_u_b(linked: Laboratory) -> None:
    """r = 2.1^2 / (0.7^2 + 2.1^2) = 0.9: the mean of two days is hardly better than one."""
    text = (linked.folder / "scale.toml").read_text(encoding="utf-8")
    text = text.replace("UL-CAL-SCALE", "UL-CAL-TWO") + EARLIER
    added = linked.qtrace(f"calibration add {linked.write('two.toml', text)}")
    assert added.code == 0, added.said
    ((_, _, r),) = added.answer["correlations"]
    assert float(r) == pytest.approx(0.9, abs=1e-6)


def test_an_uncalibrated_signal_breaks_the_chain(linked: Laboratory) -> None:
    """The same tracks under a header whose internal delay is 0.0."""
    data = example_files()["site.259"]
    head = cggtts_bytes(
        [],
        delays=DELAYS.replace("33.0", " 0.0"),
        laboratory="SITE",
        reference="CLOCK OF THE SITE",
    )
    linked.write("site.259", head[: head.index(b"SAT")] + data[data.index(b"SAT") :])
    text = (linked.folder / "calibration.toml").read_text(encoding="utf-8")
    refused = linked.qtrace("calibration add calibration.toml")
    assert refused.code == 2
    assert "not calibrated" in refused.said
    asked = text.replace(
        'instrument = "UL-RECEIVER"\ninstrument_kind = "local_delay_difference"',
        'uncalibrated = "flag"',
    )
    added = linked.qtrace(f"calibration add {linked.write('flagged.toml', asked)}")
    assert added.code == 0, added.said
    (traced,) = linked.qtrace("trace UL-CAL-CLOCK/time_scale_difference").answer
    assert [one["name"] for one in traced["chain"]["breaks"]] == ["end missing"]


@pytest.mark.skipif(not DATA, reason="QTRACE_REFERENCE_DATA names no folder of measured data")
def test_one_clock_through_two_systems(linked: Laboratory) -> None:
    """One day of a GTR51 receiver (gwbres/cggtts): GPS L1P minus Galileo E1, +1.13 +- 1.08 ns."""
    for name in ("GZGTR560.258", "EZGTR60.258"):
        shutil.copy(Path(DATA) / "cggtts_same_clock" / name, linked.folder / name)
    text = ONE_CLOCK.format(signal_b="E1", u_of="reading")
    added = linked.qtrace(f"calibration add {linked.write('one.toml', text)}")
    assert added.code == 0, added.said
    (result,) = added.answer["results"]
    assert float(result["value"]) == pytest.approx(1.13e-9, abs=5e-12)
    assert "two signals, all in view" in added.err
    # Epochs of a day depend on each other: their mean is known worse than 1.08 / sqrt(89).
    text = ONE_CLOCK.format(signal_b="E1", u_of="mean").replace("ONE-CLOCK", "ONE-MEAN")
    mean = linked.qtrace(f"calibration add {linked.write('mean.toml', text)}")
    assert mean.code == 0, mean.said
    (of_mean,) = mean.answer["results"]
    assert float(of_mean["standard_uncertainty"]) > 1.2 * 1.08e-9 / 89**0.5
    text = ONE_CLOCK.format(signal_b="E5b", u_of="mean").replace("ONE-CLOCK", "ONE-WRONG")
    wrong = linked.qtrace(f"calibration add {linked.write('wrong.toml', text)}")
    assert wrong.code == 2
    assert "E5b" in wrong.said
