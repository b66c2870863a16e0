"""How flags begin that keep a figure from meeting any requirement.

Inside: `NOT_PROVEN`, `POST_HOC`, `ABORTED_RUN`, `IMPOSSIBLE`, `LOST_TAGS`, `FREE_RUNNING`,
`U_REFUSED`, `disqualifying`. Lost tags and a free-running time base do not disqualify; results
repeat them.
"""

from __future__ import annotations

from collections.abc import Iterable

NOT_PROVEN = "not proven for this device"  # the proof has no term for what the device does
POST_HOC = "post_hoc"  # chosen when the counts were known
ABORTED_RUN = "aborted run"
IMPOSSIBLE = "impossible data"  # counts that no device can give: bad data, or a signal
LOST_TAGS = "tags lost"  # by the tagger: rates and dead times may be wrong
# Ends the flag of a result whose model bends too much: no linear U is stated.
U_REFUSED = "U is refused, draws give the interval"
FREE_RUNNING = "free-running time base"  # of a tagger: only its own calibration speaks for it
NOT_THE_CLOCK = "not the clock of the station"  # a tagger on a crystal of its own was compared
_DISQUALIFYING = (NOT_PROVEN, POST_HOC, ABORTED_RUN, IMPOSSIBLE, NOT_THE_CLOCK)


def disqualifying(flags: Iterable[str]) -> tuple[str, ...]:
    """Return the flags that keep a figure from meeting a requirement."""
    return tuple(flag for flag in flags if flag.startswith(_DISQUALIFYING))
