"""Calibration programmes: the owner's decision on how long a calibration is used.

Inside: `CalibrationProgramme`. A certificate's own validity is not used (ISO/IEC 17025
keeps recalibration intervals off certificates unless agreed).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CalibrationProgramme:
    """Interval, in days, after which a kind of quantity of a device wants recalibration.

    `recorded_at` is when the decision was recorded here, None where that is not known.
    """

    device_id: str
    kind: str
    interval_days: float
    decided_by: str
    valid_from: datetime
    recorded_at: datetime | None = None
