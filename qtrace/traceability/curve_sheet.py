"""Evaluate the tables of a calibration file: points with what they share, as results of one event.

Inside: `take_curves`, `grid_nodes`.
Source: JCGM 100:2008 (GUM), 5.2, F.1.2.3; ILAC P14 practice of a remainder (`stated.remainder`).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from qtrace.errors import InputError, UnitError
from qtrace.laboratory.curve_draft import CurveDraft, PointDraft
from qtrace.laboratory.curve_names import (
    CURVE_POINT,
    common_name,
    node_name,
    point_name,
)
from qtrace.laboratory.drift_draft import DriftDraft
from qtrace.laboratory.event import EndKind, Origin
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.kinds import kind as find_kind
from qtrace.quantity.measurand import Measurand
from qtrace.quantity.notation import decimal_text
from qtrace.quantity.units import DIMENSIONLESS, dimension_text, divide, parse_unit
from qtrace.quantity.value import in_unit
from qtrace.traceability.curve_use import (
    MOST_NODES,
    PART_OF_VALUE,
    WHOLE_CURVE,
    error_flags,
)
from qtrace.traceability.drift import drift_inputs
from qtrace.traceability.impossible import beyond_bound
from qtrace.traceability.sheet import Sheet
from qtrace.traceability.sheet_results import keep_result, own_block
from qtrace.uncertainty.correlation import check_correlation
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock, InputQuantity
from qtrace.uncertainty.network import input_sensitivities, row_uncertainty
from qtrace.uncertainty.results import Model, ModelKind
from qtrace.uncertainty.stated import remainder

OWN = "own"  # the argument of a point that is its own part
COMMON = "common"
EFFECT = "sensitivity to "


def take_curves(sheet: Sheet) -> tuple[CorrelationBlock, ...]:
    """Add every curve of the file; return its correlation blocks as recording wants them.

    Raises:
        InputError: a certificate that claims less than what its points share, a correlation
            matrix that cannot be, a grid that is too fine. UnitError: an effect of another unit.
    """
    blocks = []
    for draft in sheet.draft.curves:
        shared = _shared_arguments(sheet, draft)
        _common_input(sheet, draft)
        first = len(sheet.inputs)
        for k, point in enumerate(draft.points):
            _own_part(sheet, draft, point, shared=shared[k])
        if draft.correlation != "independent":
            blocks.append(_correlate(sheet, draft, first))
        _error_inputs(sheet, draft)
        take_drift(sheet, draft.name, draft.measurand.kind, draft.drift)
        for k, point in enumerate(draft.points):
            _take_point(sheet, draft, point, shared=shared[k])
    return tuple(blocks)


def _shared_arguments(sheet: Sheet, draft: CurveDraft) -> list[tuple[NewArgument, ...]]:
    """Return, for each point, the arguments that it shares with others, with sensitivities."""
    wanted = find_kind(draft.measurand.kind).dimension
    rows: list[list[NewArgument]] = [[] for _ in draft.points]
    for effect in draft.effects:
        source = sheet.sources[effect.input_name]
        if effect.relative and {source.dimension, effect.dimension} != {DIMENSIONLESS}:
            raise UnitError(
                f'"{effect.input_name}" has a dimension, so no part of the value goes with it',
                where=str(effect.place),
                next_step='write absolute = "..." with the unit of value per input',
            )
        if not effect.relative and effect.dimension != divide(wanted, source.dimension):
            raise UnitError(
                f'the sensitivity to "{effect.input_name}" has dimension '
                f"{dimension_text(effect.dimension)}",
                where=str(effect.place),
                next_step=f"expected {dimension_text(divide(wanted, source.dimension))}",
            )
        for row, point, c in zip(rows, draft.points, effect.sensitivities, strict=True):
            amount = c * point.value if effect.relative else c
            row.append(replace(source.new_argument, sensitivity=amount))
    if draft.common > 0.0:
        for row, point in zip(rows, draft.points, strict=True):
            row.append(NewArgument(COMMON, point.value, input_name=common_name(draft.name)))
    return [tuple(row) for row in rows]


def _common_input(sheet: Sheet, draft: CurveDraft) -> None:
    """Add the part of the uncertainty that all points share, as a relative correction of zero."""
    if draft.common > 0.0:
        name = common_name(draft.name)
        flags = (PART_OF_VALUE,)
        add_input(
            sheet,
            InputQuantity(0, name, 0.0, draft.common, "1", text=draft.common_text, flags=flags),
            draft.origin,
        )


def add_input(sheet: Sheet, quantity: InputQuantity, origin: Origin) -> None:
    """Add an own input that no table [input.NAME] of the file declares."""
    sheet.inputs.append(quantity)
    if origin != Origin():
        sheet.added_origins[quantity.name] = origin


def _own_part(
    sheet: Sheet, draft: CurveDraft, point: PointDraft, *, shared: tuple[NewArgument, ...]
) -> None:
    """Add the part of a point's uncertainty that is its own."""
    u = point.standard_uncertainty
    if draft.includes_shared:
        u = remainder(u, _shared_u(sheet, draft, shared), where=str(point.place))
    said = tuple(
        f"{EFFECT}{one.name}: {decimal_text(one.sensitivity)}"
        for one in shared
        if one.name != COMMON
    )
    add_input(
        sheet,
        InputQuantity(
            0,
            point_name(draft.name, point.name),
            point.value,
            u,
            draft.unit,
            degrees_of_freedom=point.degrees_of_freedom,
            text=point.value_text,
            flags=(*point.flags, *said),
        ),
        draft.origin,
    )


