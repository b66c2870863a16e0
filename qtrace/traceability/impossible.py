"""Estimates outside what is physically possible: said, never clipped.

Inside: `beyond_bound`.
"""

from __future__ import annotations

import math

from qtrace.quantity.kinds import Kind


def beyond_bound(kind: Kind, value: float, u: float) -> str:
    """Return by how much an estimate lies beyond the bounds of its kind, empty where it does not.

    Args:
        kind: Kind of quantity with its bounds, in SI units.
        value: The estimate, in SI units.
        u: Its standard uncertainty, in SI units.
    """
    beyond = 0.0
    if kind.lower is not None and value < kind.lower:
        beyond = kind.lower - value
    if kind.upper is not None and value > kind.upper:
        beyond = value - kind.upper
    if beyond == 0.0:
        return ""
    z = beyond / u if u > 0.0 else math.inf
    return f"estimate beyond its physical bound by {z:.2g} u"
