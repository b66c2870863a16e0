"""Finite decoy key lengths against the compiled ones of `qkd`: the same bits, and how fast.

    python benchmarks/qkd_lengths.py [--peer PYTHON] [--draws N]

`--peer` names a Python that has `qkd` 0.2.0 in an environment of its own. Both sides compute the
length of Lim et al. (2014) from counts of three intensities in two bases: the peer by its five
compiled functions (events of both bases, errors, phase error, length), one call each per length,
as it takes no arrays; ours for all draws at once. Each draw has its own counts and intensities.
Lengths must be equal to the bit, except where rounding decides on which side of a whole number a
length lies. Judged is CPU time, the fastest of a few runs.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from qtrace.physics.decoy.decoy_link import LIM_DETECTOR, expected_cells, fibre_transmittance
from qtrace.physics.decoy.decoy_source import BasisCounts, Intensities
from qtrace.physics.decoy.decoy_two import two_decoy_length

REPEATS = 7
SEED = 20_140_210
PROMISED_S, PROMISED_RATIO = 0.1, 5.0
MEANS, SHARES = (0.48, 0.12, 2e-4), (0.6, 0.25, 0.15)
EPSILONS = (1e-9, 1e-15)
EFFICIENCY = 1.16

PEER = """
import json, math, sys, time
from qkd import _core as core

rows = json.load(open(sys.argv[1]))
shares, (secrecy, correctness), efficiency = tuple(rows["shares"]), rows["epsilons"], rows["f"]
draws = [(tuple(m), tuple(k), e, tuple(t), tuple(w))
         for m, k, e, t, w in zip(*(rows[n] for n in ("means", "key", "wrong", "test", "errors")))]

def length(means, key, wrong, test, errors):
    each = core.bb84_eps(secrecy)
    s0, s1 = core.decoy_counts(*means, shares, key, each)
    t0, t1 = core.decoy_counts(*means, shares, test, each)
    v1 = core.decoy_errors(*means, shares, errors, each)
    phase = core.bb84_phase(v1, t1, s1, secrecy)
    total = sum(key)
    return core.bb84_length(s0, s1, phase, total, wrong / total, efficiency, secrecy, correctness)

taken = []
for _ in range(int(sys.argv[2])):
    start = time.process_time()
    lengths = [length(*one) for one in draws]
    taken.append(time.process_time() - start)
print(json.dumps({"seconds": min(taken), "lengths": lengths}))
"""


def draw(draws: int) -> tuple[BasisCounts, BasisCounts, Intensities]:
    """Return Poisson counts about those of a 50 km link, and intensities of 1 % uncertainty."""
    generator = np.random.default_rng(SEED)
    detector = dict(LIM_DETECTOR)
    fibre = fibre_transmittance(50.0, attenuation_db_per_km=detector.pop("attenuation_db_per_km"))
    rows = expected_cells(
        MEANS,
        SHARES,
        pulses=1e11,
        basis_probabilities=(0.81, 0.01),
        transmittance=fibre * detector.pop("detection_efficiency"),
        **detector,
    )
    key, test = (
        BasisCounts(
            *(
                tuple(generator.poisson(cell, draws).astype(np.float64) for cell in column)
                for column in zip(*cells, strict=True)
            )
        )
        for cells in rows
    )
    means = tuple(mean * (1.0 + 0.01 * generator.standard_normal(draws)) for mean in MEANS)
    return key, test, Intensities(means, SHARES)


def ours(key: BasisCounts, test: BasisCounts, intensities: Intensities) -> tuple[float, Any]:
    """Return CPU seconds of the fastest run, and the lengths."""
    taken = []
    for _ in range(REPEATS):
        start = time.process_time()
        lengths = two_decoy_length(
            key,
            test,
            intensities,
            epsilon_secrecy=EPSILONS[0],
            epsilon_correctness=EPSILONS[1],
            error_correction_efficiency=EFFICIENCY,
        )
        taken.append(time.process_time() - start)
    return min(taken), np.asarray(lengths)


def peer(
    python: str, key: BasisCounts, test: BasisCounts, intensities: Intensities
) -> tuple[float, Any]:
    """Return CPU seconds of the peer's fastest run, and its lengths."""

    def columns(values: tuple[Any, ...]) -> list[list[float]]:
        return np.array(values).T.tolist()

    rows = {
        "means": columns(intensities.means),
        "key": [[int(n) for n in row] for row in columns(key.detections)],
        "wrong": np.sum(key.errors, axis=0).tolist(),
        "test": [[int(n) for n in row] for row in columns(test.detections)],
        "errors": [[int(n) for n in row] for row in columns(test.errors)],
        "shares": SHARES,
        "epsilons": EPSILONS,
        "f": EFFICIENCY,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        said = subprocess.run(
            [python, "-c", PEER, str(path), str(REPEATS)],
            capture_output=True,
            text=True,
            check=True,
        )
    answer = json.loads(said.stdout)
    return answer["seconds"], np.array(answer["lengths"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", help="a Python that has qkd")
    parser.add_argument("--draws", type=int, default=100_000)
    chosen = parser.parse_args()
    block = draw(chosen.draws)
    seconds, lengths = ours(*block)
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(f"{chosen.draws} joint draws of a Lim 2014 length, CPU time")
    print(f"  ours      {seconds * 1e3:8.1f} ms  {seconds / chosen.draws * 1e9:7.0f} ns each")
    print(f"  under {PROMISED_S} s: {'yes' if seconds < PROMISED_S else 'NO'}")
    if not chosen.peer:
        return
    theirs, peer_lengths = peer(chosen.peer, *block)
    differ = np.flatnonzero(np.floor(np.maximum(lengths, 0.0)) != np.floor(peer_lengths))
    ratio = theirs / seconds
    print(f"  qkd       {theirs * 1e3:8.1f} ms  {theirs / chosen.draws * 1e9:7.0f} ns each")
    print(
        f"  ratio {ratio:.1f}, at least {PROMISED_RATIO:g}: "
        f"{'yes' if ratio >= PROMISED_RATIO else 'NO'}"
    )
    print(f"  lengths that differ: {len(differ)} of {chosen.draws}")
    if len(differ):
        apart = np.abs(lengths[differ] - np.round(lengths[differ]))
        print(f"  of these the farthest from a whole number: {apart.max():.1e} bit")


if __name__ == "__main__":
    main()
