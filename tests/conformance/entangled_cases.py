"""Cases of what is asked of pairs for direct communication, of teleportation, of sensors.

Inside: `DIRECT`, `TELEPORTATION`, `SENSING`. Written by hand from what each row is meant to say.
"""

from __future__ import annotations

from typing import Any

from conformance.case_forms import (
    INSIDE,
    K2,
    NOTHING,
    OUTSIDE,
    Case,
    above,
    below,
    chain,
    document,
    figure,
)


def counted(value: float, low: float, high: float, probability: float = 0.95) -> dict[str, Any]:
    """A figure with an exact interval, as it comes from counts."""
    return {"value": value, "interval": (low, high, probability), "unit": "1", **K2}


def about(item: str, value: dict[str, Any]) -> dict[str, Any]:
    """The same figure, of another item than the row asks for."""
    return {**value, "item": item}


def without_u(value: dict[str, Any]) -> Case:
    return ("not met: no u", {**value, "standard_uncertainty": None}, "not_evaluable")


# --- pairs for direct communication -----------------------------------------------------------

PAIRS = counted(0.97, 0.962, 0.977)


def error_rate(basis: str, other: str) -> list[Case]:
    """An error rate of 5 % at most; that of another basis does not stand in for it."""
    rates = "qkd.qsdc_network.error_rate_"
    return [
        ("met", counted(0.033, 0.028, 0.039), "met"),
        ("met: just", counted(0.044, 0.038, 0.0499), "met"),
        ("met: in percent", figure(3.3, 0.3, "%"), "met"),
        ("at the limit", counted(0.05, 0.044, 0.057), INSIDE),
        ("at the limit, outside", counted(0.055, 0.048, 0.062), OUTSIDE),
        ("not met", counted(0.06, 0.053, 0.068), "not_met"),
        ("not met: few errors of few", counted(0.02, 0.0005, 0.11), INSIDE),
        ("not met: holds too seldom", counted(0.033, 0.028, 0.039, 0.9), "not_evaluable"),
        ("not met: a count is no rate", figure(0.033, 0.003, "s"), "not_evaluable"),
        without_u(figure(0.033, 0.003)),
        (
            f"not met: known of {other} alone, not of {basis}",
            about(f"{rates}{other}", counted(0.033, 0.028, 0.039)),
            "no_evidence",
        ),
        NOTHING,
    ]


DIRECT: dict[str, list[Case]] = {
    "QDC-01": [
        ("met", PAIRS, "met"),
        ("met: just", counted(0.958, 0.9501, 0.966), "met"),
        ("at the limit", counted(0.95, 0.94, 0.959), INSIDE),
        ("at the limit, outside", counted(0.943, 0.933, 0.952), OUTSIDE),
        ("not met", counted(0.93, 0.92, 0.939), "not_met"),
        ("not met: few counts", counted(0.98, 0.93, 0.998), INSIDE),
        ("not met: holds too seldom", counted(0.97, 0.962, 0.977, 0.9), "not_evaluable"),
        ("not met: a level is no fidelity", figure(-0.1, 0.01, "dB"), "not_evaluable"),
        without_u(figure(0.97, 0.004)),
        ("not met: a capacity", about("qkd.qsdc_network.capacity_estimate", PAIRS), "no_evidence"),
        (
            "not met: impossible data",
            {**PAIRS, "flags": ("impossible data: more errors than detections",)},
            "not_evaluable",
        ),
        NOTHING,
    ],
    "QDC-02": error_rate("x", "y"),
    "QDC-03": error_rate("y", "z"),
    "QDC-04": error_rate("z", "x"),
    "QDC-05": [
        *document("security.pdf"),
        (
            "not met: a capacity is no security",
            about("qkd.qsdc_network.capacity_estimate", figure(1.6, 0.05, "bit")),
            "no_evidence",
        ),
    ],
}

# --- teleportation ----------------------------------------------------------------------------


