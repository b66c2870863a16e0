"""A curve as people look at it: values with u at its points, between them, where asked.

Inside: `BandPoint`, `curve_band`, `arguments_between`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from qtrace.traceability.curve import curve_value
from qtrace.traceability.curve_inputs import CurveOnRecord, with_curve_inputs
from qtrace.traceability.curve_use import curve_arguments
from qtrace.uncertainty.network import Network, input_sensitivities, row_uncertainty


@dataclass(frozen=True, slots=True)
class BandPoint:
    """Argument, value, u and slope in SI units, on the day of the calibration."""

    at: float
    value: float
    standard_uncertainty: float
    slope: float


def curve_band(
    found: CurveOnRecord, network: Network, arguments: Iterable[float]
) -> tuple[BandPoint, ...]:
    """Return values of a curve with their u, interpolation error contained, drift not.

    Args:
        found: The curve.
        network: Behind its parts.
        arguments: In SI, within the calibrated range.

    Raises:
        InputError: an argument outside the range.

    Source: GUM Eq. 13, weights of the interpolant times the sensitivities of the points.
    """
    whole = with_curve_inputs(network, {found.curve.label: found})
    ids = {part.name: part.result_id for part in found.curve.parts}
    rows = {name: input_sensitivities(whole, result_id) for name, result_id in ids.items()}
    nodes = {one.name: one.input_id for one in found.inputs.nodes.values()}
    points = []
    for at in arguments:
        place = curve_value(found.curve, at)
        pinned = curve_arguments(found.curve, place, found.inputs, elapsed_s=0.0)
        total: dict[int, float] = {}
        for name, weight in pinned.parts.items():
            if weight != 0.0:
                for leaf, c in rows[name].items():
                    total[leaf] = total.get(leaf, 0.0) + weight * c
        for name, c in pinned.nodes.items():
            total[nodes[name]] = c
        u = row_uncertainty(whole, total)
        points.append(BandPoint(place.at, place.value, u, place.slope))
    return tuple(points)


def arguments_between(low: float, high: float, count: int) -> tuple[float, ...]:
    """Return arguments at equal distances, both ends among them."""
    steps = max(1, count - 1)
    inner = (math.fsum((low, (high - low) * k / steps)) for k in range(1, steps))
    return (low, *inner, high)
