"""A tolerance for calibrations as found: about a nominal value, or about the value left before.

Inside: `Tolerance`, `parse_tolerance`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.errors import InputError
from qtrace.quantity.dimension import dimension_text
from qtrace.quantity.kinds import Kind
from qtrace.quantity.value import QuantityValue, parse_quantity

SIGNS = ("±", "+/-", "+-")
PARTS = ("%", "ppm")  # a tolerance in these is a part of the value that it is about


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A half-width, in SI units or as a part of the centre; `text` as it was written.

    The centre is `nominal` where given, else the value that the calibration before left.
    """

    half_width: float
    relative: bool
    text: str
    nominal: float | None = None

    def limits(self, left: float) -> tuple[float, float]:
        """Return the lower and upper limit for a device that was left at a value (SI units).

        Raises:
            InputError: a relative tolerance about zero.
        """
        centre = left if self.nominal is None else self.nominal
        if self.relative and centre == 0.0:
            raise InputError(
                f"{self.text} of zero is no tolerance",
                where="--tolerance",
                next_step="give it in the unit of the quantity",
            )
        half = self.half_width * abs(centre) if self.relative else self.half_width
        return centre - half, centre + half

    def describe(self) -> str:
        """Return the tolerance in words."""
        about = "the value left before" if self.nominal is None else "the nominal value"
        return f"±{self.text} {'of' if self.relative else 'about'} {about}"


def parse_tolerance(
    text: str, kind: Kind, *, nominal: str = "", where: str = "--tolerance"
) -> Tolerance:
    """Read a tolerance: "0.5 %" is a part of the value, "0.001" or "2 mW" an amount.

    Args:
        text: The half-width, with or without a sign in front.
        kind: Kind of the quantity.
        nominal: The nominal value; empty for the value left by the calibration before.
        where: Option that the text was given with, for errors.

    Raises:
        InputError: not a positive quantity of the kind.
    """
    bare = text.strip()
    for sign in SIGNS:
        bare = bare.removeprefix(sign).strip()
    width = _quantity(bare, where)
    relative = width.unit.code in PARTS
    if not relative:
        _fits(width, kind, where)
    if not width.si > 0.0:
        raise InputError(
            f"{text!r} is no half-width above 0", where=where, next_step='e.g. "0.5 %"'
        )
    centre = None
    if nominal:
        value = _quantity(nominal.strip(), "--nominal")
        _fits(value, kind, "--nominal")
        centre = value.si
    return Tolerance(width.si, relative, bare, centre)


def _quantity(text: str, where: str) -> QuantityValue:
    try:
        return parse_quantity(text)
    except InputError as error:
        raise InputError(error.what, where=where, next_step=error.next_step) from None


def _fits(value: QuantityValue, kind: Kind, where: str) -> None:
    if value.unit.dimension != kind.dimension:
        raise InputError(
            f"{value.text!r} has dimension {dimension_text(value.unit.dimension)}, but "
            f"{kind.name} has {dimension_text(kind.dimension)}",
            where=where,
            next_step=f"give it in {kind.unit}, or in %",
        )
