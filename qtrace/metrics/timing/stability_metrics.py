"""Metrics of a record of offsets: stability, time error, frequency; the same for every link.

Inside: `STABILITY_METRICS`, `stability_metric`.

What they are computed from are not figures that a model could give back: a deviation is a
statistic of the whole record. The model holds what a calibration still does to it: times are in the
seconds of the tagger.
Source: definitions in qtrace.physics.timing; IEEE Std 1139; NIST SP 1065; ITU-T G.810.
"""

from __future__ import annotations

from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.metrics.timing import clock_figures as figures
from qtrace.metrics.timing.clock_arguments import TIME_BASE

TAGS = ArgumentSource.TAGS
PREFIX = "timing."


def _of_times(name: str, title: str, result_kind: str, source: str) -> Metric:
    """Return a metric in seconds, which the time base of the tagger scales."""
    return Metric(
        PREFIX + name,
        "1",
        title,
        result_kind,
        "s",
        (MetricArgument("indicated", result_kind, TAGS), TIME_BASE),
        figures.of_true_seconds,
        "time base of the tagger",
        source,
    )


def _of_ratio(name: str, title: str, result_kind: str, source: str) -> Metric:
    """Return a metric that is a ratio of times: the time base cancels in it."""
    return Metric(
        PREFIX + name,
        "1",
        title,
        result_kind,
        "1",
        (MetricArgument("indicated", result_kind, TAGS),),
        figures.as_indicated,
        "none: a ratio of times on one tagger",
        source,
    )


_IEEE = "IEEE Std 1139; NIST SP 1065 (2008), section 5"
_ITU = "ITU-T G.810, definitions; computed on the whole record"

STABILITY_METRICS: tuple[Metric, ...] = (
    _of_times("time_deviation", "time deviation, TDEV", "time_deviation", _IEEE),
    _of_ratio("allan_deviation", "overlapping Allan deviation", "allan_deviation", _IEEE),
    _of_ratio(
        "modified_allan_deviation", "modified Allan deviation", "modified_allan_deviation", _IEEE
    ),
    _of_ratio("hadamard_deviation", "overlapping Hadamard deviation", "hadamard_deviation", _IEEE),
    _of_times(
        "maximum_time_interval_error", "MTIE of the record", "maximum_time_interval_error", _ITU
    ),
    _of_times("rms_time_interval_error", "TIE rms", "rms_time_interval_error", _ITU),
    _of_times(
        "constant_time_error",
        "mean indicated offset over the stated time: largest in size of the record",
        "constant_time_error",
        "ITU-T G.8260, cTE; delays are not corrected in it",
    ),
    _of_times(
        "low_passed_mtie",
        "MTIE after the low pass of dTE_L",
        "maximum_time_interval_error",
        "ITU-T G.8273.2, dTE_L: first order, 0.1 Hz",
    ),
    _of_times(
        "low_passed_tdev",
        "TDEV after the low pass of dTE_L",
        "time_deviation",
        "ITU-T G.8273.2, dTE_L: first order, 0.1 Hz",
    ),
    _of_times(
        "high_passed_peak_to_peak",
        "peak to peak after the high pass of dTE_H",
        "dynamic_time_error",
        "ITU-T G.8273.2, dTE_H: first order, 0.1 Hz",
    ),
    _of_ratio(
        "frequency_deviation",
        "frequency of clock B against clock A, from the slope of the offsets",
        "frequency_deviation",
        "least squares of offset on time",
    ),
    Metric(
        "timing.maximum_absolute_time_error",
        "1",
        "largest time error of clock B against UTC in the record",
        "maximum_absolute_time_error",
        "s",
        (
            MetricArgument("offset_from_utc", "offset_from_utc", ArgumentSource.RESULT),
            MetricArgument("highest", "time_scale_difference", TAGS),
            MetricArgument("lowest", "time_scale_difference", TAGS),
        ),
        figures.maximum_absolute,
        "offset of clock A from UTC",
        "ITU-T G.8260, max|TE|; against UTC through clock A",
    ),
    Metric(
        "timing.low_passed_maximum_absolute_time_error",
        "1",
        "largest time error of clock B against clock A after the low pass of dTE_L",
        "maximum_absolute_time_error",
        "s",
        (
            MetricArgument("clock_offset", "time_scale_difference", ArgumentSource.RESULT),
            MetricArgument("low_passed_highest", "time_scale_difference", TAGS),
            MetricArgument("low_passed_lowest", "time_scale_difference", TAGS),
        ),
        figures.maximum_absolute_low_passed,
        "delays of fibre and stations, as for the clock offset",
        "ITU-T G.8273.2, max|TE_L|: first order, 0.1 Hz, the constant part included",
    ),
)


def stability_metric(name: str) -> Metric:
    """Return the metric of that short name."""
    return next(one for one in STABILITY_METRICS if one.metric_id == PREFIX + name)
