"""From tags to offsets: truth comes back inside its uncertainty, for each way of comparing."""

from __future__ import annotations

import numpy as np
import pytest
from clock_runs import PairTruth, two_stations

from qtrace.errors import InputError
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.tag_reduction import StationTags, TagSettings, reduce_tags
from qtrace.physics.timing.offset_line import OffsetLine, offset_line

NAMES = {
    "one_way": ({"local": 1}, {"received": 1}),
    "two_way": ({"local": 1, "received": 2}, {"received": 1, "local": 2}),
    "round_trip": ({"local": 1, "returned": 2}, {"received": 1}),
}
SETTINGS = TagSettings(block_s=2.0, search_s=1e-3, window_s=0.0, skew=1e-6)
# Five standard uncertainties: one fixed seed each, met but by a fault.
MOST_SIGMAS = 5.0


def reduced(scheme: str, truth: PairTruth, *, seed: int) -> OffsetRecord:
    a, b = two_stations(scheme, truth, seed=seed)
    names = NAMES[scheme]
    return reduce_tags(
        scheme,
        StationTags({name: a[k] for name, k in names[0].items()}),
        StationTags({name: b[k] for name, k in names[1].items()}),
        SETTINGS,
        progress=lambda _text: None,
    )


def line_of(record: OffsetRecord) -> OffsetLine:
    return offset_line(record.elapsed_s, record.offset_s, record.u_s)


@pytest.mark.parametrize("scheme", ["one_way", "two_way", "round_trip"])
def test_the_offset_comes_back(scheme: str) -> None:
    truth = PairTruth()
    record = reduced(scheme, truth, seed=5)
    line = line_of(record)
    path = truth.there_ps if scheme == "one_way" else 0
    found_ps = (record.base_s + line.offset_s) * 1e12
    assert abs(found_ps - truth.offset_ps - path) < MOST_SIGMAS * line.u_offset_s * 1e12
    assert record.missing == 0
    # 16 000 pairs of 80 ps: 0.63 ps one way; the others within a factor of their combination
    assert 0.3e-12 < line.u_offset_s < 2e-12


@pytest.mark.parametrize("scheme", ["two_way", "round_trip"])
def test_half_of_an_asymmetry_stays_in_the_offset(scheme: str) -> None:
    truth = PairTruth(back_ps=100_002_000)  # 2 ns longer back: asymmetry there - back = -2 ns
    record = reduced(scheme, truth, seed=6)
    line = line_of(record)
    found_ps = (record.base_s + line.offset_s) * 1e12
    assert found_ps - truth.offset_ps == pytest.approx(-1000.0, abs=MOST_SIGMAS * 2.0)


def test_a_frequency_offset_is_the_slope_of_the_series() -> None:
    truth = PairTruth(frequency=3e-8)
    line = line_of(reduced("two_way", truth, seed=7))
    assert abs(line.frequency_deviation - 3e-8) < MOST_SIGMAS * line.u_frequency
    assert line.u_frequency < 2e-13


def test_the_round_trip_is_kept_for_the_time_base() -> None:
    truth = PairTruth()
    record = reduced("round_trip", truth, seed=8)
    assert record.round_trip_s is not None
    value, u = record.round_trip_s
    assert abs(value - 2e-4) < MOST_SIGMAS * u


def test_the_peak_that_is_drawn_is_the_one_that_was_fitted() -> None:
    record = reduced("one_way", PairTruth(), seed=9)
    (peak,) = record.peaks
    assert peak.sigma_ps == pytest.approx(80.0, rel=0.03)
    assert peak.fitted.sum() == pytest.approx(peak.counts.sum(), rel=0.02)
    assert peak.counts.sum() == pytest.approx(16_000, rel=0.03)


def test_no_peak_is_an_error_with_its_significance() -> None:
    truth = PairTruth(pairs_per_s=0.0)
    with pytest.raises(InputError, match="significance") as caught:
        reduced("one_way", truth, seed=10)
    assert "A to B" in caught.value.where


def test_a_record_of_two_blocks_is_refused() -> None:
    truth = PairTruth(seconds=5.0)
    with pytest.raises(InputError, match="fewer than three blocks"):
        reduced("one_way", truth, seed=11)


def test_the_same_tags_give_the_same_record() -> None:
    first, second = (reduced("one_way", PairTruth(seconds=10.0), seed=12) for _ in range(2))
    assert np.array_equal(first.offset_s, second.offset_s)


def test_epochs_count_from_the_first_tag_of_a() -> None:
    """B starts 3 s late: its first block is not the start of the run."""
    truth = PairTruth(frequency=1e-9, seconds=16.0)
    a, b = two_stations("one_way", truth, seed=13)
    late = b[1][b[1] > 3_000_000_000_000]
    record = reduce_tags(
        "one_way",
        StationTags({"local": a[1]}),
        StationTags({"received": late}),
        SETTINGS,
        progress=lambda _text: None,
    )
    assert 3.0 < record.elapsed_s[0] < 3.0 + 2.0 * SETTINGS.block_s
    line = line_of(record)
    wanted_ps = truth.offset_ps + truth.there_ps + 1e-9 * line.epoch_s * 1e12
    # 1e-9 over 3 s would be 3000 ps
    assert (record.base_s + line.offset_s) * 1e12 == pytest.approx(wanted_ps, abs=10.0)
