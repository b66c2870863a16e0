"""Does adding a calibration, or asking for a budget, cost more in a larger fleet?

python benchmarks/fleet_growth.py [--folder FOLDER] [--sizes 1000 10000 ...] [--picture FILE.svg]
fills registries of growing size (a hierarchy), then adds calibration files and traces results by
the verbs that the command line calls, and prints the median CPU time of each. The picture is
drawn by plain code.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fleet_graphs import fill, make_graph

from qtrace.workflow.calibrate import calibrate
from qtrace.workflow.initialise import initialise
from qtrace.workflow.register import register
from qtrace.workflow.trace import trace
from qtrace.workflow.workbench import open_workbench

TIMES = 9
SAME = 900  # the same result, with the same ancestors, in every fleet
SIZES = (1_000, 10_000, 100_000, 1_000_000)

REGISTER = """
[[laboratory]]
id = "GROWTH"
name = "Growth"
country = "XX"

[[device]]
id = "ATT-GROWTH"
class = "attenuator"
manufacturer = "m"
model = "m"
serial = "growth"
"""
CALIBRATION = """
[calibration]
id = "{name}"
device = "ATT-GROWTH"
laboratory = "GROWTH"
performed = 2026-01-02T10:10:00Z
procedure = "p"
validation = "v"

[input.own]
value = "0.5"
u = "0.001"
end = "ratio_on_one_instrument"
statement = "made up"

[input.F]
result = "E-{parent}/x"

[[result]]
measurand = "transmittance"
conditions = {{ wavelength = "1550.5 nm" }}
model = "own * F"
"""


def median_cpu(work: Callable[[int], object]) -> float:
    """Return the median CPU time in s of some repetitions; the first is not counted."""
    times = []
    for k in range(TIMES + 1):
        began = time.process_time()
        work(k)
        times.append(time.process_time() - began)
    return statistics.median(times[1:])


def measure(size: int, folder: Path) -> tuple[float, float, float, int]:
    """Return CPU seconds of adding, of tracing two sorts of results, and ancestors of the second.

    The first thousand results are the same at every size: tracing some of these shows what the
    fleet costs. The youngest results have more ancestors in a larger fleet.
    """
    path = folder / f"growth{size}.db"
    if not path.exists():
        fill(make_graph("hierarchy", size), path)
    bench = open_workbench(str(path), actor="benchmark")
    marker = folder / f"growth{size}.registered"
    if not marker.exists():
        initialise(bench)
        file = folder / "register.toml"
        file.write_text(REGISTER, encoding="utf-8")
        register(bench, file)
        marker.touch()
    stamp = time.time_ns()

    def add(k: int) -> None:
        file = folder / f"calibration{k}.toml"
        text = CALIBRATION.format(name=f"CAL-{stamp}-{k}", parent=size - k)
        file.write_text(text, encoding="utf-8")
        calibrate(bench, file)

    added = median_cpu(add)
    same = median_cpu(lambda k: trace(bench, f"E-{SAME - k}/x"))
    youngest = median_cpu(lambda k: trace(bench, f"E-{size - 100 - k}/x"))
    with bench.read() as session:
        above = [len(session.network([size - 100 - k]).results) for k in range(TIMES + 1)]
    return added, same, youngest, round(statistics.median(above))


def picture(rows: Sequence[tuple[int, float, float, float, int]]) -> str:
    """Return the three curves over the size of the fleet as SVG, both axes logarithmic."""
    width, height, left, bottom = 560, 300, 70, 50
    low, high = -1.0, 3.0  # powers of ten of a millisecond

    def place(size: float, seconds: float) -> tuple[float, float]:
        across = (math.log10(size) - 3.0) / 3.0
        up = (math.log10(seconds * 1e3) - low) / (high - low)
        return left + across * (width - left - 30), height - bottom - up * (height - bottom - 20)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for power in range(int(low), int(high) + 1):
        x, y = place(1e3, 10.0 ** (power - 3))
        end, _ = place(1e6, 1.0)
        parts.append(f'<path d="M{x:.1f} {y:.1f}H{end:.1f}" stroke="#ddd"/>')
        label = f"{10.0**power:g} ms"
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for power in range(3, 7):
        x, _ = place(10.0**power, 1.0)
        y = height - bottom + 18
        parts.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{10**power:,}</text>')
    parts.append(
        f'<text x="{(left + width) / 2}" y="{height - 10}" text-anchor="middle">'
        "results on record</text>"
    )
    for column, (name, colour) in enumerate(
        (
            ("add a calibration", "#b5482a"),
            ("trace the same results", "#2a5db5"),
            ("trace the youngest", "#3a8a4d"),
        )
    ):
        points = [place(row[0], row[column + 1]) for row in rows]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        parts.extend(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points
        )
        y = 40 + 16 * column
        parts.append(f'<text x="{left + 8}" y="{y}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Print a row for each size; draw the picture where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="keeps the databases")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        print("median CPU in ms: results, add, trace the same, trace the youngest (ancestors)")
        for size in options.sizes:
            row = (size, *measure(size, folder))
            rows.append(row)
            times = "".join(f"{seconds * 1e3:10.1f}" for seconds in row[1:4])
            print(f"{size:>9}{times}  ({row[4]})", flush=True)
    if options.picture:
        options.picture.write_text(picture(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
