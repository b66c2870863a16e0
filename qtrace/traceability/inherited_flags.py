"""Flags of a curve, of a bent model or of time tags that every result resting on it repeats.

Inside: `inherited_flags`.
"""

from __future__ import annotations

from collections.abc import Iterable

from qtrace.laboratory.figure_flags import FREE_RUNNING, LOST_TAGS
from qtrace.traceability.curve import LACK_OF_FIT
from qtrace.traceability.curve_use import BENDS, NO_ERROR_STATED, RANGE_ENDS

REPEATED = (LACK_OF_FIT, NO_ERROR_STATED, BENDS, RANGE_ENDS, LOST_TAGS, FREE_RUNNING)


def inherited_flags(parents: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return what a result must repeat of the flags of the results it rests on, each once.

    Args:
        parents: The flags of each direct parent and own input; parents repeat those of what
            they rest on.
    """
    found = [flag for flags in parents for flag in flags if flag.startswith(REPEATED)]
    return tuple(dict.fromkeys(found))
