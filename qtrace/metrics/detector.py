"""Detector metrics after NIST IR 8486r1: efficiency, photon rate, dark counts, rate, mismatch.

Inside: `DETECTOR_METRICS` and the functions behind them.
Arguments in SI units, by keyword; numbers or arrays; nothing is clipped.
Source: Reddy et al., APL Photonics 7, 051302 (2022), supplement, Eqs. S1 to S7; NIST IR 8486r1
(2025) for the terms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument
from qtrace.physics.detection import efficiency_at_photon_rate, substitution_efficiency
from qtrace.physics.photons import photon_rate_per_s

Number = float | NDArray[np.float64]

CALIBRATION, COUNTS = ArgumentSource.CALIBRATION, ArgumentSource.COUNTS
TIME_BASE = MetricArgument("time_base_frequency", "time_base_frequency", CALIBRATION, "counter", 0)


def photon_rate(
    *,
    monitor_power: Number,
    wavelength: Number,
    switch_ratio: Number,
    indication_ratio: Number,
    attenuator_1: Number = 1.0,
    attenuator_2: Number = 1.0,
    attenuator_3: Number = 1.0,
) -> Number:
    """Return the photons per s at the detector's plane, from a monitored, attenuated power.

    Args:
        monitor_power: Indication of the monitor without attenuation, linearised, in W.
        wavelength: Vacuum wavelength in m.
        switch_ratio: Power at the monitor port over power at the detector port.
        indication_ratio: Indicated over true power of the transfer meter.
        attenuator_1: Transmittance of the first attenuator.
        attenuator_2: Transmittance of the second.
        attenuator_3: Transmittance of the third.

    Source: Reddy et al. (2022), N = P0 lambda/(h c) a1 a2 a3 / (R_sw CF). The text of the
        supplement turns the switch ratio round; its code and numbers use this one.
    """
    true_power = monitor_power / (switch_ratio * indication_ratio)
    arriving = true_power * attenuator_1 * attenuator_2 * attenuator_3
    return photon_rate_per_s(arriving, wavelength)


def system_detection_efficiency(
    *, count_rate: Number, dark_count_rate: Number, photon_rate: Number
) -> Number:
    """Return the efficiency by substitution, (CR - DCR) / N; unclipped."""
    return substitution_efficiency(count_rate, dark_count_rate, photon_rate)


def corrected_rate(*, indicated_rate: Number, time_base_frequency: Number = 0.0) -> Number:
    """Return a rate in true seconds from a rate in the seconds of the counter.

    Source: a time base that is fast by y shows the rate too low by 1 + y.
    """
    return indicated_rate * (1.0 + time_base_frequency)


def efficiency_at_rate(*, efficiency: Number, photon_rate: Number, dead_time: Number) -> Number:
    """Return the efficiency at a photon rate, dead time being non-paralyzable."""
    return efficiency_at_photon_rate(efficiency, photon_rate, dead_time_s=dead_time)


def efficiency_ratio(*, efficiency_a: Number, efficiency_b: Number) -> Number:
    """Return the efficiency of detector a over that of detector b."""
    return efficiency_a / efficiency_b


def efficiency_mismatch(*, efficiency_a: Number, efficiency_b: Number) -> Number:
    """Return one minus the smaller over the larger efficiency of a pair."""
    mismatch: Number = 1.0 - np.minimum(efficiency_a, efficiency_b) / np.maximum(
        efficiency_a, efficiency_b
    )
    return mismatch


PAIR = (
    MetricArgument("efficiency_a", "system_detection_efficiency", CALIBRATION, "detector_a"),
    MetricArgument("efficiency_b", "system_detection_efficiency", CALIBRATION, "detector_b"),
)

DETECTOR_METRICS: tuple[Metric, ...] = (
    Metric(
        metric_id="detector.photon_rate",
        version="1",
        title="photon rate from a monitored and attenuated power",
        result_kind="photon_rate",
        unit="/s",
        arguments=(
            MetricArgument("monitor_power", "optical_power", CALIBRATION, "monitor_meter"),
            MetricArgument("wavelength", "wavelength", CALIBRATION, "laser"),
            MetricArgument("switch_ratio", "power_ratio", CALIBRATION, "switch"),
            MetricArgument("indication_ratio", "indication_ratio", CALIBRATION, "transfer_meter"),
            MetricArgument("attenuator_1", "transmittance", CALIBRATION, "attenuator_1", 1),
            MetricArgument("attenuator_2", "transmittance", CALIBRATION, "attenuator_2", 1),
            MetricArgument("attenuator_3", "transmittance", CALIBRATION, "attenuator_3", 1),
        ),
        function=photon_rate,
        influenced_by="monitor meter, transfer meter, switch, attenuators, laser wavelength",
        source="Reddy et al., APL Photonics 7, 051302 (2022), supplement",
    ),
    Metric(
        metric_id="detector.system_detection_efficiency",
        version="1",
        title="system detection efficiency by substitution",
        result_kind="system_detection_efficiency",
        unit="1",
        arguments=(
            MetricArgument("count_rate", "count_rate", COUNTS, "detector"),
            MetricArgument("dark_count_rate", "dark_count_rate", COUNTS, "detector"),
            MetricArgument("photon_rate", "photon_rate", CALIBRATION),
        ),
        function=system_detection_efficiency,
        influenced_by="photon rate and all behind it, time base of the counter",
        source="Reddy et al., APL Photonics 7, 051302 (2022), supplement",
    ),
    Metric(
        metric_id="detector.dark_count_rate",
        version="1",
        title="dark count rate, input blocked",
        result_kind="dark_count_rate",
        unit="/s",
        arguments=(MetricArgument("indicated_rate", "count_rate", COUNTS, "detector"), TIME_BASE),
        function=corrected_rate,
        influenced_by="time base of the counter",
        source="NIST IR 8486r1 (2025), term; rate in true seconds by the definition of y",
    ),
    Metric(
        metric_id="detector.efficiency_at_rate",
        version="1",
        title="efficiency that dead time leaves at a photon rate",
        result_kind="detection_efficiency_at_rate",
        unit="1",
        arguments=(
            MetricArgument("efficiency", "system_detection_efficiency", CALIBRATION, "detector"),
            MetricArgument("photon_rate", "photon_rate", CALIBRATION),
            MetricArgument("dead_time", "dead_time", CALIBRATION, "detector"),
        ),
        function=efficiency_at_rate,
        influenced_by="efficiency, photon rate, dead time",
        source="non-paralyzable dead time, m = eta N / (1 + eta N tau)",
    ),
    Metric(
        metric_id="detector.efficiency_ratio",
        version="1",
        title="efficiency of one detector over that of another",
        result_kind="efficiency_ratio",
        unit="1",
        arguments=PAIR,
        function=efficiency_ratio,
        influenced_by="efficiencies of both detectors; what they share cancels",
        source="ratio a / b in the order named",
    ),
    Metric(
        metric_id="detector.efficiency_mismatch",
        version="1",
        title="efficiency mismatch of a pair",
        result_kind="efficiency_mismatch",
        unit="1",
        arguments=PAIR,
        function=efficiency_mismatch,
        influenced_by="efficiencies of both detectors; what they share cancels",
        source="1 - smaller / larger; largest relative difference, Tupkary et al. (2024)",
        differentiable=False,
        interval_by="none of its own (it has a kink at 0): judge detector.efficiency_ratio",
    ),
)
