"""Inputs of a calibration file that are taken from time transfer: CGGTTS files and Circular T.

Inside: `read_time_transfer`, `type_of_time_transfer`, `CGGTTS_KEYS`, `CIRCULAR_T_KEYS`, `PARTS`.

    [input.link]
    cggtts = "a.258"                  # its reference minus
    cggtts_b = "b.258"                # that of this one
    signal = "L1P"
    ionosphere = "measured"
    elevation_least = "20 deg"

    [input.utc]
    circular_t = "circular_t.toml"
    laboratory = "AOS"
    mjd = 54099
    part = "u_a"

Source: JCGM 100:2008 (GUM), 4.2; BIPM Circular T, section 1; signals in `cggtts_signal`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qtrace.errors import InputError
from qtrace.exchange.assigned_table import SHAPE_KEYS
from qtrace.exchange.cggtts_file import DAY_S, CggttsFile, read_cggtts
from qtrace.exchange.cggtts_signal import Ionosphere, SignalTracks, tracks_of_signal
from qtrace.exchange.circular_t_file import CircularRow, read_circular_t
from qtrace.exchange.quantity_fields import quantity
from qtrace.exchange.readings_table import READING_KEYS, FoundReadings
from qtrace.exchange.stated_table import WAYS, StatedInput, Statistics
from qtrace.exchange.toml_table import TomlTable
from qtrace.ledger.digest import file_digest
from qtrace.physics.timing.satellite_view import (
    AVERAGING_CAVEAT,
    ViewDifference,
    all_in_view,
    common_view,
)
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import QuantityValue
from qtrace.uncertainty.distributions import TypeB
from qtrace.uncertainty.inputs import Distribution, Evaluation
from qtrace.uncertainty.type_a import Serial, Subject, mean_of_readings

CGGTTS_KEYS = (
    "cggtts", "cggtts_b", "signal", "signal_b", "view", "ionosphere", "elevation_least",
    "rejection", "centre", "uncalibrated",
)  # fmt: skip
CIRCULAR_T_KEYS = ("circular_t", "laboratory", "mjd", "part")
# u: one value with all of it; u_a: the value with what differs from day to day; u_b: zero with
# what all days share, which belongs into a statement.
PARTS = ("u", "u_a", "u_b")
VIEWS = {"common": common_view, "all": all_in_view}
UNCALIBRATED = "uncalibrated signal"
_USUAL_REJECTION = 5.0
# What the files say by themselves and must not be said again.
_FOLLOWS = (
    "value", *WAYS, *SHAPE_KEYS, "type", "n", "s", "dof", "reliability", "k", "p", "U_exact",
    "distribution", *(key for key in READING_KEYS if key != "serial"),
)  # fmt: skip
_NO_END = ("end", "instrument", "certificate")


@dataclass(frozen=True, slots=True)
class _Side:
    """One station of a link: its file, the signal, and the tracks of it."""

    file: CggttsFile
    signal: str
    found: SignalTracks

    @property
    def scale(self) -> str:
        """Return which clock it is, as the file names it."""
        return f"{self.file.header.reference} ({self.file.header.laboratory})"


def type_of_time_transfer(table: TomlTable) -> Evaluation:
    """Return how an input of this kind is evaluated; B for every other input."""
    if table.has("cggtts"):
        return Evaluation.A
    if table.has("circular_t") and table.has("part") and table.text("part") == "u_a":
        return Evaluation.A
    return Evaluation.B


def read_time_transfer(table: TomlTable) -> FoundReadings | None:
    """Read and evaluate `cggtts` or `circular_t`; None where the table has neither.

    Args:
        table: The table [input.NAME].

    Raises:
        InputError: a field that does not belong there or contradicts the file; a signal without
            calibration where that was not asked for; a file that does not hold what is wanted.
            With its place.
    """
    keys = {"cggtts": CGGTTS_KEYS, "circular_t": CIRCULAR_T_KEYS}
    ways = [way for way in keys if table.has(way)]
    if len(ways) > 1:
        raise table.error(ways[1], "both CGGTTS and Circular T", next_step="make it two inputs")
    for way, own in keys.items():
        for key in own:
            if way not in ways and table.has(key):
                raise table.error(
                    key, f'"{key}" belongs to "{way}"', next_step=f"add {way}, or omit"
                )
    if not ways:
        return None
    for key in _FOLLOWS:
        if table.has(key):
            raise table.error(
                key,
                f'"{key}" beside "{ways[0]}": the file gives the value and its u',
                next_step="keep one of the two",
            )
    return _link(table) if ways[0] == "cggtts" else _circular(table)


def _path(table: TomlTable, key: str) -> Path:
    name = table.text(key)
    folder = table.file.folder
    if folder is None or Path(name).name != name:
        raise table.error(
            key,
            f"{name!r} is not the name of a file beside this one",
            next_step="put the file beside it and write its name alone",
        )
    return folder / name


def _found(
    value: QuantityValue, u: float, dof: float, *, flags: tuple[str, ...], u_of: str = "mean",
    n: int | None = None, warnings: tuple[str, ...] = (),
) -> FoundReadings:  # fmt: skip
    assigned = TypeB(Distribution.NORMAL, value.si, u, (), dof)
    statistics = Statistics(n, None, u_of, dof, ())
    return FoundReadings(value, statistics, StatedInput(assigned, flags), warnings)


# -- two CGGTTS files ---------------------------------------------------------------------------


def _link(table: TomlTable) -> FoundReadings:
    """Evaluate the difference of the references of two CGGTTS files."""
    if not table.has("cggtts_b"):
        raise table.error(
            "cggtts",
            "one station alone: its clock against the broadcast time is no comparison of clocks",
            next_step='add cggtts_b = "..." of the other station',
        )
    ionosphere = table.choice("ionosphere", Ionosphere)
    signal = table.text("signal")
    other = table.text("signal_b") if table.has("signal_b") else signal
    sides = (
        _side(table, "cggtts", signal, ionosphere),
        _side(table, "cggtts_b", other, ionosphere),
    )
    flags = _calibration_flags(table, sides)
    view = table.one_of("view", tuple(VIEWS), "common")
    try:
        seen = VIEWS[view](
            sides[0].found.tracks,
            sides[1].found.tracks,
            elevation_least_deg=_elevation(table),
            rejection=table.number("rejection") if table.has("rejection") else _USUAL_REJECTION,
            centre=table.one_of("centre", ("mean", "median"), "mean"),
        )
        subject = table.choice("u_of", Subject, Subject.MEAN)
        serial = table.choice("serial", Serial, Serial.CORRECT)
        found = mean_of_readings(seen.valid, subject=subject, serial=serial)
    except InputError as error:
        raise (
            error if error.where else table.error("cggtts", error.what, next_step=error.next_step)
        ) from None
    value = QuantityValue(found.estimate, parse_unit("ns"), f"mean of {seen.epochs} epochs in ns")
    flags = (*flags, *_words(sides, seen, view, ionosphere), *((found.note,) if found.note else ()))
    return _found(
        value, found.standard_uncertainty, found.degrees_of_freedom, flags=flags,
        u_of=subject.value, n=seen.epochs, warnings=_warnings(table, sides, view),
    )  # fmt: skip


def _side(table: TomlTable, key: str, signal: str, ionosphere: Ionosphere) -> _Side:
    try:
        file = read_cggtts(_path(table, key))
        return _Side(file, signal, tracks_of_signal(file, signal, ionosphere=ionosphere))
    except InputError as error:
        place = str(table.place(key))
        raise error if error.where.startswith(place) else error.located(place) from None


def _elevation(table: TomlTable) -> float:
    least = quantity(table, "elevation_least", dimension=parse_unit("deg").dimension)
    if least.unit.code not in {"deg", "rad"}:
        raise table.error("elevation_least", f"{least.text} is no angle", next_step='"20 deg"')
    return math.degrees(least.si)


def _calibration_flags(table: TomlTable, sides: tuple[_Side, _Side]) -> tuple[str, ...]:
    """Refuse a signal without calibration, or flag it and leave it without an end."""
    open_ones = [one for one in sides if one.found.uncalibrated]
    asked = table.one_of("uncalibrated", ("refuse", "flag"), "refuse") == "flag"
    if open_ones and not asked:
        one = open_ones[0]
        raise table.error(
            "signal",
            f"{one.signal} in {one.file.name} is not calibrated: {one.found.uncalibrated}",
            next_step='take a calibrated signal, or write uncalibrated = "flag": the chain will '
            "show a break then",
        )
    if asked and not open_ones:
        raise table.error(
            "uncalibrated", "both signals are calibrated", next_step="leave the field out"
        )
    for key in _NO_END:
        if open_ones and table.has(key):
            raise table.error(
                key,
                f'"{key}" beside an uncalibrated signal: nothing stands behind its delay',
                next_step="leave it out; the chain will show the break",
            )
    calibrated = tuple(
        f"delays of {one.signal} in {one.file.name}: calibration {one.file.header.calibration_id}"
        for one in sides
        if not one.found.uncalibrated
    )
    return (
        *(
            f"{UNCALIBRATED}: {o.signal} in {o.file.name}: {o.found.uncalibrated}"
            for o in open_ones
        ),
        *calibrated,
    )


def _words(
    sides: tuple[_Side, _Side], seen: ViewDifference, view: str, ionosphere: Ionosphere
) -> tuple[str, ...]:
    """Return what a reader must know of the link: direction, counts, files."""
    first, second = sides
    start, end = (float(one) / DAY_S for one in seen.epoch_s[[0, -1]])
    signals = first.signal if first.signal == second.signal else f"{first.signal}, {second.signal}"
    short = sum(one.found.short for one in sides)
    no_data = sum(one.found.no_data for one in sides)
    gaps = int(np.sum(~np.isfinite(seen.difference_s)))
    mixed = {one.found.tracks.satellite[0][0] for one in sides}
    return (
        f"{first.scale} minus {second.scale}, {view} view of {signals}, ionosphere "
        f"{ionosphere.value}, MJD {start:.4f} to {end:.4f}",
        f"{seen.epochs} epochs of {seen.used} tracks, {gaps} gaps; left out: {seen.below} low, "
        f"{seen.unmatched} unmatched, {seen.rejected} rejected beyond "
        f"{seen.scale_s * 1e9:.2f} ns x limit, {short} not full, {no_data} without data",
        *(f"{one.file.name}, SHA-256 {one.file.digest}" for one in sides),
        AVERAGING_CAVEAT,
        *(
            ("two satellite systems: the difference of their broadcast times is inside",)
            if len(mixed) > 1
            else ()
        ),
    )


def _warnings(table: TomlTable, sides: tuple[_Side, _Side], view: str) -> tuple[str, ...]:
    place = table.place("cggtts")
    if sides[0].file.digest == sides[1].file.digest:
        return (f"{place}: both stations are the same file",)
    if view == "all" and sides[0].signal != sides[1].signal:
        return (f"{place}: two signals, all in view: their system times differ by what is unknown",)
    return ()


# -- Circular T ---------------------------------------------------------------------------------


def _circular(table: TomlTable) -> FoundReadings:
    """Take UTC(k) minus UTC of one printed day: the printed value with its sign turned."""
    path = _path(table, "circular_t")
    part = table.one_of("part", PARTS)
    laboratory = table.text("laboratory")
    try:
        rows = [one for one in read_circular_t(path) if one.laboratory == laboratory]
    except InputError as error:
        raise error.located(str(table.place("circular_t"))) from None
    if not rows:
        raise table.error(
            "laboratory", f"{path.name} has no row of {laboratory}", next_step="correct the name"
        )
    row = _row(table, rows, part)
    digest = f"{path.name}, SHA-256 {file_digest(path.read_bytes())}"
    unit = row.utc_minus_utck.unit
    if part == "u_b":
        said = f"u_B of UTC({laboratory}), Circular T {row.issue}: one error of all its days"
        return _found(QuantityValue(0.0, unit, f"0 {unit.code}"), row.u_b_s, math.inf,
                      flags=(said, digest))  # fmt: skip
    value = QuantityValue(
        0.0 - row.utc_minus_utck.si, unit, f"-({row.utc_minus_utck.text}), as printed UTC - UTC(k)"
    )
    said = f"UTC({laboratory}) minus UTC at MJD {row.mjd}, 0 h, Circular T {row.issue}; {part} only"
    return _found(
        value,
        row.u_s if part == "u" else row.u_a_s,
        math.inf,
        flags=(said.removesuffix("; u only"), digest),
    )


def _row(table: TomlTable, rows: list[CircularRow], part: str) -> CircularRow:
    if part == "u_b" and not table.has("mjd"):
        if len({(one.u_b_s, one.issue) for one in rows}) > 1:
            raise table.error(
                "part", "u_b differs between the rows of the file", next_step="say mjd = ..."
            )
        return rows[0]
    mjd = table.integer("mjd", least=1)
    for one in rows:
        if one.mjd == mjd:
            return one
    raise table.error(
        "mjd",
        f"the file has no row at MJD {mjd}; between printed days UTC(k) is not known",
        next_step="days here: " + ", ".join(str(one.mjd) for one in rows),
    )
