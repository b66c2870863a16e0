"""The fit that a calibration declares, from its readings alone: made once, made again by audit.

Inside: `FitRule`, `run_fit`, `coefficient_unit`.
Source: ISO/TS 28037:2010 (methods); see `uncertainty.regression` and `regression_lines`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.quantity.dimension import dimension_text, divide, power
from qtrace.quantity.units import Unit, parse_unit
from qtrace.uncertainty.regression import (
    Fit,
    Scale,
    fit_general,
    fit_ordinary,
    fit_weighted,
)
from qtrace.uncertainty.regression_lines import fit_line_both

Array = NDArray[np.float64]
_VERSION = re.compile(r"(?P<method>ols|wls|gls|wtls) (?P<scale>stated|scatter) (?P<order>[0-8])/1")


@dataclass(frozen=True, slots=True)
class FitRule:
    """Method, scale of the uncertainties and order of the polynomial; its text is pinned."""

    method: str
    scale: str
    order: int

    @property
    def version(self) -> str:
        """Return the rule as it stands in the model of a coefficient: "wls stated 1/1"."""
        return f"{self.method} {self.scale} {self.order}/1"

    @classmethod
    def parse(cls, version: str) -> FitRule:
        """Return the rule that a version says.

        Raises:
            InputError: it says none that is known here.
        """
        found = _VERSION.fullmatch(version)
        if found is None:
            raise InputError(f"{version!r} names no fit that is known here")
        return cls(found["method"], found["scale"], int(found["order"]))


def run_fit(
    rule: FitRule,
    x: Array,
    y: Array,
    *,
    u_x: Array,
    u_y: Array,
    correlation: Array | None,
    x_origin: float,
) -> Fit:
    """Fit a polynomial to readings.

    Args:
        rule: Method, scale, order.
        x: Abscissae, shape (n,), SI.
        y: Readings, shape (n,), SI.
        u_x: Standard uncertainties of x, shape (n,); used by "wtls".
        u_y: Those of y, shape (n,); not used by "ols".
        correlation: Correlation coefficients of y, shape (n, n), for "gls".
        x_origin: Where the polynomial is expanded, SI.

    Raises:
        InputError: as for the fits of `uncertainty.regression`.
    """
    powers = tuple(range(rule.order + 1))
    scale = Scale(rule.scale)
    match rule.method:
        case "ols":
            return fit_ordinary(x, y, powers=powers, origin=x_origin, scale=scale)
        case "wls":
            return fit_weighted(x, y, u_y=u_y, powers=powers, origin=x_origin, scale=scale)
        case "gls":
            matrix = np.eye(len(y)) if correlation is None else correlation
            covariance = matrix * np.outer(u_y, u_y)
            return fit_general(
                x, y, covariance_y=covariance, powers=powers, origin=x_origin, scale=scale
            )
        case _:
            return fit_line_both(x, y, u_x=u_x, u_y=u_y, origin=x_origin, scale=scale)


def coefficient_unit(y: Unit, x: Unit, order: int) -> str:
    """Return the unit of the coefficient of x^order: that of y over that of x^order.

    Written with the symbols of both where our grammar can, else in SI base units.
    """
    if order == 0:
        return y.code
    wanted = divide(y.dimension, power(x.dimension, Fraction(order)))
    exponents: dict[str, int] = {}
    for unit, factor in ((y, 1), (x, -order)):
        for symbol, exponent in _symbols(unit.code):
            exponents[symbol] = exponents.get(symbol, 0) + factor * exponent
    text = " ".join(
        symbol if exponent == 1 else f"{symbol}^{exponent}"
        for symbol, exponent in exponents.items()
        if exponent
    )
    try:
        if parse_unit(text or "1").dimension == wanted:
            return text or "1"
    except InputError:
        pass
    return dimension_text(wanted)


def _symbols(code: str) -> list[tuple[str, int]]:
    """Return the symbols of a unit code with whole powers; what is not whole is left to SI."""
    top, _, bottom = code.partition("/")
    found = []
    for part, sign in ((top, 1), (bottom, -1)):
        for one in re.split(r"[ *]", part):
            symbol, _, exponent = one.partition("^")
            if symbol not in {"", "1"}:
                whole = int(exponent) if re.fullmatch(r"-?\d+", exponent) else 1
                found.append((symbol, sign * whole))
    return found
