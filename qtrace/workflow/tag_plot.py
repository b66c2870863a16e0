"""Look at one channel of a file of time tags; no database is opened, nothing is stored.

Inside: `view_tags`.
"""

from __future__ import annotations

from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.time_tags.reading import read_tags
from qtrace.exchange.time_tags.source import TagOptions
from qtrace.laboratory.time_tags import TagStream
from qtrace.physics.tags.channel_view import ChannelView, view_channel
from qtrace.workflow.workbench import Workbench


def view_tags(
    workbench: Workbench,
    file: Path,
    *,
    channel: int,
    sync: int | None = None,
    format: str = "",  # noqa: A002
    options: TagOptions | None = None,
) -> tuple[ChannelView, TagStream]:
    """Return what can be seen of a channel, and the stream that it is from.

    Args:
        workbench: Takes progress.
        file: The file; it must fit into memory.
        channel: Which channel is looked at.
        sync: Channel of the sync, or of the herald; None where start-stop is not asked for.
        format: Name of its format; found out where empty.
        options: What the file does not say of itself.

    Raises:
        InputError: the file is damaged, mislabelled or of no known format; a channel without
            tags; too few tags to look at.
        SetupError: its format needs a library that is not installed.
    """
    workbench.progress(f"reading {file.name}")
    stream = read_tags(file, format=format, options=options)
    for number, option in ((channel, "--channel"), (sync, "--sync")):
        if number is not None and number not in stream.numbers():
            known = ", ".join(str(one) for one in stream.numbers()) or "none"
            raise InputError(
                f"channel {number} of {file.name} has no tags",
                where=option,
                next_step=f"channels with tags: {known}",
            )
    if sync == channel:
        raise InputError(
            f"channel {channel} cannot be its own sync",
            where="--sync",
            next_step="name the channel of the laser's sync or of the herald",
        )
    workbench.progress("counting intervals")
    view = view_channel(
        stream.channel(channel),
        sync_ps=None if sync is None else stream.channel(sync),
        resolution_ps=stream.header.resolution_ps,
    )
    return view, stream
