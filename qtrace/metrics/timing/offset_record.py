"""A record of time offsets between two stations: what stability and offset are computed from.

Inside: `Peak`, `OffsetRecord`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Peak:
    """A histogram of pair delays with the fit to it, to be looked at.

    `counts` int64 (n,) in bins of `bin_ps` from `low_ps`, delays less `around_ps`; `fitted`
    float64 (n,) is the expected number in each bin.
    """

    label: str
    around_ps: float
    low_ps: float
    bin_ps: float
    counts: NDArray[np.int64]
    fitted: Array
    delay_ps: float
    u_ps: float
    sigma_ps: float
    pairs: float
    background_per_bin: float
    cramer_rao_ps: float
    significance: float = 0.0


@dataclass(frozen=True, slots=True)
class OffsetRecord:
    """Offsets B - A in equal steps; NaN where a step has none.

    `elapsed_s`, `offset_s`, `u_s`, float64 (n,): the middle of each step from the start of the
    run, the indicated offset less `base_s` and its standard uncertainty, s; the base keeps the
    digits that a large offset would lose. What is indicated holds the delays that are still to be
    corrected. `round_trip_s` is (value, u) where there was one. Where both ways were measured,
    `path_s` (n,) is the delay there and back in each step less `path_base_s`, with `u_path_s`: in
    it the offset of the clocks cancels. Empty where there is none.
    """

    interval_s: float
    elapsed_s: Array
    offset_s: Array
    u_s: Array
    base_s: float = 0.0
    round_trip_s: tuple[float, float] | None = None
    peaks: tuple[Peak, ...] = ()
    flags: tuple[str, ...] = ()
    pairs: Array = field(default_factory=lambda: np.empty(0))
    path_s: Array = field(default_factory=lambda: np.empty(0))
    u_path_s: Array = field(default_factory=lambda: np.empty(0))
    path_base_s: float = 0.0

    @property
    def steps(self) -> int:
        """Return the number of steps, those without an offset too."""
        return len(self.offset_s)

    @property
    def missing(self) -> int:
        """Return the number of steps that have no offset."""
        return int(np.count_nonzero(~np.isfinite(self.offset_s)))

    @property
    def length_s(self) -> float:
        """Return the length of the record, s."""
        return self.steps * self.interval_s
