"""Events and what they own, as rows and back.

Inside: `event_values`, `event_from`, `origin_text`, `origin_from`, `input_values`,
`input_from`, `block_values`, `block_from`, `result_values`, `conditions_text`,
`recorded_result_from`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row

from qtrace.errors import InputError
from qtrace.laboratory.event import (
    CertificateReference,
    EndKind,
    Event,
    EventKind,
    Origin,
    RecordedResult,
)
from qtrace.laboratory.laboratory import Route
from qtrace.laboratory.recording import NewResult
from qtrace.quantity.measurand import Measurand
from qtrace.registry.texts import finite, json_text, parse_json, parse_time, text_list, time_text
from qtrace.uncertainty.inputs import (
    BlockKind,
    CorrelationBlock,
    Distribution,
    Evaluation,
    InputQuantity,
)
from qtrace.uncertainty.quantiles import shape_fault

_BOUND_WORDS = {math.inf: "infinite", -math.inf: "-infinite"}


def event_values(event: Event) -> dict[str, object]:
    """Return the row of an event; what it has no device, laboratory or run for is NULL."""
    return {
        "label": event.label,
        "kind": event.kind.value,
        "device_id": event.device_id or None,
        "laboratory_id": event.laboratory_id or None,
        "run_id": event.run_id or None,
        "performed_at": time_text(event.performed_at, f"event {event.label}, performed"),
        "state": event.state,
        "route": event.route.value,
        "procedure": event.procedure,
        "validation": event.validation,
        "source": event.source,
        "flags_json": json_text(list(event.flags)),
        "document_digest": event.document_digest,
    }


def event_from(row: Row[Any], origins: Mapping[str, Origin]) -> Event:
    """Return the event that a row says, with its origins."""
    return Event(
        event_id=row.id,
        label=row.label,
        kind=EventKind(row.kind),
        device_id=row.device_id or "",
        laboratory_id=row.laboratory_id or "",
        performed_at=parse_time(row.performed_at),
        state=row.state,
        route=Route(row.route),
        procedure=row.procedure,
        validation=row.validation,
        run_id=row.run_id or "",
        source=row.source,
        flags=text_list(row.flags_json),
        document_digest=row.document_digest,
        origins=dict(origins),
    )


def origin_text(origin: Origin) -> str:
    """Return an origin as canonical JSON text."""
    return json_text(asdict(origin))


def origin_from(text: str) -> Origin:
    """Return the origin that a stored text says."""
    data = parse_json(text)
    certificate = data.pop("certificate")
    end = data.pop("end")
    if certificate is not None:
        certificate["route"] = Route(certificate["route"])
        certificate = CertificateReference(**certificate)
    return Origin(end=None if end is None else EndKind(end), certificate=certificate, **data)


def input_values(quantity: InputQuantity, where: str) -> dict[str, object]:
    """Return the row of an input quantity, without its event.

    Args:
        quantity: Not yet recorded: its `input_id` is 0.
        where: The event, for errors.

    Raises:
        InputError: A number is not finite, u is negative, the parameters do not belong to the
            distribution, or the input has an id already.
    """
    place = f"{where}, input {quantity.name}"
    if quantity.input_id:
        raise InputError(
            "an input that is recorded cannot be recorded again by another event",
            where=place,
            next_step="refer to it by its id in the arguments that need it",
        )
    return {
        "name": quantity.name,
        "estimate": finite(quantity.estimate, f"{place}, estimate"),
        "standard_uncertainty": _uncertainty(quantity.standard_uncertainty, place),
        "unit": quantity.unit,
        "distribution": quantity.distribution.value,
        "evaluation": quantity.evaluation.value,
        "degrees_of_freedom": _freedom(quantity.degrees_of_freedom, place),
        "text": quantity.text,
        "flags_json": json_text(list(quantity.flags)),
        "parameters_json": _parameters(quantity, place),
    }


def input_from(row: Row[Any]) -> InputQuantity:
    """Return the input quantity that a row says."""
    return InputQuantity(
        input_id=row.id,
        name=row.name,
        estimate=row.estimate,
        standard_uncertainty=row.standard_uncertainty,
        unit=row.unit,
        distribution=Distribution(row.distribution),
        evaluation=Evaluation(row.evaluation),
        degrees_of_freedom=_stored_freedom(row.degrees_of_freedom),
        text=row.text,
        flags=text_list(row.flags_json),
        parameters=_stored_parameters(row.parameters_json),
    )


def block_values(block: CorrelationBlock, where: str) -> dict[str, object]:
    """Return the row of a correlation block, without its event and members.

    Raises:
        InputError: A matrix is not n by n for n members, or holds what is not finite.
    """
    size = len(block.input_ids)
    for matrix in (block.correlation, block.correlation_entered):
        if np.shape(matrix) != (size, size) or not np.all(np.isfinite(matrix)):
            raise InputError(
                f"a correlation matrix of {size} inputs must hold {size} x {size} finite numbers",
                where=where,
                next_step="give one row and one column for each named input",
            )
    return {
        "kind": block.kind.value,
        "degrees_of_freedom": _freedom(block.degrees_of_freedom, where),
        "reason": block.reason,
        "correlation_json": _matrix_text(block.correlation),
        "correlation_entered_json": _matrix_text(block.correlation_entered),
    }


def block_from(row: Row[Any], input_ids: tuple[int, ...]) -> CorrelationBlock:
    """Return the correlation block that a row says, with its members in order."""
    return CorrelationBlock(
        block_id=row.id,
        kind=BlockKind(row.kind),
        input_ids=input_ids,
        correlation=_matrix_from(row.correlation_json),
        correlation_entered=_matrix_from(row.correlation_entered_json),
        degrees_of_freedom=_stored_freedom(row.degrees_of_freedom),
        reason=row.reason,
    )


def result_values(result: NewResult, where: str) -> dict[str, object]:
    """Return the row of a result, without the ids of its event, measurand and model.

    Raises:
        InputError: A number is not finite, or u is negative.
    """
    place = f"{where}, result {result.name}"
    low, high, probability = result.interval or (None, None, None)
    bounds = {
        "interval_low": low,
        "interval_high": high,
        "interval_probability": probability,
    }
    return {
        "name": result.name,
        "value": finite(result.value, f"{place}, value"),
        "unit": result.unit,
        "standard_uncertainty": _uncertainty(result.standard_uncertainty, place),
        "form": result.form,
        **{
            name: None if number is None else finite(number, f"{place}, {name}")
            for name, number in bounds.items()
        },
        "interval_method": result.interval_method,
        "flags_json": json_text(list(result.flags)),
        "state": result.state,
    }


def conditions_text(measurand: Measurand) -> str:
    """Return the conditions of a measurand as canonical JSON text."""
    return json_text(dict(measurand.conditions))


def recorded_result_from(row: Row[Any]) -> RecordedResult:
    """Return what a joined row of result, event and measurand says."""
    interval = None
    if row.interval_low is not None:
        interval = (row.interval_low, row.interval_high, row.interval_probability)
    return RecordedResult(
        result_id=row.id,
        event_label=row.event_label,
        name=row.name,
        measurand=Measurand.of(row.measurand_kind, parse_json(row.conditions_json)),
        unit=row.unit,
        form=row.form,
        interval=interval,
        interval_method=row.interval_method,
        flags=text_list(row.flags_json),
        state=row.state,
    )


def _uncertainty(number: float, place: str) -> float:
    value = finite(number, f"{place}, standard uncertainty")
    if value < 0:
        raise InputError(
            f"the standard uncertainty {value} is negative",
            where=place,
            next_step="give it as a number that is not below 0",
        )
    return value


def _freedom(number: float, place: str) -> float | None:
    # Infinite degrees of freedom are no value; NaN must not pass for them.
    value = float(number)
    if math.isnan(value) or value <= 0:
        raise InputError(
            f"{value} cannot be degrees of freedom",
            where=place,
            next_step="give a number above 0, or leave it out for infinite",
        )
    return None if math.isinf(value) else value


def _stored_freedom(number: float | None) -> float:
    return math.inf if number is None else number


def _parameters(quantity: InputQuantity, place: str) -> str:
    """Return the parameters as JSON text; an open bound is a word, which JSON has no number for."""
    fault = shape_fault(quantity)
    if fault:
        raise InputError(
            fault,
            where=place,
            next_step="take estimate, u and parameters from the functions that assign them",
        )
    return json_text([_BOUND_WORDS.get(one, one) for one in quantity.parameters])


def _stored_parameters(text: str) -> tuple[float, ...]:
    words = {word: bound for bound, word in _BOUND_WORDS.items()}
    return tuple(words[one] if one in words else float(one) for one in parse_json(text))


def _matrix_text(matrix: NDArray[np.float64]) -> str:
    return json_text([[float(cell) for cell in row] for row in np.asarray(matrix)])


def _matrix_from(text: str) -> NDArray[np.float64]:
    return np.asarray(parse_json(text), dtype=np.float64)
