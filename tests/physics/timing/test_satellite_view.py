"""Common view and all in view: what cancels, what is left out, what a gap is.

The anchors are differences by hand; the measured ones are in tests/exchange/test_cggtts_file.py.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrace.errors import InputError
from qtrace.physics.timing.satellite_view import Tracks, all_in_view, common_view

NS = 1e-9
EXACT = 1e-20  # s: sums of a few numbers of 1e-8


def tracks(*rows: tuple[str, int, float, float]) -> Tracks:
    satellite, start, offset, elevation = zip(*rows, strict=True)
    return Tracks(
        np.array(satellite),
        np.array(start, dtype=np.int64),
        np.array(offset) * NS,
        np.array(elevation, dtype=np.float64),
    )


def drawn(seed: int, *, offset_ns: float, epochs: int, noise_ns: float) -> tuple[Tracks, Tracks]:
    """Return two stations that see six satellites with clocks of their own."""
    draw = np.random.default_rng(seed)
    rows: tuple[list, list] = ([], [])
    for k in range(epochs):
        for satellite in range(6):
            clock = draw.normal(0.0, 1000.0)
            for station, own in ((0, offset_ns), (1, 0.0)):
                value = own - clock + draw.normal(0.0, noise_ns)
                rows[station].append((f"G{satellite:02d}", 960 * k, value, 45.0))
    return tracks(*rows[0]), tracks(*rows[1])


def test_the_clock_of_the_satellite_cancels_in_common_view_only() -> None:
    first, second = drawn(1, offset_ns=12.5, epochs=50, noise_ns=0.1)
    found = common_view(first, second, elevation_least_deg=20.0)
    assert found.mean_s == pytest.approx(12.5 * NS, abs=4.0 * 0.1 * math.sqrt(2 / 300) * NS)
    assert found.used == 300
    # Without rejection all in view has the same satellites at both stations here: they cancel, too.
    alone = all_in_view(first, second, elevation_least_deg=20.0, rejection=math.inf)
    assert alone.mean_s == pytest.approx(found.mean_s, abs=EXACT * 1e6)
    # As soon as the stations see other satellites, only common view holds.
    fewer = Tracks(*(one[second.satellite != "G03"] for one in
                     (second.satellite, second.start_s, second.offset_s, second.elevation_deg)))  # fmt: skip
    held = common_view(first, fewer, elevation_least_deg=20.0)
    assert abs(held.mean_s - 12.5 * NS) < 0.1 * NS
    lost = all_in_view(first, fewer, elevation_least_deg=20.0, rejection=math.inf)
    assert abs(lost.mean_s - 12.5 * NS) > 1.0 * NS


def test_the_direction_is_first_minus_second() -> None:
    first = tracks(("G01", 0, 5.0, 30.0), ("G01", 960, 7.0, 30.0))
    second = tracks(("G01", 0, 2.0, 30.0), ("G01", 960, 3.0, 30.0))
    found = common_view(first, second, elevation_least_deg=0.0)
    assert found.difference_s == pytest.approx([3.0 * NS, 4.0 * NS], abs=EXACT)
    assert found.mean_s == pytest.approx(3.5 * NS, abs=EXACT)
    assert found.standard_deviation_s == pytest.approx(math.sqrt(0.5) * NS)
    assert found.u_s == pytest.approx(0.5 * NS)
    turned = all_in_view(second, first, elevation_least_deg=0.0)
    assert turned.mean_s == pytest.approx(-3.5 * NS, abs=EXACT)


def test_what_is_left_out_is_counted() -> None:
    rows = [(f"G{k:02d}", 0, 0.1 * k, 40.0) for k in range(7)]
    first = tracks(*rows, ("G20", 0, 500.0, 40.0), ("G21", 0, 0.0, 40.0), ("G22", 0, 0.0, 10.0))
    second = tracks(*((s, t, 0.0, e) for s, t, _, e in rows), ("G20", 0, 0.0, 40.0))
    found = common_view(first, second, elevation_least_deg=20.0)
    assert (found.below, found.unmatched, found.rejected, found.used) == (1, 1, 1, 7)
    assert found.mean_s == pytest.approx(0.3 * NS, abs=EXACT)
    every = common_view(first, second, elevation_least_deg=20.0, rejection=math.inf)
    assert every.rejected == 0
    assert every.mean_s > 60.0 * NS
    middle = common_view(
        first, second, elevation_least_deg=20.0, rejection=math.inf, centre="median"
    )
    assert middle.mean_s == pytest.approx(0.35 * NS, abs=EXACT)


def test_of_two_satellites_none_is_rejected() -> None:
    first = tracks(("G01", 0, 0.0, 40.0), ("G02", 0, 900.0, 40.0))
    second = tracks(("G01", 0, 0.0, 40.0), ("G02", 0, 0.0, 40.0))
    assert common_view(first, second, elevation_least_deg=20.0).rejected == 0


def test_a_gap_of_the_schedule_is_nan() -> None:
    """Epochs each 960 s, and the shift of 240 s a day is no gap."""
    starts = (0, 960, 1920, 4800, 5760, 6480)
    one = tracks(*(("G01", start, 1.0, 40.0) for start in starts))
    found = common_view(one, one, elevation_least_deg=0.0)
    assert found.interval_s == 960
    assert np.isnan(found.difference_s).tolist() == [False] * 3 + [True] * 2 + [False] * 3
    assert found.epoch_s.tolist() == [0, 960, 1920, 2880, 3840, 4800, 5760, 6480]
    assert found.satellites.tolist() == [1, 1, 1, 0, 0, 1, 1, 1]
    assert found.epochs == 6
    assert found.valid.tolist() == [0.0] * 6


@given(shift=st.floats(-1e6, 1e6), seed=st.integers(0, 50))
def test_a_step_of_one_clock_is_a_step_of_the_difference(shift: float, seed: int) -> None:
    first, second = drawn(seed, offset_ns=0.0, epochs=4, noise_ns=2.0)
    moved = Tracks(first.satellite, first.start_s, first.offset_s + shift * NS, first.elevation_deg)
    kwargs = {"elevation_least_deg": 20.0, "rejection": math.inf}
    before = common_view(first, second, **kwargs)
    after = common_view(moved, second, **kwargs)
    assert after.mean_s - before.mean_s == pytest.approx(
        shift * NS, abs=1e-17 + 1e-12 * abs(shift) * NS
    )
    assert after.u_s == pytest.approx(before.u_s, rel=1e-4)


def test_u_is_the_scatter_over_the_root_of_the_epochs() -> None:
    """Truth inside 95 % of the intervals: 200 runs, standard deviation of the pull 1.00 +- 0.15."""
    pulls = []
    for seed in range(200):
        first, second = drawn(seed, offset_ns=3.0, epochs=40, noise_ns=1.0)
        found = common_view(first, second, elevation_least_deg=20.0)
        pulls.append((found.mean_s - 3.0 * NS) / found.u_s)
    assert float(np.std(pulls)) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"centre": "mode"}, "no centre"),
        ({"rejection": 0.0}, "leaves nothing"),
        ({"elevation_least_deg": 80.0}, "no satellites above"),
    ],
)
def test_wrong_choices_are_refused(change: dict, says: str) -> None:
    one = tracks(("G01", 0, 1.0, 40.0))
    with pytest.raises(InputError, match=says):
        common_view(one, one, **{"elevation_least_deg": 20.0, **change})


def test_wrong_tracks_are_refused() -> None:
    one = tracks(("G01", 0, 1.0, 40.0))
    twice = tracks(("G01", 0, 1.0, 40.0), ("G01", 0, 2.0, 40.0))
    unknown = tracks(("G01", 0, math.nan, 40.0))
    later = tracks(("G01", 960, 1.0, 40.0))
    for other, says in ((twice, "twice"), (unknown, "without data")):
        with pytest.raises(InputError, match=says):
            common_view(one, other, elevation_least_deg=20.0)
    with pytest.raises(InputError, match="in common"):
        common_view(one, later, elevation_least_deg=20.0)
    with pytest.raises(InputError, match="epochs in common"):
        all_in_view(one, later, elevation_least_deg=20.0)