def margin(other: str) -> list[Case]:
    """A fidelity above a bound, to a hundredth."""
    return [
        ("met", counted(0.23, 0.22, 0.24), "met"),
        ("met: just", counted(0.005, 0.0001, 0.0099), "met"),
        ("at the limit", counted(0.0, -0.005, 0.005), INSIDE),
        ("at the limit, outside", counted(-0.002, -0.007, 0.003), OUTSIDE),
        ("not met: below the bound", counted(-0.006, -0.0095, -0.0025), "not_met"),
        ("not met: above, by few counts", counted(0.08, -0.01, 0.15), INSIDE),
        ("not met: holds too seldom", counted(0.23, 0.22, 0.24, 0.9), "not_evaluable"),
        ("not met: no margin has a unit", figure(0.23, 0.005, "Hz"), "not_evaluable"),
        without_u(figure(0.23, 0.005)),
        (
            f"not met: {other}",
            about(f"teleportation.{other}", counted(0.23, 0.22, 0.24)),
            "another item",
        ),
    ]


def instead(cases: list[Case], outcome: str) -> list[Case]:
    """Write what comes out of evidence of another item: nothing, or a row that does not apply."""
    return [
        (name, given, outcome if cell == "another item" else cell) for name, given, cell in cases
    ]


RATE = figure(7.1, 0.06, "/s")
EXCLUDED = figure(4e-4, 0.0)
TELEPORTED = about("teleportation.margin_classical", counted(0.23, 0.22, 0.24))

TELEPORTATION: dict[str, list[Case]] = {
    "TEL-01": [*instead(margin("margin_classical_assumed"), "no_evidence"), NOTHING],
    "TEL-02": [
        ("met", [EXCLUDED, TELEPORTED], "met"),
        ("met: smaller than numbers are", [figure(2.3e-308, 0.0), TELEPORTED], "met"),
        ("met: just", [figure(9e-4, 0.0), TELEPORTED], "met"),
        ("at the limit", [figure(0.001, 0.0), TELEPORTED], "met"),
        ("not met: just", [figure(0.0011, 0.0), TELEPORTED], "not_met"),
        ("not met: chance explains it", [figure(0.5, 0.0), TELEPORTED], "not_met"),
        (
            "not met: under an assumption on states not sent",
            [about("teleportation.p_value_classical_assumed", EXCLUDED), TELEPORTED],
            "no_evidence",
        ),
        ("not met: a level", [figure(4e-4, 0.0, "dB"), TELEPORTED], "not_evaluable"),
        (
            "not met: no u",
            [{**EXCLUDED, "standard_uncertainty": None}, TELEPORTED],
            "not_evaluable",
        ),
        ("not met: of a dip, of no fidelity", EXCLUDED, "not_applicable"),
        ("no evidence of chance", TELEPORTED, "no_evidence"),
    ],
    "TEL-03": [
        *instead(margin("margin_classical"), "not_applicable"),
        ("no evidence: no bound is known for the set", None, "not_applicable"),
        ("not met: a document is no figure", {"document": "cloning.pdf"}, "not_applicable"),
    ],
    "TEL-04": [
        *chain(RATE),
        ("not met: that of heralds", about("teleportation.herald_rate", RATE), "no_evidence"),
    ],
    "TEL-05": [
        *chain(RATE),
        ("not met: threefold", about("teleportation.threefold_rate", RATE), "no_evidence"),
    ],
    "TEL-06": [
        ("met", counted(0.812, 0.805, 0.819), "met"),
        ("at the limit: all that the optics give", counted(1.0, 0.993, 1.007), "met"),
        ("compatible: above by less than its interval", counted(1.004, 0.997, 1.011), OUTSIDE),
        ("not met: above, and not by chance", counted(1.02, 1.012, 1.028), "not_met"),
        ("not met: holds too seldom", counted(0.812, 0.805, 0.819, 0.9), "not_evaluable"),
        ("not met: a rate is no share", figure(0.812, 0.004, "/s"), "not_evaluable"),
        without_u(figure(0.812, 0.004)),
        (
            "not met: not set beside its limit",
            about("teleportation.bell_measurement_efficiency", counted(0.2, 0.19, 0.21)),
            "no_evidence",
        ),
        NOTHING,
    ],
    "TEL-07": document("preparation.pdf"),
    "TEL-08": document("choice.pdf"),
    "TEL-09": [
        *instead(margin("margin_classical"), "no_evidence"),
        ("met: a lower bound from decoys", {**figure(0.05, 0.0), "form": "lower_limit"}, "met"),
        (
            "not met: decoys show nothing",
            {**figure(-0.6667, 0.0), "form": "lower_limit"},
            "not_evaluable",
        ),
        ("not met: weak pulses, all of two photons", figure(0.759 - 1.0, 0.004), "not_met"),
        NOTHING,
    ],
    "TEL-10": [
        ("met", figure(0.42, 0.005), "met"),
        ("met: just", figure(0.0101, 0.005), "met"),
        ("at the limit", figure(0.0, 0.005), INSIDE),
        ("at the limit, outside", figure(-0.004, 0.005), OUTSIDE),
        ("not met: separable", figure(-0.0101, 0.005), "not_met"),
        ("not met: a fidelity is no rate", figure(0.42, 0.005, "Hz"), "not_evaluable"),
        without_u(figure(0.42, 0.005)),
        (
            "not met: a margin of the states is none of pairs",
            about("teleportation.margin_classical", figure(0.23, 0.005)),
            "no_evidence",
        ),
        ("not met: a document is no figure", {"document": "pairs.pdf"}, "not_evaluable"),
        NOTHING,
    ],
    "TEL-11": document("dip.pdf"),
}

