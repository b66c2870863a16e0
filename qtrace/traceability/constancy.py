"""What a history says about the constancy of a drift, in words.

Inside: `constancy_warning`.
"""

from __future__ import annotations

from qtrace.uncertainty.drift_rate import SIGNIFICANCE, DriftRate


def constancy_warning(drift: DriftRate, ahead_days: float | None, unit: str) -> tuple[str, ...]:
    """Return why a straight line through the history misleads, one line each; none if it may do.

    Args:
        drift: The fitted rate, in SI units a day.
        ahead_days: How far ahead a proposal looks; None for the length of the history.
        unit: SI unit code of the quantity.
    """
    code = "" if unit == "1" else f" {unit}"
    lines = []
    curvature = drift.curvature
    if curvature is not None and curvature.significant:
        horizon = float(drift.ends.max() - drift.starts.min()) if ahead_days is None else ahead_days
        line, curve = drift.ahead(horizon)
        bent = 0.0 if curve is None else curve
        slowing = abs(curvature.rate_at_end) < abs(drift.rate)
        wrong = "over-predicts" if abs(bent) < abs(line) or slowing else "under-predicts"
        lines.append(
            f"the drift is not constant (p = {curvature.p_value:.2g}), it "
            f"{'slows' if slowing else 'grows'}: a straight line {wrong} "
            f"({line:.3g}{code} over the next {horizon:.0f} d, the curve {bent:.3g}{code})"
        )
    elif drift.p_value is not None and drift.p_value < SIGNIFICANCE:
        lines.append(
            f"one rate does not describe the shifts (p = {drift.p_value:.2g}): they scatter more "
            "than their uncertainty allows"
        )
    if drift.constant is None:
        lines.append("too few calibrations to test whether the drift is constant")
    return tuple(lines)
