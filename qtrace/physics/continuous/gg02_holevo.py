"""What an eavesdropper can hold of Bob's data in GG02: the Holevo information, also at tiny loss.

Inside: `entropy_of_photons`, `entropy_difference`, `holevo_information_bits`.
Everything is in shot-noise units: the variance of the vacuum is 1. The printed forms subtract
large numbers that are nearly equal; here the differences are taken by hand, in A, B, C and D of
the papers, so that each symplectic eigenvalue less 1 keeps its digits.
Source: Lodewyck et al., PRA 76, 042305 (2007), Eqs. 10 to 15 (homodyne); Fossier et al., J. Phys.
B 42, 114014 (2009) (heterodyne). Read as the formulas of the public code qosst-skr 0.10, which
cites them; equation numbers from memory. Rearranged here; tested against the printed forms in 60
digits.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

Array = NDArray[np.float64]
Number = float | Array


def entropy_of_photons(mean_photon_number: Number) -> Array:
    """Return the entropy of a thermal mode in bits, exact also for few photons.

    Args:
        mean_photon_number: x = (nu - 1) / 2 of a symplectic eigenvalue nu; not negative.

    Source: G(x) = (x + 1) log2(x + 1) - x log2 x, Lodewyck et al. (2007), below Eq. 10.
    """
    x = np.asarray(mean_photon_number, dtype=np.float64)
    nats: Array = np.asarray(xlog1py(x + 1.0, x) - xlogy(x, x), dtype=np.float64)
    return nats / math.log(2.0)


def entropy_difference(x: Number, y: Number, *, difference: Number) -> Array:
    """Return G(x) - G(y) in bits, where x - y is known better than x and y tell.

    Args:
        x: Mean photon number of the first mode.
        y: Mean photon number of the second mode.
        difference: x - y.

    Source: G as in `entropy_of_photons`; (y+1) ln(1+d/(y+1)) - y ln(1+d/y) + d ln(1+1/x),
        which is the same with d = x - y.
    """
    x, y, d = (np.asarray(one, dtype=np.float64) for one in (x, y, difference))
    usable = (x > 0.0) & (y > 0.0)
    safe_x, safe_y = np.where(usable, x, 1.0), np.where(usable, y, 1.0)
    d = np.where(usable, d, 0.0)
    nats = (
        xlog1py(safe_y + 1.0, d / (safe_y + 1.0))
        - xlog1py(safe_y, d / safe_y)
        + d * np.log1p(1.0 / safe_x)
    )
    close: Array = np.asarray(nats / math.log(2.0), dtype=np.float64)
    return np.where(usable, close, entropy_of_photons(x) - entropy_of_photons(y))


def _roots(total: Array, product: Array, spread: Array) -> tuple[Array, Array]:
    """Return both roots of z^2 - total z + product, larger first; `spread` is their distance."""
    larger = (total + spread) / 2.0
    smaller = np.divide(product, larger, out=np.zeros_like(larger), where=larger > 0.0)
    return larger, smaller


def _photons(square_less_one: Array) -> Array:
    """Return (nu - 1) / 2 from nu^2 - 1."""
    return square_less_one / (2.0 * (1.0 + np.sqrt(1.0 + square_less_one)))


class _Shared(NamedTuple):
    """The state that Alice and Bob share, in differences that keep their digits.

    `v`, `b` and `c2` are the variances and the squared correlation, `s` the square root of B.
    """

    v: Array
    b: Array
    c2: Array
    s_less_1: Array
    b_less_1: Array
    gap: Array  # V - b
    p: Array  # A - 2
    q: Array  # B - A + 1
    rest: Array  # V sqrt(B) - b
    drop: Array  # b (A - 1) - V sqrt(B)


def _shared(v_a: Array, t: Array, w: Array) -> _Shared:
    """Return the state behind a channel of transmittance t and output noise w."""
    v = v_a + 1.0
    b_less_1 = t * v_a + w
    b = 1.0 + b_less_1
    c2 = t * v_a * (v_a + 2.0)
    s_less_1 = (1.0 - t) * v_a + v * w
    gap = (1.0 - t) * v_a - w
    return _Shared(
        v=v,
        b=b,
        c2=c2,
        s_less_1=s_less_1,
        b_less_1=b_less_1,
        gap=gap,
        p=gap**2 + 2.0 * s_less_1,
        q=w * (v_a + 2.0) * v_a * (2.0 * (1.0 - t) + w),
        rest=v_a * (2.0 * (1.0 - t) + w + s_less_1),
        drop=b * b_less_1 * (b + 1.0) + c2 * (v - 2.0 * b),
    )


def _after_homodyne(of: _Shared, eta: Array, v_el: Array) -> tuple[Array, Array, Array]:
    """Return C - 2, D - C + 1 and A - C."""
    chi = (1.0 - eta + v_el) / eta
    total = of.b + chi
    return (of.p * chi + of.rest) / total, of.q * chi / total, of.drop / total


def _after_heterodyne(of: _Shared, eta: Array, v_el: Array) -> tuple[Array, Array, Array]:
    """Return C - 2, D - C + 1 and A - C."""
    excess = 2.0 * (1.0 - eta + v_el) / eta  # chi - 1
    chi = 1.0 + excess
    square = (of.b + chi) ** 2
    across = of.b * of.gap
    after = of.p * chi**2 + 2.0 * chi * of.rest + of.s_less_1**2 + 2.0 * across
    fall = (
        2.0 * chi * of.drop
        + of.b_less_1 * (of.b + 1.0) * (of.b**2 + 1.0)
        + of.c2 * (2.0 * across - 2.0 - of.c2)
    )
    return after / square, of.q * excess * (chi + 1.0) / square, fall / square


def holevo_information_bits(
    modulation_variance: Number,
    transmittance: Number,
    *,
    output_excess_noise: Number,
    receiver_efficiency: Number,
    electronic_noise: Number,
    heterodyne: bool,
) -> Array:
    """Return what Eve can know of one of Bob's symbols, in bits (reverse reconciliation).

    The loss and noise of the receiver are beyond her reach; with efficiency 1 and no electronic
    noise everything is hers. No argument is checked: see `qtrace.physics.continuous.gg02`.

    Args:
        modulation_variance: V_A, variance of each quadrature that Alice modulates; above 0.
        transmittance: T of the channel alone, 0 to 1.
        output_excess_noise: T xi, excess noise at the OUTPUT of the channel, not negative; it
            stays finite where T vanishes.
        receiver_efficiency: eta, above 0, at most 1.
        electronic_noise: v_el of each homodyne detector, not negative.
        heterodyne: Whether both quadratures are measured, behind a balanced splitter.

    Source: chi_BE of Lodewyck et al., PRA 76, 042305 (2007), Eqs. 10 to 15; for heterodyne C and
        D of Fossier et al., J. Phys. B 42, 114014 (2009). Rearranged with B - A + 1 = q,
        D - C + 1 = q chi_hom / (b + chi_hom) or q (chi_het^2 - 1) / (b + chi_het)^2.
    """
    v_a, t, w, eta, v_el = (
        np.asarray(one, dtype=np.float64)
        for one in np.broadcast_arrays(
            modulation_variance,
            transmittance,
            output_excess_noise,
            receiver_efficiency,
            electronic_noise,
        )
    )
    of = _shared(v_a, t, w)
    spread = np.abs(of.gap) * np.sqrt(of.gap**2 + 4.0 * (1.0 + of.s_less_1))
    first, second = _roots(of.p, of.q, spread)
    p, q, fall = (_after_heterodyne if heterodyne else _after_homodyne)(of, eta, v_el)
    # Rounding may make the distance of two equal eigenvalues the root of a negative number.
    third, fourth = _roots(p, q, np.sqrt(np.maximum(p**2 - 4.0 * q, 0.0)))
    # The large eigenvalues are nearly equal at high loss: their distance follows from the sums.
    step = (fall - (second - fourth)) / (np.sqrt(1.0 + first) + np.sqrt(1.0 + third)) / 2.0
    return (
        entropy_difference(_photons(first), _photons(third), difference=step)
        + entropy_of_photons(_photons(second))
        - entropy_of_photons(_photons(fourth))
    )
