"""What runs that compare clocks say of each other: one network, its closures, what they show.

Inside: `ComparedRun`, `ClosureLink`, `NodeOffset`, `ClosureOutcome`, `ClosureReport`,
`close_network`, `FAILS_BELOW`.

Each run is a link between two nodes and carries the offset second minus first, with u and the
covariances of the stored results: what two links share (a calibration of local delays, a time
base) stays shared. A clock that is not steered moves between two runs, so all offsets are brought
to one epoch, each with the frequency deviation of its own run.
Source: adjustment and closures as in `qtrace.physics.timing.loop_closure`; covariance of linear
combinations, JCGM 102:2011, 6.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.timing.delay_attack import BLIND_CLOSURE, detectable_by_closure
from qtrace.physics.timing.loop_closure import AdjustedOffsets, Closure, adjust_offsets
from qtrace.traceability.chain import Dossier
from qtrace.traceability.walk import build_chain
from qtrace.uncertainty.bias import known_bias
from qtrace.uncertainty.network import covariance, standard_uncertainty

FAILS_BELOW = 0.05  # p-value of chi-square below which the closure fails
# A u that is larger than the root of its variance by more than this holds a bound.
_BOUND = 1e-6

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A recomputed run with its offset and, where there is one, its frequency deviation."""

    run_id: str
    link_id: str
    endpoints: tuple[str, str]
    provenance: str
    offset_id: int
    frequency_id: int | None


@dataclass(frozen=True, slots=True)
class ClosureLink:
    """One run in the network, s: as recorded at `epoch`, at the common epoch, and its residual.

    `shift_s` is what the frequency deviation moves it by. `residual_s` is adjusted minus measured.
    `detectable_asymmetry_s` is that of this link alone; infinite where no loop sees it.
    """

    run_id: str
    link_id: str
    endpoints: tuple[str, str]
    provenance: str
    epoch: datetime
    offset_s: float
    u_offset_s: float
    shift_s: float
    u_shift_s: float
    offset_at_common_s: float
    u_at_common_s: float
    residual_s: float
    u_residual_s: float
    detectable_asymmetry_s: float
    breaks: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeOffset:
    """The adjusted offset of the clock of a node from that of the reference, s."""

    node: str
    offset_s: float
    u_s: float


class ClosureOutcome(StrEnum):
    """What the closures say."""

    AGREES = "AGREES"
    FAILS = "FAILS"
    SHOWS_NOTHING = "SHOWS_NOTHING"


@dataclass(frozen=True, slots=True)
class ClosureReport:
    """A network of clocks; `p_value` is None where there is no loop."""

    reference: str
    common_epoch: datetime
    outcome: ClosureOutcome
    nodes: tuple[NodeOffset, ...]
    closures: tuple[Closure, ...]
    chi_square: float
    degrees_of_freedom: int
    p_value: float | None
    fails_below: float
    links: tuple[ClosureLink, ...]
    correlation: tuple[tuple[float, ...], ...]
    statement: str
    blind_to: str
    notes: tuple[str, ...]


def close_network(
    dossier: Dossier, runs: tuple[ComparedRun, ...], *, reference: str = ""
) -> ClosureReport:
    """Adjust the offsets of runs as one network.

    Args:
        dossier: Records behind the results of all runs.
        runs: The runs; two of them may join the same nodes.
        reference: The node whose clock is zero; the first node of the first run where empty.

    Raises:
        InputError: no epoch or frequency where one is needed, a reference in no link, nodes that
            are not connected, offsets without an uncertainty of their own.
    """
    epochs = tuple(_epoch(dossier, run) for run in runs)
    common = min(epochs) + (max(epochs) - min(epochs)) / 2
    spans = np.array([(common - one).total_seconds() for one in epochs])
    lacking = [
        run.run_id
        for run, span in zip(runs, spans, strict=True)
        if run.frequency_id is None and span != 0.0
    ]
    if lacking:
        raise InputError(
            f"run {lacking[0]} has no frequency deviation, and the epochs of the runs differ",
            next_step="compare runs of one epoch, or record longer ones",
        )
    moved = _Moved.of(dossier, runs, spans)
    measured = moved.recorded + moved.shift
    adjusted = adjust_offsets(
        [run.endpoints for run in runs],
        measured,
        covariance_s2=moved.covariance,
        reference=reference or runs[0].endpoints[0],
    )
    return ClosureReport(
        adjusted.nodes[0],
        common,
        _outcome(adjusted),
        tuple(
            NodeOffset(node, float(offset), math.sqrt(float(variance)))
            for node, offset, variance in zip(
                adjusted.nodes, adjusted.offset_s, np.diag(adjusted.covariance_s2), strict=True
            )
        ),
        adjusted.closures,
        adjusted.chi_square,
        adjusted.degrees_of_freedom,
        adjusted.p_value if adjusted.degrees_of_freedom else None,
        FAILS_BELOW,
        _links(dossier, runs, epochs, moved=moved, adjusted=adjusted),
        _correlation(moved.covariance),
        adjusted.statement,
        BLIND_CLOSURE,
        tuple(_notes(dossier, runs, spans, moved=moved)),
    )


