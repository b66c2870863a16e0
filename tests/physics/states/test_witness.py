"""The direct fidelity: unbiased, an interval that covers, a p-value that is one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from qtrace.errors import InputError
from qtrace.physics.proportions import clopper_pearson
from qtrace.physics.states.density import BELL_STATES, PAULI, projector
from qtrace.physics.states.tomography_frame import pauli_frame
from qtrace.physics.states.witness import (
    SIGNS,
    Parity,
    entanglement_p_value,
    fidelity_interval_of,
    mean_interval,
    mean_p_value,
    parities,
    witness_fidelity,
)

EXPERIMENTS = 400


def test_signs_are_the_correlations_of_the_bell_states() -> None:
    for name, signs in SIGNS.items():
        for axis, sign in zip("xyz", signs, strict=True):
            both = np.kron(PAULI[axis], PAULI[axis])
            assert np.trace(projector(BELL_STATES[name]) @ both).real == pytest.approx(sign)


@pytest.mark.parametrize("name", sorted(SIGNS))
def test_probabilities_of_a_bell_state_have_fidelity_one(name: str) -> None:
    frame = pauli_frame(2, ("xx", "yy", "zz"))
    chance = frame.chances(projector(BELL_STATES[name])[None])[0].reshape(3, 4) * 100
    counts = dict(zip(frame.settings, chance.tolist(), strict=True))
    assert witness_fidelity(parities(name, counts)) == pytest.approx(1.0)


def test_equal_trials_give_the_pooled_exact_interval() -> None:
    found = mean_interval([95, 94, 96], [100, 100, 100], probability=0.95)
    pooled = clopper_pearson(285, 300, probability=0.95)
    assert (found.low, found.high) == pytest.approx((pooled.low, pooled.high))


@pytest.mark.parametrize(
    ("chances", "trials"),
    [
        ((0.9, 0.95, 0.99), (30, 30, 30)),
        ((0.9, 0.95, 0.99), (30, 50, 80)),
        ((1.0, 1.0, 0.7), (10, 30, 20)),
        ((0.02, 0.01, 0.0), (20, 20, 20)),
        ((0.5, 0.5, 0.5), (8, 9, 10)),
    ],
)
def test_interval_covers(chances: tuple[float, ...], trials: tuple[int, ...]) -> None:
    generator = np.random.default_rng(11)
    hits = 0
    for _ in range(EXPERIMENTS // (1 if len(set(trials)) == 1 else 8)):
        seen = generator.binomial(trials, chances)
        found = mean_interval(seen.tolist(), trials, probability=0.95)
        hits += found.low <= np.mean(chances) <= found.high
    number = EXPERIMENTS // (1 if len(set(trials)) == 1 else 8)
    assert hits >= binom.ppf(1e-4, number, 0.95)


def test_p_value_is_the_binomial_tail_and_a_bound_otherwise() -> None:
    exact = float(binom.sf(224, 300, 2 / 3))
    assert mean_p_value([75, 75, 75], [100] * 3, bound=2 / 3) == pytest.approx(exact)
    assert mean_p_value([75, 75, 76], [100, 100, 101], bound=2 / 3) > exact
    assert mean_p_value([60, 60, 60], [100] * 3, bound=2 / 3) == 1.0
    pairs = [Parity(75, 100)] * 3
    assert entanglement_p_value(pairs) == pytest.approx(exact)
    interval = fidelity_interval_of(pairs, probability=0.95)
    assert interval.low < witness_fidelity(pairs) < interval.high


def test_missing_and_empty_settings_are_refused() -> None:
    rows = {"xx": [1, 0, 0, 1], "yy": [0, 1, 1, 0]}
    with pytest.raises(InputError, match="zz is missing"):
        parities("phi_plus", rows)
    with pytest.raises(InputError, match="nothing was counted at the setting zz"):
        parities("phi_plus", {**rows, "zz": [0, 0, 0, 0]})
    with pytest.raises(InputError, match="no Bell state"):
        parities("phi", rows)
