"""Newton's method for single delays: the same maximum as the general search, and when it gives up."""

from __future__ import annotations

import numpy as np
import pytest
from pair_worlds import peak_delays

from qtrace.physics.timing.peak_likelihood import PeakData, maximise
from qtrace.physics.timing.peak_newton import newton_delays
from qtrace.physics.timing.peak_shape import GAUSSIAN

WIDTH = 1200.0


def data(ratio: float, *, seed: int, pairs: float = 400.0) -> PeakData:
    delays = peak_delays(
        np.random.default_rng(seed), pairs=pairs, ratio=ratio, half_window_ps=WIDTH / 2
    )
    return PeakData(np.sort(delays) + WIDTH / 2, None, np.ones(len(delays)), WIDTH)


@pytest.mark.parametrize("fixed", [(), (1,)])
@pytest.mark.parametrize("ratio", [0.0, 0.5, 5.0])
def test_it_is_the_maximum_of_the_general_search(ratio: float, fixed: tuple[int, ...]) -> None:
    known = bool(fixed)
    for seed in range(5):
        given = data(ratio, seed=seed)
        start = np.array([600.0, 50.0 if known else 65.0, 350.0, (ratio + 0.02) * 400.0 / WIDTH])
        quick = newton_delays(given, start, least_sigma=0.25, sigma_known=known)
        slow = maximise(GAUSSIAN, given, start, least_sigma=0.25, fixed=fixed)
        assert quick is not None
        assert np.array_equal(quick.free, slow.free)
        u = np.zeros(4)
        assert slow.covariance is not None
        u[slow.free] = np.sqrt(np.diag(slow.covariance))
        # Both stop at a scaled gradient of 1e-6: far below what the data say.
        assert np.all(np.abs(quick.parameters - slow.parameters) <= 1e-5 * u + 1e-12)
        # The Hessian is exact here and from differences of the score there.
        assert quick.covariance == pytest.approx(slow.covariance, rel=1e-4, abs=1e-7)
        assert quick.loss == pytest.approx(slow.loss, abs=1e-8)


def test_it_gives_up_where_there_is_no_maximum_inside() -> None:
    flat = np.sort(np.random.default_rng(1).uniform(0.0, WIDTH, 12))
    given = PeakData(flat, None, np.ones(12), WIDTH)
    start = np.array([flat[0], 0.3, 1.0, 11.0 / WIDTH])
    assert newton_delays(given, start, least_sigma=0.25, sigma_known=False) is None
