"""The smallest asymmetry that each test against a delay attack shows, as metrics.

Inside: `DETECTABLE_METRICS` and the functions behind them.
Arguments in SI units, by keyword; numbers or arrays. What each test is blind to stands in
`qtrace.physics.timing.delay_attack`. The figure is no assurance that nothing was done.
Source: power of a two-sided z-test; see `delay_attack`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.physics.timing.delay_attack import power_factor
from qtrace.physics.timing.fibre_path import group_delay_s

Number = float | NDArray[np.float64]

CALIBRATION, COUNTS = ArgumentSource.CALIBRATION, ArgumentSource.COUNTS
PARAMETER = ArgumentSource.PARAMETER


def detectable_by_round_trip(
    *,
    u_before: Number,
    u_after: Number,
    u_model: Number = 0.0,
    alpha: Number = 0.05,
    power: Number = 0.95,
) -> Number:
    """Return the one-directional delay that a step of the round trip shows, in s."""
    u = np.sqrt(np.square(u_before) + np.square(u_after) + np.square(u_model))
    size: Number = power_factor(alpha=alpha, power=power) * u
    return size


def detectable_by_innovation(
    *, u_offset: Number, u_prediction: Number, alpha: Number = 0.05, power: Number = 0.95
) -> Number:
    """Return the asymmetry that an offset shows against the clock model, in s: d shifts by d/2."""
    u = np.sqrt(np.square(u_offset) + np.square(u_prediction))
    size: Number = 2.0 * power_factor(alpha=alpha, power=power) * u
    return size


def detectable_by_closure(
    *, u_closure: Number, alpha: Number = 0.05, power: Number = 0.95
) -> Number:
    """Return the asymmetry of one link that the closure of one loop shows, in s."""
    return 2.0 * power_factor(alpha=alpha, power=power) * u_closure


def asymmetry_bound(
    *, round_trip_delay: Number, fibre_length: Number, group_index: Number
) -> Number:
    """Return the size that no asymmetry can exceed, RTT - 2 L n_g/c, in s; unclipped.

    With the u that its arguments bring it wants the form `upper_limit`.
    """
    return round_trip_delay - 2.0 * group_delay_s(fibre_length, group_index)


LEVELS = (
    MetricArgument("alpha", "probability", PARAMETER, "", 0.05),
    MetricArgument("power", "probability", PARAMETER, "", 0.95),
)
UNCERTAINTY = "time_standard_uncertainty"

DETECTABLE_METRICS: tuple[Metric, ...] = (
    Metric(
        metric_id="timing.detectable_asymmetry_round_trip",
        version="1",
        title="asymmetry that a step of the round trip shows",
        result_kind="detectable_asymmetry",
        unit="s",
        arguments=(
            MetricArgument("u_before", UNCERTAINTY, COUNTS, "tagger"),
            MetricArgument("u_after", UNCERTAINTY, COUNTS, "tagger"),
            MetricArgument("u_model", UNCERTAINTY, CALIBRATION, "fibre", 0.0),
            *LEVELS,
        ),
        function=detectable_by_round_trip,
        influenced_by="scatter of the round trip, thermal model of the fibre",
        source="(z_(1-alpha/2) + z_power) u of the step; blind to +d and -d",
    ),
    Metric(
        metric_id="timing.detectable_asymmetry_innovation",
        version="1",
        title="asymmetry that an offset shows against the clock model",
        result_kind="detectable_asymmetry",
        unit="s",
        arguments=(
            MetricArgument("u_offset", UNCERTAINTY, COUNTS, "tagger"),
            MetricArgument("u_prediction", UNCERTAINTY, CALIBRATION, "clock_b"),
            *LEVELS,
        ),
        function=detectable_by_innovation,
        influenced_by="scatter of the offset, stability of the clocks over the gap",
        source="2 (z_(1-alpha/2) + z_power) u of the innovation; blind to what grows slowly",
    ),
    Metric(
        metric_id="timing.detectable_asymmetry_closure",
        version="1",
        title="asymmetry of a link that the closure of a loop shows",
        result_kind="detectable_asymmetry",
        unit="s",
        arguments=(MetricArgument("u_closure", UNCERTAINTY, CALIBRATION, "network"), *LEVELS),
        function=detectable_by_closure,
        influenced_by="offsets of all links of the loop",
        source="2 (z_(1-alpha/2) + z_power) u of the closure; blind to sums of zero",
    ),
    Metric(
        metric_id="timing.detectable_asymmetry_bound",
        version="1",
        title="bound of the asymmetry from round trip and surveyed length",
        result_kind="detectable_asymmetry",
        unit="s",
        arguments=(
            MetricArgument("round_trip_delay", "path_delay", COUNTS, "tagger"),
            MetricArgument("fibre_length", "fibre_length", CALIBRATION, "fibre"),
            MetricArgument("group_index", "group_index", CALIBRATION, "fibre"),
        ),
        function=asymmetry_bound,
        influenced_by="round trip, least length and least group index of the fibre",
        source="|d| <= RTT - 2 L_min n_g / c",
    ),
)
