"""Packs of requirements and schemes: shipped files, and files of one's own.

Inside: `LoadedPack`, `load_packs`, `load_pack`, `load_standards`, `load_schemes`, `load_scheme`,
`load_rules`.
A scheme that is named by the path of its file may rest on packs that lie beside that file.
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
from qtrace.standards.pack import SelectedPack, StandardPack, pack_from_dict, select_pack

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
# Only files with this table are packs: the folder of a scheme may hold anything else.
_PACK = re.compile(rb"^[ \t]*\[[ \t]*standard[ \t]*\]", re.MULTILINE)


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
        _add(loaded, _loaded(path))
    return tuple(loaded)


def load_pack(asked: str) -> SelectedPack:
    """Return a shipped pack by name, or the pack of a file by its path.

    Raises:
        InputError: no pack answers to the name, or the file holds no sound pack.
    """
    if asked.endswith(".toml"):
        return SelectedPack(_loaded(Path(asked)).pack)
    return select_pack([one.pack for one in load_packs()], asked)


def load_standards(scheme: Scheme, *, beside: Path | None = None) -> tuple[AppliedStandard, ...]:
    """Return the standards of a scheme, as they are applied.

    Args:
        scheme: Names its standards.
        beside: A folder whose packs count beside the shipped ones.

    Raises:
        InputError: a standard has no pack, or two; a pack is not sound; or the scheme comes to no
            requirement at all.
    """
    loaded = list(load_packs())
    for path in sorted(beside.glob("*.toml")) if beside is not None else ():
        if path.is_file() and _PACK.search(path.read_bytes()):
            _add(loaded, _loaded(path))
    return applied_standards(
        scheme,
        [one.pack for one in loaded],
        {one.pack.standard_id: one.digest for one in loaded},
    )


def load_rules(asked: str) -> tuple[Scheme, tuple[AppliedStandard, ...]]:
    """Return a scheme, by id or by path, with its standards; packs beside its file count too.

    Raises:
        InputError: as `load_scheme` and `load_standards`; a pack beside the file takes the id of a
            shipped one.
    """
    scheme = load_scheme(asked)
    beside = Path(asked).parent if asked.endswith(".toml") else None
    return scheme, load_standards(scheme, beside=beside)


def _loaded(path: Path) -> LoadedPack:
    file = read_toml(path)
    return LoadedPack(pack_from_dict(file.data, where=_where(file)), file.digest, path.name)


def _add(loaded: list[LoadedPack], new: LoadedPack) -> None:
    """Add a pack; one id stands for one text, so that a report never means another."""
    for one in loaded:
        if one.pack.standard_id == new.pack.standard_id:
            raise InputError(
                f"standard {new.pack.standard_id} stands in two files, {one.file} and {new.file}",
                where=new.file,
                next_step="give a pack of your own an id of its own",
            )
    loaded.append(new)


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
