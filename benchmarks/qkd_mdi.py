"""Relay figures beside those of the package qkd on the same numbers.

python benchmarks/qkd_mdi.py --peer PYTHON: PYTHON has the package in an environment of its own.
Stops with 1 where the two differ by more than the reason given beside each figure allows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from qtrace.physics.entropy import binary_entropy
from qtrace.physics.relay import mdi
from qtrace.physics.relay.mdi_analytic import pair_errors_upper, pairs_lower
from qtrace.physics.relay.mdi_channel import interfering_gain, separating_gain, single_pair_yield
from qtrace.physics.relay.pair_program import CellBounds, PairProgram
from qtrace.physics.relay.photon_classes import IntensitySet

A, B = np.array([0.4, 0.1, 0.005]), np.array([0.35, 0.08, 0.004])
P = np.array([0.5, 0.3, 0.2])
ARM_A, ARM_B, DARK, MISALIGNED = 0.3, 0.2, 1e-7, 0.015
PULSES, KEY, TEST = 1e14, 0.64, 0.04
EPSILON, CORRECT, EFFICIENCY = 5e-11, 5e-16, 1.16

# Largest relative difference allowed, with its reason.
REASONS = {
    "separating_gain": (1e-12, "same formula"),
    "interfering_gain": (1e-12, "same formula"),
    "Y11": (1e-12, "same formula"),
    "e11": (1e-5, "1 - d^2 (published case) against (1 - d)^2"),
    "Y11 bound": (1e-9, "same formula"),
    "e11 bound": (1e-9, "same formula"),
    "Y11 bound, programme": (1e-5, "photon numbers above 8 in one class against a cut at 10"),
    "length of one Bell state": (
        1e-8,
        "closed form of both; ours without the vacuum part and the sampling of a code string",
    ),
}


def case() -> dict[str, Any]:
    """Return gains and counts of one Bell state."""
    a, b = A[:, None] * ARM_A, B * ARM_B
    key, key_errors = separating_gain(a, b, dark=DARK, misalignment=MISALIGNED)
    test, errors = interfering_gain(a, b, dark=DARK, misalignment=MISALIGNED)
    chosen = np.outer(P, P)
    counts = {
        "key": np.round(PULSES * KEY * chosen * key / 2),
        "test": np.round(PULSES * TEST * chosen * test / 2),
        "test_errors": np.round(PULSES * TEST * chosen * errors / 2),
        "gains": test,
        "error_gains": errors,
        "p_key": KEY * chosen,
        "p_test": TEST * chosen,
    }
    return {
        **{name: table.ravel().tolist() for name, table in counts.items()},
        "a": A.tolist(),
        "b": B.tolist(),
        "channel": [0.4, 0.35, ARM_A, ARM_B, DARK, MISALIGNED],
        "qber": float(key_errors[0, 0] / key[0, 0]),
        "f": EFFICIENCY,
        "epsilon": EPSILON,
        "epsilon_correctness": CORRECT,
    }


def ours(given: dict[str, Any]) -> tuple[dict[str, float], dict[str, float]]:
    """Return our answers, and further lengths of the same table."""
    gains, wrong = (np.reshape(given[n], (3, 3)) for n in ("gains", "error_gains"))
    pairs = pairs_lower(gains, A, B)
    counts = gains * np.outer(P, P)
    a, b = (IntensitySet(tuple(P), tuple(m), tuple(m)) for m in (A, B))
    program = PairProgram(a, b, cells=CellBounds(counts, counts, float(counts.sum()), 1.0))
    single = (P * A * np.exp(-A)).sum() * (P * B * np.exp(-B)).sum()
    channel = {"dark": DARK, "misalignment": MISALIGNED}
    tables = mdi.OutcomeTables(
        *(np.reshape(given[n], (3, 3)) for n in ("key", "test", "test_errors"))
    )
    leak = EFFICIENCY * tables.key[0, 0] * float(binary_entropy(given["qber"]))
    lengths = {}
    for name, how in (
        ("published", mdi.published_deviations(EPSILON)),
        ("chernoff", mdi.squared_deviations(EPSILON)),
    ):
        closed = mdi.estimate_outcome_closed(
            A, B, probabilities_a=P, probabilities_b=P, tables=tables, deviations=how
        )
        programme = mdi.estimate_outcome(a, b, tables=tables, deviations=how)
        for route, estimate in (("closed", closed), ("programme", programme)):
            lengths[f"{name}, {route}"] = float(
                mdi.outcome_length(
                    estimate, leak=leak, share=how.share, epsilon_correctness=CORRECT
                )
            )
    return {
        "separating_gain": float(separating_gain(0.4 * ARM_A, 0.35 * ARM_B, **channel)[0]),
        "interfering_gain": float(interfering_gain(0.4 * ARM_A, 0.35 * ARM_B, **channel)[0]),
        "Y11": float(single_pair_yield(ARM_A, ARM_B, **channel)[0]),
        "e11": float(single_pair_yield(ARM_A, ARM_B, **channel)[1]),
        "Y11 bound": float(pairs),
        "e11 bound": float(pair_errors_upper(wrong, A, B) / pairs),
        "Y11 bound, programme": program.minimum(program.weights(1, 1)) / float(single),
        "length of one Bell state": lengths["published, closed"],
    }, lengths


def main() -> int:
    """Compare and print; return 1 where a difference is larger than its reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True, help="a Python that has the package qkd")
    given = case()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.json"
        path.write_text(json.dumps(given))
        script = Path(__file__).with_name("qkd_mdi_peer.py")
        command = [parser.parse_args().peer, str(script), str(path)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
    peer = json.loads(answer.stdout)
    start = time.perf_counter()
    mine, lengths = ours(given)
    seconds = time.perf_counter() - start
    worst = 0
    print(f"{'figure':26} {'ours':>15} {'qkd ' + peer['version']:>15}  difference")
    for name, (allowed, reason) in REASONS.items():
        off = abs(mine[name] - peer["answers"][name]) / abs(peer["answers"][name])
        worst |= off > allowed
        print(f"{name:26} {mine[name]:15.8g} {peer['answers'][name]:15.8g}  {off:.1e} {reason}")
    for name, value in lengths.items():
        print(f"length, {name:22} {value:15.8g}")
    print(f"all of ours {seconds * 1e3:.0f} ms, one length there {peer['length_s'] * 1e3:.3f} ms")
    return int(worst)


if __name__ == "__main__":
    sys.exit(main())
