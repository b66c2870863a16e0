"""How the events of a run are called, so that a run can be recomputed more than once.

Inside: `use_label`, `recomputation_label`, `role_in`, `round_of`.

The first recomputation of RUN gives RUN/use/ROLE and RUN/recomputation, the second one
RUN/use/ROLE#2 and RUN/recomputation#2; the latest counts, the earlier ones stay on record.
"""

from __future__ import annotations

ROUND_MARK = "#"


def _mark(number: int) -> str:
    return "" if number == 1 else f"{ROUND_MARK}{number}"


def use_label(run_id: str, role: str, number: int = 1) -> str:
    """Return the label of the use of a role's device in a round of recomputation."""
    return f"{run_id}/use/{role}{_mark(number)}"


def recomputation_label(run_id: str, number: int = 1) -> str:
    """Return the label of a round of recomputation."""
    return f"{run_id}/recomputation{_mark(number)}"


def role_in(label: str) -> str:
    """Return the role that the label of a use names."""
    return label.rpartition("/")[2].partition(ROUND_MARK)[0]


def round_of(label: str) -> int:
    """Return the round that a label belongs to."""
    _, mark, number = label.rpartition(ROUND_MARK)
    return int(number) if mark and number.isdecimal() else 1
