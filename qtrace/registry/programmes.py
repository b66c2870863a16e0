"""Calibration programmes: what the owner decided, decision after decision.

Inside: `Programmes`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from qtrace.errors import InputError
from qtrace.laboratory.programme import CalibrationProgramme
from qtrace.registry.lookup import not_found
from qtrace.registry.session import Session
from qtrace.registry.tables import DEVICE, LEDGER_ENTRY, PROGRAMME
from qtrace.registry.texts import finite, parse_time, time_text


@dataclass(frozen=True, slots=True)
class Programmes:
    """Calibration programmes inside one transaction."""

    session: Session

    def add(self, programme: CalibrationProgramme) -> None:
        """Record a programme; it stands beside earlier ones, with its own `valid_from`.

        Raises:
            InputError: The device is unknown; the interval is not above 0.
        """
        where = f"programme of {programme.device_id}, {programme.kind}"
        known = self.session.texts(select(DEVICE.c.device_id).order_by(DEVICE.c.device_id))
        if programme.device_id not in known:
            raise not_found(
                "device", programme.device_id, known, next_step="list: `qtrace device list`"
            ).located(where)
        interval = finite(programme.interval_days, f"{where}, interval")
        if interval <= 0:
            raise InputError(
                f"an interval of {interval:g} days is none",
                where=where,
                next_step="give a number of days above 0",
            )
        self.session.add(
            PROGRAMME,
            {
                "device_id": programme.device_id,
                "kind": programme.kind,
                "interval_days": interval,
                "decided_by": programme.decided_by,
                "valid_from": time_text(programme.valid_from, f"{where}, valid from"),
            },
        )

    def all(self) -> tuple[CalibrationProgramme, ...]:
        """Return all programmes in the order of recording."""
        return self._programmes("")

    def of_device(self, device_id: str) -> tuple[CalibrationProgramme, ...]:
        """Return the programmes of a device in the order of recording."""
        return self._programmes(device_id)

    def _programmes(self, device_id: str) -> tuple[CalibrationProgramme, ...]:
        query = (
            select(PROGRAMME, LEDGER_ENTRY.c.recorded_at.label("entry_time"))
            .outerjoin(LEDGER_ENTRY, LEDGER_ENTRY.c.sequence == PROGRAMME.c.recorded_in)
            .where(self.session.visible(PROGRAMME))
            .order_by(PROGRAMME.c.id)
        )
        if device_id:
            query = query.where(PROGRAMME.c.device_id == device_id)
        return tuple(
            CalibrationProgramme(
                row.device_id,
                row.kind,
                row.interval_days,
                row.decided_by,
                parse_time(row.valid_from),
                # None inside the unit of work that records it: its entry follows last.
                None if row.entry_time is None else parse_time(row.entry_time),
            )
            for row in self.session.all(query)
        )
