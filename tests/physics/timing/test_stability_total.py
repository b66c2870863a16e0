"""Total deviations: a slow reading of the definition, Stable32, bias, gaps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from stability_series import ESTIMATORS, REFERENCE, frequency

from qtrace.errors import InputError
from qtrace.physics.timing.phase_gaps import phase_of_frequency
from qtrace.physics.timing.stability import mdev, oadev
from qtrace.physics.timing.stability_total import htotdev, mtotdev, total_bias, totdev, ttotdev

PRINTED = 4e-5  # relative: five printed digits


@pytest.mark.parametrize("kind", ["totdev", "mtotdev", "htotdev"])
def test_stable32(kind: str) -> None:
    phase = phase_of_frequency(frequency("thousand"), interval_s=1.0)
    rows = REFERENCE["stable32"][kind]
    bias = {"bias_corrected_for": 0} if kind == "htotdev" else {}
    found = ESTIMATORS[kind](phase, interval_s=1.0, factors=[row[0] for row in rows], **bias)
    np.testing.assert_allclose(found.value, [row[3] for row in rows], rtol=PRINTED)
    assert found.terms.tolist() == [row[1] for row in rows] or kind == "mtotdev"


def test_reflection_through_the_ends_by_hand() -> None:
    x = np.array([0.0, 1.0, 3.0, 2.0, 5.0])
    longer = np.concatenate((2 * x[0] - x[3:0:-1], x, 2 * x[-1] - x[3:0:-1]))
    for m in (1, 2, 3):
        steps = [longer[i - m] - 2 * longer[i] + longer[i + m] for i in range(4, 7)]
        expected = math.sqrt(np.mean(np.square(steps)) / (2 * m**2))
        assert totdev(x, interval_s=1.0, factors=[m]).value[0] == pytest.approx(expected)


def test_at_the_shortest_average_totdev_is_oadev() -> None:
    x = np.cumsum(np.random.default_rng(5).standard_normal(200))
    assert totdev(x, interval_s=1.0, factors=[1]).value[0] == pytest.approx(
        oadev(x, interval_s=1.0, factors=[1]).value[0]
    )


def test_expected_bias_in_white_frequency_noise() -> None:
    # The published ratio of variances, 0.73, by simulation: 60 records, m = 32 of 512.
    generator = np.random.default_rng(11)
    ratios = []
    for _ in range(60):
        x = np.cumsum(generator.standard_normal(513))
        total = mtotdev(x, interval_s=1.0, factors=[32]).value[0]
        ratios.append((total**2, mdev(x, interval_s=1.0, factors=[32]).value[0] ** 2))
    totals, plain = np.mean(ratios, axis=0)
    assert totals / plain == pytest.approx(0.73, abs=0.08)


def test_gaps() -> None:
    x = np.cumsum(np.random.default_rng(7).standard_normal(300))
    trimmed = np.concatenate(([math.nan] * 20, x, [math.nan] * 5))
    assert totdev(trimmed, interval_s=1.0, factors=[9]).value[0] == pytest.approx(
        totdev(x, interval_s=1.0, factors=[9]).value[0], rel=1e-12
    )
    x[150] = math.nan
    assert totdev(x, interval_s=1.0, factors=[9]).terms[0] == 298 - 3
    assert mtotdev(x, interval_s=1.0, factors=[4]).terms[0] == 300 - 12 + 1 - 12
    assert htotdev(x, interval_s=1.0, factors=[4]).terms[0] == 299 - 12 + 1 - 13
    assert math.isfinite(ttotdev(x, interval_s=1.0, factors=[4]).value[0])


def test_bias_is_published_or_refused() -> None:
    assert total_bias("totdev", alpha=-2, tau_s=1.0, record_s=4.0) == 1 - 0.75 / 4
    assert total_bias("ttotdev", alpha=2) == 0.94
    assert total_bias("mtotdev", alpha=0) == 0.73
    assert total_bias("htotdev", alpha=-2) == 0.771
    with pytest.raises(InputError, match="no bias of htotdev"):
        total_bias("htotdev", alpha=1)
    with pytest.raises(InputError, match="no bias of adev"):
        total_bias("adev", alpha=0)
    x = np.cumsum(np.random.default_rng(7).standard_normal(101))
    plain = totdev(x, interval_s=2.0, factors=[25])
    corrected = totdev(x, interval_s=2.0, factors=[25], bias_corrected_for=-2)
    assert corrected.value[0] == pytest.approx(plain.value[0] / math.sqrt(1 - 0.75 / 4))
