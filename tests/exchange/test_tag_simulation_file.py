"""Files of simulated tags: read with their units, and refused with line and field.

Anchor: the counts of the 75 km example by hand: 19764.2 pairs/s times efficiencies and 15 dB.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qtrace.errors import InputError
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.tag_simulation_file import read_tag_simulation
from qtrace.physics.tags.simulated_clock import NOISES, ClockNoise
from qtrace.physics.tags.simulated_detector import AfterPulse
from qtrace.physics.tags.simulated_pairs import PairWorld, pair_spreads
from qtrace.physics.tags.simulated_run import simulate_pairs
from qtrace.physics.tags.simulated_stream import DetectorWorld

FOLDER = data_folder() / "examples" / "sync_75km"
EXAMPLE = FOLDER / "simulation.toml"
DOCUMENT = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
(SECTION,) = re.findall(r"^## Tag simulation$(.*?)^## ", DOCUMENT, flags=re.MULTILINE | re.DOTALL)
DETECTOR, PAIRS = re.findall(r"```toml\n(.*?)```", SECTION, flags=re.DOTALL)


def refused(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1, old
    changed = text.replace(old, new, 1)
    with pytest.raises(InputError) as caught:
        read_tag_simulation(changed.encode(), name="world.toml")
    where = caught.value.where
    line = int(re.search(r"line (\d+)", where).group(1))  # type: ignore[union-attr]
    assert where.startswith("world.toml")
    assert 1 <= line <= changed.count("\n") + 1
    return f"{caught.value.what} | {where} | {changed.splitlines()[line - 1]}"


def test_a_detector_is_read_in_picoseconds_and_hertz() -> None:
    world = read_tag_simulation(DETECTOR.encode()).world
    assert isinstance(world, DetectorWorld)
    detector, station = world.detector, world.station
    assert (detector.efficiency, detector.dark_rate_hz) == (0.8, 100.0)
    times = (detector.dead_time_ps, detector.recovery_ps, detector.jitter_ps, detector.tail_ps)
    assert times == pytest.approx((5e4, 2e4, 30.0, 100.0), rel=1e-12)
    assert detector.after_pulses == (AfterPulse(0.02, pytest.approx(1e5)),)
    assert (world.light.pulse_rate_hz, world.light.sync_divider) == (1e6, 100)
    assert (station.tagger.resolution_ps, station.tagger.dead_time_ps) == (4, 2000)
    assert (station.tagger.buffer_tags, station.tagger.drain_rate_hz) == (100_000, 1e6)
    assert (station.clock.offset_ps, station.clock.frequency) == (1_000_000, 1e-6)
    assert station.clock.noises == (ClockNoise(2, 1e-12),)


def test_a_synchronization_is_read_with_its_users() -> None:
    world = read_tag_simulation(PAIRS.encode()).world
    assert isinstance(world, PairWorld)
    (user,) = world.users
    path = user.path
    assert path.delay_ps == pytest.approx(75e3 * 1.468 / 299792458 * 1e12, rel=1e-12)
    assert path.transmittance == pytest.approx(10**-1.5, rel=1e-12)
    assert path.constant_asymmetry_ps == pytest.approx(1275 * 0.01 + 5.0, rel=1e-9)
    assert path.delay_ps_per_k == pytest.approx(2800.0)
    assert user.source.local_dispersion_ps_per_nm == pytest.approx(-1275.0)
    assert user.source.local_transmittance == pytest.approx(10**-0.1)
    assert path.temperature.period_s == 86_400.0
    assert (path.attack.start_s, path.attack.forward_ps) == (30.0, pytest.approx(200.0))
    assert user.accidentals.half_width_ps == pytest.approx(2000.0)
    assert user.station.clock.offset_ps == 3_217_123_456


def test_the_75_km_example_gives_its_declared_numbers() -> None:
    world = read_tag_simulation(EXAMPLE).world
    assert isinstance(world, PairWorld)
    (user,) = world.users
    assert pair_spreads(world, user) == pytest.approx((100.0, 100.0), rel=1e-4)
    point = replace(world, duration_s=37.0)
    tags = simulate_pairs(point, generator=np.random.Generator(np.random.PCG64(1)))
    a, b, back = tags.channel("A", 1), tags.channel("B", 1), tags.channel("A", 2)
    offset, delay = 3_217_123_456, user.path.delay_ps
    for second, near, rate in ((b, offset + delay, 200.0), (back, 2 * delay, 200.0 * 10**-1.5)):
        # Each local photon by its nearest partner: of 7400 pairs some per mille share one.
        wanted = a + round(near)
        after = np.clip(np.searchsorted(second, wanted), 1, second.size - 1)
        gaps = np.concatenate([second[after] - wanted, second[after - 1] - wanted])
        peak, side = (
            np.sum(np.abs(gaps) <= 300),
            np.sum((np.abs(gaps) > 500) & (np.abs(gaps) < 1900)),
        )
        background = side * 600.0 / 2800.0
        pairs = (peak - background) / math.erf(3.0 / math.sqrt(2.0))
        assert pairs == pytest.approx(37.0 * rate, abs=5.0 * math.sqrt(37.0 * rate * 1.6))
        # 1.6e4 /s at A and 250 /s at B or 10 /s back: less than one in 37 s, and nothing is drawn
        # beside the streams.
        assert side <= 5


def test_the_example_says_that_its_values_are_ours() -> None:
    text = (FOLDER / "source.md").read_text(encoding="utf-8")
    assert "made up" in text
    assert "not\npublic" in text or "not public" in text
    assert "No public time tags" in text


def test_every_field_that_is_read_is_documented() -> None:
    """An unknown field is refused with the list of the known ones: all stand in the document."""
    places = ["[simulation]", "[light]", "[detector]", "[[detector.after_pulse]]", "[tagger]"]
    places += ["[clock]", "[[clock.noise]]"]
    fields: set[str] = set()
    for text, heads in (
        (DETECTOR, places),
        (
            PAIRS,
            [
                "[[user]]",
                *(f"[user.{one}]" for one in ("fibre", "temperature", "attack", "source")),
                "[user.accidentals]",
            ],
        ),
    ):
        for head in heads:
            with pytest.raises(InputError) as caught:
                read_tag_simulation(text.replace(head, f"{head}\nnobody = 1", 1).encode())
            assert "nobody" in caught.value.what
            fields |= set(caught.value.next_step.removeprefix("fields known here: ").split(", "))
    assert len(fields) > 40
    assert [one for one in fields - {"nobody"} if one not in SECTION] == []
    assert [one for one in NOISES if f"`{one}`" not in SECTION] == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('efficiency = "80 %"', 'efficiency = "101 %"', "efficiency"),
        ('dark_rate = "100 1/s"', 'dark_rate = "-1 1/s"', "dark_rate"),
        ('dark_rate = "100 1/s"', 'dark_rate = "100 s"', "dark_rate"),
        ('dark_rate = "100 1/s"', 'dark_rates = "100 1/s"', "dark_rates"),
        ('pulse_rate = "1 MHz"', 'pulse_rate = "0 Hz"', "pulse_rate"),
        ('pulse_rate = "1 MHz"', 'pulse_rate = "1 MHz"\nrate = "1 Hz"', "rate"),
        ("mean_photons = 0.1", "mean_photons = nan", "mean_photons"),
        ('type = "white_phase"', 'type = "pink"', "type"),
        ('resolution = "4 ps"', 'resolution = "0 ps"', "resolution"),
        ('resolution = "4 ps"', 'resolution = "3.9 ps"', "resolution"),
        ('duration = "10 s"', 'duration = "0 s"', "duration"),
        ('duration = "10 s"', "", "duration"),
        ('block = "1 s"', 'block = "-1 s"', "block"),
        ('kind = "detector"', 'kind = "detectors"', "kind"),
        ('probability = "2 %"', 'probability = "200 %"', "probability"),
        ('lifetime = "100 ns"', 'lifetime = "0 ns"', "lifetime"),
        ("buffer = 100000", "buffer = 0", "buffer"),
        ("allan_deviation = 1e-12", "allan_deviation = -1e-12", "allan_deviation"),
        ('jitter = "30 ps"', 'jitter = "-30 ps"', "jitter"),
        ('drift = "1e-15 1/s"', 'drift = "1e-15 Hz/s"', "drift"),
    ],
)
def test_a_wrong_field_is_refused_with_its_line(old: str, new: str, field: str) -> None:
    said = refused(DETECTOR, old, new)
    assert re.search(rf"field \S*{field}\b", said) or field in said.partition(" | ")[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('scheme = "round_trip"', 'scheme = "one_way"', "return"),
        ('scheme = "round_trip"', 'scheme = "around"', "scheme"),
        ('return_share = "50 %"', "", "return_share"),
        ('return_share = "50 %"', 'return_share = "0 %"', "return_share"),
        ('loss = "15 dB"', 'loss = "-15 dB"', "loss"),
        ('loss = "15 dB"', 'loss = "15 dB"\ntransmittance = 0.1', "transmittance"),
        ('length = "75 km"', 'length = "75 km"\ndelay = "1 us"', "delay"),
        ("group_index = 1.468", "", "group_index"),
        ('asymmetry = "5 ps"', 'asymmetry = "500 us"', "fibre"),
        ('period = "1 d"', 'period = "0 d"', "period"),
        ('pair_rate = "20000 1/s"', 'pair_rate = "0 1/s"', "pair_rate"),
        ('half_width = "2 ns"', 'half_width = "0 ns"', "half_width"),
        ('name = "B"', 'name = "A"', "users"),
        ('name = "B"', 'name = "B/C"', "name"),
        ('offset = "3217123456 ps"', 'offset = "0.5 ps"', "offset"),
    ],
)
def test_a_wrong_synchronization_is_refused_with_its_line(old: str, new: str, said: str) -> None:
    assert said in refused(PAIRS, old, new)


def test_rates_that_no_memory_holds_are_refused() -> None:
    said = refused(PAIRS, 'pair_rate = "20000 1/s"', 'pair_rate = "1e9 1/s"')
    assert "a block would have" in said
