"""What a run says of two clocks: the difference, each clock's way to UTC, stability beside them.

Inside: `SyncFigure`, `StabilityRow`, `StabilityAnswer`, `SyncReport`, `sync_report`,
`SERIES_CONDITIONS`.

Accuracy and stability are two things: TDEV does not see a constant offset. And there are two
statements of traceability: of the difference of the clocks, and of a clock against UTC, whose u is
that of UTC(k) however good the link is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.laboratory.link import Run
from qtrace.traceability.chain import Dossier
from qtrace.traceability.walk import build_chain
from qtrace.uncertainty.evaluation import ModelFunction

# A result with one of these is a point of a series.
SERIES_CONDITIONS = ("averaging_time", "observation_interval")
_SINGLE = ("frequency_deviation", "constant_time_error", "detectable_asymmetry")


@dataclass(frozen=True, slots=True)
class SyncFigure:
    """One figure with its statement and whether its chain reaches its ends."""

    name: str
    statement: ResultStatement
    breaks: tuple[str, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StabilityRow:
    """One point of a series, in SI units; `low` and `high` None where no interval is known."""

    name: str
    seconds: str
    value: float
    unit: str
    low: float | None
    high: float | None
    degrees_of_freedom: float | None
    method: str


@dataclass(frozen=True, slots=True)
class StabilityAnswer:
    """The record and its deviations; rows as in a report of a run."""

    file: str
    digest: str
    samples: int
    missing: int
    interval_s: float
    note: str
    rows: tuple[StabilityRow, ...]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """Figures and series of one round of recomputation; files and how the taggers were locked."""

    run_id: str
    protocol: str
    provenance: str
    figures: tuple[SyncFigure, ...]
    series: tuple[StabilityRow, ...]
    files: tuple[str, ...]
    selection: str
    not_said: tuple[str, ...]


def is_series(conditions: Mapping[str, str], name: str) -> bool:
    """Return whether a result is a point of a series over averaging time."""
    return not name.startswith(_SINGLE) and any(one in conditions for one in SERIES_CONDITIONS)


def sync_report(
    run: Run,
    dossier: Dossier,
    result_ids: tuple[int, ...],
    *,
    coverage_probability: float,
    functions: Mapping[str, ModelFunction],
) -> SyncReport:
    """Return what a recomputed run says of its clocks.

    Args:
        run: The run.
        dossier: Records behind its results.
        result_ids: Results of one round of recomputation, in order.
        coverage_probability: p of expanded uncertainties.
        functions: "metric_id@version" to function.
    """
    figures: list[SyncFigure] = []
    series: list[StabilityRow] = []
    for result_id in result_ids:
        statement = state_result(
            dossier, result_id, coverage_probability=coverage_probability, functions=functions
        )
        name = statement.label.rpartition("/")[2]
        if is_series(dict(statement.conditions), name):
            series.append(_row(name, statement))
            continue
        chain = build_chain(dossier, result_id)
        figures.append(
            SyncFigure(
                name,
                statement,
                tuple(str(one) for one in chain.breaks),
                tuple(sorted({one.kind.value for one in chain.ends})),
            )
        )
    return SyncReport(
        run.run_id,
        run.protocol,
        run.provenance,
        tuple(figures),
        tuple(series),
        tuple(_file(run)),
        run.choices.get("selection", ""),
        _not_said(figures),
    )


def _row(name: str, statement: ResultStatement) -> StabilityRow:
    conditions = dict(statement.conditions)
    seconds = next(conditions[one] for one in SERIES_CONDITIONS if one in conditions)
    low, high = statement.interval[:2] if statement.interval else (None, None)
    return StabilityRow(
        name.rpartition("_")[0],
        seconds,
        statement.value,
        statement.unit,
        low,
        high,
        statement.degrees_of_freedom if statement.interval else None,
        statement.interval_method,
    )


def _file(run: Run) -> list[str]:
    lines = []
    for one in run.files:
        parts = [f"{one.name} ({one.format}, {one.tags} {one.holds})"]
        if one.station:
            parts.append(f"station {one.station}")
        if one.wavelength_channel:
            parts.append(f"wavelength channel {one.wavelength_channel}")
        if one.lock:
            evidence = f": {one.lock_evidence}" if one.lock_evidence else ""
            parts.append(f"tagger {one.lock}{evidence}")
        lines.append(", ".join(parts))
    return lines


def _not_said(figures: list[SyncFigure]) -> tuple[str, ...]:
    """Return what these figures do not say, for those who would read it into them."""
    names = {one.name for one in figures}
    lines = ["stability says nothing of a constant offset: the chain of the offset does"]
    if "offset_from_utc" not in names:
        lines.append(
            "no clock of this link has a calibrated offset from UTC: nothing here is about UTC"
        )
    lines.append(
        "no figure shows that the path is the same both ways: an asymmetric delay moves the offset "
        "by half of it and leaves no trace"
    )
    return tuple(lines)
