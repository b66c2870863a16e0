"""Degrees of freedom: an independent implementation, white noise by matrices, simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from stability_series import REFERENCE

from qtrace.errors import InputError
from qtrace.physics.timing.degrees_of_freedom import equivalent_dof
from qtrace.physics.timing.power_law_noise import power_law_phase
from qtrace.physics.timing.stability import mdev, oadev

AGREEMENT = 1e-6  # relative: the same algorithm, round-off of its differences apart


def test_an_independent_implementation() -> None:
    assert len(REFERENCE["dof"]) > 70
    for kind, alpha, samples, factor, expected in REFERENCE["dof"]:
        if (alpha, factor) == (0, 1):
            continue  # exact here, see the next test
        found = equivalent_dof(alpha, kind=kind, factor=factor, n=samples)
        assert found == pytest.approx(expected, rel=AGREEMENT), (kind, alpha, samples, factor)


@pytest.mark.parametrize(
    ("kind", "d", "samples", "factor"),
    [
        (kind, d, 40, factor)
        for kind, d in (("oadev", 2), ("ohdev", 3), ("adev", 2), ("hdev", 3))
        for factor in (1, 5, 11, 13, 19)
        if d * factor + 1 <= 40
    ],
)
def test_white_phase_by_the_covariance_matrix(kind: str, d: int, samples: int, factor: int) -> None:
    # dof = 2 E(V)^2 / var(V) = tr(C)^2 / tr(C^2) for Gaussian terms of covariance C.
    stride = factor if kind in {"adev", "hdev"} else 1
    starts = range(0, samples - d * factor, stride)
    rows = np.zeros((len(starts), samples))
    for row, start in enumerate(starts):
        for k in range(d + 1):
            rows[row, start + k * factor] = (-1) ** k * math.comb(d, k)
    covariance = rows @ rows.T
    expected = np.trace(covariance) ** 2 / np.sum(covariance**2)
    found = equivalent_dof(2, kind=kind, factor=factor, n=samples)
    assert found == pytest.approx(expected, rel=1e-9)


def test_white_frequency_at_one_sample_is_exact() -> None:
    # Terms are second or third differences of a random walk: -1/2, or -2/3 and 1/6.
    for kind in ("adev", "oadev", "mdev", "totdev"):
        expected = 999 / (1.0 + 2.0 * 0.25 * (1 - 1 / 999))
        assert equivalent_dof(0, kind=kind, factor=1, n=1001) == pytest.approx(expected)
    expected = 998 / (1.0 + 2.0 * (4 / 9 * (1 - 1 / 998) + 1 / 36 * (1 - 2 / 998)))
    assert equivalent_dof(0, kind="ohdev", factor=1, n=1001) == pytest.approx(expected)


def test_known_values() -> None:
    # Of 4096 samples of white phase noise.
    for factor, dof in ((1, 2106), (64, 79), (512, 7.4)):
        found = equivalent_dof(2, kind="mdev", factor=factor, n=4096)
        assert found == pytest.approx(dof, rel=0.01)
    assert equivalent_dof(0, kind="totdev", factor=100, n=1001) == pytest.approx(15.0)
    assert equivalent_dof(-2, kind="totdev", factor=100, n=1001) == pytest.approx(8.94)
    assert equivalent_dof(0, kind="mtotdev", factor=100, n=1001) == pytest.approx(9.8)
    assert equivalent_dof(0, kind="htotdev", factor=100, n=1001) == pytest.approx(10 / 0.6594)


@pytest.mark.parametrize("alpha", [2, 1, 0, -1])
def test_scatter_of_simulated_variances(alpha: int) -> None:
    # dof = 2 mean^2 / variance; of 400 records its own scatter is about 8 %.
    generator = np.random.default_rng(alpha + 50)
    values = []
    for _ in range(400):
        x = power_law_phase(
            257, interval_s=1.0, alpha=alpha, level=1.0, generator=generator, settle=256
        )
        values.append(
            [
                estimator(x, interval_s=1.0, factors=[factor]).value[0] ** 2
                for estimator, factor in ((oadev, 8), (mdev, 8), (mdev, 20))
            ]
        )
    table = np.array(values)
    found = 2 * table.mean(axis=0) ** 2 / table.var(axis=0, ddof=1)
    expected = [
        equivalent_dof(alpha, kind=kind, factor=factor, n=257)
        for kind, factor in (("oadev", 8), ("mdev", 8), ("mdev", 20))
    ]
    np.testing.assert_allclose(found, expected, rtol=0.3)


def test_flicker_phase_has_no_jump_where_its_limit_takes_over() -> None:
    short = equivalent_dof(1, kind="adev", factor=10_000, n=200_001)
    long = equivalent_dof(1, kind="adev", factor=10_001, n=200_021)
    assert long == pytest.approx(short, rel=1e-3)


@pytest.mark.parametrize(
    ("alpha", "kind", "factor", "message"),
    [
        (0, "mtie", 1, "no chi-square"),
        (0, "pdev", 1, "no estimator"),
        (-3, "oadev", 1, "no degrees of freedom for noise"),
        (3, "hdev", 1, "no degrees of freedom for noise"),
        (0, "oadev", 50, "does not fit"),
        (0, "oadev", 0, "does not fit"),
    ],
)
def test_bad_input(alpha: int, kind: str, factor: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        equivalent_dof(alpha, kind=kind, factor=factor, n=100)
