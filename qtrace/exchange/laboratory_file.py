"""Laboratories and calibration programmes in files: [[laboratory]] and [[programme]].

Inside: `read_laboratories`, `read_programmes`.
"""

from __future__ import annotations

from qtrace.errors import InputError
from qtrace.exchange.placed import Placed, refuse_repeated
from qtrace.exchange.quantity_fields import conditions, known_kind, positive, quantity
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.laboratory import Competence, Laboratory, Route
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.quantity.kinds import kind
from qtrace.quantity.units import DIMENSIONLESS

_SECONDS_PER_DAY = 86_400.0


def read_laboratories(root: TomlTable) -> tuple[Placed[Laboratory], ...]:
    """Read the [[laboratory]] tables of a file.

    Args:
        root: The outermost table.

    Returns:
        The laboratories with their places.

    Raises:
        InputError: A field is wrong, or an id is given twice.
    """
    found = []
    for table in root.tables("laboratory"):
        laboratory = Laboratory(
            laboratory_id=table.identifier("id"),
            name=table.text("name"),
            country=table.optional_text("country"),
            competences=tuple(_competence(inner) for inner in table.tables("competence")),
        )
        table.optional_text("note")
        table.finish()
        found.append(Placed(laboratory, table.place(), {"id": table.place("id")}))
    refuse_repeated(
        "laboratory", ((item.record.laboratory_id, item.place_of("id")) for item in found)
    )
    return tuple(found)


def _competence(table: TomlTable) -> Competence:
    kind = known_kind(table, "kind")
    route = table.choice("route", Route)
    if route is Route.IN_HOUSE:
        raise table.error(
            "route", "in-house work is no recorded competence", next_step="leave the table out"
        )
    low = quantity(table, "low", dimension=kind.dimension, like=kind.name)
    high = quantity(table, "high", dimension=kind.dimension, like=kind.name)
    if low.si > high.si:
        raise table.error(
            "high", f"the range {low.text} to {high.text} runs downward", next_step="swap its ends"
        )
    if table.has("U") == table.has("U_relative"):
        raise table.error(
            "U", "the smallest uncertainty is stated by one of U and U_relative", next_step="add it"
        )
    relative = table.has("U_relative")
    if relative and kind.level:
        raise table.error(
            "U_relative",
            f"{kind.name} is a level: a part of it means nothing",
            next_step='give "U" in dB',
        )
    expanded = (
        positive(table, "U_relative", dimension=DIMENSIONLESS, like="a relative uncertainty")
        if relative
        else positive(table, "U", dimension=kind.dimension, like=kind.name)
    )
    valid_from = table.moment("valid_from")
    valid_until = table.moment("valid_until")
    if valid_until <= valid_from:
        raise _reversed(table, "valid_until", "valid_from")
    competence = Competence(
        kind=kind.name,
        route=route,
        low=low.si,
        high=high.si,
        expanded_uncertainty=expanded.si,
        relative=relative,
        valid_from=valid_from,
        valid_until=valid_until,
        reference=table.text("reference"),
        conditions=tuple(sorted(conditions(table).items())),
    )
    table.finish()
    return competence


def _reversed(table: TomlTable, later: str, earlier: str) -> InputError:
    return table.error(
        later, f'"{later}" is not after "{earlier}"', next_step="correct one of the two dates"
    )


def read_programmes(root: TomlTable) -> tuple[Placed[CalibrationProgramme], ...]:
    """Read the [[programme]] tables of a file.

    Args:
        root: The outermost table.

    Returns:
        The programmes with their places.

    Raises:
        InputError: A field is wrong, or one start is given twice for a device and kind.
    """
    found = []
    for table in root.tables("programme"):
        interval = positive(
            table, "interval", dimension=kind("duration").dimension, like="a duration"
        )
        programme = CalibrationProgramme(
            device_id=table.identifier("device"),
            kind=known_kind(table, "kind").name,
            interval_days=interval.si / _SECONDS_PER_DAY,
            decided_by=table.text("decided_by"),
            valid_from=table.moment("valid_from"),
        )
        table.optional_text("note")
        table.finish()
        found.append(Placed(programme, table.place(), {"device": table.place("device")}))
    refuse_repeated(
        "programme",
        (
            (f"{p.record.device_id}, {p.record.kind}, from {p.record.valid_from:%Y-%m-%d}", p.place)
            for p in found
        ),
    )
    return tuple(found)
