"""Register files: laboratories, devices, programmes and links, in one file or several.

Inside: `Register`, `read_register_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qtrace.exchange.device_file import read_devices
from qtrace.exchange.laboratory_file import read_laboratories, read_programmes
from qtrace.exchange.link_file import read_links
from qtrace.exchange.placed import Placed
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import root_table
from qtrace.laboratory.device import Device
from qtrace.laboratory.laboratory import Laboratory
from qtrace.laboratory.link import Link
from qtrace.laboratory.programme import CalibrationProgramme


@dataclass(frozen=True, slots=True)
class Register:
    """What a register file holds, each record with its place; `digest` is that of the file."""

    laboratories: tuple[Placed[Laboratory], ...]
    devices: tuple[Placed[Device], ...]
    programmes: tuple[Placed[CalibrationProgramme], ...]
    links: tuple[Placed[Link], ...]
    digest: str


def read_register_file(source: Path | bytes, *, name: str = "") -> Register:
    """Read a file with any of [[laboratory]], [[device]], [[programme]] and [[link]].

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Returns:
        The records. Whether ids and classes are known is checked when they are recorded.

    Raises:
        InputError: Whatever is wrong with the file, with file, line and field.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    register = Register(
        laboratories=read_laboratories(root),
        devices=read_devices(root),
        programmes=read_programmes(root),
        links=read_links(root),
        digest=file.digest,
    )
    root.finish()
    if not (register.laboratories or register.devices or register.programmes or register.links):
        raise root.error(
            "",
            "the file holds nothing to register",
            next_step="add [[laboratory]], [[device]], [[programme]] or [[link]] tables",
        )
    return register
