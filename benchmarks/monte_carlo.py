"""Times a million draws of a ten-input model and of a whole recorded chain.

    python benchmarks/monte_carlo.py [--peer PYTHON] [--folder FOLDER]

The ten-input model is drawn by the stored-model engine, by plain numpy written by hand, and, with
`--peer` naming a Python that has suncal in an environment of its own, by suncal. All must give the
same u and interval within the scatter of the draws. The chain is that of the demo's detector
efficiency, read from the database that `qtrace demo` leaves in FOLDER; without one a demo is
walked in a temporary folder first. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import math
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from qtrace.cli.main import invoke
from qtrace.metrics.catalogue import functions
from qtrace.registry.dossier import load_dossier
from qtrace.uncertainty.adaptive import adaptive_figure, fixed_figure
from qtrace.uncertainty.coverage_interval import IntervalKind
from qtrace.uncertainty.drawn_figure import DrawnFigure, DrawPlan
from qtrace.uncertainty.inputs import Distribution, InputQuantity
from qtrace.uncertainty.monte_carlo import draw_chain
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result
from qtrace.uncertainty.validation import validate_result
from qtrace.workflow.workbench import open_workbench

T = TypeVar("T")
N = 1_000_000
SEED = 20_081_101
REPEATS = 5
PROBABILITY = 0.95
TEXT = "x0*x1 + x2*x3 + x4*x5 + x6*x7 + x8*x9"
NORMAL, RECTANGULAR = 6, 4  # inputs of each shape
MEAN, U = 1.0, 0.1
EFFICIENCY = "CAL-2022-D1/system_detection_efficiency"
ONE = 1

PEER = """
import json, sys, time
import numpy as np
import suncal
from suncal import Model
began = time.perf_counter()
model = Model("y = {text}")
for k in range(10):
    one = model.var("x%d" % k).measure({mean})
    if k < {normal}:
        one.typeb(dist="normal", std={u})
    else:
        one.typeb(dist="uniform", a={u} * 3 ** 0.5)
built = time.perf_counter() - began
times = []
for seed in range({repeats}):
    np.random.seed(seed)
    began = time.perf_counter()
    found = model.monte_carlo(samples={n})
    low, high = found.expand("y", conf={p})[:2]
    u = found.uncertainty["y"]
    times.append(time.perf_counter() - began)
print(json.dumps([suncal.__version__, built, sorted(times)[len(times) // 2],
                  float(u), float(low), float(high)]))
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """u and interval, as each side gives them."""

    u: float
    low: float
    high: float

    def agree(self, other: Answer) -> bool:
        """Return whether two answers differ by no more than five standard deviations of draws."""
        end = 5.0 * math.sqrt(2.0) * self.u * math.sqrt(0.025 * 0.975 / N) / 0.0584
        return (
            abs(self.u / other.u - 1.0) < 5.0 / math.sqrt(N)
            and abs(self.low - other.low) < end
            and abs(self.high - other.high) < end
        )


def median_time(work: Callable[[], T]) -> tuple[float, T]:
    """Return the median seconds of several runs, and the last answer."""
    times = []
    for _ in range(REPEATS):
        gc.collect()
        began = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - began)
    return statistics.median(times), answer


def ten_inputs() -> Network:
    """Return the stored model: five products of two inputs, six normal and four rectangular."""
    shapes = [Distribution.NORMAL] * NORMAL + [Distribution.RECTANGULAR] * RECTANGULAR
    inputs = {k + 1: InputQuantity(k + 1, f"x{k}", MEAN, U, "1", s) for k, s in enumerate(shapes)}
    arguments = tuple(Argument(f"x{k}", MEAN, input_id=k + 1) for k in range(len(shapes)))
    return Network({ONE: Result(ONE, 5.0, Model(ModelKind.EXPRESSION, TEXT), arguments)}, inputs)


def by_hand() -> Answer:
    """Draw the same with numpy's own generators, as somebody would write it for one model."""
    generator = np.random.default_rng(SEED)
    x = np.empty((NORMAL + RECTANGULAR, N))
    x[:NORMAL] = generator.normal(MEAN, U, (NORMAL, N))
    half = U * math.sqrt(3.0)
    x[NORMAL:] = generator.uniform(MEAN - half, MEAN + half, (RECTANGULAR, N))
    y = np.sum(x[0::2] * x[1::2], axis=0)
    low, high = np.quantile(y, [0.5 - PROBABILITY / 2.0, 0.5 + PROBABILITY / 2.0])
    return Answer(float(np.std(y, ddof=1)), float(low), float(high))


