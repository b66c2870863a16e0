"""Shares of intensities by photon number: Bayes for known means, limits for sets of means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qtrace.errors import InputError
from qtrace.physics.relay.photon_classes import IntensitySet, class_probabilities, emission_limits

PROBABILITIES = (0.5, 0.3, 0.2)
MEANS = (0.5, 0.1, 0.002)


def shares(means: tuple[float, ...], photons: int) -> np.ndarray:
    weight = np.array(PROBABILITIES) * stats.poisson.pmf(photons, means)
    return np.asarray(weight / weight.sum())


def test_known_means_give_the_theorem_of_bayes() -> None:
    low, high = class_probabilities(IntensitySet(PROBABILITIES, MEANS, MEANS), 6)
    for n in range(7):
        assert low[:, n] == pytest.approx(shares(MEANS, n), rel=1e-12)
        assert high[:, n] == pytest.approx(shares(MEANS, n), rel=1e-12)


@given(
    st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3),
    st.integers(0, 20),
)
@settings(max_examples=40, derandomize=True)
def test_limits_hold_everywhere_in_the_set(where: list[float], photons: int) -> None:
    low = tuple(0.9 * m for m in MEANS)
    high = tuple(1.1 * m for m in MEANS)
    least, most = class_probabilities(IntensitySet(PROBABILITIES, low, high), 4)
    means = tuple(a + t * (b - a) for a, b, t in zip(low, high, where, strict=True))
    column = min(photons, 5)
    assert np.all(shares(means, photons) >= least[:, column] * (1.0 - 1e-12))
    assert np.all(shares(means, photons) <= most[:, column] * (1.0 + 1e-12))


def test_a_true_vacuum_sends_no_photon() -> None:
    low, high = class_probabilities(
        IntensitySet(PROBABILITIES, (0.5, 0.1, 0.0), (0.5, 0.1, 0.0)), 3
    )
    assert np.all(high[2, 1:] == 0.0)
    assert low[2, 0] > 0.0


def test_emission_limits_sum_to_one_without_a_set() -> None:
    low, high = emission_limits(IntensitySet(PROBABILITIES, MEANS, MEANS), 5)
    assert low == pytest.approx(high)
    assert low.sum() == pytest.approx(1.0, abs=1e-12)
    assert low[1] == pytest.approx(np.dot(PROBABILITIES, stats.poisson.pmf(1, MEANS)))


@pytest.mark.parametrize(
    ("probabilities", "low", "high", "said"),
    [
        (PROBABILITIES, (0.5, 0.1, 0.1), (0.5, 0.1, 0.1), "do not fall"),
        (PROBABILITIES, (0.1, 0.5, 0.0), (0.1, 0.5, 0.0), "do not fall"),
        (PROBABILITIES, (0.5, 0.1, 0.0), (0.5, 0.1, 0.2), "do not fall"),
        (PROBABILITIES, (0.5, 0.1, -0.1), (0.5, 0.1, 0.0), "not intervals"),
        ((0.5, 0.3, 0.3), MEANS, MEANS, "do not sum to 1"),
        ((0.8, 0.2, 0.0), MEANS, MEANS, "do not sum to 1"),
    ],
)
def test_impossible_sources_are_refused(
    probabilities: tuple[float, ...], low: tuple[float, ...], high: tuple[float, ...], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        IntensitySet(probabilities, low, high)
