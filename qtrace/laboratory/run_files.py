"""Raw files of a run: tags of a station, or a series of offsets; kept by their digest.

Inside: `STATIONS`, `FREE`, `TAGS`, `SERIES`, `RunFile`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

STATIONS = ("a", "b")

# What a tagger says that counts a crystal of its own; else "locked to ..." names a clock.
FREE = "free running"

TAGS, SERIES = "tags", "series"


@dataclass(frozen=True, slots=True)
class RunFile:
    """One raw file as it was recorded: where it is from, what was in it, what was wrong with it.

    `holds` is "tags" or "series". `channels` say which channel of the file carries what: "local",
    "received", "returned". `zero_ps` is the reading of the station's clock at the zero of the
    file, None where nobody states it. `lock` says what the tagger counts, `lock_evidence` how that
    is known. `faults` hold the counts of `TagFaults` that are not zero. `wavelength_channel` is the
    name of the channel by which the light reached the station, empty where nobody states it: one
    file of a server that several users share stands in a run of each, with other channels.
    """

    holds: str
    station: str
    name: str
    digest: str
    format: str
    channels: dict[str, int] = field(default_factory=dict)
    zero_ps: int | None = None
    lock: str = ""
    lock_evidence: str = ""
    tags: int = 0
    span_s: float = 0.0
    faults: dict[str, int] = field(default_factory=dict)
    simulated: bool = False
    wavelength_channel: str = ""
