"""Times the linearisation of a model of a hundred inputs, after its first parse.

Run by `python benchmarks/linearise.py`: evaluates the value and all derivatives of
x0 * x1 + x2 * x3 + ... as recording a calibration does, and prints the median.
"""

from __future__ import annotations

import statistics
import time

from qtrace.uncertainty.expression import compile_expression

INPUTS = 100
TIMES = 200


def main() -> None:
    """Print the time of the first parse and of one linearisation."""
    text = " + ".join(f"x{k} * x{k + 1}" for k in range(0, INPUTS, 2))
    began = time.process_time()
    names = frozenset(f"x{k}" for k in range(INPUTS))
    model = compile_expression(text, names=names)
    parsed = time.process_time() - began
    values = {f"x{k}": 1.0 + 0.01 * k for k in range(INPUTS)}
    times = []
    for _ in range(TIMES):
        began = time.process_time()
        model.gradient(values)
        times.append(time.process_time() - began)
    print(f"parse {parsed * 1e3:.2f} ms, linearise {statistics.median(times) * 1e3:.3f} ms")


if __name__ == "__main__":
    main()
