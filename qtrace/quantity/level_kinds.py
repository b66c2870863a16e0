"""Kinds of quantity that are stated, propagated and judged as levels, in dB.

Inside: `LEVEL_ROWS`.
Source: ISO 80000-3:2006, annex C (levels); terms follow IEC 60050-731 (from memory); the
definitions are in our own words.
"""

from __future__ import annotations

from qtrace.quantity.kind_row import Row

LEVEL_ROWS = (
    Row(
        "isolation",
        "isolation",
        "dB",
        None,
        None,
        "Level by which light sent into a port is weaker where it must not arrive.",
        "sent in / arriving",
        "power",
    ),
    Row(
        "optical_isolation",
        "optical isolation",
        "dB",
        None,
        None,
        "Level by which an isolator weakens light that runs backward.",
        "incident backward / transmitted backward",
        "power",
    ),
    Row(
        "insertion_loss",
        "insertion loss",
        "dB",
        0.0,
        None,
        "Level of the power without a passive component over that with it in the path.",
        "without / with",
        "power",
    ),
    Row(
        "return_loss",
        "return loss",
        "dB",
        0.0,
        None,
        "Level of incident over reflected power at a passive port.",
        "incident / reflected",
        "power",
    ),
    Row(
        "attenuation_level",
        "attenuation",
        "dB",
        None,
        None,
        "Level of input over output power at the stated setting.",
        "input / output",
        "power",
    ),
    Row(
        "extinction_ratio",
        "extinction ratio",
        "dB",
        None,
        None,
        "Level of the power of the wanted over that of the unwanted state.",
        "wanted / unwanted",
        "power",
    ),
    Row(
        "field_amplitude_level",
        "level of a ratio of amplitudes",
        "dB",
        None,
        None,
        "Level of one amplitude of a field or voltage over another, 20 dB a decade.",
        "a over b, named in the conditions",
        "amplitude",
    ),
    Row(
        "variance_gain_level",
        "gain over a named reference, as a level of variances",
        "dB",
        None,
        None,
        "Ten times the decimal logarithm of the ratio of variances.",
        "reference / sensor",
        "power",
    ),
)
