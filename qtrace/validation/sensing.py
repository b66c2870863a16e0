"""Procedures of entangled sensing: decibels, squeezing, clocks, what loss leaves.

Inside: `level_ratios`, `squeezing_of_moments`, `clock_instability`, `sensing_limits`.
Source: as the formulas say that are called.
"""

from __future__ import annotations

import math

from qtrace.physics.sensing.clock_network import frequency_uncertainty
from qtrace.physics.sensing.decibels import decibels_of_ratio, ratio_of_decibels
from qtrace.physics.sensing.fisher import cramer_rao, heisenberg_limit, separable_limit
from qtrace.physics.sensing.loss import lossy_bound, most_gain_with_loss
from qtrace.physics.sensing.squeezing import (
    contrast,
    kitagawa_ueda_parameter,
    phase_uncertainty,
    wineland_parameter,
)
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling


def level_ratios(given: Given, _sampling: Sampling) -> Figures:
    """Return `variance` and `deviation`, the ratios that a `level` in dB stands for.

    Or from a ratio, of `variance` or of `deviation`, the `level`.
    """
    if given.has("level"):
        level = given.number("level")
    elif given.has("variance"):
        level = decibels_of_ratio(given.number("variance"), convention_of="variance")
    else:
        level = decibels_of_ratio(given.number("deviation"), convention_of="standard_deviation")
    given.finish()
    return {
        "level": Figure(level),
        "variance": Figure(ratio_of_decibels(level, convention_of="variance")),
        "deviation": Figure(ratio_of_decibels(level, convention_of="standard_deviation")),
    }


def squeezing_of_moments(given: Given, _sampling: Sampling) -> Figures:
    """Return `wineland`, `kitagawa_ueda`, `contrast`, `gain` in dB and `phase` in rad.

    From `number`, `variance` and `length`.
    """
    number, variance = given.number("number"), given.number("variance")
    length = given.number("length")
    given.finish()
    wineland = float(wineland_parameter(number, variance, length=length))
    return {
        "wineland": Figure(wineland),
        "kitagawa_ueda": Figure(float(kitagawa_ueda_parameter(number, variance))),
        "contrast": Figure(float(contrast(number, length))),
        "gain": Figure(decibels_of_ratio(1.0 / wineland, convention_of="variance")),
        "phase": Figure(float(phase_uncertainty(number, wineland))),
    }


def clock_instability(given: Given, _sampling: Sampling) -> Figures:
    """Return `instability`, of fractional frequency, from a phase or a number of atoms.

    `phase`, or `number` of independent atoms; `carrier` in Hz, `interrogation`, `cycle` and
    `averaging` in s.
    """
    if given.has("number"):
        phase = 1.0 / math.sqrt(given.number("number"))
    else:
        phase = given.number("phase")
    found = frequency_uncertainty(
        phase,
        carrier_hz=given.number("carrier"),
        interrogation_s=given.number("interrogation"),
        cycle_s=given.number("cycle"),
        averaging_s=given.number("averaging"),
    )
    given.finish()
    return {"instability": Figure(float(found))}


def sensing_limits(given: Given, _sampling: Sampling) -> Figures:
    """Return what `probes` reach: `independent` and `heisenberg`, in rad.

    With `transmittance` also `lossy`, in rad, and `most_gain`, of variance.
    """
    probes = given.number("probes")
    figures = {
        "independent": Figure(cramer_rao(separable_limit(probes))),
        "heisenberg": Figure(cramer_rao(heisenberg_limit(probes))),
    }
    if given.has("transmittance"):
        eta = given.number("transmittance")
        figures["lossy"] = Figure(lossy_bound(probes, eta))
        figures["most_gain"] = Figure(most_gain_with_loss(eta))
    given.finish()
    return figures