def _shared_u(sheet: Sheet, draft: CurveDraft, shared: tuple[NewArgument, ...]) -> float:
    """Return u of what a point shares with others, correlations of effects kept."""
    network = sheet.network()
    row: dict[int, float] = {}
    common = 0.0
    for one in shared:
        if one.name == COMMON:
            common = one.sensitivity * draft.common
            continue
        source = sheet.sources[one.name]
        leaves = (
            input_sensitivities(network, source.result_id)
            if source.result_id is not None
            else {source.input_id or 0: 1.0}
        )
        for leaf, c in leaves.items():
            row[leaf] = row.get(leaf, 0.0) + one.sensitivity * c
    return math.hypot(common, row_uncertainty(network, row))


def _correlate(sheet: Sheet, draft: CurveDraft, first: int) -> CorrelationBlock:
    """Correlate the own parts of the points: as declared, or in a way that nobody states."""
    places = tuple(range(first + 1, first + 1 + len(draft.points)))
    if draft.matrix is None:
        identity = np.eye(len(places))
        reason = f"the points of {draft.name} state none"
        return own_block(
            sheet, CorrelationBlock(0, BlockKind.UNKNOWN, places, identity, identity, reason=reason)
        )
    where = str(draft.place)
    repaired = check_correlation(draft.matrix, draft.decimals, where=where)
    if not np.array_equal(repaired, draft.matrix):
        sheet.warnings.append(f"{where}: correlation matrix repaired within rounding")
    return own_block(sheet, CorrelationBlock(0, BlockKind.DECLARED, places, repaired, draft.matrix))


def grid_nodes(low: float, high: float, spacing: float) -> int:
    """Return how many nodes a grid from `low` has that reaches `high`, one if it is all alike."""
    if math.isinf(spacing):
        return 1
    return math.floor((high - low) / spacing) + 2


def _error_inputs(sheet: Sheet, draft: CurveDraft) -> None:
    """Add the interpolation error, one input for each node of its grid."""
    error = draft.error
    if error is None:
        sheet.warnings.append(
            f"{draft.place}: no interpolation_error is stated; values between the points will "
            "carry none"
        )
        return
    points = draft.points
    count = grid_nodes(points[0].argument, points[-1].argument, error.correlation_length)
    if count > MOST_NODES:
        raise InputError(
            f"the correlation length divides the curve into {count} cells",
            where=str(error.place),
            next_step=f"at most {MOST_NODES} are kept: state a longer one",
        )
    length = WHOLE_CURVE
    if math.isfinite(error.correlation_length):
        unit = parse_unit(draft.argument_unit)
        length = f"{decimal_text(in_unit(error.correlation_length, unit))} {unit.code}"
    flags = error_flags(points[0].argument_text, length, relative=error.relative)
    unit_code = "1" if error.relative else find_kind(draft.measurand.kind).unit
    for k in range(count):
        add_input(
            sheet,
            InputQuantity(
                0,
                node_name(draft.name, k),
                0.0,
                error.standard_uncertainty,
                unit_code,
                text=error.text,
                flags=flags,
            ),
            Origin(end=EndKind.ASSESSED_BOUND, statement=error.source),
        )


def take_drift(sheet: Sheet, name: str, kind: str, drift: DriftDraft | None) -> None:
    """Add the drift rate of a curve as ONE input, a part of the value where it was stated so."""
    if drift is None:
        return
    unit = "1" if drift.relative else find_kind(kind).unit
    for rate, origin in drift_inputs(replace(drift, relative=False), name, value=1.0, unit=unit):
        flagged = replace(rate, flags=(PART_OF_VALUE,)) if drift.relative else rate
        add_input(sheet, flagged, origin)


def _take_point(
    sheet: Sheet, draft: CurveDraft, point: PointDraft, *, shared: tuple[NewArgument, ...]
) -> None:
    """Add one point as a result of the event."""
    name = point_name(draft.name, point.name)
    conditions = {**dict(draft.measurand.conditions), draft.argument: point.argument_text}
    result = NewResult(
        name,
        Measurand.of(draft.measurand.kind, conditions),
        Model(ModelKind.LINEAR, CURVE_POINT, draft.interpolant),
        point.value,
        draft.unit,
        0.0,
        (NewArgument(OWN, 1.0, input_name=name), *shared),
    )
    kept = keep_result(sheet, result)
    impossible = beyond_bound(
        find_kind(draft.measurand.kind), point.value, kept.standard_uncertainty
    )
    if impossible:
        sheet.warnings.append(f"{point.place}: {impossible}")
