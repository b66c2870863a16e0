"""Time tags and series of offsets in run files: which raw files a run of two clocks rests on.

Inside: `RunData`, `read_run_data`, `CHANNELS`.

Tags that carry the bits of a live key are never taken in: who holds them holds the key. A part of
them that was chosen without looking at the bits, and is discarded or was never used, is recorded
as a run of its own that says how it was chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from qtrace.errors import QtraceError
from qtrace.exchange.offset_series_file import read_offset_series
from qtrace.exchange.quantity_fields import positive, quantity
from qtrace.exchange.tag_lock import read_lock
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.run_files import SERIES, STATIONS, TAGS, RunFile
from qtrace.metrics.protocol import Protocol
from qtrace.quantity.kinds import kind

LIVE = "live"
ALL, SUBSET = "all", "subset"
# Which channels the file of each station must hold, for each way of comparing.
CHANNELS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "one_way": {"a": ("local",), "b": ("received",)},
        "two_way": {"a": ("local", "received"), "b": ("local", "received")},
        "round_trip": {"a": ("local", "returned"), "b": ("received",)},
    }
)
MOST_ZERO_PS = 1 << 53  # whole numbers of ps that every reader of JSON keeps: 2.5 h
SEARCH_S = 0.01
WINDOW_S = 0.0  # twelve widths of the peak
SKEW, MOST_SKEW = 1e-6, 1e-3
# A clock may count a thousandth more, and times are written to the second.
SPAN_MATCH, SPAN_SLACK_S = 1e-3, 1.0


@dataclass(slots=True)
class RunData:
    """What a run file says of its raw files, and where they are to be copied from."""

    files: tuple[RunFile, ...] = ()
    sources: dict[str, Path] = field(default_factory=dict)  # digest to path
    parameters: dict[str, float] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)


def read_run_data(
    root: TomlTable, run: TomlTable, form: Protocol, *, folder: Path, span: timedelta
) -> RunData:
    """Read [tags] with [[station]], or [series], of a run that compares two clocks.

    Args:
        root: The outermost table.
        run: Its table [run].
        form: The protocol; nothing is read where it compares no clocks.
        folder: Where the files are looked for: beside the run file.
        span: Time between `started` and `ended`.

    Raises:
        InputError: tags of a live key; a station, channel, lock statement or file that misses;
            a file that cannot be read.
    """
    if not form.comparison:
        if root.has("tags") or root.has("station"):
            raise root.error(
                "tags",
                f"a run of {form.name} holds counts; bit-resolved tags are no part of it",
                next_step="count them, and keep the tags: whoever has them has the key",
            )
        return RunData()
    _check_disposition(run)
    series = form.comparison == "series"
    found = _series(root, folder) if series else _tags(root, form.comparison, folder)
    _check_span(run, found, span.total_seconds())
    return found


def _check_disposition(run: TomlTable) -> None:
    if run.has("key_disposition") and run.text("key_disposition") == LIVE:
        raise run.error(
            "key_disposition",
            "these tags carry the bits of a live key: whoever reads them here has the key",
            next_step="choose a part without looking at the bits, discard it from the key, and "
            'record it as a run of its own: key_disposition = "discarded", and in [tags] data = '
            '"subset" with selection = "how it was chosen"',
        )


def _tags(root: TomlTable, comparison: str, folder: Path) -> RunData:
    """Read what is the same for all stations, then each station."""
    table = root.table("tags")
    found = RunData()
    duration = kind("duration").dimension
    block = positive(table, "block", dimension=duration, like="a duration")
    found.parameters["block"] = block.si
    for name, default in (("search", SEARCH_S), ("window", WINDOW_S)):
        found.parameters[name] = (
            positive(table, name, dimension=duration, like="a duration").si
            if table.has(name)
            else default
        )
    found.parameters["skew"] = _skew(table)
    found.choices["data"] = table.one_of("data", (ALL, SUBSET))
    if found.choices["data"] == SUBSET:
        found.choices["selection"] = table.text("selection")
    table.finish()
    stations = root.tables("station")
    wanted = CHANNELS[comparison]
    names = [one.one_of("name", STATIONS) for one in stations]
    if sorted(names) != sorted(wanted):
        raise root.error(
            "station",
            f"stations {', '.join(names) or 'none'} are given; the run compares a and b",
            next_step="write one [[station]] table for each of the two",
        )
    files = []
    for one, name in sorted(zip(stations, names, strict=True), key=lambda pair: pair[1]):
        files.append(_station(one, name, wanted[name], folder=folder, found=found))
        one.finish()
    _not_itself(stations[0], files)
    found.files = tuple(files)
    return found


def _not_itself(table: TomlTable, files: list[RunFile]) -> None:
    """Refuse a channel that is compared with itself; two channels of one file are a common test."""
    a, b = files
    shared = set(a.channels.values()) & set(b.channels.values())
    if a.digest == b.digest and shared:
        raise table.error(
            "file",
            f"both stations name channel {min(shared)} of one file, {a.name}",
            next_step="name the file, or the channel, of the other station",
        )


def _check_span(run: TomlTable, data: RunData, span_s: float) -> None:
    """Refuse raw files that reach beyond the stated times of the run; less is a flag later."""
    for one in data.files:
        if one.span_s > span_s * (1.0 + SPAN_MATCH) + SPAN_SLACK_S:
            raise run.error(
                "ended",
                f"{one.name} holds {one.span_s:.6g} s of data, the run lasted {span_s:.6g} s",
                next_step="correct the times of the run, or name the file that belongs to it",
            )


def _skew(table: TomlTable) -> float:
    """Read the largest frequency deviation between the clocks that is searched."""
    if not table.has("skew"):
        return SKEW
    skew = table.number("skew")
    if not 0.0 <= skew <= MOST_SKEW:
        raise table.error(
            "skew",
            f"{table.entered('skew')} is no frequency deviation between 0 and {MOST_SKEW:g}",
            next_step="clocks that differ by more are no clocks: look at the taggers",
        )
    return skew


def _station(
    table: TomlTable, name: str, wanted: tuple[str, ...], *, folder: Path, found: RunData
) -> RunFile:
    """Read one station, and look through its file."""
    from qtrace.exchange.time_tags.survey import survey_tags

    lock, evidence = read_lock(table)
    path = _path(table, folder)
    channels = _channels(table, wanted)
    try:
        survey = survey_tags(path, format=table.optional_text("format"))
    except QtraceError as error:
        raise error.located(str(table.place("file"))) from None
    for role, number in channels.items():
        if number not in survey.tags:
            held = ", ".join(map(str, sorted(survey.tags))) or "none"
            raise table.error(
                "channels",
                f"channel {number} ({role}) has no tag in {path.name}; it holds channels {held}",
                next_step="look: `qtrace tags show FILE`, and correct the channel",
            )
    found.sources[survey.digest] = path
    return RunFile(
        holds=TAGS,
        station=name,
        name=path.name,
        digest=survey.digest,
        format=survey.header.format,
        channels=channels,
        zero_ps=_zero(table),
        lock=lock,
        lock_evidence=evidence,
        tags=sum(survey.tags.values()),
        span_s=survey.span_s,
        faults={key: value for key, value in asdict(survey.faults).items() if value},
        simulated=survey.header.simulated,
        wavelength_channel=table.optional_text("wavelength_channel"),
    )


def _path(table: TomlTable, folder: Path) -> Path:
    path = folder / table.text("file")
    if not path.is_file():
        raise table.error(
            "file",
            f'there is no file "{path.name}" beside the run file',
            next_step="put it there, or correct the name",
        )
    return path


def _channels(table: TomlTable, wanted: tuple[str, ...]) -> dict[str, int]:
    inner = table.table("channels")
    found = {name: inner.integer(name) for name in wanted}
    inner.finish()
    if len(set(found.values())) != len(found):
        raise table.error(
            "channels",
            "two of the channels are the same",
            next_step="each has its own number in the file: `qtrace tags show FILE`",
        )
    return found


def _zero(table: TomlTable) -> int | None:
    """Read what the clock of the station read at the zero of its file, in whole ps."""
    if not table.has("zero"):
        return None
    read = quantity(table, "zero", dimension=kind("duration").dimension, like="a duration")
    zero = round(read.si * 1e12)
    if abs(zero) > MOST_ZERO_PS:
        raise table.error(
            "zero",
            f"{read.text} is more than 2^53 ps, 2.5 h",
            next_step="count from a second that both stations share and that is near",
        )
    return zero


def _series(root: TomlTable, folder: Path) -> RunData:
    """Read [series]: one table of offsets."""
    table = root.table("series")
    path = _path(table, folder)
    interval = positive(table, "interval", dimension=kind("duration").dimension, like="a duration")
    try:
        series = read_offset_series(path, interval_s=interval.si)
    except QtraceError as error:
        raise error.located(str(table.place("file"))) from None
    evidence = table.optional_text("lock_evidence")
    table.finish()
    one = RunFile(
        holds=SERIES,
        station="",
        name=path.name,
        digest=series.digest,
        format="csv",
        lock_evidence=evidence,
        tags=series.given,
        span_s=interval.si * len(series.offset_s),
        faults={"missing": series.missing} if series.missing else {},
    )
    return RunData((one,), {series.digest: path}, {"block": interval.si}, {})
