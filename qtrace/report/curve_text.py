"""A curve for the terminal: points, asked values, coefficients.

Inside: `ShownRow`, `ShownCoefficient`, `CurveShown`, `curve_text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from qtrace.quantity.notation import decimal_text
from qtrace.report.figures import estimate, measured, percent, uncertainty
from qtrace.report.text import key_values, listing


class ShownRow(Protocol):
    """One value of a curve."""

    @property
    def argument(self) -> float:
        """In the unit of the argument."""

    @property
    def value(self) -> float:
        """In the unit of the curve."""

    @property
    def standard_uncertainty(self) -> float:
        """In the unit of the curve."""

    @property
    def slope(self) -> float:
        """In the unit of the curve per unit of the argument."""


class ShownCoefficient(Protocol):
    """One coefficient of a fit."""

    @property
    def label(self) -> str:
        """EVENT/FIT.pN."""

    @property
    def value(self) -> float:
        """In its unit."""

    @property
    def standard_uncertainty(self) -> float:
        """In its unit."""

    @property
    def unit(self) -> str:
        """Unit code."""

    @property
    def flags(self) -> tuple[str, ...]:
        """What the fit says of itself."""


class ShownReading(Protocol):
    """A reading that a fit rests on."""

    @property
    def argument(self) -> float:
        """In its unit."""

    @property
    def u_argument(self) -> float:
        """Its standard uncertainty."""

    @property
    def value(self) -> float:
        """In the unit of the curve."""

    @property
    def standard_uncertainty(self) -> float:
        """That of the value."""


class CurveShown(Protocol):
    """What of a curve is shown."""

    @property
    def label(self) -> str:
        """EVENT/CURVE."""

    @property
    def device_id(self) -> str:
        """Whose curve it is."""

    @property
    def performed(self) -> str:
        """Day of the calibration."""

    @property
    def kind(self) -> str:
        """Kind of the quantity."""

    @property
    def unit(self) -> str:
        """Unit of the values."""

    @property
    def argument(self) -> str:
        """Condition that is the argument."""

    @property
    def argument_unit(self) -> str:
        """Unit of the arguments."""

    @property
    def interpolant(self) -> str:
        """Name with version."""

    @property
    def conditions(self) -> dict[str, str]:
        """Conditions of all points."""

    @property
    def low(self) -> float:
        """Lower end of the calibrated range."""

    @property
    def high(self) -> float:
        """Upper end."""

    @property
    def points(self) -> Sequence[ShownRow]:
        """Calibrated points."""

    @property
    def readings(self) -> Sequence[ShownReading]:
        """Readings that a fit rests on."""

    @property
    def asked(self) -> Sequence[ShownRow]:
        """Values that were asked for."""

    @property
    def band(self) -> Sequence[ShownRow]:
        """Values over the range, for a drawing."""

    @property
    def coefficients(self) -> Sequence[ShownCoefficient]:
        """Coefficients of a fit."""

    @property
    def correlations(self) -> Sequence[tuple[str, str, float]]:
        """Of the coefficients."""

    @property
    def flags(self) -> tuple[str, ...]:
        """What every use repeats."""


def curve_text(curve: CurveShown) -> str:
    """Return a curve as text: what was asked for, else all points or the coefficients."""
    span = f"{decimal_text(curve.low)} to {decimal_text(curve.high)} {curve.argument_unit}"
    pairs = [
        ("curve", curve.label),
        ("device", f"{curve.device_id}, calibrated {curve.performed}"),
        ("quantity", f"{curve.kind.replace('_', ' ')} by {curve.argument.replace('_', ' ')}"),
        ("range", span),
        ("interpolant", curve.interpolant),
        *((name.replace("_", " "), text) for name, text in sorted(curve.conditions.items())),
        *(("flag", flag) for flag in curve.flags),
    ]
    parts = [key_values(pairs)]
    if curve.coefficients and not curve.asked:
        parts.append(_coefficients(curve))
    if curve.asked or curve.points:
        parts.append(_table(curve, curve.asked or curve.points))
    parts.append("on the day of the calibration, interpolation error contained, drift not")
    return "\n\n".join(parts)


def _table(curve: CurveShown, rows: Sequence[ShownRow]) -> str:
    axis = curve.argument_unit
    heads = (f"{curve.argument.replace('_', ' ')} / {axis}", "value(u)", "u", "u / value", "slope")
    per = f"{curve.unit} per {axis}" if curve.unit not in {"", "1"} else f"per {axis}"
    body = listing(
        heads,
        (
            (
                decimal_text(float(f"{one.argument:.10g}")),
                measured(one.value, one.standard_uncertainty, curve.unit),
                uncertainty(one.standard_uncertainty),
                percent(one.standard_uncertainty / abs(one.value)) if one.value else "",
                f"{one.slope:.3g}",
            )
            for one in rows
        ),
    )
    return f"{body}\nslope: {per}"


def _coefficients(curve: CurveShown) -> str:
    rows = [
        (
            one.label.rpartition("/")[2],
            estimate(one.value),
            uncertainty(one.standard_uncertainty),
            one.unit,
        )
        for one in curve.coefficients
    ]
    said = list(dict.fromkeys(flag for one in curve.coefficients for flag in one.flags))
    lines = [listing(("coefficient", "value", "u", "unit"), rows), *said]
    lines.extend(f"r({a}, {b}) = {r:.6f}" for a, b, r in curve.correlations)
    return "\n".join(lines)
