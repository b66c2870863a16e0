"""Our side of the fleet benchmark: open a registry, load it, answer; prints one JSON document.

python fleet_ours.py DATABASE (tables | cache) ASKED. Each case runs in a process of its own, so
that memory can be told; importing and reading the compiled loops comes before the clock starts.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from qtrace.registry.array_cache import cache_path
from qtrace.registry.database import Database
from qtrace.uncertainty.fleet import FleetArrays, Integers, fleet_of
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result
from qtrace.uncertainty.set_figures import covariance_column, set_figures, set_uncertainties
from qtrace.uncertainty.sweeps import Engine


def answer(fleet: FleetArrays, rows: Integers) -> tuple[list[float], list[float]]:
    """Return u of results and their correlation with the last of them."""
    u, variances = set_uncertainties(fleet, rows, Engine.COMPILED)
    column = covariance_column(fleet, int(rows[-1]), Engine.COMPILED)[rows]
    r = column / (np.sqrt(variances) * np.sqrt(variances[-1]))
    return u.tolist(), r.tolist()


def warm_up() -> None:
    """Read the compiled loops, on a network of one result."""
    inputs = {1: InputQuantity(1, "e", 0.0, 1.0, "1")}
    argument = Argument("e", 1.0, input_id=1)
    result = Result(1, 0.0, Model(ModelKind.LINEAR), (argument,))
    fleet = fleet_of(Network({1: result}, inputs))
    set_figures(fleet, [0], Engine.COMPILED)
    covariance_column(fleet, 0, Engine.COMPILED)


def main() -> None:
    path, source, asked = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    warm_up()
    if source == "tables":
        cache_path(path).unlink(missing_ok=True)
    marks = [(time.perf_counter(), time.process_time())]

    def mark() -> None:
        marks.append((time.perf_counter(), time.process_time()))

    database = Database.open(str(path), read_only=True)
    with database.read() as session:
        if source == "tables":
            from qtrace.registry.arrays import load_fleet

            fleet = load_fleet(session.connection)
        else:
            fleet = session.fleet()
        mark()
        rows = np.arange(fleet.size - asked, fleet.size)
        u, r = answer(fleet, rows)
        mark()
        set_figures(fleet, rows, Engine.COMPILED)
        mark()
        covariance_column(fleet, fleet.size - 1, Engine.COMPILED)
        mark()
        # A few single results, each straight from the tables, as `qtrace trace` reads them.
        singles = []
        for result_id in range(fleet.size - 20, fleet.size):
            before = time.perf_counter(), time.process_time()
            one = standard_uncertainty(session.network([result_id]), result_id)
            singles.append((time.perf_counter() - before[0], time.process_time() - before[1]))
        assert_same = abs(one / u[-2] - 1.0)
        mark()
    names = ("load", "ask", "budgets", "column")
    spans = {
        name: (b[0] - a[0], b[1] - a[1])
        for name, a, b in zip(names, marks, marks[1:], strict=False)
    }
    spans["single"] = sorted(singles)[len(singles) // 2]
    document = {
        "spans": spans,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "single_differs": assert_same,
        "u": u,
        "r": r,
    }
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    main()
