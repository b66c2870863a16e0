"""Decibels and ratios: never without saying what the ratio is of, never a gain over nothing named.

Inside: `Convention`, `Reference`, `Gain`, `convention`, `reference`, `ratio_of_decibels`,
`decibels_of_ratio`, `gain_over`.
4.5 dB is 2.82 in variance and 1.68 in standard deviation: without the convention it is neither.
Source: level of a power ratio, factor 10, and of a root-power ratio, factor 20, ISO 80000-3
(clause from memory); a variance goes as a power.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from qtrace.errors import InputError


class Convention(StrEnum):
    """What of two sensors the ratio behind a level in decibels compares."""

    VARIANCE = "variance"  # factor 10
    STANDARD_DEVIATION = "standard_deviation"  # factor 20


class Reference(StrEnum):
    """What a gain is over; the same sensor gains differently over each."""

    STANDARD_QUANTUM_LIMIT = "standard_quantum_limit"  # 1/sqrt N, full contrast, as computed
    MODE_SEPARABLE = "mode_separable"  # nodes not entangled with each other, each as it is
    LOCAL_ENTANGLED = "local_entangled"  # the same, each node squeezed by itself
    QUANTUM_PROJECTION_NOISE = "quantum_projection_noise"  # all probes independent


FACTORS = {Convention.VARIANCE: 10.0, Convention.STANDARD_DEVIATION: 20.0}


@dataclass(frozen=True, slots=True)
class Gain:
    """A gain over a named reference: of variance, of standard deviation, and as a level in dB."""

    reference: Reference
    variance_gain: float
    deviation_gain: float
    level_db: float


def convention(word: str) -> Convention:
    """Return the convention of that name.

    Raises:
        InputError: none is named, or one that there is not.
    """
    if word not in set(Convention):
        raise InputError(
            f"{word!r} does not say what the decibels are of" if word else "dB without convention",
            where="convention",
            next_step='write "variance" or "standard_deviation": 3 dB is 2 in one and 1.41 in '
            "the other",
        )
    return Convention(word)


def reference(word: str) -> Reference:
    """Return the reference of that name.

    Raises:
        InputError: none is named, or one that there is not.
    """
    if word not in set(Reference):
        raise InputError(
            f"{word!r} is no reference of a gain" if word else "a gain without a reference",
            where="reference",
            next_step=f"write one of: {', '.join(one.value for one in Reference)}",
        )
    return Reference(word)


def ratio_of_decibels(level_db: float, *, convention_of: str) -> float:
    """Return the ratio of variances, or of standard deviations, that a level stands for.

    Args:
        level_db: Level, in dB.
        convention_of: "variance" or "standard_deviation": what the RETURNED ratio is of. The
            level itself is always 10 lg of the variances, which is 20 lg of the deviations.

    Raises:
        InputError: no convention, or a level that is no finite number.

    Source: as this module.
    """
    factor = FACTORS[convention(convention_of)]
    if not math.isfinite(level_db):
        raise InputError(f"a level of {level_db} dB is no number", where="level")
    try:
        return float(10.0 ** (level_db / factor))
    except OverflowError:
        raise InputError(f"{level_db:g} dB is beyond any ratio", where="level") from None


def decibels_of_ratio(ratio: float, *, convention_of: str) -> float:
    """Return the level, in dB, of a ratio of variances or of standard deviations.

    Raises:
        InputError: no convention, or a ratio that is not above zero.

    Source: as this module.
    """
    factor = FACTORS[convention(convention_of)]
    if not (math.isfinite(ratio) and ratio > 0.0):
        raise InputError(f"{ratio} is no ratio with a level", where="ratio")
    return factor * math.log10(ratio)


def gain_over(sensor_variance: float, reference_variance: float, *, over: str) -> Gain:
    """Return the gain of a sensor over a reference, in all three forms.

    Args:
        sensor_variance: Variance of the phase, in rad^2.
        reference_variance: The same of the reference, in rad^2, in the same time.
        over: Name of the reference, one of `Reference`.

    Raises:
        InputError: no reference, or a variance that is not above zero.

    Source: as this module.
    """
    named = reference(over)
    for name, value in (("sensor", sensor_variance), ("reference", reference_variance)):
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(
                f"the phase variance {value} of the {name} is not above zero",
                where=f"{name}_variance",
                next_step="give a measured variance",
            )
    ratio = reference_variance / sensor_variance
    return Gain(named, ratio, math.sqrt(ratio), 10.0 * math.log10(ratio))
