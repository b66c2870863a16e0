"""u of offset and frequency: how often it holds the clocks, and what it does not depend on."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
from offset_coverage import CASES, LENGTHS, SEED, coverage, drawn

from qtrace.physics.timing import line_uncertainty as module
from qtrace.physics.timing.line_uncertainty import FEWEST_POINTS, line_uncertainty
from qtrace.physics.timing.offset_line import offset_line

RECORDS = 120
# Three standard deviations below 93 % of 120 records.
LEAST = 0.93 - 3.0 * math.sqrt(0.93 * 0.07 / RECORDS)
LONG = Path(__file__).parents[2] / "long" / "offset_coverage_run.toml"
NONE = math.nan


@pytest.mark.parametrize("n", [20, 200])
@pytest.mark.parametrize("name", CASES)
def test_u_holds_offset_and_frequency_of_the_clocks(name: str, n: int) -> None:
    found = coverage(name, n, records=RECORDS)
    assert found.offset > LEAST
    assert found.frequency > LEAST
    assert found.frequency_spread > 0.3


def test_the_long_simulation_was_passed() -> None:
    outcome = tomllib.loads(LONG.read_text(encoding="utf-8"))
    assert outcome["seed"] == SEED
    assert outcome["records"] >= 1000
    for name in CASES:
        for n in LENGTHS:
            one = outcome[name][f"n{n}"]
            assert min(one["offset"], one["frequency"]) >= 0.93
            assert one["frequency_spread"] >= 0.3
    # White phase noise pays for what it may hide: a factor of 2.1, 3 for 20 points.
    assert all(outcome["white_phase"][f"n{n}"]["over_formal"] < 2.3 for n in LENGTHS[1:])
    assert outcome["white_phase"]["n20"]["over_formal"] < 3.3


def test_the_formal_u_alone_does_not_hold_a_random_walk() -> None:
    """What the simulation is for: that it sees a u that is too small."""
    held = 0
    for index in range(100):
        x, offset, _ = drawn("white_frequency", 200, index)
        line = offset_line(np.arange(200.0), x, np.full(200, NONE))
        held += abs(line.offset_s - offset) < 2.0 * line.u_offset_s
    assert held < 20


def test_weights_by_hand() -> None:
    """White phase: 1/n and the slope by hand; white frequency: n/12 and T/5 of a long record."""
    n = 64
    time = np.arange(float(n))
    means = module._means(time, time, np.ones(n))
    white, walk = module._form(means, alpha=0, slope=False)
    assert white == pytest.approx(1.0 / n)
    # K = -|t| is twice the walk of unit steps; mean of both halves, each h/3 from the middle
    assert walk / 2.0 == pytest.approx(n / 12.0, rel=0.02)
    white, walk = module._form(means, alpha=0, slope=True)
    assert white == pytest.approx(12.0 / (n * (n**2 - 1.0)))
    # A step of the walk at j moves all later points: sum of the weights from j on, less 1/T.
    away = time - time.mean()
    later = np.cumsum((away / np.sum(away**2))[::-1])[::-1][1:]
    by_steps = float(np.sum(np.square(later - 1.0 / (n - 1.0))))
    assert walk / 2.0 == pytest.approx(by_steps, rel=1e-9)
    assert by_steps == pytest.approx(0.2 / n, rel=0.1)  # 6/5 less 1 of a long record, over T


def test_scale_slope_and_unit_of_time_come_through() -> None:
    x = drawn("white_phase_and_steps_0_2", 100, 1)[0]
    t = np.arange(100.0)
    none = np.full(100, NONE)
    plain = line_uncertainty(t, x, none)
    moved = line_uncertainty(37.0 * t, 5.0 * x + 1e-9 * t + 1e-3, none)
    assert plain is not None
    assert moved is not None
    # Digits of 1 ps on an offset of 1 ms are lost to rounding.
    assert moved.u_offset_s == pytest.approx(5.0 * plain.u_offset_s, rel=1e-4)
    assert moved.u_frequency == pytest.approx(5.0 * plain.u_frequency / 37.0, rel=1e-4)
    assert (moved.alpha, moved.white) == (plain.alpha, pytest.approx(plain.white, rel=1e-3))


def test_gaps_and_weights() -> None:
    x = drawn("white_frequency", 200, 3)[0]
    t, none = np.arange(200.0), np.full(200, NONE)
    whole = line_uncertainty(t, x, none)
    x[np.random.default_rng(1).random(200) < 0.2] = NONE
    holed = line_uncertainty(t, x, none)
    equal = line_uncertainty(t, x, np.full(200, 3e-12))
    assert whole is not None
    assert holed is not None
    assert holed.u_offset_s == pytest.approx(whole.u_offset_s, rel=0.3)
    assert equal == holed
    uneven = line_uncertainty(t, x, np.where(t < 100, 1e-12, 3e-12))
    assert uneven is not None
    assert uneven.u_offset_s == pytest.approx(whole.u_offset_s, rel=1.0)


def test_too_few_and_an_exact_line_give_none() -> None:
    few = FEWEST_POINTS - 1
    noise = np.random.default_rng(1).normal(size=few)
    assert line_uncertainty(np.arange(float(few)), noise, np.full(few, NONE)) is None
    t = np.arange(50.0)
    assert line_uncertainty(t, 3.0 + 2.0 * t, np.full(50, NONE)) is None
