"""The declared 75 km synchronization: scatter of its points, whole tag streams, and its TDEV.

Declared by Tang et al., EPJ Quantum Technology 10 (2023): 4.45 ps a point, TDEV 426 fs at 4000 s.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from sync_75km import (
    BACKGROUND_TO_SIGNAL,
    PAIRS_PER_S,
    POINT_S,
    RETURNED_PER_S,
    SEED,
    SIGMA_PS,
    drawn_points,
)

from qtrace.physics.tags.simulated_offsets import OffsetWorld, points_agree, simulate_offsets
from qtrace.physics.timing.stability import tdev

POINTS = 300
LONG = Path(__file__).parents[2] / "long" / "sync_75km_points.toml"
DECLARED_TDEV_PS, TAU_S = 0.426, 4000.0
WORLD = OffsetWorld(
    points=20_000,
    point_s=POINT_S,
    pairs_per_s=PAIRS_PER_S,
    sigma_ps=SIGMA_PS,
    background_to_signal=BACKGROUND_TO_SIGNAL,
    round_trip_pairs_per_s=RETURNED_PER_S,
)


def test_points_scatter_as_they_state() -> None:
    points = drawn_points(POINTS)
    assert 4.0 < points.scatter_ps < 6.0
    assert points.ratio == pytest.approx(1.0, abs=3.0 * points.ratio_u)
    assert abs(np.mean(points.error_ps)) < 4.0 * points.scatter_ps / np.sqrt(POINTS)
    # The bound for these photons: reached within a few per cent, the returned ones are few.
    assert np.mean(points.u_ps) == pytest.approx(WORLD.u_point_ps(), rel=0.05)


def test_whole_streams_gave_the_same() -> None:
    long = tomllib.loads(LONG.read_text(encoding="utf-8"))
    assert long["seed"] == SEED
    errors, u = np.array(long["error_ps"]), np.array(long["u_ps"])
    assert len(errors) == len(u) == long["points"] >= 12
    # Written to 1 fs.
    assert np.std(errors, ddof=1) == pytest.approx(long["scatter_ps"], abs=0.002)
    assert abs(long["scatter_over_u"] - 1.0) < 3.0 * long["its_sampling_error"]
    assert np.mean(u) == pytest.approx(WORLD.u_point_ps(), rel=0.1)
    # As the mean square of standard normal numbers: 3 standard deviations.
    chi_square = float(np.mean(np.square(errors / u)))
    assert chi_square == pytest.approx(1.0, abs=3.0 * np.sqrt(2.0 / len(u)))


def test_a_long_series_has_the_declared_tdev() -> None:
    series = simulate_offsets(WORLD, generator=np.random.default_rng(SEED))
    factor = round(TAU_S / POINT_S)  # 3996 s
    found = tdev(series.phase_s(), interval_s=POINT_S, factors=[factor])
    tdev_ps = float(found.value[0]) * 1e12
    expected = points_agree(WORLD.u_point_ps(), POINT_S, tdev=DECLARED_TDEV_PS, tau_s=TAU_S)
    # 185 averaging times: about 6 % is one standard deviation.
    assert tdev_ps == pytest.approx(expected.expected_tdev, rel=0.18)
    assert points_agree(
        WORLD.u_point_ps(), POINT_S, tdev=tdev_ps, tau_s=TAU_S, tolerance=0.18
    ).agrees
    # What was declared agrees with the photons declared, and with the drawn series.
    assert expected.agrees
    assert tdev_ps == pytest.approx(DECLARED_TDEV_PS, rel=0.25)
    # With three times the light it would not.
    assert not points_agree(
        WORLD.u_point_ps() / np.sqrt(3.0), POINT_S, tdev=DECLARED_TDEV_PS, tau_s=TAU_S
    ).agrees
