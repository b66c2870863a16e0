"""TDEV intervals of 4000 records for each noise; writes the outcome with its seed.

Run by `make validate-long`; exit code 1 if one share leaves 93 to 97 %. The first records are
judged by the normal tests as well.
"""

from __future__ import annotations

import sys
from pathlib import Path

from interval_coverage import FACTORS, LEAST_DOF, NAMES, SAMPLES, SEED, coverage

RECORDS = 4000
LOWEST, HIGHEST = 0.93, 0.97
RESULT = Path(__file__).with_suffix(".toml")


def main() -> int:
    """Simulate all records and write the outcome."""
    lines = [
        "# Written by tests/long/interval_coverage_run.py (make validate-long).",
        "# Share of 95 % intervals of TDEV that hold the truth, the noise identified from each",
        "# record at each factor; mean dof; share of records whose noise was named right.",
        f"seed = {SEED}",
        f"samples = {SAMPLES}",
        f"records = {RECORDS}",
    ]
    outside = 0
    for alpha, name in NAMES.items():
        found = coverage(alpha, records=RECORDS)
        lines += ["", f"[{name}]"]
        for factor in FACTORS:
            share = found.covered[factor]
            lines.append(
                f"m{factor} = {{ covered = {share:.4f}, dof = {found.dof[factor]:.1f}, "
                f"named = {found.identified[factor]:.3f} }}"
            )
            judged = found.dof[factor] >= LEAST_DOF
            outside += judged and not LOWEST <= share <= HIGHEST
    RESULT.write_text("\n".join([*lines, ""]), encoding="utf-8")
    sys.stdout.write("\n".join([*lines, ""]))
    return int(outside > 0)


if __name__ == "__main__":
    raise SystemExit(main())
