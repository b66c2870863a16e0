"""What is said to have been right instead: corrected inputs of a recalled calibration.

Inside: `corrected_input`, `corrected_inputs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from qtrace.errors import InputError
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import parse_quantity
from qtrace.uncertainty.inputs import InputQuantity


def corrected_input(known: InputQuantity, *, value: str = "", u: str = "") -> InputQuantity:
    """Return an input quantity with another value or standard uncertainty.

    Args:
        known: As recorded.
        value: Text of the right value with its unit, empty where it stays.
        u: Text of the right standard uncertainty with its unit, empty where it stays.

    Raises:
        InputError: another dimension, a negative u, or a shape that x and u alone do not give.
    """
    if known.parameters:
        raise InputError(
            f"the distribution of {known.name} has parameters of its own",
            where="--value",
            next_step="give the corrected calibration as a file: --corrected FILE",
        )
    numbers = []
    for option, text, stays in (
        ("--value", value, known.estimate),
        ("--u", u, known.standard_uncertainty),
    ):
        if not text:
            numbers.append(stays)
            continue
        quantity = parse_quantity(text)
        if quantity.unit.dimension != parse_unit(known.unit).dimension:
            raise InputError(
                f"{text} does not fit the input {known.name} in {known.unit}",
                where=option,
                next_step="give it in the unit of the input",
            )
        numbers.append(quantity.si)
    if numbers[1] < 0.0:
        raise InputError(f"a standard uncertainty is not negative: {u}", where="--u")
    return replace(
        known, estimate=numbers[0], standard_uncertainty=numbers[1], text=value or known.text
    )


def corrected_inputs(
    draft: CalibrationDraft, known: Iterable[InputQuantity], models: Mapping[str, str]
) -> dict[int, InputQuantity]:
    """Return the inputs that a corrected calibration file gives other figures, by id.

    Args:
        draft: The corrected file as read.
        known: Inputs of the recalled event.
        models: Result name to model text or metric id of the recalled event.

    Raises:
        InputError: the file is about another calibration, or changes more than figures of inputs.
    """
    by_name = {one.name: one for one in known}
    for result in draft.results:
        if models.get(result.name) != (result.metric or result.expression):
            raise InputError(
                f"the result {result.name} has another model than the recalled calibration",
                where=str(result.place),
                next_step="a recall corrects figures of inputs; withdraw the calibration and "
                "record a new one where its model was wrong",
            )
    changed = {}
    for one in draft.inputs:
        if one.quantity is None:
            continue
        if one.name not in by_name:
            raise InputError(
                f"the recalled calibration has no input {one.name}",
                where=str(one.place),
                next_step=f"its inputs are: {', '.join(sorted(by_name)) or 'none'}",
            )
        old = by_name[one.name]
        new = replace(one.quantity, input_id=old.input_id)
        if _figures(new) != _figures(old):
            changed[old.input_id] = new
    if not changed:
        raise InputError(
            "the corrected file gives no input another figure",
            where=str(draft.place),
            next_step="correct the value or the uncertainty that was wrong",
        )
    return changed


def _figures(one: InputQuantity) -> tuple[object, ...]:
    return (
        one.estimate,
        one.standard_uncertainty,
        one.distribution,
        one.degrees_of_freedom,
        one.parameters,
    )
