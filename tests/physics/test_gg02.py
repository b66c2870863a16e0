"""GG02 from moments: the link run backwards, laws of the key, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.capacity import plob_bits_per_use
from qtrace.physics.continuous.gg02 import (
    Channel,
    attribute,
    channel_from_moments,
    key_per_use,
    moments_of_link,
    mutual_information_bits,
)

SAME = 1e-12  # relative: the same numbers by another order of operations
# Bits per symbol: V_B - cov^2 / V_A loses digits where V_A is large beside the noise.
MOMENT_ROUNDING = 1e-9

BOTH = pytest.mark.parametrize("heterodyne", [False, True], ids=["homodyne", "heterodyne"])
LINKS = st.tuples(
    st.floats(0.5, 40.0),  # V_A
    st.floats(1e-4, 0.95),  # T
    st.floats(0.0, 0.1),  # xi
    st.floats(0.2, 0.99),  # eta
    st.floats(0.0, 0.3),  # v_el
    st.booleans(),
)


def channel(
    v_a: float, t: float, xi: float, *, eta: float, v_el: float, heterodyne: bool
) -> Channel:
    covariance, variance = moments_of_link(
        v_a,
        t,
        excess_noise_at_input=xi,
        receiver_efficiency=eta,
        electronic_noise=v_el,
        heterodyne=heterodyne,
    )
    return channel_from_moments(v_a, covariance, bob_variance=variance)


def key(of: Channel, *, eta: float, v_el: float, heterodyne: bool, beta: float = 0.95) -> float:
    return float(
        key_per_use(
            of,
            receiver_efficiency=eta,
            electronic_noise=v_el,
            reconciliation_efficiency=beta,
            heterodyne=heterodyne,
        )
    )


@BOTH
def test_moments_of_a_link_lead_back_to_the_link(*, heterodyne: bool) -> None:
    of = channel(5.0, 0.2, 0.03, eta=0.6, v_el=0.1, heterodyne=heterodyne)
    part = attribute(of, receiver_efficiency=0.6, electronic_noise=0.1, heterodyne=heterodyne)
    assert part.transmittance == pytest.approx(0.2, rel=SAME)
    assert part.excess_noise_at_output / part.transmittance == pytest.approx(0.03, rel=1e-11)


@BOTH
def test_mutual_information_written_out(*, heterodyne: bool) -> None:
    v_a, t, xi, eta, v_el = 5.0, 0.2, 0.03, 0.6, 0.1
    of = channel(v_a, t, xi, eta=eta, v_el=v_el, heterodyne=heterodyne)
    detector = (2 - eta + 2 * v_el) / eta if heterodyne else (1 + v_el) / eta - 1
    total = 1 / t - 1 + xi + detector / t
    expected = math.log2((v_a + 1 + total) / (1 + total)) / (1 if heterodyne else 2)
    found = float(mutual_information_bits(of, heterodyne=heterodyne))
    assert found == pytest.approx(expected, rel=SAME)


@settings(max_examples=40, derandomize=True)
@given(LINKS)
def test_an_untrusted_receiver_never_gives_more(
    link: tuple[float, float, float, float, float, bool],
) -> None:
    v_a, t, xi, eta, v_el, heterodyne = link
    of = channel(v_a, t, xi, eta=eta, v_el=v_el, heterodyne=heterodyne)
    trusted = key(of, eta=eta, v_el=v_el, heterodyne=heterodyne)
    assert key(of, eta=1.0, v_el=0.0, heterodyne=heterodyne) <= trusted + MOMENT_ROUNDING


@settings(max_examples=40, derandomize=True)
@given(LINKS)
def test_a_key_never_passes_the_repeaterless_bound_of_its_channel(
    link: tuple[float, float, float, float, float, bool],
) -> None:
    v_a, t, xi, eta, v_el, heterodyne = link
    of = channel(v_a, t, xi, eta=eta, v_el=v_el, heterodyne=heterodyne)
    best = key(of, eta=eta, v_el=v_el, heterodyne=heterodyne, beta=1.0)
    assert best <= float(plob_bits_per_use(t)) + MOMENT_ROUNDING


@settings(max_examples=40, derandomize=True)
@given(LINKS)
def test_at_the_same_moments_less_trust_is_less_key(
    link: tuple[float, float, float, float, float, bool],
) -> None:
    # A more efficient or quieter receiver leaves more loss and noise to the channel.
    v_a, t, xi, eta, v_el, heterodyne = link
    of = channel(v_a, t, xi, eta=eta, v_el=v_el, heterodyne=heterodyne)
    here = key(of, eta=eta, v_el=v_el, heterodyne=heterodyne)
    better = min(1.0, eta * 1.05)
    assert key(of, eta=better, v_el=v_el, heterodyne=heterodyne) <= here + MOMENT_ROUNDING
    assert key(of, eta=eta, v_el=0.9 * v_el, heterodyne=heterodyne) <= here + MOMENT_ROUNDING


@BOTH
def test_more_noise_in_the_channel_is_less_key(*, heterodyne: bool) -> None:
    keys = [
        key(
            channel(4.0, 0.2, xi, eta=0.6, v_el=0.1, heterodyne=heterodyne),
            eta=0.6,
            v_el=0.1,
            heterodyne=heterodyne,
        )
        for xi in (0.0, 0.01, 0.02, 0.05, 0.2)
    ]
    assert keys == sorted(keys, reverse=True)
    assert keys[-1] < 0.0 < keys[0]


@BOTH
def test_the_linear_form_of_the_key_at_tiny_transmittance(*, heterodyne: bool) -> None:
    # Without noise K / T tends to a constant: nothing is lost to rounding down to 1e-10. It is
    # asked at moments in closed form, since moments as numbers cannot hold a slope of 1e-5.
    def ratio(t: float) -> float:
        ports = 2.0 if heterodyne else 1.0
        of = Channel(np.asarray(4.0), np.asarray(math.sqrt(0.6 * t / ports)), np.asarray(1.125))
        return key(of, eta=0.6, v_el=0.125, heterodyne=heterodyne) / t

    assert ratio(1e-10) == pytest.approx(ratio(1e-8), rel=1e-6)


@BOTH
def test_more_noise_credited_than_there_is_only_helps_eve(*, heterodyne: bool) -> None:
    of = channel(4.0, 0.2, 0.01, eta=0.6, v_el=0.1, heterodyne=heterodyne)
    part = attribute(of, receiver_efficiency=0.6, electronic_noise=0.5, heterodyne=heterodyne)
    assert part.excess_noise_at_output == 0.0
    assert part.electronic_noise == pytest.approx(of.noise_variance - 1.0)
    lossy = attribute(of, receiver_efficiency=0.05, electronic_noise=0.1, heterodyne=heterodyne)
    assert lossy.transmittance == pytest.approx(1.0, rel=SAME)
    assert lossy.receiver_efficiency == pytest.approx(0.12, rel=SAME)


def test_a_wrong_shot_noise_unit_moves_noise_into_or_out_of_the_channel() -> None:
    covariance, variance = moments_of_link(
        4.0,
        0.2,
        excess_noise_at_input=0.01,
        receiver_efficiency=0.6,
        electronic_noise=0.1,
        heterodyne=False,
    )
    # Data scaled by a unit that is 2 % too small: the true one brings the link back.
    found = channel_from_moments(
        4.0, covariance * math.sqrt(1.02), bob_variance=variance * 1.02, shot_noise_unit=1.02
    )
    assert found.slope == pytest.approx(math.sqrt(0.12), rel=SAME)
    assert found.noise_variance == pytest.approx(1.1012, rel=SAME)


@pytest.mark.parametrize(
    ("moments", "words"),
    [
        ((4.0, 0.8, 0.99, 1.0), "Bob's variance 0.99 is below shot noise"),
        ((4.0, 0.8, 1.1, 1.0), "where Alice's value is known is below shot noise"),
        ((0.0, 0.8, 1.3, 1.0), "modulation variance 0.0 is not above zero"),
        ((4.0, -0.8, 1.3, 1.0), "covariance -0.8 is not above zero"),
        ((4.0, 0.8, math.nan, 1.0), "below shot noise"),
        ((4.0, 0.8, 1.3, 0.0), "unit is not above zero"),
    ],
)
def test_moments_that_no_link_gives_are_refused(
    moments: tuple[float, float, float, float], words: str
) -> None:
    v_a, covariance, variance, unit = moments
    with pytest.raises(InputError, match=words) as caught:
        channel_from_moments(v_a, covariance, bob_variance=variance, shot_noise_unit=unit)
    assert caught.value.next_step


def test_receivers_and_channels_that_there_are_not_are_refused() -> None:
    of = channel(4.0, 0.2, 0.01, eta=0.6, v_el=0.1, heterodyne=False)
    for eta, v_el, words in (
        (0.0, 0.1, "efficiency"),
        (1.1, 0.1, "efficiency"),
        (0.6, -0.1, "neg"),
    ):
        with pytest.raises(InputError, match=words):
            attribute(of, receiver_efficiency=eta, electronic_noise=v_el, heterodyne=False)
    amplified = channel_from_moments(4.0, 4.4, bob_variance=6.0)
    with pytest.raises(InputError, match="passive channel"):
        attribute(amplified, receiver_efficiency=0.6, electronic_noise=0.1, heterodyne=False)
    with pytest.raises(InputError, match="reconciliation"):
        key(of, eta=0.6, v_el=0.1, heterodyne=False, beta=1.01)
