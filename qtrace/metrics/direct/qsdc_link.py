"""What a lossy channel would give a direct communication: expected counts against distance.

Inside: `qsdc_link`.
Source: loss once on the way to the check, twice for the message; dark counts are wrong half of
the time. A plain model of ours, no published set of devices.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qtrace.metrics.protocol import Array, LinkModel


def _transmittance(*, distance_km: Array, attenuation_db_per_km: Array, **_rest: Array) -> Array:
    """Return that of the fibre, one way."""
    loss_db = np.asarray(attenuation_db_per_km) * np.asarray(distance_km)
    return np.asarray(10.0 ** (-loss_db / 10.0), dtype=np.float64)


def _gain(reach: Array, light: Array | None, dark: Array) -> Array:
    """Return the detections per pulse: of one photon, or of a Poisson pulse."""
    seen = reach if light is None else -np.expm1(-light * reach)
    return np.asarray(dark + seen - dark * seen, dtype=np.float64)


def qsdc_link(modes: Mapping[str, str], *, intensities: tuple[str, ...] = ()) -> LinkModel:
    """Return the model for rows of counts.

    Args:
        modes: Row to the argument that counts its pulses.
        intensities: Of weak pulses; none for single photons or pairs.
    """

    def cells(*, distance_km: Array, **given: Array) -> dict[str, Array]:
        once = _transmittance(
            distance_km=distance_km, attenuation_db_per_km=given["attenuation_db_per_km"]
        )
        found: dict[str, Array] = {}
        for mode, pulses in modes.items():
            way = once**2 if mode.startswith("message") else once
            reach = way * given["check_receiver_efficiency"]
            for k in intensities or ("",):
                light = given[f"mean_photon_number_{k}"] if k else None
                sent = given[pulses] * (given[f"probability_{k}"] if k else 1.0)
                dark = given["dark_count_probability"]
                gain = _gain(reach, light, dark)
                wrong = dark / 2.0 + given["misalignment"] * (gain - dark)
                row = f"{mode}_{k}" if k else mode
                found[f"errors_{row}"] = sent * wrong
                found[f"agreements_{row}"] = sent * (gain - wrong)
        return found

    levels = {"1": (0.1, 0.8), "2": (0.02, 0.15), "3": (0.0, 0.05)}
    defaults = {
        "attenuation_db_per_km": 0.2,
        "check_receiver_efficiency": 0.7,
        "dark_count_probability": 1e-6,
        "misalignment": 0.001,
        **dict.fromkeys(modes.values(), 1e9),
    }
    for k in intensities:
        defaults[f"mean_photon_number_{k}"], defaults[f"probability_{k}"] = levels[k]
    return LinkModel(
        defaults=defaults,
        cells=cells,
        transmittance=_transmittance,
        uses="pulses_message",
        source="a plain model of loss, no published set of devices",
    )
