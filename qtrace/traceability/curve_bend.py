"""A curve whose argument is uncertain: what it carries to be drawn, and what its slope misses.

Inside: `with_reach`, `version_in_use`, `Bend`, `bend_of`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from qtrace.laboratory.event import Origin
from qtrace.quantity.kinds import kind as find_kind
from qtrace.traceability.curve import Curve
from qtrace.traceability.curve_use import BENDS, CurveAt, bend_flag
from qtrace.traceability.remainder import remainder, remainder_input
from qtrace.uncertainty.drawn_curve import REACH, drawn_version
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.interpolation import stencil
from qtrace.uncertainty.network import Network, standard_uncertainty


def with_reach(curve: Curve, pinned: CurveAt, at: float, u_at: float) -> CurveAt:
    """Return the parts of a use with all points within 6 u of its argument, new ones of weight 0.

    Args:
        curve: The curve.
        pinned: Its sensitivities at the argument.
        at: Argument of use, in SI.
        u_at: Its standard uncertainty, in SI; 0 adds nothing.
    """
    if u_at == 0.0 or curve.is_fit:
        return pinned
    x = [part.at for part in curve.parts]
    low = max(curve.low, min(at - REACH * u_at, curve.high))
    high = min(curve.high, max(at + REACH * u_at, curve.low))
    first = stencil(curve.interpolant, x, at=low)[0]
    last = stencil(curve.interpolant, x, at=high)[1]
    weights = {part.name: pinned.parts.get(part.name, 0.0) for part in curve.parts[first:last]}
    return replace(pinned, parts={**weights, **pinned.parts})


def version_in_use(curve: Curve, u_at: float) -> str:
    """Return the version of the model of a use: it says along what it is drawn, where it is."""
    version = curve.interpolant.partition("/")[2]
    if u_at == 0.0:
        return version
    unit = "" if curve.is_fit else (curve.argument_unit or "1")
    return drawn_version(version, curve.argument, unit=unit, x_origin=curve.x_origin)


@dataclass(frozen=True, slots=True)
class Bend:
    """What the slope of a curve misses: an input beside its use if any, and the flag, or ""."""

    beside: tuple[InputQuantity, Origin] | None = None
    flag: str = ""


def bend_of(
    curve: Curve, at: float, u_at: float, *, network: Network, result_id: int, name: str
) -> Bend:
    """Look at a use of a curve by draws through it.

    Args:
        curve: The curve.
        at: Argument of use, in SI.
        u_at: Its standard uncertainty, in SI; 0 says nothing.
        network: Holds the use.
        result_id: Of the use, without anything beside its model.
        name: Of the use, for the input beside it.

    Source: as for `remainder`; the words of second order by `bend_flag`.
    """
    if u_at == 0.0:
        return Bend()
    u = standard_uncertainty(network, result_id)
    doubt = bend_flag(curve, at, u_at, u=u)
    found = remainder(network, result_id, functions={})
    if not doubt and found.standard_uncertainty == 0.0 and not found.reason:
        return Bend()
    made, said = remainder_input(found, name, unit=find_kind(curve.kind).unit, shown_in=curve.unit)
    if made is None and not found.reason:
        return Bend(None, doubt)
    words = doubt or f"{BENDS} within u of the {curve.argument.replace('_', ' ')}"
    return Bend(made, f"{words}; {said}")
