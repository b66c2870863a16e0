"""Points of 37 s over 75 km from whole tag streams over a flat background; writes the outcome.

Run by `make validate-long` (about 15 s a point); exit code 1 if scatter and stated uncertainty
disagree. The normal tests draw the delays near the peaks instead, and judge this outcome.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sync_75km import SEED, SINGLES_PER_S, Points, tag_point

POINTS = 16
RESULT = Path(__file__).with_suffix(".toml")


def main() -> int:
    """Judge all points and write the outcome."""
    found = [tag_point(at) for at in range(POINTS)]
    points = Points(np.array([one[0] for one in found]), np.array([one[1] for one in found]))
    lines = [
        "# Written by tests/long/sync_75km_points.py (make validate-long).",
        f"seed = {SEED}",
        f"points = {POINTS}",
        f"singles_per_s = {SINGLES_PER_S}",
        f"error_ps = {[round(one, 3) for one in points.error_ps.tolist()]}",
        f"u_ps = {[round(one, 3) for one in points.u_ps.tolist()]}",
        f"scatter_ps = {points.scatter_ps:.4f}",
        f"mean_error_ps = {np.mean(points.error_ps):.4f}",
        f"scatter_over_u = {points.ratio:.4f}",
        f"its_sampling_error = {points.ratio_u:.4f}",
        "",
    ]
    RESULT.write_text("\n".join(lines), encoding="utf-8")
    sys.stdout.write("\n".join(lines))
    return int(abs(points.ratio - 1.0) > 3.0 * points.ratio_u)


if __name__ == "__main__":
    raise SystemExit(main())
