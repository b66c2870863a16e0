"""Where a run lies in a scan: its figures at the calibrated values and over the declared set.

Inside: `run_in_scan`.
"""

from __future__ import annotations

from collections.abc import Mapping

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.errors import InputError
from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import functions
from qtrace.metrics.link_scan import BLOCK, LENGTHS, LinkScan, RunPoint
from qtrace.traceability.chain import Dossier


def run_in_scan(
    run: Run,
    scan: LinkScan,
    axis: str,
    *,
    at: float | None,
    result_ids: Mapping[str, int],
    dossier: Dossier,
    coverage_probability: float,
) -> RunPoint:
    """Return the point of a run, in the units of the ordinate.

    Args:
        run: Its counts and parameters say where on the axis it lies, unless `at` does.
        scan: Protocol and metric.
        axis: Name of the abscissa.
        at: Place on the axis, as told.
        result_ids: Name of each figure of the run to its result.
        dossier: Holds those results.
        coverage_probability: p of the interval.

    Raises:
        InputError: the figure is not on record, or nothing says where the run lies.
    """
    uses = _uses(run, scan)

    def stated(metric_id: str) -> ResultStatement | None:
        name = metric_id.rpartition(".")[2]
        if name not in result_ids:
            return None
        return state_result(
            dossier,
            result_ids[name],
            coverage_probability=coverage_probability,
            functions=functions(),
        )

    about = scan.metric.metric_id
    proof = next(
        (one for one in scan.protocol.proofs if about in {one.metric_id, one.estimate_id}), None
    )
    nominal = stated(proof.estimate_id if proof else about)
    certified = stated(proof.metric_id) if proof else None
    if nominal is None and certified is None:
        raise InputError(
            f"run {run.run_id} has no {about} on record",
            where=f"run {run.run_id}",
            next_step=f"see what it has: qtrace calibration show {run.run_id}/recomputation",
        )
    return RunPoint(
        run.run_id,
        _place_of(run, scan, axis, at=at),
        None if nominal is None else nominal.value / uses,
        None if certified is None else certified.value / uses,
        _interval(nominal, uses),
        tuple(dict.fromkeys(flag for one in (nominal, certified) if one for flag in one.flags)),
    )


def _uses(run: Run, scan: LinkScan) -> float:
    """Return by what a figure is divided: the uses of the channel, of a length only."""
    if scan.metric.result_kind not in LENGTHS:
        return 1.0
    name = scan.model.uses
    given = scan.settings.get(name)
    return given or _number_of(run, name, f"its length is not given per use; --set {name}=...")


def _interval(one: ResultStatement | None, uses: float) -> tuple[float, float, float] | None:
    """Return the stability interval of the nominal figure, where it has one."""
    if one is None:
        return None
    if one.interval is not None:
        low, high, p = one.interval
        return low / uses, high / uses, p
    if not one.expanded_uncertainty:
        return None
    half = one.expanded_uncertainty
    return (one.value - half) / uses, (one.value + half) / uses, one.coverage_probability


def _place_of(run: Run, scan: LinkScan, axis: str, *, at: float | None) -> float:
    """Return where on the axis the run lies: as told, else as its counts and parameters say."""
    if at is not None:
        return at
    if axis == BLOCK and scan.protocol.table is not None:
        names = [name for name in scan.protocol.table.names() if name in run.counts]
        in_key = [name for name in names if "key" in name.split("_")] or names
        return float(sum(run.counts[name] for name in in_key))
    return _number_of(run, axis, "say where it lies with --run-at")


def _number_of(run: Run, name: str, otherwise: str) -> float:
    found: Mapping[str, float] = {**run.counts, **run.parameters}
    if name not in found:
        raise InputError(
            f"run {run.run_id} does not say {name}: {otherwise}",
            where=f"run {run.run_id}",
            next_step=f"record {name} with the run; a place on the axis is told by --run-at",
        )
    return float(found[name])
