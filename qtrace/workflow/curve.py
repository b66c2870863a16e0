"""Show a curve: its points, values with u where asked, and the band between.

Inside: `CurveRow`, `CoefficientRow`, `ShownCurve`, `show_curve`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from qtrace.errors import InputError, UnitError
from qtrace.quantity.condition_kinds import CONDITION_KINDS
from qtrace.quantity.kinds import kind
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit, parse_quantity
from qtrace.registry.curves import load_curve
from qtrace.traceability.curve import Curve
from qtrace.traceability.curve_band import BandPoint, arguments_between, curve_band
from qtrace.traceability.curve_inputs import CurveOnRecord, curve_flags
from qtrace.traceability.fit_readings import ReadingRow, fit_readings
from qtrace.uncertainty.network import Network, correlation, standard_uncertainty
from qtrace.workflow.workbench import Workbench

BAND_POINTS = 161  # of the drawing: 5 px apart


@dataclass(frozen=True, slots=True)
class CurveRow:
    """Argument in its unit; value, u and slope (per unit of the argument) in that of the curve."""

    argument: float
    value: float
    standard_uncertainty: float
    slope: float


@dataclass(frozen=True, slots=True)
class CoefficientRow:
    """One coefficient of a fit, in its own unit, with what the fit says of itself."""

    label: str
    value: float
    standard_uncertainty: float
    unit: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownCurve:
    """A curve on the day of its calibration; drift since then is not in it.

    `points` are the calibrated ones, empty for a fit, which has `readings`; `asked` the arguments
    asked for; `band` runs over the range. `correlations` are those of the coefficients of a fit.
    """

    label: str
    device_id: str
    performed: str
    kind: str
    unit: str
    argument: str
    argument_unit: str
    interpolant: str
    conditions: dict[str, str]
    low: float
    high: float
    points: tuple[CurveRow, ...]
    asked: tuple[CurveRow, ...]
    band: tuple[CurveRow, ...]
    coefficients: tuple[CoefficientRow, ...]
    correlations: tuple[tuple[str, str, float], ...]
    flags: tuple[str, ...]
    readings: tuple[ReadingRow, ...] = ()


def show_curve(
    workbench: Workbench, label: str, *, at: tuple[str, ...] = (), with_band: bool = False
) -> ShownCurve:
    """Return a curve with values and u.

    Args:
        workbench: Settings and doors.
        label: EVENT/CURVE.
        at: Arguments asked for, e.g. "1547.3 nm".
        with_band: Also the band for a drawing.

    Raises:
        InputError: no such curve; an argument outside its range or of another dimension.
    """
    with workbench.read() as session:
        found, network = load_curve(session, label)
        parts = session.events.recorded_results(part.result_id for part in found.curve.parts)
        inputs = session.events.inputs_of(found.calibration.label) if found.curve.is_fit else ()
    curve = found.curve
    asked = [_argument(curve, text) for text in at]
    points = [] if curve.is_fit else [part.at for part in curve.parts]
    ends = arguments_between(curve.low, curve.high, BAND_POINTS if with_band else 0)
    coefficients = tuple(
        CoefficientRow(
            parts[part.result_id].label,
            in_unit(part.value, unit),
            standard_uncertainty(network, part.result_id) / float(unit.factor),
            unit.code,
            parts[part.result_id].flags,
        )
        for part in (curve.parts if curve.is_fit else ())
        for unit in [parse_unit(parts[part.result_id].unit)]
    )
    return ShownCurve(
        label=curve.label,
        device_id=found.calibration.device_id,
        performed=f"{found.calibration.performed_at:%Y-%m-%d}",
        kind=curve.kind,
        unit=curve.unit,
        argument=curve.argument,
        argument_unit=curve.argument_unit,
        interpolant=curve.interpolant,
        conditions=curve.conditions,
        low=in_unit(curve.low, parse_unit(curve.argument_unit)),
        high=in_unit(curve.high, parse_unit(curve.argument_unit)),
        points=_rows(found, network, points),
        asked=_rows(found, network, asked),
        band=_rows(found, network, ends) if with_band else (),
        coefficients=coefficients,
        correlations=_correlations(curve, network),
        flags=curve_flags(found),
        readings=fit_readings(curve, inputs),
    )


def _argument(curve: Curve, text: str) -> float:
    """Return an argument in SI; it must be of the argument's kind."""
    read = parse_quantity(text)
    wanted = kind(CONDITION_KINDS[curve.argument])
    if read.unit.dimension != wanted.dimension:
        raise UnitError(
            f"{text!r} is no {wanted.title}",
            where="--at",
            next_step=f'write --at "... {curve.argument_unit}"',
        )
    if not curve.low <= read.si <= curve.high:
        unit = parse_unit(curve.argument_unit)
        low, high = in_unit(curve.low, unit), in_unit(curve.high, unit)
        raise InputError(
            f"{text} lies outside the calibrated range, {low:.8g} to {high:.8g} {unit.code}",
            where="--at",
            next_step="a curve is not extrapolated: have it calibrated there",
        )
    return read.si


def _rows(
    found: CurveOnRecord, network: Network, arguments: Iterable[float]
) -> tuple[CurveRow, ...]:
    """Return values at arguments in the units of the curve."""
    unit, axis = parse_unit(found.curve.unit), parse_unit(found.curve.argument_unit)

    def row(one: BandPoint) -> CurveRow:
        factor = float(unit.factor)
        return CurveRow(
            in_unit(one.at, axis),
            in_unit(one.value, unit),
            one.standard_uncertainty / factor,
            one.slope * float(axis.factor) / factor,
        )

    return tuple(row(one) for one in curve_band(found, network, arguments))


def _correlations(curve: Curve, network: Network) -> tuple[tuple[str, str, float], ...]:
    if not curve.is_fit:
        return ()
    return tuple(
        (one.name, other.name, correlation(network, one.result_id, other.result_id))
        for one, other in combinations(curve.parts, 2)
    )
