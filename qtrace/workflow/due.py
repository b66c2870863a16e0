"""What is due for calibration, by the owner's programmes and the days of calibration.

Inside: `due`.
"""

from __future__ import annotations

from qtrace.registry.calendar import opening_calibrations, retired_devices
from qtrace.traceability.due import DueRow, DueState, due_rows, parse_days
from qtrace.workflow.workbench import Workbench

LATE = frozenset({DueState.NEVER, DueState.OVERDUE})


def due(
    workbench: Workbench, *, within: str = "", overdue_only: bool = False
) -> tuple[DueRow, ...]:
    """Return devices and kinds with a programme, overdue ones first.

    Args:
        workbench: Settings and doors; asked at its `as_of` where that is set.
        within: A duration: only what is due by then; empty for everything.
        overdue_only: Only what is overdue or was never calibrated.

    Raises:
        InputError: `within` is no duration.
    """
    days = parse_days(within, "--within") if within else 0.0
    now = workbench.as_of or workbench.clock()
    with workbench.read() as session:
        rows = due_rows(
            session.programmes.all(),
            opening_calibrations(session),
            now=now,
            within_days=days,
            retired=retired_devices(session),
        )
    if overdue_only:
        return tuple(row for row in rows if row.state in LATE)
    if within:
        return tuple(row for row in rows if row.state is not DueState.IN_FORCE)
    return rows
