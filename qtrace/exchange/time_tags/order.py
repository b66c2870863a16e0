"""Tags into the order of time, within a stated reach.

Inside: `InOrder`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.tags.decode_order import steps_back

Tags = tuple[NDArray[np.int64], NDArray[np.int16]]
_BEFORE_ALL = -(2**63)


class InOrder:
    """Holds back the last tags of each block, so that late ones can be put before them.

    Args:
        path: The file, for the message.
        reach: How many tags are held back.
    """

    def __init__(self, path: Path, reach: int) -> None:
        self._path = path
        self._reach = reach
        self._held: list[Tags] = []
        self._disorder = False
        self._last_read = _BEFORE_ALL
        self._highest = _BEFORE_ALL
        self._last_given = _BEFORE_ALL
        self._given = 0
        self.out_of_order = 0

    def push(self, times: NDArray[np.int64], channels: NDArray[np.int16]) -> Iterator[Tags]:
        """Take tags in the order of the file; yield those that nothing can come before."""
        if not times.size:
            return
        back = steps_back(times, before_ps=self._last_read)
        self.out_of_order += back
        self._last_read = int(times[-1])
        self._held.append((times, channels))
        # Without a step back of its own a block may still begin before what is held.
        self._disorder |= bool(back) or int(times[0]) < self._highest
        self._highest = max(self._highest, int(times.max() if back else times[-1]))
        yield from self._give(self._reach)

    def finish(self) -> Iterator[Tags]:
        """Yield what was held back."""
        yield from self._give(0)

    def _give(self, reach: int) -> Iterator[Tags]:
        if self._disorder:
            times = np.concatenate([one[0] for one in self._held])
            channels = np.concatenate([one[1] for one in self._held])
            order = np.argsort(times, kind="stable")
            self._held = [(times[order], channels[order])]
            self._disorder = False
        while self._held:
            behind = sum(one[0].size for one in self._held[1:])
            times, channels = self._held[0]
            ready = times.size - max(0, reach - behind)
            if ready <= 0:
                return
            if int(times[0]) < self._last_given:
                raise InputError(
                    f"a tag at {int(times[0])} ps comes more than {self._reach} tags too late",
                    where=f"{self._path}, near tag {self._given}",
                    next_step="read the file as a whole, or with a larger reach; if that does not"
                    " help, the file is damaged",
                )
            if ready == times.size:
                self._held.pop(0)
            else:
                self._held[0] = (times[ready:].copy(), channels[ready:].copy())
                times, channels = times[:ready], channels[:ready]
            self._last_given = int(times[-1])
            self._given += times.size
            yield times, channels
