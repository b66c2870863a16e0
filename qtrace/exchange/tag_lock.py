"""What the clock of a tagger was locked to, as files say it; silence is refused.

Inside: `LOCKED`, `LOCK_STEP`, `read_lock`.
"""

from __future__ import annotations

from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.run_files import FREE

LOCKED = "locked to "
LOCK_STEP = (
    'write lock = "locked to ..." with lock_evidence = "..." (who saw it, and how), or lock = '
    f'"{FREE}"'
)


def read_lock(table: TomlTable) -> tuple[str, str]:
    """Return `lock` and `lock_evidence` of a table.

    Raises:
        InputError: no lock statement, one that says nothing, or a lock without evidence.
    """
    if not table.has("lock"):
        raise table.error(
            "lock", "nothing says what the clock of the tagger was locked to", next_step=LOCK_STEP
        )
    lock = table.text("lock")
    if lock != FREE and not (lock.startswith(LOCKED) and lock != LOCKED):
        raise table.error("lock", f"{lock!r} says no lock", next_step=LOCK_STEP)
    evidence = table.optional_text("lock_evidence")
    if lock != FREE and not evidence:
        raise table.error("lock", "a lock without evidence", next_step='add lock_evidence = "..."')
    return lock, evidence
