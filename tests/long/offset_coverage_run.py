"""u of offset and frequency against the clocks, 1000 records each; writes the outcome with its seed.

Run by `make validate-long` (some minutes); exit code 1 if a U (95 %) holds fewer than 93 %, or a
frequency has a u more than three times too large. The first records are judged by the normal tests.
"""

from __future__ import annotations

import sys
from pathlib import Path

from offset_coverage import CASES, LENGTHS, SEED, coverage

RECORDS = 1000
LEAST, LEAST_SPREAD = 0.93, 0.3
RESULT = Path(__file__).with_suffix(".toml")


def main() -> int:
    """Simulate all records and write the outcome."""
    lines = [
        "# Written by tests/long/offset_coverage_run.py (make validate-long).",
        "# Share of records whose +-U (95 %, Student's t) holds the offset of the clocks at the",
        "# epoch, and their mean frequency; standard deviation of error / u; median of u over",
        "# the formal u of the line.",
        f"seed = {SEED}",
        f"records = {RECORDS}",
    ]
    outside = 0
    for name in CASES:
        lines += ["", f"[{name}]"]
        for n in LENGTHS:
            found = coverage(name, n, records=RECORDS)
            lines.append(
                f"n{n} = {{ offset = {found.offset:.3f}, frequency = {found.frequency:.3f}, "
                f"offset_spread = {found.offset_spread:.2f}, "
                f"frequency_spread = {found.frequency_spread:.2f}, "
                f"over_formal = {found.formal_offset:.2f} }}"
            )
            outside += min(found.offset, found.frequency) < LEAST
            outside += found.frequency_spread < LEAST_SPREAD
    RESULT.write_text("\n".join([*lines, ""]), encoding="utf-8")
    sys.stdout.write("\n".join([*lines, ""]))
    return int(outside > 0)


if __name__ == "__main__":
    raise SystemExit(main())
