"""Device classes and devices, with what became of them.

Inside: `DeviceStatus`, `Devices`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from qtrace.errors import InputError
from qtrace.laboratory.device import Device, DeviceClass
from qtrace.registry.lookup import already_recorded, not_found
from qtrace.registry.session import Session
from qtrace.registry.tables import DEVICE, DEVICE_CLASS, DEVICE_STATUS
from qtrace.registry.texts import json_text, parse_time, text_list, time_text

_RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What became of a device, when and why."""

    device_id: str
    status: str
    reason: str
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Devices:
    """Devices and their classes inside one transaction."""

    session: Session

    def add_class(self, device_class: DeviceClass) -> None:
        """Record a device class.

        Raises:
            InputError: The class is recorded already.
        """
        if device_class.class_id in self._class_ids():
            raise already_recorded(
                "device class",
                device_class.class_id,
                recorded_as=self.class_by_id(device_class.class_id).title,
                next_step="list them: `qtrace device-class list`",
            )
        self.session.add(
            DEVICE_CLASS,
            {
                "class_id": device_class.class_id,
                "title": device_class.title,
                "kinds_json": json_text(list(device_class.kinds)),
                "roles_json": json_text(list(device_class.roles)),
            },
        )

    def classes(self) -> tuple[DeviceClass, ...]:
        """Return all device classes in order of their ids."""
        query = (
            select(DEVICE_CLASS)
            .where(self.session.visible(DEVICE_CLASS))
            .order_by(DEVICE_CLASS.c.class_id)
        )
        return tuple(
            DeviceClass(
                row.class_id, row.title, text_list(row.kinds_json), text_list(row.roles_json)
            )
            for row in self.session.all(query)
        )

    def class_by_id(self, class_id: str) -> DeviceClass:
        """Return one device class.

        Raises:
            InputError: It is unknown; close ids are named.
        """
        known = {item.class_id: item for item in self.classes()}
        if class_id not in known:
            raise not_found(
                "device class", class_id, known, next_step="list: `qtrace device-class list`"
            )
        return known[class_id]

    def add(self, device: Device) -> None:
        """Record a device.

        Raises:
            InputError: Its id, or its serial number with that manufacturer, is recorded
                already; its class is unknown; the id or the serial number is empty.
        """
        self._check_new(device)
        if device.class_id not in self._class_ids():
            raise not_found(
                "device class",
                device.class_id,
                self._class_ids(),
                next_step="list them: `qtrace device-class list`",
            ).located(f"device {device.device_id}")
        self.session.add(
            DEVICE,
            {
                "device_id": device.device_id,
                "class_id": device.class_id,
                "manufacturer": device.manufacturer,
                "model": device.model,
                "serial": device.serial,
                "firmware": device.firmware,
                "notes": device.notes,
            },
        )

    def all(self) -> tuple[Device, ...]:
        """Return all devices, retired ones included, in order of their ids."""
        query = select(DEVICE).where(self.session.visible(DEVICE)).order_by(DEVICE.c.device_id)
        return tuple(_device(row) for row in self.session.all(query))

    def by_id(self, device_id: str) -> Device:
        """Return one device.

        Raises:
            InputError: It is unknown; close ids are named.
        """
        query = select(DEVICE).where(DEVICE.c.device_id == device_id, self.session.visible(DEVICE))
        row = self.session.first(query)
        if row is None:
            known = (device.device_id for device in self.all())
            raise not_found("device", device_id, known, next_step="list: `qtrace device list`")
        return _device(row)

    def retire(self, device_id: str, reason: str, *, effective_at: datetime) -> None:
        """Record that a device is no longer in service.

        Raises:
            InputError: It is unknown, or retired already.
        """
        self.by_id(device_id)
        last = self.status(device_id)
        if last is not None and last.status == _RETIRED:
            raise already_recorded(
                "the retirement of",
                device_id,
                recorded_as=f"of {last.effective_at.isoformat()} ({last.reason})",
                next_step="nothing is left to do",
            )
        self.session.add(
            DEVICE_STATUS,
            {
                "device_id": device_id,
                "status": _RETIRED,
                "reason": reason,
                "effective_at": time_text(effective_at, f"retirement of {device_id}"),
            },
        )

    def status(self, device_id: str) -> DeviceStatus | None:
        """Return what was last recorded about a device, None while it is simply in service."""
        query = (
            select(DEVICE_STATUS)
            .where(DEVICE_STATUS.c.device_id == device_id, self.session.visible(DEVICE_STATUS))
            .order_by(DEVICE_STATUS.c.id.desc())
        )
        row = self.session.first(query)
        if row is None:
            return None
        return DeviceStatus(row.device_id, row.status, row.reason, parse_time(row.effective_at))

    def _class_ids(self) -> tuple[str, ...]:
        query = select(DEVICE_CLASS.c.class_id).order_by(DEVICE_CLASS.c.class_id)
        return self.session.texts(query)

    def _check_new(self, device: Device) -> None:
        if not device.device_id or not device.serial:
            raise InputError(
                "a device needs an id and a serial number",
                where=f"device {device.device_id or device.serial}",
                next_step="write what its label says; 'unknown-1' where nothing is known",
            )
        for thing, given, condition in (
            ("device", device.device_id, DEVICE.c.device_id == device.device_id),
            (
                "serial number",
                f"{device.serial} of {device.manufacturer}",
                (DEVICE.c.manufacturer == device.manufacturer) & (DEVICE.c.serial == device.serial),
            ),
        ):
            row = self.session.first(select(DEVICE).where(condition))
            if row is not None:
                raise already_recorded(
                    thing,
                    given,
                    recorded_as=f"device {row.device_id} ({row.manufacturer} {row.serial})",
                    next_step=f"look at it: `qtrace device show {row.device_id}`",
                )


def _device(row: Row[Any]) -> Device:
    return Device(
        device_id=row.device_id,
        class_id=row.class_id,
        manufacturer=row.manufacturer,
        model=row.model,
        serial=row.serial,
        firmware=row.firmware,
        notes=row.notes,
    )
