"""Counts for a template where a protocol has no model of a link: those of a simple state.

Inside: `example_counts`.
Werner pairs with one visibility, a fibre behind three intensities, a dip of one depth: expected
counts, rounded, without scatter. What a first recomputation shows of them is what they were made
from.
Source: p = 1 - 2 e in each basis of a Werner state; Q = Y0 + 1 - exp(-eta mu) of weak pulses, Ma et
al., PRA 72, 012326 (2005), Eqs. 7 and 9 [from memory].
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

from qtrace.metrics.protocol import Protocol

PAIRS = 1000.0
VISIBILITY = 0.94  # of a Werner state, and of the dip
LINK_FIDELITY = 0.95  # of both links in front of a swap; nothing of the swap itself is lost
MEANS, SHARES = (0.5, 0.1, 0.0002), (0.5, 0.25, 0.25)  # as the template writes them
SENT = 1e9
EFFICIENCY, BACKGROUND, WRONG = 1e-3, 1e-7, 0.05  # of single photons; herald and receiver together


def example_counts(protocol: Protocol) -> dict[str, float]:
    """Return counts by cell, and what else of a template goes with them; empty where none do.

    Args:
        protocol: By its name.
    """
    made: Mapping[str, dict[str, float]] = {
        "entanglement_swapping": _swapped(),
        "hom_visibility": {
            "coincidences_inside": round(PAIRS * (1.0 - VISIBILITY)),
            "coincidences_outside": PAIRS,
        },
        "state_tomography": _pairs(),
        "teleport_decoy": _weak_pulses(),
    }
    return made.get(protocol.name, {})


def _swapped() -> dict[str, float]:
    """Return pairs from two Werner links, swapped without a loss."""
    visibility = ((4.0 * LINK_FIDELITY - 1.0) / 3.0) ** 2
    errors = round(PAIRS * (1.0 - visibility) / 2.0)
    cells: dict[str, float] = {"heralds": 40.0 * PAIRS}
    for basis in "xyz":
        cells |= {f"errors_{basis}": errors, f"agreements_{basis}": PAIRS - errors}
    return cells | {"link_fidelity_1": LINK_FIDELITY, "link_fidelity_2": LINK_FIDELITY}


def _pairs() -> dict[str, float]:
    """Return outcomes of phi+ with white noise: alike in xx and zz, unlike in yy, else even."""
    signs = {"xx": 1.0, "yy": -1.0, "zz": 1.0}
    cells = {}
    for first, second in product("xyz", repeat=2):
        setting = first + second
        for outcome in ("pp", "pm", "mp", "mm"):
            alike = 1.0 if outcome[0] == outcome[1] else -1.0
            part = (1.0 + VISIBILITY * signs.get(setting, 0.0) * alike) / 4.0
            cells[f"{outcome}_{setting}"] = float(round(PAIRS * part))
    return cells


def _weak_pulses() -> dict[str, float]:
    """Return what is received of six states at three intensities."""
    cells = {}
    for state, k in product("hvdarl", (1, 2, 3)):
        sent = SENT * SHARES[k - 1]
        photons = sent * -math.expm1(-EFFICIENCY * MEANS[k - 1])
        errors = round(photons * WRONG + sent * BACKGROUND / 2.0)
        cells[f"errors_{state}_{k}"] = float(errors)
        cells[f"agreements_{state}_{k}"] = float(round(photons + sent * BACKGROUND) - errors)
    return cells | {f"pulses_{state}": SENT for state in "hvdarl"}
