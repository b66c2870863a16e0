"""Claims files: a publication, its primary sources, and what it claims, in our own words.

Inside: `read_claim_file`, `shipped_claim_files`, `claim_file_of`.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from qtrace.claims.claim import ClaimFile, Publication, Source, Tag
from qtrace.errors import InputError
from qtrace.exchange.claim_table import read_claim
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.placed import refuse_repeated
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table

_FOLDER = "claims"


def shipped_claim_files() -> tuple[Path, ...]:
    """Return the claims files that travel with qtrace, by name."""
    return tuple(sorted((data_folder() / _FOLDER).glob("*.toml")))


def claim_file_of(name: str) -> Path:
    """Return the file meant: a path, or the name of a shipped one without ".toml".

    Raises:
        InputError: neither a file nor a shipped name.
    """
    shipped = {path.stem: path for path in shipped_claim_files()}
    if name in shipped:
        return shipped[name]
    if Path(name).suffix or Path(name).exists():
        return Path(name)
    close = difflib.get_close_matches(name, shipped, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]}? " if close else ""
    raise InputError(
        f"no claims file is called {name!r}",
        where="FILE",
        next_step=f"{hint}give a path, or a name that `qtrace claims list` shows",
    )


def read_claim_file(source: Path | bytes, *, name: str = "") -> ClaimFile:
    """Read a claims file and check its fields.

    Args:
        source: The file, or its bytes.
        name: What to call it in messages, if it is bytes.

    Raises:
        InputError: Not readable as such; file, line and field are named.
        UnitError: A unit is unknown, or units do not match.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    publication = _publication(root.table("publication"))
    tables = root.tables("source")
    refuse_repeated("source", ((one.identifier("id"), one.place("id")) for one in tables))
    sources = {one.source_id: one for one in map(_source, tables)}
    claim_tables = root.tables("claim")
    if not claim_tables:
        raise root.error("", "the file holds no [[claim]]", next_step="add one")
    refuse_repeated("claim", ((one.identifier("id"), one.place("id")) for one in claim_tables))
    claims = tuple(read_claim(table, sources=sources) for table in claim_tables)
    root.finish()
    stem = source.stem if isinstance(source, Path) else name
    return ClaimFile(stem, publication, sources, claims, file.digest)


def _publication(table: TomlTable) -> Publication:
    read = Publication(
        table.text("title"),
        table.text("authors"),
        table.integer("year", least=1600),
        table.text("citation"),
        table.text("read"),
    )
    table.finish()
    return read


def _source(table: TomlTable) -> Source:
    read = Source(
        table.identifier("id"),
        table.text("citation"),
        table.choice("tag", Tag),
        table.optional_text("gives"),
        table.optional_text("where"),
    )
    if read.tag.read and not read.gives:
        raise table.error(
            "gives",
            f"source {read.source_id} was read, but what it gives is not said",
            next_step='write gives = "..." in your own words',
        )
    table.finish()
    return read
