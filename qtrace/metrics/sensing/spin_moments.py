"""Moments of spins and phases as written with a run: complete with their u, or refused.

Inside: `spin_moments`, `spin_doubts`, `network_moments`, `network_doubts`, `larger_u`,
`beyond_shots`, `above_zero`.
An u that is absent is never taken as zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from qtrace.errors import InputError
from qtrace.laboratory.figure_flags import IMPOSSIBLE
from qtrace.metrics.keyword_function import Number
from qtrace.metrics.protocol import WrittenMoments
from qtrace.physics.sensing.shot_scatter import variance_uncertainty
from qtrace.physics.sensing.squeezing import (
    checked_moments,
    contrast,
    heisenberg_floor,
    least_wineland,
    wineland_parameter,
)

Moments = dict[str, tuple[float, float]]

# Standard uncertainties between a figure and a limit of nature before the data are called wrong.
WITHIN = 4.0
ROUNDING = 1e-9  # one spin along its mean has just 1/N
MOST_U = 5.0  # u of a variance over its value: beyond it slopes step over zero
FEW_SHOTS = 100  # the u of a variance of fewer is a poor guide to its skew distribution
VARIANCE, LENGTH, NUMBER, SHOTS = "spin_variance", "spin_length", "atom_number", "shots"
ENSEMBLE = "ensemble"
NETWORK, OTHER = "network_variance", "reference_variance"
EXPLAINED = 1.001  # a stated u up to this many of that of the shots adds nothing to them


def larger_u(written: WrittenMoments, moment: str, shots: str) -> tuple[float, float]:
    """Return a variance with its u: the stated one or that of its shots, the larger.

    Raises:
        InputError: neither is stated; too few shots.
    """
    value, stated = written.moments[moment]
    if stated > MOST_U * value:
        raise InputError(
            f"u of {moment} is {stated / value:.3g} times its value: no ratio with it has a value",
            where=f"{moment}_u",
            next_step="measure it better, or correct the number: u is in the unit of the moment",
        )
    if shots in written.parameters:
        try:
            scatter = variance_uncertainty(value, written.parameters[shots])
        except InputError as error:
            raise InputError(error.what, where=shots, next_step=error.next_step) from None
        return value, max(stated, scatter)
    if stated == 0.0:
        raise InputError(
            f"nothing says how well {moment} is known: u is not zero because it is absent",
            where=moment,
            next_step=f"write {moment}_u, or the number of {shots} among the parameters",
        )
    return value, stated


def beyond_shots(
    moments: Mapping[str, tuple[float, float]], parameters: Mapping[str, float]
) -> frozenset[str]:
    """Return the variances of a network whose u is larger than their shots explain.

    What else makes them uncertain is in no interval of chi-square or F.
    """
    pairs = ((NETWORK, "shots_network"), (OTHER, "shots_reference"))
    return frozenset(
        name
        for name, shots in pairs
        if name in moments
        and shots in parameters
        and moments[name][1] > EXPLAINED * variance_uncertainty(moments[name][0], parameters[shots])
    )


def above_zero(value: Number) -> Number:
    """Return a variance, not a number where a step or a draw takes it to zero or below.

    Beyond zero a ratio is finite again, and what follows from it means nothing.
    """
    found = np.asarray(value, dtype=np.float64)
    return np.where(found > 0.0, found, np.nan)[()]


def spin_moments(written: WrittenMoments) -> Moments:
    """Return the moments of one ensemble with their u's.

    Args:
        written: What the run file says; a nominal atom number is judged with them.

    Raises:
        InputError: `where` is the field: an u that is missing, a negative variance, a contrast
            above one by more than its u explains, squeezing beyond the Heisenberg limit, no
            number of atoms.
    """
    variance, u_variance = larger_u(written, VARIANCE, SHOTS)
    length, u_length = written.moments[LENGTH]
    if u_length == 0.0:
        raise InputError(
            "nothing says how well spin_length is known: u is not zero because it is absent",
            where=LENGTH,
            next_step="write spin_length_u",
        )
    settled = {VARIANCE: (variance, u_variance), LENGTH: (length, u_length)}
    number = written.parameters.get(NUMBER)
    if ENSEMBLE in written.devices:
        return settled
    if number is None:
        raise InputError(
            "nothing says how many atoms there are",
            where=LENGTH,
            next_step="name the ensemble as a device, or write a nominal atom_number",
        )
    # What is judged is the least that the length may be: a contrast just above one is chance.
    checked_moments(number, variance, length=max(length - WITHIN * u_length, 1e-12 * length))
    impossible = [one for one in spin_doubts({NUMBER: (number, 0.0), **settled}) if _wrong(one)]
    if impossible:
        raise InputError(
            impossible[0].removeprefix(f"{IMPOSSIBLE}: "),
            where=VARIANCE,
            next_step="variances and lengths are in units of hbar, and N/4 is that of "
            "independent atoms",
        )
    return settled


def _wrong(flag: str) -> bool:
    return flag.startswith(IMPOSSIBLE)


def spin_doubts(known: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    """Return what is doubtful of the moments of an ensemble whose number is known.

    Args:
        known: Value and u of the moments, of the number of atoms, of the shots.

    Source: |<J>| <= N/2; xi_R^2 >= 1/N and, for spin squeezing, 2/(N+2), as in
        `qtrace.physics.sensing.squeezing`.
    """
    if not {NUMBER, LENGTH, VARIANCE} <= known.keys():
        return ()
    (number, u_number), (length, u_length) = known[NUMBER], known[LENGTH]
    variance, _ = known[VARIANCE]
    flags = []
    full = float(contrast(number, length))
    u_full = full * math.hypot(u_number / number, u_length / length)
    if full > 1.0:
        beyond = full > 1.0 + WITHIN * u_full
        flags.append(
            f"{IMPOSSIBLE + ': ' if beyond else ''}contrast {full:.4g} is above 1"
            + ("" if beyond else " by less than its u explains")
        )
    xi = float(wineland_parameter(number, variance, length=length))
    # By value: an u so large that it explains less than 1/N makes the parameter no figure at all.
    if xi < heisenberg_floor(number) * (1.0 - ROUNDING):
        flags.append(
            f"{IMPOSSIBLE}: xi_R^2 = {xi:.3g} is below 1/N = {heisenberg_floor(number):.3g}, "
            "the Heisenberg limit"
        )
    elif xi < least_wineland(number):
        flags.append(
            f"xi_R^2 = {xi:.3g} is below 2/(N+2) = {least_wineland(number):.3g}, the least "
            "of spin squeezing"
        )
    return (*flags, *_few(known, SHOTS))


def _few(known: Mapping[str, tuple[float, float]], *names: str) -> tuple[str, ...]:
    found = [f"{known[n][0]:g}" for n in names if n in known and known[n][0] < FEW_SHOTS]
    if not found:
        return ()
    return (f"few shots ({', '.join(found)}): a variance of them is skew, and U a poor guide",)


def network_moments(written: WrittenMoments) -> Moments:
    """Return the phase variances of a network and of its reference with their u's.

    Raises:
        InputError: `where` is the field: shots that are missing, fewer than 6, a cycle below the
            time of interrogation.
    """
    for name in ("shots_network", "shots_reference"):
        if name not in written.parameters:
            raise InputError(
                f"{name} is missing: a variance means nothing without its shots",
                where=NETWORK if name == "shots_network" else OTHER,
                next_step=f"write {name} among the parameters",
            )
    cycle = written.parameters.get("cycle_time", math.inf)
    if cycle < written.parameters.get("interrogation_time", 0.0):
        raise InputError(
            "a cycle is shorter than the interrogation in it",
            where="cycle_time",
            next_step="the cycle holds interrogation and dead time",
        )
    return {
        NETWORK: larger_u(written, NETWORK, "shots_network"),
        OTHER: larger_u(written, OTHER, "shots_reference"),
    }


def network_doubts(known: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    """Return what is doubtful of the figures of a network: few shots."""
    return _few(known, "shots_network", "shots_reference")
