"""The link models of the decoy protocols: expected counts by the names of their cells.

Inside: `two_basis_model`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.protocol import LinkModel
from qtrace.physics.decoy.decoy_link import LIM_DETECTOR, expected_cells, fibre_transmittance

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

USES = "pulses"
OF_BASES = ("basis_probability_key", "basis_probability_test")
PULSES = 1e10
# Both sides choose the key basis with 0.9: of pulses 0.81 are in the key basis, 0.01 in the test.
BASES = (0.81, 0.01)
SOURCE = (
    "Lim et al., PRA 89, 022307 (2014), section IV, with the transmittance of the whole system "
    "also in the error probability; intensities and probabilities near the best at 50 km"
)


def _transmittance(*, distance_km: Number, attenuation_db_per_km: Number, **_: Number) -> Array:
    return fibre_transmittance(distance_km, attenuation_db_per_km=attenuation_db_per_km)


def _named(expected: tuple[tuple[tuple[Array, Array], ...], ...]) -> dict[str, Array]:
    """Return expected counts by the names of their cells."""
    return {
        f"{name}_{basis}_{k}": value
        for basis, pairs in zip(("key", "test"), expected, strict=True)
        for k, pair in enumerate(pairs, start=1)
        for name, value in zip(("errors", "agreements"), pair, strict=True)
    }


def two_basis_model(
    source: Mapping[str, float],
    *,
    intensities: int,
    detector: Mapping[str, float] = LIM_DETECTOR,
    bases: tuple[float, float] = BASES,
    where: str = SOURCE,
) -> LinkModel:
    """Return the model of a fibre link with two detectors, for that many intensities.

    Args:
        source: Defaults of mean photon numbers and probabilities, by argument name.
        intensities: How many there are.
        detector: Defaults of fibre and receiver.
        bases: Defaults of the probabilities that both sides choose the key and the test basis.
        where: Where the model and its defaults are from.
    """
    rows = range(1, intensities + 1)

    def cells(
        *,
        distance_km: Number,
        attenuation_db_per_km: Number,
        detection_efficiency: Number,
        dark_count_probability: Number,
        misalignment: Number,
        afterpulse_probability: Number,
        pulses: Number,
        **given: Number,
    ) -> dict[str, Array]:
        fibre = fibre_transmittance(distance_km, attenuation_db_per_km=attenuation_db_per_km)
        expected = expected_cells(
            [given[f"mean_photon_number_{k}"] for k in rows],
            [given[f"probability_{k}"] for k in rows],
            pulses=pulses,
            basis_probabilities=(given[OF_BASES[0]], given[OF_BASES[1]]),
            transmittance=fibre * detection_efficiency,
            dark_count_probability=dark_count_probability,
            misalignment=misalignment,
            afterpulse_probability=afterpulse_probability,
        )
        return _named(expected)

    return LinkModel(
        defaults=MappingProxyType(
            {
                **source,
                **detector,
                **dict(zip(OF_BASES, bases, strict=True)),
                USES: PULSES,
            }
        ),
        cells=cells,
        transmittance=_transmittance,
        uses=USES,
        source=where,
    )
