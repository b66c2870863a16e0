"""Entropy in bits.

Inside: `binary_entropy`.
Source: Shannon, Bell System Technical Journal 27, 379 (1948), section 6.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from qtrace.errors import InputError

Number = float | NDArray[np.float64]


def binary_entropy(probability: Number) -> Number:
    """Return the entropy of a yes-or-no event, exact also for very small probabilities.

    Args:
        probability: Probability of yes, in [0, 1]; a number or an array of any shape.

    Returns:
        Entropy in bits, of the same shape; 0 at both ends, 1 at one half.

    Raises:
        InputError: a probability is outside [0, 1] or not a number.

    Source: h(x) = -x log2 x - (1 - x) log2(1 - x), Shannon (1948), section 6.
    """
    x = np.asarray(probability, dtype=np.float64)
    if not np.all((x >= 0.0) & (x <= 1.0)):
        outside = x[~((x >= 0.0) & (x <= 1.0))].flat[0]
        raise InputError(
            f"the probability {outside} is outside 0 to 1",
            next_step="check the counts behind it: errors above counts, or a bound above 1",
        )
    # Adding 0.0 turns the -0.0 of both ends into 0.0.
    nats = np.asarray(xlogy(x, x) + xlog1py(1.0 - x, -x), dtype=np.float64)
    bits: Number = -nats / math.log(2.0) + 0.0
    return bits