# --- sensors ----------------------------------------------------------------------------------

# As large as in the shipped example, which is simulated.
XI = figure(0.206, 0.014)
SQUEEZED = about("sensing.wineland_parameter", XI)
GAIN = {**counted(2.9, 2.5, 3.4), "attributes": {"reference": "mode_separable"}}
GAINED = about("sensing.variance_gain", GAIN)
MEASURED = about("sensing.reference_phase_uncertainty", figure(2.5e-3, 8e-5, "rad"))
CONTRAST = figure(0.96, 0.01)
# Without a figure of what it needs the row does not apply: another protocol was run.
ANOTHER: Case = ("no evidence: another protocol", None, "not_applicable")
GIVEN_ALONE = "not met: of a run without what it needs"


def own(cases: list[Case], paper: str, other: dict[str, Any]) -> list[Case]:
    """A row that needs its own figure: neither a document nor another figure makes it apply."""
    return [
        *(one for one in cases if one is not NOTHING),
        ("not met: a document is no figure", {"document": paper}, "not_applicable"),
        ("not met: another figure", other, "not_applicable"),
        ANOTHER,
    ]


def above_and_below(limit: float) -> list[Case]:
    """A share of projection noise against a limit, as every row of it is judged."""
    return [
        *below(limit, "1"),
        ("at the limit, outside", figure(1.005 * limit, 0.01 * limit), OUTSIDE),
        ("not met: holds too seldom", counted(0.5, 0.4, 0.6, 0.9), "not_evaluable"),
        ("not met: a rate is no share", figure(0.5, 0.01, "/s"), "not_evaluable"),
        without_u(figure(0.5, 0.01)),
    ]


def with_reference(cases: list[Case]) -> list[Case]:
    """Rows of a gain over a reference that was measured; a limit that is computed needs none."""
    plain = [
        (name, given[0] if isinstance(given, list) else given, cell) for name, given, cell in cases
    ]
    return [
        *((name, [given or {}, MEASURED], cell) for name, given, cell in plain),
        ("no evidence: how many probes is not known", MEASURED, "no_evidence"),
        (GIVEN_ALONE, figure(0.5, 0.01), "not_applicable"),
        ("not met: over a limit that is computed", [XI, GAINED], "not_applicable"),
        ANOTHER,
    ]


