"""Declare classical baselines; the ledger keeps when.

Inside: `AddedBaselines`, `add_baselines`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from qtrace.certification.codec import encode
from qtrace.errors import InputError, QtraceError
from qtrace.exchange.baseline_file import read_baseline_file
from qtrace.laboratory.baseline import Baseline
from qtrace.metrics.catalogue import METRICS
from qtrace.registry.unit_of_work import UnitOfWork
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class AddedBaselines:
    """What was recorded; `without_figure` are ids whose item no metric of the catalogue gives."""

    baselines: tuple[Baseline, ...]
    without_figure: tuple[str, ...]


def add_baselines(workbench: Workbench, path: Path, *, dry_run: bool = False) -> AddedBaselines:
    """Record all baselines of a file, or none.

    Args:
        workbench: Settings and doors.
        path: A baseline file, or the name of a shipped one.
        dry_run: Check only.

    Raises:
        InputError: anything wrong in the file; an id is recorded already; the result that a
            measured baseline names is not on record, or is of another kind.
    """
    file = read_baseline_file(path)
    subject = ", ".join(one.baseline.baseline_id for one in file.baselines)
    session = workbench.rehearse if dry_run else workbench.write
    added = []
    with session("baseline add", subject) as unit:
        for declared in file.baselines:
            try:
                made = _measured(unit, declared.baseline)
                unit.baselines.add(made, document_digest=file.digest)
            except QtraceError as error:
                raise error.located(str(declared.place)) from None
            added.append(made)
        unit.note("baselines", encode(added))
    names = {one.metric_id.rpartition(".")[2] for one in METRICS} | {"certified_key"}
    unknown = (one.baseline_id for one in added if one.item.rpartition(".")[2] not in names)
    return AddedBaselines(tuple(added), tuple(unknown))


def _measured(unit: UnitOfWork, baseline: Baseline) -> Baseline:
    """Return a measured baseline with value and u of its result; any other as it is."""
    if not baseline.label:
        return baseline
    result = unit.events.result(baseline.label)
    if result.measurand.kind != baseline.kind:
        raise InputError(
            f"{baseline.label} is a {result.measurand.kind}, the baseline a {baseline.kind}",
            next_step="correct the kind, or name another result",
        )
    if result.form != "estimate":
        raise InputError(
            f"{baseline.label} is stated as {result.form.replace('_', ' ')}, not as an estimate",
            next_step="name a result with value and u",
        )
    value, u = unit.events.stored_values([result.result_id])[result.result_id]
    return replace(
        baseline,
        value=value,
        standard_uncertainty=u if u > 0.0 else None,
        text=f"{value:.7g} {result.unit}".removesuffix(" 1"),
    )
