"""What a calibration file says of curves and fits, before anything is resolved or recorded.

Inside: `PointDraft`, `EffectDraft`, `ErrorDraft`, `CurveDraft`, `ReadingDraft`, `FitDraft`,
`CurveUse`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.laboratory.drift_draft import DriftDraft
from qtrace.laboratory.event import Origin
from qtrace.laboratory.place import Place
from qtrace.quantity.dimension import Dimension
from qtrace.quantity.measurand import Measurand


@dataclass(frozen=True, slots=True)
class PointDraft:
    """One point of a table: argument and value in SI, as texts, and its u in SI.

    `argument_text` is the argument with its unit, `name` the number in the unit of the curve.
    """

    argument: float
    value: float
    standard_uncertainty: float
    argument_text: str
    value_text: str
    name: str
    place: Place
    degrees_of_freedom: float = float("inf")
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EffectDraft:
    """An input that all points share, with d(value)/d(input) at each point.

    `sensitivities` are per unit of the input, as parts of the value where `relative`, else in
    SI units of the given `dimension`.
    """

    input_name: str
    sensitivities: tuple[float, ...]
    dimension: Dimension
    relative: bool
    place: Place


@dataclass(frozen=True, slots=True)
class ErrorDraft:
    """u of the interpolation and how far it stays alike, in SI units or as part of the value."""

    standard_uncertainty: float
    relative: bool
    correlation_length: float  # in the SI unit of the argument; infinite for the whole curve
    text: str
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class CurveDraft:
    """One `[[curve]]` table. The measurand is without the argument, which `argument` names.

    `correlation` is "independent", "unknown" or "declared" (with `matrix` and `decimals`).
    `common` is u of a part of the value that all points share, 0 where there is none;
    `includes_shared` says that u of the points contains all that they share.
    """

    name: str
    measurand: Measurand
    argument: str
    argument_unit: str
    unit: str
    interpolant: str
    points: tuple[PointDraft, ...]
    origin: Origin
    place: Place
    effects: tuple[EffectDraft, ...] = ()
    common: float = 0.0
    common_text: str = ""
    includes_shared: bool = False
    correlation: str = "independent"
    matrix: NDArray[np.float64] | None = None
    decimals: int = 0
    error: ErrorDraft | None = None
    drift: DriftDraft | None = None
    note: str = ""  # for the event: the table that was read, with its digest


@dataclass(frozen=True, slots=True)
class ReadingDraft:
    """One reading of a fit: both coordinates with their u in SI, and as texts."""

    x: float
    y: float
    u_x: float
    u_y: float
    x_text: str
    y_text: str
    place: Place


@dataclass(frozen=True, slots=True)
class FitDraft:
    """One `[[fit]]` table; `x_origin` in the SI unit of the argument."""

    name: str
    measurand: Measurand
    argument: str
    argument_unit: str
    unit: str
    method: str
    scale: str
    order: int
    x_origin: float
    x_origin_text: str
    readings: tuple[ReadingDraft, ...]
    origin: Origin
    place: Place
    matrix: NDArray[np.float64] | None = None
    decimals: int = 0
    on_lack_of_fit: str = "refuse"
    drift: DriftDraft | None = None


@dataclass(frozen=True, slots=True)
class CurveUse:
    """How an `[input.NAME]` table takes a value from a curve.

    `reference` is "EVENT/CURVE", or "CURVE" of this file. `at` is an amount with its u, or
    `at_name` the name of another input or result of the file. Where `inverse`, the given quantity
    is the ordinate of a fit, and the argument is wanted.
    """

    reference: str
    inverse: bool = False
    at: float = 0.0
    at_text: str = ""
    at_u: float = 0.0
    at_unit: str = ""
    at_name: str = ""
    at_origin: Origin | None = None
