"""What a record of offsets indicates: offset, frequency, stability, time error.

Inside: `sync_readings`.

The offset of a run is the value of its fitted line in the middle of the record, and what is meant
is the offset of the two clocks there. Its type A u is the formal one of the line, or that of all
noises that the record allows (`qtrace.physics.timing.line_uncertainty`) where it is larger.
Source: weighted least squares; restricted likelihood; ITU-T G.810, G.8260.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import numpy as np

from qtrace.laboratory.figure_flags import NOT_THE_CLOCK
from qtrace.laboratory.link import Run
from qtrace.laboratory.run_files import FREE
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.timing.clock_arguments import ROUND_TRIP, TIME_BASE
from qtrace.metrics.timing.detectable import DETECTABLE_METRICS
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.path_monitor import path_flags, path_readings
from qtrace.metrics.timing.stability_metrics import stability_metric
from qtrace.metrics.timing.stability_readings import (
    NOISES,
    Stability,
    stability_of,
    stability_readings,
)
from qtrace.metrics.timing.sync_results import Reading
from qtrace.metrics.timing.time_error_readings import time_error_readings
from qtrace.physics.timing.delay_attack import BLIND_INNOVATION, predicted_u_s
from qtrace.physics.timing.line_uncertainty import line_uncertainty
from qtrace.physics.timing.offset_line import OffsetLine, offset_line

MOST_OF_RUN = 0.9  # of its stated time; less is said
TypeA = tuple[float, float]  # u and its degrees of freedom
MOSTLY = 0.5  # weight from which the record is called white phase noise
PATH_IN_FREQUENCY = (
    "one way: a path that grows counts as a frequency; fibre by 37 ps a km and K, so that "
    "1 K an hour over 1 km is 1e-14"
)
FAULT_WORDS = {
    "overflows": "stretches of lost tags:",
    "missed": "tags counted as lost:",
    "out_of_order": "steps back in time, put in order:",
    "truncated_bytes": "bytes of a cut record at the end:",
    "missing": "steps without an offset:",
}
INNOVATION = next(
    one for one in DETECTABLE_METRICS if one.metric_id == "timing.detectable_asymmetry_innovation"
)


def sync_readings(run: Run, form: Protocol, record: OffsetRecord) -> tuple[Reading, ...]:
    """Return all readings of a record, in the order in which they are recorded.

    Args:
        run: Its start gives the epoch; its files say what the taggers count.
        form: The protocol: which metrics take the offset.
        record: The offsets.

    Raises:
        InputError: fewer than three offsets.
    """
    stability = stability_of(record)
    line = offset_line(record.elapsed_s, record.offset_s, record.u_s)
    offset, frequency, basis = _type_a(record, line)
    flags = (*record.flags, *path_flags(record, started=run.started))
    # A round trip indicates the offset at arrival at B, half of it after departure.
    arrival = record.round_trip_s[0] / 2.0 if record.round_trip_s is not None else 0.0
    epoch = run.started + timedelta(seconds=line.epoch_s + arrival)
    # Microseconds: clocks that differ by 1e-6 move by 1 ps in one of them.
    when = {"epoch": f"{epoch:%Y-%m-%dT%H:%M:%S.%f}Z", "time_scales": "B - A", "type_a": basis}
    taken = {"indicated_offset": (record.base_s + line.offset_s, *offset)}
    if record.round_trip_s is not None:
        taken[ROUND_TRIP.name] = (*record.round_trip_s, math.inf)
    offsets = [
        Reading(
            metric.metric_id.rpartition(".")[2],
            metric,
            {name: taken[name] for name in taken if metric.argument(name) is not None},
            when | ({"time_scales": "B - UTC"} if metric.result_kind == "offset_from_utc" else {}),
            flags=flags,
            left_at_default=_not_asked(run),
        )
        for metric in form.metrics
    ]
    slope = Reading(
        "frequency_deviation",
        stability_metric("frequency_deviation"),
        {"indicated": (line.frequency_deviation, *frequency)},
        {"time_scales": "B - A", "averaging_time": f"{record.length_s:.6g} s", "type_a": basis},
        flags=(*flags, PATH_IN_FREQUENCY) if form.comparison == "one_way" else flags,
    )
    readings = (
        *offsets,
        slope,
        *stability_readings(record, stability),
        *time_error_readings(record, line),
        *_detectable(form, record, stability),
        *path_readings(record),
    )
    return _marked(readings, run)


def _not_asked(run: Run) -> frozenset[str]:
    """Return what does not enter the offset: the time base of a tagger that counts clock A.

    Emission and return are then both readings of clock A, and half of their difference brings its
    reading to the arrival at B, whatever its rate. A crystal of its own is another clock.
    """
    free = any(one.station == "a" and one.lock == FREE for one in run.files)
    return frozenset() if free else frozenset({TIME_BASE.name})


def _type_a(record: OffsetRecord, line: OffsetLine) -> tuple[TypeA, TypeA, str]:
    """Return u of offset and frequency with degrees of freedom, and what they rest on.

    Source: the formal u of the line, or that of `line_uncertainty` where it is larger.
    """
    dof = float(line.points - 2)
    formal = ((line.u_offset_s, dof), (line.u_frequency, dof))
    found = line_uncertainty(record.elapsed_s, record.offset_s, record.u_s)
    if found is None:
        return (*formal, "scatter about a line; too short for more")
    offset = max(formal[0], (found.u_offset_s, found.dof_offset))
    frequency = max(formal[1], (found.u_frequency, found.dof_frequency))
    if found.white > MOSTLY:
        return offset, frequency, "scatter about a line; white phase noise, and what it may hide"
    return offset, frequency, f"noises weighed by likelihood; mostly {NOISES[found.alpha]}"


def _detectable(form: Protocol, record: OffsetRecord, stability: Stability) -> tuple[Reading, ...]:
    """Return the asymmetry that one step would show against the clocks; none of a bare series.

    Source: innovation test of `qtrace.physics.timing.delay_attack`; flicker phase noise takes the
        factor of flicker frequency, which is larger than its own.
    """
    if form.comparison not in {"two_way", "round_trip"}:
        return ()
    found = stability.deviations["allan_deviation"]
    if not len(found.tau_s) or not math.isfinite(found.value[0]) or found.value[0] <= 0.0:
        return ()
    u_offset = float(np.sqrt(np.nanmean(np.square(record.u_s))))
    if not (math.isfinite(u_offset) and u_offset > 0.0):
        return ()
    alpha = int(found.alpha[0])
    predicted = predicted_u_s(
        gap_s=record.interval_s,
        allan_deviation=float(found.value[0]),
        alpha_noise=alpha if alpha in {2, 0, -1, -2} else -1,
    )
    dof = float(found.dof[0])
    return (
        Reading(
            "detectable_asymmetry",
            INNOVATION,
            {
                "u_offset": (u_offset, 0.0, math.inf),
                "u_prediction": (predicted, predicted / math.sqrt(2.0 * dof), dof),
            },
            {
                "test": "one step of the offset against the clocks, 5 % false alarms, 95 % seen",
                "averaging_time": f"{record.interval_s:.6g} s",
            },
            flags=(BLIND_INNOVATION,),
        ),
    )


def _lock_flags(run: Run) -> tuple[str, ...]:
    """Return what every figure of a run must repeat of its taggers and files."""
    free = [one.station for one in run.files if one.lock == FREE]
    faults = [
        f"{one.name}: {', '.join(f'{FAULT_WORDS[name]} {n}' for name, n in said.items())}"
        for one in run.files
        if (said := {name: n for name, n in one.faults.items() if name in FAULT_WORDS})
    ]
    flags = [f"{NOT_THE_CLOCK}: the tagger of station {name} counts its own" for name in free]
    span_s = (run.ended - run.started).total_seconds()
    longest = max((one.span_s for one in run.files), default=span_s)
    if longest < MOST_OF_RUN * span_s:
        faults.append(f"the data cover {longest:.4g} s of a run of {span_s:.4g} s")
    return (*flags, *faults)


def _no_zero(run: Run) -> str:
    """Return why no offset of the clocks is known: the zero of a file that nobody states."""
    silent = [one.station for one in run.files if one.station and one.zero_ps is None]
    if not silent:
        return ""
    return (
        f"the zero of the file of station {', '.join(silent)} is not stated: what is known is the "
        "offset between the zeros of two files"
    )


def _marked(readings: Iterable[Reading], run: Run) -> tuple[Reading, ...]:
    """Give every reading the flags of the run, and leave out offsets that are none of clocks."""
    flags, no_zero = _lock_flags(run), _no_zero(run)
    return tuple(
        replace(
            one,
            flags=(*one.flags, *(flag for flag in flags if flag not in one.flags)),
            refused=no_zero if _is_offset(one) else "",
        )
        for one in readings
    )


def _is_offset(reading: Reading) -> bool:
    """Return whether a figure is about where the clocks stand, not how they move."""
    return reading.metric.result_kind in {
        "time_scale_difference",
        "offset_from_utc",
        "maximum_absolute_time_error",
        "constant_time_error",
    }
