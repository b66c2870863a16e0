"""GG02: secret key of Gaussian-modulated coherent states, from measured second moments.

Inside: `Channel`, `channel_from_moments`, `Attribution`, `attribute`, `mutual_information_bits`,
`holevo_of`, `check_beta`, `key_per_use`, `moments_of_link`. Finite length: `gg02_finite`.
Shot-noise units: the variance of the vacuum is 1. Moments are those of ONE quadrature; behind
the balanced splitter of a heterodyne receiver those of one of its two homodyne detectors, each
in its own shot noise. Excess noise is always referred to the INPUT of the channel, where a name
does not say otherwise. Results are not clamped; two clamps inside keep the measured moments and
move noise or loss from the trusted receiver to the channel, which only helps Eve.
Source: Grosshans and Grangier, PRL 88, 057902 (2002); Lodewyck et al., PRA 76, 042305 (2007);
Fossier et al., J. Phys. B 42, 114014 (2009): formulas read in the public code qosst-skr, which
cites them; numbers of equations and sections from memory.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.continuous.gg02_holevo import Array, Number, holevo_information_bits

# Relative to Bob's variance: what the difference of two moments may lose in binary digits.
ROUNDING = 1e-12


class Channel(NamedTuple):
    """What the moments say, nothing assumed about the receiver.

    `slope` is t in y = t x + noise, `noise_variance` that of y where x is known, in shot-noise
    units; both of one detector.
    """

    modulation_variance: Array
    slope: Array
    noise_variance: Array


class Attribution(NamedTuple):
    """How loss and noise are divided between channel and receiver.

    `excess_noise_at_output` is T xi; `transmittance` is that of the channel alone.
    """

    transmittance: Array
    excess_noise_at_output: Array
    receiver_efficiency: Array
    electronic_noise: Array


def _refuse(bad: NDArray[np.bool_], what: str, next_step: str) -> None:
    if np.any(bad):
        raise InputError(what, where="moments in shot-noise units", next_step=next_step)


def channel_from_moments(
    modulation_variance: Number,
    covariance: Number,
    *,
    bob_variance: Number,
    shot_noise_unit: Number = 1.0,
) -> Channel:
    """Return slope and noise from the moments of Alice's and Bob's data.

    Args:
        modulation_variance: V_A of one quadrature, above 0.
        covariance: Of Alice's modulated and Bob's measured quadrature.
        bob_variance: Of one of Bob's detectors.
        shot_noise_unit: True shot noise over the one by which Bob's data were scaled.

    Raises:
        InputError: no modulation, a variance below shot noise (of Bob, or where Alice's value is
            known), or no positive covariance.

    Source: y = t x + z, t = cov / V_A, sigma^2 = V_B - cov^2 / V_A: Leverrier et al., PRA 81,
        062343 (2010), section IV [from memory]; the unit enters by definition.
    """
    v_a, cov, v_b, unit = (
        np.asarray(one, dtype=np.float64)
        for one in (modulation_variance, covariance, bob_variance, shot_noise_unit)
    )
    _refuse(~(unit > 0.0), "a shot-noise unit is not above zero", "give 1 where it is exact")
    _refuse(
        ~(v_a > 0.0),
        f"the modulation variance {modulation_variance} is not above zero",
        "give V_A of one quadrature in shot-noise units",
    )
    _refuse(
        ~(cov > 0.0),
        f"the covariance {covariance} is not above zero",
        "give it with the sign of a noiseless link; without correlation there is no key",
    )
    slope = cov / (v_a * np.sqrt(unit))
    noise = v_b / unit - slope**2 * v_a
    _refuse(
        ~(v_b / unit >= 1.0),
        f"Bob's variance {bob_variance} is below shot noise",
        "check the shot-noise calibration: coherent states never fall below 1",
    )
    _refuse(
        ~(noise >= 1.0 - ROUNDING * v_b / unit),
        "Bob's variance where Alice's value is known is below shot noise",
        "check V_A, the covariance and the shot-noise calibration against each other",
    )
    return Channel(v_a, slope, np.maximum(noise, 1.0))


def attribute(
    channel: Channel,
    *,
    receiver_efficiency: Number,
    electronic_noise: Number,
    heterodyne: bool,
) -> Attribution:
    """Divide loss and noise between channel and trusted receiver; untrusted: 1 and 0.

    Where the stated receiver would explain more loss or noise than there is (transmittance above
    1, negative excess noise) it is credited with what there is: moments stay, Eve gains.

    Raises:
        InputError: efficiency outside (0, 1], negative electronic noise, or a covariance that
            no passive channel gives.

    Source: t^2 = eta T and sigma^2 = 1 + v_el + eta T xi, both T halved for heterodyne: Lodewyck
        et al. (2007), section III; Fossier et al. (2009).
    """
    eta = np.asarray(receiver_efficiency, dtype=np.float64)
    v_el = np.asarray(electronic_noise, dtype=np.float64)
    _refuse(
        ~((eta > 0.0) & (eta <= 1.0)),
        f"the receiver efficiency {receiver_efficiency} is not above 0 and at most 1",
        "give the efficiency of the whole receiver, mode overlap included",
    )
    _refuse(
        ~(v_el >= 0.0),
        f"the electronic noise {electronic_noise} is negative",
        "give its variance in shot-noise units",
    )
    ports = 2.0 if heterodyne else 1.0
    whole = ports * channel.slope**2  # eta T
    _refuse(
        whole > 1.0 + ROUNDING,
        "the covariance is larger than any passive channel gives",
        "check V_A and the covariance: cov^2 (2 cov^2 for heterodyne) is at most V_A^2",
    )
    whole = np.minimum(whole, 1.0)
    credited = np.maximum(eta, whole)
    noise = np.minimum(v_el, channel.noise_variance - 1.0)
    excess = ports * (channel.noise_variance - 1.0 - noise) / credited
    return Attribution(whole / credited, excess, credited, noise)


def mutual_information_bits(channel: Channel, *, heterodyne: bool) -> Array:
    """Return the information between Alice and Bob, per symbol; no calibration enters.

    Source: I_AB = 1/2 log2[(V + chi_tot)/(1 + chi_tot)], Lodewyck et al. (2007), Eq. 9; without
        the half for heterodyne, Fossier et al. (2009).
    """
    ratio = channel.slope**2 * channel.modulation_variance / channel.noise_variance
    bits: Array = np.log1p(ratio) / math.log(2.0)
    return bits if heterodyne else bits / 2.0


def holevo_of(channel: Channel, part: Attribution, *, heterodyne: bool) -> Array:
    """Return what Eve can know of a symbol, in bits.

    Source: as `holevo_information_bits`.
    """
    return holevo_information_bits(
        channel.modulation_variance,
        part.transmittance,
        output_excess_noise=part.excess_noise_at_output,
        receiver_efficiency=part.receiver_efficiency,
        electronic_noise=part.electronic_noise,
        heterodyne=heterodyne,
    )


def key_per_use(
    channel: Channel,
    *,
    receiver_efficiency: Number,
    electronic_noise: Number,
    reconciliation_efficiency: Number,
    heterodyne: bool,
) -> Array:
    """Return secret bits per symbol, infinitely long key, collective attacks; unclamped.

    Args:
        channel: Of `channel_from_moments`.
        receiver_efficiency: eta of the trusted receiver, 1 where it is not trusted.
        electronic_noise: v_el of the trusted receiver, 0 where it is not trusted.
        reconciliation_efficiency: beta, the part of I_AB that reconciliation extracts.
        heterodyne: Whether both quadratures are measured.

    Source: K = beta I_AB - chi_BE, Lodewyck et al., PRA 76, 042305 (2007), Eq. 8.
    """
    check_beta(reconciliation_efficiency)
    part = attribute(
        channel,
        receiver_efficiency=receiver_efficiency,
        electronic_noise=electronic_noise,
        heterodyne=heterodyne,
    )
    shared = mutual_information_bits(channel, heterodyne=heterodyne)
    return reconciliation_efficiency * shared - holevo_of(channel, part, heterodyne=heterodyne)


def check_beta(beta: Number) -> None:
    """Refuse what is no efficiency of reconciliation."""
    if not np.all((np.asarray(beta) > 0.0) & (np.asarray(beta) <= 1.0)):
        raise InputError(
            f"the reconciliation efficiency {beta} is not above 0 and at most 1",
            where="reconciliation_efficiency",
            next_step="give the extracted part of the mutual information, such as 0.95",
        )


def moments_of_link(
    modulation_variance: Number,
    transmittance: Number,
    *,
    excess_noise_at_input: Number,
    receiver_efficiency: Number,
    electronic_noise: Number,
    heterodyne: bool,
) -> tuple[Array, Array]:
    """Return the covariance and Bob's variance that a link would give.

    Source: t^2 = eta T, V_B = 1 + v_el + eta T (V_A + xi), T halved for heterodyne: Lodewyck et
        al. (2007), section III; Fossier et al. (2009).
    """
    v_a = np.asarray(modulation_variance, dtype=np.float64)
    eta_t = np.asarray(receiver_efficiency) * transmittance / (2.0 if heterodyne else 1.0)
    variance = 1.0 + electronic_noise + eta_t * (v_a + excess_noise_at_input)
    return np.sqrt(eta_t) * v_a, np.asarray(variance, dtype=np.float64)
