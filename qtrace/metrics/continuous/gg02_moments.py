"""Moments of coherent states that no passive channel gives: refused where they are read.

Inside: `check_gg02_moments`.
Source: as `channel_from_moments` and `attribute`.
"""

from __future__ import annotations

from collections.abc import Callable

from qtrace.errors import InputError
from qtrace.metrics.protocol import WrittenMoments
from qtrace.physics.continuous.gg02 import attribute, channel_from_moments

UNIT, RECEIVER = "shot_noise_unit", "receiver"


def check_gg02_moments(
    written: WrittenMoments, *, heterodyne: bool
) -> dict[str, tuple[float, float]]:
    """Refuse moments of coherent states that no passive channel gives.

    The unit may be anywhere in the set that is declared for it; where a receiver is on record
    its calibration brings the unit, and the moments are judged when the figures are computed.

    Args:
        written: What the run file says.
        heterodyne: Whether both quadratures are measured.

    Raises:
        InputError: `where` is the moment that is wrong.

    Source: as `channel_from_moments` and `attribute`.
    """
    if RECEIVER in written.devices:
        return dict(written.moments)
    values = {name: value for name, (value, _) in written.moments.items()}
    low, high = written.assumptions.get(UNIT, (1.0, 1.0))

    def noise() -> None:
        channel_from_moments(**values, shot_noise_unit=low)

    def slope() -> None:
        # With Bob's variance as large as it must be, only the covariance is judged.
        wide = {**values, "bob_variance": 1e9}
        attribute(
            channel_from_moments(**wide, shot_noise_unit=high),
            receiver_efficiency=1.0,
            electronic_noise=0.0,
            heterodyne=heterodyne,
        )

    _located("covariance", slope)
    _located("bob_variance", noise)
    return dict(written.moments)


def _located(field: str, judge: Callable[[], None]) -> None:
    try:
        judge()
    except InputError as error:
        raise InputError(error.what, where=field, next_step=error.next_step) from None
