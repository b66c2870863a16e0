"""Cases of what is asked of entangled pairs and of a transferred tone.

Inside: `ENTANGLEMENT`, `TONE`. Written by hand from what each row is meant to say.
"""

from __future__ import annotations

from typing import Any

from conformance.case_forms import INSIDE, K2, OUTSIDE, Case, chain, document, figure


def counted(value: float, low: float, high: float, probability: float = 0.95) -> dict[str, Any]:
    """A figure with an exact interval, as it comes from counts."""
    return {"value": value, "interval": (low, high, probability), "unit": "1", **K2}


def about(item: str, value: dict[str, Any]) -> dict[str, Any]:
    """The same figure, of another item than the row asks for."""
    return {**value, "item": f"teleportation.{item}"}


SWAPPED = about("pair_fidelity", counted(0.84, 0.83, 0.85))
PAIRS = about("fidelity_direct", counted(0.95, 0.94, 0.96))
RECEIVED = about("fractional_frequency", figure(2e-14, 4e-15))
# Without the figure that it is for a row does not apply: another protocol was run.
ANOTHER: Case = ("no evidence: another protocol", None, "not_applicable")


def beside(needed: dict[str, Any], cases: list[Case]) -> list[Case]:
    """Cases of a row that needs the figure of another item, with that figure beside them."""
    return [
        *((name, [given, needed], cell) for name, given, cell in cases if given is not None),
        ("no evidence beside the figure it needs", needed, "no_evidence"),
        ("not met: without the figure it needs", cases[0][1], "not_applicable"),
        ANOTHER,
    ]


def entangled(other: str) -> list[Case]:
    """A fidelity above 1/2, from counts."""
    return [
        ("met", counted(0.84, 0.83, 0.85), "met"),
        ("met: just", counted(0.51, 0.5001, 0.52), "met"),
        ("at the limit", counted(0.5, 0.49, 0.51), INSIDE),
        ("at the limit, outside", counted(0.495, 0.485, 0.505), OUTSIDE),
        ("not met: separable", counted(0.45, 0.44, 0.46), "not_met"),
        ("not met: nothing but noise", counted(0.25, 0.24, 0.26), "not_met"),
        ("not met: above, by few counts", counted(0.62, 0.31, 0.87), INSIDE),
        ("not met: holds too seldom", counted(0.84, 0.83, 0.85, 0.9), "not_evaluable"),
        ("not met: a level", figure(0.84, 0.01, "dB"), "not_evaluable"),
        ("not met: no u", {**figure(0.84, 0.01), "standard_uncertainty": None}, "not_evaluable"),
        (f"not met: {other}", about(other, counted(0.9, 0.89, 0.91)), "not_applicable"),
        ANOTHER,
    ]


FIDELITY = figure(0.84, 0.005)

ENTANGLEMENT: dict[str, list[Case]] = {
    "ENT-01": [
        *entangled("predicted_fidelity"),
        (
            "not met: predicted well, not observed",
            about("predicted_fidelity", figure(0.88, 0.01)),
            "not_applicable",
        ),
    ],
    "ENT-02": [
        ("met: an exact interval says both", counted(0.84, 0.83, 0.85), "met"),
        ("met: u and k", FIDELITY, "met"),
        ("at the limit: u, but no k", {**FIDELITY, "coverage_factor": None}, "not_evaluable"),
        ("not met: k, but no u", {**FIDELITY, "standard_uncertainty": None}, "not_evaluable"),
        ANOTHER,
    ],
    "ENT-03": beside(
        SWAPPED,
        [
            ("met", figure(-0.01, 0.01), "met"),
            ("met: less than predicted", figure(-0.035, 0.005), "met"),
            ("at the upper limit", figure(0.05, 0.005), INSIDE),
            ("at the lower limit", figure(-0.05, 0.005), INSIDE),
            ("not met: more than the links allow", figure(0.0625, 0.005), "not_met"),
            ("not met: much less than predicted", figure(-0.0625, 0.005), "not_met"),
            ("not met: links known too badly", figure(0.0, 0.04), INSIDE),
            (
                "not met: no u",
                {**figure(0.0, 0.01), "standard_uncertainty": None},
                "not_evaluable",
            ),
        ],
    ),
    "ENT-04": beside(SWAPPED, chain(figure(-0.01, 0.01))),
    "ENT-05": beside(SWAPPED, chain(figure(7.1, 0.06, "/s"))),
    "ENT-06": beside(SWAPPED, document("sources.pdf")),
    "ENT-07": entangled("fidelity_ml"),
    "ENT-08": beside(
        PAIRS,
        [
            ("met", figure(4e-4, 0.0), "met"),
            ("met: just", figure(9e-4, 0.0), "met"),
            ("at the limit", figure(0.001, 0.0), "met"),
            ("not met: just", figure(0.0011, 0.0), "not_met"),
            ("not met: separable states explain it", figure(0.5, 0.0), "not_met"),
            ("not met: a level", figure(4e-4, 0.0, "dB"), "not_evaluable"),
            (
                "not met: that of another test",
                about("p_value_classical", figure(4e-4, 0.0)),
                "no_evidence",
            ),
        ],
    ),
    "ENT-09": beside(PAIRS, document("bases.pdf")),
}

OFFSET = figure(2e-14, 4e-15)

TONE: dict[str, list[Case]] = {
    "TONE-01": [
        ("met", OFFSET, "met"),
        ("met: far below is asked elsewhere", figure(-3e-12, 1e-14), "met"),
        ("at the limit", figure(1e-12, 1e-14), INSIDE),
        ("at the limit, outside", figure(1.01e-12, 1e-14), OUTSIDE),
        ("not met", figure(1.1e-12, 1e-14), "not_met"),
        ("not met: read too badly", figure(2e-14, 8e-13), INSIDE),
        ("not met: a frequency", figure(1e-4, 1e-6, "Hz"), "not_evaluable"),
        ("not met: no u", {**OFFSET, "standard_uncertainty": None}, "not_evaluable"),
        ("not met: not over the carrier", about("frequency_offset", OFFSET), "not_applicable"),
        ANOTHER,
    ],
    "TONE-02": [
        ("met", OFFSET, "met"),
        ("met: far above is asked elsewhere", figure(3e-12, 1e-14), "met"),
        ("at the limit", figure(-1e-12, 1e-14), INSIDE),
        ("at the limit, outside", figure(-1.01e-12, 1e-14), OUTSIDE),
        ("not met", figure(-1.1e-12, 1e-14), "not_met"),
        ("not met: read too badly", figure(-2e-14, 8e-13), INSIDE),
        ("not met: no u", {**OFFSET, "standard_uncertainty": None}, "not_evaluable"),
        ANOTHER,
    ],
    "TONE-03": [*chain(OFFSET)[:-1], ANOTHER],
    "TONE-04": beside(RECEIVED, chain(figure(1e-4, 1e-6, "Hz"))),
    "TONE-05": beside(RECEIVED, document("phase.pdf")),
}
