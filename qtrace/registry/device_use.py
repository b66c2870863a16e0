"""Which recorded calibration applies to a device in a role of a run.

Inside: `KINDS_IN_USE`, `use_event`, `resolve_role`, `ageing`, `adjustments_of`, `check_roles`.
"""

from __future__ import annotations

from collections.abc import Iterable

from qtrace.errors import InputError
from qtrace.laboratory.curve_names import curve_of_name
from qtrace.laboratory.event import LATER_PARENTS, Event, EventKind, RecordedResult
from qtrace.laboratory.link import BEFORE, Link, RoleUse, Run
from qtrace.laboratory.run_labels import use_label
from qtrace.metrics.calibrated_uses import INTENSITY, CalibratedUse, calibrated_uses
from qtrace.metrics.catalogue import protocol
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.curve import fold_curves
from qtrace.traceability.drift import Ageing, ageing_of, drift_label
from qtrace.traceability.states import adjustment_between
from qtrace.traceability.use import InUse, Wanted, resolve_use

# What of a detector in a role enters a link's assessment.
KINDS_IN_USE = ("system_detection_efficiency", "dark_count_rate")


# What the use of calibrations before, after or on both sides says of its procedure.
PROCEDURES = {
    "before": "value at use = calibrated value + drift rate x time since calibration",
    "after": "value at use = value of the closing calibration - drift rate x time until then",
    "bracketed": "value at use interpolated linearly in time between two calibrations",
}


def use_event(run: Run, role: RoleUse, number: int = 1, *, calibration: str = "") -> Event:
    """Return the event of using a device in a role of a run, in a round of recomputation.

    `calibration` is one of `CALIBRATION_CHOICES` where it overrides what the run says.
    """
    choice = calibration or role.calibration or BEFORE
    return Event(
        0,
        use_label(run.run_id, role.role, number),
        EventKind.USE,
        role.device_id,
        "",
        run.started,
        run_id=run.run_id,
        procedure=PROCEDURES[choice],
        flags=() if choice == BEFORE else (LATER_PARENTS,),
    )


def resolve_role(
    session: ReadSession, run: Run, role: RoleUse, *, use: CalibratedUse, calibration: str = ""
) -> tuple[InUse | None, tuple[str, ...]]:
    """Return the calibration that applies to a device in a role for a use, or why none does.

    No reasons beside None say that the device has no calibration of that kind at all. A kind
    that is calibrated at several settings (an intensity) is looked for at that of the use.
    `calibration` is one of `CALIBRATION_CHOICES` where it overrides what the run says.
    """
    kind = use.kind
    events = {event.label: event for event in session.events.of_device(role.device_id)}
    results = session.events.results_of_device(role.device_id, kind)
    calibrated = [
        (recorded, events[recorded.event_label])
        for recorded in results
        if events[recorded.event_label].kind is EventKind.CALIBRATION and _at_setting(recorded, use)
    ]
    if not calibrated:
        return None, ()
    points = [one.result_id for one, _ in calibrated if curve_of_name(one.name)]
    choice = calibration or role.calibration or BEFORE
    return resolve_use(
        fold_curves(calibrated, session.network(points)),
        session.programmes.all(),
        Wanted(role.device_id, kind, run.started, use.conditions),
        withdrawn=frozenset(one.event_label for one in session.events.withdrawals()),
        adjustments=adjustments_of(events.values()),
        choice=choice,
    )


def _at_setting(recorded: RecordedResult, use: CalibratedUse) -> bool:
    """Return whether a result belongs to the setting of a use, where it says one."""
    setting = recorded.measurand.condition(INTENSITY)
    return not setting or setting == use.conditions.get(INTENSITY, setting)


def ageing(session: ReadSession, recorded: RecordedResult, used_by: Event) -> Ageing:
    """Return what is on record of how a calibrated result changes until a use.

    Args:
        session: An open reading or writing session.
        recorded: The calibrated result.
        used_by: The event that uses it.
    """
    calibration = session.events.by_label(recorded.event_label)
    withdrawn = {one.event_label for one in session.events.withdrawals()}
    fit = drift_label(calibration.label)
    fitted = None
    if session.events.has(fit) and fit not in withdrawn:
        own = {one.name: one.result_id for one in session.events.results_of(fit)}
        fitted = own.get(recorded.name)
    adjusted = adjustment_between(
        adjustments_of(session.events.of_device(calibration.device_id)),
        calibration.device_id,
        recorded.measurand.kind,
        after=calibration.performed_at,
        until=used_by.performed_at,
        withdrawn=withdrawn,
    )
    return ageing_of(
        recorded,
        calibration,
        session.events.inputs_of(calibration.label),
        fitted=fitted,
        adjusted="" if adjusted is None else adjusted.label,
    )


def adjustments_of(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return the adjustments among events."""
    return tuple(one for one in events if one.kind is EventKind.ADJUSTMENT)


def check_roles(session: ReadSession, run: Run, link: Link) -> None:
    """Refuse a run that names a device or calibration which does not fit.

    A run may name a registered device only if the link puts that device in that role, and
    only if a calibration of it fits the time and the conditions of use.

    Raises:
        InputError: with every misfit: device, date, wavelength and other conditions.
    """
    form = protocol(run.protocol) if run.protocol else None
    if form is not None and form.name != link.protocol:
        raise InputError(
            f"the run is of {form.name}, the link of {link.protocol}",
            where=f"run {run.run_id}",
            next_step="a link runs one protocol: record another link, or correct the run",
        )
    on_link = {role.role: role for role in link.roles}
    misfits: list[str] = []
    for role in run.roles:
        if not role.device_id:
            registered = on_link.get(role.role)
            if registered is not None and registered.device_id:
                misfits.append(
                    f"{role.role}: the link has {registered.device_id} in this role; a device on "
                    "record is named"
                )
            continue
        device = session.devices.by_id(role.device_id)
        placed = on_link.get(role.role)
        if placed is None or placed.device_id != role.device_id:
            known = (placed.device_id or placed.described_as) if placed else "nothing"
            misfits.append(
                f"{role.role}: device: the link has {known} in this role, not {role.device_id}"
            )
        kinds = session.devices.class_by_id(device.class_id).kinds
        for use in calibrated_uses(form, run, role, always=KINDS_IN_USE):
            if use.kind not in kinds:
                continue
            if role.calibration not in {"", BEFORE}:
                continue  # it may still be to come; recompute says what is missing
            in_use, reasons = resolve_role(session, run, role, use=use)
            if in_use is None:
                misfits.extend(f"{role.role}: {reason}" for reason in reasons)
    if misfits:
        raise InputError(
            "the run names calibrations that do not fit it:\n    " + "\n    ".join(misfits),
            where=f"run {run.run_id}",
            next_step="name the devices that took part; describe those that are not on record",
        )
