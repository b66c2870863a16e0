"""A round trip holds whatever rate both clocks run at; a tagger of its own wants its calibration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from clock_runs import PairTruth, two_stations

from qtrace.laboratory.link import Run
from qtrace.laboratory.run_files import FREE, TAGS, RunFile
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.run_figures import NOTHING_CALIBRATED
from qtrace.metrics.timing.sync_readings import sync_readings
from qtrace.metrics.timing.sync_results import Reading, sync_results
from qtrace.metrics.timing.tag_reduction import StationTags, TagSettings, reduce_tags

STARTED = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = TagSettings(block_s=2.0, search_s=2e-3, window_s=0.0, skew=1e-5)
ROUND_TRIP = protocol("time_round_trip")


def run_with(lock: str) -> Run:
    files = tuple(
        RunFile(TAGS, name, f"{name}.npy", name * 64, "npy", zero_ps=0, lock=lock) for name in "ab"
    )
    return Run(
        "RUN", "LINK", STARTED, STARTED + timedelta(seconds=20), {}, {}, (), "never_used",
        "simulated", protocol=ROUND_TRIP.name, files=files,
    )  # fmt: skip


def offset_reading(truth: PairTruth, lock: str, seed: int) -> tuple[Reading, int]:
    """Return the offset with the first tag of A, where the run starts."""
    a, b = two_stations("round_trip", truth, seed=seed)
    record = reduce_tags(
        "round_trip",
        StationTags({"local": a[1], "returned": a[2]}),
        StationTags({"received": b[1]}),
        SETTINGS,
        progress=lambda _text: None,
    )
    return sync_readings(run_with(lock), ROUND_TRIP, record)[0], int(a[1][0])


@pytest.mark.parametrize(("rate_a", "rate_b"), [(0.0, 1e-6), (1e-6, 0.0), (1e-6, 1e-6)])
def test_the_offset_is_that_at_the_stated_epoch(rate_a: float, rate_b: float) -> None:
    """Half of 735 us at 1e-6 is 0.37 ns: it shows in no pair of rates."""
    truth = PairTruth(
        frequency=rate_b,
        frequency_a=rate_a,
        there_ps=367_000_000,
        back_ps=367_000_000,
        seconds=20.0,
    )
    reading, first_ps = offset_reading(truth, "locked to clock A", 21)
    found_ps = reading.taken["indicated_offset"][0] * 1e12
    epoch = datetime.fromisoformat(reading.conditions["epoch"])
    since_ps = (epoch - STARTED).total_seconds() * 1e12 + first_ps
    # the epoch counts in seconds of clock A
    wanted_ps = truth.offset_ps + (rate_b - rate_a) * since_ps / (1.0 + rate_a)
    # 5 u of 0.8 ps, and 1 ps for the printed microsecond
    assert found_ps == pytest.approx(wanted_ps, abs=5.0)


def test_a_locked_tagger_asks_for_no_time_base_and_a_free_one_does() -> None:
    truth = PairTruth(seconds=10.0)
    for lock, asked in (("locked to clock A", False), (FREE, True)):
        reading, _ = offset_reading(truth, lock, 22)
        inputs, _, results, _ = sync_results(
            run_with(lock), (reading,), calibrated=NOTHING_CALIBRATED
        )
        assert ("time_base_frequency" in {one.name for one in inputs}) == asked
        assert ("time_base_frequency" in {one.name for one in results[0].arguments}) == asked
