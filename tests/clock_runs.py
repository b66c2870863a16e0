"""Two stations with tags that are known, and run files about them.

Inside: `PairTruth`, `two_stations`, `write_tags`, `REGISTER`, `run_text`, `series_text`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

LINK = """\
[[link]]
id = "LINK"
title = "two clocks"
protocol = "{protocol}"
endpoints = ["A", "B"]
watermark = "SYNTHETIC"
"""


@dataclass(frozen=True, slots=True)
class PairTruth:
    """What is true: offset of B - A at 0, frequencies of both, delays there and back, ps and 1."""

    offset_ps: int = 1_234_567
    frequency: float = 0.0
    frequency_a: float = 0.0
    there_ps: int = 100_000_000
    back_ps: int = 100_000_000
    sigma_ps: float = 80.0
    pairs_per_s: float = 400.0
    singles_per_s: float = 3000.0
    seconds: float = 40.0


def _singles(rng: np.random.Generator, truth: PairTruth) -> Integers:
    n = rng.poisson(truth.singles_per_s * truth.seconds)
    return rng.integers(0, int(truth.seconds * 1e12), n)


def _jittered(rng: np.random.Generator, times: Integers, sigma: float) -> Integers:
    return times + np.rint(rng.normal(0.0, sigma / np.sqrt(2.0), len(times))).astype(np.int64)


def _on_a(times: Integers, truth: PairTruth) -> Integers:
    """Return true times as clock A reads them; both clocks agree but for the offset at 0."""
    return times + np.rint(truth.frequency_a * times.astype(np.float64)).astype(np.int64)


def _on_b(times: Integers, truth: PairTruth) -> Integers:
    """Return true times as clock B reads them."""
    run = np.rint(truth.frequency * times.astype(np.float64)).astype(np.int64)
    return times + run + truth.offset_ps


def two_stations(
    scheme: str, truth: PairTruth, *, seed: int
) -> tuple[dict[int, Integers], dict[int, Integers]]:
    """Return tags by channel of A and of B; every stream has singles of its own.

    A: 1 local, 2 received or returned. B: 1 received, 2 local.
    """
    rng = np.random.default_rng(seed)

    def born() -> Integers:
        n = rng.poisson(truth.pairs_per_s * truth.seconds)
        return np.sort(rng.integers(0, int(truth.seconds * 1e12), n))

    def stream(*parts: Integers) -> Integers:
        return np.sort(np.concatenate((*parts, _singles(rng, truth))))

    def shown(times: Integers) -> Integers:
        return _jittered(rng, times, truth.sigma_ps)

    there = born()
    a = {1: [_on_a(shown(there), truth)]}
    b = {1: [_on_b(shown(there + truth.there_ps), truth)]}
    if scheme == "two_way":
        back = born()
        b[2] = [_on_b(shown(back), truth)]
        a[2] = [_on_a(shown(back + truth.back_ps), truth)]
    elif scheme == "round_trip":
        back = born()
        a[1].append(_on_a(shown(back), truth))
        a[2] = [_on_a(shown(back + truth.there_ps + truth.back_ps), truth)]
    return (
        {channel: stream(*parts) for channel, parts in a.items()},
        {channel: stream(*parts) for channel, parts in b.items()},
    )


def write_tags(path: Path, channels: dict[int, Integers]) -> None:
    """Write tags as NPY, in the order of time."""
    times = np.concatenate(list(channels.values()))
    numbers = np.concatenate([np.full(len(one), k, np.int16) for k, one in channels.items()])
    order = np.argsort(times, kind="stable")
    table = np.empty(len(times), dtype=[("time_ps", "<i8"), ("channel", "<i2")])
    table["time_ps"], table["channel"] = times[order], numbers[order]
    np.save(path, table)


CHANNELS = {
    "one_way": ("local = 1", "received = 1"),
    "two_way": ("local = 1, received = 2", "received = 1, local = 2"),
    "round_trip": ("local = 1, returned = 2", "received = 1"),
}


def run_text(
    scheme: str, *, run: str = "RUN", seconds: int = 40, block: str = "2 s", more: str = ""
) -> str:
    """Return a run file about a.npy and b.npy."""
    a, b = CHANNELS[scheme]
    return f"""\
[run]
id = "{run}"
link = "LINK"
protocol = "time_{scheme}"
started = 2026-01-01T00:00:00Z
ended = 2026-01-01T00:00:{seconds:02d}Z
provenance = "simulated"
key_disposition = "never_used"

[tags]
block = "{block}"
search = "1 ms"
data = "all"
{more}
[[station]]
name = "a"
file = "a.npy"
channels = {{ {a} }}
zero = "0 s"
lock = "locked to one clock"
lock_evidence = "drawn on one clock"

[[station]]
name = "b"
file = "b.npy"
channels = {{ {b} }}
zero = "0 s"
lock = "locked to one clock"
lock_evidence = "drawn on one clock"
"""


def series_text(*, interval: str = "37 s", run: str = "RUN") -> str:
    """Return a run file about offsets.csv."""
    return f"""\
[run]
id = "{run}"
link = "LINK"
protocol = "time_series"
started = 2026-01-01T00:00:00Z
ended = 2026-01-01T06:10:00Z
provenance = "simulated"
key_disposition = "never_used"

[series]
file = "offsets.csv"
interval = "{interval}"
"""
