"""From what a person says was wrong to the change that it makes in the records.

Inside: `RecallRequest`, `RecallPlan`, `plan_recall`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from qtrace.errors import InputError
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.laboratory.event import Event, RecordedResult
from qtrace.metrics.catalogue import functions
from qtrace.quantity.notation import decimal_text
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import parse_quantity
from qtrace.registry.downstream import results_with_inputs, states_of, uses_of
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.correction import corrected_input, corrected_inputs
from qtrace.traceability.impact import (
    Doubt,
    RecallCause,
    ShiftModel,
    doubtful_period,
    effective_shift,
    felt,
    parse_shift,
    sweep,
)
from qtrace.traceability.reevaluate import Change, first_order_starts, worst_changes
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network


@dataclass(frozen=True, slots=True)
class RecallRequest:
    """What a person says: the cause, and what was wrong, as typed; `corrected` is a file read."""

    cause: RecallCause
    model: ShiftModel = ShiftModel.WORST
    shift: str = ""
    value: str = ""
    u: str = ""
    result: str = ""
    input: str = ""
    found: str = ""
    corrected: CalibrationDraft | None = None


@dataclass(frozen=True, slots=True)
class RecallPlan:
    """The change in the records: where it starts and how far each start moves to first order.

    `start` maps results to their first-order shifts in SI units; all that rests on them is
    downstream. `times` gives the time of each shifted use. `judge_all` switches the screening
    off, where u changes and not the value. `between` says that each use may have seen less.
    """

    start: Mapping[int, float]
    correction: Mapping[str, str]
    change: Change | None = None
    times: Mapping[tuple[int, int], datetime] = field(default_factory=dict)
    doubt: Doubt | None = None
    uses: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    judge_all: bool = False
    between: bool = False

    def first_order(
        self, edges: Sequence[tuple[int, int, float]], network: Network, changes: Iterable[Change]
    ) -> tuple[dict[int, float], ...]:
        """Return the first-order shifts downstream that each of some changes makes.

        Args:
            edges: (result, parent, sensitivity) of all that is downstream.
            network: Holds the results where uses are shifted.
            changes: What `bounds` gave.
        """
        if not self.between:
            return tuple(sweep(edges, self.start) for _ in changes)
        found = []
        for change in changes:
            start: dict[int, float] = {}
            for (result_id, _), shift in first_order_starts(network, change).items():
                start[result_id] = start.get(result_id, 0.0) + shift
            found.append(sweep(edges, start))
        return tuple(found)

    def screened(
        self, edges: Sequence[tuple[int, int, float]], network: Network
    ) -> dict[int, float]:
        """Return the shifts downstream that the screening goes by, the largest there can be."""
        if not (self.between and self.change is not None):
            return sweep(edges, self.start)
        return felt(edges, first_order_starts(network, self.change), self.times)

    def bounds(self, network: Network, targets: Iterable[int]) -> tuple[Change, ...]:
        """Return the change, or all that bound it where a shift is only known to lie between.

        Args:
            network: What the change is made in.
            targets: Results that are judged.
        """
        if self.change is None:
            return ()
        if not self.between:
            return (self.change,)
        bounds = worst_changes(
            network, self.change, self.times, targets=targets, functions=functions()
        )
        # Nothing at all may have been wrong, too: what a shift improves is not shown to be better.
        return (Change(), *bounds)


def plan_recall(session: ReadSession, event: Event, request: RecallRequest) -> RecallPlan:
    """Return what a recall changes.

    Raises:
        InputError: options that do not go with the cause, unknown names, a period that the
            finding does not close.
    """
    said = {
        "--shift": request.shift,
        "--value": request.value,
        "--u": request.u,
        "--corrected": request.corrected,
        "--input": request.input,
        "--found": request.found,
        "--result": request.result,
    }
    allowed = {
        RecallCause.ERROR_IN_CERTIFICATE: set(said) - {"--found"},
        RecallCause.OUT_OF_TOLERANCE_AS_FOUND: {"--found", "--result"},
        RecallCause.WITHDRAWN: set[str](),
    }[request.cause]
    wrong = [option for option, given in said.items() if given and option not in allowed]
    if wrong:
        raise InputError(
            f"{', '.join(wrong)} says nothing about the cause {request.cause}",
            where=wrong[0],
            next_step="leave it out, or name the cause that it belongs to",
        )
    if request.cause is RecallCause.WITHDRAWN:
        owned = [one.input_id for one in session.events.inputs_of(event.label)]
        starts = {one.result_id for one in session.events.results_of(event.label)}
        starts.update(results_with_inputs(session, owned))
        return RecallPlan(dict.fromkeys(sorted(starts), 0.0), {"withdrawn": event.label})
    if request.cause is RecallCause.OUT_OF_TOLERANCE_AS_FOUND:
        return _found_off(session, event, request)
    if sum((bool(request.shift), bool(request.value or request.u), bool(request.corrected))) != 1:
        raise InputError(
            "say what the certificate should have said, in one way",
            where="--shift",
            next_step='give --shift "0.5 %", or --value TEXT (--u TEXT), or --corrected FILE',
        )
    if request.corrected is not None:
        return _corrected_file(session, event, request.corrected)
    if request.input or request.u or (request.value and not request.result):
        return _wrong_input(session, event, request)
    return _wrong_result(session, event, request)


def _named_result(session: ReadSession, event: Event, name: str) -> RecordedResult:
    results = {one.name: one for one in session.events.results_of(event.label)}
    if name in results:
        return results[name]
    if not name and len(results) == 1:
        return next(iter(results.values()))
    raise InputError(
        f"{event.label} has no result {name!r}" if name else f"{event.label} has several results",
        where="--result",
        next_step=f"name one: {', '.join(results) or 'it has none'}",
    )


def _named_input(session: ReadSession, event: Event, name: str) -> InputQuantity:
    inputs = {one.name: one for one in session.events.inputs_of(event.label)}
    if name in inputs:
        return inputs[name]
    if not name and len(inputs) == 1:
        return next(iter(inputs.values()))
    raise InputError(
        f"{event.label} has no input {name!r}" if name else f"{event.label} has several inputs",
        where="--input",
        next_step=f"name one: {', '.join(inputs) or 'it has none'}",
    )


def _wrong_result(session: ReadSession, event: Event, request: RecallRequest) -> RecallPlan:
    """A result that was wrong by a shift, for all who used it."""
    result = _named_result(session, event, request.result)
    value = session.events.stored_values([result.result_id])[result.result_id][0]
    if request.value:
        quantity = parse_quantity(request.value)
        if quantity.unit.dimension != parse_unit(result.unit).dimension:
            raise InputError(
                f"{request.value} does not fit {result.label} in {result.unit}", where="--value"
            )
        shift = quantity.si - value
    else:
        shift = parse_shift(request.shift, value=value, unit=result.unit)
    told = {
        "result": result.label,
        "said": request.shift or request.value,
        "shift_si": decimal_text(shift),
    }
    change = Change(results={result.result_id: shift})
    return RecallPlan({result.result_id: shift}, told, change)


def _wrong_input(session: ReadSession, event: Event, request: RecallRequest) -> RecallPlan:
    """An input quantity with another value or u."""
    known = _named_input(session, event, request.input)
    if request.shift:
        new = replace(
            corrected_input(known),
            estimate=known.estimate
            + parse_shift(request.shift, value=known.estimate, unit=known.unit),
        )
    else:
        new = corrected_input(known, value=request.value, u=request.u)
    return _new_inputs(session, event, {known.input_id: new})


def _corrected_file(session: ReadSession, event: Event, draft: CalibrationDraft) -> RecallPlan:
    network = session.network(one.result_id for one in session.events.results_of(event.label))
    models = {
        one.name: network.result(one.result_id).model.text
        for one in session.events.results_of(event.label)
    }
    known = session.events.inputs_of(event.label)
    return _new_inputs(session, event, corrected_inputs(draft, known, models))


def _new_inputs(
    session: ReadSession, event: Event, changed: Mapping[int, InputQuantity]
) -> RecallPlan:
    known = {one.input_id: one for one in session.events.inputs_of(event.label)}
    start: dict[int, float] = {}
    told: dict[str, str] = {}
    for input_id, new in changed.items():
        old = known[input_id]
        told[f"{old.name}.value_si"] = decimal_text(new.estimate)
        told[f"{old.name}.u_si"] = decimal_text(new.standard_uncertainty)
        for result_id, sensitivity in results_with_inputs(session, [input_id]).items():
            moved = sensitivity * (new.estimate - old.estimate)
            start[result_id] = start.get(result_id, 0.0) + moved
    other_u = any(
        (one.standard_uncertainty, one.degrees_of_freedom)
        != (known[i].standard_uncertainty, known[i].degrees_of_freedom)
        for i, one in changed.items()
    )
    return RecallPlan(start, told, Change(inputs=dict(changed)), judge_all=other_u)


def _found_off(session: ReadSession, event: Event, request: RecallRequest) -> RecallPlan:
    """A device found off: the uses since its last good state, each by what it did not allow for."""
    if not request.found:
        raise InputError(
            "say which calibration shows what the device was found at",
            where="--found",
            next_step="record it with state as_found, then give its label",
        )
    result = _named_result(session, event, request.result)
    session.events.by_label(request.found)
    doubt = doubtful_period(states_of(session, result, event), event.label, request.found)
    uses = [one for one in uses_of(session, result) if one.event_label != request.found]
    doubted = [one for one in uses if doubt.covers(one.used_at)]
    shifts = {
        (one.result_id, one.parent_id): effective_shift(doubt, one, request.model)
        for one in doubted
    }
    network = session.network(one.result_id for one in doubted)
    start: dict[int, float] = {}
    for key, moved in first_order_starts(network, Change(uses=shifts)).items():
        start[key[0]] = start.get(key[0], 0.0) + moved
    later = sorted({one.event_label for one in uses if one.used_at > doubt.end})
    warnings = list(doubt.remarks)
    if later:
        warnings.append(f"used after it was found off: {', '.join(later)}")
    allowed = sum(1 for one in doubted if not shifts[one.result_id, one.parent_id])
    if allowed:
        warnings.append(f"{allowed} of {len(doubted)} uses had allowed for as much drift")
    told = {
        "result": result.label,
        "found": request.found,
        "model": request.model.value,
        "shift_si": decimal_text(doubt.shift),
    }
    return RecallPlan(
        start,
        told,
        Change(uses=shifts),
        {(one.result_id, one.parent_id): one.used_at for one in doubted},
        doubt,
        tuple(dict.fromkeys(one.event_label for one in doubted)),
        tuple(dict.fromkeys(one.event_label for one in uses if not doubt.covers(one.used_at))),
        tuple(warnings),
        between=request.model is ShiftModel.WORST,
    )
