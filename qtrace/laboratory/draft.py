"""What a calibration file says, before anything is resolved or recorded.

Inside: `SharedPart`, `InputDraft`, `BlockDraft`, `FormDraft`, `ResultDraft`, `CalibrationDraft`;
from `place`: `Place`. Curves and fits are in `curve_draft`, changes afterwards in `drift_draft`.
The exchange room fills these from files; the calibrate verb resolves and records them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qtrace.laboratory.curve_draft import CurveDraft, CurveUse, FitDraft
from qtrace.laboratory.drift_draft import CoefficientDraft, DriftDraft
from qtrace.laboratory.event import Event, Origin
from qtrace.laboratory.place import Place
from qtrace.quantity.measurand import Measurand
from qtrace.uncertainty.inputs import BlockKind, InputQuantity

__all__ = [
    "BlockDraft",
    "CalibrationDraft",
    "DriftDraft",
    "InputDraft",
    "Place",
    "ResultDraft",
]


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
    """One `[input.NAME]` table: an own input quantity, or a reference to a result or a curve.

    Exactly one of `quantity`, `reference` (to a result: "EVENT/name", or "name" of this file),
    `curve` and `statement` ("EVENT/name" of an input that a statement owns) is set. `as_posterior`
    says that a result stated as a limit may be taken for its posterior. `shared` names the parts
    of the u of an own quantity that stand in statements; u still contains them here.
    `conditions` are those under which a referenced result was used, where they are stated.
    """

    name: str
    place: Place
    quantity: InputQuantity | None = None
    origin: Origin | None = None
    reference: str = ""
    as_posterior: bool = False
    curve: CurveUse | None = None
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
class FormDraft:
    """In which form a result is to be stated, and what that form needs.

    `probability` is that of a limit or interval. `method` is "exact", "posterior" or "" (exact
    where that exists). `gross` names the counted input in which something would be seen; with
    it the detection is tested at the error probabilities `alpha` and `beta`.
    """

    form: str = "estimate"
    probability: float = 0.95
    method: str = ""
    gross: str = ""
    alpha: float = 0.05
    beta: float = 0.05


@dataclass(frozen=True, slots=True)
class ResultDraft:
    """One `[[result]]` table: a measurand with its expression or metric id.

    `uncorrected_bias` is a known error (indicated minus true) that the value still holds, as an
    input in the SI unit of the kind; `bias_source` says who found it.
    """

    name: str
    measurand: Measurand
    place: Place
    expression: str = ""
    metric: str = ""
    unit: str = ""
    drift: DriftDraft | None = None
    uncorrected_bias: InputQuantity | None = None
    bias_source: str = ""
    stated: FormDraft = field(default_factory=FormDraft)
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
    curves: tuple[CurveDraft, ...] = ()
    fits: tuple[FitDraft, ...] = ()

    def measurands(self) -> tuple[tuple[Measurand, Place], ...]:
        """Return what is calibrated, with its place: results, curves, fits."""
        return (
            *((one.measurand, one.place) for one in self.results),
            *((one.measurand, one.place) for one in self.curves),
            *((one.measurand, one.place) for one in self.fits),
        )

    def origins(self) -> tuple[Origin, ...]:
        """Return where the inputs, curves and fits of the file come from, as far as it says."""
        own = tuple(one.origin for one in self.inputs if one.origin is not None)
        curves = tuple(one.origin for one in self.curves)
        return (*own, *curves, *(one.origin for one in self.fits))

    adjusted: bool = False
