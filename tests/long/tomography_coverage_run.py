"""Coverage of the bootstrap intervals of tomography; writes the outcome with its seed.

Run by `make validate-long`; exit code 1 where the least shares differ from those the report says.
The shares are not required to reach 95 %: near the boundary they do not, and the report says so.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tomography_coverage import CASES, DRAWS, SEED, coverage

from qtrace.metrics.teleportation.tomography_report import COVERAGE

EXPERIMENTS = 400
# Where the other side of the boundary is seldom met, more are needed to have some of it.
MORE = {(0.8, 100): 1600, (0.5, 100): 1600}
LEAST_NUMBER = 100  # of experiments on a side of the boundary: fewer are not judged
RESULT = Path(__file__).with_suffix(".toml")


def name_of(case: tuple[float, int]) -> str:
    """Return the name of a visibility and number of counts in the file."""
    return f"v{round(1000 * case[0])}_n{case[1]}"


def main() -> int:
    """Simulate all states and write the outcome."""
    lines = [
        "# Written by tests/long/tomography_coverage_run.py (make validate-long).",
        "# Share of 95 % bootstrap intervals that hold the truth, Werner states of a visibility,",
        "# counts in each of nine settings; at the boundary of the states, and inside.",
        f"seed = {SEED}",
        f"draws = {DRAWS}",
        f"experiments = {EXPERIMENTS}",
    ]
    least = {"boundary": 1.0, "inside": 1.0}
    for case in CASES:
        found = coverage(*case, experiments=MORE.get(case, EXPERIMENTS))
        lines += ["", f"[{name_of(case)}]", f"bias = {found.bias:.6f}"]
        for flag, shares in found.covered.items():
            place = "boundary" if flag else "inside"
            text = ", ".join(f"{name} = {share:.4f}" for name, share in shares.items())
            lines.append(f"{place} = {{ experiments = {found.experiments[flag]}, {text} }}")
            if found.experiments[flag] >= LEAST_NUMBER:
                least[place] = min(least[place], *shares.values())
    lines += ["", "[least]", *(f"{place} = {share:.4f}" for place, share in least.items())]
    RESULT.write_text("\n".join([*lines, ""]), encoding="utf-8")
    sys.stdout.write("\n".join([*lines, ""]))
    return int(any(abs(least[place] - said) > 0.01 for place, said in COVERAGE.items()))


if __name__ == "__main__":
    raise SystemExit(main())
