"""A writer of CGGTTS files for tests, and the made-up link of data/examples/utc_link.

Inside: `Track`, `header_text`, `track_line`, `cggtts_bytes`, `example_files`. Independent of the reader:
it fills the columns of the format and sums the bytes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TITLES = (
    "SAT CL  MJD  STTIME TRKL ELV AZTH   REFSV      SRSV     REFSYS    SRSYS  DSG IOE MDTR SMDT "
    "MDIO SMDI MSIO SMSI ISG FR HC FRC CK"
)
UNITS = (
    "             hhmmss  s  .1dg .1dg    .1ns     .1ps/s     .1ns    .1ps/s .1ns     "
    ".1ns.1ps/s.1ns.1ps/s.1ns.1ps/s.1ns"
)
DELAYS = (
    "INT DLY =   33.0 ns (GPS C1),  26.0 ns (GPS P1),  24.0 ns (GPS P2),   0.0 ns (GPS L5)     "
    "CAL_ID = 1001-2023"
)
SEED = 20231111
EXAMPLE_MJD = 60259
NOISE_NS = 1.2  # of one track, made up
CLOCK_NS = -41.7  # clock of the site minus UTC(XLAB), made up
EPOCHS, SATELLITES = 24, 5


@dataclass(frozen=True)
class Track:
    """One track in the units of the file: tenths of ns, of degrees."""

    satellite: str = "G08"
    mjd: int = EXAMPLE_MJD
    time: str = "001000"
    length: int = 780
    elevation: int = 450
    refsys: str = "-281"
    mdio: str = "99"
    msio: str = "57"
    code: str = "L1C"


def summed(data: bytes) -> str:
    total = sum(byte for byte in data if byte not in (10, 13))
    return f"{total % 256:02X}"


def header_text(
    *, laboratory: str = "XLAB", reference: str = "UTC(XLAB)", delays: str = DELAYS, end: str = "\n",
    version: str = "2E",
) -> str:  # fmt: skip
    lines = [
        f"CGGTTS     GENERIC DATA FORMAT VERSION = {version}",
        "REV DATE = 2023-11-01",
        "RCVR = MADE-UP 1",
        "CH = 20",
        "IMS = MADE-UP 1",
        f"LAB = {laboratory}",
        "X = +4000000.00 m",
        "Y = +1000000.00 m",
        "Z = +4800000.00 m",
        "FRAME = ITRF",
        "COMMENTS = MADE UP BY THE QTRACE AUTHORS",
        delays,
        "CAB DLY =  155.0 ns",
        "REF DLY =   10.0 ns",
        f"REF = {reference}",
        "CKSUM = ",
    ]
    text = end.join(lines)
    return text + summed(text.encode()) + end


def track_line(track: Track) -> str:
    text = (
        f"{track.satellite:3} FF {track.mjd:5} {track.time} {track.length:4} "
        f"{track.elevation:3} {1234:4} {'+1513042':>11} {'+28':>6} {track.refsys:>11} {'+1':>6} "
        f"{'3':>4} {'042':>3} {'192':>4} {'-49':>4} {track.mdio:>4} {'-14':>4} {track.msio:>4} "
        f"{'-29':>4} {'5':>3} {'0':>2} {'0':>2} {track.code:>3} "
    )
    return text + summed(text.encode())


def cggtts_bytes(tracks: Sequence[Track], *, end: str = "\n", **header: str) -> bytes:
    lines = ["", TITLES, UNITS, *(track_line(track) for track in tracks)]
    return (header_text(end=end, **header) + end.join(lines) + end).encode()


def example_files() -> dict[str, bytes]:
    """Return the two files of the example: GPS time and ionosphere are common, noise is not."""
    draw = np.random.default_rng(SEED)
    files: dict[str, list[Track]] = {"site.259": [], "xlab.259": []}
    for k in range(EPOCHS):
        minutes = 2 + 16 * k
        time = f"{minutes // 60:02d}{minutes % 60:02d}00"
        for satellite in range(SATELLITES):
            common = -120.0 + float(draw.normal(0.0, 3.0))
            elevation = int(draw.integers(150, 850))
            ionosphere = int(draw.integers(40, 90))
            for name, clock in (("site.259", CLOCK_NS), ("xlab.259", 0.0)):
                refsys = round(10.0 * (common + clock + float(draw.normal(0.0, NOISE_NS))))
                files[name].append(
                    Track(
                        satellite=f"G{3 + 5 * satellite:02d}",
                        time=time,
                        elevation=elevation,
                        refsys=f"{refsys:+d}",
                        mdio=f"{ionosphere}",
                        msio=f"{ionosphere - 12}",
                    )
                )
    own = {"laboratory": "SITE", "reference": "CLOCK OF THE SITE"}
    return {
        "site.259": cggtts_bytes(files["site.259"], **own),
        "xlab.259": cggtts_bytes(files["xlab.259"]),
    }
