"""Stability of a record as readings: deviations with intervals, MTIE, time error of the masks.

Inside: `Stability`, `stability_of`, `stability_readings`,
`deviation_reading`, `seconds_text`, `LEAST_DOF`.
Source: NIST SP 1065 (2008), section 5; Greenhall and Riley, PTTI 2003; ITU-T G.810, G.8260.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.stability_metrics import stability_metric
from qtrace.metrics.timing.sync_results import Reading
from qtrace.physics.timing.deviations import Deviations, JudgedDeviations, octave_factors
from qtrace.physics.timing.mtie import mtie, tierms
from qtrace.physics.timing.stability import mdev, oadev, ohdev, tdev
from qtrace.physics.timing.stability_intervals import with_intervals

# Below two degrees of freedom a deviation has no mean of its own; it is not recorded.
LEAST_DOF = 2.0
ESTIMATORS = (
    ("time_deviation", tdev),
    ("allan_deviation", oadev),
    ("modified_allan_deviation", mdev),
    ("hadamard_deviation", ohdev),
)
NOISES = {
    2: "white phase noise",
    1: "flicker phase noise",
    0: "white frequency noise",
    -1: "flicker frequency noise",
    -2: "random walk of frequency",
    -3: "flicker walk of frequency",
    -4: "random run of frequency",
}


@dataclass(frozen=True, slots=True)
class Stability:
    """Deviations of a record by the name of their metric, and its MTIE and TIE rms."""

    deviations: dict[str, JudgedDeviations]
    mtie: Deviations
    tierms: Deviations


def stability_of(record: OffsetRecord) -> Stability:
    """Return all deviations of a record at octave factors; missing steps make terms incomplete."""
    x, tau0 = record.offset_s, record.interval_s
    found = {}
    for name, estimator in ESTIMATORS:
        factors = octave_factors(len(x), kind=estimator.__name__)
        found[name] = with_intervals(estimator(x, interval_s=tau0, factors=factors), x)
    windows = octave_factors(len(x), kind="mtie")
    return Stability(
        found,
        mtie(x, interval_s=tau0, factors=windows),
        tierms(x, interval_s=tau0, factors=windows),
    )


def seconds_text(seconds: float) -> str:
    """Return a time as a condition: short, with its unit."""
    return f"{seconds:.6g} s"


def stability_readings(record: OffsetRecord, stability: Stability) -> tuple[Reading, ...]:
    """Return one reading for each deviation with enough behind it, and for each MTIE."""
    readings: list[Reading] = []
    for name, found in stability.deviations.items():
        for k in range(len(found.tau_s)):
            reading = deviation_reading(name, found, k)
            if reading is not None:
                readings.append(reading)
    for name, windows in (
        ("maximum_time_interval_error", stability.mtie),
        ("rms_time_interval_error", stability.tierms),
    ):
        readings.extend(_windows(record, name, windows))
    return tuple(readings)


def deviation_reading(name: str, found: JudgedDeviations, k: int) -> Reading | None:
    """Return one deviation with its chi-square interval; none where too little is behind it.

    Source: u of a deviation with nu degrees of freedom, s / sqrt(2 nu): normal limit of chi.
    """
    value, dof = float(found.value[k]), float(found.dof[k])
    if not (math.isfinite(value) and dof > LEAST_DOF):
        return None
    tau = float(found.tau_s[k])
    noise = NOISES.get(int(found.alpha[k]), f"alpha = {int(found.alpha[k])}")
    return Reading(
        f"{name}_{tau:.6g}s",
        stability_metric(name),
        {"indicated": (value, value / math.sqrt(2.0 * dof), dof)},
        {"averaging_time": seconds_text(tau)},
        (float(found.low[k]), float(found.high[k]), found.probability),
        f"chi-square, {dof:.3g} degrees of freedom, {noise}, {int(found.terms[k])} terms",
    )


def _windows(record: OffsetRecord, name: str, found: Deviations) -> list[Reading]:
    """Return what has no interval of its own: a statistic of this record, with its length.

    The u is that of the difference of two offsets; how another record would differ is not in it.
    """
    single = np.sqrt(np.nanmean(np.square(record.u_s))) if _known(record) else 0.0
    u = math.sqrt(2.0) * float(single)
    return [
        Reading(
            f"{name}_{tau:.6g}s",
            stability_metric(name),
            {"indicated": (float(value), u, math.inf)},
            {
                "observation_interval": seconds_text(float(tau)),
                "record_length": seconds_text(record.length_s),
            },
            flags=(f"of this record of {record.length_s:.4g} s: no interval is known for it",),
        )
        for tau, value in zip(found.tau_s, found.value, strict=True)
        if math.isfinite(value)
    ]


def _known(record: OffsetRecord) -> bool:
    return bool(np.any(np.isfinite(record.u_s) & (record.u_s > 0.0)))
