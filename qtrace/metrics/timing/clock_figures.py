"""Offsets of two clocks as metrics: what tags indicate, and what calibrations correct.

Inside: one function for each way of comparing, and the same through A to UTC.

Offsets are B - A, in s; numbers or arrays; nothing is clipped. What is indicated is one delay, or
the combination of two.
Source: signs and formulas of `qtrace.physics.timing.two_way`, which are called here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.timing.two_way import (
    corrected_offset,
    corrected_round_trip,
    one_way_offset,
    time_base_excess,
)

Number = float | NDArray[np.float64]


def one_way(
    *, indicated_offset: Number, path_delay: Number, local_delay_difference: Number = 0.0
) -> Number:
    """Return B - A from one way, the path delay being known; indicated is the delay A to B."""
    return one_way_offset(
        delay_ab=indicated_offset,
        path_delay_ab=path_delay,
        local_delay_difference=local_delay_difference,
    )


def two_way(
    *,
    indicated_offset: Number,
    delay_asymmetry: Number = 0.0,
    local_delay_difference: Number = 0.0,
) -> Number:
    """Return B - A from both ways; `indicated_offset` is half the difference of both delays."""
    return corrected_offset(
        indicated_offset,
        asymmetry=delay_asymmetry,
        local_delay_difference=local_delay_difference,
    )


def round_trip(
    *,
    indicated_offset: Number,
    round_trip_delay: Number,
    delay_asymmetry: Number = 0.0,
    local_delay_difference: Number = 0.0,
    time_base_frequency: Number = 0.0,
) -> Number:
    """Return B - A from one way and a round trip that is measured with the tagger of A.

    `indicated_offset` is d_AB - RTT / 2 with the round trip as indicated: the offset at the arrival
    at B, exactly, where the tagger counts clock A. `time_base_frequency` is that of a tagger on a
    crystal of its own, whose scale was set to clock A but runs at another rate.
    """
    return corrected_round_trip(
        indicated_offset,
        round_trip_delay=round_trip_delay,
        asymmetry=delay_asymmetry,
        local_delay_difference=local_delay_difference,
        time_base_frequency=time_base_frequency,
    )


def series(*, indicated_offset: Number, local_delay_difference: Number = 0.0) -> Number:
    """Return B - A from a series of offsets, the delays of the stations corrected."""
    return corrected_offset(indicated_offset, local_delay_difference=local_delay_difference)


def one_way_to_utc(
    *,
    indicated_offset: Number,
    path_delay: Number,
    offset_from_utc_a: Number,
    local_delay_difference: Number = 0.0,
) -> Number:
    """Return B - UTC from `one_way` and A - UTC."""
    offset = one_way(
        indicated_offset=indicated_offset,
        path_delay=path_delay,
        local_delay_difference=local_delay_difference,
    )
    return offset + offset_from_utc_a


def two_way_to_utc(
    *,
    indicated_offset: Number,
    offset_from_utc_a: Number,
    delay_asymmetry: Number = 0.0,
    local_delay_difference: Number = 0.0,
) -> Number:
    """Return B - UTC from `two_way` and A - UTC."""
    offset = two_way(
        indicated_offset=indicated_offset,
        delay_asymmetry=delay_asymmetry,
        local_delay_difference=local_delay_difference,
    )
    return offset + offset_from_utc_a


def round_trip_to_utc(
    *,
    indicated_offset: Number,
    round_trip_delay: Number,
    offset_from_utc_a: Number,
    delay_asymmetry: Number = 0.0,
    local_delay_difference: Number = 0.0,
    time_base_frequency: Number = 0.0,
) -> Number:
    """Return B - UTC from `round_trip` and A - UTC."""
    offset = round_trip(
        indicated_offset=indicated_offset,
        round_trip_delay=round_trip_delay,
        delay_asymmetry=delay_asymmetry,
        local_delay_difference=local_delay_difference,
        time_base_frequency=time_base_frequency,
    )
    return offset + offset_from_utc_a


def series_to_utc(
    *,
    indicated_offset: Number,
    offset_from_utc_a: Number,
    local_delay_difference: Number = 0.0,
) -> Number:
    """Return B - UTC from `series` and A - UTC."""
    return (
        series(indicated_offset=indicated_offset, local_delay_difference=local_delay_difference)
        + offset_from_utc_a
    )


def maximum_absolute(*, offset_from_utc: Number, highest: Number, lowest: Number) -> Number:
    """Return max |TE| of a record against UTC, s.

    `offset_from_utc` is that of the record in its middle; `highest` and `lowest` are the extremes
    of the indicated offset less its value there.
    """
    return np.maximum(np.abs(offset_from_utc + highest), np.abs(offset_from_utc + lowest))


def maximum_absolute_low_passed(
    *, clock_offset: Number, low_passed_highest: Number, low_passed_lowest: Number
) -> Number:
    """Return max |TE_L| of clock B against clock A, its constant part included, s.

    `clock_offset` is that of the record in its middle; the extremes are those of the indicated
    offset after the low pass, less its value there.

    Source: ITU-T G.8273.2, class D [read in a secondary source].
    """
    return np.maximum(
        np.abs(clock_offset + low_passed_highest), np.abs(clock_offset + low_passed_lowest)
    )


def of_true_seconds(*, indicated: Number, time_base_frequency: Number = 0.0) -> Number:
    """Return a time interval in true seconds from one in the seconds of the tagger."""
    return indicated - time_base_excess(indicated, time_base_frequency=time_base_frequency)


def as_indicated(*, indicated: Number) -> Number:
    """Return a ratio of times, in which the time base of the tagger cancels."""
    return indicated
