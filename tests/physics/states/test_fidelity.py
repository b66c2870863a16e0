"""Average and process fidelity: anchors of a computed case, identities, wrong input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.states.fidelity import (
    average_fidelity,
    average_from_process,
    check_fidelity,
    poles_equator_fidelity,
    process_from_average,
    standard_score,
)

# Computed by an independent script: six states, counts of our own.
K, N = (122, 120, 121, 123, 118, 125), (152, 151, 152, 152, 150, 154)


def test_six_states() -> None:
    found = average_fidelity(K, N)
    assert found.value == pytest.approx(0.8001586169920083, rel=1e-12)
    assert found.standard_uncertainty == pytest.approx(0.013247477159507207, rel=1e-12)
    score = standard_score(found.value, 2 / 3, standard_uncertainty=found.standard_uncertainty)
    assert score == pytest.approx(10.076782825742757, rel=1e-12)
    assert process_from_average(found.value) == pytest.approx(0.7002379254880124, rel=1e-12)
    assert found.of_states[0] == pytest.approx(0.8026315789473685, rel=1e-12)


def test_states_are_weighted_and_not_counts() -> None:
    assert average_fidelity((90, 1), (100, 10)).value == pytest.approx(0.5)
    assert average_fidelity((90, 1), (100, 10), weights=(2, 2)).value == pytest.approx(0.5)


def test_poles_and_equator() -> None:
    assert poles_equator_fidelity(0.95, 0.88) == pytest.approx((0.95 + 1.76) / 3)
    thirds = average_fidelity((95, 95, 88, 88), (100,) * 4, weights=(1, 1, 2, 2))
    assert thirds.value == pytest.approx(poles_equator_fidelity(0.95, 0.88))


@given(fidelity=st.floats(0.0, 1.0), dimension=st.integers(2, 64))
def test_conversions_are_inverse(fidelity: float, dimension: int) -> None:
    there = average_from_process(fidelity, dimension=dimension)
    assert process_from_average(there, dimension=dimension) == pytest.approx(fidelity, abs=1e-9)
    assert 1.0 / (dimension + 1.0) - 1e-12 <= there <= 1.0 + 1e-12


def test_published_pair() -> None:
    assert average_from_process(0.859) == pytest.approx(0.906, rel=1e-9)


def test_six_states_average_as_all_pure_states_do() -> None:
    """The set is a 2-design: its mean is the formula's for a channel drawn at random."""
    generator = np.random.default_rng(3)
    raw = generator.normal(size=(4, 2, 2)) + 1j * generator.normal(size=(4, 2, 2))
    stack, _ = np.linalg.qr(raw.reshape(8, 2))
    kraus = stack.reshape(4, 2, 2)
    process = float(sum(abs(np.trace(one)) ** 2 for one in kraus)) / 4.0
    r = 2**-0.5
    kets = np.array([(1, 0), (0, 1), (r, r), (r, -r), (r, 1j * r), (r, -1j * r)])
    mean = np.mean([sum(abs(k.conj() @ one @ k) ** 2 for one in kraus) for k in kets])
    assert mean == pytest.approx(average_from_process(process), rel=1e-12)


def test_wrong_input() -> None:
    for value in (-0.1, 1.1, 91.0, float("nan")):
        with pytest.raises(InputError, match="not between 0 and 1"):
            check_fidelity(value)
    with pytest.raises(InputError) as caught:
        poles_equator_fidelity(0.9, 1.2)
    assert caught.value.where == "equator"
    with pytest.raises(InputError, match="5 successes of 4"):
        average_fidelity((5,), (4,))
    with pytest.raises(InputError, match="0 successes of 0") as caught:
        average_fidelity((1, 0), (4, 0))
    assert caught.value.where == "trials"
    with pytest.raises(InputError, match="weights"):
        average_fidelity((1,), (4,), weights=(0.0,))
    with pytest.raises(InputError, match="for 2 states"):
        average_fidelity((1,), (4, 5))
    with pytest.raises(InputError, match="dimension"):
        process_from_average(0.9, dimension=1)
    with pytest.raises(InputError, match="not above 0"):
        standard_score(1.0, 2 / 3, standard_uncertainty=0.0)
