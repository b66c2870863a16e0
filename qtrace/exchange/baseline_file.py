"""Baseline files: what a classical method does, before the run that is held against it.

Inside: `DeclaredBaseline`, `BaselineFile`, `read_baseline_file`, `shipped_baselines`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.placed import refuse_repeated
from qtrace.exchange.quantity_fields import conditions, known_kind, quantity, same_dimension
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.laboratory.baseline import (
    COMPARED,
    HIGHER,
    LOWER,
    MAGNITUDE,
    MEASURED,
    TAGS,
    UNCERTAINTY,
    VALUE,
    Baseline,
)
from qtrace.laboratory.draft import Place
from qtrace.metrics.catalogue import METRICS
from qtrace.quantity.kinds import Kind

_ITEM = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
CATEGORICAL = "categorical"


@dataclass(frozen=True, slots=True)
class DeclaredBaseline:
    """A baseline with the place of its table; of a measured one the value is not known yet."""

    baseline: Baseline
    place: Place


@dataclass(frozen=True, slots=True)
class BaselineFile:
    """A file as read, with its digest."""

    baselines: tuple[DeclaredBaseline, ...]
    digest: str


def shipped_baselines() -> tuple[str, ...]:
    """Return the names of the files that come with qtrace."""
    return tuple(sorted(one.stem for one in (data_folder() / "baselines").glob("*.toml")))


def read_baseline_file(source: Path | bytes, *, name: str = "") -> BaselineFile:
    """Read a baseline file; a word without a dot or slash names a shipped one.

    Args:
        source: A path, the name of a shipped file, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: anything wrong, with file, line and field.
    """
    if isinstance(source, Path) and source.name == str(source) and not source.suffix:
        known = shipped_baselines()
        if source.name in known:
            source = data_folder() / "baselines" / f"{source.name}.toml"
        elif not source.exists():
            raise InputError(
                f"no shipped file of baselines is called {source.name!r}",
                where=source.name,
                next_step=f"shipped: {', '.join(known)}; or give the path of a file, FILE.toml",
            )
    file = read_toml(source, name=name)
    root = root_table(file)
    found = []
    places = []
    for table in root.tables("baseline"):
        found.append(DeclaredBaseline(_baseline(table), table.place()))
        places.append((found[-1].baseline.baseline_id, table.place("id")))
        table.finish()
    if not found:
        raise root.error("baseline", "no baseline is declared", next_step="write [[baseline]]")
    refuse_repeated("baseline", places)
    root.finish()
    return BaselineFile(tuple(found), file.digest)


def _baseline(table: TomlTable) -> Baseline:
    identifier = table.identifier("id")
    item = table.text("item")
    if not _ITEM.fullmatch(item):
        raise table.error(
            "item",
            f"{item!r} is no item of evidence",
            next_step='write the name of a figure, such as "timing.time_deviation"',
        )
    tag = table.one_of("tag", TAGS)
    title, source = table.text("title"), table.text("source")
    if table.has(CATEGORICAL):
        return _categorical(table, identifier, item, tag=tag, title=title, source=source)
    kind = known_kind(table, "kind")
    _check_kind_of_item(table, item, kind.name)
    compares = table.one_of("compares", COMPARED, VALUE)
    better = table.one_of("better", (LOWER, HIGHER))
    if compares != VALUE and better != LOWER:
        raise table.error(
            "better", f"of two of {compares} the lower is better", next_step='write "lower"'
        )
    bound = table.boolean("bound") if table.has("bound") else False
    label = _label(table, tag, compares=compares)
    if bound and label:
        raise table.error(
            "bound", "what was measured is a level, no bound", next_step="leave it out"
        )
    value, u, text = (None, None, "") if label else _number(table, kind, compares=compares)
    return Baseline(
        identifier,
        item,
        kind.name,
        value,
        u,
        better,
        title,
        source,
        tag,
        tuple(sorted(conditions(table).items())),
        label,
        compares,
        text,
        bound,
    )


def _check_kind_of_item(table: TomlTable, item: str, given: str) -> None:
    """Refuse a kind that the figures of that name never have: nothing could be compared."""
    area, _, name = item.partition(".")
    figures = {
        one.result_kind
        for one in METRICS
        if one.metric_id == item
        or (one.metric_id.startswith(f"{area}.") and one.metric_id.endswith(f".{name}"))
    }
    if figures and given not in figures:
        raise table.error(
            "kind",
            f"{item} is a {' or '.join(sorted(figures))}, the baseline a {given}",
            next_step="correct the kind, or name the item that is meant",
        )


def _categorical(
    table: TomlTable, identifier: str, item: str, *, tag: str, title: str, source: str
) -> Baseline:
    """Return a baseline without value; any number beside it is an unknown field."""
    if not table.boolean(CATEGORICAL):
        raise table.error(CATEGORICAL, "it is true or left out", next_step="leave it out")
    if tag == MEASURED:
        raise table.error("tag", "what is categorical is not measured", next_step="correct the tag")
    return Baseline(identifier, item, "", None, None, HIGHER, title, source, tag)


def _label(table: TomlTable, tag: str, *, compares: str) -> str:
    """Return the recorded result of a measured baseline, "" for any other."""
    if (tag == MEASURED) != table.has("result"):
        raise table.error(
            "result" if table.has("result") else "tag",
            'a baseline with tag = "measured" names its recorded result, and no other does',
            next_step='write tag = "measured" and result = "EVENT/name" in place of value and u',
        )
    if tag != MEASURED:
        return ""
    if compares == UNCERTAINTY:
        raise table.error(
            "compares",
            "of a recorded result the value is compared, not its u",
            next_step='declare that u as the value of a baseline with tag = "declared"',
        )
    return table.text("result")


def _number(table: TomlTable, kind: Kind, *, compares: str) -> tuple[float, float | None, str]:
    """Return value and u in SI units, and the value as written; u None where it is not stated."""
    value = quantity(table, "value", dimension=kind.dimension, like=kind.title)
    low = 0.0 if compares in {MAGNITUDE, UNCERTAINTY} else kind.lower
    if low is not None and value.si < low:
        raise table.error("value", f"{value.text} is below {low:g}", next_step="correct it")
    if compares == VALUE and kind.upper is not None and value.si > kind.upper:
        raise table.error("value", f"{value.text} is above {kind.upper:g}", next_step="correct it")
    if not table.has("u"):
        return value.si, None, value.text
    u = same_dimension(table, "u", value=value)
    if u.si < 0.0 or not math.isfinite(u.si):
        raise table.error("u", f'"u" is {u.text}, below zero', next_step="correct it")
    return value.si, u.si, value.text
