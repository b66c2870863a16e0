"""One package builds a graph of uncertain numbers and answers; run in an environment of its own.

python fleet_peers.py PACKAGE GRAPH.npz ASKED: prints one JSON document with seconds, memory and
answers. Needs numpy and the package named: GTC, uncertainties or metrolopy; nothing of ours.
"""

from __future__ import annotations

import importlib.metadata
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

PATIENCE_S = 60  # of CPU time
MOST_BYTES = 8 * 1024**3


@dataclass(frozen=True)
class Package:
    """How a package makes an input, finishes a result, and answers."""

    make: Callable[[float, float], Any]
    finish: Callable[[Any], object]
    u: Callable[[Any], float]
    r: Callable[[Sequence[Any], Any], list[float]]


def gtc() -> Package:
    import GTC

    return Package(
        GTC.ureal,
        GTC.result,
        lambda x: float(GTC.uncertainty(x)),
        lambda many, one: [float(GTC.get_correlation(x, one)) for x in many],
    )


def uncertainties(*, eager: bool) -> Package:
    from uncertainties import covariance_matrix, ufloat

    def correlations(many: Sequence[Any], one: Any) -> list[float]:  # noqa: ANN401
        u = one.std_dev
        return [float(covariance_matrix([x, one])[0][1]) / (x.std_dev * u) for x in many]

    # Left lazy, a random graph is expanded along every path at the end.
    finish = (lambda x: x.derivatives) if eager else (lambda x: x)
    return Package(ufloat, finish, lambda x: float(x.std_dev), correlations)


def metrolopy() -> Package:
    from metrolopy import ummy

    return Package(
        ummy,
        lambda x: x,
        lambda x: float(x.u),
        lambda many, one: [float(x.correlation(one)) for x in many],
    )


def main() -> None:
    """Build, answer, print; ended by the system where it takes too much."""
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE_S, PATIENCE_S))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    name, path, asked = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with np.load(path) as file:
        parents = file["parents"].tolist()
        products, u = file["products"].tolist(), file["u"].tolist()
        eager = bool(file["random"])
    package = {
        "GTC": gtc,
        "uncertainties": lambda: uncertainties(eager=eager),
        "metrolopy": metrolopy,
    }[name]()
    marks = [(time.perf_counter(), time.process_time())]
    numbers: list[Any] = []
    for above, product, own in zip(parents, products, u, strict=True):
        number = package.make(0.0, own) if above[0] >= 0 else package.make(1.0, own)
        if above[0] >= 0:
            p, q, r = (numbers[one] for one in above)
            model = 0.3 * p * q + 0.3 * r + 0.4 if product else 0.4 * p + 0.3 * q + 0.3 * r
            number = model + number
        package.finish(number)
        numbers.append(number)
    marks.append((time.perf_counter(), time.process_time()))
    last = numbers[-asked:]
    found_u = [package.u(one) for one in last]
    marks.append((time.perf_counter(), time.process_time()))
    found_r = package.r(last, last[-1])
    marks.append((time.perf_counter(), time.process_time()))
    spans = [[b - a for a, b in zip(*pair, strict=True)] for pair in pairwise(marks)]
    document = {
        "version": importlib.metadata.version(name),
        "wall": [one[0] for one in spans],
        "cpu": [one[1] for one in spans],
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "u": found_u,
        "r": found_r,
    }
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    main()
