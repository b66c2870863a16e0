"""Entanglement figures beside those of another program, on the same inputs.

Usage: python benchmarks/qkd_entanglement.py --peer PYTHON, a Python that has qkd 0.2.0.
Compared: gain, error rate and rate of a down-conversion source, Eve's share against S, and the
length of Tomamichel and Leverrier (2017) at its best test size.
"""

from __future__ import annotations

import argparse
import json
import subprocess

from qtrace.physics.entangled.chsh import holevo_bound
from qtrace.physics.entangled.entropic_bounds import best_leverrier_2017_length
from qtrace.physics.entangled.pair_source import coincidence_error_rate, coincidence_gain
from qtrace.physics.entropy import binary_entropy

SOURCES = [
    {"lam": lam, "a": a, "b": b, "y": y, "e": e}
    for lam in (0.01, 0.05, 0.2)
    for a, b in ((0.1, 0.1), (1e-3, 0.3))
    for y, e in ((1e-6, 0.015), (1e-5, 0.03))
]
VALUES = [2.0, 2.2, 2.5, 2.677, 2.8]
BLOCKS = [{"m": 36123, "delta": 0.01}, {"m": 1_000_000, "delta": 0.025}]
EFFICIENCY = 1.1  # leak over its Shannon limit, for both
EPSILON = 1e-10

ASK = """
import json, sys
import qkd
from qkd import _core, pairs
asked = json.load(sys.stdin)
out = {"sources": [], "values": [], "blocks": []}
for s in asked["sources"]:
    q = _core.pair_gain(s["lam"], s["a"], s["b"], s["y"], s["y"])
    e = _core.pair_error(s["lam"], s["a"], s["b"], s["y"], s["y"], s["e"])
    out["sources"].append([q, e, pairs.rate(q, e, e, asked["f"], 0.5)])
out["values"] = [pairs.holevo(s) for s in asked["values"]]
for b in asked["blocks"]:
    found = pairs.finite(b["m"], b["delta"], asked["f"], 0.5, asked["eps"], "deterministic")
    out["blocks"].append(list(found))
print(json.dumps(out))
"""


def ours() -> dict[str, list[list[float]] | list[float]]:
    """Return our figures for the same inputs."""
    sources = []
    for s in SOURCES:
        arms = {
            "transmittance_a": s["a"],
            "transmittance_b": s["b"],
            "background_a": s["y"],
            "background_b": s["y"],
        }
        gain = float(coincidence_gain(s["lam"], **arms))
        error = float(coincidence_error_rate(s["lam"], **arms, misalignment=s["e"]))
        h = float(binary_entropy(error))
        sources.append([gain, error, 0.5 * gain * (1.0 - (1.0 + EFFICIENCY) * h)])
    blocks = []
    for block in BLOCKS:
        best = best_leverrier_2017_length(
            int(block["m"]),
            tolerated_error_rate=block["delta"],
            error_correction_efficiency=EFFICIENCY,
            epsilon=EPSILON,
        )
        blocks.append([best.bits])
    return {
        "sources": sources,
        "values": [float(holevo_bound(s)) for s in VALUES],
        "blocks": blocks,
    }


def main() -> None:
    """Ask the peer, and print what agrees how well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True, help="a Python that has qkd 0.2.0")
    asked = {"sources": SOURCES, "values": VALUES, "blocks": BLOCKS}
    answer = subprocess.run(
        [parser.parse_args().peer, "-c", ASK],
        input=json.dumps(asked | {"f": EFFICIENCY, "eps": EPSILON}),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs, mine = json.loads(answer.stdout), ours()
    for column, name in enumerate(("gain", "error rate", "rate")):
        gaps = [
            abs(x[column] - max(y[column], 0.0) if column == 2 else x[column] - y[column])
            / max(abs(y[column]), 1e-300)
            for x, y in zip(theirs["sources"], mine["sources"], strict=True)
        ]
        print(f"{name:24} largest relative gap {max(gaps):.1e} in {len(gaps)} sources")
    gap = max(abs(x - y) for x, y in zip(theirs["values"], mine["values"], strict=True))
    print(f"{'share of Eve':24} largest gap {gap:.1e} bit in {len(VALUES)} values of S")
    for block, x, y in zip(BLOCKS, theirs["blocks"], mine["blocks"], strict=True):
        print(f"length of {block['m']:>9} bits     qkd {x[0]:.1f}, ours {y[0]:.1f} bits")


if __name__ == "__main__":
    main()
