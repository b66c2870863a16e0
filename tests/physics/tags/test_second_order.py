"""g2 of pulsed, continuous and heralded light; an emitter with known g2, and real tags."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from detector_world import pulsed_emitter

from qtrace.errors import InputError
from qtrace.physics.tags.reduced import Reduced
from qtrace.physics.tags.second_order import (
    background_corrected,
    continuous_g2,
    heralded_g2,
    pulsed_g2,
)

DATA = os.environ.get("QTRACE_REFERENCE_DATA", "")
PERIOD = 12_500
ONE, TWO = 0.2, 0.002
TRUTH = 2.0 * TWO / (ONE + 2.0 * TWO) ** 2


def test_the_centre_is_compared_with_the_side_peaks() -> None:
    a, b = pulsed_emitter(np.random.default_rng(41), pulses=2_000_000, one=ONE, two=TWO)
    found = pulsed_g2(a, b, period_ps=PERIOD, window_ps=PERIOD)
    assert found.sides.size == 20
    assert abs(found.g2.value - TRUTH) < 4.0 * found.g2.u
    assert found.g2.u < 0.003
    assert found.g2.interval is not None
    assert found.g2.interval.low < TRUTH < found.g2.interval.high
    assert found.p_value > 0.001


def test_no_pair_in_the_centre_has_an_interval() -> None:
    a, b = pulsed_emitter(np.random.default_rng(42), pulses=50_000, one=0.2, two=0.0)
    found = pulsed_g2(a, b, period_ps=PERIOD, window_ps=10_000).g2
    assert found.value == 0.0
    assert found.u > 0.0
    assert found.interval is not None
    # Upper end of the Jeffreys interval at zero counts: 2.51 pairs of about 530.
    assert found.interval[:2] == pytest.approx((0.0, 2.51 * found.u / np.sqrt(0.5)), rel=0.01)


def test_background_is_corrected_and_may_go_below_zero() -> None:
    a, b = pulsed_emitter(
        np.random.default_rng(43), pulses=1_000_000, one=ONE, two=TWO, background=0.05
    )
    found = pulsed_g2(a, b, period_ps=PERIOD, window_ps=PERIOD).g2
    part = (ONE + 2 * TWO) / (ONE + 2 * TWO + 0.05)
    assert found.value > 0.3
    corrected = background_corrected(found, signal_part=part, u_signal_part=0.001)
    assert abs(corrected.value - TRUTH) < 4.0 * corrected.u
    low = background_corrected(Reduced(0.3, 0.01), signal_part=0.8, u_signal_part=0.0)
    assert low.value == pytest.approx((0.3 - 0.36) / 0.64)
    assert any("negative" in note for note in low.notes)
    # By a difference quotient: u of the part alone.
    up, down = (
        background_corrected(Reduced(0.3, 0.0), signal_part=0.8 + d, u_signal_part=0.0).value
        for d in (1e-6, -1e-6)
    )
    own = background_corrected(Reduced(0.3, 0.0), signal_part=0.8, u_signal_part=0.01).u
    assert own == pytest.approx(abs(up - down) / 2e-6 * 0.01, rel=1e-6)


def test_blinking_is_said() -> None:
    generator = np.random.default_rng(44)
    a, b = pulsed_emitter(generator, pulses=3_000_000, one=ONE, two=0.0)
    # Dark for stretches of random length, of the order of 50 ns: near peaks stand higher.
    switch = np.cumsum(generator.exponential(50_000.0, 2_000_000))
    a, b = (one[np.searchsorted(switch, one) % 2 == 0] for one in (a, b))
    near = pulsed_g2(a, b, period_ps=PERIOD, window_ps=10_000)
    assert any("blinking" in note for note in near.g2.notes)
    far = pulsed_g2(a, b, period_ps=PERIOD, window_ps=10_000, skip=40)
    assert near.sides[0] > 1.3 * np.mean(far.sides)
    assert far.p_value > 0.001


def test_what_cannot_be_normalised_is_refused() -> None:
    a, b = pulsed_emitter(np.random.default_rng(45), pulses=2_000, one=0.05, two=0.0)
    with pytest.raises(InputError, match="too few to normalise"):
        pulsed_g2(a, b, period_ps=PERIOD, window_ps=10_000)
    with pytest.raises(InputError) as refused:
        pulsed_g2(a, b, period_ps=PERIOD, window_ps=10_000, sides=10)
    assert "at least 20 side peaks" in refused.value.next_step


def test_uncorrelated_light_has_g2_of_one_at_every_delay() -> None:
    generator = np.random.default_rng(46)
    few = [np.sort(generator.uniform(0, 1e10, 4_000)).astype(np.int64) for _ in range(2)]
    # Delays up to 40 % of the record: without T - |tau| the last bins would be at 0.6.
    found = continuous_g2(*few, bin_ps=10**8, range_ps=4 * 10**9, span_ps=(0, 10**10))
    # u of a bin of about 100 000 pairs and of the tags at the ends: 3 %.
    assert np.max(np.abs(found.value - 1.0)) < 0.12
    a = np.sort(generator.uniform(0, 1e10, 100_000)).astype(np.int64)
    b = np.sort(generator.uniform(0, 1e10, 80_000)).astype(np.int64)
    fine = continuous_g2(a, b, bin_ps=1_000, range_ps=200_000, span_ps=(0, 10**10))
    pulls = (fine.value - 1.0) / fine.u
    assert np.std(pulls) == pytest.approx(1.0, abs=0.15)
    assert fine.at_zero().interval is not None
    assert fine.delay_ps[200] == pytest.approx(0.0, abs=0.6)
    with pytest.raises(InputError) as refused:
        continuous_g2(a, b, bin_ps=10, range_ps=10**10, span_ps=(0, 10**10))
    assert "far below the record" in refused.value.next_step


def test_heralded_g2_covers_its_truth() -> None:
    # Independent tags in both outputs: N N12 / (N1 N2) is one.
    generator = np.random.default_rng(47)
    herald = np.arange(200_000, dtype=np.int64) * 1000
    inside = 0
    for _ in range(60):
        one = herald[generator.random(herald.size) < 0.03] + 100
        two = herald[generator.random(herald.size) < 0.02] + 200
        found = heralded_g2(
            herald, one, two, first_window_ps=(50, 150), second_window_ps=(150, 250)
        )
        assert found.interval is not None
        inside += found.interval.low <= 1.0 <= found.interval.high
    assert inside >= 52  # 57 of 60 expected, u 1.7
    with pytest.raises(InputError, match="have a tag in the windows"):
        heralded_g2(herald, one, two, first_window_ps=(500, 600), second_window_ps=(150, 250))


@pytest.mark.skipif(not DATA, reason="QTRACE_REFERENCE_DATA names no folder of measured data")
def test_a_measured_emitter_is_antibunched() -> None:
    """A quantum emitter at 80 MHz, both outputs recorded together with the laser's sync.

    Source: test data of timetag/ETA (GPL-2), a quTAG file; channels found by looking: 1 and 2 are
    the outputs, 5 the sync; the centre lies at -1.9 ns.
    """
    path = Path(DATA) / "time_tags" / "qutag_80MHz_HBT_sync_filtered.qutag"
    rows = np.frombuffer(path.read_bytes()[40:], dtype=[("t", "<i8"), ("c", "<u2")])
    assert rows.size == 267_801
    a, b = (np.sort(rows["t"][rows["c"] == c]) for c in (1, 2))
    found = pulsed_g2(a, b, period_ps=12_500.0, window_ps=4_000, offset_ps=-1_900.0, sides=40)
    assert found.sides.mean() > 30.0
    assert found.g2.interval is not None
    assert found.g2.interval.high < 0.5
