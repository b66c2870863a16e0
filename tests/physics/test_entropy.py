"""Binary entropy: known values, symmetry, and tiny probabilities without loss of digits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy

PUBLISHED = 1e-9  # relative: how the reference values are given
ROUNDING = 1e-13  # relative


@pytest.mark.parametrize(
    ("probability", "bits"),
    [(0.11, 0.499915958164528), (0.5, 1.0), (1e-12, 4.130580026464068e-11)],
)
def test_known_values(probability: float, bits: float) -> None:
    assert binary_entropy(probability) == pytest.approx(bits, rel=PUBLISHED)


def test_certainty_has_no_entropy_and_no_minus_sign() -> None:
    ends = np.asarray(binary_entropy(np.array([0.0, 1.0])))
    assert ends.tolist() == [0.0, 0.0]
    assert not np.signbit(ends).any()


@given(st.floats(2.0**-20, 1.0 - 2.0**-20))
def test_yes_and_no_may_be_exchanged(probability: float) -> None:
    assert binary_entropy(probability) == pytest.approx(binary_entropy(1.0 - probability), rel=1e-9)


@given(st.floats(0.0, 0.49), st.floats(1e-3, 1e-2))
def test_it_rises_up_to_one_half(probability: float, step: float) -> None:
    assert binary_entropy(probability) < binary_entropy(probability + step) <= 1.0


@given(st.floats(1e-300, 1e-9))
def test_tiny_probabilities_keep_their_digits(probability: float) -> None:
    # h(x) = x log2(e / x) to first order in x.
    expected = probability * (np.log2(np.e) - np.log2(probability))
    assert binary_entropy(probability) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("probability", [-1e-9, 1.0 + 1e-9, float("nan"), float("inf")])
def test_outside_zero_to_one_is_refused(probability: float) -> None:
    with pytest.raises(InputError, match="outside 0 to 1"):
        binary_entropy(probability)
    with pytest.raises(InputError, match="outside 0 to 1"):
        binary_entropy(np.array([0.1, probability]))
