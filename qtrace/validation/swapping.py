"""Procedures for swapped pairs, Werner states and a transferred tone.

Inside: `werner_of_chsh`, `swapped_pairs`, `phase_of_tone`.
Source: as the formulas say that are called.
"""

from __future__ import annotations

import math

from qtrace.physics.entangled.werner import (
    error_rate_of_visibility,
    fidelity_of_visibility,
    visibility_of_chsh,
)
from qtrace.physics.states.swapping import swap_werner, teleported_fidelity
from qtrace.physics.states.tone import (
    averaging_time_s,
    equatorial_fidelity,
    frequency_offset_hz,
    time_offset_s,
)
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling


def werner_of_chsh(given: Given, _sampling: Sampling) -> Figures:
    """Return `visibility`, `fidelity`, `error_rate_percent` of the Werner state of a CHSH value."""
    visibility = float(visibility_of_chsh(given.number("chsh")))
    given.finish()
    return {
        "visibility": Figure(visibility),
        "fidelity": Figure(float(fidelity_of_visibility(visibility))),
        "error_rate_percent": Figure(100.0 * float(error_rate_of_visibility(visibility))),
    }


def swapped_pairs(given: Given, _sampling: Sampling) -> Figures:
    """Return `fidelity` after ideal swaps of Werner links, and `teleported` over what is left."""
    fidelity = float(swap_werner(given.numbers("fidelities")))
    given.finish()
    return {
        "fidelity": Figure(fidelity),
        "teleported": Figure(float(teleported_fidelity(fidelity))),
    }


def phase_of_tone(given: Given, _sampling: Sampling) -> Figures:
    """Return what a phase in degrees is: `phase_mrad`, and by what else is given.

    With `averaging_time` in s `frequency_mhz` (millihertz), with `frequency` in Hz the time
    `averaging_ms` that it implies, with `carrier` in Hz `time_ps`; always `fidelity` of equatorial
    states at that rms.
    """
    phase = math.radians(given.number("phase_deg"))
    figures = {
        "phase_mrad": Figure(1e3 * phase),
        "fidelity": Figure(float(equatorial_fidelity(phase))),
    }
    if given.has("averaging_time"):
        offset = frequency_offset_hz(phase, given.number("averaging_time"))
        figures["frequency_mhz"] = Figure(1e3 * float(offset))
    if given.has("frequency"):
        tau = averaging_time_s(phase, given.number("frequency"))
        figures["averaging_ms"] = Figure(1e3 * float(tau))
    if given.has("carrier"):
        figures["time_ps"] = Figure(1e12 * float(time_offset_s(phase, given.number("carrier"))))
    given.finish()
    return figures
