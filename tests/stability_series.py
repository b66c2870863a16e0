"""The two published test series of stability, their numbers, and plain definitions to test by."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from qtrace.physics.timing import mtie, stability, stability_total
from qtrace.physics.timing.deviations import Numbers

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "reference" / "stability.json").read_text(encoding="utf-8")
)
SERIES = ("nine", "thousand")
ESTIMATORS: dict[str, Callable[..., Any]] = {
    "adev": stability.adev,
    "oadev": stability.oadev,
    "mdev": stability.mdev,
    "tdev": stability.tdev,
    "hdev": stability.hdev,
    "ohdev": stability.ohdev,
    "totdev": stability_total.totdev,
    "mtotdev": stability_total.mtotdev,
    "ttotdev": stability_total.ttotdev,
    "htotdev": stability_total.htotdev,
    "mtie": mtie.mtie,
    "tierms": mtie.tierms,
}


def frequency(series: str) -> Numbers:
    """Return the frequencies of a series."""
    if series == "nine":
        return np.array(REFERENCE["nine"]["frequency"])
    numbers = [REFERENCE["thousand"]["seed"]]
    while len(numbers) < 1000:
        numbers.append(16807 * numbers[-1] % 2147483647)
    return np.array(numbers) / 2147483647


def by_definition(phase: Numbers, *, kind: str, factor: int) -> tuple[float, int]:
    """Return a deviation at tau0 = 1 and its terms, one plain sum after another."""
    m, n = factor, len(phase)
    squares: list[float] = []
    if kind in {"adev", "oadev"}:
        starts = range(0, n - 2 * m, m if kind == "adev" else 1)
        squares = [(phase[i + 2 * m] - 2 * phase[i + m] + phase[i]) ** 2 for i in starts]
        divisor = 2.0 * m**2
    elif kind in {"hdev", "ohdev"}:
        starts = range(0, n - 3 * m, m if kind == "hdev" else 1)
        squares = [
            (phase[i + 3 * m] - 3 * phase[i + 2 * m] + 3 * phase[i + m] - phase[i]) ** 2
            for i in starts
        ]
        divisor = 6.0 * m**2
    elif kind == "mdev":
        for i in range(n - 3 * m + 1):
            first, second, third = (np.mean(phase[i + k * m : i + (k + 1) * m]) for k in range(3))
            squares.append(float(third - 2 * second + first) ** 2)
        divisor = 2.0 * m**2
    else:
        squares = [(phase[i + m] - phase[i]) ** 2 for i in range(n - m)]
        divisor = 1.0
    known = [square for square in squares if not math.isnan(square)]
    if not known:
        return math.nan, 0
    return math.sqrt(math.fsum(known) / len(known) / divisor), len(known)
