"""95 % intervals of detector figures from simulated tags: how often they hold the truth.

Run by `make validate-long`; exit code 1 if one case is outside of 93 % to 97 %. The first runs are
judged by the normal tests as well.
"""

from __future__ import annotations

import sys
from pathlib import Path

from detector_coverage import CASES, SEED, covered

RUNS = 2000
RESULT = Path(__file__).with_suffix(".toml")


def main() -> int:
    """Judge all runs and write the outcome."""
    found = {case: covered(case, RUNS) for case in CASES}
    lines = [
        "# Written by tests/long/detector_intervals.py (make validate-long).",
        "# Intervals of 95 % that hold the truth.",
        f"seed = {SEED}",
        f"runs = {RUNS}",
        "",
        "[covered]",
        *(f"{case} = {number}" for case, number in found.items()),
        "",
    ]
    RESULT.write_text("\n".join(lines), encoding="utf-8")
    sys.stdout.write("\n".join(lines))
    return int(any(not 0.93 <= number / RUNS <= 0.97 for number in found.values()))


if __name__ == "__main__":
    sys.exit(main())
