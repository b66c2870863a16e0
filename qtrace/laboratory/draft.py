"""What a calibration file says, before anything is resolved or recorded.

Inside: `Place`, `SharedPart`, `InputDraft`, `BlockDraft`, `ResultDraft`, `CalibrationDraft`.
The exchange room fills these from files; the calibrate verb resolves and records them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qtrace.laboratory.drift_draft import CoefficientDraft, DriftDraft
from qtrace.laboratory.event import Event, Origin
from qtrace.quantity.measurand import Measurand
from qtrace.uncertainty.inputs import BlockKind, InputQuantity


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file: file name, line (1-based, 0 unknown), field."""

    file: str
    line: int = 0
    field: str = ""

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        field = f", field {self.field}" if self.field else ""
        return f"{self.file}{line}{field}"


@dataclass(frozen=True, slots=True)
class SharedPart:
    """A part of an input's u that others share: "EVENT/name" of a statement, and how it enters.

    `sensitivity` is in the SI unit of the input per that of the shared quantity, `unit` the unit
    in which it is written.
    """

    statement: str
    sensitivity: float
    unit: str
    place: Place


@dataclass(frozen=True, slots=True)
class InputDraft:
    """One `[input.NAME]` table: an own input quantity, or a reference.

    Exactly one of `quantity`, `reference` (to a result: "EVENT/name", or "name" of this file)
    and `statement` ("EVENT/name" of an input that a statement owns) is set. `shared` names the
    parts of the u of an own quantity that stand in statements; u still contains them here.
    `conditions` are those under which a referenced result was used, where they are stated.
    """

    name: str
    place: Place
    quantity: InputQuantity | None = None
    origin: Origin | None = None
    reference: str = ""
    statement: str = ""
    shared: tuple[SharedPart, ...] = ()
    conditions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BlockDraft:
    """One `[[correlation]]` table; `decimals` is how many places the coefficients had."""

    names: tuple[str, ...]
    matrix: NDArray[np.float64]
    decimals: int
    kind: BlockKind
    place: Place
    degrees_of_freedom: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ResultDraft:
    """One `[[result]]` table: a measurand with its expression or metric id."""

    name: str
    measurand: Measurand
    place: Place
    expression: str = ""
    metric: str = ""
    unit: str = ""
    drift: DriftDraft | None = None
    coefficients: tuple[CoefficientDraft, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class CalibrationDraft:
    """A calibration file as read; `warnings` are for the person who wrote it.

    `results` stand in the order in which they can be computed. `field_places` says where the
    fields of [calibration] stand (id, device, laboratory, performed), for later refusals.
    `adjusted` says that the device was adjusted between its as-found and as-left states.
    """

    event: Event
    inputs: tuple[InputDraft, ...]
    blocks: tuple[BlockDraft, ...]
    results: tuple[ResultDraft, ...]
    place: Place
    warnings: tuple[str, ...] = ()
    field_places: dict[str, Place] = field(default_factory=dict)
    adjusted: bool = False
