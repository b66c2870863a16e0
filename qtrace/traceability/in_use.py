"""The result of using a calibrated result: value, drift, sensitivities.

Inside: `CALIBRATED`, `in_use_result`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.measurand import Measurand
from qtrace.traceability.forms import drift_reach, form_at_use
from qtrace.traceability.use import InUse
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.results import Model, ModelKind

CALIBRATED = "calibrated"  # the argument that is the calibrated value
NO_DRIFT = "drift not stated by the calibration"


def in_use_result(
    in_use: InUse,
    drift_rate: InputQuantity | None,
    *,
    value: float,
    u: float,
    conditions: Mapping[str, str],
) -> NewResult:
    """Return calibrated value plus drift, as a linear result to be recorded.

    Args:
        in_use: Which calibrated result, and the time since its calibration in s.
        drift_rate: The recorded drift rate of that result, an input of its calibration event;
            its estimate is 0, its u in the result's SI unit per s. None where not stated.
        value: Calibrated value, in SI units.
        u: Its standard uncertainty, in SI units.
        conditions: Conditions of use, added to those of the calibration.

    Source: x_use = x_cal + r (t_use - t_cal), GUM Eq. 10 with c_r = t_use - t_cal.
    """
    source = in_use.source
    arguments = [NewArgument(CALIBRATED, 1.0, parent_id=source.result_id)]
    flags: tuple[str, ...] = (NO_DRIFT,)
    if drift_rate is not None:
        arguments.append(NewArgument("drift_rate", in_use.elapsed_s, input_id=drift_rate.input_id))
        u = math.hypot(u, in_use.elapsed_s * drift_rate.standard_uncertainty)
        flags = ()
    stated = form_at_use(source, in_use.elapsed_s * drift_reach(drift_rate))
    kind = source.measurand.kind
    return NewResult(
        kind,
        Measurand.of(kind, {**dict(source.measurand.conditions), **conditions}),
        Model(ModelKind.LINEAR),
        value,
        source.unit,
        u,
        tuple(arguments),
        stated.form,
        stated.interval,
        stated.method,
        flags=(*source.flags, *flags, *stated.flags),
    )
