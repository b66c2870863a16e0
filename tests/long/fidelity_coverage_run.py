"""Coverage of the interval of a mean fidelity in hard worlds; writes the outcome with its seed.

Run by `make validate-long`; exit code 1 if one share is below 95 % by more than three standard
deviations of the simulation. The normal tests judge fewer draws.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

from fidelity_coverage import PROBABILITY, SEED, WORLDS, coverage

DRAWS = 400_000
INTERVALS = 60
SIGMAS = 3.0
RESULT = Path(__file__).with_suffix(".toml")


def main() -> int:
    """Judge all worlds and write the outcome."""
    lines = [
        "# Written by tests/long/fidelity_coverage_run.py (make validate-long).",
        "# Share of 95 % intervals that hold the mean fidelity; share wholly above and below it;",
        "# mean width over that of Clopper and Pearson of pooled counts, of a few; how many of",
        "# those few missed.",
        f"seed = {SEED}",
        f"draws = {DRAWS}",
        f"intervals = {INTERVALS}",
    ]
    least = PROBABILITY - SIGMAS * math.sqrt(PROBABILITY * (1.0 - PROBABILITY) / DRAWS)
    below = 0
    for name in WORLDS:
        found = coverage(name, draws=DRAWS, intervals=INTERVALS)
        below += found.covered < least
        lines += [
            "",
            f'["{name}"]',
            f"covered = {found.covered:.4f}",
            f"above = {found.above:.4f}",
            f"below = {found.below:.4f}",
            f"width_ratio = {found.width_ratio:.4f}",
            f"missed = {found.intervals_missed}",
        ]
    RESULT.write_text("\n".join([*lines, ""]), encoding="utf-8")
    sys.stdout.write("\n".join([*lines, ""]))
    return int(below > 0)


if __name__ == "__main__":
    raise SystemExit(main())
