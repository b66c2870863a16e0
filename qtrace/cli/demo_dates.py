"""Times that the demo writes into its copies, in the order that counts.

Inside: `rewrite`, `last`.

A plan or a baseline counts only where the ledger took it before the run began, and a run must
have ended before it is recorded. The shipped runs lie in the past; where a case shows the order, it
dates the copy by the clock and waits as long as the run lasts.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROUND_S = 0.01  # files hold milliseconds


def rewrite(path: Path, **moments: datetime) -> None:
    """Write times into a copied file.

    Args:
        path: The copy.
        moments: Times by field; each field must stand in the file once.

    Raises:
        RuntimeError: a field that does not.
    """
    text = path.read_text(encoding="utf-8")
    for field, moment in moments.items():
        stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text, times = re.subn(rf"(?m)^{field} = .*$", f"{field} = {stamp}", text)
        if times != 1:
            raise RuntimeError(f"{path.name}: {times} lines of {field}")
    path.write_text(text, encoding="utf-8")


def last(path: Path, seconds: float) -> None:
    """Date the copy of a run from now on, and wait until it has ended.

    Args:
        path: The copy of the run file.
        seconds: How long the simulated run lasts (s).
    """
    began = datetime.now(UTC) + timedelta(seconds=ROUND_S)
    rewrite(path, started=began, ended=began + timedelta(seconds=seconds))
    time.sleep(seconds + 2.0 * ROUND_S)
