"""The estimators of stability by their names, as people ask for them.

Inside: `ESTIMATORS`, `WITHOUT_INTERVAL`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from qtrace.physics.timing.deviations import Deviations
from qtrace.physics.timing.mtie import mtie, tierms
from qtrace.physics.timing.stability import adev, hdev, mdev, oadev, ohdev, tdev
from qtrace.physics.timing.stability_total import htotdev, mtotdev, totdev, ttotdev

ESTIMATORS: Mapping[str, Callable[..., Deviations]] = MappingProxyType(
    {
        "adev": adev,
        "oadev": oadev,
        "mdev": mdev,
        "tdev": tdev,
        "hdev": hdev,
        "ohdev": ohdev,
        "totdev": totdev,
        "mtotdev": mtotdev,
        "ttotdev": ttotdev,
        "htotdev": htotdev,
        "mtie": mtie,
        "tierms": tierms,
    }
)
# Statistics of one record: how another would differ is not known.
WITHOUT_INTERVAL = frozenset({"mtie", "tierms"})
