"""From a recorded result to a figure that can be compared: its u, its exact interval, its doubts.

Inside: `compared_figure`, `conditions_of`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from qtrace.certification.case import Figure
from qtrace.certification.recheck_curve import close
from qtrace.certification.stated_interval import interval_instead_of_u
from qtrace.laboratory.event import RecordedResult
from qtrace.laboratory.figure_flags import disqualifying
from qtrace.laboratory.link import Run
from qtrace.metrics.advantage.compared import (
    ComparedFigure,
    EndsFunction,
    declared_share,
    safe_degrees_of_freedom,
)
from qtrace.metrics.catalogue import METRICS, functions
from qtrace.metrics.metric import Metric
from qtrace.physics.proportions import Interval, clopper_pearson
from qtrace.physics.timing.stability_intervals import deviation_interval
from qtrace.traceability.chain import BreakName, Dossier
from qtrace.traceability.walk import build_chain
from qtrace.uncertainty.argument_spread import argument_spread
from qtrace.uncertainty.bias import known_bias
from qtrace.uncertainty.network import standard_uncertainty

EXACT = "exact"  # how a flag begins that says a u of zero is none that is missing
NO_INTERVAL = "no interval is known"
CHI_SQUARE, BINOMIAL = "chi-square", "Clopper-Pearson"
INDICATED = "indicated"
SAME_INTERVAL = 1e-6  # relative: libraries differ in last bits
# With these something that influences the figure has no u at all.
# A nominal value in place of a calibration reaches no end: what it may be off by is in no u.
LACKING = (BreakName.NO_CALIBRATION, BreakName.UNCERTAINTY_MISSING, BreakName.END_MISSING)
LIMIT_FORMS = frozenset({"lower_limit", "upper_limit"})
FAILURE, TOTAL = "failure_probability", ".epsilon_total"


def compared_figure(
    dossier: Dossier, figure: Figure, run: Run, *, confidence: float, unusable: str = ""
) -> ComparedFigure:
    """Return a recorded figure as it is compared.

    Args:
        dossier: Holds the figure and all behind it.
        figure: The figure.
        run: Its run; the counts of a proportion stand there.
        confidence: Of the statement; draws are made for it.
        unusable: Why it shows nothing, where that is known already.
    """
    network, recorded = dossier.network, dossier.results[figure.result_id]
    u: float | None = standard_uncertainty(network, figure.result_id)
    exact = any(flag.startswith(EXACT) for flag in recorded.flags)
    if u == 0.0 and not exact:
        u = None  # stored as zero where no u could be given; it is absent
    made = ComparedFigure(
        figure.item,
        recorded.measurand.kind,
        network.result(figure.result_id).value,
        u,
        conditions_of(recorded, run),
        safe_degrees_of_freedom(network, figure.result_id) if u else math.inf,
        recorded.form,
        known_bias=known_bias(network, figure.result_id),
        failure=_failure(dossier, figure.result_id, recorded),
        declared_share=declared_share(network, figure.result_id),
        unusable=unusable or _unusable(dossier, figure.result_id, recorded),
    )
    if made.unusable:
        return made
    return _with_interval(made, dossier, figure.result_id, run=run, confidence=confidence)


def conditions_of(recorded: RecordedResult, run: Run) -> tuple[tuple[str, str], ...]:
    """Return the conditions of a figure: its own, the protocol of its run and what was chosen."""
    chosen = {**run.choices, **({"protocol": run.protocol} if run.protocol else {})}
    return tuple(sorted({**chosen, **dict(recorded.measurand.conditions)}.items()))


def _unusable(dossier: Dossier, result_id: int, recorded: RecordedResult) -> str:
    """Return why a figure shows nothing against any baseline, "" where it may."""
    if doubts := disqualifying(recorded.flags):
        return "; ".join(doubts)
    for flag in recorded.flags:
        if NO_INTERVAL in flag:
            return flag
    lacking = [one for one in build_chain(dossier, result_id).breaks if one.name in LACKING]
    if lacking:
        named = ", ".join(dict.fromkeys(str(one) for one in lacking))
        return f"an uncertainty is absent in the chain, and none is taken as zero: {named}"
    return ""


def _failure(dossier: Dossier, result_id: int, recorded: RecordedResult) -> float | None:
    """Return the failure probability of a limit beside its u; None where none is declared.

    Of a proof with several parts it is their total as recorded with the same run, else the sum of
    all that the figure takes. An interval of the limit's own holds its failure already.
    """
    if recorded.form not in LIMIT_FORMS:
        return None
    if recorded.interval is not None:
        return 0.0
    network = dossier.network
    result = network.result(result_id)
    found = next((one for one in METRICS if one.metric_id == result.model.text), None)
    taken = {} if found is None else {one.name: one.kind for one in found.arguments}
    parts = [
        network.quantity(one.input_id).estimate
        for one in result.arguments
        if one.input_id is not None and taken.get(one.name) == FAILURE
    ]
    if not parts:
        return None
    totals = [
        network.result(i).value
        for i, one in dossier.results.items()
        if one.event_label == recorded.event_label and network.result(i).model.text.endswith(TOTAL)
    ]
    return max([math.fsum(parts), *totals])


def _with_interval(
    made: ComparedFigure, dossier: Dossier, result_id: int, *, run: Run, confidence: float
) -> ComparedFigure:
    """Return a figure with the interval that stands for its u, where there is one."""
    recorded = dossier.results[result_id]
    if recorded.interval is not None:
        stored = Interval(*recorded.interval)
        ends = _ends(dossier, result_id, run)
        if ends is not None and _same(ends(stored.probability), stored):
            return replace(made, ends=ends, method=recorded.interval_method)
        return replace(made, stored=stored, method=recorded.interval_method)
    # Divided in halves between figure and baseline, the error asks for this probability.
    instead = interval_instead_of_u(
        dossier, result_id, coverage_probability=confidence, functions=functions()
    )
    if instead is None:
        return made
    if instead.interval is None:
        return replace(made, unusable=f"{instead.reason}, and draws place no interval")
    method = f"{instead.method} ({instead.reason})"
    low, high, p = instead.interval
    if recorded.form in LIMIT_FORMS:
        p = (1.0 + p) / 2.0  # the draws are two-sided, a limit is passed on one side
    return replace(made, stored=Interval(low, high, p), method=method)


def _same(found: Interval, stored: Interval) -> bool:
    return all(
        close(a, b, SAME_INTERVAL) for a, b in ((found.low, stored.low), (found.high, stored.high))
    )


def _ends(dossier: Dossier, result_id: int, run: Run) -> EndsFunction | None:
    """Return the function that gives a stored interval again at any probability, if known."""
    recorded, result = dossier.results[result_id], dossier.network.result(result_id)
    found = next((one for one in METRICS if one.metric_id == result.model.text), None)
    estimates = _estimates(dossier, result_id)
    if found is not None and (found.interval or found.spread_interval):
        return partial(_own, found, estimates, argument_spread(dossier.network, result_id))
    if recorded.interval_method.startswith(BINOMIAL) and found is not None:
        return _binomial(found, run)
    if recorded.interval_method.startswith(CHI_SQUARE):
        return _chi_square(dossier, result_id)
    return None


def _own(
    metric: Metric, values: Mapping[str, float], spread: Mapping[str, float], probability: float
) -> Interval:
    own = metric.own_interval(values, spread, probability)
    if own is None:  # asked only of a metric that brings one
        raise ValueError(metric.metric_id)
    return own


def _estimates(dossier: Dossier, result_id: int) -> dict[str, float]:
    network = dossier.network
    return {
        one.name: network.result(one.parent_id).value
        if one.parent_id is not None
        else network.quantity(one.input_id or 0).estimate
        for one in network.result(result_id).arguments
    }


def _binomial(metric: Metric, run: Run) -> EndsFunction | None:
    """Return Clopper-Pearson over the cells of a proportion of errors."""
    counted = {one.name: run.counts[one.name] for one in metric.arguments if one.name in run.counts}
    errors = sum(n for name, n in counted.items() if name.startswith("errors_"))
    trials = sum(counted.values())
    if not trials:
        return None
    return lambda probability: clopper_pearson(errors, trials, probability=probability)


def _chi_square(dossier: Dossier, result_id: int) -> EndsFunction | None:
    """Return the interval of a deviation, from the degrees of freedom of what was indicated."""
    network = dossier.network
    result = network.result(result_id)
    taken = [one for one in result.arguments if one.name == INDICATED and one.input_id is not None]
    if not taken:
        return None
    degrees = network.quantity(taken[0].input_id or 0).degrees_of_freedom
    if math.isinf(degrees):
        return None

    def ends(probability: float) -> Interval:
        low, high = deviation_interval(result.value, degrees, probability=probability)
        return Interval(low, high, probability)

    return ends
