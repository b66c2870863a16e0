"""Drawn runs with the photon numbers kept: what is certified is really there.

An adversary announces by photon number only; pulses are drawn one class at a time, so that the
numbers of single photons in the key, and their errors, are known.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from qtrace.physics.relay.mdi import OutcomeTables, estimate_outcome, squared_deviations
from qtrace.physics.relay.photon_classes import IntensitySet

P = np.array([0.5, 0.3, 0.2])
MEANS = np.array([0.4, 0.1, 0.002])
WIDTH = 0.01
NUMBERS = 8
PULSES = 3e10
RUNS = 12


def yields(kind: str) -> np.ndarray:
    n = np.arange(NUMBERS)
    arm = 1 - (1 - 0.1) ** n
    honest = np.outer(arm, arm) / 2 + 1e-6
    if kind == "splitting":  # single photons are held back, several are let through
        honest[1, 1] *= 0.3
        honest[2:, 2:] = np.minimum(2.5 * honest[2:, 2:], 1.0)
    return honest


def draw(
    means_a: np.ndarray, means_b: np.ndarray, announced: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Return events by (i, j, n, m)."""
    n = np.arange(NUMBERS)
    of_a = P[:, None] * stats.poisson.pmf(n, means_a[:, None])
    of_b = P[:, None] * stats.poisson.pmf(n, means_b[:, None])
    expected = PULSES * np.einsum("in,jm,nm->ijnm", of_a, of_b, announced)
    return generator.poisson(expected)


@pytest.mark.parametrize("kind", ["honest", "splitting"])
def test_single_photons_and_their_errors_are_never_overstated(kind: str) -> None:
    generator = np.random.default_rng(20_24)
    source = IntensitySet(tuple(P), tuple(MEANS * (1 - WIDTH)), tuple(MEANS * (1 + WIDTH)))
    share = []
    for _ in range(RUNS):
        off_a, off_b = (MEANS * (1 + WIDTH * generator.uniform(-1, 1, 3)) for _ in range(2))
        announced = yields(kind)
        key = draw(off_a, off_b, announced, generator)
        right = draw(off_a, off_b, 0.97 * announced, generator)
        wrong = draw(off_a, off_b, 0.03 * announced, generator)
        tables = OutcomeTables(
            *(x.sum(axis=(2, 3)).astype(float) for x in (key, right + wrong, wrong))
        )
        # A loose epsilon: bounds that lean the wrong way would show in a few runs.
        bound = estimate_outcome(source, source, tables=tables, deviations=squared_deviations(0.3))
        true_single = key[0, 0, 1, 1]
        true_error = wrong[:, :, 1, 1].sum() / (right + wrong)[:, :, 1, 1].sum()
        assert bound.single <= true_single
        assert bound.phase_error >= true_error
        share.append(bound.single / true_single)
    if kind == "honest":
        assert np.mean(share) > 0.7  # and they are not idle
