"""Kinds of quantity that describe single-photon detectors.

Inside: `DETECTOR_ROWS`.
Source: terms follow NIST IR 8486r1 (2025) and ETSI GS QKD 011; the definitions are in our own
words.
"""

from __future__ import annotations

from qtrace.quantity.kind_row import Row

DETECTOR_ROWS = (
    Row(
        "system_detection_efficiency",
        "system detection efficiency",
        "1",
        0.0,
        1.0,
        "Probability that a photon at the stated input plane of the system gives an output event, "
        "losses of coupling, fibre and filters included.",
    ),
    Row(
        "detection_efficiency",
        "detection efficiency",
        "1",
        0.0,
        1.0,
        "Probability that a photon in the stated mode at the detector gives an output event.",
    ),
    Row(
        "detection_efficiency_at_rate",
        "detection efficiency at a count rate",
        "1",
        0.0,
        1.0,
        "Detection efficiency at the stated rate, lowered by dead time and recovery.",
    ),
    Row(
        "efficiency_ratio",
        "ratio of two detection efficiencies",
        "1",
        0.0,
        None,
        "Detection efficiency of one detector over that of another under the same conditions.",
        "a / b, in the order in which the detectors are named",
    ),
    Row(
        "efficiency_mismatch",
        "efficiency mismatch of a pair",
        "1",
        0.0,
        1.0,
        "One minus the smaller over the larger detection efficiency of two receiver outputs.",
        "1 - smaller / larger",
    ),
    Row(
        "efficiency_relative_uncertainty",
        "relative expanded uncertainty of an efficiency",
        "1",
        0.0,
        None,
        "Expanded uncertainty of a detection efficiency over its estimate, with k stated.",
        "uncertainty / estimate",
    ),
    Row(
        "polarization_sensitivity",
        "polarization sensitivity",
        "1",
        1.0,
        None,
        "Largest over smallest detection efficiency when the input polarization is varied.",
        "largest / smallest",
    ),
    Row(
        "dark_count_rate",
        "dark count rate",
        "/s",
        0.0,
        None,
        "Rate of output events with the input blocked at the detector.",
    ),
    Row(
        "background_count_rate",
        "background count rate",
        "/s",
        0.0,
        None,
        "Rate of output events with the input open and the source off; dark counts included.",
    ),
    Row(
        "count_rate",
        "count rate",
        "/s",
        0.0,
        None,
        "Rate of output events as counted, nothing subtracted or corrected.",
    ),
    Row(
        "maximum_count_rate",
        "maximum count rate",
        "/s",
        0.0,
        None,
        "Count rate at which the efficiency has fallen by the stated part.",
    ),
    Row(
        "dead_time",
        "dead time",
        "s",
        0.0,
        None,
        "Time after an output event during which no further output event is possible.",
    ),
    Row(
        "dead_time_fraction",
        "count rate times dead time",
        "1",
        0.0,
        1.0,
        "Part of the time during which a detector cannot respond, at the stated count rate.",
    ),
    Row(
        "reset_time",
        "reset time",
        "s",
        0.0,
        None,
        "Time from the end of the dead time until the efficiency is back at its normal value.",
    ),
    Row(
        "recovery_time",
        "recovery time",
        "s",
        0.0,
        None,
        "Dead time and reset time together.",
    ),
    Row(
        "latency",
        "latency",
        "s",
        None,
        None,
        "Mean time from the arrival of a photon at the stated plane to the output edge.",
        "output edge - arrival",
    ),
    Row(
        "timing_jitter",
        "timing jitter",
        "s",
        0.0,
        None,
        "Width of the distribution of latency; which width (FWHM, rms) is part of the conditions.",
    ),
    Row(
        "afterpulse_probability",
        "afterpulse probability",
        "1",
        0.0,
        1.0,
        "Expected number of further output events that one event causes in the stated window.",
    ),
)
