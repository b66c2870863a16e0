"""Expected counts of a BBM92 link with a down-conversion source between both sides.

Inside: `BBM92_LINK`.
Source: Ma, Fung and Lo, PRA 76, 012307 (2007).
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.protocol import LinkModel
from qtrace.physics.entangled.pair_source import (
    coincidence_error_rate,
    coincidence_gain,
    fibre_transmittance,
)

Array = NDArray[np.float64]
Number = float | Array

# Detectors and source of the 144 km experiment as simulated by Ma, Fung and Lo [from memory];
# the attenuation is that of a fibre, the mean number of pairs ours.
DEFAULTS = MappingProxyType(
    {
        "pulses": 1e12,
        "mean_pairs": 0.1,
        "detector_efficiency_a": 0.145,
        "detector_efficiency_b": 0.145,
        "background_a": 6.02e-6,
        "background_b": 6.02e-6,
        "misalignment": 0.015,
        "attenuation_db_per_km": 0.2,
        "share_a": 0.5,
        "probability_z": 0.5,
    }
)


def _cells(*, distance_km: Number, **fields: Number) -> dict[str, Array]:
    """Return expected errors and agreements of both bases.

    `share_a` is the part of the distance between the source and Alice; both sides choose the
    basis Z with `probability_z`.

    Source: Ma, Fung and Lo (2007), a coincidence in matching bases is sifted.
    """
    distance = np.asarray(distance_km, dtype=np.float64)
    alpha = fields["attenuation_db_per_km"]
    arms: dict[str, Number] = {}
    for side, share in (("a", fields["share_a"]), ("b", 1.0 - fields["share_a"])):
        fibre = fibre_transmittance(distance * share, attenuation_db_per_km=alpha)
        arms[f"transmittance_{side}"] = fields[f"detector_efficiency_{side}"] * fibre
        arms[f"background_{side}"] = fields[f"background_{side}"]
    half = fields["mean_pairs"] / 2.0
    coincidences = fields["pulses"] * coincidence_gain(half, **arms)
    error = coincidence_error_rate(half, **arms, misalignment=fields["misalignment"])
    cells: dict[str, Array] = {}
    for basis, share in (("z", fields["probability_z"]), ("x", 1.0 - fields["probability_z"])):
        sifted = coincidences * np.square(share)
        cells[f"errors_{basis}"] = np.asarray(sifted * error)
        cells[f"agreements_{basis}"] = np.asarray(sifted * (1.0 - error))
    return cells


def _transmittance(*, distance_km: Number, attenuation_db_per_km: Number, **_: Number) -> Array:
    """Return the transmittance of the whole fibre, both arms together."""
    return np.asarray(fibre_transmittance(distance_km, attenuation_db_per_km=attenuation_db_per_km))


BBM92_LINK = LinkModel(
    defaults=DEFAULTS,
    cells=_cells,
    transmittance=_transmittance,
    uses="pulses",
    source="Ma, Fung and Lo, PRA 76, 012307 (2007); parameters from memory",
    repeater=True,  # the source stands between both sides: PLOB of the whole is no theorem there
)
