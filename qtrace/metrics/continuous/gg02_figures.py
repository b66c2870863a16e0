"""Figures of GG02 from moments in shot-noise units, for a homodyne or a heterodyne receiver.

Inside: `transmittance`, `excess_noise_at_input`, `mutual_information`, `epsilon_total`, `key`,
`length`, `certified_key`, `certified_length`. All take their arguments by name in one mapping.
Where no receiver is among them it is not trusted: all loss and noise are the channel's, and no
calibration but that of the shot noise enters. Nothing is clamped at zero.
Certified: the declared set is a box in modulation variance, receiver efficiency, electronic noise
and shot-noise unit; all its corners are evaluated, and a grid test shows that nothing inside is
smaller. The reconciliation efficiency enters as its lower edge, in which every figure rises.
Source: as the formulas in `qtrace.physics.continuous.gg02` and
`qtrace.physics.continuous.gg02_finite`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import Given, Number
from qtrace.physics.continuous.gg02 import (
    Channel,
    channel_from_moments,
    key_per_use,
    mutual_information_bits,
)
from qtrace.physics.continuous.gg02_finite import key_length, key_length_over_estimates

# A receiver that explains nothing.
TRANSPARENT: dict[str, Number] = {"receiver_efficiency": 1.0, "electronic_noise": 0.0}
BLOCK = (
    "symbols_estimation",
    "symbols_key",
    "epsilon_estimation",
    "epsilon_smoothing",
    "epsilon_privacy",
)

# The figure of one corner of the set: of a channel, with the receiver's arguments.
Corner = Callable[[Channel, dict[str, Number]], Number]


def _channel(given: Given) -> Channel:
    return channel_from_moments(
        given["modulation_variance"],
        given["covariance"],
        bob_variance=given["bob_variance"],
        shot_noise_unit=given.get("shot_noise_unit", 1.0),
    )


def _receiver(given: Given) -> dict[str, Number]:
    return {name: given.get(name, ideal) for name, ideal in TRANSPARENT.items()}


def _block(given: Given) -> dict[str, Number]:
    return {name: given[name] for name in BLOCK}


def transmittance(given: Given, *, heterodyne: bool) -> Number:
    """Return that of the channel alone; above 1 where the efficiency stated is too low.

    Source: T = t^2 / eta, twice that for heterodyne: see `attribute`.
    """
    slope = _channel(given).slope
    return (2.0 if heterodyne else 1.0) * slope**2 / given["receiver_efficiency"]


def excess_noise_at_input(given: Given) -> Number:
    """Return xi; below 0 where more electronic noise is stated than there is noise.

    Source: xi = (sigma^2 - 1 - v_el) / t^2, for either receiver: see `attribute`.
    """
    channel = _channel(given)
    return (channel.noise_variance - 1.0 - given["electronic_noise"]) / channel.slope**2


def mutual_information(given: Given, *, heterodyne: bool) -> Number:
    """Return the information that the data share, bits per symbol.

    Source: see `mutual_information_bits`.
    """
    return mutual_information_bits(_channel(given), heterodyne=heterodyne)


def epsilon_total(given: Given) -> Number:
    """Return the sum of the declared failure probabilities.

    Source: union bound; Leverrier et al., PRA 81, 062343 (2010) [from memory].
    """
    return given["epsilon_estimation"] + given["epsilon_smoothing"] + given["epsilon_privacy"]


def key(given: Given, *, heterodyne: bool) -> Number:
    """Return the key per symbol, infinitely long.

    Source: see `key_per_use`.
    """
    return key_per_use(
        _channel(given),
        **_receiver(given),
        reconciliation_efficiency=given["reconciliation_efficiency"],
        heterodyne=heterodyne,
    )


def length(given: Given, *, heterodyne: bool) -> Number:
    """Return the key length in bits, the published form.

    Source: see `key_length`.
    """
    return key_length(
        _channel(given),
        **_receiver(given),
        **_block(given),
        reconciliation_efficiency=given["reconciliation_efficiency"],
        heterodyne=heterodyne,
    )


def certified_key(given: Given, *, heterodyne: bool) -> Number:
    """Return the smallest key per symbol over the set.

    Source: see `key_per_use`.
    """
    beta, _ = _ends(given, "reconciliation_efficiency")

    def figure(channel: Channel, receiver: dict[str, Number]) -> Number:
        return key_per_use(
            channel, **receiver, reconciliation_efficiency=beta, heterodyne=heterodyne
        )

    return _least(given, figure)


def certified_length(given: Given, *, heterodyne: bool) -> Number:
    """Return the smallest length over the set, at the worst of all estimates.

    Source: see `key_length`.
    """
    (beta, _), block = _ends(given, "reconciliation_efficiency"), _block(given)

    def figure(channel: Channel, receiver: dict[str, Number]) -> Number:
        return key_length_over_estimates(
            channel,
            **receiver,
            **block,
            reconciliation_efficiency=beta,
            heterodyne=heterodyne,
        )

    return _least(given, figure)


def _ends(given: Given, name: str) -> tuple[Number, Number]:
    if f"{name}_low" not in given:
        return TRANSPARENT[name], TRANSPARENT[name]
    low, high = given[f"{name}_low"], given[f"{name}_high"]
    if not np.all(np.asarray(low) <= np.asarray(high)):
        raise InputError(
            f"the lower edge {low} of {name} is above the upper one, {high}",
            where=name,
            next_step="give the interval that the calibration supports, low before high",
        )
    return low, high


def _least(given: Given, figure: Corner) -> Number:
    """Return the smallest figure over all corners of the set.

    Alice's data are numbers that her modulator was given; if V_A is another, the correlation of
    the data stays as it is, and the covariance goes with the root of V_A.
    """
    found = []
    for v_a, unit, eta, v_el in product(
        _ends(given, "modulation_variance"),
        _ends(given, "shot_noise_unit"),
        _ends(given, "receiver_efficiency"),
        _ends(given, "electronic_noise"),
    ):
        root = np.sqrt(np.asarray(v_a) / given["modulation_variance"])
        channel = channel_from_moments(
            v_a,
            given["covariance"] * root,
            bob_variance=given["bob_variance"],
            shot_noise_unit=unit,
        )
        found.append(figure(channel, {"receiver_efficiency": eta, "electronic_noise": v_el}))
    smallest: Number = np.min(np.stack(np.broadcast_arrays(*found)), axis=0)
    return smallest