SENSING: dict[str, list[Case]] = {
    "SENS-01": own(
        [
            *below(1.0, "1"),
            ("met: the node of the example", XI, "met"),
            ("not met: squeezed, but not surely", figure(0.9, 0.06), INSIDE),
            ("not met: as independent probes, just", figure(1.01, 0.01), OUTSIDE),
            ("not met: a level", figure(-3.8, 0.2, "dB"), "not_evaluable"),
            without_u(XI),
        ],
        "squeezing.pdf",
        about("sensing.kitagawa_ueda_parameter", figure(0.3, 0.02)),
    ),
    "SENS-02": own(
        chain(XI), "atoms.pdf", about("sensing.kitagawa_ueda_parameter", figure(0.3, 0.02))
    ),
    "SENS-03": [
        ("met", [CONTRAST, SQUEEZED], "met"),
        ("met: an interval says both", [counted(0.96, 0.94, 0.98), SQUEEZED], "met"),
        (
            "at the limit: u, but no k",
            [{**CONTRAST, "coverage_factor": None}, SQUEEZED],
            "not_evaluable",
        ),
        (
            "not met: k, but no u",
            [{**CONTRAST, "standard_uncertainty": None}, SQUEEZED],
            "not_evaluable",
        ),
        ("not met: no value", [{**CONTRAST, "value": None}, SQUEEZED], "not_evaluable"),
        ("no evidence of a contrast", SQUEEZED, "no_evidence"),
        (GIVEN_ALONE, CONTRAST, "not_applicable"),
        ("not met: of a gain over a reference", [CONTRAST, GAINED], "not_applicable"),
        ANOTHER,
    ],
    "SENS-04": own(
        [
            ("met", GAIN, "met"),
            ("met: without u it is named all the same", {**GAIN, "interval": None}, "met"),
            (
                "at the limit: named, but empty",
                {**GAIN, "attributes": {"reference": " "}},
                "not_evaluable",
            ),
            ("not met: over what", {**GAIN, "attributes": {}}, "not_evaluable"),
        ],
        "gain.pdf",
        about("sensing.deviation_gain", GAIN),
    ),
    "SENS-05": own(
        [
            *above(1.0, "1"),
            ("met: the network, few shots", GAIN, "met"),
            ("not met: a gain, but not surely", counted(1.3, 0.95, 1.8), INSIDE),
            ("not met: none, just", counted(0.97, 0.8, 1.2), OUTSIDE),
            ("not met: holds too seldom", counted(2.9, 2.5, 3.4, 0.9), "not_evaluable"),
            ("not met: a level", figure(4.5, 0.3, "dB"), "not_evaluable"),
            without_u(figure(2.9, 0.2)),
        ],
        "gain.pdf",
        about("sensing.variance_gain_level", figure(4.5, 0.3, "dB")),
    ),
    "SENS-06": own(
        [
            *below(10.0, "mrad"),
            ("met: the network of the example", figure(6.4e-4, 3e-5, "rad"), "met"),
            ("not met: just over half as much again", figure(0.0152, 1e-4, "rad"), "not_met"),
            ("not met: a frequency", figure(1.0, 0.01, "mHz"), "not_evaluable"),
            without_u(figure(1.0, 0.01, "mrad")),
        ],
        "phase.pdf",
        GAINED,
    ),
    "SENS-07": own(chain(figure(7.5e-13, 3e-14)), "clock.pdf", GAINED),
    "SENS-08": own(
        [
            *above(0.9, "1"),
            ("met: 14 and 18 of 2000 failed", counted(0.984, 0.975, 0.991), "met"),
            ("not met: too few were checked", counted(0.98, 0.82, 0.999), INSIDE),
            ("not met: holds too seldom", counted(0.984, 0.975, 0.991, 0.9), "not_evaluable"),
            ("not met: probes are no share", figure(16000.0, 100.0, "/s"), "not_evaluable"),
            without_u(figure(0.984, 0.004)),
        ],
        "checks.pdf",
        about("sensing.sensing_probes", figure(16000.0, 0.0)),
    ),
    "SENS-09": [
        *((name, [given, GAINED], cell) for name, given, cell in document("shots.pdf")[:-1]),
        ("no evidence of how it was read", GAINED, "no_evidence"),
        (
            GIVEN_ALONE,
            {"document": "shots.pdf", "attestation": "evaluator A"},
            "not_applicable",
        ),
        ANOTHER,
    ],
    "SENS-10": with_reference(
        [
            *above_and_below(1.5),
            ("met: the example, at projection noise", counted(1.09, 0.96, 1.24), "met"),
            ("met: each node squeezed by itself", counted(0.2, 0.18, 0.23), "met"),
            ("not met: a bad reference", counted(9.0, 8.0, 10.1), "not_met"),
        ]
    ),
    "SENS-11": with_reference(
        [
            *above_and_below(1.0),
            ("met: the network of the example", counted(0.075, 0.066, 0.085), "met"),
            ("not met: a gain over a bad reference alone", counted(4.0, 3.5, 4.6), "not_met"),
        ]
    ),
}
