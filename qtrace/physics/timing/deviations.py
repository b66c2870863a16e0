"""Series of deviations over averaging times, and the averaging factors to ask for.

Inside: `Deviations`, `JudgedDeviations`, `QUANTITIES`, `SPANS`, `octave_factors`,
`decade_factors`, `checked_factors`, `averaging_times`, `longest_factor`, `known_kind`.
Source: words after IEEE Std 1139 and NIST SP 1065 (Riley and Howe, 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]
Factors = Sequence[int] | Integers | None

# Estimator to the kind of quantity that it estimates.
QUANTITIES: dict[str, str] = {
    "adev": "allan_deviation",
    "oadev": "allan_deviation",
    "mdev": "modified_allan_deviation",
    "mtotdev": "modified_allan_deviation",
    "tdev": "time_deviation",
    "ttotdev": "time_deviation",
    "hdev": "hadamard_deviation",
    "ohdev": "hadamard_deviation",
    "htotdev": "hadamard_deviation",
    "totdev": "total_deviation",
    "mtie": "maximum_time_interval_error",
    "tierms": "rms_time_interval_error",
}
# Phase samples that one term at factor m spans: a m + b; of `totdev` the half record.
SPANS: dict[str, tuple[int, int]] = {
    "adev": (2, 1),
    "oadev": (2, 1),
    "mdev": (3, 0),
    "mtotdev": (3, 0),
    "tdev": (3, 0),
    "ttotdev": (3, 0),
    "hdev": (3, 1),
    "ohdev": (3, 1),
    "htotdev": (3, 1),
    "totdev": (1, 2),
    "mtie": (1, 1),
    "tierms": (1, 1),
}


@dataclass(frozen=True, slots=True)
class Deviations:
    """One estimator over averaging times.

    `terms` counts the differences (or windows) in each value; a value of no complete one is
    NaN with 0 terms. `samples` is the length of the record, gaps counted; `missing` the gaps.
    """

    kind: str
    factors: Integers
    tau_s: Numbers
    value: Numbers
    terms: Integers
    samples: int = 0
    missing: int = 0

    @property
    def quantity(self) -> str:
        """Return the kind of quantity that is estimated."""
        return QUANTITIES[self.kind]

    @property
    def record_s(self) -> float:
        """Return from the first sample to the last, in s.

        Source: (n - 1) tau0.
        """
        if len(self.tau_s) == 0:
            return 0.0
        return float((self.samples - 1) * self.tau_s[0] / self.factors[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDeviations(Deviations):
    """Deviations with their two-sided chi-square intervals.

    `alpha` is the power of the noise found at each factor, `dof` the equivalent degrees of
    freedom; both NaN-free only where a value is there.
    """

    low: Numbers
    high: Numbers
    dof: Numbers
    alpha: Integers
    probability: float


def averaging_times(factors: Integers, interval_s: float) -> Numbers:
    """Return tau = m tau0 in s.

    Source: NIST SP 1065 (2008): tau = m tau0.
    """
    return factors.astype(np.float64) * interval_s


def longest_factor(samples: int, kind: str) -> int:
    """Return the largest averaging factor of which the record holds one term (0: none).

    Source: samples that one term spans, by the definitions of the estimators.
    """
    slope, rest = SPANS[known_kind(kind)]
    return max((samples - rest) // slope, 0)


def known_kind(kind: str) -> str:
    """Return the name of an estimator.

    Raises:
        InputError: Not known here.
    """
    if kind not in QUANTITIES:
        raise InputError(
            f"no estimator is called {kind!r}", next_step="known are " + ", ".join(QUANTITIES)
        )
    return kind


def octave_factors(n: int, *, kind: str = "mdev", least_terms: int = 1) -> Integers:
    """Return 1, 2, 4, ... as far as the record reaches.

    Args:
        n: Phase samples of the record.
        kind: Estimator that is to be computed, e.g. "mdev".
        least_terms: Overlapping terms that each factor must leave.

    Source: factors usual since Stable32 ("octave").
    """
    longest = longest_factor(n - least_terms + 1, kind)
    return np.array([1 << k for k in range(longest.bit_length())], dtype=np.int64)


def decade_factors(n: int, *, kind: str = "mdev", least_terms: int = 1) -> Integers:
    """Return 1, 2, 4, 10, 20, 40, 100, ... as far as the record reaches.

    Args:
        n: Phase samples of the record.
        kind: Estimator that is to be computed, e.g. "mdev".
        least_terms: Overlapping terms that each factor must leave.

    Source: factors usual since Stable32 ("decade").
    """
    longest = longest_factor(n - least_terms + 1, kind)
    decades = len(str(longest))
    found = [step * 10**decade for decade in range(decades) for step in (1, 2, 4)]
    return np.array([factor for factor in found if factor <= longest], dtype=np.int64)


def checked_factors(factors: Factors, *, samples: int, kind: str) -> Integers:
    """Return the factors asked for; octaves where none are.

    Raises:
        InputError: None, not whole, below 1, or longer than the record allows.
    """
    longest = longest_factor(samples, kind)
    if longest < 1:
        slope, rest = SPANS[kind]
        raise InputError(
            f"a record of {samples} phase samples is too short for {kind}",
            next_step=f"give at least {slope + rest}",
        )
    if factors is None:
        return octave_factors(samples, kind=kind)
    given = np.asarray(factors)
    if given.ndim != 1 or not len(given) or not np.issubdtype(given.dtype, np.integer):
        raise InputError(
            "averaging factors are a list of whole numbers", next_step="give e.g. [1, 2, 4]"
        )
    if given.min() < 1 or given.max() > longest:
        wrong = int(given.min() if given.min() < 1 else given.max())
        raise InputError(
            f"averaging factor {wrong} does not fit {samples} phase samples of {kind}",
            next_step=f"give factors from 1 to {longest}",
        )
    return given.astype(np.int64)
