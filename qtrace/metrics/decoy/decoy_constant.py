"""The least Hoeffding length over constant intensities in intervals, proved and not searched.

Inside: `proven_length`.

The set is split into boxes, on each of which the bound for varying intensities holds; the least
over all boxes is a bound wherever the splitting stops. A search between points can miss the place
where the vacuum events are cut at 0, and there the length has a kink.
Source: `qtrace.physics.decoy.decoy_set_constant`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.decoy.decoy_arguments import Values, basis_counts
from qtrace.metrics.decoy.decoy_set_bounds import count_arrays, stacked
from qtrace.physics.decoy.decoy_set import Security
from qtrace.physics.decoy.decoy_set_constant import constant_length
from qtrace.physics.decoy.decoy_source import told_bits
from qtrace.physics.decoy.phase_error import Sampling

Number = float | NDArray[np.float64]


def proven_length(sampling: Sampling, *, intensities: int) -> Callable[[Values], Number]:
    """Return the proved least length as a function of the arguments of a certified figure.

    It may lie below the true minimum by the tolerance of the splitting, never above it.

    Args:
        sampling: Bound of the phase error, gamma or Serfling.
        intensities: 2 or 3.

    Source: branch and bound, `constant_length`.
    """

    def length(values: Values) -> Number:
        names = list(values)
        rows = np.broadcast_arrays(*(np.asarray(values[one], dtype=np.float64) for one in names))
        table = np.stack([row.ravel() for row in rows], axis=1)
        found = np.array(
            [_of_row(dict(zip(names, row, strict=True)), sampling, intensities) for row in table]
        )
        return found.reshape(rows[0].shape)[()]

    return length


def _of_row(values: Values, sampling: Sampling, intensities: int) -> float:
    key, test = (basis_counts(values, one, intensities=intensities) for one in ("key", "test"))
    rows = range(1, intensities + 1)
    told = told_bits(
        key,
        leak_bits=values["leak"],
        error_correction_efficiency=values["error_correction_efficiency"],
    )
    return constant_length(
        count_arrays(key, test),
        stacked([values[f"mean_photon_number_{k}_low"] for k in rows]),
        stacked([values[f"mean_photon_number_{k}_high"] for k in rows]),
        probabilities=stacked([values[f"probability_{k}"] for k in rows]),
        leak_bits=float(told),
        security=Security(
            values["epsilon_secrecy"], values["epsilon_correctness"], sampling=sampling.value
        ),
    ).length
