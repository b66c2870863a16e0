"""Fit the coherence time of a memory to the counts of a storage file.

Inside: `StoredPoint`, `MemoryCoherence`, `coherence_from_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qtrace.exchange.storage_file import StorageSeries, read_storage_file
from qtrace.physics.proportions import clopper_pearson
from qtrace.physics.states.memory import CoherenceFit, decay_of, fit_coherence

FEW_COUNTS = 10
PROBABILITY = 0.95


@dataclass(frozen=True, slots=True)
class StoredPoint:
    """Visibility at one time of storage: counted, exact interval of 95 %, and as fitted."""

    time_s: float
    counts: int
    visibility: float
    low: float
    high: float
    fitted: float


@dataclass(frozen=True, slots=True)
class MemoryCoherence:
    """A fitted series with what a reader must know."""

    series_id: str
    title: str
    provenance: str
    source: str
    fit: CoherenceFit
    holds: bool
    points: tuple[StoredPoint, ...]
    notes: tuple[str, ...]


def coherence_from_file(file: Path) -> MemoryCoherence:
    """Return coherence time, visibility at time zero and the fit of a storage file.

    Raises:
        InputError: The file is wrong, with line and field, or its counts show no decay.

    Source: `fit_coherence`; intervals of the points: Clopper and Pearson (1934).
    """
    series = read_storage_file(file)
    fit = fit_coherence(series.times_s, series.agreements, series.errors, decay=series.decay)
    left = decay_of(series.times_s, coherence_time_s=fit.coherence_time_s, decay=series.decay)
    points = []
    for k, time_s in enumerate(series.times_s):
        good, whole = series.agreements[k], series.agreements[k] + series.errors[k]
        exact = clopper_pearson(good, whole, probability=PROBABILITY)
        points.append(
            StoredPoint(
                time_s,
                whole,
                2.0 * good / whole - 1.0,
                2.0 * exact.low - 1.0,
                2.0 * exact.high - 1.0,
                fit.visibility * float(left[k]),
            )
        )
    return MemoryCoherence(
        series.series_id,
        series.title,
        series.provenance,
        series.source,
        fit,
        fit.holds,
        tuple(points),
        _notes(series, fit),
    )


def _notes(series: StorageSeries, fit: CoherenceFit) -> tuple[str, ...]:
    notes = []
    if series.provenance != "measured":
        notes.append(f"DEMONSTRATION: the counts are {series.provenance}")
    if not fit.holds:
        notes.append("the counts speak against this shape: the coherence time is a description")
    few = min(min(good, bad) for good, bad in zip(series.agreements, series.errors, strict=True))
    if few < FEW_COUNTS:
        notes.append("few counts in a cell: u and p-value hold for many counts only")
    if fit.at_limit:
        notes.append("the visibility lies at its limit of 1; its u is that of the likelihood there")
    if not min(series.times_s) < fit.coherence_time_s < max(series.times_s):
        notes.append("the coherence time lies outside of the times measured: an extrapolation")
    notes.append("times of storage are taken as exact; u is that of the counts alone")
    return tuple(notes)
