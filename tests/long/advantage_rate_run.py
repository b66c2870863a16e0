"""How often equal performance is called better, 20 000 times a route; writes it with its seed.

Run by `make validate-long`; exit code 1 if a route says it more often than 1 - p. The first draws
are judged by the normal tests as well.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
from advantage_rates import ROUTES, rate_of_better

RUNS, SEED = 20_000, 20_260_612
CONFIDENCES = (0.9, 0.95)
RESULT = Path(__file__).with_suffix(".toml")


def main() -> int:
    """Simulate all routes and write the outcome."""
    lines = [
        "# Written by tests/long/advantage_rate_run.py (make validate-long).",
        '# Share of statements "better" where figure and baseline are truly equal.',
        f"seed = {SEED}",
        f"runs = {RUNS}",
    ]
    beyond = 0
    for route in ROUTES:
        lines += ["", f'["{route}"]']
        for confidence in CONFIDENCES:
            error = 1.0 - confidence
            room = 4.0 * math.sqrt(error * confidence / RUNS)
            rng = np.random.default_rng(SEED)
            for better in ("lower", "higher"):
                found = rate_of_better(route, better, runs=RUNS, confidence=confidence, rng=rng)
                lines.append(f"{better}_at_{100 * confidence:.0f} = {found:.4f}")
                beyond += found > error + room
    RESULT.write_text("\n".join([*lines, ""]), encoding="utf-8")
    sys.stdout.write("\n".join([*lines, ""]))
    return int(beyond > 0)


if __name__ == "__main__":
    raise SystemExit(main())
