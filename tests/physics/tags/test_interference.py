"""Visibility from counts and from a dip; dead time from a rate scan."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.physics.tags.interference import fit_dip, visibility
from qtrace.physics.tags.rate_scan import fit_rate_scan, relative_efficiency


def test_visibility_of_counts_raw_and_corrected() -> None:
    raw = visibility(120, 1000)
    assert raw.value == pytest.approx(0.88)
    assert raw.u == pytest.approx(math.sqrt(120.5 + 0.12**2 * 1000.5) / 1000.0)
    assert raw.notes == ("raw",)
    corrected = visibility(120, 1000, accidentals_dip=100.0, accidentals_outside=100.0)
    assert corrected.value == pytest.approx(1.0 - 20.0 / 900.0)
    assert visibility(60, 1000, exposure_ratio=0.5).value == pytest.approx(0.88)
    above = visibility(90, 1000, accidentals_dip=100.0, accidentals_outside=100.0)
    assert above.value > 1.0
    assert "reported as it is" in above.notes[-1]
    with pytest.raises(InputError, match="0 outside"):
        visibility(1, 0)


def test_a_scan_of_the_dip_finds_what_was_made() -> None:
    generator = np.random.default_rng(61)
    x = np.linspace(-3.0, 3.0, 41)
    truth = 500.0 * (1.0 + 0.02 * x) * (1.0 - 0.9 * np.exp(-0.5 * ((x - 0.1) / 0.5) ** 2))
    pulls, fits = [], []
    for _ in range(100):
        found = fit_dip(x, generator.poisson(truth))
        parts = (found.visibility, found.centre, found.width, found.level)
        pulls.append(
            [(one.value - t) / one.u for one, t in zip(parts, (0.9, 0.1, 0.5, 500.0), strict=True)]
        )
        fits.append(found.p_value)
    assert np.all(np.abs(np.mean(pulls, axis=0)) < 0.4)
    assert np.all(np.abs(np.std(pulls, axis=0) - 1.0) < 0.22)
    assert 0.35 < np.mean(fits) < 0.65
    # No dip of this shape: a step.
    assert fit_dip(x, np.where(x > 0, 900, 300)).p_value < 1e-6
    with pytest.raises(InputError, match="3 delays"):
        fit_dip(x[:3], truth[:3])


@pytest.mark.parametrize("paralysable", [False, True])
def test_a_rate_scan_finds_the_dead_time(*, paralysable: bool) -> None:
    generator = np.random.default_rng(62)
    light = np.geomspace(0.005, 1.0, 12)
    n = 1.2e7 * light + 500.0
    m = n * np.exp(-n * 5e-8) if paralysable else n / (1.0 + n * 5e-8)
    pulls = []
    for _ in range(150):
        seen = m * (1.0 + generator.normal(0.0, 1e-3, m.size))
        found = fit_rate_scan(
            light, seen, u_rates_per_s=1e-3 * m, paralysable=paralysable, background_per_s=500.0
        )
        pulls.append((found.dead_time.value - 5e-8) / found.dead_time.u)
    assert abs(np.mean(pulls)) < 0.35
    assert np.std(pulls) == pytest.approx(1.0, abs=0.18)
    other = fit_rate_scan(light, m, u_rates_per_s=1e-3 * m, paralysable=not paralysable)
    assert other.p_value < 1e-3
    assert any("does not hold" in note for note in other.dead_time.notes)


def test_efficiency_at_a_rate_and_published_dead_times() -> None:
    assert relative_efficiency(1e6, dead_time_s=1e-6) == 0.5
    assert relative_efficiency(1e6, dead_time_s=1e-6, paralysable=True) == math.exp(-1.0)


def test_a_negative_dead_time_is_reported() -> None:
    light = np.array([0.1, 0.3, 1.0])
    found = fit_rate_scan(light, 1e6 * light * (1.0 + 0.05 * light), u_rates_per_s=1e3 * light)
    assert found.dead_time.value < 0.0
    assert any("negative" in note for note in found.dead_time.notes)
    with pytest.raises(InputError) as refused:
        fit_rate_scan(light[:2], light[:2], u_rates_per_s=light[:2])
    assert "at least three points" in refused.value.next_step
