"""Relations that hold for a Werner state: visibility, error rate, fidelity, CHSH value.

Inside: `visibility_of_error_rate`, `error_rate_of_visibility`, `visibility_of_chsh`,
`chsh_of_visibility`, `fidelity_of_visibility`, `accidental_free_visibility`.
A Werner state is a maximally entangled pair with white noise; a real state need not be one, so
these carry a figure from one kind to another and prove nothing about the state.
Source: Werner, PRA 40, 4277 (1989); Clauser et al., PRL 23, 880 (1969). The violation needs
V > 1/sqrt 2 and F > 0.7803.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.entangled.chsh import TSIRELSON_LIMIT

Number = float | NDArray[np.float64]


def visibility_of_error_rate(error_rate: Number) -> Number:
    """Return the visibility, 1 - 2 e.

    Source: e = (1 - V) / 2, from V = (largest - smallest) / (largest + smallest).
    """
    return 1.0 - 2.0 * error_rate


def error_rate_of_visibility(visibility: Number) -> Number:
    """Return the error rate, (1 - V) / 2.

    Source: as `visibility_of_error_rate`.
    """
    return (1.0 - visibility) / 2.0


def visibility_of_chsh(chsh: Number) -> Number:
    """Return the visibility of the Werner state with that CHSH value at the best settings.

    Source: S = 2 sqrt 2 V.
    """
    return chsh / TSIRELSON_LIMIT


def chsh_of_visibility(visibility: Number) -> Number:
    """Return the CHSH value of a Werner state at the best settings, 2 sqrt 2 V.

    Source: as `visibility_of_chsh`.
    """
    return TSIRELSON_LIMIT * visibility


def fidelity_of_visibility(visibility: Number) -> Number:
    """Return the fidelity of a Werner state with its maximally entangled state.

    Source: F = (1 + 3 V) / 4.
    """
    return (1.0 + 3.0 * visibility) / 4.0


def accidental_free_visibility(errors: Number, agreements: Number, accidentals: Number) -> Number:
    """Return the visibility with accidental coincidences subtracted, half from either cell.

    It describes the source, not the key: accidentals are errors that the key contains, so no
    key rate may be drawn from it.

    Args:
        errors: Counts where the two sides differ.
        agreements: Counts where they agree.
        accidentals: Accidental coincidences among both, as measured beside the peak.

    Raises:
        InputError: no counts are left.

    Source: (agreements - errors) / (agreements + errors - accidentals); accidentals fall on
        either cell alike.
    """
    left = errors + agreements - accidentals
    if not np.all(np.asarray(left) > 0.0):
        raise InputError(
            f"{accidentals} accidental coincidences leave no counts",
            where="accidentals",
            next_step="give those of the same time, window and basis as the counts",
        )
    return (agreements - errors) / left
