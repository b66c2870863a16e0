"""The record of offsets behind a run: from its tags, or from the series that came with it.

Inside: `read_record`, `read_intervals`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from qtrace.exchange.offset_series_file import read_offset_series
from qtrace.laboratory.link import Run
from qtrace.laboratory.run_files import SERIES
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.timing.offset_record import OffsetRecord
from qtrace.metrics.timing.sync_view import IntervalHistogram
from qtrace.physics.tags.log_intervals import log_intervals

PS = 1e-12
LEAST_TAGS = 3


def read_record(
    run: Run,
    form: Protocol,
    locate: Callable[[str, str], Path],
    *,
    progress: Callable[[str], None],
) -> OffsetRecord:
    """Return the offsets of a run that compares two clocks.

    Args:
        run: Names its raw files and how they are reduced.
        form: Says how the clocks are compared.
        locate: From digest and name to the path of a raw file, checked.
        progress: Takes messages about long work.

    Raises:
        InputError: no peak, skew beyond the search, a file that cannot be read any more.
        SetupError: a raw file is missing, or no room is left for what a large one needs.
        IntegrityError: a raw file is another one than was recorded.
    """
    block = run.parameters["block"]
    if run.files[0].holds == SERIES:
        one = run.files[0]
        series = read_offset_series(locate(one.digest, one.name), interval_s=block)
        return OffsetRecord(block, series.elapsed_s, series.offset_s, series.u_s)
    from qtrace.exchange.time_tags.channels import channels_of, tenths
    from qtrace.metrics.timing.tag_reduction import StationTags, TagSettings, reduce_tags

    settings = TagSettings(
        block,
        run.parameters["search"],
        run.parameters["window"],
        run.parameters["skew"],
        from_zero=any(one.station == "a" and one.zero_ps is not None for one in run.files),
    )
    stations = {}
    # Channels of a large file lie in files of their own until the offsets are there.
    with ExitStack() as stack:
        for one in run.files:
            progress(f"reading {one.name}")
            path = locate(one.digest, one.name)
            # The zero of a station is added, so that tags are clock readings.
            channels = channels_of(
                path,
                one.channels,
                format=one.format,
                zero_ps=one.zero_ps or 0,
                progress=tenths(path, progress, name=one.name),
            )
            stations[one.station] = StationTags(stack.enter_context(channels))
        return reduce_tags(
            form.comparison, stations["a"], stations["b"], settings, progress=progress
        )


def read_intervals(run: Run, locate: Callable[[str, str], Path]) -> tuple[IntervalHistogram, ...]:
    """Return how long it takes from tag to tag in each channel of a run; none of a series.

    Args:
        run: Names its raw files, and which channel carries what.
        locate: From digest and name to the path of a raw file, checked.

    Returns:
        A histogram for each channel with three tags or more, to 100 mean intervals.

    Raises:
        InputError: a file that cannot be read any more.
        SetupError: a raw file is missing.
        IntegrityError: a raw file is another one than was recorded.
    """
    if run.files[0].holds == SERIES:
        return ()
    from qtrace.exchange.time_tags.channels import channels_of

    found = []
    for one in run.files:
        path = locate(one.digest, one.name)
        with channels_of(path, one.channels, format=one.format) as channels:
            for name, tags in channels.items():
                if tags.size < LEAST_TAGS:
                    continue
                counted = log_intervals(tags)
                label = f"station {one.station}: {name}, channel {one.channels[name]}"
                found.append(IntervalHistogram(label, counted.edges_ps * PS, counted.counts))
    return tuple(found)
