"""Uncertainties whose squares a double does not hold: refused, never taken as zero or infinite.

Inside: `refuse_beyond_doubles`, `SMALLEST_VARIANCE`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from qtrace.errors import InputError

# The square of 1e-145: below it a variance loses digits, and at last becomes zero.
SMALLEST_VARIANCE = 1e-290


def refuse_beyond_doubles(variance: float, contributions: Iterable[float]) -> None:
    """Refuse a variance that overflowed or underflowed.

    Args:
        variance: In the square of an SI unit.
        contributions: c_i u_i behind it, in SI units; where they cancel, zero is right.

    Raises:
        InputError: the variance is not finite, or is lost although there are contributions.
    """
    largest = max((abs(one) for one in contributions), default=0.0)
    lost = 0.0 < largest < math.sqrt(SMALLEST_VARIANCE)
    if lost or not math.isfinite(variance):
        raise InputError(
            f"an uncertainty of {largest:.3g} in SI units is too {'small' if lost else 'large'} "
            "to be squared",
            next_step="check the exponents; u from 1e-145 to 1e150 can be combined",
        )
