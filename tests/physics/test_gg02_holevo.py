"""Eve's information in GG02: against the printed forms in 70 digits, and laws it must obey."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.physics.continuous.gg02_holevo import (
    entropy_difference,
    entropy_of_photons,
    holevo_information_bits,
)

SAME = 1e-11  # relative: differences are formed by hand, nothing cancels
NEARLY_LOSSLESS = 1e-9  # bits: next to T = 1 two eigenvalues meet, and their root loses digits

PLAIN = 3e-11  # bits: x log x reaches 1e4 at 1000 photons, and the plain form subtracts two

BOTH = pytest.mark.parametrize("heterodyne", [False, True], ids=["homodyne", "heterodyne"])


def _entropy(x: Decimal) -> Decimal:
    tail = x * x.ln() if x > 0 else Decimal(0)
    return ((x + 1) * (x + 1).ln() - tail) / Decimal(2).ln()


def _photons(total: Decimal, product: Decimal) -> list[Decimal]:
    spread = max(total * total - 4 * product, Decimal(0)).sqrt()
    larger = (total + spread) / 2
    return [max((square.sqrt() - 1) / 2, Decimal(0)) for square in (larger, product / larger)]


def printed(v_a: float, t: float, xi: float, *, eta: float, v_el: float, heterodyne: bool) -> float:
    """A, B, C, D exactly as Lodewyck (2007) and Fossier (2009) print them."""
    with localcontext() as context:
        context.prec = 70
        V, T, X, E, N = (Decimal(one) for one in (v_a + 0.0, t, xi, eta, v_el))
        V += 1
        line = 1 / T - 1 + X
        A = V * V * (1 - 2 * T) + 2 * T + T * T * (V + line) ** 2
        root = T * (V * line + 1)
        detector = (2 - E + 2 * N) / E if heterodyne else (1 + N) / E - 1
        total = T * (V + line + detector / T)
        if heterodyne:
            C = A * detector**2 + root**2 + 1 + 2 * T * (V * V - 1)
            C = (C + 2 * detector * (V * root + T * (V + line))) / total**2
            D = ((V + root * detector) / total) ** 2
        else:
            C = (A * detector + V * root + T * (V + line)) / total
            D = root * (V + root * detector) / total
        before = sum((_entropy(x) for x in _photons(A, root**2)), Decimal(0))
        after = sum((_entropy(x) for x in _photons(C, D)), Decimal(0))
        return float(before - after)


def ours(v_a: float, t: float, xi: float, *, eta: float, v_el: float, heterodyne: bool) -> float:
    return float(
        holevo_information_bits(
            v_a,
            t,
            output_excess_noise=t * xi,
            receiver_efficiency=eta,
            electronic_noise=v_el,
            heterodyne=heterodyne,
        )
    )


@BOTH
@pytest.mark.parametrize("t", [1e-12, 1e-9, 1e-6, 1e-3, 0.1, 0.7])
@pytest.mark.parametrize("xi", [0.0, 1e-6, 0.02])
@pytest.mark.parametrize("receiver", [(1.0, 0.0), (0.6, 0.1), (0.05, 1e-5)])
def test_the_printed_forms_in_seventy_digits(
    t: float, xi: float, receiver: tuple[float, float], *, heterodyne: bool
) -> None:
    eta, v_el = receiver
    for v_a in (0.05, 4.0, 300.0):
        expected = printed(v_a, t, xi, eta=eta, v_el=v_el, heterodyne=heterodyne)
        found = ours(v_a, t, xi, eta=eta, v_el=v_el, heterodyne=heterodyne)
        assert found == pytest.approx(expected, rel=SAME)


@BOTH
def test_next_to_a_lossless_channel(*, heterodyne: bool) -> None:
    for t in (1.0, 1.0 - 1e-8, 1.0 - 1e-4):
        for xi in (0.0, 1e-7, 0.01):
            expected = printed(20.0, t, xi, eta=0.6, v_el=0.01, heterodyne=heterodyne)
            found = ours(20.0, t, xi, eta=0.6, v_el=0.01, heterodyne=heterodyne)
            assert found == pytest.approx(expected, abs=NEARLY_LOSSLESS)


@BOTH
def test_nothing_lost_and_no_noise_leaves_her_nothing(*, heterodyne: bool) -> None:
    assert ours(4.0, 1.0, 0.0, eta=0.6, v_el=0.1, heterodyne=heterodyne) == 0.0


@BOTH
def test_a_channel_that_passes_nothing_has_a_finite_value(*, heterodyne: bool) -> None:
    # All the light is hers, and what Bob sees beyond shot noise is hers too.
    held = holevo_information_bits(
        4.0,
        np.array([0.0, 1e-9]),
        output_excess_noise=0.01,
        receiver_efficiency=0.6,
        electronic_noise=0.1,
        heterodyne=heterodyne,
    )
    assert np.all(np.isfinite(held))
    assert held[0] == pytest.approx(held[1], rel=1e-6)


@settings(max_examples=40, derandomize=True)
@given(
    st.tuples(
        st.floats(0.1, 50.0),
        st.floats(1e-6, 0.99),
        st.floats(0.0, 0.3),
        st.floats(0.1, 1.0),
        st.floats(0.0, 0.5),
        st.booleans(),
    )
)
def test_more_noise_tells_her_more(
    link: tuple[float, float, float, float, float, bool],
) -> None:
    v_a, t, xi, eta, v_el, heterodyne = link
    less = ours(v_a, t, xi, eta=eta, v_el=v_el, heterodyne=heterodyne)
    more = ours(v_a, t, xi + 0.05, eta=eta, v_el=v_el, heterodyne=heterodyne)
    assert less >= -1e-12
    assert more > less


def test_arrays_broadcast() -> None:
    found = holevo_information_bits(
        np.array([[2.0], [4.0]]),
        np.array([0.1, 0.2, 0.3]),
        output_excess_noise=0.001,
        receiver_efficiency=0.6,
        electronic_noise=0.1,
        heterodyne=True,
    )
    assert found.shape == (2, 3)


def test_entropy_of_photons() -> None:
    # One photon on average: 2 log2 2 - 0 = 2 bits.
    assert entropy_of_photons(1.0) == pytest.approx(2.0, rel=1e-15)
    assert entropy_of_photons(0.0) == 0.0


@settings(max_examples=40, derandomize=True)
@given(st.floats(1e-6, 1e3), st.floats(1e-6, 1e3))
def test_a_difference_of_entropies_is_one(x: float, y: float) -> None:
    plain = float(entropy_of_photons(x) - entropy_of_photons(y))
    assert entropy_difference(x, y, difference=x - y) == pytest.approx(plain, abs=PLAIN)


def test_a_difference_below_the_digits_of_both() -> None:
    # d G / d x = log2(1 + 1/x).
    found = float(entropy_difference(2.0, 2.0, difference=1e-20))
    assert found == pytest.approx(1e-20 * np.log2(1.5), rel=1e-12)
    assert entropy_difference(1.0, 0.0, difference=1.0) == pytest.approx(2.0)
