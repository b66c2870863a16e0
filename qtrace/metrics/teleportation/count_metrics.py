"""Metrics of counts in an area of states: made in one call, with an exact interval beside.

Inside: `state_metric`, `row_counts`, `basis_interval`, `EXACT`, `COUNTS_ONLY`.
Source: Clopper and Pearson, Biometrika 26, 404 (1934).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qtrace.metrics.keyword_function import LINEAR, Given, Number, OwnInterval, keyword_metric
from qtrace.metrics.metric import ArgumentSource, IntervalFunction, Metric, MetricArgument
from qtrace.physics.proportions import Interval, clopper_pearson

EXACT = "Clopper-Pearson, exact binomial"
COUNTS_ONLY = "none: counts in, figures out"


def state_metric(
    metric_id: str,
    title: str,
    of: tuple[str, str],
    *,
    arguments: tuple[MetricArgument, ...],
    figure: Callable[[Given], Number],
    source: str,
    influenced_by: str = COUNTS_ONLY,
    interval: tuple[IntervalFunction | None, str] = (None, ""),
) -> Metric:
    """Return a metric of area teleportation; `of` is its kind and unit.

    Args:
        metric_id: Protocol and figure, without the area.
        title: Title.
        of: Kind and unit.
        arguments: What it takes.
        figure: The figure from the arguments by name.
        source: Of the formula.
        influenced_by: Calibrations that influence it.
        interval: Exact interval from all arguments and its name; or None and why there is no
            derivative.
    """
    return keyword_metric(
        f"teleportation.{metric_id}",
        (title, *of),
        arguments=arguments,
        compute=figure,
        influenced_by=influenced_by,
        source=source,
        own=OwnInterval(interval[1], interval[0], differentiable=interval[0] is not None)
        if interval[1]
        else LINEAR,
    )


def row_counts(*rows: str) -> tuple[MetricArgument, ...]:
    """Return errors and agreements of some rows."""
    return tuple(
        MetricArgument(f"{cell}_{row}", kind, ArgumentSource.COUNTS)
        for row in rows
        for cell, kind in (("errors", "error_count"), ("agreements", "agreement_count"))
    )


def basis_interval(given: Mapping[str, float], row: str, probability: float) -> Interval:
    """Return the exact interval of the error rate of one row.

    Source: `clopper_pearson`.
    """
    errors, agreements = round(given[f"errors_{row}"]), round(given[f"agreements_{row}"])
    return clopper_pearson(errors, errors + agreements, probability=probability)
