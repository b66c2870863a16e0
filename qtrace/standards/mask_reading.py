"""Reading a mask out of the criterion of a pack; units are checked, segments must join.

Inside: `read_mask`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qtrace.errors import InputError
from qtrace.quantity.units import DIMENSIONLESS, Unit, divide, parse_unit
from qtrace.quantity.value import in_unit
from qtrace.standards.mask import JudgedOn, Mask, MaskSegment, Over

if TYPE_CHECKING:
    from qtrace.standards.reading import TableReader

_TIME = parse_unit("s").dimension


def read_mask(row: TableReader) -> tuple[Mask, str]:
    """Return the mask of a criterion and the unit of its limits, that of the first one written.

    Args:
        row: Fields `over`, `judged_on`, `segments` (a list of `above`, `up_to`, `limit`,
            `slope`), and, if wanted, `least_dof` and `reach`.

    Raises:
        InputError: a field is missing, a unit does not fit, or segments do not join.
    """
    over, judged_on = row.choice("over", Over), row.choice("judged_on", JudgedOn)
    parts = row.each("segments")
    if not parts:
        raise row.error("segments", "a mask without segments limits nothing")
    first = parts[0].quantity("limit")
    if first is None:
        raise parts[0].error("limit", "the field 'limit' is missing", next_step="give a limit")
    segments = tuple(
        _segment(part, first.unit, last=number == len(parts))
        for number, part in enumerate(parts, start=1)
    )
    degrees = row.quantity("least_dof")
    if degrees is not None:
        if judged_on is not JudgedOn.UPPER_BOUND or degrees.unit.dimension != DIMENSIONLESS:
            raise row.error(
                "least_dof", "degrees of freedom are a number, and belong to an upper bound"
            )
        if not degrees.si > 0.0:
            raise row.error("least_dof", f"{degrees.text} degrees of freedom are none")
    reach = _time(row, "reach")
    dof = {} if degrees is None else {"least_dof": degrees.si}
    try:
        return Mask(over, judged_on, segments, reach_s=reach, **dof), first.unit.code
    except InputError as error:
        raise row.error("segments", error.what, next_step=error.next_step) from error


def _segment(part: TableReader, unit: Unit, *, last: bool) -> MaskSegment:
    """Read one segment; its numbers are brought to the unit of the mask."""
    above, up_to = _time(part, "above"), _time(part, "up_to")
    if above is None:
        raise part.error("above", "the field 'above' is missing", next_step="say where it begins")
    if up_to is None and not last:
        raise part.error("up_to", "only the last segment may be open", next_step="add 'up_to'")
    limit, slope = part.quantity("limit"), part.quantity("slope")
    if limit is None:
        raise part.error("limit", "the field 'limit' is missing", next_step="give a limit")
    if limit.unit.dimension != unit.dimension:
        raise part.error("limit", f"{limit.text!r} does not fit the first limit, in {unit.code!r}")
    if slope is not None and slope.unit.dimension != divide(unit.dimension, _TIME):
        raise part.error("slope", f"{slope.text!r} is not in {unit.code!r} per second")
    part.finish()
    return MaskSegment(
        above,
        math.inf if up_to is None else up_to,
        in_unit(limit.si, unit),
        0.0 if slope is None else in_unit(slope.si, unit),
    )


def _time(row: TableReader, name: str) -> float | None:
    """Return a time in seconds, None where the field is absent."""
    time = row.quantity(name)
    if time is None:
        return None
    if time.unit.dimension != _TIME:
        raise row.error(name, f"{name!r} is {time.text!r}, not a time", next_step="write '100 s'")
    return time.si