def answer_of(figure: DrawnFigure) -> Answer:
    """Return u and interval of a figure."""
    if figure.standard_uncertainty is None:
        sys.exit("the model should have moments")
    return Answer(figure.standard_uncertainty, figure.interval.low, figure.interval.high)


def line(name: str, seconds: float, said: str = "") -> None:
    print(f"  {name:46}{seconds:8.3f} s  {said}")


def compare_model(peer: str) -> None:
    """Time the ten-input model on all sides."""
    network = ten_inputs()
    print(f"{N} draws of y = {TEXT}, median of {REPEATS}")
    expected = None
    for kind in IntervalKind:
        plan = DrawPlan(PROBABILITY, kind)
        seconds, figure = median_time(
            lambda plan=plan: fixed_figure(network, ONE, n=N, plan=plan, seed=SEED, functions={})
        )
        found = answer_of(figure)
        expected = expected or found
        line(f"qtrace: draws, figures, {kind} interval", seconds, f"u = {found.u:.5f}")
    seconds, _ = median_time(lambda: draw_chain(network, [ONE], n=N, seed=SEED, functions={}))
    line("qtrace: draws alone", seconds)
    seconds, figure = median_time(
        lambda: adaptive_figure(network, ONE, plan=DrawPlan(), seed=SEED, functions={})
    )
    line("qtrace: adaptive, 2 digits", seconds, f"{figure.n} draws, stable: {figure.stabilised}")
    seconds, hand = median_time(by_hand)
    line("numpy by hand, symmetric interval", seconds, f"u = {hand.u:.5f}")
    if expected is None or not expected.agree(hand):
        sys.exit(f"not the same answer: {expected} and by hand {hand}")
    if not peer:
        print("  suncal: not asked; name a Python that has it with --peer")
        return
    script = PEER.format(
        text=TEXT, mean=MEAN, u=U, normal=NORMAL, repeats=REPEATS, n=N, p=PROBABILITY
    )
    ran = subprocess.run([peer, "-c", script], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        sys.exit(f"the peer failed: {ran.stderr[-500:]}")
    version, built, seconds, *numbers = json.loads(ran.stdout.splitlines()[-1])
    theirs = Answer(*numbers)
    line(f"suncal {version}: draws, symmetric interval", seconds, f"u = {theirs.u:.5f}")
    print(f"  (suncal: building the model {built:.3f} s, not counted)")
    if not expected.agree(theirs):
        sys.exit(f"not the same answer: {expected} and suncal {theirs}")


def demo_database(folder: Path) -> Path:
    """Return the database of a demo in a folder, walked there first where there is none."""
    database = folder / "qtrace.db"
    if not database.exists():
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = invoke(["demo", str(folder)])
        if code != 0:
            sys.exit("the demo did not end as announced")
    return database


def time_chain(folder: Path) -> None:
    """Time the whole chain above the demo's efficiency."""
    database = demo_database(folder)

    def load() -> tuple[Network, int]:
        with open_workbench(str(database)).read() as session:
            result_id = session.events.result(EFFICIENCY).result_id
            return load_dossier(session, [result_id]).network, result_id

    loaded, (network, result_id) = median_time(load)
    print(
        f"{N} draws of the chain above {EFFICIENCY}: {len(network.results)} results, "
        f"{len(network.inputs)} inputs"
    )
    line("read from the database", loaded)
    known = functions()
    seconds, _ = median_time(
        lambda: draw_chain(network, [result_id], n=N, seed=SEED, functions=known)
    )
    line("draws alone", seconds)
    seconds, figure = median_time(
        lambda: fixed_figure(network, result_id, n=N, plan=DrawPlan(), seed=SEED, functions=known)
    )
    verdict = validate_result(network, result_id, figure).verdict
    line("draws, figures, interval", seconds, f"clause 8: {verdict}")


def main() -> None:
    """Print all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default="", help="a Python that has suncal")
    parser.add_argument("--folder", default="", help="a folder with a demo in it, or a new one")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    compare_model(options.peer)
    if options.folder:
        time_chain(Path(options.folder))
        return
    with tempfile.TemporaryDirectory() as folder:
        time_chain(Path(folder) / "demo")


if __name__ == "__main__":
    main()
