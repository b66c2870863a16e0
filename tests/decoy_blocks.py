"""Count tables for the tests of decoy bounds, from the model of a fibre link."""

from __future__ import annotations

from typing import NamedTuple

from qtrace.physics.decoy.decoy_link import LIM_DETECTOR, expected_cells, fibre_transmittance
from qtrace.physics.decoy.decoy_source import BasisCounts, Intensities


class Block(NamedTuple):
    """Counts of both bases with the intensities behind them."""

    key: BasisCounts
    test: BasisCounts
    intensities: Intensities


def two_decoy_block(
    distance_km: float, pulses: float, *, means: tuple[float, ...] = (0.48, 0.12, 2e-4)
) -> Block:
    """Return expected counts of three intensities, key basis chosen in 90 % on both sides."""
    return _block(distance_km, pulses, Intensities(means, (0.6, 0.25, 0.15)))


def one_decoy_block(distance_km: float, pulses: float) -> Block:
    """Return expected counts of two intensities."""
    return _block(distance_km, pulses, Intensities((0.45, 0.15), (0.65, 0.35)))


def _block(distance_km: float, pulses: float, intensities: Intensities) -> Block:
    detector = dict(LIM_DETECTOR)
    fibre = fibre_transmittance(
        distance_km, attenuation_db_per_km=detector.pop("attenuation_db_per_km")
    )
    rows = expected_cells(
        intensities.means,
        intensities.probabilities,
        pulses=pulses,
        basis_probabilities=(0.81, 0.01),
        transmittance=fibre * detector.pop("detection_efficiency"),
        **detector,
    )
    key, test = (
        BasisCounts(
            tuple(float(errors) for errors, _ in cells),
            tuple(float(agreements) for _, agreements in cells),
        )
        for cells in rows
    )
    return Block(key, test, intensities)


def with_more_errors(counts: BasisCounts, row: int, more: float) -> BasisCounts:
    """Return counts with agreements of one intensity turned into errors."""
    errors, agreements = list(counts.errors), list(counts.agreements)
    moved = more * agreements[row]
    errors[row] += moved
    agreements[row] -= moved
    return BasisCounts(tuple(errors), tuple(agreements))
