"""Times the reading of PTU files against ptufile, in pairs, on the same files.

Run by `python benchmarks/timing_ptu.py [FILE...]`: writes HydraHarp V2 T2 and T3 files of ten
million records with our writer, reads each with ptufile (`decode_records`), with `read_tags`, and
part by part, in turn, and prints the medians of the paired ratios. Files of instruments can be
named as well. It stops if the two sides do not find the same tags. The first call of a kernel
compiles for about a second, once for a machine (cached on disk); it is timed apart.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import ptufile

from qtrace.exchange.time_tags.ptu_records import PtuWriter
from qtrace.exchange.time_tags.reading import open_tags, read_tags
from qtrace.exchange.time_tags.source import TagOptions

TAGS = 10_000_000
PAIRS = 7
RATE_PER_S = 1e6
SYNC_PS = 12_500.0
DTIME_PS = 16.0


def written(folder: Path) -> list[Path]:
    """Write one T2 and one T3 file and return their paths."""
    rng = np.random.default_rng(7)
    times = np.cumsum(rng.exponential(1e12 / RATE_PER_S, TAGS).astype(np.int64))
    channels = rng.integers(0, 4, TAGS).astype(np.int16)
    paths = [folder / "t2.ptu", folder / "t3.ptu"]
    for path, options in zip(
        paths,
        (
            {"record_type": 0x01010204},
            {"record_type": 0x01010304, "unit_ps": SYNC_PS, "dtime_ps": DTIME_PS},
        ),
        strict=True,
    ):
        writer = PtuWriter(path, **options)  # type: ignore[arg-type]
        writer.write(times, channels)
        writer.close()
    return paths


def peer(path: Path) -> int:
    """Read with ptufile; return the number of photons."""
    with ptufile.PtuFile(path) as file:
        rows = file.decode_records()
    return int(np.count_nonzero(rows["channel"] >= 0))


def decoded_by_peer(path: Path) -> None:
    with ptufile.PtuFile(path) as file:
        file.decode_records()


def by_parts(path: Path, *, digest: bool) -> int:
    reader = open_tags(path, options=TagOptions(digest=digest))
    return sum(chunk.times_ps.size for chunk in reader.chunks())


def timed(action: object, *arguments: object, **named: object) -> float:
    began = time.perf_counter()
    action(*arguments, **named)  # type: ignore[operator]
    return time.perf_counter() - began


def compare(path: Path) -> None:
    """Print the times and the paired ratios of one file."""
    first = timed(read_tags, path)
    stream = read_tags(path)
    if int(np.count_nonzero(stream.channels >= 0)) != peer(path):
        raise SystemExit(f"{path.name}: the two sides do not find the same tags")
    rows = [
        (
            timed(decoded_by_peer, path),
            timed(read_tags, path),
            timed(by_parts, path, digest=False),
            timed(by_parts, path, digest=True),
        )
        for _ in range(PAIRS)
    ]
    records = path.stat().st_size // 4
    names = ("ptufile", "read_tags", "by parts", "by parts, with SHA-256")
    print(f"{path.name}: {records / 1e6:.2f} million records, first call {first:.2f} s")
    for k, name in enumerate(names):
        seconds = statistics.median(row[k] for row in rows)
        ratio = statistics.median(row[0] / row[k] for row in rows)
        print(
            f"  {name:24s} {seconds * 1e3:8.1f} ms {records / seconds / 1e6:7.1f} Mrec/s"
            f"  {ratio:5.2f} x ptufile"
        )


def main() -> None:
    """Compare all files."""
    with tempfile.TemporaryDirectory() as folder:
        for path in [*written(Path(folder)), *map(Path, sys.argv[1:])]:
            compare(path)


if __name__ == "__main__":
    main()
