"""The path watched by its round trip: attacks of both kinds, and the alarm without a cause."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.path_monitor import path_change, path_flags, path_readings
from qtrace.metrics.timing.sync_readings import sync_readings
from qtrace.metrics.timing.tag_reduction import StationTags, TagSettings, reduce_tags
from qtrace.physics.tags.simulated_clock import ClockModel
from qtrace.physics.tags.simulated_detector import DetectorModel
from qtrace.physics.tags.simulated_pairs import PairSource, PairWorld, UserModel
from qtrace.physics.tags.simulated_path import DelayAttack, PathModel
from qtrace.physics.tags.simulated_run import simulate_pairs
from qtrace.physics.tags.simulated_station import StationModel
from qtrace.physics.timing.delay_step import scatter_beside_step, strongest_step

PS = 1e12
SECONDS, MIDDLE_S = 12.0, 6.0
ATTACK_PS = 150.0
DETECTOR = DetectorModel(efficiency=0.8, dark_rate_hz=300.0, jitter_ps=60.0)
# Five standard uncertainties: one fixed seed each, met but by a fault.
MOST_SIGMAS = 5.0
CHANNELS = {
    "two_way": ({"local": 1, "received": 2}, {"received": 1, "local": 2}),
    "round_trip": ({"local": 1, "returned": 2}, {"received": 1}),
}
STARTED = datetime(2026, 1, 1, tzinfo=UTC)


def attacked(scheme: str, *, forward_ps: float, backward_ps: float, seed: int) -> OffsetRecord:
    """Return the record of a link whose delays somebody changes in the middle."""
    back = scheme == "two_way"
    user = UserModel(
        "B",
        PathModel(
            delay_ps=50e6,
            transmittance=0.3,
            backward_transmittance=0.3,
            attack=DelayAttack(MIDDLE_S, forward_ps, backward_ps),
        ),
        PairSource(pair_rate_hz=1500.0),
        StationModel(clock=ClockModel(offset_ps=2_000_000)),
        DETECTOR,
        DETECTOR,
        back_source=PairSource(pair_rate_hz=1500.0 if back else 0.0),
        back_local=DETECTOR,
        returned=DETECTOR,
        return_share=0.0 if back else 0.5,
    )
    tags = simulate_pairs(
        PairWorld(scheme, SECONDS, (user,)), generator=np.random.default_rng(seed)
    )
    stations = [
        StationTags({name: tags.channel(station, number) for name, number in channels.items()})
        for station, channels in zip(("A", "B"), CHANNELS[scheme], strict=True)
    ]
    settings = TagSettings(block_s=1.5, search_s=1e-3, window_s=0.0, skew=1e-6)
    return reduce_tags(scheme, *stations, settings, progress=lambda _text: None)


def moved(record: OffsetRecord) -> tuple[float, float]:
    """Return by how much the offset moved in the middle, and its u, ps."""
    early = record.elapsed_s < MIDDLE_S - record.interval_s
    late = record.elapsed_s > MIDDLE_S + record.interval_s
    means = [float(np.nanmean(record.offset_s[one])) * PS for one in (early, late)]
    u = [
        float(np.sqrt(np.nanmean(np.square(record.u_s[one])) / np.isfinite(record.u_s[one]).sum()))
        for one in (early, late)
    ]
    return means[1] - means[0], math.hypot(*u) * PS


def readings_of(scheme: str, record: OffsetRecord) -> dict[str, tuple[str, ...]]:
    run = Run("R", "L", STARTED, STARTED, {}, {}, (), "never_used", "simulated")
    return {one.name: one.flags for one in sync_readings(run, protocol(f"time_{scheme}"), record)}


@pytest.mark.parametrize(
    ("scheme", "forward_ps", "backward_ps"),
    [
        ("two_way", ATTACK_PS, 0.0),
        ("two_way", ATTACK_PS, ATTACK_PS),
        ("two_way", ATTACK_PS, -ATTACK_PS),
        ("round_trip", 0.0, ATTACK_PS),
        ("round_trip", ATTACK_PS, -ATTACK_PS),
    ],
)
def test_the_round_trip_shows_the_sum_and_the_offset_moves_by_half_of_the_difference(
    scheme: str, forward_ps: float, backward_ps: float
) -> None:
    record = attacked(scheme, forward_ps=forward_ps, backward_ps=backward_ps, seed=30)
    shift, u = moved(record)
    assert shift == pytest.approx((forward_ps - backward_ps) / 2.0, abs=MOST_SIGMAS * u)
    assert u < 8.0
    change = path_change(record)
    assert change is not None
    flags = readings_of(scheme, record)["clock_offset"]
    sum_ps = forward_ps + backward_ps
    if sum_ps == 0.0:  # in the offset it is largest of all, and here it is not seen
        assert not change.test.found
        assert not any("path" in one for one in flags)
        return
    assert change.test.found
    assert change.test.step_s * PS == pytest.approx(sum_ps, abs=MOST_SIGMAS * change.test.u_s * PS)
    assert abs(change.elapsed_s - MIDDLE_S) <= record.interval_s
    (said,) = [one for one in flags if one.startswith("the path changed")]
    assert "look for its cause" in said
    assert "2026-01-01T00:00:" in said
    assert "secure" not in said


@pytest.mark.parametrize("scheme", ["two_way", "round_trip"])
def test_a_quiet_path_is_there_and_back_and_raises_no_flag(scheme: str) -> None:
    record = attacked(scheme, forward_ps=0.0, backward_ps=0.0, seed=31)
    given = np.isfinite(record.path_s)
    mean = record.path_base_s + float(np.mean(record.path_s[given]))
    u = float(np.sqrt(np.mean(np.square(record.u_path_s[given])) / given.sum()))
    assert abs(mean * PS - 100_000_000.0) < MOST_SIGMAS * u * PS
    assert float(np.std(record.path_s[given])) == pytest.approx(
        float(np.mean(record.u_path_s[given])), rel=0.7
    )
    assert path_flags(record) == ()
    names = readings_of(scheme, record)
    assert "detectable_asymmetry_step" in names
    assert "detectable_asymmetry" in names


def series(points_s: np.ndarray, u_s: float) -> OffsetRecord:
    n = len(points_s)
    return OffsetRecord(
        1.0,
        np.arange(n) + 0.5,
        np.zeros(n),
        np.full(n, u_s),
        path_s=points_s,
        u_path_s=np.full(n, u_s),
    )


@pytest.mark.parametrize("n", [5, 12, 60])
def test_alarms_without_a_cause_are_5_percent_at_most(n: int) -> None:
    """White points, the scatter not known: Bonferroni is cautious, so it is less."""
    rng = np.random.default_rng(32)
    draws = 2000
    alarms = 0
    for _ in range(draws):
        change = path_change(series(rng.normal(0.0, 1e-12, n), 0.0))
        alarms += change is not None and change.test.found
    # 5 % and three standard deviations of a share of 2000
    assert alarms / draws < 0.05 + 3.0 * math.sqrt(0.05 * 0.95 / draws)


def test_the_size_that_the_reading_states_is_seen_in_95_of_100_at_a_named_time() -> None:
    rng = np.random.default_rng(33)
    (reading,) = path_readings(series(rng.normal(0.0, 1e-12, 400), 0.0))
    size = reading.metric.function(**{name: one[0] for name, one in reading.taken.items()})
    # 3.60 u of the difference of the means of 200 and 200 points
    assert size == pytest.approx(3.6048e-12 * 0.1, rel=0.1)
    z = np.array(
        [
            (rng.normal(size, 1e-12, 200).mean() - rng.normal(0.0, 1e-12, 200).mean()) / 1e-13
            for _ in range(2000)
        ]
    )
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.95, abs=0.035)


@pytest.mark.parametrize("n", [12, 60, 400])
def test_the_flag_sees_the_size_that_is_said_for_it(n: int) -> None:
    """95 % of steps at a time that nobody named; the smaller size of the figure less often."""
    rng = np.random.default_rng(35)
    runs = 400
    middle = n // 2
    at_said, at_figure = 0, 0
    for _ in range(runs):
        quiet = rng.normal(0.0, 1e-12, n)
        (reading,) = path_readings(series(quiet, 1e-12))
        said = re.search(r"sees ([0-9.]+) ps in 95%, and .* in ([0-9]+)%", reading.flags[1])
        assert said is not None
        figure = reading.metric.function(**{name: one[0] for name, one in reading.taken.items()})
        step = np.where(np.arange(n) >= middle, 1.0, 0.0)
        at_said += path_flags(series(quiet + float(said[1]) * 1e-12 * step, 1e-12)) != ()
        at_figure += path_flags(series(quiet + figure * step, 1e-12)) != ()
    # three standard deviations of a share of 400
    assert at_said / runs > 0.95 - 3.0 * math.sqrt(0.05 * 0.95 / runs)
    assert at_figure / runs < 0.8


@pytest.mark.parametrize("n", [60, 400])
def test_a_path_that_wanders_is_not_called_a_step(n: int) -> None:
    rng = np.random.default_rng(36)
    flags = []
    for _ in range(60):
        flags += path_flags(series(np.cumsum(rng.normal(0.0, 1e-12, n)), 0.0))
        flags += path_flags(series(rng.normal(0.0, 1e-12, n) + np.linspace(0, 8e-12, n), 0.0))
    assert len(flags) > 110
    called = sum(one.startswith("the path changed") for one in flags)
    assert called <= 2
    assert sum("wanders more than white noise" in one for one in flags) == len(flags) - called


def test_a_strong_step_in_white_noise_keeps_its_name() -> None:
    rng = np.random.default_rng(37)
    step = np.where(np.arange(100) >= 50, 2e-12, 0.0)
    flags = [path_flags(series(rng.normal(0.0, 1e-12, 100) + step, 0.0)) for _ in range(100)]
    # a further step is looked for at 20 %, cautiously
    assert sum(one[0].startswith("the path changed") for one in flags if one) > 85
    assert all(flags)


def test_a_stated_u_that_is_larger_than_the_scatter_is_taken() -> None:
    points = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 5.0, 6.0, 5.0, 6.0, 5.0, 6.0]) * 1e-12
    small, large = (path_change(series(points, u)) for u in (0.0, 20e-12))
    assert small is not None
    assert large is not None
    assert small.test.found
    assert small.elapsed_s == 6.0
    assert not large.test.found
    assert large.sigma_s == 20e-12


def test_gaps_and_records_without_a_path() -> None:
    points = np.array([0.0, 0.1, 0.0, math.nan, 0.1, 9.0, 9.1, 9.0, 9.1]) * 1e-12
    change = path_change(series(points, 0.0))
    assert change is not None
    assert (change.points, change.elapsed_s) == (8, 5.0)
    empty = OffsetRecord(1.0, np.arange(9.0), np.zeros(9), np.zeros(9))
    assert path_change(empty) is None
    assert path_readings(empty) == ()
    assert path_flags(empty) == ()


def test_scatter_of_neighbours_by_drawing() -> None:
    """Variance of the estimate as its degrees of freedom say; a step of any size stays out."""
    rng = np.random.default_rng(34)
    n, draws = 30, 4000
    found = np.array([scatter_beside_step(rng.normal(0.0, 2.0, n)) for _ in range(draws)])
    squares, dof = found[:, 0] ** 2, found[:, 1]
    # The strongest step takes a large difference out: 7 % low in the variance, 3 % in sigma.
    assert squares.mean() == pytest.approx(4.0 * 0.93, rel=0.02)
    assert squares.var() / squares.mean() ** 2 == pytest.approx(float(np.mean(2.0 / dof)), rel=0.1)
    step = np.concatenate([np.zeros(15), np.full(15, 1e6)])
    sigma, _ = scatter_beside_step(step + rng.normal(0.0, 2.0, n))
    assert sigma == pytest.approx(2.0, rel=0.5)
    with pytest.raises(InputError, match="too few"):
        scatter_beside_step(np.zeros(3))


def test_an_estimated_scatter_wants_a_stronger_step() -> None:
    points = np.concatenate([np.zeros(10), np.ones(10)])
    known = strongest_step(points, sigma_s=1.0)
    estimated = strongest_step(points, sigma_s=1.0, degrees_of_freedom=8.0)
    assert estimated.threshold > known.threshold
    assert (estimated.z, estimated.index) == (known.z, known.index)
