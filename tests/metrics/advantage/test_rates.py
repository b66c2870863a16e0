"""Equal performance is called better at most as often as 1 - p says; in full in tests/long."""

from __future__ import annotations

import math

import numpy as np
import pytest
from advantage_rates import ROUTES, rate_of_better

RUNS, CONFIDENCE = 1500, 0.9
# Four standard deviations of a rate of 10 % over so many runs.
ROOM = 4.0 * math.sqrt(0.1 * 0.9 / RUNS)
EXACT_ROUTES = ("known u", "four readings", "shared calibration")


@pytest.mark.parametrize("better", ["lower", "higher"])
@pytest.mark.parametrize("route", ROUTES)
def test_equal_performance_is_seldom_called_better(route: str, better: str) -> None:
    rng = np.random.default_rng(20_260_611)
    found = rate_of_better(route, better, runs=RUNS, confidence=CONFIDENCE, rng=rng)
    assert found <= 1.0 - CONFIDENCE + ROOM
    if route in EXACT_ROUTES:
        assert found >= 1.0 - CONFIDENCE - ROOM, "nor is it called so too seldom"
