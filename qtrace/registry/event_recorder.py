"""Writes an event with its inputs, correlation blocks, origins and results.

Inside: `EventRecorder`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from qtrace.errors import InputError
from qtrace.laboratory.event import Event
from qtrace.laboratory.recording import NewArgument, NewResult, RecordedEvent
from qtrace.quantity.measurand import Measurand
from qtrace.registry.event_rows import (
    block_values,
    conditions_text,
    event_values,
    input_values,
    origin_text,
    result_values,
)
from qtrace.registry.lookup import already_recorded, not_found
from qtrace.registry.session import Session
from qtrace.registry.tables import (
    ARGUMENT,
    BLOCK_MEMBER,
    CORRELATION_BLOCK,
    DEVICE,
    EVENT,
    INPUT_QUANTITY,
    LABORATORY,
    MEASURAND,
    MODEL,
    ORIGIN,
    RESULT,
    RUN,
)
from qtrace.registry.texts import finite
from qtrace.uncertainty.inputs import CorrelationBlock, InputQuantity
from qtrace.uncertainty.results import Model


@dataclass(frozen=True, slots=True)
class EventRecorder:
    """Records events inside one writing transaction."""

    session: Session

    def record(
        self,
        event: Event,
        inputs: Sequence[InputQuantity],
        *,
        blocks: Sequence[CorrelationBlock],
        results: Sequence[NewResult],
    ) -> RecordedEvent:
        """Record an event with what it owns; see `Events.record`."""
        where = f"event {event.label}"
        self._check_event(event)
        _refuse_repeats((quantity.name for quantity in inputs), f"{where}, inputs")
        _refuse_repeats((result.name for result in results), f"{where}, results")
        event_id = self.session.add(EVENT, event_values(event))
        input_ids = {
            quantity.name: self.session.add(
                INPUT_QUANTITY, {"event_id": event_id, **input_values(quantity, where)}
            )
            for quantity in inputs
        }
        self.session.add_all(
            ORIGIN,
            [
                {"event_id": event_id, "input_name": name, "origin_json": origin_text(origin)}
                for name, origin in sorted(event.origins.items())
            ],
        )
        for block in blocks:
            self._add_block(event_id, block, list(input_ids.values()), where=where)
        result_ids: dict[str, int] = {}
        for result in results:
            result_ids[result.name] = self._add_result(
                event_id, result, input_ids=input_ids, result_ids=result_ids, where=where
            )
        return RecordedEvent(event_id, input_ids, result_ids)

    def _check_event(self, event: Event) -> None:
        taken = self.session.first(select(EVENT).where(EVENT.c.label == event.label))
        if not event.label:
            raise InputError("an event needs a label", next_step="give the file an id")
        if taken is not None:
            raise already_recorded(
                "event",
                event.label,
                recorded_as=f"the {taken.kind} of {taken.performed_at}",
                next_step="give the new event its own id; a recorded one is never changed",
            )
        for thing, column, given in (
            ("device", DEVICE.c.device_id, event.device_id),
            ("laboratory", LABORATORY.c.laboratory_id, event.laboratory_id),
            ("run", RUN.c.run_id, event.run_id),
        ):
            known = self.session.texts(select(column).where(column == given))
            if given and not known:
                raise not_found(
                    thing,
                    given,
                    self.session.texts(select(column)),
                    next_step=f"record it first: `qtrace {thing} add FILE`",
                ).located(f"event {event.label}")

    def _add_block(
        self, event_id: int, block: CorrelationBlock, input_ids: Sequence[int], *, where: str
    ) -> None:
        place = f"{where}, correlation"
        if not all(1 <= position <= len(input_ids) for position in block.input_ids):
            raise InputError(
                f"a correlation names inputs {block.input_ids} of {len(input_ids)}",
                where=place,
                next_step="name inputs of the same event, by position from 1",
            )
        if len(set(block.input_ids)) != len(block.input_ids):
            raise InputError(
                "a correlation names an input twice", where=place, next_step="name it once"
            )
        block_id = self.session.add(
            CORRELATION_BLOCK, {"event_id": event_id, **block_values(block, place)}
        )
        members = [input_ids[position - 1] for position in block.input_ids]
        taken = self.session.all(
            select(BLOCK_MEMBER.c.input_id)
            .where(BLOCK_MEMBER.c.input_id.in_(members))
            .order_by(BLOCK_MEMBER.c.input_id)
        )
        if taken:
            raise InputError(
                "an input stands in two correlations",
                where=place,
                next_step="put correlated inputs together in one matrix",
            )
        self.session.add_all(
            BLOCK_MEMBER,
            [
                {"block_id": block_id, "position": position, "input_id": input_id}
                for position, input_id in enumerate(members)
            ],
        )

    def _add_result(
        self,
        event_id: int,
        result: NewResult,
        *,
        input_ids: dict[str, int],
        result_ids: dict[str, int],
        where: str,
    ) -> int:
        place = f"{where}, result {result.name}"
        _refuse_repeats((argument.name for argument in result.arguments), f"{place}, arguments")
        result_id = self.session.add(
            RESULT,
            {
                "event_id": event_id,
                "measurand_id": self._measurand_id(result.measurand),
                "model_id": self._model_id(result.model),
                **result_values(result, where),
            },
        )
        rows: list[dict[str, object]] = []
        for position, argument in enumerate(result.arguments):
            spot = f"{place}, argument {argument.name}"
            parent_id, input_id = self._source(
                argument, input_ids=input_ids, result_ids=result_ids, place=spot
            )
            rows.append(
                {
                    "result_id": result_id,
                    "position": position,
                    "name": argument.name,
                    "parent_id": parent_id,
                    "input_id": input_id,
                    "sensitivity": finite(argument.sensitivity, f"{spot}, sensitivity"),
                }
            )
        self.session.add_all(ARGUMENT, rows)
        return result_id

    def _source(
        self,
        argument: NewArgument,
        *,
        input_ids: dict[str, int],
        result_ids: dict[str, int],
        place: str,
    ) -> tuple[int | None, int | None]:
        """Return (parent_id, input_id) of an argument, one of them None."""
        if argument.sources() != 1:
            raise InputError(
                "an argument comes from exactly one input or result",
                where=place,
                next_step="give one of: an input, a result of this event, a recorded result",
            )
        for given, known, kind in (
            (argument.input_name, input_ids, "input of this event"),
            (argument.own_result_name, result_ids, "earlier result of this event"),
        ):
            if given and given not in known:
                raise not_found(
                    kind, given, known, next_step="name what the event lists before this result"
                ).located(place)
        if argument.input_name:
            return None, input_ids[argument.input_name]
        if argument.own_result_name:
            return result_ids[argument.own_result_name], None
        table, key = (
            (INPUT_QUANTITY, argument.input_id)
            if argument.parent_id is None
            else (RESULT, argument.parent_id)
        )
        if self.session.first(select(table.c.id).where(table.c.id == key)) is None:
            raise InputError(
                f"no {table.name.replace('_', ' ')} with id {key} is recorded",
                where=place,
                next_step="refer to something recorded before",
            )
        return argument.parent_id, argument.input_id

    def _measurand_id(self, measurand: Measurand) -> int:
        values = {"kind": measurand.kind, "conditions_json": conditions_text(measurand)}
        row = self.session.first(
            select(MEASURAND.c.id).where(*(MEASURAND.c[key] == values[key] for key in values))
        )
        return self.session.add(MEASURAND, values) if row is None else int(row[0])

    def _model_id(self, model: Model) -> int:
        values = {"kind": model.kind.value, "text": model.text, "version": model.version}
        row = self.session.first(
            select(MODEL.c.id).where(*(MODEL.c[key] == values[key] for key in values))
        )
        return self.session.add(MODEL, values) if row is None else int(row[0])


def _refuse_repeats(names: Iterable[str], where: str) -> None:
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise InputError(
            f"a name stands twice: {', '.join(repeated)}",
            where=where,
            next_step="give each its own name",
        )
