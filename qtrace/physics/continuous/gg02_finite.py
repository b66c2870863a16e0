"""GG02 of finite length: limits of the channel estimate, the cost of a short key, the length.

Inside: `worst_channel`, `finite_size_penalty`, `key_length`, `key_length_over_estimates`.
Collective Gaussian attacks only: no composable statement against coherent attacks is made.
Lengths are not clamped.
Source: Leverrier, Grosshans and Grangier, PRA 81, 062343 (2010). Its abstract was read; the
formulas are from memory, and equal to those of the package qkd 0.2.0 (benchmarks/qkd_cv.py).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from qtrace.errors import InputError
from qtrace.physics.continuous.gg02 import (
    Channel,
    attribute,
    check_beta,
    holevo_of,
    mutual_information_bits,
)
from qtrace.physics.continuous.gg02_holevo import Array, Number

# dim H_X as the paper takes it: raw key in binary variables.
ALPHABET = 2.0


def _check_epsilon(epsilon: Number) -> None:
    if not np.all((np.asarray(epsilon) > 0.0) & (np.asarray(epsilon) < 1.0)):
        raise InputError(
            f"the failure probability {epsilon} is not between 0 and 1",
            next_step="give for example 1e-10",
        )


def _limits(channel: Channel, z: Array, *, symbols: Number) -> tuple[Array, Array, Array]:
    """Return the lower and upper limit of the slope and the upper one of the noise."""
    m = np.asarray(symbols, dtype=np.float64)
    if not np.all(m >= 1.0):
        raise InputError(
            f"{symbols} symbols for estimation are none",
            where="symbols_estimation",
            next_step="give how many symbols were disclosed",
        )
    reach = z * np.sqrt(channel.noise_variance / (m * channel.modulation_variance))
    noise = channel.noise_variance * (1.0 + z * np.sqrt(2.0 / m))
    return np.maximum(channel.slope - reach, 0.0), channel.slope + reach, noise


def worst_channel(channel: Channel, *, symbols: Number, epsilon_estimation: Number) -> Channel:
    """Return the channel with the smallest slope and largest noise, as published.

    A slope whose lower limit is negative is taken as zero.

    Args:
        channel: As estimated.
        symbols: Symbols disclosed for estimation. A heterodyne symbol holds two values and is
            counted as one, which is the cautious side.
        epsilon_estimation: Probability that the truth is beyond one of both limits.

    Source: Leverrier et al., PRA 81, 062343 (2010): t_min = t - z sqrt(sigma^2 / (m V_A)),
        sigma^2_max = sigma^2 (1 + z sqrt(2 / m)), z the normal quantile of 1 - eps / 2 (normal
        approximation for large m) [from memory].
    """
    _check_epsilon(epsilon_estimation)
    z = -ndtri(np.asarray(epsilon_estimation, dtype=np.float64) / 2.0)
    low, _, noise = _limits(channel, z, symbols=symbols)
    return Channel(channel.modulation_variance, low, noise)


def _secret_at_least(
    channel: Channel,
    *,
    receiver: dict[str, Number],
    beta: Number,
    symbols: Number,
    epsilon_estimation: Number,
    heterodyne: bool,
) -> Array:
    """Return the smallest beta I_AB - chi_BE over the whole region of the estimates.

    The shared information is taken as measured and as it would be in each channel of the region,
    whichever is less.
    """
    _check_epsilon(epsilon_estimation)
    z = -ndtri(np.asarray(epsilon_estimation, dtype=np.float64) / 3.0)
    low, high, noise = _limits(channel, z, symbols=symbols)
    # No passive channel has a larger slope; above it nothing is left to allow for.
    top = np.maximum(channel.slope, np.sqrt(1.0 / (2.0 if heterodyne else 1.0)))
    measured = _extracted(channel, beta, heterodyne=heterodyne)
    least = None
    for slope in (low, channel.slope, np.minimum(high, top)):
        here = Channel(channel.modulation_variance, slope, noise)
        part = attribute(here, **receiver, heterodyne=heterodyne)
        shared = np.minimum(measured, _extracted(here, beta, heterodyne=heterodyne))
        secret = shared - holevo_of(here, part, heterodyne=heterodyne)
        least = secret if least is None else np.minimum(least, secret)
    return np.asarray(least, dtype=np.float64)


def finite_size_penalty(
    symbols: Number, *, epsilon_smoothing: Number, epsilon_privacy: Number
) -> Array:
    """Return Delta(n), bits per symbol that a key of finite length costs.

    Source: Leverrier et al., PRA 81, 062343 (2010): (2 dim H_X + 3) sqrt(log2(2 / eps_bar) / n)
        + (2 / n) log2(1 / eps_PA), with dim H_X = 2 [from memory].
    """
    _check_epsilon(epsilon_smoothing)
    _check_epsilon(epsilon_privacy)
    n = np.asarray(symbols, dtype=np.float64)
    if not np.all(n >= 1.0):
        raise InputError(
            f"{symbols} symbols for the key are none",
            where="symbols_key",
            next_step="give how many symbols the key is drawn from",
        )
    smoothing = np.sqrt(np.log2(2.0 / np.asarray(epsilon_smoothing)) / n)
    privacy = 2.0 / n * np.log2(1.0 / np.asarray(epsilon_privacy))
    return (2.0 * ALPHABET + 3.0) * smoothing + privacy


def key_length(
    channel: Channel,
    *,
    receiver_efficiency: Number,
    electronic_noise: Number,
    reconciliation_efficiency: Number,
    symbols_estimation: Number,
    symbols_key: Number,
    epsilon_estimation: Number,
    epsilon_smoothing: Number,
    epsilon_privacy: Number,
    heterodyne: bool,
) -> Array:
    """Return the secret length in bits against collective Gaussian attacks, as published.

    It takes Eve's information at the smallest slope, but the shared information as measured: see
    `key_length_over_estimates`. Unclamped.

    Source: Leverrier et al., PRA 81, 062343 (2010): n [beta I_AB - chi(T_min, xi_max)
        - Delta(n)] [from memory].
    """
    worst = worst_channel(
        channel, symbols=symbols_estimation, epsilon_estimation=epsilon_estimation
    )
    part = attribute(
        worst,
        receiver_efficiency=receiver_efficiency,
        electronic_noise=electronic_noise,
        heterodyne=heterodyne,
    )
    penalty = finite_size_penalty(
        symbols_key, epsilon_smoothing=epsilon_smoothing, epsilon_privacy=epsilon_privacy
    )
    shared = _extracted(channel, reconciliation_efficiency, heterodyne=heterodyne)
    length: Array = symbols_key * (shared - holevo_of(worst, part, heterodyne=heterodyne) - penalty)
    return length


def _extracted(channel: Channel, beta: Number, *, heterodyne: bool) -> Array:
    check_beta(beta)
    bits: Array = beta * mutual_information_bits(channel, heterodyne=heterodyne)
    return bits


def key_length_over_estimates(
    channel: Channel,
    *,
    receiver_efficiency: Number,
    electronic_noise: Number,
    reconciliation_efficiency: Number,
    symbols_estimation: Number,
    symbols_key: Number,
    epsilon_estimation: Number,
    epsilon_smoothing: Number,
    epsilon_privacy: Number,
    heterodyne: bool,
) -> Array:
    """Return the length at the worst channel of the whole region of the estimates; unclamped.

    The published form holds the shared information as measured and takes Eve's at the smallest
    slope. She can know MORE at a larger one, where Bob's data hold more that she has a part of;
    and the shared information may be less than measured. Here both are at their worst, each of
    the three limits failing with a third of epsilon. Never longer than `key_length`.

    Source: as `key_length`, with the extremes over the region that the definition of its terms
        asks for; where they lie is computed here (grid test).
    """
    secret = _secret_at_least(
        channel,
        receiver={"receiver_efficiency": receiver_efficiency, "electronic_noise": electronic_noise},
        beta=reconciliation_efficiency,
        symbols=symbols_estimation,
        epsilon_estimation=epsilon_estimation,
        heterodyne=heterodyne,
    )
    penalty = finite_size_penalty(
        symbols_key, epsilon_smoothing=epsilon_smoothing, epsilon_privacy=epsilon_privacy
    )
    length: Array = symbols_key * (secret - penalty)
    return length
