"""What a calibration file says of how a result changes: with time, and with conditions of use.

Inside: `DriftDraft`, `CoefficientDraft`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DriftDraft:
    """A drift process: at most one of bound, rate and fit; a random walk alone or beside it.

    Amounts are in the SI unit of the result per second (`variance_per_s`: squared, per second);
    where `relative` (`walk_relative` for the walk) is true they are parts of the value instead.
    `half_width_per_s` is a rectangular bound on the rate, None where there is none; `rate_per_s`
    a known rate with `u_rate_per_s`; `fitted` takes the rate from the history on record.
    """

    text: str
    source: str = ""
    half_width_per_s: float | None = None
    rate_per_s: float | None = None
    u_rate_per_s: float = 0.0
    degrees_of_freedom: float = math.inf
    relative: bool = False
    fitted: bool = False
    variance_per_s: float | None = None
    walk_relative: bool = False
    walk_text: str = ""


@dataclass(frozen=True, slots=True)
class CoefficientDraft:
    """How a result changes with a condition of use, from the point of its calibration on.

    `slope` and `u_slope` are in the SI unit of the result per SI unit of the condition, or parts
    of the value per that unit where `relative` is true. `at` is the calibrated point as written,
    `per` the SI unit code of the condition.
    """

    condition: str
    at: str
    per: str
    slope: float
    u_slope: float
    text: str
    relative: bool = False
    source: str = ""
