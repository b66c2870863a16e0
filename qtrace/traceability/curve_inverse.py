"""The inverse of a fitted curve: the argument at which it takes a value.

Inside: `inverse_value`.
Source: ISO/TS 28037:2010, clause 11.1 (clause from memory), through `regression_use.invert_fit`.
"""

from __future__ import annotations

import numpy as np

from qtrace.errors import InputError
from qtrace.traceability.curve import Curve
from qtrace.traceability.curve_use import CurveAt, CurveInputs, value_scale
from qtrace.uncertainty.network import Network, covariance
from qtrace.uncertainty.regression import Fit, FitMethod, Scale
from qtrace.uncertainty.regression_use import invert_fit


def inverse_value(
    curve: Curve, value: float, *, network: Network, inputs: CurveInputs, elapsed_s: float
) -> CurveAt:
    """Return the argument at which a fit takes a value, with its sensitivities.

    Args:
        curve: A fit.
        value: The ordinate, in SI.
        network: Holds the coefficients, for the u of the slope.
        inputs: What the event of the fit owns beside; its drift shifts the argument.
        elapsed_s: Time since calibration, in s; 0 leaves the drift out.

    Raises:
        InputError: a table and no fit, a value that the curve does not take once inside its
            range, or a slope that is not distinguished from zero.
    """
    if not curve.is_fit:
        raise InputError(
            f"{curve.label} is a table, and only fits are inverted",
            next_step="fit a line or polynomial to it, or interchange its columns",
        )
    ids = [part.result_id for part in curve.parts]
    matrix = covariance(network, ids)
    ends = np.array([curve.low, curve.high])
    none = np.zeros((len(ids), 2))
    fit = Fit(
        FitMethod.GENERAL,
        Scale.STATED,
        tuple(int(part.at) for part in curve.parts),
        curve.x_origin,
        ends,
        ends,
        np.zeros(2),
        np.zeros(2),
        np.array([part.value for part in curve.parts]),
        matrix,
        matrix,
        none,
        none,
        np.zeros(2),
        0.0,
        0,
        float("inf"),
        None,
    )
    found = invert_fit(fit, value)
    if not found.inside[0]:
        raise InputError(
            f"{curve.label} takes that value at {float(found.values[0]):.8g}, outside its "
            f"calibrated range {curve.low:.8g} to {curve.high:.8g} (SI units)",
            next_step="a curve is not extrapolated: have it calibrated there",
        )
    rows = found.parameter_sensitivities[0]
    parts = {part.name: float(c) for part, c in zip(curve.parts, rows, strict=True)}
    slope = float(found.argument_sensitivities[0])
    drift = None
    if inputs.drift is not None and elapsed_s != 0.0:
        drift = -slope * elapsed_s * value_scale(inputs.drift, value)
    return CurveAt(float(found.values[0]), parts, {}, drift, slope)
