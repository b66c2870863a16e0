"""BBM92 from counts in disjoint cells: its figures, its lengths, its proofs, its link.

Inside: `BBM92`, `BBM92_METRICS`; the functions are in `bbm92_figures` and `bbm92_lengths`, the
proofs in `bbm92_proofs`, the link model in `bbm92_link`.
Source: as named there.
"""

from __future__ import annotations

from qtrace.metrics.entangled.bbm92_arguments import COUNTS_ONLY
from qtrace.metrics.entangled.bbm92_figures import (
    FIGURES,
    key_fraction_asymptotic,
    key_rate_asymptotic,
    qber,
    qber_of_basis,
)
from qtrace.metrics.entangled.bbm92_lengths import LENGTHS, finite_length_gamma, finite_length_tail
from qtrace.metrics.entangled.bbm92_link import BBM92_LINK
from qtrace.metrics.entangled.bbm92_proofs import PROOFS
from qtrace.metrics.metric import Metric
from qtrace.metrics.protocol import CountTable, ParameterField, Protocol, TableKey

__all__ = [
    "BBM92",
    "BBM92_METRICS",
    "COUNTS_ONLY",
    "finite_length_gamma",
    "finite_length_tail",
    "key_fraction_asymptotic",
    "key_rate_asymptotic",
    "qber",
    "qber_of_basis",
]

MOST_COUNTS = 2.0**53  # above it a double no longer holds every whole number

BBM92_METRICS: tuple[Metric, ...] = (*FIGURES, *LENGTHS)

BBM92 = Protocol(
    name="bbm92",
    title="entanglement-based distribution in two bases (BBM92)",
    metrics=BBM92_METRICS,
    proofs=PROOFS,
    table=CountTable((TableKey("basis", ("z", "x")),)),
    parameters=(
        ParameterField(
            "error_correction_efficiency",
            "error_correction_efficiency",
            1.0,
            10.0,
            "leak over its Shannon limit",
        ),
        ParameterField(
            "leak",
            "leak",
            0.0,
            MOST_COUNTS,
            "bits told in error correction, of all blocks that give key",
            low_allowed=False,
        ),
        *(
            ParameterField(
                f"epsilon_{name}",
                "failure_probability",
                0.0,
                1.0,
                f"failure probability of {what}, of one basis",
                low_allowed=False,
            )
            for name, what in (
                ("sampling", "sampling"),
                ("correctness", "error correction"),
                ("privacy", "privacy amplification"),
            )
        ),
        ParameterField(
            "discarded",
            "discarded_count",
            0.0,
            MOST_COUNTS,
            "coincidences discarded in sifting",
            whole=True,
        ),
        ParameterField(
            "accidentals",
            "accidental_count",
            0.0,
            MOST_COUNTS,
            "accidental coincidences among the sifted counts",
            whole=True,
        ),
    ),
    one_of=(("leak", "error_correction_efficiency"),),
    link_model=BBM92_LINK,
)
