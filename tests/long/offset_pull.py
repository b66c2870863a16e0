"""1000 fitted delays at each background and 60 whole links against the truth; writes the outcome.

Run by `make validate-long`; exit code 1 if a pull leaves 1.00 +- 0.08 or an interval its rate.
The normal tests run the same, reduced.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from offset_pulls import HALF_WINDOW, PAIRS, RATIOS, SEED, delay_pulls, link_pulls

RUNS = 1000
LINKS = 60
NEAR_ONE = 0.08
RESULT = Path(__file__).with_suffix(".toml")


def main() -> int:
    """Judge all runs and write the outcome."""
    fine = True
    lines = [
        "# Written by tests/long/offset_pull.py (make validate-long).",
        f"seed = {SEED}",
        f"runs = {RUNS}",
        f"signal_pairs = {PAIRS}",
        f"half_window_ps = {HALF_WINDOW}",
        "# Background pairs over signal pairs, both in the window.",
    ]
    for ratio in RATIOS:
        one = delay_pulls(ratio, runs=RUNS)
        spread = float(np.std(one.pulls, ddof=1))
        fine &= abs(spread - 1.0) <= NEAR_ONE and one.failed == 0
        lines += [
            "",
            "[[delay]]",
            f"background_to_signal = {ratio}",
            f"pull_standard_deviation = {spread:.4f}",
            f"pull_mean = {float(np.mean(one.pulls)):.4f}",
            f"failed = {one.failed}",
            f"mean_u_ps = {one.u_ps:.4f}",
            f"scatter_ps = {one.scatter_ps:.4f}",
            f"mean_cramer_rao_ps = {one.cramer_rao_ps:.4f}",
        ]
    RESULT.write_text("\n".join([*lines, ""]), encoding="utf-8")  # the links take longer
    pulls = link_pulls(runs=LINKS)
    inside = np.mean(np.abs(pulls) < 1.96, axis=0)
    # 0.95 within three standard deviations of a binomial share.
    fine &= bool(np.all(np.abs(inside - 0.95) < 3.0 * np.sqrt(0.95 * 0.05 / LINKS)))
    lines += [
        "",
        "# Delay and frequency deviation of whole links, from coarse search to line.",
        "[links]",
        f"links = {LINKS}",
        f"delay_inside_95 = {inside[0]:.4f}",
        f"frequency_inside_95 = {inside[1]:.4f}",
        f"delay_pull_standard_deviation = {np.std(pulls[:, 0], ddof=1):.4f}",
        f"frequency_pull_standard_deviation = {np.std(pulls[:, 1], ddof=1):.4f}",
        "",
    ]
    RESULT.write_text("\n".join(lines), encoding="utf-8")
    sys.stdout.write("\n".join(lines))
    return int(not fine)


if __name__ == "__main__":
    raise SystemExit(main())
