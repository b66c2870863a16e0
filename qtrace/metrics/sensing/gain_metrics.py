"""Metrics of sensors as records, and what they share: a maker, names of choices, references.

Inside: `sensing_metric`, `REFERENCES`, `REFERENCE`, `MOST_SHOTS`, `level_of`, `root_of`,
`level_interval`, `root_interval`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from qtrace.metrics.keyword_function import Given, Number, OwnInterval, keyword_metric
from qtrace.metrics.metric import IntervalFunction, Metric, MetricArgument
from qtrace.physics.proportions import Interval
from qtrace.physics.sensing.decibels import Reference

REFERENCE = "reference"  # the choice of a run that a gain means nothing without
REFERENCES = tuple(one.value for one in Reference)
MOST_SHOTS = 2.0**53
LINEAR = "propagation of uncertainty"


def sensing_metric(
    name: str,
    *,
    of: tuple[str, str, str],
    arguments: tuple[MetricArgument, ...],
    compute: Callable[[Given], Number],
    source: str,
    influenced_by: str,
    interval: IntervalFunction | None = None,
    interval_by: str = LINEAR,
) -> Metric:
    """Return a metric of the area of sensing; a gain is named by its reference.

    Args:
        name: "protocol.figure", as in sensor_network.variance_gain.
        of: Title, kind, and unit in which it is computed.
        arguments: What it takes.
        compute: The figure from them.
        source: Of its formula.
        influenced_by: Which calibrations can.
        interval: Its own interval, where it has one.
        interval_by: By which method, or why there is none.
    """
    return keyword_metric(
        f"sensing.{name}",
        of,
        arguments=arguments,
        compute=compute,
        influenced_by=influenced_by,
        source=source,
        own=OwnInterval(interval_by, interval),
        named_by=(REFERENCE,) if "gain" in of[1] else (),
    )


def level_of(ratio: Number) -> Number:
    """Return ten times the logarithm of a ratio of variances, in dB.

    Source: `qtrace.physics.sensing.decibels`.
    """
    return 10.0 * np.log10(np.asarray(ratio, dtype=np.float64))[()]


def root_of(ratio: Number) -> Number:
    """Return the ratio of standard deviations for one of variances."""
    return np.sqrt(np.asarray(ratio, dtype=np.float64))[()]


def level_interval(one: Interval) -> Interval:
    """Return the interval of a level from that of a ratio of variances, in dB."""
    return Interval(10.0 * math.log10(one.low), 10.0 * math.log10(one.high), one.probability)


def root_interval(one: Interval) -> Interval:
    """Return the interval of a standard deviation from that of a variance."""
    return Interval(math.sqrt(one.low), math.sqrt(one.high), one.probability)
