"""Scales: linear ratios and levels in decibel.

A level is a logarithm of a ratio of powers (factor 10) or of amplitudes (factor 20); which of
the two is always said, because the number alone does not tell.

Inside: `level_to_ratio`, `ratio_to_level`, `level_to_relative_uncertainty`,
`relative_to_level_uncertainty`, `dbm_to_watt`, `watt_to_dbm`.
Source: ISO 80000-3:2006, annex C; IEC 60027-3:2002 (level of a power and of a field quantity).
"""

from __future__ import annotations

import math
from typing import Literal

from qtrace.errors import InputError

Factor = Literal["power", "amplitude"]

_DECIBEL_PER_DECADE: dict[str, float] = {"power": 10.0, "amplitude": 20.0}
_ONE_MILLIWATT_W = 1e-3


def level_to_ratio(level_db: float, *, factor: Factor) -> float:
    """Convert a level to the ratio that it stands for.

    Args:
        level_db: Level, in dB; an attenuation is a negative level of the transmittance.
        factor: Whether the ratio is one of powers or of amplitudes.

    Returns:
        The ratio, unit one.

    Raises:
        InputError: The level is not finite, or its ratio is out of range.

    Source:
        ISO 80000-3:2006, annex C: L_P = 10 lg(P/P0) dB, L_F = 20 lg(F/F0) dB.
    """
    _refuse_not_finite(level_db, "level")
    exponent = level_db / _per_decade(factor)
    try:
        ratio = math.pow(10.0, exponent)
    except OverflowError:
        ratio = math.inf
    if ratio == 0.0 or math.isinf(ratio):
        raise InputError(
            "a level's ratio is outside the range of a double",
            where=f"level {level_db} dB",
            next_step="check the level; give it in dB, not in hundredths",
        )
    return ratio


def ratio_to_level(ratio: float, *, factor: Factor) -> float:
    """Convert a ratio to a level.

    Args:
        ratio: Ratio, unit one, above 0.
        factor: Whether the ratio is one of powers or of amplitudes.

    Returns:
        The level, in dB.

    Raises:
        InputError: The ratio is not finite or not above 0.

    Source:
        ISO 80000-3:2006, annex C.
    """
    _refuse_not_finite(ratio, "ratio")
    if ratio <= 0.0:
        raise InputError(
            f"a ratio of {ratio} has no level",
            where="ratio",
            next_step="state it in linear scale, or as an upper limit",
        )
    return _per_decade(factor) * math.log10(ratio)


def level_to_relative_uncertainty(u_db: float, *, factor: Factor) -> float:
    """Convert the standard uncertainty of a level to the relative one of its ratio.

    Args:
        u_db: Standard uncertainty of the level, in dB.
        factor: Whether the ratio is one of powers or of amplitudes.

    Returns:
        Relative standard uncertainty of the ratio, unit one, to first order.

    Raises:
        InputError: The uncertainty is negative or not finite.

    Source:
        GUM (JCGM 100:2008), Eq. 10 applied to the definition of the level.
    """
    _refuse_uncertainty(u_db)
    return u_db * math.log(10.0) / _per_decade(factor)


def relative_to_level_uncertainty(u_relative: float, *, factor: Factor) -> float:
    """Convert a relative standard uncertainty of a ratio to that of its level, in dB.

    Args:
        u_relative: Relative standard uncertainty of the ratio, unit one.
        factor: Whether the ratio is one of powers or of amplitudes.

    Returns:
        Standard uncertainty of the level, in dB, to first order.

    Raises:
        InputError: The uncertainty is negative or not finite.

    Source:
        GUM (JCGM 100:2008), Eq. 10 applied to the definition of the level.
    """
    _refuse_uncertainty(u_relative)
    return u_relative * _per_decade(factor) / math.log(10.0)


def dbm_to_watt(level_dbm: float) -> float:
    """Convert a power level with reference 1 mW to a power, in W.

    Raises:
        InputError: The level is not finite, or its power is out of range.
    """
    return level_to_ratio(level_dbm, factor="power") * _ONE_MILLIWATT_W


def watt_to_dbm(power_w: float) -> float:
    """Convert a power, in W, to its level with reference 1 mW.

    Raises:
        InputError: The power is not finite or not above 0.
    """
    return ratio_to_level(power_w / _ONE_MILLIWATT_W, factor="power")


def _per_decade(factor: str) -> float:
    """Return 10 for powers, 20 for amplitudes; anything else is refused, never guessed."""
    if factor not in _DECIBEL_PER_DECADE:
        raise InputError(
            f"a level of {factor!r} is not known",
            where="factor of a level",
            next_step="say 'power' (10 dB a decade) or 'amplitude' (20 dB a decade)",
        )
    return _DECIBEL_PER_DECADE[factor]


def _refuse_not_finite(number: float, name: str) -> None:
    if not math.isfinite(number):
        raise InputError(f"{name} is {number}", where=name, next_step="give a finite number")


def _refuse_uncertainty(u: float) -> None:
    _refuse_not_finite(u, "standard uncertainty")
    if u < 0.0:
        raise InputError(
            f"a standard uncertainty of {u} is negative",
            where="standard uncertainty",
            next_step="give it as a positive number",
        )
