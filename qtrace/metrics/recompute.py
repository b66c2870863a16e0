"""Recompute metrics: value, partial derivatives, stability; and the report of a BBM92 run.

Inside: `evaluate`, `stability_interval`, `bbm92_report` (its records are in `bbm92_report`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qtrace.errors import InputError
from qtrace.metrics.entangled.bbm92_report import bbm92_report
from qtrace.metrics.metric import Metric
from qtrace.physics.proportions import Interval
from qtrace.uncertainty.evaluation import numeric_gradient

__all__ = ["bbm92_report", "evaluate", "stability_interval"]

COUNT_KINDS = frozenset(
    {
        "accidental_count",
        "agreement_count",
        "discarded_count",
        "error_count",
        "outcome_count",
        "sifted_count",
    }
)


def evaluate(
    metric: Metric, estimates: Mapping[str, float], uncertainties: Mapping[str, float]
) -> tuple[float, dict[str, float]]:
    """Return a metric's value and its partial derivatives, unclamped.

    Args:
        metric: The metric.
        estimates: Argument name to estimate, in SI units; arguments with a default may miss.
        uncertainties: Argument name to standard uncertainty; it sets the step (0.05 u
            or finer).

    Returns:
        The value, and d(value)/d(argument) for each argument given. The derivatives are
        EMPTY where the metric is not differentiable, or not at an empty cell (the entropy of
        zero errors has an infinite slope): there is then no propagated uncertainty.

    Raises:
        InputError: arguments that miss or are unknown, or a figure that is not finite there.

    Source: one or two vectorised calls, see `numeric_gradient`.
    """
    _check_arguments(metric, estimates)
    if metric.differentiable:
        try:
            return numeric_gradient(metric.function, estimates, uncertainties)
        except InputError:
            if not _has_empty_cell(metric, estimates):
                raise
    return float(metric.function(**estimates)), {}


def _has_empty_cell(metric: Metric, estimates: Mapping[str, float]) -> bool:
    return any(
        one.kind in COUNT_KINDS and estimates.get(one.name) == 0.0 for one in metric.arguments
    )


def _check_arguments(metric: Metric, estimates: Mapping[str, float]) -> None:
    known = {one.name for one in metric.arguments}
    missing = [
        one.name for one in metric.arguments if one.default is None and one.name not in estimates
    ]
    unknown = [name for name in estimates if name not in known]
    if missing or unknown:
        what = [f"misses {', '.join(missing)}"] if missing else []
        what += [f"does not take {', '.join(unknown)}"] if unknown else []
        raise InputError(
            f"metric {metric.metric_id} {' and '.join(what)}",
            where=metric.key,
            next_step=f"its arguments are: {', '.join(one.name for one in metric.arguments)}",
        )
    wild = [name for name, value in estimates.items() if not np.isfinite(value)]
    if wild:
        raise InputError(
            f"{', '.join(wild)} of metric {metric.metric_id} is not a finite number",
            where=metric.key,
            next_step="check where the number comes from",
        )
    negative = [
        one.name
        for one in metric.arguments
        if one.kind in COUNT_KINDS and estimates.get(one.name, 0.0) < 0.0
    ]
    if negative:
        raise InputError(
            f"{', '.join(negative)} of metric {metric.metric_id} is negative",
            where=metric.key,
            next_step="errors must not exceed the counts: agreements are counts minus errors",
        )


def stability_interval(
    metric: Metric,
    estimates: Mapping[str, float],
    *,
    probability: float,
    draws: int,
    generator: np.random.Generator,
) -> Interval:
    """Return how a figure would scatter if the run were repeated: quantiles over resampling.

    Each count is drawn from a Poisson distribution with the observed mean; all else is held.
    This is stability, not security: a finite-key length is already a bound.

    Args:
        metric: A metric with counts among its arguments.
        estimates: Argument name to estimate, in SI units.
        probability: Part of the draws inside the interval.
        draws: Number of draws.
        generator: Random source, handed in.

    Raises:
        InputError: the metric has no counts, or its arguments do not fit.
    """
    _check_arguments(metric, estimates)
    counted = [one.name for one in metric.arguments if one.kind in COUNT_KINDS]
    if not counted:
        raise InputError(
            f"metric {metric.metric_id} has no counts to resample",
            where=metric.key,
            next_step="its uncertainty comes from the budgets of its arguments",
        )
    drawn = {
        name: generator.poisson(value, size=draws).astype(np.float64)
        if name in counted
        else np.full(draws, value)
        for name, value in estimates.items()
    }
    tail = (1.0 - probability) / 2.0
    low, high = np.quantile(np.asarray(metric.function(**drawn)), [tail, 1.0 - tail])
    return Interval(float(low), float(high), probability)
