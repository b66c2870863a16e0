"""Fit how the uncertainty of a sensor falls with N; nothing is recorded.

Inside: `scaling_of`.
"""

from __future__ import annotations

from pathlib import Path

from qtrace.exchange.scaling_file import read_scaling_file
from qtrace.metrics.sensing.scaling_statement import ScalingStatement, state_scaling


def scaling_of(file: Path) -> ScalingStatement:
    """Return exponent, its u and what it is told from.

    Args:
        file: Scaling file.

    Raises:
        InputError: anything that is wrong in the file.
    """
    return state_scaling(read_scaling_file(file))
