"""Readings of a record: type A u and its words, u of filtered ranges, the flag of one way."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.sync_readings import sync_readings
from qtrace.metrics.timing.sync_results import Reading

STARTED = datetime(2026, 1, 1, tzinfo=UTC)
PS = 1e-12


def readings(offset_s: np.ndarray, *, scheme: str = "two_way") -> dict[str, Reading]:
    n = len(offset_s)
    u_s = np.full(n, PS)
    u_s[n // 2] = 3.0 * PS
    record = OffsetRecord(1.0, np.arange(n) + 0.5, offset_s, u_s)
    run = Run("R", "L", STARTED, STARTED, {}, {}, (), "never_used", "simulated")
    return {one.name: one for one in sync_readings(run, protocol(f"time_{scheme}"), record)}


def test_white_phase_noise_and_a_walk_are_told_apart_in_u() -> None:
    steps = np.random.default_rng(1).normal(0.0, PS, 200)
    white, walk = (readings(x)["clock_offset"] for x in (steps, np.cumsum(steps)))
    assert "white phase noise" in white.conditions["type_a"]
    assert "weighed by likelihood" in walk.conditions["type_a"]
    (_, u_white, _), (_, u_walk, dof) = (one.taken["indicated_offset"] for one in (white, walk))
    # sigma / sqrt n, to 2.5 times that; sigma sqrt(n/12) of a walk, within a factor 2
    assert 1.0 <= u_white / (PS / math.sqrt(200.0)) < 2.5
    assert 0.5 < u_walk / (PS * math.sqrt(200.0 / 12.0)) < 2.0
    assert 4.0 <= dof <= 198.0


def test_few_offsets_have_the_formal_u_and_say_so() -> None:
    found = readings(np.array([0.0, 1.0, -1.0, 0.5]) * PS)["clock_offset"]
    assert "too short" in found.conditions["type_a"]


def test_ranges_after_the_filter_have_the_u_of_two_offsets() -> None:
    n = 400
    record = OffsetRecord(
        0.1,
        0.1 * np.arange(n),
        np.random.default_rng(2).normal(0.0, PS, n),
        np.full(n, PS),
    )
    run = Run("R", "L", STARTED, STARTED, {}, {}, (), "never_used", "simulated")
    found = sync_readings(run, protocol("time_two_way"), record)
    ranges = [one for one in found if one.name.startswith(("low_passed_mtie", "high_passed"))]
    assert len(ranges) > 2
    for one in ranges:
        assert one.taken["indicated"][1] == pytest.approx(math.sqrt(2.0) * PS)


@pytest.mark.parametrize(("scheme", "flagged"), [("one_way", True), ("two_way", False)])
def test_one_way_says_that_the_path_is_in_the_frequency(*, scheme: str, flagged: bool) -> None:
    x = np.random.default_rng(3).normal(0.0, PS, 50)
    flags = readings(x, scheme=scheme)["frequency_deviation"].flags
    assert any("37 ps a km and K" in one for one in flags) == flagged
