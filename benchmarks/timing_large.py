"""Memory of a stream larger than it may be: a file of 5e7 tags, mapped and in memory.

    python benchmarks/timing_large.py

Two channels of 2.5e7 tags each, 1 Mcps, 10 % of them pairs, in an NPY file of 500 MB. Read as a run
reads it, then searched and followed block by block, in a process of its own. What is held is the
largest anonymous memory, sampled each 10 ms; pages of mapped files come on top, and the system
takes them back where memory is short. Processor time and wall clock of reading and of the rest.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

TAGS = 50_000_000
RATE = 1e6
DELAY = 734_508_136
# What is held must stay below this, of 400 MB of times and 100 MB of channels.
MOST_MB = 400

WORK = """
import json, pathlib, sys, threading, time
from qtrace.exchange.time_tags.channels import channels_of
from qtrace.physics.tags.coarse_search import coarse_search
from qtrace.physics.timing.frequency_search import find_frequency
from qtrace.physics.timing.offset_series import offset_series
def status(name):
    text = pathlib.Path("/proc/self/status").read_text()
    return int(text.split(name + ":")[1].split()[0]) / 1024
held, on = [0.0], [True]
def watch():
    while on[0]:
        held[0] = max(held[0], status("RssAnon"))
        time.sleep(0.01)
threading.Thread(target=watch, daemon=True).start()
times = [(time.perf_counter(), time.process_time())]
limit = None if sys.argv[2] == "mapped" else 1 << 60
with channels_of(pathlib.Path(sys.argv[1]), {"a": 1, "b": 2}, large_bytes=limit) as tags:
    times.append((time.perf_counter(), time.process_time()))
    peak = coarse_search(tags["a"], tags["b"], span_ps=10**9).require_peak()
    line = find_frequency(tags["a"], tags["b"], start=peak)
    series = offset_series(tags["a"], tags["b"], block_ps=10**12, start=line)
    times.append((time.perf_counter(), time.process_time()))
on[0] = False
print(json.dumps({
    "held": held[0], "all": status("VmHWM"), "delay": line.delay_ps, "blocks": len(series.valid),
    "read": times[1][1] - times[0][1], "read_wall": times[1][0] - times[0][0],
    "rest": times[2][1] - times[1][1], "rest_wall": times[2][0] - times[1][0],
}))
"""


def write(path: Path) -> None:
    """Write the tags of both channels, in the order of time."""
    generator = np.random.default_rng(50)
    each = TAGS // 2
    stop = int(each / RATE * 1e12)
    pairs = generator.integers(0, stop, each // 10)
    wide = np.rint(50.0 * generator.standard_normal(len(pairs))).astype(np.int64)
    alone = [generator.integers(0, stop, each - len(pairs)) for _ in range(2)]
    times = np.concatenate([pairs, alone[0], pairs + DELAY + wide, alone[1] + DELAY])
    order = np.argsort(times)
    table = np.empty(TAGS, dtype=[("time_ps", "<i8"), ("channel", "<i2")])
    table["time_ps"] = times[order]
    table["channel"] = 1 + (order >= each)
    np.save(path, table)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "tags.npy"
        write(path)
        for how in ("mapped", "in memory"):
            said = subprocess.run(
                [sys.executable, "-c", WORK, str(path), how],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            got = json.loads(said.stdout.splitlines()[-1])
            verdict = ""
            if how == "mapped":
                verdict = f": {'met' if got['held'] < MOST_MB else 'MISSED'} ({MOST_MB} MB held)"
            print(
                f"5e7 tags, {how}: {got['held']:.0f} MB held, {got['all']:.0f} MB with mapped pages"
                f"; reading {got['read']:.1f} s of processor ({got['read_wall']:.1f} s on the wall)"
                f", search and {got['blocks']} blocks {got['rest']:.1f} s ({got['rest_wall']:.1f} "
                f"s); off by {got['delay'] - DELAY:.2f} ps{verdict}"
            )


if __name__ == "__main__":
    main()