@dataclass(frozen=True, slots=True)
class _Moved:
    """Offsets as recorded, their shifts to the common epoch, and u and covariance after it."""

    recorded: Array
    u_recorded: Array
    shift: Array
    u_shift: Array
    covariance: Array

    @classmethod
    def of(cls, dossier: Dossier, runs: tuple[ComparedRun, ...], spans: Array) -> _Moved:
        """Bring offsets to the common epoch: offset + y (t - epoch).

        Source: definition of a frequency deviation; C = W V W^T, JCGM 102:2011, 6.2.
        """
        ids = [run.offset_id for run in runs]
        places: list[tuple[int, int]] = []
        for row, (run, span) in enumerate(zip(runs, spans, strict=True)):
            if run.frequency_id is not None and span != 0.0:
                places.append((row, len(ids)))
                ids.append(run.frequency_id)
        full = covariance(dossier.network, ids)
        values = np.array([dossier.network.result(one).value for one in ids])
        n = len(runs)
        weights = np.zeros((n, len(ids)))
        weights[:, :n] = np.eye(n)
        shift, u_shift = np.zeros(n), np.zeros(n)
        for row, column in places:
            weights[row, column] = spans[row]
            shift[row] = spans[row] * values[column]
            u_shift[row] = abs(spans[row]) * math.sqrt(full[column, column])
        return cls(
            values[:n], np.sqrt(np.diag(full))[:n], shift, u_shift, weights @ full @ weights.T
        )


def _epoch(dossier: Dossier, run: ComparedRun) -> datetime:
    """Return when the offset of a run holds: the epoch that its result states."""
    text = dossier.results[run.offset_id].measurand.condition("epoch")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise InputError(
            f"the offset of run {run.run_id} states no epoch",
            where=f"run {run.run_id}",
            next_step=f"qtrace recompute {run.run_id}",
        ) from None


def _outcome(adjusted: AdjustedOffsets) -> ClosureOutcome:
    if not adjusted.degrees_of_freedom:
        return ClosureOutcome.SHOWS_NOTHING
    return ClosureOutcome.FAILS if adjusted.p_value < FAILS_BELOW else ClosureOutcome.AGREES


def _links(
    dossier: Dossier,
    runs: tuple[ComparedRun, ...],
    epochs: tuple[datetime, ...],
    *,
    moved: _Moved,
    adjusted: AdjustedOffsets,
) -> tuple[ClosureLink, ...]:
    detectable = detectable_by_closure(adjusted)
    return tuple(
        ClosureLink(
            run.run_id,
            run.link_id,
            run.endpoints,
            run.provenance,
            epochs[k],
            float(moved.recorded[k]),
            float(moved.u_recorded[k]),
            float(moved.shift[k]),
            float(moved.u_shift[k]),
            float(moved.recorded[k] + moved.shift[k]),
            math.sqrt(float(moved.covariance[k, k])),
            float(adjusted.residual_s[k]),
            float(adjusted.u_residual_s[k]),
            detectable[k].asymmetry_s,
            tuple(str(one) for one in build_chain(dossier, run.offset_id).breaks),
            dossier.results[run.offset_id].flags,
        )
        for k, run in enumerate(runs)
    )


def _correlation(matrix: Array) -> tuple[tuple[float, ...], ...]:
    u = np.sqrt(np.diag(matrix))
    return tuple(tuple(row) for row in (matrix / np.outer(u, u)).tolist())


def _notes(
    dossier: Dossier, runs: tuple[ComparedRun, ...], spans: Array, *, moved: _Moved
) -> list[str]:
    """Return what a reader must know before the closures mean anything."""
    notes = []
    widest = timedelta(seconds=float(np.max(np.abs(spans)))) if len(spans) else timedelta()
    if widest:
        notes.append(
            f"the offsets were moved by up to {widest.total_seconds():.6g} s with the frequency "
            "deviation of their runs; u holds that of the frequency over its record, not what the "
            "clocks wandered since"
        )
    for k, run in enumerate(runs):
        if moved.u_shift[k] > moved.u_recorded[k]:
            notes.append(f"run {run.run_id}: most of u is that of the way to the common epoch")
        u = standard_uncertainty(dossier.network, run.offset_id)
        if u > moved.u_recorded[k] * (1.0 + _BOUND):
            notes.append(
                f"run {run.run_id}: a correlation behind its offset is not stated; it enters as "
                f"none, and u of this offset alone may be {u:.3g} s"
            )
        bias = known_bias(dossier.network, run.offset_id)
        if bias:
            notes.append(
                f"run {run.run_id}: the offset holds a known error of {bias:.3g} s, which is not "
                "taken off here"
            )
    if len({run.provenance for run in runs}) > 1:
        notes.append("data of different provenance stand side by side")
    return notes
