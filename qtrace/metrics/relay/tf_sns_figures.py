"""Figures of sending or not sending, from clicks by setting; estimates, and nothing certified.

Inside: `TABLE`, `SOURCES`, `qber`, `single_yield`, `phase_error`, `key_per_use`.
Keyword arguments, numbers or arrays; nothing is clamped at zero key. Both sides enter by
themselves; at equal intensities on both sides the sums are the printed ones.
Source: as the formulas in `qtrace.physics.relay.tf_sns`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.protocol import CountTable, Source, TableKey
from qtrace.metrics.relay.relay_rows import MEAN, Rows, continued_below_vacuum, read_rows
from qtrace.physics.relay import tf_sns as physics

Array = NDArray[np.float64]
Number = float | Array

# Intensity 1 is the strong decoy, 2 the weak one, 0 none at all; a first.
ALIKE = "test_2_2"  # both sent the weak decoy, with phases that were found alike
SETTINGS = ("key", "test_0_0", "test_1_0", "test_0_1", "test_2_0", "test_0_2", ALIKE)
TABLE = CountTable((TableKey("setting", SETTINGS),))
SUMMED = SETTINGS[1:-1]  # all clicks count
TEST_SOURCES = (Source("a", 2, role="source_a"), Source("b", 2, role="source_b"))
KEY_SOURCES = (Source("key_a", 1, role="source_a"), Source("key_b", 1, role="source_b"))
SOURCES = (*TEST_SOURCES, *KEY_SOURCES)


def qber(**arguments: Number) -> Number:
    """Return the part of the clicks in key windows in which both or nobody sent."""
    errors, right = (np.asarray(arguments[f"{cell}_key"], dtype=float) for cell in TABLE.cells)
    rate: Number = errors / (errors + right)
    return rate


def _windows(rows: Rows, setting: str) -> Array:
    """Return how many windows had that setting."""
    key_a, key_b = (rows.columns[f"probability_key_{side}1"] for side in "ab")
    if setting == "key":
        return np.asarray(rows.columns["pulses"] * key_a * key_b)
    windows = rows.columns["pulses"] * (1.0 - key_a) * (1.0 - key_b)
    for side, level in zip("ab", setting.split("_")[1:], strict=True):
        nothing = rows.columns[f"probability_nothing_{side}"]
        if level == "0":
            windows = windows * nothing
        else:
            chosen = rows.probabilities((f"probability_{side}1", f"probability_{side}2"))
            windows = windows * (1.0 - nothing) * chosen[..., int(level) - 1]
    share = rows.columns["probability_alike"] if setting == ALIKE else 1.0
    return np.asarray(windows * share)


def _gain(rows: Rows, setting: str, *, errors_only: bool = False) -> Array:
    """Return clicks, or errors among them, over the windows of a setting."""
    clicks = rows.columns[f"errors_{setting}"]
    if not errors_only:
        clicks = clicks + rows.columns[f"agreements_{setting}"]
    return np.asarray(clicks / _windows(rows, setting))


def _mean(rows: Rows, name: str) -> Array:
    return rows.columns[f"{MEAN}{name}"]


def _yields(rows: Rows) -> tuple[Array, Array]:
    """Return lower bounds of the yields of one photon from a, and from b."""
    vacuum = _gain(rows, "test_0_0")
    of_a, of_b = (
        physics.single_yield_lower(
            _gain(rows, weak),
            _gain(rows, strong),
            vacuum_gain=vacuum,
            weak=_mean(rows, f"{side}2"),
            strong=_mean(rows, f"{side}1"),
        )
        for side, weak, strong in (("a", "test_2_0", "test_1_0"), ("b", "test_0_2", "test_0_1"))
    )
    return of_a, of_b


def single_yield(**arguments: Number) -> Number:
    """Return a lower bound of the yield of one photon sent by one side, mean of both."""

    def figure(rows: Rows) -> Array:
        of_a, of_b = _yields(rows)
        return (of_a + of_b) / 2.0

    return continued_below_vacuum(figure, read_rows(arguments, TABLE.names(), summed=SUMMED))


def _phase_error(rows: Rows) -> Array:
    of_a, of_b = _yields(rows)
    a, b = _mean(rows, "a2"), _mean(rows, "b2")
    return physics.phase_error_upper(
        _gain(rows, ALIKE, errors_only=True),
        vacuum_gain=_gain(rows, "test_0_0"),
        weak=(a + b) / 2.0,
        single_yield=(a * of_a + b * of_b) / (a + b),
    )


def phase_error(**arguments: Number) -> Number:
    """Return an upper bound of the phase error rate of single photons; up to 1/2."""
    return continued_below_vacuum(_phase_error, read_rows(arguments, TABLE.names(), summed=SUMMED))


def key_per_use(**arguments: Number) -> Number:
    """Return secret bits per window, all settings counted, no limit of size; unclamped."""

    def figure(rows: Rows) -> Array:
        measured = rows.leak_is_measured()
        errors, right = (rows.columns[f"{cell}_key"] for cell in TABLE.cells)
        clicks = errors + right
        a, b = _mean(rows, "key_a1"), _mean(rows, "key_b1")
        weight_a, weight_b = a * np.exp(-a), b * np.exp(-b)
        of_a, of_b = _yields(rows)
        mean = (a + b) / 2.0
        bits = physics.key_per_window(
            (weight_a * of_a + weight_b * of_b) / (2.0 * mean * np.exp(-mean)),
            _phase_error(rows),
            signal=mean,
            send_probability=rows.columns["send_probability"],
            gain=_gain(rows, "key"),
            error_rate=np.divide(errors, clicks, out=np.zeros_like(errors), where=clicks > 0.0),
            error_correction_efficiency=rows.columns["error_correction_efficiency"]
            * (not measured),
        )
        secret = bits * _windows(rows, "key") - measured * rows.columns["leak"]
        return np.asarray(secret / rows.columns["pulses"])

    return continued_below_vacuum(figure, read_rows(arguments, TABLE.names(), summed=SUMMED))
