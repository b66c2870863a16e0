"""Stability of phase records against allantools: the same values, and how fast.

    python benchmarks/timing_stability.py [--peer PYTHON] [--pairs N] [--small]

`--peer` names a Python that has `allantools` in an environment of its own. Each pair runs both
sides one after the other, in processes of their own on one thread, on the same file of white
frequency noise; each takes the fastest of three calls (allantools' MTIE one). The ratio of a pair
is what is judged; printed is the median with the range. All times are CPU time. TDEV is computed at
octaves of 1e7 samples, MTIE at octaves of 1e6 samples, where allantools is stopped after 100 s, so
that its ratio is a lower bound. Values are compared where both sides give them. Compiling on the
first call is measured apart, with an empty cache: later calls, and later processes, read what was
compiled from disk.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

SEED = 20_260_101
STOP_S = 100
TDEV_SAMPLES, MTIE_SAMPLES = 10_000_000, 1_000_000
PROMISED_TDEV, PROMISED_MTIE = 5.0, 1000.0
ROOT = Path(__file__).parents[1]

OURS = """
REPEATS = 3
import json, resource, sys, time
import numpy as np
from qtrace.physics.timing.mtie import mtie
from qtrace.physics.timing.stability import tdev

estimator = {"tdev": tdev, "mtie": mtie}[sys.argv[1]]
phase = np.load(sys.argv[2])
start = time.process_time()
estimator(phase[:100], interval_s=1.0)
first = time.process_time() - start
taken = []
for _ in range(REPEATS):
    start = time.process_time()
    found = estimator(phase, interval_s=1.0)
    taken.append(time.process_time() - start)
seconds = min(taken)
print(json.dumps({"seconds": seconds, "first": first, "factors": found.factors.tolist(),
    "values": found.value.tolist(),
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

PEER = """
import json, resource, sys, time
REPEATS = 3 if sys.argv[1] == "tdev" else 1
import numpy as np
import allantools

estimator = {"tdev": allantools.tdev, "mtie": allantools.mtie}[sys.argv[1]]
phase = np.load(sys.argv[2])
taus = [float(factor) for factor in json.loads(sys.argv[3])]
estimator(phase[:100], rate=1.0, data_type="phase", taus=[1.0, 2.0])
taken = []
for _ in range(REPEATS):
    start = time.process_time()
    found = estimator(phase, rate=1.0, data_type="phase", taus=taus)
    taken.append(time.process_time() - start)
seconds = min(taken)
print(json.dumps({"seconds": seconds, "factors": [round(t) for t in found[0]],
    "values": found[1].tolist(),
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def environment(cache: str = "") -> dict[str, str]:
    """Return the environment of a run: one thread, our package, a cache of its own if named."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    own = {"NUMBA_CACHE_DIR": cache} if cache else {}
    return {**os.environ, **threads, **own, "PYTHONPATH": str(ROOT)}


def ours(kind: str, path: Path, *, cache: str = "") -> dict[str, Any]:
    """Run our estimator in a process of its own."""
    said = subprocess.run(
        [sys.executable, "-c", OURS, kind, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env=environment(cache),
    )
    return json.loads(said.stdout)


def _limit_time() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (STOP_S, STOP_S + 10))


def peer(python: str, kind: str, path: Path, *, factors: list[int]) -> dict[str, Any]:
    """Run allantools in a process of its own; without values where it was stopped."""
    settings = environment()
    del settings["PYTHONPATH"]
    try:
        said = subprocess.run(
            [python, "-W", "ignore", "-c", PEER, kind, str(path), json.dumps(factors)],
            capture_output=True,
            text=True,
            check=True,
            env=settings,
            preexec_fn=_limit_time,
        )
    except subprocess.CalledProcessError as error:
        if error.returncode != -signal.SIGXCPU:
            raise
        return {"seconds": STOP_S, "factors": [], "values": [], "peak_mb": 0.0, "stopped": True}
    return json.loads(said.stdout.splitlines()[-1])


def largest_difference(one: dict[str, Any], other: dict[str, Any]) -> float:
    """Return the largest relative difference of values at the factors of both."""
    theirs = dict(zip(other["factors"], other["values"], strict=True))
    both = [
        abs(value / theirs[factor] - 1.0)
        for factor, value in zip(one["factors"], one["values"], strict=True)
        if factor in theirs
    ]
    return max(both, default=float("nan"))


def compare(kind: str, *, samples: int, python: str, pairs: int, promised: float) -> None:
    """Print one comparison."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "phase.npy"
        generator = np.random.default_rng(SEED)
        np.save(path, 1e-9 * np.cumsum(generator.standard_normal(samples)))
        first = ours(kind, path, cache=str(Path(folder) / "cache"))
        print(f"{kind.upper()}, octaves of {samples:.0e} samples, {len(first['factors'])} factors")
        print(f"  first call with an empty cache, compiling: {first['first']:.1f} s")
        runs = []
        for pair in range(pairs):
            one = ours(kind, path)
            other = peer(python, kind, path, factors=one["factors"]) if python else {}
            runs.append((one, other))
            if other.get("stopped") and pair == 0:
                break  # once stopped, a second time tells nothing
        seconds = [one["seconds"] for one, _ in runs]
        print(
            f"  ours       {statistics.median(seconds):8.3f} s, peak {runs[0][0]['peak_mb']:.0f} MB"
        )
        print(f"  first call, compiled code read from disk: {runs[0][0]['first']:.2f} s")
        if not python:
            return
        theirs = [other["seconds"] for _, other in runs]
        stopped = any(other.get("stopped") for _, other in runs)
        print(
            f"  allantools {statistics.median(theirs):8.3f} s"
            + (", stopped" if stopped else f", peak {runs[0][1]['peak_mb']:.0f} MB")
        )
        ratios = [other["seconds"] / one["seconds"] for one, other in runs]
        kept = statistics.median(ratios)
        print(
            f"  ratio {'at least ' if stopped else ''}{kept:.1f} "
            f"({min(ratios):.1f} to {max(ratios):.1f}, {len(ratios)} pairs), "
            f"at least {promised:g}: {'yes' if kept >= promised else 'NO'}"
        )
        if not stopped:
            print(f"  largest relative difference: {largest_difference(*runs[0]):.1e}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", default="", help="a Python that has allantools")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--small", action="store_true", help="a hundredth of the samples")
    chosen = parser.parse_args()
    share = 100 if chosen.small else 1
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    for kind, samples, promised in (
        ("tdev", TDEV_SAMPLES, PROMISED_TDEV),
        ("mtie", MTIE_SAMPLES, PROMISED_MTIE),
    ):
        compare(
            kind,
            samples=samples // share,
            python=chosen.peer,
            pairs=chosen.pairs,
            promised=promised,
        )


if __name__ == "__main__":
    main()
