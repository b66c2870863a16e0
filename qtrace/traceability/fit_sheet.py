"""Evaluate the fits of a calibration file: coefficients as results of one event.

Inside: `take_fits`, `NOT_TESTED`.

Readings are inputs of the event, coefficients linear results of them, so that whatever two
coefficients share they share through the readings.
Source: ISO/TS 28037:2010, clause 6 (chi-square against its 95 % quantile); GUM H.3.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.laboratory.curve_draft import FitDraft
from qtrace.laboratory.curve_names import FIT_COEFFICIENT, coefficient_name, reading_name
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.measurand import Measurand
from qtrace.quantity.notation import decimal_text
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit
from qtrace.traceability.curve import EXPANDED_AT, LACK_OF_FIT, POWER, RANGE_MARK
from qtrace.traceability.curve_sheet import add_input, take_drift
from qtrace.traceability.fit_rule import FitRule, coefficient_unit, run_fit
from qtrace.traceability.sheet import Sheet
from qtrace.traceability.sheet_results import keep_result, own_block
from qtrace.uncertainty.correlation import check_correlation
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock, Evaluation, InputQuantity
from qtrace.uncertainty.regression import Fit
from qtrace.uncertainty.regression_use import lack_of_fit_of_replicates
from qtrace.uncertainty.results import Model, ModelKind

Array = NDArray[np.float64]
REJECTED = 0.05  # a chi-square or F beyond its 95 % quantile rejects the curve
NOT_TESTED = f"{LACK_OF_FIT} not tested: no stated u and no repeated arguments"


def take_fits(sheet: Sheet) -> tuple[CorrelationBlock, ...]:
    """Add every fit of the file; return its correlation blocks as recording wants them.

    Raises:
        InputError: readings that do not determine the curve, or that reject it.
    """
    blocks: list[CorrelationBlock] = []
    for draft in sheet.draft.fits:
        rule = FitRule(draft.method, draft.scale, draft.order)
        matrix = _correlation(sheet, draft)
        try:
            fit = _fit(draft, rule, matrix)
            said = _judged(draft, fit)
        except InputError as error:
            raise error.located(str(draft.place)) from None
        first = len(sheet.inputs)
        _readings(sheet, draft, fit)
        blocks.extend(_blocks(sheet, draft, fit, first=first, matrix=matrix))
        take_drift(sheet, draft.name, draft.measurand.kind, draft.drift)
        for flag in said:
            sheet.warnings.append(f"{draft.place}: {flag}")
        for row in range(len(fit.powers)):
            _coefficient(sheet, draft, fit, row=row, rule=rule, said=said)
    return tuple(blocks)


def _correlation(sheet: Sheet, draft: FitDraft) -> Array | None:
    if draft.matrix is None:
        return None
    repaired = check_correlation(draft.matrix, draft.decimals, where=str(draft.place))
    if not np.array_equal(repaired, draft.matrix):
        sheet.warnings.append(f"{draft.place}: correlation matrix repaired within rounding")
    return repaired


def _fit(draft: FitDraft, rule: FitRule, matrix: Array | None) -> Fit:
    readings = draft.readings
    return run_fit(
        rule,
        np.array([one.x for one in readings]),
        np.array([one.y for one in readings]),
        u_x=np.array([one.u_x for one in readings]),
        u_y=np.array([one.u_y for one in readings]),
        correlation=matrix,
        x_origin=draft.x_origin,
    )


def _judged(draft: FitDraft, fit: Fit) -> tuple[str, ...]:
    """Return what must be said of how well the curve fits; refuse it where it does not."""
    p, what = _tested(fit)
    if p is None:
        return (NOT_TESTED,)
    if p >= REJECTED:
        return ()
    if draft.on_lack_of_fit == "refuse":
        raise InputError(
            f"the readings reject the curve: {what}",
            next_step="take another model, correct the uncertainties, or declare "
            'lack_of_fit = "flag"',
        )
    return (f"{LACK_OF_FIT}: {what}",)


def _tested(fit: Fit) -> tuple[float | None, str]:
    """Return the probability of a worse fit if the curve holds, None without a test, in words."""
    nu = fit.residual_degrees_of_freedom
    if fit.p_value is not None:
        p = fit.p_value
        return p, f"chi-square {fit.chi_square:.4g} on {nu} degrees of freedom, p = {p:.2g}"
    try:
        test = lack_of_fit_of_replicates(fit)
    except InputError:
        return None, f"{nu} residual degrees of freedom, no test of the curve"
    nu1, nu2 = test.degrees_of_freedom
    return test.p_value, (
        f"F = {test.f:.4g} on {nu1} and {nu2} degrees of freedom, p = {test.p_value:.2g}; "
        f"{nu} residual degrees of freedom"
    )


def _readings(sheet: Sheet, draft: FitDraft, fit: Fit) -> None:
    """Add both coordinates of every reading as inputs; an exact x keeps u = 0."""
    scattered = draft.scale == "scatter"
    dof = fit.degrees_of_freedom if scattered else math.inf
    evaluation = Evaluation.A if scattered else Evaluation.B
    for k, one in enumerate(draft.readings):
        for axis, value, u, unit, text in (
            ("y", one.y, float(fit.u_y[k]), draft.unit, one.y_text),
            ("x", one.x, float(fit.u_x[k]), draft.argument_unit, one.x_text),
        ):
            exact = u == 0.0
            quantity = InputQuantity(
                0,
                reading_name(draft.name, axis, k + 1),
                value,
                u,
                unit,
                evaluation=Evaluation.B if exact else evaluation,
                degrees_of_freedom=math.inf if exact else dof,
                text=text,
            )
            add_input(sheet, quantity, draft.origin)


def _blocks(
    sheet: Sheet, draft: FitDraft, fit: Fit, *, first: int, matrix: Array | None
) -> list[CorrelationBlock]:
    """Correlate the readings: one sample where their scatter gave u, or as declared."""
    places = tuple(first + 1 + 2 * k for k in range(len(draft.readings)))
    if draft.scale == "scatter":
        if draft.method == "wtls":
            places = tuple(range(first + 1, first + 1 + 2 * len(draft.readings)))
        own = np.eye(len(places)) if matrix is None else matrix
        dof = fit.degrees_of_freedom
        reason = f"scatter about {draft.name}"
        block = CorrelationBlock(0, BlockKind.ENSEMBLE, places, own, own, dof, reason)
        return [own_block(sheet, block)]
    if matrix is None or draft.matrix is None:
        return []
    block = CorrelationBlock(0, BlockKind.DECLARED, places, matrix, draft.matrix)
    return [own_block(sheet, block)]


def _coefficient(
    sheet: Sheet, draft: FitDraft, fit: Fit, *, row: int, rule: FitRule, said: tuple[str, ...]
) -> None:
    """Add one coefficient as a linear result of all readings."""
    unit = parse_unit(draft.argument_unit)
    ends = [decimal_text(in_unit(float(x), unit)) for x in (np.min(fit.x), np.max(fit.x))]
    code = "" if unit.code in {"", "1"} else f" {unit.code}"
    conditions = {
        **dict(draft.measurand.conditions),
        draft.argument: f"{ends[0]}{code} {RANGE_MARK} {ends[1]}{code}",
        EXPANDED_AT: draft.x_origin_text,
        POWER: str(fit.powers[row]),
    }
    names = [
        (reading_name(draft.name, axis, k + 1), float(sensitivities[row, k]))
        for axis, sensitivities in (("y", fit.sensitivities), ("x", fit.sensitivities_x))
        for k in range(len(draft.readings))
    ]
    shown = f"{rule.method} of order {rule.order}: {len(fit.y)} readings, {_tested(fit)[1]}"
    result = NewResult(
        coefficient_name(draft.name, fit.powers[row]),
        Measurand.of(draft.measurand.kind, conditions),
        Model(ModelKind.LINEAR, FIT_COEFFICIENT, rule.version),
        float(fit.parameters[row]),
        coefficient_unit(parse_unit(draft.unit), unit, fit.powers[row]),
        0.0,
        tuple(NewArgument(name.rpartition("/")[2], c, input_name=name) for name, c in names),
        flags=(shown, *said),
    )
    keep_result(sheet, result)
