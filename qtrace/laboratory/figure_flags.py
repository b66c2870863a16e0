"""How flags begin that keep a figure from meeting any requirement.

Inside: `NOT_PROVEN`, `POST_HOC`, `ABORTED_RUN`, `IMPOSSIBLE`, `disqualifying`.
"""

from __future__ import annotations

from collections.abc import Iterable

NOT_PROVEN = "not proven for this device"  # the proof has no term for what the device does
POST_HOC = "post_hoc"  # chosen when the counts were known
ABORTED_RUN = "aborted run"
IMPOSSIBLE = "impossible data"  # counts that no device can give: bad data, or a signal
_DISQUALIFYING = (NOT_PROVEN, POST_HOC, ABORTED_RUN, IMPOSSIBLE)


def disqualifying(flags: Iterable[str]) -> tuple[str, ...]:
    """Return the flags that keep a figure from meeting a requirement."""
    return tuple(flag for flag in flags if flag.startswith(_DISQUALIFYING))
