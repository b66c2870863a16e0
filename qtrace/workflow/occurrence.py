"""Record what happened beside calibrations: an adjustment, a statement of shared quantities.

Inside: `Occurred`, `adjust`, `state`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.occurrence_files import read_adjustment, read_statement
from qtrace.laboratory.draft import CalibrationDraft, Place
from qtrace.registry.calibration_records import check_label
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.evaluate import evaluate_calibration
from qtrace.uncertainty.network import Network
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Occurred:
    """What was recorded; `inputs` are the shared quantities of a statement, "EVENT/name".

    `affects` are the kinds that an adjustment changed, empty for all. `sequence` is the ledger
    entry, 0 in a dry run.
    """

    label: str
    device_id: str
    affects: tuple[str, ...]
    inputs: tuple[str, ...]
    warnings: tuple[str, ...]
    sequence: int


def adjust(workbench: Workbench, path: Path, *, dry_run: bool = False) -> Occurred:
    """Record that a device was adjusted: no calibration from before it serves after it.

    Raises:
        InputError: anything wrong in the file; unknown device, kind or laboratory; a time after
            its recording.
    """
    placed = read_adjustment(path)
    event = placed.record
    _not_in_future(event.performed_at, workbench, placed.place_of("performed"))
    session = workbench.rehearse if dry_run else workbench.write
    affects = tuple(flag.split(" ", 1)[1] for flag in event.flags)
    with session("adjust", event.label) as unit:
        _known(lambda: unit.devices.by_id(event.device_id), placed.place_of("device"))
        device = unit.devices.by_id(event.device_id)
        possible = unit.devices.class_by_id(device.class_id).kinds
        for kind in affects:
            if kind not in possible:
                raise InputError(
                    f"{kind} is not a quantity of a {device.class_id}",
                    where=str(placed.place_of("kinds")),
                    next_step=f"a {device.class_id} has: {', '.join(possible)}",
                )
        check_label(unit, event.label, placed.place_of("id"))
        unit.events.record(event)
        sequence = 0 if dry_run else unit.sequence
        later = _calibrated_since(unit, event.device_id, event.performed_at)
    warning = f"{event.device_id} has no as-left calibration since: uses after it show a break"
    return Occurred(
        event.label, event.device_id, affects, (), () if later else (warning,), sequence
    )


def _calibrated_since(session: ReadSession, device_id: str, when: datetime) -> bool:
    """Return whether a device has a calibration at or after a time that is not as found."""
    return any(
        one.performed_at >= when and one.kind.value == "calibration" and one.state != "as_found"
        for one in session.events.of_device(device_id)
    )


def state(workbench: Workbench, path: Path, *, dry_run: bool = False) -> Occurred:
    """Record quantities that outlive one event, to be shared by reference.

    Raises:
        InputError: anything wrong in the file; unknown device or laboratory; a time after its
            recording.
    """
    draft = read_statement(path)
    event = draft.event
    places = draft.places
    _not_in_future(event.performed_at, workbench, places["performed"])
    whole = CalibrationDraft(event, draft.inputs, draft.blocks, (), places["id"], draft.warnings)
    empty = Network({}, {})
    evaluated = evaluate_calibration(whole, {}, network=empty, about={}, metrics={}, ages={})
    session = workbench.rehearse if dry_run else workbench.write
    with session("state", event.label) as unit:
        if event.device_id:
            _known(lambda: unit.devices.by_id(event.device_id), places["device"])
        if event.laboratory_id:
            _known(lambda: unit.laboratories.by_id(event.laboratory_id), places["laboratory"])
        check_label(unit, event.label, places["id"])
        unit.events.record(evaluated.event, evaluated.inputs, evaluated.blocks)
        sequence = 0 if dry_run else unit.sequence
    names = tuple(f"{event.label}/{one.name}" for one in evaluated.inputs)
    return Occurred(event.label, event.device_id, (), names, evaluated.warnings, sequence)


def _known(find: Callable[[], object], place: Place) -> None:
    """Look something up; an error names the place in the file."""
    try:
        find()
    except InputError as error:
        raise error.located(str(place)) from None


def _not_in_future(moment: datetime, workbench: Workbench, place: Place) -> None:
    if moment > workbench.clock():
        raise InputError(
            f"performed {moment:%Y-%m-%dT%H:%M:%SZ} lies after its recording",
            where=str(place),
            next_step="check the date and its zone",
        )
