"""Run files: one recorded operation of a link, with its counts, parameters and devices.

Inside: `RunDraft`, `read_run_file`. Counts are kept as disjoint cells (errors, agreements); a
count of sifted bits is converted, since it contains the errors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from qtrace.exchange.count_table import read_cells
from qtrace.exchange.link_file import read_roles
from qtrace.exchange.quantity_fields import positive, quantity
from qtrace.exchange.run_consistency import COUNT_LIMIT, check_counts, check_moments, check_sum
from qtrace.exchange.run_settings import Settings, read_settings
from qtrace.exchange.run_tags import read_run_data
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.laboratory.draft import Place
from qtrace.laboratory.link import ABORTED, COMPLETED, RoleUse, Run
from qtrace.metrics.catalogue import PROTOCOLS, protocol
from qtrace.metrics.protocol import Protocol, WrittenMoments
from qtrace.quantity.kinds import kind

PROVENANCES = ("measured", "published", "simulated")
KEY_DISPOSITIONS = ("discarded", "never_used", "live")
BBM92 = "bbm92"  # where no protocol is named; its counts are fields, not rows
# A duration is written to the second at best; this much may be lost to its digits.
_DURATION_MATCH = 1e-6
_PLACED_FIELDS = ("id", "link", "started", "ended")


@dataclass(frozen=True, slots=True)
class RunDraft:
    """A run file as read: the run, where its parts stand, and the digest of the file.

    `field_places` has the fields of [run], and each role under "role:NAME"; `sources` the paths
    of its raw files by their digest.
    """

    run: Run
    place: Place
    digest: str
    field_places: dict[str, Place] = field(default_factory=dict)
    sources: dict[str, Path] = field(default_factory=dict)


def read_run_file(source: Path | bytes, *, name: str = "") -> RunDraft:
    """Read a run file.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Returns:
        The run, with counts as disjoint cells.

    Raises:
        InputError: Errors above counts, reversed or zoneless times, unknown parameters, or
            anything else that is wrong, with file, line and field.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    table = root.table("run")
    started, ended = _times(table)
    roles, role_places = read_roles(root)
    form = _protocol(table)
    # First of all: what may not be taken in is refused before anything else is said.
    data = read_run_data(root, table, form, folder=_folder(source), span=ended - started)
    settings = read_settings(root, table, form)
    span_s = (ended - started).total_seconds()
    settings.moments = _settled_moments(root, form, settings, roles=roles, span_s=span_s)
    counts, origin = _counts(root, form, settings, source)
    check_counts(root, form, counts=counts, parameters=settings.parameters)
    run = Run(
        run_id=table.identifier("id"),
        link_id=table.identifier("link"),
        started=started,
        ended=ended,
        counts=counts,
        parameters={**settings.parameters, **data.parameters},
        roles=roles,
        key_disposition=table.one_of("key_disposition", KEY_DISPOSITIONS),
        provenance=table.one_of("provenance", PROVENANCES),
        source=table.optional_text("source"),
        from_memory=table.texts("from_memory"),
        published=_published(root),
        notes=(*table.texts("notes"), *((origin,) if origin else ())),
        planned=table.boolean("planned", default=False),
        protocol=form.name if table.has("protocol") else "",
        choices={**settings.choices, **data.choices},
        moments=settings.moments,
        assumptions=settings.assumptions,
        ideal_because=settings.ideal_because,
        plan_id=table.optional_identifier("plan"),
        status=table.one_of("status", (COMPLETED, ABORTED), COMPLETED),
        files=data.files,
    )
    table.finish()
    root.finish()
    return RunDraft(
        run=run,
        place=table.place(),
        digest=file.digest,
        field_places={**{key: table.place(key) for key in _PLACED_FIELDS}, **role_places},
        sources=data.sources,
    )


