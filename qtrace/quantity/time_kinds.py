"""Kinds of quantity of clocks and time scales: three measurands with three chains.

Inside: `TIME_ROWS`.
Source: words follow BIPM Circular T and ITU-R TF.686; the definitions are in our own words.
Circular T prints UTC - UTC(k): the offset of UTC(k) from UTC has the other sign.
"""

from __future__ import annotations

from qtrace.quantity.kind_row import Row

TIME_ROWS = (
    Row(
        "time_scale_difference",
        "difference of two time scales",
        "s",
        None,
        None,
        "Reading of one time scale minus that of another at one instant, at stated planes.",
        "a - b, in the order in which the scales are named",
    ),
    Row(
        "offset_from_utc",
        "offset from UTC",
        "s",
        None,
        None,
        "Reading of a time scale or clock minus UTC at one instant; in real time by prediction, "
        "afterwards by Circular T.",
        "scale - UTC",
    ),
    Row(
        "frequency_deviation",
        "fractional frequency deviation",
        "1",
        None,
        None,
        "Frequency minus its nominal value, over the nominal value, averaged over the stated time.",
        "(actual - nominal) / nominal",
    ),
    Row(
        "time_interval",
        "time interval",
        "s",
        None,
        None,
        "Time between two events at stated planes; negative where the second comes first.",
        "second event - first event",
    ),
)
