"""One row of the lists of kinds of quantity.

Inside: `Row`.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One kind, before its unit is looked up; fields as in `kinds.Kind`."""

    name: str
    title: str
    unit: str
    lower: float | None
    upper: float | None
    definition: str
    direction: str = ""
    level: str = ""
