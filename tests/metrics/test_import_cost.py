"""The catalogue is imported by every command that recomputes: nothing slow comes with it."""

from __future__ import annotations

import subprocess
import sys

SLOW = ("scipy.optimize", "scipy.stats", "scipy.sparse", "scipy.linalg", "sqlalchemy", "pint")


def test_the_catalogue_brings_no_slow_library() -> None:
    said = f"import sys, qtrace.metrics.catalogue; print([m for m in {SLOW!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
