"""Packs of requirements and schemes: shipped files, and files of one's own.

Inside: `LoadedPack`, `load_packs`, `load_standards`, `load_schemes`, `load_scheme`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qtrace.certification.assemble import applied_standards
from qtrace.certification.case import AppliedStandard
from qtrace.certification.scheme import Scheme, scheme_from_dict
from qtrace.errors import InputError
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.toml_file import TomlFile, read_toml
from qtrace.exchange.toml_positions import KeyPath
from qtrace.standards.pack import StandardPack, pack_from_dict

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack with the digest and the name of its file."""

    pack: StandardPack
    digest: str
    file: str


def _where(file: TomlFile) -> Callable[[str], str]:
    """Return how a field path of a pack becomes a place in its file.

    Paths count the tables of an array from 1, as people do; lines are kept from 0.
    """

    def place(field: str) -> str:
        path: KeyPath = tuple(
            int(index) - 1 if index else name for name, index in _PART.findall(field)
        )
        while path and path not in file.lines:
            path = path[:-1]
        line = file.lines.get(path, 0)
        return f"{file.name}, line {line}, field {field}" if line else f"{file.name}, field {field}"

    return place


def load_packs(folder: Path | None = None) -> tuple[LoadedPack, ...]:
    """Return all packs of a folder, the shipped ones where None, in order of file name.

    Raises:
        InputError: a file does not hold a sound pack; or two hold the same standard.
    """
    loaded: list[LoadedPack] = []
    for path in sorted((folder or data_folder() / "standards").glob("*.toml")):
        file = read_toml(path)
        pack = pack_from_dict(file.data, where=_where(file))
        if any(one.pack.standard_id == pack.standard_id for one in loaded):
            raise InputError(f"standard {pack.standard_id} stands in two files", where=str(path))
        loaded.append(LoadedPack(pack, file.digest, path.name))
    return tuple(loaded)


def load_standards(scheme: Scheme) -> tuple[AppliedStandard, ...]:
    """Return the standards of a scheme from the shipped packs, as they are applied.

    Raises:
        InputError: a standard has no pack, or the scheme comes to no requirement at all.
    """
    loaded = load_packs()
    return applied_standards(
        scheme,
        [one.pack for one in loaded],
        {one.pack.standard_id: one.digest for one in loaded},
    )


def load_schemes(folder: Path | None = None) -> tuple[Scheme, ...]:
    """Return all schemes of a folder, the shipped ones where None, in order of file name.

    Raises:
        InputError: a file does not hold a sound scheme.
    """
    schemes = []
    for path in sorted((folder or data_folder() / "schemes").glob("*.toml")):
        file = read_toml(path)
        schemes.append(scheme_from_dict(file.data, where=_where(file)))
    return tuple(schemes)


def load_scheme(scheme: str) -> Scheme:
    """Return a shipped scheme by id, or the scheme of a file by its path.

    Raises:
        InputError: neither a known id nor a file; close ids are named.
    """
    if scheme.endswith(".toml"):
        file = read_toml(Path(scheme))
        return scheme_from_dict(file.data, where=_where(file))
    shipped = {one.scheme_id: one for one in load_schemes()}
    if scheme in shipped:
        return shipped[scheme]
    close = difflib.get_close_matches(scheme, shipped, n=2, cutoff=0.4)
    raise InputError(
        f"there is no scheme {scheme!r}",
        next_step=f"did you mean {' or '.join(close)}?" if close else "see `qtrace scheme list`",
    )
