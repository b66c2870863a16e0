"""A run file to fill in for a run that compares two clocks: it reads once its files lie beside it.

Inside: `clock_run_parts`.

Nothing is said for the user: the taggers run free, and no zero is stated, until somebody writes
what they were locked to, who saw it, and what the clock read.
"""

from __future__ import annotations

from qtrace.exchange.run_tags import ALL, CHANNELS, SEARCH_S, SKEW, SUBSET
from qtrace.metrics.protocol import Protocol

BLOCK = "10 s"
WHAT: dict[str, str] = {
    "local": "photons that stay",
    "received": "photons from the other station",
    "returned": "photons that B sent back",
}
SERIES = """\
[series]                        # equal steps; columns and gaps: docs/files.md
file = "offsets.csv"            # offsets B - A
interval = "1 s"
# lock_evidence = "what the instrument was locked to, who saw it, and how"
"""


def clock_run_parts(protocol: Protocol) -> tuple[str, ...]:
    """Return the tables that name the raw files of such a run, each with a blank line after it."""
    if protocol.comparison == "series":
        return (SERIES,)
    return (_tags(), *(_station(name, protocol.comparison) for name in ("a", "b")))


def _tags() -> str:
    return f"""\
[tags]
block = "{BLOCK}"                  # an offset for each; three or more in all
data = "{ALL}"                    # or "{SUBSET}", with the line below
# selection = "how it was chosen without looking at the bits"
# search = "{SEARCH_S * 1e3:g} ms"              # the peak is sought within, to either side
# skew = {SKEW:g}                  # largest frequency deviation that is searched
# window = "1 ns"               # half width; else twelve widths of the peak
"""


def _station(name: str, comparison: str) -> str:
    wanted = CHANNELS[comparison][name]
    channels = ", ".join(f"{role} = {number}" for number, role in enumerate(wanted, 1))
    said = "; ".join(f"{role}: {WHAT[role]}" for role in wanted)
    return f"""\
[[station]]
name = "{name}"
file = "{name}.npy"                  # look at it: qtrace tags show FILE
channels = {{ {channels} }}
# {said}
lock = "free running"           # or "locked to ..." with lock_evidence
# lock_evidence = "who saw it, and how"
# zero = "0 s"                  # its clock, from the start, at the zero of the
#                               # file; without it no offset is recorded
"""
