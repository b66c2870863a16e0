"""Memories: channels, the fit against drawn counts, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.physics.states.memory import Decay, decay_of, fit_coherence, memory_weights
from qtrace.physics.states.swapping import swap_bell_diagonal, werner_weights
from qtrace.physics.states.swapping_chain import basis_visibilities

TIMES = np.array([0.0, 5.0, 10.0, 20.0, 40.0, 80.0])


def test_dephasing_takes_the_coherence_and_leaves_the_poles() -> None:
    pair = swap_bell_diagonal(werner_weights(1.0), memory_weights(2.0, dephasing_time_s=4.0))
    x, y, z = basis_visibilities(pair)
    assert (x, y, z) == pytest.approx((math.exp(-0.5), math.exp(-0.5), 1.0))


def test_depolarising_takes_all_alike() -> None:
    pair = swap_bell_diagonal(werner_weights(1.0), memory_weights(2.0, depolarising_time_s=4.0))
    assert basis_visibilities(pair) == pytest.approx([math.exp(-0.5)] * 3)


def test_times_add_up_and_none_changes_nothing() -> None:
    both = swap_bell_diagonal(
        memory_weights(1.0, dephasing_time_s=3.0, depolarising_time_s=7.0),
        memory_weights(2.0, dephasing_time_s=3.0, depolarising_time_s=7.0),
    )
    whole = memory_weights(3.0, dephasing_time_s=3.0, depolarising_time_s=7.0)
    assert both == pytest.approx(whole)
    assert memory_weights(0.0, dephasing_time_s=1.0) == pytest.approx([1.0, 0.0, 0.0, 0.0])
    assert memory_weights(5.0) == pytest.approx([1.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize("decay", Decay)
def test_exact_counts_give_the_truth(decay: Decay) -> None:
    n = 1_000_000
    good = np.round(n * 0.5 * (1.0 + 0.9 * decay_of(TIMES, coherence_time_s=30.0, decay=decay)))
    fit = fit_coherence(TIMES, good.astype(int), (n - good).astype(int), decay=decay)
    assert fit.coherence_time_s == pytest.approx(30.0, rel=1e-4)  # rounding of counts
    assert fit.visibility == pytest.approx(0.9, rel=1e-4)
    assert fit.p_value > 0.99


def test_u_is_the_scatter_of_draws() -> None:
    rng = np.random.default_rng(3)
    p = 0.5 * (1.0 + 0.9 * np.exp(-TIMES / 30.0))
    fits = []
    for _ in range(200):
        good = rng.binomial(1000, p)
        fits.append(fit_coherence(TIMES, good, 1000 - good))
    found = np.array([one.coherence_time_s for one in fits])
    mean_u = float(np.mean([one.u_coherence_time_s for one in fits]))
    # The standard deviation of 200 draws is known to 5 %: three of them.
    assert float(np.std(found)) == pytest.approx(mean_u, rel=0.16)
    assert float(np.mean(found)) == pytest.approx(30.0, abs=4.0 * mean_u / math.sqrt(200))
    assert 0.35 < float(np.mean([one.p_value for one in fits])) < 0.65


def test_another_shape_is_noticed() -> None:
    n = 100_000
    good = np.round(n * 0.5 * (1.0 + 0.9 * np.exp(-TIMES / 30.0))).astype(int)
    assert not fit_coherence(TIMES, good, n - good, decay=Decay.GAUSSIAN).holds
    assert fit_coherence(TIMES, good, n - good).holds


def test_a_visibility_at_its_limit_is_said() -> None:
    fit = fit_coherence([0.0, 1.0, 2.0, 4.0], [500, 350, 300, 260], [0, 150, 200, 240])
    assert fit.at_limit
    assert fit.visibility <= 1.0
    assert math.isfinite(fit.u_coherence_time_s)


@pytest.mark.parametrize(
    ("times", "good", "bad", "says"),
    [
        ([0.0, 1.0], [90, 80], [10, 20], "too few"),
        ([0.0, 1.0, 1.0], [90, 80, 80], [10, 20, 20], "too few"),
        ([-1.0, 1.0, 2.0], [90, 80, 70], [10, 20, 30], "negative"),
        ([0.0, 1.0, 2.0], [90, 80, 0], [10, 20, 0], "none at all"),
        ([0.0, 1.0, 2.0], [90, 80], [10, 20], "belong together"),
        ([0.0, 1.0, 2.0], [900, 900, 900], [100, 100, 100], "no decay"),
        ([0.0, 1.0, 2.0], [500, 500, 500], [500, 500, 500], "no decay"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    times: list[float], good: list[int], bad: list[int], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        fit_coherence(times, good, bad)


def test_impossible_memories_are_refused() -> None:
    with pytest.raises(InputError, match="negative or endless"):
        memory_weights(-1.0, dephasing_time_s=1.0)
    with pytest.raises(InputError, match="not above zero"):
        memory_weights(1.0, dephasing_time_s=0.0)
