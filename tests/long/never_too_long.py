"""1000 simulated links against their truth; writes the outcome with its seed.

Run by `make validate-long`; exit code 1 if one certified length is too long. The first hundred
links are judged by the normal tests as well.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from decoy_links import SEED, judge, link_generator, random_link

from qtrace.physics.decoy.decoy_link_truth import SIMULATOR

LINKS = 1000
RESULT = Path(__file__).with_suffix(".toml")


def main() -> int:
    """Judge all links and write the outcome."""
    outcomes = []
    for index in range(LINKS):
        generator = link_generator(index)
        link = random_link(generator)
        outcomes.append((link, judge(link, generator, tail=True)))
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{index + 1} of {LINKS}")
    judged = [one for _, one in outcomes]
    with_key = [one for one in judged if one.certified > 0]
    by_bound = Counter(bound for one in judged for bound in one.metrics)
    too_long = [bound for one in judged for bound in one.metrics_too_long]
    shares = sorted(one.certified / one.true for one in with_key)
    lines = [
        "# Written by tests/long/never_too_long.py (make validate-long).",
        f'simulator = "{SIMULATOR}"',
        f"seed = {SEED}",
        f"links = {LINKS}",
        f"one_decoy = {sum(len(link.nominal) == 2 for link, _ in outcomes)}",
        f"attacked = {sum(link.attacked for link, _ in outcomes)}",
        f"outside_declared_set = {sum(bool(one.violations) for one in judged)}",
        f"with_certified_key = {len(with_key)}",
        f"certified_too_long = {sum(one.too_long for one in judged)}",
        "# The same through the certified metrics of the protocols, every bound inside its set:",
        f"metrics_too_long = {len(too_long)}",
        "# Without a set, at the nominal intensities and with no mismatch:",
        f"nominal_too_long = {sum(one.nominal_too_long for one in judged)}",
        "# Certified length over true length, where there is a certified key:",
        f"median_share = {shares[len(shares) // 2]:.3f}",
        f"largest_share = {shares[-1]:.3f}",
        "",
        "# How many links each bound was judged on.",
        "[links_by_bound]",
        *(f"{bound} = {by_bound[bound]}" for bound in sorted(by_bound)),
        "",
    ]
    RESULT.write_text("\n".join(lines), encoding="utf-8")
    sys.stdout.write("\n".join(lines))
    return int(any(one.too_long or one.metrics_too_long or one.violations for one in judged))


if __name__ == "__main__":
    raise SystemExit(main())
