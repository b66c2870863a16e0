"""Do the records of curves in a document fit each other?

Inside: `curve_faults`, `use_faults`. Their arithmetic is computed again in `recheck_curve`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qtrace.laboratory.curve_names import CURVE_POINT, MADE_HERE, curve_of_name
from qtrace.laboratory.event import EventKind
from qtrace.traceability.chain import Dossier
from qtrace.traceability.curve import curve_of, fold_curves
from qtrace.traceability.curve_chain import is_curve_in_use
from qtrace.traceability.curve_inputs import INVERSE
from qtrace.traceability.curve_use import CONDITION_OF_U, DRIFT_RATE
from qtrace.traceability.in_use import NO_DRIFT
from qtrace.traceability.use import condition_misfits, drift_input_name
from qtrace.uncertainty.interpolation import INTERPOLANTS

_NAMES = {name.partition("/")[0] for name in INTERPOLANTS} | {"polynomial"}


def curve_faults(dossier: Dossier, result_id: int) -> Iterator[str]:
    """Check that a linear model with a text is a point, a coefficient, or a curve in use."""
    recorded = dossier.results[result_id]
    result = dossier.network.results[result_id]
    kind, text = dossier.event_of(result_id).kind, result.model.text
    if text in MADE_HERE:
        if kind is not EventKind.CALIBRATION or not curve_of_name(recorded.name):
            yield f"{recorded.label}: a part of a curve belongs to a calibration, under its name"
        if text == CURVE_POINT and result.model.version not in INTERPOLANTS:
            yield f"{recorded.label}: {result.model.version!r} is no interpolant"
        return
    if text.removeprefix(INVERSE) not in _NAMES:
        yield f"{recorded.label}: {text!r} is no linear model"
    elif kind not in {EventKind.CALIBRATION, EventKind.USE}:
        yield f"{recorded.label}: a curve is used in a calibration or in a use"
    elif kind is EventKind.CALIBRATION and recorded.name.removesuffix("_at_use") == recorded.name:
        yield f"{recorded.label}: a curve in use is called so"


def use_faults(dossier: Dossier, result_id: int, conditions: Mapping[str, str]) -> Iterator[str]:
    """Check a use of a curve: device and kind, conditions, drift, u of its argument.

    Another use than that of a curve passes.

    Args:
        dossier: Network and records.
        result_id: The result of the use.
        conditions: Conditions of the role in the run.
    """
    own = dossier.results[result_id]
    use = dossier.event_of(result_id)
    if not is_curve_in_use(dossier.network.results[result_id].model):
        return
    arguments = dossier.network.results[result_id].arguments
    parts = [
        dossier.results[one.parent_id]
        for one in arguments
        if one.parent_id is not None and curve_of_name(dossier.results[one.parent_id].name)
    ]
    if not parts:
        yield f"{own.label}: it rests on no curve"
        return
    curve = curve_of(parts, dossier.network)
    calibration = dossier.events[parts[0].event_label]
    if (calibration.device_id, curve.kind) != (use.device_id, own.measurand.kind):
        yield f"{own.label}: {curve.label} is no calibration of it"
    (whole, _), *_others = fold_curves([(one, calibration) for one in parts], dossier.network)
    misfits = condition_misfits(dict(whole.measurand.conditions), conditions)
    yield from (f"{own.label}: {line}" for line in misfits)
    if use.performed_at < calibration.performed_at:
        yield f"{own.label}: used before its calibration {curve.label}"
    drift = (calibration.label, drift_input_name(curve.name))
    stated = {k for k, owner in dossier.input_owner.items() if owner == drift}
    found = {one.input_id for one in arguments if one.name == DRIFT_RATE}
    if found != stated or (not found and NO_DRIFT not in own.flags):
        yield f"{own.label}: its drift is not that of {curve.label}"
    has_u = f"{curve.argument}{CONDITION_OF_U}" in conditions
    given = [one for one in arguments if one.name == curve.argument]
    if bool(given) != has_u or any(
        one.input_id is None or dossier.input_owner[one.input_id] != (use.label, curve.argument)
        for one in given
    ):
        yield f"{own.label}: u of its {curve.argument} is not that of the run"
