"""Devices and their families.

Inside: `DeviceClass`, `Device`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceClass:
    """A family of devices: what can be calibrated on it and which roles it can play."""

    class_id: str
    title: str
    kinds: tuple[str, ...]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """A physical unit under test; `serial` is unique per manufacturer."""

    device_id: str
    class_id: str
    manufacturer: str
    model: str
    serial: str
    firmware: str = ""
    notes: str = ""
