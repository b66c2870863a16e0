"""The most that any link without a repeater can give: the PLOB bound, and a key beside it.

Inside: `plob_bits_per_use`, `plob_interval`, `BesidePlob`, `PlobComparison`, `beside_plob`.
A use is one mode: polarisations, time bins of a qubit and wavelengths multiply, and the caller
must say how many modes a "use" of his figure has.
Source: Pirandola, Laurenza, Ottaviani and Banchi, Nat. Commun. 8, 15043 (2017); the formula was
read in the abstract of arXiv:1510.08863v3, the paper's first form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.proportions import Interval

Number = float | NDArray[np.float64]


def plob_bits_per_use(transmittance: Number) -> Number:
    """Return the secret-key capacity of a lossy channel, two-way assisted, without repeater.

    Args:
        transmittance: eta of the channel end to end, 0 to 1; at 1 the bound is infinite.

    Returns:
        Bits per use of one mode.

    Raises:
        InputError: a transmittance outside [0, 1].

    Source: K = -log2(1 - eta), Pirandola et al., Nat. Commun. 8, 15043 (2017) [read in the
        abstract of arXiv:1510.08863v3]; as log1p, so that small eta keeps its digits.
    """
    eta = np.asarray(transmittance, dtype=np.float64)
    if not np.all((eta >= 0.0) & (eta <= 1.0)):
        raise InputError(
            f"the transmittance {transmittance} is outside 0 to 1",
            where="transmittance",
            next_step="give transmitted over incident power, not dB",
        )
    with np.errstate(divide="ignore"):
        bits: Number = -np.log1p(-eta) / math.log(2.0) + 0.0
    return bits


def plob_interval(
    transmittance: float, standard_uncertainty: float, *, coverage_factor: float, probability: float
) -> Interval:
    """Return the bound's interval: that of the transmittance, carried through.

    The bound rises with the transmittance, so the ends go over as they are; what would lie
    outside 0 to 1 is cut there, where no channel is.

    Args:
        transmittance: Estimate of eta, unit one.
        standard_uncertainty: u of the estimate, unit one.
        coverage_factor: k.
        probability: What k covers; carried along, not computed.

    Source: monotone transformation of an interval; bound as `plob_bits_per_use`.
    """
    if not (standard_uncertainty >= 0.0 and coverage_factor > 0.0):
        raise InputError(
            f"u = {standard_uncertainty} with k = {coverage_factor} is no interval",
            next_step="give a standard uncertainty and a coverage factor above zero",
        )
    reach = coverage_factor * standard_uncertainty
    low, high = max(transmittance - reach, 0.0), min(transmittance + reach, 1.0)
    plob_bits_per_use(transmittance)  # refuses an estimate that is none
    return Interval(float(plob_bits_per_use(low)), float(plob_bits_per_use(high)), probability)


class BesidePlob(StrEnum):
    """Where a key lies beside the bound and its interval."""

    BELOW = "below"  # below the whole interval
    WITHIN = "within the interval"  # the loss is not known well enough to say
    ABOVE = "above"  # above the whole interval: an error, or a repeater that was not declared
    NO_LIMIT = "no limit"  # a node in the middle: the bound of the whole does not apply


@dataclass(frozen=True, slots=True)
class PlobComparison:
    """A key per mode beside the bound; `ratio` is over the bound at the estimate.

    `flag` is empty, or says what is wrong with the claim.
    """

    key_per_mode: float
    bound: float
    interval: Interval
    ratio: float
    place: BesidePlob
    flag: str


def beside_plob(
    key_per_use: float,
    transmittance: float,
    standard_uncertainty: float,
    *,
    coverage_factor: float,
    probability: float,
    modes_per_use: float = 1.0,
    repeater: bool = False,
) -> PlobComparison:
    """Compare a key with the bound of the channel it is said to have crossed.

    Args:
        key_per_use: Secret bits per use.
        transmittance: eta of the channel, unit one.
        standard_uncertainty: u of eta.
        coverage_factor: k of the interval.
        probability: What k covers.
        modes_per_use: Optical modes that one use of the figure has.
        repeater: Whether a node stands in the middle, untrusted ones included.

    Source: as `plob_bits_per_use`, `plob_interval`; a bound on capacity, not on one run: a
        finite run may scatter, a claim above the interval is a red flag all the same.
    """
    if not modes_per_use > 0.0:
        raise InputError(f"{modes_per_use} modes per use", next_step="give 1 or more")
    bound = float(plob_bits_per_use(transmittance))
    interval = plob_interval(
        transmittance,
        standard_uncertainty,
        coverage_factor=coverage_factor,
        probability=probability,
    )
    key = key_per_use / modes_per_use
    place = BesidePlob.BELOW
    if repeater:
        place = BesidePlob.NO_LIMIT
    elif key > interval.high:
        place = BesidePlob.ABOVE
    elif key > interval.low:
        place = BesidePlob.WITHIN
    flag = ""
    if place is BesidePlob.ABOVE:
        flag = (
            "the key is above what any link without a repeater can give: check the loss, the "
            "number of modes per use, and whether a node in the middle is missing"
        )
    ratio = key / bound if bound > 0.0 else math.inf if key > 0.0 else 0.0
    return PlobComparison(key, bound, interval, ratio, place, flag)