def _settled_moments(
    root: TomlTable,
    form: Protocol,
    settings: Settings,
    *,
    roles: Sequence[RoleUse],
    span_s: float,
) -> dict[str, tuple[float, float]]:
    """Return the moments with their u's, as the protocol judges them."""
    devices = frozenset(one.role for one in roles if one.device_id)
    written = WrittenMoments(
        settings.moments, settings.parameters, settings.assumptions, devices, span_s
    )
    return check_moments(root, form, written=written)


def _times(table: TomlTable) -> tuple[datetime, datetime]:
    started = table.moment("started")
    ended = table.moment("ended")
    if ended <= started:
        raise table.error(
            "ended",
            f'"ended" is not after "started" (line {table.place("started").line})',
            next_step="correct one of the two times",
        )
    _check_duration(table, (ended - started).total_seconds())
    return started, ended


def _check_duration(table: TomlTable, span_s: float) -> None:
    """Compare the duration, where it is written, with the times of the run."""
    if not table.has("duration"):
        return
    duration = positive(table, "duration", dimension=kind("duration").dimension, like="a duration")
    if not math.isclose(duration.si, span_s, rel_tol=_DURATION_MATCH):
        raise table.error(
            "duration",
            f"the duration {duration.text} is not that between the times of the run, {span_s:g} s",
            next_step="correct one of them; a run with pauses is recorded as several runs",
        )


def _protocol(table: TomlTable) -> Protocol:
    """Return the protocol that the run names; bbm92 where it names none."""
    if not table.has("protocol"):
        return protocol(BBM92)
    names = tuple(one.name for one in PROTOCOLS)
    return protocol(table.one_of("protocol", names))


def _counts(
    root: TomlTable, form: Protocol, settings: Settings, source: Path | bytes
) -> tuple[dict[str, int], str]:
    """Return the disjoint cells of the protocol, and the file they come from, if any."""
    if form.table is None:
        return {}, ""
    table = root.table("counts")
    if form.name == BBM92 and not table.has("rows") and not table.has("file"):
        return _counts_by_basis(table, tuple(form.table.keys[0].values)), ""
    cells = read_cells(table, form.table, names=settings.names, folder=_folder(source))
    table.finish()
    return cells


def _folder(source: Path | bytes) -> Path:
    """Return where the files that a run names are looked for: beside it."""
    return source.parent if isinstance(source, Path) else Path()


def _counts_by_basis(table: TomlTable, bases: tuple[str, ...]) -> dict[str, int]:
    """Return errors and agreements per basis, from either form of writing them."""
    counts: dict[str, int] = {}
    for basis in bases:
        errors_key, agreements_key = f"errors_{basis}", f"agreements_{basis}"
        sifted_key = f"sifted_{basis}"
        errors = _whole(table, errors_key)
        if table.has(sifted_key):
            if table.has(agreements_key):
                raise table.error(
                    sifted_key,
                    f'"{sifted_key}" and "{agreements_key}" say the same thing twice',
                    next_step="keep one of the two",
                )
            sifted = _whole(table, sifted_key)
            if errors > sifted:
                raise table.error(
                    errors_key,
                    f"{errors} errors among {sifted} sifted bits",
                    next_step="errors are among the sifted bits: correct one of the two",
                )
            agreements = sifted - errors
        else:
            agreements = _whole(table, agreements_key)
        counts[errors_key] = errors
        counts[agreements_key] = agreements
    table.finish()
    if not any(counts.values()):
        raise table.error("", "all counts are 0", next_step="a run without counts is not recorded")
    check_sum(table, counts, first="basis", values=bases)
    return counts


def _whole(table: TomlTable, key: str) -> int:
    number = table.integer(key, least=0)
    if number > COUNT_LIMIT:
        raise table.error(
            key, f"the count {number} is beyond 2^53", next_step="split the run into blocks"
        )
    return number


def _published(root: TomlTable) -> dict[str, float]:
    """Return published figures of the run in SI, to compare with and never to compute from."""
    if not root.has("published"):
        return {}
    table = root.table("published")
    published = {key: quantity(table, key).si for key in table.keys}
    table.finish()
    return published
