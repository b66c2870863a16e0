"""Devices and device classes in files: [[device]] and [device_class].

Inside: `read_devices`, `read_device_class`, `shipped_device_classes`.
"""

from __future__ import annotations

from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.placed import Placed, refuse_repeated
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.laboratory.device import Device, DeviceClass
from qtrace.quantity.kinds import kind


def read_devices(root: TomlTable) -> tuple[Placed[Device], ...]:
    """Read the [[device]] tables of a file.

    Args:
        root: The outermost table.

    Returns:
        The devices with their places.

    Raises:
        InputError: A field is wrong; an id, or a serial number of one manufacturer, is given
            twice.
    """
    found = []
    for table in root.tables("device"):
        device = Device(
            device_id=table.identifier("id"),
            class_id=table.identifier("class"),
            manufacturer=table.text("manufacturer"),
            model=table.text("model"),
            serial=table.text("serial"),
            firmware=table.optional_text("firmware"),
            notes=table.optional_text("notes"),
        )
        table.finish()
        places = {key: table.place(key) for key in ("id", "class", "serial")}
        found.append(Placed(device, table.place(), places))
    refuse_repeated("device", ((item.record.device_id, item.place_of("id")) for item in found))
    refuse_repeated(
        "serial number",
        ((f"{p.record.manufacturer} {p.record.serial}", p.place_of("serial")) for p in found),
    )
    return tuple(found)


def read_device_class(source: Path | bytes, *, name: str = "") -> DeviceClass:
    """Read a device class file: one [device_class] table.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Returns:
        The device class.

    Raises:
        InputError: A field is wrong, or a kind of quantity is unknown.
    """
    root = root_table(read_toml(source, name=name))
    table = root.table("device_class")
    kinds = table.texts("kinds")
    if not kinds:
        raise table.error(
            "kinds", "a device class without kinds", next_step='add kinds = ["...", ...]'
        )
    for index, kind_name in enumerate(kinds):
        try:
            kind(kind_name)
        except InputError as error:
            raise root.file.error(
                (*table.path, "kinds", index), error.what, next_step=error.next_step
            ) from None
    device_class = DeviceClass(
        class_id=table.identifier("id"),
        title=table.text("title"),
        kinds=kinds,
        roles=table.texts("roles"),
    )
    table.finish()
    root.finish()
    return device_class


def shipped_device_classes() -> tuple[DeviceClass, ...]:
    """Return the device classes that come with qtrace, by id."""
    folder = data_folder() / "device_classes"
    classes = [read_device_class(path) for path in sorted(folder.glob("*.toml"))]
    return tuple(sorted(classes, key=lambda one: one.class_id))
