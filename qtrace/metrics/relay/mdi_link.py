"""What a fibre with a relay that measures Bell states would count: expected cells by distance.

Inside: `DEFAULTS`, `expected_cells`, `transmittance`, `LINK_MODEL`.
Source: channel of Ma and Razavi, PRA 86, 062319 (2012); detectors and fibre of Xu, Curty, Qi and
Lo, New J. Phys. 15, 113007 (2013), Table 1 [from memory].
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.protocol import LinkModel
from qtrace.metrics.relay.mdi_figures import INTENSITIES, OUTCOMES
from qtrace.physics.relay.mdi_channel import interfering_gain, separating_gain

Array = NDArray[np.float64]
Number = float | Array

DEFAULTS: Mapping[str, float] = MappingProxyType(
    {
        "attenuation_db_per_km": 0.2,
        "relay_position": 0.5,  # part of the distance that lies on the side of a
        "detection_efficiency": 0.145,
        "dark_probability": 6.02e-6,  # of one detector in one gate
        "misalignment": 0.015,
        "pulses": 1e14,
        "probability_key_a": 0.8,
        "probability_key_b": 0.8,
        **{
            f"{name}{k}": value
            for source in ("a", "b")
            for k, mean, chosen in ((1, 0.3, 0.6), (2, 0.05, 0.3), (3, 5e-4, 0.1))
            for name, value in (
                (f"mean_photon_number_{source}", mean),
                (f"probability_{source}", chosen),
            )
        },
    }
)


def transmittance(*, distance_km: Number, attenuation_db_per_km: Number, **_: Number) -> Array:
    """Return the transmittance of the whole fibre, detectors left out."""
    loss = np.asarray(attenuation_db_per_km) * np.asarray(distance_km)
    return np.asarray(10.0 ** (-loss / 10.0), dtype=np.float64)


def expected_cells(*, distance_km: Number, **fields: Number) -> dict[str, Array]:
    """Return the expected counts of all cells; half of each for either Bell state.

    Args:
        distance_km: Length of fibre between the two sources.
        **fields: The fields of `DEFAULTS`, all of them.

    Source: gains as in `mdi_channel`; the key basis is the one in which the relay separates.
    """
    loss_db = np.asarray(fields["attenuation_db_per_km"]) * np.asarray(distance_km)
    part = np.asarray(fields["relay_position"])
    efficiency = fields["detection_efficiency"]
    arm_a = efficiency * 10.0 ** (-loss_db * part / 10.0)
    arm_b = efficiency * 10.0 ** (-loss_db * (1.0 - part) / 10.0)
    key_a, key_b = fields["probability_key_a"], fields["probability_key_b"]
    bases = (
        ("key", separating_gain, key_a * key_b),
        ("test", interfering_gain, (1.0 - key_a) * (1.0 - key_b)),
    )
    cells: dict[str, Array] = {}
    for basis, model, chosen in bases:
        for i in INTENSITIES:
            for j in INTENSITIES:
                gain, errors = model(
                    arm_a * fields[f"mean_photon_number_a{i}"],
                    arm_b * fields[f"mean_photon_number_b{j}"],
                    dark=fields["dark_probability"],
                    misalignment=fields["misalignment"],
                )
                pairs = (
                    fields["pulses"]
                    * chosen
                    * fields[f"probability_a{i}"]
                    * fields[f"probability_b{j}"]
                    / len(OUTCOMES)
                )
                for k in OUTCOMES:
                    cells[f"errors_{basis}_{i}_{j}_{k}"] = np.asarray(pairs * errors)
                    cells[f"agreements_{basis}_{i}_{j}_{k}"] = np.asarray(pairs * (gain - errors))
    return cells


LINK_MODEL = LinkModel(
    defaults=DEFAULTS,
    cells=expected_cells,
    transmittance=transmittance,
    uses="pulses",
    source="Ma and Razavi, PRA 86, 062319 (2012); Xu et al., New J. Phys. 15, 113007 (2013)",
    repeater=True,
)
