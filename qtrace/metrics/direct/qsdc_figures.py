"""Figures of secure direct communication from counts: check-mode errors and capacity estimates.

Inside: `error_rate_of`, `check_intervals`, `dl04`, `dl04_decoy`, `two_step`, `fidelity`,
`fidelity_interval`, `network_capacity`. All take their arguments by name in one mapping; nothing
is clamped.
Source: as the formulas in `qtrace.physics.qsdc`; intervals: Clopper and Pearson (1934).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import Given, Number
from qtrace.physics import qsdc as physics
from qtrace.physics.entangled.bbm92 import error_rate
from qtrace.physics.proportions import Interval, clopper_pearson
from qtrace.physics.states.pair_fidelity import pair_fidelity_interval

CHECKS = ("check_x", "check_z")


def error_rate_of(given: Given, *, row: str) -> Number:
    """Return the error rate of one row of counts.

    Source: definition, errors over detections.
    """
    return error_rate(given[f"errors_{row}"], given[f"agreements_{row}"])


def check_intervals(
    counts: Mapping[str, int], *, probability: float, rows: tuple[str, ...] = CHECKS
) -> dict[str, Interval]:
    """Return the exact interval of each check-mode error rate, by row.

    Args:
        counts: Cells by name: errors_check_x and so on, whole numbers.
        probability: Two-sided coverage of each, in (0, 1).
        rows: Rows to look at.

    Source: Clopper and Pearson, Biometrika 26, 404 (1934).
    """
    found = {}
    for row in rows:
        errors, agreements = counts[f"errors_{row}"], counts[f"agreements_{row}"]
        found[row] = clopper_pearson(errors, errors + agreements, probability=probability)
    return found


def _gain(given: Given, row: str, pulses: Number) -> Number:
    seen = np.asarray(given[f"errors_{row}"] + given[f"agreements_{row}"], dtype=np.float64)
    if not np.all((np.asarray(pulses) > 0.0) & (seen <= pulses)):
        raise InputError(
            f"{row.replace('_', ' ')}: {seen} detections of {pulses} pulses cannot be",
            where=row,
            next_step="give the number of pulses sent in that mode and basis",
        )
    found: Number = seen / pulses
    return found


def _reach(given: Given) -> Number:
    """Return Eve's reach from the larger of both check gains."""
    gains = [_gain(given, row, given[f"pulses_{row}"]) for row in CHECKS]
    return physics.wiretap_gain(np.maximum(gains[0], gains[1]), given["check_receiver_efficiency"])


def _checked(given: Given) -> dict[str, Number]:
    return {
        f"error_{basis}": error_rate_of(given, row=row)
        for basis, row in zip("xz", CHECKS, strict=True)
    }


def dl04(given: Given) -> Number:
    """Return the capacity estimate with single photons.

    Source: see `dl04_capacity`.
    """
    return physics.dl04_capacity(
        _gain(given, "message", given["pulses_message"]),
        error_rate_of(given, row="message"),
        reach=_reach(given),
        **_checked(given),
    )


def two_step(given: Given) -> Number:
    """Return the capacity estimate of the two-step scheme; its rows of message bits are equal.

    Source: see `two_step_capacity`.
    """
    return physics.two_step_capacity(
        _gain(given, "message_bit", given["pulses_message"]),
        error_rate_of(given, row="message_bit"),
        error_rate_of(given, row="message_phase"),
        reach=_reach(given),
        **_checked(given),
    )


def dl04_decoy(given: Given) -> Number:
    """Return the capacity estimate with weak pulses, single photons bounded in check mode.

    Source: see `dl04_decoy_capacity`, `single_photon_check`.
    """
    levels = (
        given["mean_photon_number_1"],
        given["mean_photon_number_2"],
        given["mean_photon_number_3"],
    )
    shares = (given["probability_1"], given["probability_2"], given["probability_3"])
    upper = {}
    for basis, row in zip("xz", CHECKS, strict=True):
        sent = [given[f"pulses_{row}"] * share for share in shares]
        gains = [_gain(given, f"{row}_{k}", n) for k, n in enumerate(sent, start=1)]
        errors = [given[f"errors_{row}_{k}"] / n for k, n in enumerate(sent, start=1)]
        found = physics.single_photon_check(
            levels, (gains[0], gains[1], gains[2]), (errors[0], errors[1], errors[2])
        )
        upper[f"error_{basis}"] = found.error_upper
    return physics.dl04_decoy_capacity(
        _gain(given, "message_1", given["pulses_message"] * shares[0]),
        error_rate_of(given, row="message_1"),
        mean_photon_number=levels[0],
        **upper,
    )


def fidelity(given: Given) -> Number:
    """Return the fidelity of the pairs of one link of a network.

    Source: see `fidelity_from_errors`.
    """
    x, y, z = (error_rate_of(given, row=basis) for basis in "xyz")
    return physics.fidelity_from_errors(x, y, z)


def fidelity_interval(given: Mapping[str, float], probability: float) -> Interval:
    """Return an interval of the fidelity that holds for any counts: never covers less.

    Args:
        given: Cells by name: errors_x, agreements_x and so on, whole numbers.
        probability: Two-sided coverage, in (0, 1).

    Source: see `pair_fidelity_interval`.
    """
    right = [given[f"agreements_{basis}"] for basis in "xyz"]
    pairs = [given[f"errors_{basis}"] + given[f"agreements_{basis}"] for basis in "xyz"]
    return pair_fidelity_interval(right, pairs, probability=probability)


def network_capacity(given: Given) -> Number:
    """Return what the pairs of one link could carry; below fidelity 1/4 that of 1/4, nothing.

    Source: see `dense_coding_capacity`; it has its least value, 0, at F = 1/4.
    """
    return physics.dense_coding_capacity(np.clip(fidelity(given), 0.25, 1.0))
