"""Kinds of quantity that describe counts and keys of a key distribution.

Inside: `KEY_ROWS`.
Source: terms follow NIST IR 8486r1 (2025) and ETSI GS QKD 011; the definitions are in our own
words.
"""

from __future__ import annotations

from qtrace.quantity.kind_row import Row

KEY_ROWS = (
    Row(
        "sifted_count",
        "number of sifted bits",
        "1",
        0.0,
        None,
        "Number of detected pairs kept after the comparison of bases.",
    ),
    Row(
        "error_count",
        "number of errors",
        "1",
        0.0,
        None,
        "Number of sifted bits that differ between the two sides.",
    ),
    Row(
        "agreement_count",
        "number of agreements",
        "1",
        0.0,
        None,
        "Number of sifted bits that are equal on the two sides.",
    ),
    Row(
        "qber",
        "quantum bit error rate",
        "1",
        0.0,
        1.0,
        "Part of the sifted bits that differ between the two sides.",
        "errors / sifted",
    ),
    Row(
        "error_correction_efficiency",
        "error correction efficiency",
        "1",
        None,
        None,
        "Bits disclosed by error correction over those of the Shannon limit.",
        "disclosed / limit",
    ),
    Row(
        "key_fraction_asymptotic",
        "asymptotic key fraction",
        "1",
        None,
        1.0,
        "Secret bits per sifted bit in the limit of a long key; below 0 where there is no key.",
    ),
    Row(
        "key_rate_asymptotic",
        "asymptotic key rate",
        "bit/s",
        None,
        None,
        "Secret bits per time in the limit of a long key; below 0 where there is no key.",
    ),
    Row(
        "key_length_finite",
        "finite key length",
        "bit",
        None,
        None,
        "Secret bits of one block by a named bound at stated epsilons; below 0 where there is "
        "no key.",
    ),
    Row(
        "failure_probability",
        "failure probability",
        "1",
        0.0,
        1.0,
        "Upper limit of the probability that a stated property of the key does not hold.",
    ),
    Row(
        "key_length_certified",
        "certified key length",
        "bit",
        None,
        None,
        "Smallest finite key length over the set of devices that a proof declares, at epsilons "
        "conditional on that set; below 0 where there is no key.",
    ),
    Row(
        "key_rate_certified",
        "certified key rate",
        "bit",
        None,
        None,
        "Smallest asymptotic key per use of the channel over the set of devices that a proof "
        "declares; below 0 where there is no key.",
    ),
    Row(
        "key_per_use",
        "key per use of the channel",
        "bit",
        None,
        None,
        "Secret bits per use of the channel in the limit of a long key; below 0 where there is "
        "no key.",
    ),
    Row(
        "probability",
        "probability",
        "1",
        0.0,
        1.0,
        "Probability with which a setting is chosen.",
    ),
    Row(
        "pulse_count",
        "number of uses of the channel",
        "1",
        0.0,
        None,
        "Number of pulses, pulse pairs or symbols sent.",
    ),
    Row(
        "leak",
        "bits disclosed by error correction",
        "bit",
        0.0,
        None,
        "Bits told over the public channel during error correction and its verification.",
    ),
    Row(
        "visibility",
        "visibility",
        "1",
        0.0,
        1.0,
        "Difference of the largest and smallest counts over their sum.",
        "(largest - smallest) / (largest + smallest)",
    ),
    Row(
        "photon_yield",
        "yield of pulses with a given number of photons",
        "1",
        0.0,
        1.0,
        "Probability that a pulse with that number of photons is detected.",
        "detected / sent",
    ),
    Row(
        "phase_error_rate",
        "phase error rate of single photons",
        "1",
        0.0,
        1.0,
        "Part of the single-photon bits of the key basis that would differ if measured in the "
        "other basis.",
        "phase errors / single-photon bits",
    ),
    Row(
        "intensity_correlation",
        "correlation of intensities",
        "1",
        0.0,
        None,
        "Largest relative change of the mean photon number of a pulse by the settings of those "
        "before it.",
    ),
)
