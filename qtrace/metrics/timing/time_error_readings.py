"""Time error of a record as readings: largest, constant, low and high passed.

Inside: `time_error_readings`.
Source: ITU-T G.8260 (max|TE|, cTE), G.8273.2 (dTE_L, dTE_H with the corner at 0.1 Hz).
"""

from __future__ import annotations

import math

import numpy as np

from qtrace.errors import InputError
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.stability_metrics import stability_metric
from qtrace.metrics.timing.stability_readings import deviation_reading, seconds_text
from qtrace.metrics.timing.sync_results import Reading
from qtrace.physics.timing.deviations import octave_factors
from qtrace.physics.timing.offset_line import OffsetLine
from qtrace.physics.timing.stability import tdev
from qtrace.physics.timing.stability_intervals import with_intervals
from qtrace.physics.timing.time_error import (
    AVERAGING_S,
    CUTOFF_HZ,
    constant_time_error,
    dynamic_time_error,
    low_passed,
)


def time_error_readings(record: OffsetRecord, line: OffsetLine) -> tuple[Reading, ...]:
    """Return the time errors that the masks are about.

    Those of the low pass want ten steps or more in 10 s, the constant one a record of 1000 s;
    max|TE| is left out later where no clock of the link knows UTC.
    """
    return (
        _largest(record, line),
        *_constant(record),
        *_largest_low_passed(record, line),
        *_dynamic(record),
    )


def _largest(record: OffsetRecord, line: OffsetLine) -> Reading:
    residual = record.offset_s - line.offset_s
    highest, lowest = int(np.nanargmax(residual)), int(np.nanargmin(residual))
    u = np.where(np.isfinite(record.u_s), record.u_s, 0.0)
    given = int(np.count_nonzero(np.isfinite(residual)))
    return Reading(
        "maximum_absolute_time_error",
        stability_metric("maximum_absolute_time_error"),
        {
            "highest": (float(residual[highest]), float(u[highest]), math.inf),
            "lowest": (float(residual[lowest]), float(u[lowest]), math.inf),
        },
        {"time_scales": "B - UTC", "record_length": seconds_text(record.length_s)},
        flags=(f"of this record of {record.length_s:.4g} s, {given} offsets",),
    )


def _largest_low_passed(record: OffsetRecord, line: OffsetLine) -> tuple[Reading, ...]:
    """Return max|TE_L|; none where the steps are too long for the filter, or end before it settled.

    u of an extreme is the largest of one offset: weights of the filter are positive and sum to one,
    so that what passes it is known no worse, however its errors are correlated.
    """
    try:
        slow = low_passed(record.offset_s, interval_s=record.interval_s) - line.offset_s
    except InputError:
        return ()
    known = int(np.count_nonzero(np.isfinite(slow)))
    if not known:
        return ()
    highest, lowest = int(np.nanargmax(slow)), int(np.nanargmin(slow))
    u = _largest_u(record)
    return (
        Reading(
            "low_passed_maximum_absolute_time_error",
            stability_metric("low_passed_maximum_absolute_time_error"),
            {
                "low_passed_highest": (float(slow[highest]), u, math.inf),
                "low_passed_lowest": (float(slow[lowest]), u, math.inf),
            },
            {
                "cutoff": f"{CUTOFF_HZ:g} Hz",
                "time_scales": "B - A",
                "record_length": seconds_text(record.length_s),
            },
            flags=(f"of this record of {record.length_s:.4g} s, {known} offsets after settling",),
        ),
    )


def _constant(record: OffsetRecord) -> tuple[Reading, ...]:
    """Return cTE; none of a record that is too short, or too full of gaps."""
    if record.length_s < AVERAGING_S:
        return ()
    try:
        found = constant_time_error(record.offset_s, interval_s=record.interval_s)
    except InputError:
        return ()
    blocks = found.blocks_s[np.isfinite(found.blocks_s)]
    if len(blocks) > 1:
        u, dof, basis = float(np.std(blocks, ddof=1)), float(len(blocks) - 1), "their scatter"
    else:  # a mean is known no worse than one offset, however their errors are correlated
        u, dof, basis = _largest_u(record), math.inf, "that of one offset"
    return (
        Reading(
            "constant_time_error",
            stability_metric("constant_time_error"),
            {"indicated": (record.base_s + found.value_s, u, dof)},
            {
                "averaging_time": seconds_text(found.averaging_s),
                "record_length": seconds_text(record.length_s),
                "time_scales": "B - A, as indicated",
            },
            flags=(f"largest of {len(blocks)} blocks; u is {basis}",),
        ),
    )


def _largest_u(record: OffsetRecord) -> float:
    return float(np.max(record.u_s, where=np.isfinite(record.u_s), initial=0.0))


def _dynamic(record: OffsetRecord) -> tuple[Reading, ...]:
    """Return what passes the filter of the masks; none where the steps are too long for it.

    u of a range is that of the difference of two offsets, as of MTIE: the low pass makes neither
    larger, and the high pass is an offset less what the low pass says of it.
    """
    try:
        found = dynamic_time_error(record.offset_s, interval_s=record.interval_s)
    except InputError:
        return ()
    length = seconds_text(record.length_s)
    u = math.sqrt(2.0) * _largest_u(record)
    readings = [
        Reading(
            "high_passed_peak_to_peak",
            stability_metric("high_passed_peak_to_peak"),
            {"indicated": (found.high_peak_to_peak_s, u, math.inf)},
            {"cutoff": f"{found.cutoff_hz:g} Hz", "record_length": length},
            flags=(f"of this record of {record.length_s:.4g} s: no interval is known for it",),
        )
    ]
    windows = found.low_mtie
    readings += [
        Reading(
            f"low_passed_mtie_{tau:.6g}s",
            stability_metric("low_passed_mtie"),
            {"indicated": (float(value), u, math.inf)},
            {"observation_interval": seconds_text(float(tau)), "record_length": length},
            flags=(f"of this record of {record.length_s:.4g} s: no interval is known for it",),
        )
        for tau, value in zip(windows.tau_s, windows.value, strict=True)
        if math.isfinite(value)
    ]
    factors = octave_factors(len(found.low_s), kind="tdev")
    try:
        slow = with_intervals(
            tdev(found.low_s, interval_s=record.interval_s, factors=factors), found.low_s
        )
    except InputError:  # the filter needs most of a short record to settle
        return tuple(readings)
    for k in range(len(slow.tau_s)):
        one = deviation_reading("low_passed_tdev", slow, k)
        if one is not None:
            readings.append(one)
    return tuple(readings)
