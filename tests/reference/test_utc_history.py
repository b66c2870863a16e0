"""UTC(NIST) against UTC as Circular T has it: figures of the published history.

The data are third-party and stay outside: the environment variable QTRACE_REFERENCE_DATA names
the folder that holds timescale_history/nist2utc.clk.
Source: ipta/pulsar-clock-corrections (BSD-3), from BIPM Circular T; figures computed from it with
numpy, one value each five days.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from qtrace.uncertainty.random_walk import walk_input

FOLDER = os.environ.get("QTRACE_REFERENCE_DATA", "")
SINCE_MJD = 56000.0
PRINTED = 0.05  # ns: half a digit of the published figures
STEP_S = 5 * 86400.0


@pytest.fixture(scope="module")
def history() -> tuple[np.ndarray, np.ndarray]:
    """Return (MJD, offset in ns) since 2012."""
    if not FOLDER:
        pytest.skip("QTRACE_REFERENCE_DATA names no folder of measured data")
    rows = np.loadtxt(Path(FOLDER) / "timescale_history" / "nist2utc.clk", usecols=(0, 1))
    rows = rows[rows[:, 0] >= SINCE_MJD]
    return rows[:, 0], rows[:, 1] * 1e9


def test_the_offset_of_utc_nist_has_its_known_size(history: tuple) -> None:
    _, x = history
    assert float(np.std(x)) == pytest.approx(6.2, abs=PRINTED)
    assert abs(float(np.mean(x))) == pytest.approx(1.9, abs=PRINTED)
    assert float(np.sqrt(np.mean(x**2))) == pytest.approx(6.5, abs=PRINTED)
    assert float(np.max(np.abs(x))) == pytest.approx(20.2, abs=PRINTED)


def test_a_walk_through_steps_of_five_days_says_too_little_of_thirty(history: tuple) -> None:
    """The scale is steered: q belongs to the time from which it was taken, so both are stated."""
    days, x = history
    steps = np.diff(x)[np.diff(days) == 5.0]
    q = float(np.var(steps)) / STEP_S
    walked = walk_input("w", q, 6 * STEP_S, unit="s").standard_uncertainty
    moved = (x[6:] - x[:-6])[days[6:] - days[:-6] == 30.0]
    assert float(np.std(moved)) > 1.5 * walked
