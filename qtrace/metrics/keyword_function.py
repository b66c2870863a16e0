"""A metric's function made from its arguments: what it takes is written once.

Inside: `keyword_metric`, `OwnInterval`, `LINEAR`, `keyword_function`, `Given`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import IntervalFunction, Metric, MetricArgument, MetricFunction

Number = float | NDArray[np.float64]
Given = Mapping[str, Number]


def keyword_function(
    arguments: tuple[MetricArgument, ...], figure: Callable[[Given], Number]
) -> MetricFunction:
    """Return a function that takes exactly the arguments of a metric, by keyword.

    Args:
        arguments: Arguments of the metric; those with a default may miss.
        figure: The figure from the arguments by name.
    """
    signature = inspect.Signature(
        [
            inspect.Parameter(
                one.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if one.default is None else one.default,
            )
            for one in arguments
        ]
    )

    def function(**given: Number) -> Number:
        bound = signature.bind(**given)  # a TypeError names what misses or is unknown
        bound.apply_defaults()
        return figure(bound.arguments)

    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__doc__ = figure.__doc__
    return function


@dataclass(frozen=True, slots=True)
class OwnInterval:
    """How a metric gets an interval: the method, its function, and whether there is a slope."""

    method: str
    function: IntervalFunction | None = None
    differentiable: bool = True


LINEAR = OwnInterval("propagation of uncertainty")


def keyword_metric(
    metric_id: str,
    of: tuple[str, str, str],
    *,
    arguments: tuple[MetricArgument, ...],
    compute: Callable[[Given], Number],
    influenced_by: str,
    source: str,
    own: OwnInterval = LINEAR,
    named_by: tuple[str, ...] = (),
) -> Metric:
    """Return a metric in its first version, whose function takes its arguments by keyword.

    Args:
        metric_id: With area and protocol.
        of: Title, kind, and unit in which it is computed.
        arguments: What it takes.
        compute: The figure from all arguments by name.
        influenced_by: Which calibrations can, or "none: " and why.
        source: Of its formula.
        own: How it gets an interval, if not by propagation of uncertainty.
        named_by: Choices of a run without which it means nothing.
    """
    title, kind, unit = of
    return Metric(
        metric_id=metric_id,
        version="1",
        title=title,
        result_kind=kind,
        unit=unit,
        arguments=arguments,
        function=keyword_function(arguments, compute),
        influenced_by=influenced_by,
        source=source,
        differentiable=own.differentiable,
        interval_by=own.method,
        interval=own.function,
        named_by=named_by,
    )
