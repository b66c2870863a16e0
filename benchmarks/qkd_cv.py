"""GG02 beside the package qkd 0.2.0: the same links, key by key, and time per evaluation.

    python benchmarks/qkd_cv.py --peer PYTHON

PYTHON is that of an environment of its own with qkd 0.2.0 from the package registry. Both sides
are given the same 400 links per receiver, from 1e-9 of the light to nearly all of it; the peer
takes transmittance and excess noise, ours the moments that such a link would give. Where the two
differ by more than the peer's own rounding the script says so and ends with 1. Then the time of
1e5 evaluations: the peer's compiled function in a loop, ours in one call.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qtrace.physics.continuous.gg02 import (
    Channel,
    channel_from_moments,
    key_per_use,
    moments_of_link,
)
from qtrace.physics.continuous.gg02_finite import key_length

LINKS = 400
DRAWS = 100_000
SEED = 2010
BETA = 0.95
SYMBOLS, PART, EPSILON = 1e9, 0.5, 1e-10
BLOCK = {
    "symbols_estimation": SYMBOLS * PART,
    "symbols_key": SYMBOLS * (1.0 - PART),
    "epsilon_estimation": EPSILON,
    "epsilon_smoothing": EPSILON,
    "epsilon_privacy": EPSILON,
}
# Bits per symbol: entropies of some ten bits are subtracted, and moments are numbers, too.
AGREEMENT = 1e-10

PEER = """
import json, sys, time
import numpy as np
import qkd
from qkd import _core
links = np.load(sys.argv[1])
answer = {"version": qkd.__version__, "rate": [], "finite": []}
for hom in (True, False):
    for trusted in (True, False):
        answer["rate"].append([_core.cv_rate(*row, %(beta)r, hom, trusted)[2] for row in links])
        answer["finite"].append([
            _core.cv_finite(*row, %(beta)r, hom, trusted, %(symbols)r, %(part)r, *[%(eps)r] * 3)[2]
            for row in links])
rows = [tuple(map(float, row)) for row in np.resize(links, (%(draws)d, 5))]
start = time.perf_counter()
for row in rows:
    _core.cv_finite(*row, %(beta)r, True, True, %(symbols)r, %(part)r, *[%(eps)r] * 3)
answer["seconds"] = time.perf_counter() - start
print(json.dumps(answer))
"""


def draw_links() -> NDArray[np.float64]:
    """Return rows of V_A, T, xi, eta, v_el."""
    generator = np.random.default_rng(SEED)
    return np.stack(
        [
            generator.uniform(1.0, 40.0, LINKS),
            10.0 ** generator.uniform(-9.0, -0.05, LINKS),
            generator.uniform(0.0, 0.05, LINKS),
            generator.uniform(0.3, 0.95, LINKS),
            generator.uniform(0.001, 0.2, LINKS),
        ],
        axis=1,
    )


def channel_of(links: NDArray[np.float64], *, heterodyne: bool) -> Channel:
    v_a, t, xi, eta, v_el = links.T
    covariance, variance = moments_of_link(
        v_a,
        t,
        excess_noise_at_input=xi,
        receiver_efficiency=eta,
        electronic_noise=v_el,
        heterodyne=heterodyne,
    )
    return channel_from_moments(v_a, covariance, bob_variance=variance)


def ours(
    links: NDArray[np.float64], *, heterodyne: bool, trusted: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return key per symbol, and finite key per symbol sent."""
    channel = channel_of(links, heterodyne=heterodyne)
    receiver = {
        "receiver_efficiency": links[:, 3] if trusted else 1.0,
        "electronic_noise": links[:, 4] if trusted else 0.0,
    }
    key = key_per_use(channel, **receiver, reconciliation_efficiency=BETA, heterodyne=heterodyne)
    length = key_length(
        channel,
        **receiver,
        reconciliation_efficiency=BETA,
        **BLOCK,
        heterodyne=heterodyne,
    )
    return key, length / SYMBOLS


def time_ours(links: NDArray[np.float64]) -> float:
    """Return the seconds of as many finite keys in one call."""
    channel = channel_of(np.resize(links, (DRAWS, 5)), heterodyne=False)
    eta, v_el = np.resize(links, (DRAWS, 5))[:, 3:].T
    start = time.perf_counter()
    key_length(
        channel,
        receiver_efficiency=eta,
        electronic_noise=v_el,
        reconciliation_efficiency=BETA,
        **BLOCK,
        heterodyne=False,
    )
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default="", help="Python of an environment with qkd 0.2.0")
    arguments = parser.parse_args()
    links = draw_links()
    seconds = time_ours(links)
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(f"ours, {DRAWS} finite keys in one call: {seconds:.3f} s")
    if not arguments.peer:
        print("no peer named: nothing is compared")
        return 0
    program = PEER % {
        "beta": BETA, "symbols": SYMBOLS, "part": PART, "eps": EPSILON, "draws": DRAWS,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "links.npy"
        np.save(path, links)
        done = subprocess.run(
            [arguments.peer, "-c", program, str(path)], capture_output=True, text=True, check=True
        )
    answer = json.loads(done.stdout)
    print(f"qkd {answer['version']}, {DRAWS} finite keys in a loop: {answer['seconds']:.3f} s")
    worst = 0.0
    kinds = [(h, t) for h in (False, True) for t in (True, False)]
    for (heterodyne, trusted), rate, finite in zip(
        kinds, answer["rate"], answer["finite"], strict=True
    ):
        key, length = ours(links, heterodyne=heterodyne, trusted=trusted)
        # The peer cuts the finite key at zero; ours keeps its value.
        apart = [np.abs(key - rate).max(), np.abs(np.maximum(length, 0.0) - finite).max()]
        worst = max(worst, *apart)
        name = ("heterodyne" if heterodyne else "homodyne", "trusted" if trusted else "untrusted")
        print(f"  {name[0]:10} {name[1]:9} apart by {apart[0]:.1e} and, finite, {apart[1]:.1e}")
    print(f"largest difference {worst:.1e} bit per symbol, allowed {AGREEMENT:.0e}")
    return int(worst > AGREEMENT)


if __name__ == "__main__":
    sys.exit(main())
