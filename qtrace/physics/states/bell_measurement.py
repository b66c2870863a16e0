"""Efficiency of a Bell-state measurement, and what linear optics allows.

Inside: `bell_efficiency`, `linear_optics_limit`, `certain_limit`, `check_bell_efficiency`,
`exceeds_limit`.
Source: Luetkenhaus, Calsamiglia and Suominen, PRA 59, 3295 (1999), and Calsamiglia and Luetkenhaus,
Appl. Phys. B 72, 67 (2001): at most two of four Bell states, 1/2, without ancillary photons
[abstracts read]; Grice, PRA 84, 042331 (2011), and Ewert and van Loock, PRL 113, 140403 (2014),
with them [the latter's abstract read].
"""

from __future__ import annotations

from qtrace.errors import InputError
from qtrace.physics.proportions import clopper_pearson

BELL_STATES = 4
MOST_IDENTIFIED = 2
CERTAIN = 0.999  # two-sided: an efficiency whose interval of it lies above the limit is impossible


def linear_optics_limit(identified_states: int, *, ancillary_photons: int = 0) -> float:
    """Return the largest efficiency with linear optics that is proven or, with ancillae, known.

    Args:
        identified_states: How many of the four Bell states a herald tells apart: 1 (one
            projection, as often in time bins) or 2; with ancillary photons up to 4.
        ancillary_photons: Photons brought in to help; declared, 0 if none.

    Returns:
        1/4 or 1/2 without, a proven limit; with A ancillary photons 1 - 1 / (A + 2), at most a
        quarter for each state that is told: Grice's scheme reaches it for A = 2, 6, 14, ..., for
        other numbers it is of the same form. That it is the MOST is proven for none of them: what
        lies above is no reason to refuse, and `certain_limit` is what holds.

    Raises:
        InputError: more states than linear optics tells apart, or numbers that cannot be.

    Source: Calsamiglia and Luetkenhaus (2001); Grice (2011), 1 - 1/2^N with 2^N - 2 photons
        [from memory], of which Ewert and van Loock's 3/4 was read.
    """
    if ancillary_photons < 0 or ancillary_photons != int(ancillary_photons):
        raise InputError(
            f"{ancillary_photons} ancillary photons cannot be",
            where="ancillary_photons",
            next_step="0 where none are used",
        )
    if not 1 <= identified_states <= BELL_STATES:
        raise InputError(
            f"{identified_states} of four Bell states cannot be identified",
            where="bell_states_identified",
            next_step="1 for one projection, 2 for a beam splitter with four detectors",
        )
    if identified_states > MOST_IDENTIFIED and ancillary_photons == 0:
        raise InputError(
            f"linear optics without ancillary photons tells {MOST_IDENTIFIED} Bell states apart, "
            f"not {identified_states}",
            where="bell_states_identified",
            next_step="declare the ancillary photons, or correct the number",
        )
    of_states = identified_states / BELL_STATES
    if ancillary_photons == 0:
        return of_states
    return min(1.0 - 1.0 / (ancillary_photons + 2.0), max(of_states, 0.25))


def certain_limit(identified_states: int, *, ancillary_photons: int = 0) -> float:
    """Return what no Bell-state measurement exceeds that tells so many states.

    Args:
        identified_states: As for `linear_optics_limit`.
        ancillary_photons: As there.

    Raises:
        InputError: as `linear_optics_limit`.

    Source: all four Bell states arrive alike often in a teleportation, so one state told is a
        quarter of them; without ancillae two at most are told: Calsamiglia and Luetkenhaus (2001).
    """
    linear_optics_limit(identified_states, ancillary_photons=ancillary_photons)
    return identified_states / BELL_STATES


def bell_efficiency(identified: float, arriving: float) -> float:
    """Return the part of the arriving pairs that are identified.

    Raises:
        InputError: no pairs arrived, or more were identified than arrived.

    Source: definition, identified over arriving pairs; what is lost before is not in it.
    """
    if not arriving > 0.0 or not 0.0 <= identified <= arriving:
        raise InputError(
            f"{identified:g} pairs identified of {arriving:g} arriving cannot be",
            where="bell_arrivals",
            next_step="give the pairs of photons that reached the beam splitter together",
        )
    return identified / arriving


def exceeds_limit(identified: int, arriving: int, limit: float) -> bool:
    """Return whether counts lie above a limit by more than their scatter explains.

    Source: Clopper and Pearson (1934), lower end of the two-sided interval of `CERTAIN`.
    """
    return clopper_pearson(identified, arriving, probability=CERTAIN).low > limit


def check_bell_efficiency(identified: int, arriving: int, *, limit: float) -> float:
    """Return the efficiency, unless the limit makes it impossible.

    Raises:
        InputError: as `bell_efficiency`, or above the limit beyond scatter.
    """
    found = bell_efficiency(identified, arriving)
    if exceeds_limit(identified, arriving, limit):
        raise InputError(
            f"an efficiency of {found:.4g} is above {limit:g}, the most that these optics allow",
            where="bell_arrivals",
            next_step="check how arriving pairs were counted, or declare ancillary photons",
        )
    return found
