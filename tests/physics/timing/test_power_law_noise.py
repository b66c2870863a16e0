"""Simulated noise has the level and the slope that were asked for, and repeats with its seed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.physics.timing.power_law_noise import expected_deviation, power_law_phase
from qtrace.physics.timing.stability import mdev, oadev, tdev

SAMPLES = 1 << 16
# Relative: three standard deviations of the estimate; flicker limits are asymptotic.
SCATTER = 0.08


@pytest.mark.parametrize("alpha", [2, 1, 0, -1, -2])
@pytest.mark.parametrize("interval_s", [1.0, 0.01])
def test_level(alpha: int, interval_s: float) -> None:
    level = 3e-22
    phase = power_law_phase(
        SAMPLES,
        interval_s=interval_s,
        alpha=alpha,
        level=level,
        generator=np.random.default_rng(alpha + 10),
        settle=SAMPLES,
    )
    for kind, estimator in (("oadev", oadev), ("mdev", mdev), ("tdev", tdev)):
        found = estimator(phase, interval_s=interval_s, factors=[16, 64])
        for value, factor in zip(found.value, (16, 64), strict=True):
            expected = expected_deviation(
                alpha, kind=kind, level=level, factor=factor, interval_s=interval_s
            )
            assert value == pytest.approx(expected, rel=SCATTER), (kind, factor)


def test_well_known_coefficients() -> None:
    # White phase of 1 ns every 1 s: h2 = 2 (2 pi)^2 sigma^2 tau0.
    level = 2 * (2 * math.pi) ** 2 * 1e-18
    assert expected_deviation(2, kind="adev", level=level, factor=10, interval_s=1.0) == (
        pytest.approx(math.sqrt(3.0) * 1e-9 / 10)
    )
    assert expected_deviation(2, kind="tdev", level=level, factor=100, interval_s=1.0) == (
        pytest.approx(1e-10)
    )
    for alpha, kind, ratio in ((-1, "mdev", 0.9344), (-1, "adev", 1.3863)):
        found = expected_deviation(alpha, kind=kind, level=1.0, factor=1, interval_s=1.0) ** 2
        assert found == pytest.approx(ratio, rel=1e-3)


def test_white_noise_at_one_sample_by_its_spread() -> None:
    level = 2 * (2 * math.pi) ** 2 * 1e-18 * 0.5
    x = power_law_phase(
        10_000, interval_s=0.5, alpha=2, level=level, generator=np.random.default_rng(1)
    )
    assert x.std() == pytest.approx(1e-9, rel=0.03)


def test_the_seed_makes_the_noise() -> None:
    def one(seed: int, n: int = 50) -> np.ndarray:
        generator = np.random.default_rng(seed)
        return power_law_phase(n, interval_s=1.0, alpha=1, level=1.0, generator=generator)

    assert one(4).tolist() == one(4).tolist()
    assert one(4).tolist() != one(5).tolist()
    assert len(one(4, 1)) == 1


@pytest.mark.parametrize(
    "changes",
    [{"alpha": 3}, {"alpha": -3}, {"n": 0}, {"interval_s": 0.0}, {"level": -1.0}, {"settle": -1}],
)
def test_bad_input(changes: dict[str, float]) -> None:
    asked = {"n": 10, "interval_s": 1.0, "alpha": 0, "level": 1.0} | changes
    with pytest.raises(InputError, match="simulated"):
        power_law_phase(generator=np.random.default_rng(1), **asked)  # type: ignore[arg-type]


def test_no_expectation_for_others() -> None:
    for alpha, kind in ((3, "adev"), (0, "hdev")):
        with pytest.raises(InputError, match="no expected"):
            expected_deviation(alpha, kind=kind, level=1.0, factor=1, interval_s=1.0)
