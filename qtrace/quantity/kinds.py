"""Kinds of quantity: what a number is about, beyond its dimension (VIM 1.2).

A wavelength and a dead time's light path are both lengths, an efficiency and an error rate both
have the unit one: only the kind keeps them apart. Kinds that are ratios or differences say in
which direction they are taken.

Inside: `Kind`, `KINDS`, `kind`. The rows stand in
`detector_kinds`, `optics_kinds`, `level_kinds`, `key_kinds`, `time_kinds`, `stability_kinds`,
`path_kinds` and `state_kinds`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qtrace.errors import InputError
from qtrace.quantity.detector_kinds import DETECTOR_ROWS
from qtrace.quantity.key_kinds import KEY_ROWS
from qtrace.quantity.kind_row import Row
from qtrace.quantity.level_kinds import LEVEL_ROWS
from qtrace.quantity.optics_kinds import INSTRUMENT_ROWS, SOURCE_ROWS
from qtrace.quantity.path_kinds import PATH_ROWS
from qtrace.quantity.stability_kinds import STABILITY_ROWS
from qtrace.quantity.state_kinds import SENSING_ROWS, STATE_ROWS
from qtrace.quantity.time_kinds import TIME_ROWS
from qtrace.quantity.units import Dimension, parse_unit

# The rate at which any kind drifts is a kind, too, and has its name with this behind it.
DRIFT_RATE = "_drift_rate"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of quantity.

    `unit` is the code of its coherent SI unit. `lower` and `upper` bound what is physically
    possible, in that unit; None where there is no bound. `direction` is empty where the kind is
    neither a ratio nor a difference. `level` is empty in linear scale; a level says of what:
    "power" (10 dB a decade) or "amplitude" (20 dB a decade).
    """

    name: str
    title: str
    unit: str
    dimension: Dimension
    lower: float | None
    upper: float | None
    definition: str
    direction: str
    level: str = ""

    @property
    def scale(self) -> str:
        """Return the scale in which it is propagated and judged: "linear" or "level"."""
        return "level" if self.level else "linear"


def kind(name: str) -> Kind:
    """Look a kind up by its name.

    Args:
        name: For example "system_detection_efficiency".

    Returns:
        The kind.

    Raises:
        InputError: There is no kind of that name; the message lists the closest ones.
    """
    if name in KINDS:
        return KINDS[name]
    drifting = KINDS.get(name.removesuffix(DRIFT_RATE))
    if drifting is not None and name.endswith(DRIFT_RATE):
        return _drift_rate(drifting)
    close = difflib.get_close_matches(name, KINDS, n=3, cutoff=0.5)
    raise InputError(
        f"unknown kind of quantity {name!r}",
        where=f"kind {name!r}",
        next_step=f"did you mean: {', '.join(close)}?" if close else "see the list of kinds",
    )


def _drift_rate(of: Kind) -> Kind:
    """Return the kind of the rate at which a kind of quantity drifts: none is listed for each."""
    above, solidus, below = of.unit.partition("/")
    unit = "/s" if of.unit in {"", "1"} else f"{of.unit}/s"
    if solidus:
        unit = "/s^2" if of.unit == "/s" else f"{above} s^-1/{below}".strip()
    return Kind(
        name=of.name + DRIFT_RATE,
        title=f"drift rate of the {of.title}",
        unit=unit,
        dimension=parse_unit(unit).dimension,
        lower=None,
        upper=None,
        definition=f"Change of the {of.title} of one item over the time in which it came about.",
        direction="(later - earlier) / time between",
    )


def _from_row(row: Row) -> Kind:
    unit = parse_unit(row.unit)
    return Kind(
        name=row.name,
        title=row.title,
        unit=row.unit,
        dimension=unit.dimension,
        lower=row.lower,
        upper=row.upper,
        definition=row.definition,
        direction=row.direction,
        level=row.level,
    )


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        row.name: _from_row(row)
        for row in (
            *DETECTOR_ROWS,
            *INSTRUMENT_ROWS,
            *SOURCE_ROWS,
            *LEVEL_ROWS,
            *KEY_ROWS,
            *TIME_ROWS,
            *STABILITY_ROWS,
            *STATE_ROWS,
            *SENSING_ROWS,
            *PATH_ROWS,
        )
    }
)
