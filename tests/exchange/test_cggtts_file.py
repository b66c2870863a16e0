"""CGGTTS files: every column, both checksums, what is missing, what is refused.

Anchors: the files of one day of a GTR51 receiver (gwbres/cggtts, MIT or Apache-2.0), lines of which
stand here as they are printed; the whole files through the environment variable
QTRACE_REFERENCE_DATA, with the figures of the differences recomputed from them by hand.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cggtts_writer import TITLES, UNITS, Track, cggtts_bytes, header_text, summed

from qtrace.errors import InputError
from qtrace.exchange.cggtts_file import CggttsFile, read_cggtts
from qtrace.exchange.cggtts_signal import Ionosphere, tracks_of_signal, why_uncalibrated
from qtrace.physics.timing.satellite_view import ViewDifference, all_in_view

FOLDER = os.environ.get("QTRACE_REFERENCE_DATA", "")
REAL = Path(FOLDER) / "cggtts_same_clock"
NS = 1e-9
PRINTED = 0.005  # ns: half a digit of the published figures
# As printed by the receiver, with its checksums.
REAL_LINES = (
    "E03 FF 60258 001000  780 139  548     +723788    +14        -302    -14    2 076  325  -36   "
    "32   -3   20  +20   3  0  0  E1 A5",
    "E03 FF 60258 001000  780 139  548     +724092    +28          +2     +1    2 076  325  -36   "
    "54   -6   34  +35   5  0  0 E5b BE",
    "G15 FF 60258 001000  780 157  608     -956086    -17        -382    +21    2 046  289  -20  "
    "120   -3   42  -42   5  0  0 L1C F4",
)


def with_lines(*lines: str, **header: str) -> bytes:
    return "\n".join((header_text(**header) + "\n" + TITLES, UNITS, *lines, "")).encode()


def test_lines_of_a_receiver_are_read_as_they_are_printed() -> None:
    file = read_cggtts(with_lines(*REAL_LINES))
    first, second, third = file.tracks
    assert (first.satellite, first.code, first.mjd, first.length_s) == ("E03", "E1", 60258, 780)
    assert first.start_s == 60258 * 86400 + 600
    assert (first.elevation_deg, first.azimuth_deg) == (pytest.approx(13.9), pytest.approx(54.8))
    assert first.refsv_s == pytest.approx(72378.8 * NS, rel=1e-12)
    assert first.srsv == pytest.approx(1.4e-12, rel=1e-12)
    assert first.refsys_s == pytest.approx(-30.2 * NS, rel=1e-12)
    assert (first.mdtr_s, first.mdio_s, first.msio_s) == pytest.approx(
        (32.5 * NS, 3.2 * NS, 2.0 * NS), rel=1e-12
    )
    assert (first.dsg_s, first.isg_s) == pytest.approx((0.2 * NS, 0.3 * NS), rel=1e-12)
    assert (first.ioe, first.smsi) == (76.0, pytest.approx(2.0e-12))
    assert second.refsys_s == pytest.approx(0.2 * NS, rel=1e-12)
    assert third.smsi == pytest.approx(-4.2e-12)
    assert file.codes == ("E1", "E5b", "L1C")
    assert file.missing == {}


def test_the_header_is_read_with_its_delays() -> None:
    header = read_cggtts(cggtts_bytes([Track()], end="\r\n")).header
    assert (header.version, header.laboratory, header.reference) == ("2E", "XLAB", "UTC(XLAB)")
    assert {code: one.delay_s for code, one in header.delays.items()} == pytest.approx(
        {"GPS C1": 33.0 * NS, "GPS P1": 26.0 * NS, "GPS P2": 24.0 * NS, "GPS L5": 0.0}
    )
    assert header.calibration_id == "1001-2023"
    assert (header.cable_delay_s, header.reference_delay_s) == pytest.approx((155 * NS, 10 * NS))
    assert (header.x_m, header.y_m, header.z_m) == (4.0e6, 1.0e6, 4.8e6)


@pytest.mark.parametrize("filler", ["9999-9999", "xxxx-xxxx", "NA", ""])
def test_a_filler_is_no_calibration(filler: str) -> None:
    delays = f"INT DLY = -19.8 ns (GPS C1) -24.0 ns (GPS P2) CAL_ID = {filler}"
    header = read_cggtts(cggtts_bytes([Track()], delays=delays)).header
    assert header.calibration_id == ""
    assert header.delays["GPS P2"].delay_s == pytest.approx(-24.0 * NS)
    assert "CAL_ID" in why_uncalibrated(header, satellite="G01", code="L1C")


@pytest.mark.parametrize(
    ("satellite", "code", "reason"),
    [
        ("G08", "L1C", ""),
        ("G08", "L1P", ""),
        ("G08", "L5C", "GPS L5 is 0.0 ns"),
        ("G08", "L3P", ""),
        ("G08", "L2C", "no delay of GPS C2"),
        ("G08", "L1X", "no delay of GPS L1C"),
        ("E03", "E1", "no delay of GAL E1"),
    ],
)
def test_a_signal_without_its_delay_is_uncalibrated(satellite: str, code: str, reason: str) -> None:
    header = read_cggtts(cggtts_bytes([Track()])).header
    found = why_uncalibrated(header, satellite=satellite, code=code)
    assert reason in found
    assert bool(found) == bool(reason)


@pytest.mark.parametrize(
    ("delays", "reason"),
    [
        ("33.0 ns (GPS C1), 26.0 ns (GPS P1)", "no delay of GPS P2"),
        ("33.0 ns (GPS C1), 26.0 ns (GPS P1), 0.0 ns (GPS P2)", "GPS P2 is 0.0 ns"),
        ("33.0 ns (GPS C1), 24.0 ns (GPS C2)", ""),
        ("33.0 ns (GPS C1), 0.0 ns (GPS P2), 24.0 ns (GPS C2)", ""),
    ],
)
def test_the_measured_ionosphere_rests_on_two_delays(delays: str, reason: str) -> None:
    """Of C1 alone the modelled ionosphere is right: MSIO wants the second frequency as well."""
    data = cggtts_bytes([Track()], delays=f"INT DLY = {delays} CAL_ID = 1001-2023")
    file = read_cggtts(data)
    measured = tracks_of_signal(file, "L1C", ionosphere=Ionosphere.MEASURED).uncalibrated
    assert reason in measured
    assert bool(measured) == bool(reason)
    if reason:
        assert "MSIO" in measured
    assert tracks_of_signal(file, "L1C", ionosphere=Ionosphere.MODELLED).uncalibrated == ""


def test_version_02_without_the_measured_ionosphere() -> None:
    """The columns of one frequency, and one delay for all signals."""
    cells = TITLES.replace(" MSIO SMSI ISG", "")
    units = "".join(UNITS.split()).removesuffix(".1ns.1ps/s.1ns")
    line = " 8  FF 57000 000600  780 185  754 -234764 -125 -36 -52 26 57 252 -36 64 +25 0 0 L1C "
    text = "\n".join(
        (
            header_text(version="02", delays="INT DLY = 53.9 ns") + cells,
            units,
            line + summed(line.encode()),
        )
    )
    file = read_cggtts(text.encode())
    assert file.tracks[0].satellite == "G08"
    assert np.isnan(file.tracks[0].msio_s)
    with pytest.raises(InputError, match="measured ionosphere"):
        tracks_of_signal(file, "L1C", ionosphere=Ionosphere.MEASURED)
    found = tracks_of_signal(file, "L1C", ionosphere=Ionosphere.MODELLED)
    assert found.tracks.offset_s == pytest.approx([-3.6 * NS])


def test_what_a_receiver_has_no_number_for_is_missing_and_counted() -> None:
    tracks = [
        Track(),
        Track(satellite="G09", refsys="99999999999"),
        Track(satellite="G10", msio="9999"),
        Track(satellite="G11", msio="****"),
        Track(satellite="G12", refsys="9999999999", msio="****"),
        Track(satellite="G13", length=600),
    ]
    file = read_cggtts(cggtts_bytes(tracks))
    assert dict(file.missing) == {"REFSYS": 2, "MSIO": 3}
    found = tracks_of_signal(file, "L1C", ionosphere=Ionosphere.MEASURED)
    assert found.tracks.satellite.tolist() == ["G08"]
    assert (found.no_data, found.short) == (4, 1)
    modelled = tracks_of_signal(file, "L1C", ionosphere=Ionosphere.MODELLED)
    assert modelled.tracks.satellite.tolist() == ["G08", "G10", "G11"]


def test_the_measured_ionosphere_takes_the_place_of_the_modelled_one() -> None:
    """REFSYS + MDIO - MSIO: -28.1 + 9.9 - 5.7 = -23.9 ns."""
    file = read_cggtts(cggtts_bytes([Track()]))
    measured = tracks_of_signal(file, "L1C", ionosphere=Ionosphere.MEASURED)
    assert measured.tracks.offset_s == pytest.approx([-23.9 * NS], rel=1e-12)
    modelled = tracks_of_signal(file, "L1C", ionosphere=Ionosphere.MODELLED)
    assert modelled.tracks.offset_s == pytest.approx([-28.1 * NS], rel=1e-12)


def test_a_combination_free_of_the_ionosphere_stays_as_it_is() -> None:
    file = read_cggtts(cggtts_bytes([Track(code="L3P")]))
    found = tracks_of_signal(file, "L3P", ionosphere=Ionosphere.MEASURED)
    assert found.tracks.offset_s == pytest.approx([-28.1 * NS])
    with pytest.raises(InputError, match="free of the ionosphere"):
        tracks_of_signal(file, "L3P", ionosphere=Ionosphere.MODELLED)


def damaged_header(data: bytes) -> bytes:
    return data.replace(b"CAB DLY =  155.0", b"CAB DLY =  156.0")


def damaged_track(data: bytes) -> bytes:
    return data.replace(b"-281", b"-291")


WRONG: list[tuple[str, Callable[[bytes], bytes], str, str]] = [
    ("header", damaged_header, "checksum of the header", "line 16"),
    ("track", damaged_track, "checksum of the track", "line 20"),
    ("cut in a line", lambda d: d[:-60], "fields", "line 21"),
    ("cut after the header", lambda d: d[: d.index(b"SAT")], "ends after its header", "line 17"),
    ("no tracks", lambda d: d[: d.index(b"G08")], "no tracks", ""),
    ("another file", lambda d: b"hello" + d, "no CGGTTS file", "line 1"),
    ("version", lambda d: d.replace(b"= 2E", b"= 3A"), "version 3A", "line 1"),
    ("units", lambda d: d.replace(b".1ns ", b" 1ns ", 1), "units", "line 19"),
    ("columns", lambda d: d.replace(b"REFSYS", b"REFXXX"), "'REFXXX' is none", "line 18"),
    ("twice", lambda d: d + d[d.index(b"G08") :], "stands twice, also in line 20", "line 22"),
    ("no LAB", lambda d: d.replace(b"LAB = XLAB\n", b""), '"LAB"', "LAB"),
    ("no text", lambda d: d.replace(b"LAB = XLAB", b"LAB = X\x07AB"), "no text", "line 6"),
    ("empty", lambda _: b"", "no CGGTTS file", "line 1"),
]  # fmt: skip


@pytest.mark.parametrize(("_what", "damage", "says", "where"), WRONG, ids=[one[0] for one in WRONG])
def test_a_damaged_file_is_refused_with_its_line(
    _what: str, damage: Callable[[bytes], bytes], says: str, where: str
) -> None:
    data = cggtts_bytes([Track(), Track(satellite="G09")])
    read_cggtts(data)
    with pytest.raises(InputError) as caught:
        read_cggtts(damage(data), name="a.258")
    assert says in caught.value.what
    assert where in caught.value.where
    assert "a.258" in caught.value.where


@pytest.mark.parametrize(
    ("delays", "says"),
    [
        ("INT DLY = 33.0 m (GPS C1)", "not numbers in ns"),
        ("INT DLY = 33.0 ns (GPS C1), 34.0 ns (GPS C1)", "stands twice"),
        ("INT DLY = about 33", "not numbers in ns"),
        ("INT DLY = 33.0 ns (GPS C1)\nSYS DLY = 33.0 ns (GPS C1)", "INT and SYS"),
    ],
)
def test_delays_that_cannot_be_read_are_refused(delays: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_cggtts(cggtts_bytes([Track()], delays=delays))


@pytest.mark.parametrize(
    ("track", "says"),
    [
        (Track(elevation=950), "degrees"),
        (Track(time="246000"), "time of day"),
        (Track(refsys="x12"), "whole number"),
        (Track(satellite="??"), "satellite"),
    ],
)
def test_a_number_out_of_its_range_is_refused(track: Track, says: str) -> None:
    """The checksum is right: whoever wrote the line wrote nonsense."""
    with pytest.raises(InputError, match=says) as caught:
        read_cggtts(cggtts_bytes([track]))
    assert "line 20" in caught.value.where


def test_a_signal_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="no signal") as caught:
        tracks_of_signal(read_cggtts(cggtts_bytes([Track()])), "E1", ionosphere=Ionosphere.MEASURED)
    assert "L1C" in caught.value.next_step


# -- one day of one receiver ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def gps() -> CggttsFile:
    if not FOLDER:
        pytest.skip("QTRACE_REFERENCE_DATA names no folder of measured data")
    return read_cggtts(REAL / "GZGTR560.258")


@pytest.fixture(scope="module")
def galileo() -> CggttsFile:
    if not FOLDER:
        pytest.skip("QTRACE_REFERENCE_DATA names no folder of measured data")
    return read_cggtts(REAL / "EZGTR60.258")


def difference(
    gps: CggttsFile, galileo: CggttsFile, codes: tuple[str, str], *, sign: int = 1
) -> ViewDifference:
    sides = []
    for file, code in zip((gps, galileo), codes, strict=True):
        tracks = tracks_of_signal(file, code, ionosphere=Ionosphere.MEASURED).tracks
        if sign < 0:
            turned = tracks_of_signal(file, code, ionosphere=Ionosphere.MODELLED).tracks
            tracks.offset_s[:] = 2.0 * turned.offset_s - tracks.offset_s
        sides.append(tracks)
    return all_in_view(*sides, elevation_least_deg=20.0, centre="median", rejection=float("inf"))


def test_gps_and_galileo_agree_on_one_clock(gps: CggttsFile, galileo: CggttsFile) -> None:
    """+1.13 +- 1.08 ns from medians of 89 epochs, elevation 20 degrees or more."""
    found = difference(gps, galileo, ("L1P", "E1"))
    assert found.epochs == 89
    assert found.mean_s / NS == pytest.approx(1.13, abs=PRINTED)
    assert found.standard_deviation_s / NS == pytest.approx(1.08, abs=PRINTED)


def test_the_other_sign_of_the_ionosphere_is_seen(gps: CggttsFile, galileo: CggttsFile) -> None:
    """REFSYS - MDIO + MSIO would give -16.6 +- 12.3 ns."""
    found = difference(gps, galileo, ("L1P", "E1"), sign=-1)
    assert found.mean_s / NS == pytest.approx(-16.6, abs=0.05)
    assert found.standard_deviation_s / NS == pytest.approx(12.3, abs=0.05)


def test_signals_without_delay_are_off_and_known(gps: CggttsFile, galileo: CggttsFile) -> None:
    """Of the same satellites and clock: 5 ns to 25 ns from the calibrated one."""
    assert (len(gps.tracks), len(galileo.tracks)) == (2097, 2236)
    uncalibrated = set()
    for file, reference in ((gps, "L1P"), (galileo, "E1")):
        right = tracks_of_signal(file, reference, ionosphere=Ionosphere.MEASURED)
        assert right.uncalibrated == ""
        for code in file.codes:
            found = tracks_of_signal(file, code, ionosphere=Ionosphere.MEASURED)
            if found.uncalibrated:
                uncalibrated.add(code)
                view = all_in_view(found.tracks, right.tracks, elevation_least_deg=20.0)
                assert abs(view.mean_s) > 4.0 * NS
    assert uncalibrated == {"L2C", "L5C", "L1X", "E5", "E5b"}
