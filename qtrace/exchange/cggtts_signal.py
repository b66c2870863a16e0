"""One signal of a CGGTTS file: is it calibrated, which ionosphere, and its tracks as arrays.

Inside: `Ionosphere`, `SignalTracks`, `tracks_of_signal`, `why_uncalibrated`, `FULL_TRACK_S`.
Source: Defraigne and Petit, Metrologia 52 (2015) G1 (CGGTTS V2E): REFSYS is the reference minus
system time with MDIO taken off; names of signals and delays partly from memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from qtrace.errors import InputError
from qtrace.exchange.cggtts_file import CggttsFile
from qtrace.exchange.cggtts_header import CggttsHeader
from qtrace.physics.timing.satellite_view import Tracks

FULL_TRACK_S = 780  # 13 minutes: what the tracks of the schedule have
_SYSTEMS = MappingProxyType({"G": "GPS", "R": "GLO", "E": "GAL", "C": "BDS", "J": "QZS"})
# FRC of a track, and the delays in the header on which it rests.
_L_BAND = MappingProxyType(
    {
        "L1C": ("C1",),
        "L1P": ("P1",),
        "L1X": ("L1C",),
        "L2C": ("C2",),
        "L2P": ("P2",),
        "L5C": ("L5",),
        "L3P": ("P1", "P2"),
    }
)
_RESTS_ON: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "GPS": _L_BAND,
        "GLO": _L_BAND,
        "QZS": _L_BAND,
        "GAL": {"L3E": ("E1", "E5a")},  # others are named like their delays
        "BDS": {"B1i": ("B1",), "L3B": ("B1", "B2")},
    }
)
# MSIO of every signal of a system is made of one pair of its signals: delays of the pair, with what
# may stand for each. On measured files MSIO of two signals is as the inverse squares of frequency.
_GPS_PAIR = (("P1", "C1"), ("P2", "C2"))
_MSIO_PAIR: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "GPS": _GPS_PAIR,
        "GLO": _GPS_PAIR,
        "QZS": (("P1", "C1"), ("P2", "C2", "L5")),
        "GAL": (("E1",), ("E5a",)),
        "BDS": (("B1",), ("B2", "B3")),
    }
)


class Ionosphere(StrEnum):
    """Which delay of the ionosphere is taken off."""

    MEASURED = "measured"
    MODELLED = "modelled"


@dataclass(frozen=True, slots=True)
class SignalTracks:
    """The full tracks of one signal, and why others were left out.

    `short` tracks were not full, `no_data` had no REFSYS or not the ionosphere that was asked
    for. `uncalibrated` is empty, or says why.
    """

    tracks: Tracks
    short: int
    no_data: int
    uncalibrated: str


def why_uncalibrated(
    header: CggttsHeader,
    *,
    satellite: str,
    code: str,
    ionosphere: Ionosphere = Ionosphere.MODELLED,
) -> str:
    """Return why a signal has no calibrated delay, or nothing.

    The measured ionosphere is made of two signals: an error of the delay of either is in it, 1.5
    and 2.5 times for GPS, and so in REFSYS with MSIO.

    Args:
        header: With the delays and the calibration that they name.
        satellite: A satellite that sends it; its first letter is the system.
        code: The signal, as FRC says it.
        ionosphere: Measured: the delays on which MSIO rests are asked for as well.

    Source: MSIO of the first frequency is (P1 - P2) f2^2 / (f2^2 - f1^2): factors 1.546 of both
        delays, and 2.546 of the first with its own (L1 1575.42 MHz, L2 1227.60 MHz).
    """
    system = _SYSTEMS.get(satellite[:1], "")
    names = _RESTS_ON.get(system, {}).get(code, (code,))
    for one in names:
        why = _no_delay(header, system or satellite[:1], one)
        if why:
            return why
    if ionosphere is Ionosphere.MEASURED and not code.startswith("L3"):
        for either in _MSIO_PAIR.get(system, ()):
            reasons = [_no_delay(header, system, one) for one in either]
            if all(reasons):
                return f"the measured ionosphere (MSIO) rests on {either[0]}: {reasons[0]}"
    return "" if header.calibration_id else "the header names no calibration (CAL_ID)"


def _no_delay(header: CggttsHeader, system: str, name: str) -> str:
    """Return why the delay of one signal is not calibrated, or nothing."""
    stated = header.delays.get(f"{system} {name}") or header.delays.get("")
    if stated is None:
        return f"the header states no delay of {system} {name}"
    if stated.delay_s == 0.0:
        return f"{stated.kind} DLY of {system} {name} is 0.0 ns: it was not calibrated"
    return ""


def tracks_of_signal(file: CggttsFile, code: str, *, ionosphere: Ionosphere) -> SignalTracks:
    """Return the full tracks of one signal, REFSYS with the ionosphere that is asked for.

    Measured: REFSYS + MDIO - MSIO, for the receiver took MDIO off and MSIO is to be taken off.
    Combinations that are free of the ionosphere (L3P, L3E, L3B) stay as they are.

    Raises:
        InputError: a signal that the file does not have, the modelled ionosphere of a
            combination that has none, or no measured one in the whole file.

    Source: Defraigne and Petit, Metrologia 52 (2015) G1; the sign is tested on real files.
    """
    chosen = [one for one in file.tracks if one.code == code]
    if not chosen:
        raise InputError(
            f'{file.name} has no signal "{code}"',
            where=file.name,
            next_step="signals here: " + ", ".join(file.codes),
        )
    free = code.startswith("L3")
    if free and ionosphere is Ionosphere.MODELLED:
        raise InputError(
            f"{code} is free of the ionosphere: a model of it does not belong there",
            where=file.name,
            next_step='write ionosphere = "measured"',
        )
    full = [one for one in chosen if one.length_s == FULL_TRACK_S]
    swap = ionosphere is Ionosphere.MEASURED and not free
    refsys = np.array([one.refsys_s for one in full])
    if swap:
        refsys = refsys + np.array([one.mdio_s - one.msio_s for one in full])
    known = np.isfinite(refsys)
    if not np.any(known):
        raise InputError(
            f"no full track of {code} has "
            + ("REFSYS and the measured ionosphere (MSIO)" if swap else "REFSYS"),
            where=file.name,
            next_step='take another signal, or ionosphere = "modelled" and its uncertainty',
        )
    kept = [one for one, is_known in zip(full, known, strict=True) if is_known]
    return SignalTracks(
        tracks=Tracks(
            satellite=np.array([one.satellite for one in kept]),
            start_s=np.array([one.start_s for one in kept], dtype=np.int64),
            offset_s=refsys[known],
            elevation_deg=np.array([one.elevation_deg for one in kept]),
        ),
        short=len(chosen) - len(full),
        no_data=len(full) - len(kept),
        uncalibrated=why_uncalibrated(
            file.header, satellite=chosen[0].satellite, code=code, ionosphere=ionosphere
        ),
    )
