"""A curve at an argument, at a time of use: one linear result of its parts and of what is added.

Inside: `PART_OF_VALUE`, `CurveInputs`, `error_flags`, `curve_inputs`, `CurveAt`,
`curve_arguments`, `value_scale`, `bend_flag`, `CONDITION_OF_U`, `NO_ERROR_STATED`, `BENDS`,
`RANGE_ENDS`.

x_use = sum(w_i y_i) + e(x) + r (t_use - t_cal), with u of the argument through the slope. The
interpolation error e is a process: one number at each node of a grid, shared by all uses, so that
uses at neighbouring arguments are correlated. At a calibrated point it is zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from qtrace.errors import IntegrityError
from qtrace.laboratory.curve_names import node_name
from qtrace.quantity.value import parse_quantity
from qtrace.traceability.curve import Curve, CurveValue, curve_value
from qtrace.traceability.use import drift_input_name
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.interpolation import hat_weights

PART_OF_VALUE = "part of the value"  # the flag of an input that is relative to the value
BENDS, RANGE_ENDS = "the curve bends", "the calibrated range ends"  # how their flags begin
NO_ERROR_STATED = "interpolation error not stated by the curve"
WHOLE_CURVE = "the whole curve"
_START, _LENGTH = "grid from ", "correlation length "
MOST_NODES = 1000
BENT = 1.05  # the limit of `model nonlinear` flags
DRIFT_RATE = "drift_rate"
CONDITION_OF_U = "_u"  # "wavelength_u" states u of the condition "wavelength"


def error_flags(start: str, length: str, *, relative: bool) -> tuple[str, ...]:
    """Return what the input at a node says of its grid: start, spacing, relative or not."""
    own = (f"{_START}{start}", f"{_LENGTH}{length}")
    return (*own, PART_OF_VALUE) if relative else own


@dataclass(frozen=True, slots=True)
class CurveInputs:
    """What a curve's event owns beside its parts: nodes of the interpolation error, drift rate.

    `nodes` maps the number of a node to its input; `start` and `spacing` are those of the grid.
    """

    nodes: dict[int, InputQuantity]
    start: float
    spacing: float
    drift: InputQuantity | None


def curve_inputs(curve_name: str, inputs: Iterable[InputQuantity]) -> CurveInputs:
    """Find the inputs of a curve among those of its event.

    Args:
        curve_name: Name inside the event.
        inputs: Inputs of that event.

    Raises:
        IntegrityError: a node that does not say its grid.
    """
    by_name = {one.name: one for one in inputs}
    prefix = node_name(curve_name, 0).removesuffix("0")
    nodes: dict[int, InputQuantity] = {}
    grids: set[tuple[float, float]] = set()
    for name, one in by_name.items():
        number = name.removeprefix(prefix)
        if name.startswith(prefix) and number.isdecimal():
            nodes[int(number)] = one
            grids.add(_grid(one))
    if len(grids) > 1:
        raise IntegrityError("nodes of several grids in one curve", where=curve_name)
    start, spacing = grids.pop() if grids else (0.0, math.inf)
    return CurveInputs(nodes, start, spacing, by_name.get(drift_input_name(curve_name)))


def _grid(node: InputQuantity) -> tuple[float, float]:
    """Return start and spacing of the grid that a node says it belongs to, in SI units."""
    said = {
        mark: flag.removeprefix(mark)
        for flag in node.flags
        for mark in (_START, _LENGTH)
        if flag.startswith(mark)
    }
    if set(said) != {_START, _LENGTH}:
        raise IntegrityError("a node that does not say its grid", where=node.name)
    length = said[_LENGTH]
    spacing = math.inf if length == WHOLE_CURVE else parse_quantity(length).si
    return parse_quantity(said[_START]).si, spacing


@dataclass(frozen=True, slots=True)
class CurveAt:
    """The sensitivities of a curve in use, by what each belongs to.

    `parts`: result name to weight; `nodes`: input name to sensitivity; `drift`: sensitivity to
    the drift rate, None where there is none; `slope`: d(value)/d(argument). SI units.
    """

    value: float
    parts: dict[str, float]
    nodes: dict[str, float]
    drift: float | None
    slope: float


def curve_arguments(
    curve: Curve, found: CurveValue, inputs: CurveInputs, *, elapsed_s: float
) -> CurveAt:
    """Return all sensitivities of a curve at an argument, so long after its calibration.

    Args:
        curve: The curve.
        found: What `curve_value` gave.
        inputs: What its event owns beside.
        elapsed_s: Time since calibration, in s; 0 leaves the drift out.

    Raises:
        IntegrityError: a node of the grid is missing.

    Source: GUM Eq. 10 and 13, c_i = dx/dy_i.
    """
    nodes: dict[str, float] = {}
    if inputs.nodes and not found.on_a_point:
        for number, weight in hat_weights(inputs.start, inputs.spacing, at=found.at):
            node = inputs.nodes.get(number)
            if node is None:
                raise IntegrityError(
                    f"node {number} of the interpolation error is missing", where=curve.label
                )
            nodes[node.name] = weight * value_scale(node, found.value)
    drift = None
    if inputs.drift is not None and elapsed_s != 0.0:
        drift = elapsed_s * value_scale(inputs.drift, found.value)
    parts = {part.name: weight for part, weight in found.weights}
    return CurveAt(found.value, parts, nodes, drift, found.slope)


def value_scale(one: InputQuantity, value: float) -> float:
    """Return what turns an input into an amount: the value, where it is a part of that."""
    return value if PART_OF_VALUE in one.flags else 1.0


def bend_flag(curve: Curve, at: float, u_at: float, *, u: float) -> str:
    """Say where a curve bends so much within u of its argument that the slope misleads.

    Args:
        curve: The curve.
        at: Argument of use, in SI.
        u_at: Its standard uncertainty, in SI; 0 says nothing.
        u: u of the value, by the slope, in SI.

    Returns:
        A flag where the second-order term adds more than 5 % to u, or where the range ends within
        u of the argument; else "".

    Source: GUM, note to 5.1.2: one half of (f'' u^2)^2, with f'' u^2 from f(x + u), f(x - u).
    """
    if u_at == 0.0:
        return ""
    name = curve.argument.replace("_", " ")
    if not (curve.low <= at - u_at and at + u_at <= curve.high):
        return f"{RANGE_ENDS} within u of the {name}"
    middle = curve_value(curve, at).value
    second = curve_value(curve, at + u_at).value + curve_value(curve, at - u_at).value
    second -= 2.0 * middle
    more = math.hypot(u, second / math.sqrt(2.0))
    if more <= BENT * u:
        return ""
    return f"{BENDS} within u of the {name}: second order makes u {more / u:.2g} times"
