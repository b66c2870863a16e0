"""A clock that tests set: what the ledger takes as now.

Inside: `Clock`, `clock_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import pytest

from qtrace.workflow import workbench


@dataclass(slots=True)
class Clock:
    """Now, as the product sees it."""

    now: datetime

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).astimezone(UTC)


def clock_of(patch: pytest.MonkeyPatch, text: str) -> Clock:
    """Return a clock that stands at a time until it is set; the product reads no other."""
    clock = Clock(datetime.fromisoformat(text).astimezone(UTC))

    class Set(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            assert tz is UTC
            return clock.now

    patch.setattr(workbench, "datetime", Set)
    return clock
