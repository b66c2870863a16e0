"""Register devices, laboratories, programmes, links and runs from files.

Inside: `Registered`, `register`, `add_run`, `retire`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from qtrace.errors import InputError, QtraceError
from qtrace.exchange.register_file import Register, read_register_file
from qtrace.exchange.run_file import read_run_file
from qtrace.laboratory.link import Run
from qtrace.laboratory.run_files import RunFile
from qtrace.metrics.planned import blocks_beyond, plan_differences, runs_at_that_time
from qtrace.registry.device_use import check_roles
from qtrace.registry.unit_of_work import ReadSession, UnitOfWork
from qtrace.workflow.workbench import Workbench

# Below so many counts in all, two runs may well have the same.
LEAST_TO_COMPARE = 10_000


@dataclass(frozen=True, slots=True)
class Registered:
    """What a register file added, by id; `sequence` is the ledger entry, 0 in a dry run."""

    laboratories: tuple[str, ...]
    devices: tuple[str, ...]
    programmes: tuple[str, ...]
    links: tuple[str, ...]
    sequence: int


def register(workbench: Workbench, path: Path, *, dry_run: bool = False) -> Registered:
    """Record everything that one register file holds, or nothing.

    Raises:
        InputError: anything wrong in the file; an id, name or serial number that is taken; a
            device, class or laboratory that is not on record.
    """
    content = read_register_file(path)
    # A dry run writes and rolls back: it finds what recording would find, taken names included.
    session = workbench.rehearse if dry_run else workbench.write
    with session("register", path.name) as unit:
        _add(unit, content)
        unit.note("file_digest", content.digest)
        sequence = 0 if dry_run else unit.sequence
    return Registered(
        tuple(one.record.laboratory_id for one in content.laboratories),
        tuple(one.record.device_id for one in content.devices),
        tuple(f"{one.record.device_id}/{one.record.kind}" for one in content.programmes),
        tuple(one.record.link_id for one in content.links),
        sequence,
    )


def _add(unit: UnitOfWork, content: Register) -> None:
    """Add all records; an error names the place in the file."""
    for laboratory in content.laboratories:
        try:
            unit.laboratories.add(laboratory.record)
        except QtraceError as error:
            raise error.located(str(laboratory.place)) from None
    for device in content.devices:
        try:
            unit.devices.add(device.record)
        except QtraceError as error:
            raise error.located(str(device.place)) from None
    for programme in content.programmes:
        try:
            unit.programmes.add(programme.record)
        except QtraceError as error:
            raise error.located(str(programme.place)) from None
    for link in content.links:
        try:
            for role in link.record.roles:
                if role.device_id:
                    unit.devices.by_id(role.device_id)
            unit.links.add(link.record)
        except QtraceError as error:
            raise error.located(str(link.place)) from None


def add_run(workbench: Workbench, path: Path, *, dry_run: bool = False) -> Run:
    """Record one run of a link.

    Raises:
        InputError: anything wrong in the file; a link or device that is not on record; a device
            or calibration that does not fit; a time after its recording.
    """
    draft = read_run_file(path)
    run = draft.run
    _check_time(run.ended, workbench.clock(), where=str(draft.place))
    if not dry_run:
        # Before the record: a process that dies leaves a file too many, never a run without one.
        for digest, source in draft.sources.items():
            workbench.raw_files().keep(source, digest)
    session = workbench.rehearse if dry_run else workbench.write
    with session("add run", run.run_id) as unit:
        _fits(unit, run, str(draft.place))
        try:
            unit.links.add_run(run, document_digest=draft.digest)
        except QtraceError as error:
            raise error.located(str(draft.place)) from None
    return run


def _fits(session: ReadSession, run: Run, where: str) -> None:
    """Check that link, devices and calibrations fit the run."""
    try:
        check_roles(session, run, session.links.by_id(run.link_id))
        _as_planned(session, run)
        _is_no_copy(session, run)
    except QtraceError as error:
        raise error.located(where) from None


def _as_planned(session: ReadSession, run: Run) -> None:
    """Refuse a run that departs from the plan it names."""
    if not run.plan_id:
        return
    plan = session.plans.by_id(run.plan_id)
    earlier = [one for one in session.links.runs(plan.link_id) if one.plan_id == plan.plan_id]
    differences = (*plan_differences(run, plan), *blocks_beyond(run, plan, earlier))
    if differences:
        raise InputError(
            f"the run departs from plan {run.plan_id}:\n    " + "\n    ".join(differences),
            next_step="record what was planned; a run without a plan stays, marked post_hoc",
        )


def _data(run: Run) -> list[RunFile]:
    """Return raw files as far as they are data: what something is called makes no other run.

    A zero or a lock that was stated wrongly can be recorded again as it should have been.
    """
    return [replace(one, name="", lock_evidence="", wavelength_channel="") for one in run.files]


def _is_no_copy(session: ReadSession, run: Run) -> None:
    """Refuse the counts of another run under a new id: one block of key is one block."""
    if not run.protocol:
        return
    others = session.links.runs(run.link_id)
    if overlapping := runs_at_that_time(run, others):
        raise InputError(
            f"the link was running at that time: {', '.join(overlapping)}",
            next_step="correct the times; a link runs once at a time",
        )
    if run.files and any(_data(one) == _data(run) for one in session.links.runs()):
        raise InputError(
            "the raw files are those of another run, channel by channel",
            next_step="record each run once",
        )
    if run.moments and any(one.moments == run.moments for one in others):
        raise InputError(
            "the moments are those of another run of this link",
            next_step="measured moments do not repeat by chance: record each run once",
        )
    if sum(run.counts.values()) < LEAST_TO_COMPARE:
        return
    for other in session.links.runs():
        if other.run_id != run.run_id and other.counts == run.counts:
            raise InputError(
                f"the counts are those of run {other.run_id}, cell by cell",
                next_step="counts of this size do not repeat by chance: record each run once",
            )


def _check_time(moment: datetime, now: datetime, *, where: str) -> None:
    if moment > now:
        raise InputError(
            f"the run ends {moment:%Y-%m-%dT%H:%M:%SZ}, after its recording",
            where=where,
            next_step="check the date and its zone",
        )


def retire(workbench: Workbench, device_id: str, reason: str) -> int:
    """Record that a device is out of service; return the ledger sequence.

    Raises:
        InputError: unknown device, no reason, or retired already.
    """
    if not reason.strip():
        raise InputError("taking a device out of service needs a reason", next_step="--reason TEXT")
    with workbench.write("retire device", device_id) as unit:
        unit.devices.retire(device_id, reason, effective_at=workbench.clock())
        return unit.sequence
