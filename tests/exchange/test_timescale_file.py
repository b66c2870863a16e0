"""Clock files: the direction is declared, checked where the file names it, and can be turned.

Anchors: BIPM Circular T 201 (2004) and 229 (2007), UTC - UTC(AUS) as printed; the history of
ipta/pulsar-clock-corrections (BSD-3) through the environment variable QTRACE_REFERENCE_DATA.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.exchange.timescale_file import TimescaleHistory, read_direction, read_timescale

FOLDER = os.environ.get("QTRACE_REFERENCE_DATA", "")
HISTORY = Path(FOLDER) / "timescale_history"
NS = 1e-9
PRINTED = 0.05  # ns: half a digit of the published figures
# MJD and [UTC-UTC(AUS)]/ns as Circular T 201 and 229 print them.
PRINTED_AUS = {53244: -525.3, 53274: -480.9, 54099: -128.5, 54129: -37.1}
FILE = b"# UTC(LAB) UTC 1\n# comment\n53244.00000 -0.0000005253\n53249.0 1e-9\n53249.0 1e-9\n"
DIRECTION = "UTC - UTC(LAB)"


def test_a_file_is_read_in_its_direction_and_turned() -> None:
    found = read_timescale(FILE, direction=DIRECTION)
    assert (found.minuend, found.subtrahend, found.declared) == ("UTC", "UTC(LAB)", DIRECTION)
    assert found.in_header
    assert found.mjd.tolist() == [53244.0, 53249.0]
    assert found.offset_s == pytest.approx([-525.3 * NS, 1.0 * NS])
    assert found.repeated == 1
    assert found.offsets("UTC(LAB) - UTC") == pytest.approx([525.3 * NS, -1.0 * NS])
    assert found.at(53244.0, DIRECTION) == pytest.approx(-525.3 * NS)
    assert found.at(53244.0, "UTC(LAB) - UTC") == pytest.approx(525.3 * NS)


def test_a_file_that_names_nothing_takes_the_declared_direction() -> None:
    found = read_timescale(b"53244.0 2e-9\n", direction="UTC(LAB) - UTC")
    assert (found.in_header, found.minuend) == (False, "UTC(LAB)")


def test_the_other_direction_is_refused() -> None:
    with pytest.raises(InputError, match=r"holds UTC - UTC\(LAB\)") as caught:
        read_timescale(FILE, direction="UTC(LAB) - UTC", name="lab2utc.clk")
    assert "lab2utc.clk, line 1" in caught.value.where
    with pytest.raises(InputError, match="holds"):
        read_timescale(FILE, direction="UTC - UTC(OTHER)")
    with pytest.raises(InputError, match="not about the scales"):
        read_timescale(FILE, direction=DIRECTION).offsets("TAI - UTC")


@pytest.mark.parametrize("text", ["", "UTC", "UTC(NIST)-UTC", "UTC - UTC", "nist2utc"])
def test_what_is_no_direction_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no direction"):
        read_direction(text)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"53250.0", "no MJD"),
        (b"53250.0 abc", "no MJD"),
        (b"53250.0 1e-9 3", "no MJD"),
        (b"53250.0 nan", "no reading"),
        (b"99999.0 0.0", "no reading"),
        (b"53240.0 1e-9", "do not rise"),
        (b"53249.0 2e-9", "offset is another"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(line: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_timescale(FILE + line, direction=DIRECTION, name="x.clk")
    assert "line 6" in caught.value.where


def test_no_rows_and_no_day_are_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        read_timescale(b"# UTC(LAB) UTC\n", direction=DIRECTION)
    with pytest.raises(InputError, match="no value at") as caught:
        read_timescale(FILE, direction=DIRECTION).at(53246.0, DIRECTION)
    assert "53244" in caught.value.next_step


def history(name: str, direction: str) -> TimescaleHistory:
    if not FOLDER:
        pytest.skip("QTRACE_REFERENCE_DATA names no folder of measured data")
    return read_timescale(HISTORY / name, direction=direction)


def test_the_sign_is_that_of_circular_t() -> None:
    found = history("aus2utc.clk", "UTC - UTC(AUS)")
    for mjd, printed in PRINTED_AUS.items():
        assert found.at(mjd, "UTC - UTC(AUS)") / NS == pytest.approx(printed, abs=1e-6)
    with pytest.raises(InputError, match="is declared"):
        history("aus2utc.clk", "UTC(AUS) - UTC")


def test_utc_nist_since_2012_has_its_known_size() -> None:
    found = history("nist2utc.clk", "UTC - UTC(NIST)")
    x = found.offset_s[found.mjd >= 56000.0] / NS
    assert float(np.std(x)) == pytest.approx(6.2, abs=PRINTED)
    assert float(np.mean(x)) == pytest.approx(1.9, abs=PRINTED)
    assert float(np.sqrt(np.mean(x**2))) == pytest.approx(6.5, abs=PRINTED)
    assert float(np.max(np.abs(x))) == pytest.approx(20.2, abs=PRINTED)
    assert found.repeated > 0  # the file says some days twice


@pytest.mark.parametrize(
    ("name", "direction"),
    [("gps2utc_c0p.clk", "UTC(USNO) - UTC(GPS)_C0P"), ("ptb2tai.clk", "TAI - TA(PTB)")],
)
def test_the_other_histories_are_read(name: str, direction: str) -> None:
    assert len(history(name, direction).mjd) > 600
