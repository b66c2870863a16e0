"""Kinds of quantity of clock stability and of links that compare clocks.

Inside: `STABILITY_ROWS`.
Source: words follow IEEE Std 1139, NIST SP 1065 and ITU-T G.810; the definitions are in our own
words. The averaging time or observation interval is a condition of the measurand.
"""

from __future__ import annotations

from qtrace.quantity.kind_row import Row

_STEPS = "observed over the stated averaging time"

STABILITY_ROWS = (
    Row(
        "allan_deviation",
        "Allan deviation",
        "1",
        0.0,
        None,
        f"Root of half the mean square of successive differences of mean frequency, {_STEPS}.",
    ),
    Row(
        "modified_allan_deviation",
        "modified Allan deviation",
        "1",
        0.0,
        None,
        f"Allan deviation of phases that were averaged over the averaging time, {_STEPS}.",
    ),
    Row(
        "hadamard_deviation",
        "Hadamard deviation",
        "1",
        0.0,
        None,
        f"Like the Allan deviation from third differences of phase: blind to drift; {_STEPS}.",
    ),
    Row(
        "total_deviation",
        "total deviation",
        "1",
        0.0,
        None,
        f"Allan deviation of a record extended by its reflections, {_STEPS}.",
    ),
    Row(
        "time_deviation",
        "time deviation",
        "s",
        0.0,
        None,
        f"Averaging time times modified Allan deviation over the root of three, {_STEPS}.",
    ),
    Row(
        "maximum_time_interval_error",
        "maximum time interval error",
        "s",
        0.0,
        None,
        "Largest peak-to-peak time error in any window of the stated observation interval; of "
        "the record whose length is stated.",
        "largest - smallest in the window",
    ),
    Row(
        "rms_time_interval_error",
        "rms time interval error",
        "s",
        0.0,
        None,
        "Root mean square of the change of time error over the stated observation interval.",
        "later - earlier",
    ),
    Row(
        "constant_time_error",
        "constant time error",
        "s",
        None,
        None,
        "Mean time error over the stated time.",
        "clock - reference",
    ),
    Row(
        "dynamic_time_error",
        "dynamic time error",
        "s",
        0.0,
        None,
        "Peak-to-peak change of time error in the stated band of Fourier frequencies.",
        "largest - smallest",
    ),
    Row(
        "maximum_absolute_time_error",
        "maximum absolute time error",
        "s",
        0.0,
        None,
        "Largest absolute time error of a record against the stated reference time scale.",
        "|clock - reference|",
    ),
    Row(
        "path_delay",
        "path delay",
        "s",
        0.0,
        None,
        "Time that a signal takes between two stated planes, in one stated direction.",
    ),
    Row(
        "delay_asymmetry",
        "delay asymmetry",
        "s",
        None,
        None,
        "Delay of a path from A to B minus that from B to A.",
        "from A to B - from B to A",
    ),
    Row(
        "local_delay_difference",
        "difference of local delays",
        "s",
        None,
        None,
        "Delay of the receiving equipment at B minus that at A, between their input planes and "
        "the time scale of their taggers.",
        "B - A",
    ),
    Row(
        "detectable_asymmetry",
        "detectable asymmetry",
        "s",
        0.0,
        None,
        "Smallest asymmetry of the path that the named test shows at the stated probability.",
    ),
    Row(
        "coincidence_to_accidental_ratio",
        "coincidence-to-accidental ratio",
        "1",
        None,
        None,
        "True coincidences over accidental ones in the stated window.",
        "(coincidences - accidentals) / accidentals",
    ),
    Row(
        "interference_visibility",
        "visibility of two-photon interference",
        "1",
        None,
        1.0,
        "Fall of the coincidences in a Hong-Ou-Mandel dip over their level outside it.",
        "(outside - at zero delay) / outside",
    ),
)
