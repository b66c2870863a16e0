"""Coverage of the interval of a mean fidelity in hard worlds; writes the outcome with its seed.

Run by `make validate-long`; exit code 1 if one share is below 95 % by more than three standard
deviations of the simulation. The first runs are judged by the normal tests as well.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

from fidelity_coverage import PROBABILITY, SEED, WORLDS, coverage

RUNS = 1500
SIGMAS = 3.0
RESULT = Path(__file__).with_suffix(".toml")


def main() -> int:
    """Draw all worlds and write the outcome."""
    lines = [
        "# Written by tests/long/fidelity_coverage_run.py (make validate-long).",
        "# Share of 95 % intervals that hold the mean fidelity; share wholly above and below it;",
        "# mean width over that of Clopper and Pearson of pooled counts.",
        f"seed = {SEED}",
        f"runs = {RUNS}",
    ]
    least = PROBABILITY - SIGMAS * math.sqrt(PROBABILITY * (1.0 - PROBABILITY) / RUNS)
    below = 0
    for name in WORLDS:
        found = coverage(name, runs=RUNS)
        below += found.covered < least
        lines += [
            "",
            f'["{name}"]',
            f"covered = {found.covered:.4f}",
            f"above = {found.too_high:.4f}",
            f"below = {found.too_low:.4f}",
            f"width_ratio = {found.width_ratio:.4f}",
        ]
    RESULT.write_text("\n".join([*lines, ""]), encoding="utf-8")
    sys.stdout.write("\n".join([*lines, ""]))
    return int(below > 0)


if __name__ == "__main__":
    raise SystemExit(main())
