"""Secure direct communication: estimates of secrecy capacities, never statements of security.

Inside: `wiretap_gain`, `dl04_capacity`, `SinglePhotonCheck`, `single_photon_check`,
`dl04_decoy_capacity`, `two_step_capacity`, `werner_entropy_bits`, `dense_coding_capacity`,
`fidelity_from_errors`, `pairs_of_users`.
All are asymptotic, take Eve's share from a model of loss, and hold for bits that have already
travelled when the check is finished: they are not clamped, and no positive outcome may rest on
them.
Source: Qi et al., Light Sci. Appl. 8, 22 (2019); Wu et al., Quantum Eng. 1, e26 (2019); Ye et al.,
arXiv:2011.14546 (2020): abstracts and openings were read, NO formula was; the formulas are from
memory, and where a step is ours it is said. Pair relations: Bennett et al., PRA 54, 3824 (1996).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy

Array = NDArray[np.float64]
Number = float | Array


def _check_probability(value: Number, what: str) -> None:
    x = np.asarray(value, dtype=np.float64)
    if not np.all((x >= 0.0) & (x <= 1.0)):
        raise InputError(
            f"{what} of {value} is outside 0 to 1",
            next_step="check detections against pulses: there cannot be more",
        )


def wiretap_gain(check_gain: Number, check_efficiency: Number) -> Number:
    """Return the part of the pulses that reached the far side, at most all: Eve's reach.

    What the checking side detects over its efficiency arrived there, and whatever arrived could
    have been touched. Cut at 1, where all are hers.

    Args:
        check_gain: Detections over pulses in check mode.
        check_efficiency: Efficiency of the checking receiver, above 0.

    Source: Q_Eve of Qi et al., Light Sci. Appl. 8, 22 (2019), as a model of loss [from memory].
    """
    _check_probability(check_gain, "a check gain")
    eta = np.asarray(check_efficiency, dtype=np.float64)
    if not np.all((eta > 0.0) & (eta <= 1.0)):
        raise InputError(
            f"the efficiency {check_efficiency} of the checking receiver is not in (0, 1]",
            next_step="give its calibrated efficiency",
        )
    reached: Number = np.minimum(check_gain / eta, 1.0)
    return reached


def _both_bases(error_x: Number, error_z: Number) -> Number:
    """Return h(e_x + e_z), the sum cut at 1/2, where h turns over and Eve has all."""
    _check_probability(error_x, "an error rate")
    _check_probability(error_z, "an error rate")
    return binary_entropy(np.minimum(np.asarray(error_x) + error_z, 0.5))


def dl04_capacity(
    message_gain: Number,
    message_error: Number,
    *,
    reach: Number,
    error_x: Number,
    error_z: Number,
) -> Number:
    """Return the estimate for DL04 with single photons, in bits per message pulse; unclamped.

    Args:
        message_gain: Detections over pulses in message mode, both ways of loss in it.
        message_error: Error rate of the message.
        reach: Part of the pulses that Eve can touch, of `wiretap_gain`.
        error_x: Check-mode error rate in basis X.
        error_z: Check-mode error rate in basis Z.

    Source: C_s = Q_Bob [1 - h(e)] - Q_Eve h(e_x + e_z), Qi et al., Light Sci. Appl. 8, 22 (2019)
        [from memory; not confirmed in the paper].
    """
    _check_probability(message_gain, "a message gain")
    _check_probability(reach, "a reach")
    main = message_gain * (1.0 - np.asarray(binary_entropy(message_error)))
    estimate: Number = main - reach * _both_bases(error_x, error_z)
    return estimate


class SinglePhotonCheck(NamedTuple):
    """Bounds on single photons in check mode, one basis: yield from below, error from above."""

    yield_lower: Array
    error_upper: Array


def single_photon_check(
    mean_photon_numbers: tuple[Number, Number, Number],
    gains: tuple[Number, Number, Number],
    errors: tuple[Number, Number, Number],
) -> SinglePhotonCheck:
    """Return what three intensities say of single photons, for infinitely many pulses.

    The yield is cut at 0 and the error at 1/2, as parts of the bound. The formulas go on just
    below zero, so that a derivative at a vacuum exists.

    Args:
        mean_photon_numbers: Of signal, weak and (nearly) vacuum, falling.
        gains: Detections over pulses of each.
        errors: Errors over pulses of each (error rate times gain).

    Raises:
        InputError: intensities that are not in falling order.

    Source: Ma, Qi, Zhao and Lo, PRA 72, 012326 (2005), Eqs. 21, 34, 37 [from memory], with two
        weak intensities and e_1 from the difference of their errors.
    """
    mu, nu, low = (np.asarray(one, dtype=np.float64) for one in mean_photon_numbers)
    if not np.all((mu > nu + low) & (nu > np.abs(low))):
        raise InputError(
            f"the mean photon numbers {mean_photon_numbers} do not fall as the bound needs",
            where="mean_photon_number",
            next_step="order them: the first above the sum of the others, none equal",
        )
    for one in gains:
        _check_probability(one, "a gain")
    q_mu, q_nu, q_low = (
        np.asarray(gain) * np.exp(k) for gain, k in zip(gains, (mu, nu, low), strict=True)
    )
    dark = np.maximum((nu * q_low - low * q_nu) / (nu - low), 0.0)
    divisor = mu * (nu - low) - nu**2 + low**2
    multi = (nu**2 - low**2) / mu**2 * (q_mu - dark)
    single = np.maximum(mu / divisor * (q_nu - q_low - multi), 0.0)
    wrong = np.asarray(errors[1]) * np.exp(nu) - np.asarray(errors[2]) * np.exp(low)
    positive = single > 0.0
    rate = np.divide(
        np.maximum(wrong, 0.0) / (nu - low),
        single,
        out=np.full_like(single + wrong, 0.5),
        where=positive,
    )
    return SinglePhotonCheck(single, np.minimum(rate, 0.5))


def dl04_decoy_capacity(
    message_gain: Number,
    message_error: Number,
    *,
    mean_photon_number: Number,
    error_x: Number,
    error_z: Number,
) -> Number:
    """Return the estimate for DL04 with weak pulses, in bits per signal pulse; unclamped.

    All single photons are within Eve's reach, and of two or more she keeps all: cautious steps
    of ours, where papers credit loss and treat two photons separately.

    Args:
        message_gain: Detections over signal pulses in message mode.
        message_error: Error rate of the message.
        mean_photon_number: Of the signal.
        error_x: Upper limit of the single-photon error in basis X.
        error_z: The same in basis Z.

    Source: as `dl04_capacity`, with Q_Eve = P_1 for single photons and P_2+ with entropy 1 after
        the framework of Pan et al. (2020) and Ye et al., arXiv:2011.14546 [from memory].
    """
    _check_probability(message_gain, "a message gain")
    mu = np.asarray(mean_photon_number, dtype=np.float64)
    single = mu * np.exp(-mu)
    multi = -np.expm1(-mu) - single
    main = message_gain * (1.0 - np.asarray(binary_entropy(message_error)))
    estimate: Number = main - single * _both_bases(error_x, error_z) - multi
    return estimate


def two_step_capacity(
    message_gain: Number,
    bit_error: Number,
    phase_error: Number,
    *,
    reach: Number,
    error_x: Number,
    error_z: Number,
) -> Number:
    """Return the estimate for the two-step scheme, in bits per pair; unclamped.

    Bob's two bits lose at most h(bit) + h(phase); Eve's state holds at most h(e_x) + h(e_z).

    Args:
        message_gain: Pairs decoded over pairs sent.
        bit_error: Error rate of the bit of each pair that the parity carries.
        phase_error: Error rate of the bit that the phase carries.
        reach: Part of the pairs whose travelling photon Eve can touch.
        error_x: Check-mode error rate in basis X.
        error_z: Check-mode error rate in basis Z.

    Source: entropy of a Bell-diagonal state of the given marginal errors is at most the sum of
        their entropies; wiretap difference as Wu et al., Quantum Eng. 1, e26 (2019) [from
        memory; the combination is ours].
    """
    _check_probability(message_gain, "a message gain")
    _check_probability(reach, "a reach")
    main = message_gain * (2.0 - binary_entropy(bit_error) - binary_entropy(phase_error))
    held = [binary_entropy(np.minimum(one, 0.5)) for one in (error_x, error_z)]
    estimate: Number = main - reach * (held[0] + held[1])
    return estimate


def werner_entropy_bits(fidelity: Number) -> Number:
    """Return the entropy of the Werner state of a fidelity: the most that fidelity allows.

    Source: -F log2 F - (1 - F) log2((1 - F) / 3), Bennett et al., PRA 54, 3824 (1996).
    """
    _check_probability(fidelity, "a fidelity")
    f = np.asarray(fidelity, dtype=np.float64)
    nats = -xlogy(f, f) - xlogy(1.0 - f, (1.0 - f) / 3.0)
    bits: Number = np.asarray(nats / math.log(2.0) + 0.0, dtype=np.float64)
    return bits


def dense_coding_capacity(fidelity: Number) -> Number:
    """Return 2 - S of the Werner state, in bits per pair: what two partners can tell at all.

    It is the least over all states of that fidelity, and it says NOTHING of an eavesdropper.

    Source: Holevo quantity of dense coding with equal Bell states, 2 - S(rho): Bose, Plenio and
        Vedral, J. Mod. Opt. 47, 291 (2000) [from memory]; for four mixtures of Bell states it
        follows from their mean being fully mixed.
    """
    return 2.0 - werner_entropy_bits(fidelity)


def fidelity_from_errors(error_x: Number, error_y: Number, error_z: Number) -> Number:
    """Return the fidelity with a Bell state from error rates in three bases; unclamped.

    Source: F = (1 + sum |correlation|) / 4 = 1 - (e_x + e_y + e_z) / 2, from the projector of a
        Bell state in Pauli products.
    """
    for one in (error_x, error_y, error_z):
        _check_probability(one, "an error rate")
    found: Number = 1.0 - (np.asarray(error_x) + error_y + error_z) / 2.0
    return found


def pairs_of_users(users: int) -> int:
    """Return the number of links of a network in which everybody reaches everybody.

    Source: n (n - 1) / 2.
    """
    if users < 2:
        raise InputError(f"{users} users are no network", next_step="give two or more")
    return users * (users - 1) // 2
