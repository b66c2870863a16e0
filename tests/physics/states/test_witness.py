"""The direct fidelity: its signs and counts; interval and p-value are those of pair_fidelity."""

from __future__ import annotations

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.physics.states.density import BELL_STATES, PAULI, projector
from qtrace.physics.states.pair_fidelity import entanglement_p_value, pair_fidelity_interval
from qtrace.physics.states.tomography_frame import pauli_frame
from qtrace.physics.states.witness import (
    SIGNS,
    Parity,
    parities,
    witness_fidelity,
    witness_interval,
    witness_p_value,
)


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


def test_interval_and_p_value_are_those_of_the_pair_fidelity() -> None:
    pairs = [Parity(75, 100), Parity(80, 110), Parity(90, 100)]
    counts = ((75, 80, 90), (100, 110, 100))
    found = witness_interval(pairs, probability=0.95)
    assert found == pair_fidelity_interval(*counts, probability=0.95)
    assert found.low < witness_fidelity(pairs) < found.high
    assert witness_p_value(pairs) == entanglement_p_value(*counts)


def test_missing_and_empty_settings_are_refused() -> None:
    rows = {"xx": [1, 0, 0, 1], "yy": [0, 1, 1, 0]}
    with pytest.raises(InputError, match="zz is missing"):
        parities("phi_plus", rows)
    with pytest.raises(InputError, match="nothing was counted at the setting zz"):
        parities("phi_plus", {**rows, "zz": [0, 0, 0, 0]})
    with pytest.raises(InputError, match="no Bell state"):
        parities("phi", rows)
