"""Times the plain sweep against the `uncertainties` package, and the start of the command line.

Run by `make bench`. Both sides get the same results in the same process and must give the same
numbers; printed are times and their ratios, and no time is judged. See benchmarks/README.md.
"""

from __future__ import annotations

import gc
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import uncertainties
from numpy.typing import NDArray
from uncertainties import UFloat, correlation_matrix, ufloat

from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network, correlation, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

T = TypeVar("T")
Parents = list[tuple[int, ...]]

ASKED = 100
LEVELS = 8  # from the realisation down to a working instrument
BACK = 50  # how far back a result of the deep case reaches
RELATIVE_U = 1e-3
SEED = 20_220_501
AGREEMENT = 1e-9  # both sides add the same products in another order
STARTS = 9


@dataclass(frozen=True, slots=True)
class Case:
    """A network of results and whether live numbers must be expanded while they are made."""

    title: str
    parents: Parents
    expand: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What both sides are asked: u of the last results, r of each with the last."""

    u: NDArray[np.float64]
    r: NDArray[np.float64]

    def distance(self, other: Answer) -> float:
        """Return the largest difference, relative for u and absolute for r."""
        u = float(np.max(np.abs(self.u / other.u - 1.0)))
        return max(u, float(np.max(np.abs(self.r - other.r))))


def hierarchy(size: int) -> Parents:
    """Return levels of growing width; each result rests on two of the level above it."""
    generator = np.random.default_rng(SEED)
    growth = size ** (1.0 / LEVELS)
    ends = [min(size, max(k + 1, round(growth ** (k + 1)))) for k in range(LEVELS)]
    parents: Parents = [()] * ends[0]
    for above, start, end in zip([0, *ends], ends, ends[1:], strict=False):
        for _ in range(start, end):
            chosen = generator.choice(np.arange(above, start), min(2, start - above), replace=False)
            parents.append(tuple(int(one) for one in chosen))
    return parents


def deep(size: int) -> Parents:
    """Return a history without levels: each result rests on two of the fifty before it."""
    generator = np.random.default_rng(SEED)
    parents: Parents = [(), ()]
    for place in range(2, size):
        chosen = generator.choice(np.arange(max(0, place - BACK), place), 2, replace=False)
        parents.append(tuple(int(one) for one in chosen))
    return parents


def as_network(parents: Parents) -> Network:
    """Build the case as stored records: the mean of the parents times two own factors near 1."""
    results: dict[int, Result] = {}
    inputs: dict[int, InputQuantity] = {}
    for place, above in enumerate(parents):
        own = (2 * place + 1, 2 * place + 2)
        arguments = [Argument(f"f{k}", 1.0, input_id=one) for k, one in enumerate(own)]
        weight = 1.0 / max(1, len(above))
        arguments += [Argument(f"p{k}", weight, parent_id=one + 1) for k, one in enumerate(above)]
        results[place + 1] = Result(place + 1, 1.0, Model(ModelKind.LINEAR), tuple(arguments))
        for one in own:
            inputs[one] = InputQuantity(one, "factor", 1.0, RELATIVE_U, "1")
    return Network(results, inputs)


def ask_network(network: Network) -> Answer:
    """Ask the stored records by backward sweeps."""
    last = sorted(network.results)[-ASKED:]
    u = [standard_uncertainty(network, one) for one in last]
    r = [correlation(network, one, last[-1]) for one in last]
    return Answer(np.array(u), np.array(r))


def as_live_numbers(parents: Parents, *, expand: bool) -> list[UFloat]:
    """Build the case as live numbers.

    Where `expand` is set each is expanded as it is made: left to the end, the expansion of a deep
    history would walk every path through the shared ancestors.
    """
    numbers: list[UFloat] = []
    for above in parents:
        number = ufloat(1.0, RELATIVE_U) * ufloat(1.0, RELATIVE_U)
        if above:
            number *= sum(numbers[one] for one in above) / len(above)
        if expand:
            _ = number.derivatives
        numbers.append(number)
    return numbers


def ask_live_numbers(numbers: Sequence[UFloat]) -> Answer:
    """Ask the live numbers by the functions of their package."""
    last = numbers[-ASKED:]
    u = [one.std_dev for one in last]
    r = [correlation_matrix([one, last[-1]])[0, 1] for one in last]
    return Answer(np.array(u), np.array(r))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return seconds and what the work gave; the garbage is collected before."""
    gc.collect()
    began = time.perf_counter()
    answer = work()
    return time.perf_counter() - began, answer


def compare(case: Case) -> None:
    """Time both sides on one case and print one line for each part."""
    built, network = timed(lambda: as_network(case.parents))
    asked, ours = timed(lambda: ask_network(network))
    peer_built, numbers = timed(lambda: as_live_numbers(case.parents, expand=case.expand))
    peer_asked, theirs = timed(lambda: ask_live_numbers(numbers))
    distance = ours.distance(theirs)
    if not distance < AGREEMENT:
        sys.exit(f"{case.title}: the two sides differ by {distance:.1e}")
    print(f"{case.title}; same numbers within {distance:.0e}")
    for name, mine, peer in (
        ("make all results", built, peer_built),
        (f"u and r of the last {ASKED}", asked, peer_asked),
        ("both", built + asked, peer_built + peer_asked),
    ):
        print(f"  {name:27}{mine * 1e3:10.1f} ms{peer * 1e3:12.1f} ms{peer / mine:9.2f}")


def start_of(*command: str) -> float:
    """Return the median time in s of running a command."""
    times = []
    for _ in range(STARTS):
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print all comparisons."""
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(f"{'':29}{'stored':>10}   {'uncertainties ' + uncertainties.__version__}  ratio")
    for case in (
        Case(f"hierarchy of 1000 results in {LEVELS} levels", hierarchy(1000), expand=False),
        Case(f"hierarchy of 10000 results in {LEVELS} levels", hierarchy(10_000), expand=False),
        Case("deep history of 1000 results", deep(1000), expand=True),
    ):
        compare(case)
    bare = start_of(sys.executable, "-c", "pass")
    started = start_of(str(Path(sys.executable).with_name("qtrace")), "--help")
    print(f"start, median of {STARTS}")
    print(f"  {'qtrace --help':27}{started * 1e3:10.1f} ms, {started / bare:.1f} bare starts")
    print(f"  {'python -c pass':27}{bare * 1e3:10.1f} ms")


if __name__ == "__main__":
    main()
