"""Local delays by a common source: two configurations of the arms, A and B side by side.

Inside: `CommonSourceSwap`, `local_delay_difference_of_swap`, `common_source_swap`.
One source feeds both stations through two arms on one place, then the arms are exchanged. The mean
of the two readings is the difference of the local delays (and of the clocks, if they are two), the
half difference is that of the arms.
Source: the swap of ends in the comparison of time receivers, e.g. ITU-R TF.1153-4 (2015), section
on earth station delays (clause from memory); the algebra is in the functions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CommonSourceSwap:
    """What a swap gives, in s: local delays B - A, and arm to B minus arm to A as first placed.

    `u_local_s` says nothing of what changes between the two configurations (temperature, the
    connectors mated anew): repeat the swap and take the scatter as type A.
    """

    local_delay_difference_s: float
    u_local_s: float
    arm_difference_s: float
    u_arm_s: float


def local_delay_difference_of_swap(
    *, delay_direct: Number, delay_swapped: Number, clock_offset: Number = 0.0
) -> Number:
    """Return the delay of the equipment at B minus that at A, in s.

    Args:
        delay_direct: Tags of B minus tags of A in the first configuration, in s.
        delay_swapped: The same after the arms between source and stations were exchanged.
        clock_offset: Clock B minus clock A during both; zero if both run on one clock.

    Source: direct = offset + local + arms and swapped = offset + local - arms; their mean.
    """
    return 0.5 * (delay_direct + delay_swapped) - clock_offset


def common_source_swap(
    *,
    delay_direct_s: float,
    u_direct_s: float,
    delay_swapped_s: float,
    u_swapped_s: float,
    covariance_s2: float = 0.0,
    clock_offset_s: float = 0.0,
    u_clock_offset_s: float = 0.0,
) -> CommonSourceSwap:
    """Return local delay difference and arm difference of a swap, with their uncertainties.

    Args:
        delay_direct_s: Tags of B minus tags of A, first configuration, in s.
        u_direct_s: Its standard uncertainty in s.
        delay_swapped_s: The same with the arms exchanged.
        u_swapped_s: Its standard uncertainty in s.
        covariance_s2: Covariance of the two; a drift or time base that both share.
        clock_offset_s: Clock B minus clock A during both; zero on one clock.
        u_clock_offset_s: Its standard uncertainty.

    Raises:
        InputError: an uncertainty is negative, or the covariance more than they allow.

    Source: `local_delay_difference_of_swap` and JCGM 100:2008, Eq. 13.
    """
    if min(u_direct_s, u_swapped_s, u_clock_offset_s) < 0.0:
        raise InputError(
            "a standard uncertainty of the swap is negative",
            next_step="give standard uncertainties in s, zero or more",
        )
    if abs(covariance_s2) > u_direct_s * u_swapped_s * (1.0 + 1e-9):
        raise InputError(
            f"the covariance {covariance_s2} s^2 is beyond the product of the uncertainties",
            next_step="give the covariance of the two delays in s^2",
        )
    squares = u_direct_s**2 + u_swapped_s**2
    # Rounding may leave a fully correlated pair a hair below zero.
    together = max(squares + 2.0 * covariance_s2, 0.0)
    apart = max(squares - 2.0 * covariance_s2, 0.0)
    local = local_delay_difference_of_swap(
        delay_direct=delay_direct_s, delay_swapped=delay_swapped_s, clock_offset=clock_offset_s
    )
    return CommonSourceSwap(
        local_delay_difference_s=float(local),
        u_local_s=math.sqrt(0.25 * together + u_clock_offset_s**2),
        arm_difference_s=0.5 * (delay_direct_s - delay_swapped_s),
        u_arm_s=0.5 * math.sqrt(apart),
    )
