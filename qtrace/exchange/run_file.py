"""Run files: one recorded operation of a link, with its counts, parameters and devices.

Inside: `RunDraft`, `read_run_file`. Counts are kept as disjoint cells (errors, agreements) per
basis; a count of sifted bits is converted, since it contains the errors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from qtrace.exchange.link_file import read_roles
from qtrace.exchange.quantity_fields import positive, quantity
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.laboratory.draft import Place
from qtrace.laboratory.link import Run
from qtrace.quantity.kinds import kind

BASES = ("z", "x")
PROVENANCES = ("measured", "published", "simulated")
KEY_DISPOSITIONS = ("discarded", "never_used", "live")
# Parameters under the names of the metrics' arguments, with their limits: lower included, upper
# excluded. All have the unit one.
PARAMETERS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "error_correction_efficiency": (1.0, 10.0),
        "epsilon_sampling": (math.ulp(0.0), 1.0),
        "epsilon_correctness": (math.ulp(0.0), 1.0),
        "epsilon_privacy": (math.ulp(0.0), 1.0),
    }
)
# A duration is written to the second at best; this much may be lost to its digits.
_DURATION_MATCH = 1e-6
_PLACED_FIELDS = ("id", "link", "started", "ended")


@dataclass(frozen=True, slots=True)
class RunDraft:
    """A run file as read: the run, where its parts stand, and the digest of the file.

    `field_places` has the fields of [run], and each role under "role:NAME".
    """

    run: Run
    place: Place
    digest: str
    field_places: dict[str, Place] = field(default_factory=dict)


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
    started = table.moment("started")
    ended = table.moment("ended")
    if ended <= started:
        raise table.error(
            "ended",
            f'"ended" is not after "started" (line {table.place("started").line})',
            next_step="correct one of the two times",
        )
    _check_duration(table, (ended - started).total_seconds())
    roles, role_places = read_roles(root)
    run = Run(
        run_id=table.identifier("id"),
        link_id=table.identifier("link"),
        started=started,
        ended=ended,
        counts=_counts(root),
        parameters=_parameters(root),
        roles=roles,
        key_disposition=table.one_of("key_disposition", KEY_DISPOSITIONS),
        provenance=table.one_of("provenance", PROVENANCES),
        source=table.optional_text("source"),
        from_memory=table.texts("from_memory"),
        published=_published(root),
        notes=table.texts("notes"),
        planned=table.boolean("planned", default=False),
    )
    table.finish()
    root.finish()
    return RunDraft(
        run=run,
        place=table.place(),
        digest=file.digest,
        field_places={**{key: table.place(key) for key in _PLACED_FIELDS}, **role_places},
    )


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


def _counts(root: TomlTable) -> dict[str, int]:
    """Return errors and agreements per basis, from either form of writing them."""
    table = root.table("counts")
    counts: dict[str, int] = {}
    for basis in BASES:
        errors_key, agreements_key = f"errors_{basis}", f"agreements_{basis}"
        sifted_key = f"sifted_{basis}"
        errors = table.integer(errors_key, least=0)
        if table.has(sifted_key):
            if table.has(agreements_key):
                raise table.error(
                    sifted_key,
                    f'"{sifted_key}" and "{agreements_key}" say the same thing twice',
                    next_step="keep one of the two",
                )
            sifted = table.integer(sifted_key, least=0)
            if errors > sifted:
                raise table.error(
                    errors_key,
                    f"{errors} errors among {sifted} sifted bits",
                    next_step="errors are among the sifted bits: correct one of the two",
                )
            agreements = sifted - errors
        else:
            agreements = table.integer(agreements_key, least=0)
        counts[errors_key] = errors
        counts[agreements_key] = agreements
    table.finish()
    if not any(counts.values()):
        raise table.error("", "all counts are 0", next_step="a run without counts is not recorded")
    return counts


def _parameters(root: TomlTable) -> dict[str, float]:
    if not root.has("parameters"):
        return {}
    table = root.table("parameters")
    parameters = {}
    for key, (low, high) in PARAMETERS.items():
        if table.has(key):
            value = table.number(key)
            if not low <= value < high:
                limits = f"{low:g} or more" if low >= 1.0 else "above 0"
                raise table.error(
                    key,
                    f'"{key}" is {table.entered(key)}; it must be {limits} and below {high:g}',
                    next_step="correct the number",
                )
            parameters[key] = value
    total = 2.0 * sum(value for key, value in parameters.items() if key.startswith("epsilon_"))
    if total >= 1.0:
        raise table.error(
            "",
            f"the failure probabilities sum to {total:g} over both bases: that is no security",
            next_step="give failure probabilities such as 1e-10",
        )
    table.finish()
    return parameters


def _published(root: TomlTable) -> dict[str, float]:
    """Return published figures of the run in SI, to compare with and never to compute from."""
    if not root.has("published"):
        return {}
    table = root.table("published")
    published = {key: quantity(table, key).si for key in table.keys}
    table.finish()
    return published
