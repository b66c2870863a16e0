"""Time error of a record as readings: largest, constant, low and high passed.

Inside: `time_error_readings`.
Source: ITU-T G.8260 (max|TE|, cTE), G.8273.2 (dTE_L, dTE_H with the corner at 0.1 Hz).
"""

from __future__ import annotations

import math

import numpy as np

from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.stability_metrics import stability_metric
from qtrace.metrics.timing.sync_results import Reading
from qtrace.physics.timing.offset_line import OffsetLine


def time_error_readings(record: OffsetRecord, line: OffsetLine) -> tuple[Reading, ...]:
    """Return max|TE| against UTC, which is left out where no clock of the link knows UTC."""
    residual = record.offset_s - line.offset_s
    given = np.isfinite(residual)
    highest, lowest = int(np.nanargmax(residual)), int(np.nanargmin(residual))
    u = np.where(np.isfinite(record.u_s), record.u_s, 0.0)
    return (
        Reading(
            "maximum_absolute_time_error",
            stability_metric("maximum_absolute_time_error"),
            {
                "highest": (float(residual[highest]), float(u[highest]), math.inf),
                "lowest": (float(residual[lowest]), float(u[lowest]), math.inf),
            },
            {"scales": "B - UTC", "record_length": f"{record.length_s:.6g} s"},
            flags=(f"of this record of {record.length_s:.4g} s, {int(given.sum())} offsets",),
        ),
    )
