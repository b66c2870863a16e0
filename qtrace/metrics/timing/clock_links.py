"""Links that compare two clocks: one way, two ways, a round trip, or any series of offsets.

Inside: `TIME_ONE_WAY`, `TIME_TWO_WAY`, `TIME_ROUND_TRIP`, `TIME_SERIES`, `CLOCK_LINKS`.

All offsets are B - A: the reading of the clock at B minus that at A. The sign of each
correction follows from that, see `qtrace.physics.timing.two_way`. What no calibration corrects
enters as zero, and is a break.
Source: ITU-R TF.1153-4 (2015) for the difference of two directions (clause from memory); Lee et
al., Appl. Phys. Lett. 114, 101102 (2019), for photon pairs both ways and a round trip.
"""

from __future__ import annotations

from qtrace.metrics.metric import Metric, MetricArgument, MetricFunction
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.timing import clock_figures as figures
from qtrace.metrics.timing.clock_arguments import (
    ASYMMETRY,
    INDICATED,
    LOCAL,
    PATH,
    REFERENCE,
    ROUND_TRIP,
    TIME_BASE,
)
from qtrace.metrics.timing.stability_metrics import STABILITY_METRICS

NO_SECURITY = (
    "a time offset is no key; and no figure of the tags shows that the path is reciprocal: an "
    "asymmetric delay moves the offset by half of it and leaves no trace in it"
)


SOURCES = {
    "time_one_way": "d_AB - path - local; ITU-R TF.1153-4 for the terms (clause from memory)",
    "time_two_way": "(d_AB - d_BA)/2 - asymmetry/2 - local; ITU-R TF.1153-4 (clause from memory)",
    "time_round_trip": "d_AB - RTT/2 - asymmetry/2 - local; Lee et al., APL 114, 101102 (2019)",
    "time_series": "offset as recorded by the instrument - local",
}


def _offset(
    protocol: str, arguments: tuple[MetricArgument, ...], function: MetricFunction
) -> Metric:
    return Metric(
        f"timing.{protocol}.clock_offset",
        "1",
        "offset of clock B from clock A, delays corrected",
        "time_scale_difference",
        "s",
        arguments,
        function,
        "delays of fibre and stations, time base of the tagger",
        SOURCES[protocol],
    )


def _offset_from_utc(
    protocol: str, arguments: tuple[MetricArgument, ...], function: MetricFunction
) -> Metric:
    return Metric(
        f"timing.{protocol}.offset_from_utc",
        "1",
        "offset of clock B from UTC, through clock A",
        "offset_from_utc",
        "s",
        (
            *(one for one in arguments if one.default is None),
            REFERENCE,
            *(one for one in arguments if one.default is not None),
        ),
        function,
        "offset of clock A from UTC, delays of fibre and stations",
        "sum of two offsets: (B - A) + (A - UTC)",
    )


def _protocol(
    name: str,
    title: str,
    arguments: tuple[MetricArgument, ...],
    function: MetricFunction,
    to_utc: MetricFunction,
) -> Protocol:
    return Protocol(
        name=name,
        title=title,
        metrics=(_offset(name, arguments, function), _offset_from_utc(name, arguments, to_utc)),
        no_security_outcome=NO_SECURITY,
        record_metrics=STABILITY_METRICS,
        comparison=name.removeprefix("time_"),
    )


TIME_ONE_WAY = _protocol(
    "time_one_way",
    "two clocks compared one way, through a path of known delay",
    (INDICATED, PATH, LOCAL),
    figures.one_way,
    figures.one_way_to_utc,
)
TIME_TWO_WAY = _protocol(
    "time_two_way",
    "two clocks compared both ways, with a source at each station",
    (INDICATED, ASYMMETRY, LOCAL),
    figures.two_way,
    figures.two_way_to_utc,
)
TIME_ROUND_TRIP = _protocol(
    "time_round_trip",
    "two clocks compared one way, the path measured by a round trip from A",
    (INDICATED, ROUND_TRIP, ASYMMETRY, LOCAL, TIME_BASE),
    figures.round_trip,
    figures.round_trip_to_utc,
)
TIME_SERIES = _protocol(
    "time_series",
    "a series of offsets of two clocks, from any instrument",
    (INDICATED, LOCAL),
    figures.series,
    figures.series_to_utc,
)

CLOCK_LINKS = (TIME_ONE_WAY, TIME_TWO_WAY, TIME_ROUND_TRIP, TIME_SERIES)
