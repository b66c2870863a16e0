"""Scan a figure of a protocol over distance, block size or the width of the declared set.

Inside: `ScanQuestion`, `scan`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from qtrace.certification.run_in_scan import run_in_scan
from qtrace.errors import InputError
from qtrace.laboratory.run_labels import round_of
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.link_scan import (
    LinkScan,
    RunPoint,
    Scan,
    ScanCurve,
)
from qtrace.metrics.metric import Metric
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.scan_axis import Axis, parse_axis, parse_setting, parse_values
from qtrace.registry.dossier import load_dossier
from qtrace.registry.unit_of_work import ReadSession
from qtrace.report.scan_picture import number_text
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class ScanQuestion:
    """What was asked at the command line, as texts; one of `over` and `over_log`."""

    protocol: str
    metric: str
    over: str = ""
    over_log: str = ""
    curves: str = ""
    settings: tuple[str, ...] = ()
    run_id: str = ""
    run_at: float | None = None


def scan(workbench: Workbench, question: ScanQuestion) -> Scan:
    """Return the curves, and the run's point where one is named; nothing is recorded.

    Args:
        workbench: Settings and doors; the database is read only where a run is named.
        question: What was asked.

    Raises:
        InputError: unknown names, a protocol without a link model, a range that is none, a run
            of another protocol or one that was not recomputed.
    """
    about = protocol(question.protocol)
    figure = _metric_of(about, question.metric)
    if bool(question.over) == bool(question.over_log):
        raise InputError(
            "a scan runs over one thing",
            where="--over, --over-log",
            next_step="give one of the two, e.g. --over distance_km=0:200:5",
        )
    axis = parse_axis(question.over_log or question.over, log=bool(question.over_log))
    family = parse_values(question.curves) if question.curves else None
    scanned = [axis.name, *([family.name] if family else [])]
    held = _held(question.settings, scanned)
    whole = LinkScan(about, figure, held)
    whole.checked([*scanned, *held])
    values = family.values if family else (None,)
    curves = tuple(_curve(whole, axis, family, value) for value in values)
    _refuse_nothing(curves)
    run = None
    if question.run_id:
        with workbench.read() as session:
            run = _run_point(session, workbench, question, whole, axis)
    return Scan(
        about.name,
        figure.metric_id,
        figure.title,
        axis.name,
        whole.abscissa(axis.name),
        "secret key" if whole.is_key else figure.title,
        "bit per use" if whole.is_key else figure.unit,
        axis.log,
        whole.is_key,
        curves,
        tuple(held.items()),
        whole.model.source,
        _notes(whole, scanned),
        run,
    )


def _refuse_nothing(curves: tuple[ScanCurve, ...]) -> None:
    """Refuse a scan without any figure: then something is missing, not the key."""
    points = [one for curve in curves for one in curve.points]
    if all(one.figure is None for one in points):
        raise InputError(
            f"the figure has a value nowhere: {points[0].reason}",
            where="scan",
            next_step="look at what is held; set what is missing with --set NAME=VALUE",
        )


def _metric_of(about: Protocol, metric_id: str) -> Metric:
    """Return the metric of that id; within its protocol the last part of the id is enough."""
    own = {one.metric_id.rpartition(".")[2]: one for one in about.metrics}
    found = own.get(metric_id) or metric(metric_id)
    if found not in about.metrics:
        raise InputError(
            f"{metric_id} is no figure of {about.name}",
            where="--metric",
            next_step=f"choose one of: {', '.join(one.metric_id for one in about.metrics)}",
        )
    return found


def _held(texts: tuple[str, ...], scanned: list[str]) -> dict[str, float]:
    """Return what is set; a name is set once, and not what is scanned."""
    held: dict[str, float] = {}
    for text in texts:
        name, value = parse_setting(text)
        if name in held or name in scanned:
            raise InputError(
                f"{name} is given twice", where="--set", next_step="set it once, or scan over it"
            )
        held[name] = value
    if len(set(scanned)) < len(scanned):
        raise InputError(
            f"{scanned[0]} is given twice", where="--curves", next_step="take another name there"
        )
    return held


def _curve(whole: LinkScan, axis: Axis, family: Axis | None, value: float | None) -> ScanCurve:
    if family is None or value is None:
        return whole.curve(axis)
    one = replace(whole, settings={**whole.settings, family.name: value})
    return one.curve(axis, label=f"{family.name} = {number_text(value)}")


def _notes(whole: LinkScan, scanned: list[str]) -> tuple[str, ...]:
    taken = whole.assumed(scanned)
    words = ", ".join(f"{name} = {number_text(value)}" for name, value in taken.items())
    notes = [f"assumed, since nobody says it: {words}"] if taken else []
    if whole.is_key and whole.model.repeater:
        notes.append("no PLOB: a node in the middle, so that of the whole channel is no limit")
    elif whole.is_key:
        notes.append("PLOB: -log2(1 - transmittance) per use and mode, of the channel alone")
    return tuple(notes)


def _run_point(
    session: ReadSession,
    workbench: Workbench,
    question: ScanQuestion,
    whole: LinkScan,
    axis: Axis,
) -> RunPoint:
    """Return the figures of the last recomputation of a run in the units of the ordinate."""
    run = session.links.run(question.run_id)
    ran = session.links.by_id(run.link_id).protocol
    if ran != whole.protocol.name:
        raise InputError(
            f"run {run.run_id} is of {ran}, not of {whole.protocol.name}",
            where="--run",
            next_step="name a run of that protocol",
        )
    events = [one for one in session.events.of_run(run.run_id) if one.kind == "recomputation"]
    last = max(events, key=lambda one: round_of(one.label), default=None)
    if last is None:
        raise InputError(
            f"run {run.run_id} was not recomputed",
            where=f"run {run.run_id}",
            next_step=f"compute its figures first: qtrace recompute {run.run_id}",
        )
    ids = {one.name: one.result_id for one in session.events.results_of(last.label)}
    return run_in_scan(
        run,
        whole,
        axis.name,
        at=question.run_at,
        result_ids=ids,
        dossier=load_dossier(session, ids.values()),
        coverage_probability=workbench.coverage_probability,
    )
