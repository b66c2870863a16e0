"""One figure of a run as a row of its attribute profile.

Inside: `ProfileRow`, `profile_row`, `RunContext`, `provenance_marks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.laboratory.event import (
    FROM_MEMORY,
    PUBLISHED_DATA,
    SIMULATED_DATA,
)
from qtrace.laboratory.figure_flags import POST_HOC, disqualifying
from qtrace.laboratory.link import Run
from qtrace.metrics.advantage.statement import Advantage
from qtrace.metrics.attributes import Bearing, bearings_of
from qtrace.metrics.catalogue import METRICS
from qtrace.metrics.metric import ArgumentSource, Metric
from qtrace.quantity.kinds import KINDS
from qtrace.standards.evidence import Form, Provenance
from qtrace.traceability.chain import Dossier
from qtrace.traceability.walk import build_chain
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.network import ancestors

NO_BASELINE = "no baseline on record"
FEW_COUNTS = 10.0  # below it the linear form of a count is poor: sqrt(n) is a third of n
FEW_DEGREES = 5.0
SIMULATED, PUBLISHED, MEMORY = "simulated", "published only", "from memory"
_METRICS: Mapping[str, Metric] = {one.metric_id: one for one in METRICS}
DEMONSTRATION_MARKS = frozenset({SIMULATED, PUBLISHED, MEMORY})


@dataclass(frozen=True, slots=True)
class RunContext:
    """What rows of one run are made from; `items` are evidence names by result id."""

    run: Run
    dossier: Dossier
    functions: Mapping[str, ModelFunction]
    coverage_probability: float
    items: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    advantages: Mapping[int, tuple[Advantage, ...]] = field(default_factory=dict)
    why_no_baseline: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A figure with its statement, its chain, its marks, and how it stands against baselines.

    `marks` are short words: lower bound, few counts, post hoc, simulated, from memory and the
    like; the statement has the flags in full. `no_baseline` says why `advantages` is empty.
    """

    name: str
    title: str
    items: tuple[str, ...]
    statement: ResultStatement
    bearings: tuple[Bearing, ...]
    unbroken: bool
    breaks: tuple[str, ...]
    ends: tuple[str, ...]
    weakest_step: str
    marks: tuple[str, ...]
    doubts: tuple[str, ...]
    advantages: tuple[Advantage, ...]
    no_baseline: str


def profile_row(context: RunContext, result_id: int) -> ProfileRow:
    """Return one result of a run as a row.

    Args:
        context: Run, records and baselines.
        result_id: The result.
    """
    dossier = context.dossier
    statement = state_result(
        dossier,
        result_id,
        coverage_probability=context.coverage_probability,
        functions=context.functions,
    )
    chain = build_chain(dossier, result_id)
    known = KINDS.get(statement.kind)
    found = context.advantages.get(result_id, ())
    return ProfileRow(
        statement.label.rpartition("/")[2],
        known.title if known else statement.kind,
        context.items.get(result_id, ()),
        statement,
        bearings_of(statement.kind),
        chain.unbroken,
        tuple(str(one) for one in chain.breaks),
        tuple(sorted({one.kind.value for one in chain.ends})),
        chain.weakest_step,
        _marks(context, result_id, statement),
        disqualifying(statement.flags),
        found,
        "" if found else context.why_no_baseline.get(result_id, NO_BASELINE),
    )


def _marks(context: RunContext, result_id: int, one: ResultStatement) -> tuple[str, ...]:
    forms = {
        Form.LOWER_LIMIT: "lower bound",
        Form.UPPER_LIMIT: "upper bound",
        Form.BELOW_DETECTION_LIMIT: "not detected",
        Form.INTERVAL_ONLY: "interval only",
    }
    marks = [forms[Form(one.form)]] if one.form in forms else []
    fewest = _fewest_counts(context.dossier, result_id)
    if fewest is not None and fewest < FEW_COUNTS:
        marks.append("few counts")
    if one.degrees_of_freedom < FEW_DEGREES and one.standard_uncertainty > 0.0:
        marks.append("few degrees of freedom")
    if any(flag.startswith(POST_HOC) for flag in one.flags):
        marks.append("post hoc")
    rest = [flag for flag in disqualifying(one.flags) if not flag.startswith(POST_HOC)]
    marks += [flag.partition(":")[0] for flag in rest]
    marks += provenance_marks(context, result_id)
    return tuple(dict.fromkeys(marks))


def _fewest_counts(dossier: Dossier, result_id: int) -> float | None:
    """Return the smallest count among the arguments of a figure, None where it has none."""
    result = dossier.network.result(result_id)
    found = _METRICS.get(result.model.text)
    counts = [
        dossier.network.quantity(one.input_id).estimate
        for one in result.arguments
        if one.input_id is not None and _is_count(found, one.name)
    ]
    return min(counts, default=None)


def _is_count(found: Metric | None, name: str) -> bool:
    argument = None if found is None else found.argument(name)
    return argument is not None and argument.source is ArgumentSource.COUNTS


def provenance_marks(context: RunContext, result_id: int) -> tuple[str, ...]:
    """Return what of the data behind a result was not measured, or is not confirmed."""
    run, dossier = context.run, context.dossier
    behind = ancestors(dossier.network, [result_id])
    flags = {flag for one in behind for flag in dossier.event_of(one).flags}
    marks = []
    if run.provenance == Provenance.SIMULATED or SIMULATED_DATA in flags:
        marks.append(SIMULATED)
    if run.provenance == Provenance.PUBLISHED or PUBLISHED_DATA in flags:
        marks.append(PUBLISHED)
    if run.from_memory or any(flag.startswith(FROM_MEMORY) for flag in flags):
        marks.append(MEMORY)
    return tuple(marks)
