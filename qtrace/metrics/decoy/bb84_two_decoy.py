"""Decoy BB84 with three intensities: finite key from counts, by named bounds.

Inside: `BB84_TWO_DECOY`.
Arguments in SI units, by keyword; numbers or arrays; lengths are not clamped at zero.
Source: Lim, Curty, Walenta, Xu and Zbinden, PRA 89, 022307 (2014).
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.decoy.decoy_arguments import (
    BY_SOURCE,
    EPSILON_FIELDS,
    EPSILONS,
    LEAK_CHOICE,
    LEAK_FIELDS,
    Values,
    basis_counts,
    cell_arguments,
    count_table,
    epsilon_metric,
    error_rate_metrics,
    intensities_of,
    keyword_function,
    source_arguments,
)
from qtrace.metrics.decoy.decoy_bounds import (
    BOUNDS,
    bound_name,
    bound_title,
    corrections,
    not_covered,
)
from qtrace.metrics.decoy.decoy_channel import two_basis_model
from qtrace.metrics.decoy.decoy_constant import proven_length
from qtrace.metrics.decoy.decoy_lengths import FiniteBound, finite_metrics, finite_proof
from qtrace.metrics.decoy.decoy_set_bounds import set_metrics, set_proofs
from qtrace.metrics.metric import Metric
from qtrace.metrics.protocol import Protocol, Source
from qtrace.physics.decoy.concentration import Concentration
from qtrace.physics.decoy.decoy_two import (
    INTENSITIES,
    TwoDecoyFigures,
    two_decoy_figures,
    two_decoy_length,
)
from qtrace.physics.decoy.phase_error import Sampling

Number = float | NDArray[np.float64]

NAME = "bb84_two_decoy"
PAPER = "Lim et al., PRA 89, 022307 (2014), Eqs. 1 to 5"
TABLE = count_table(INTENSITIES)


def _bound(concentration: Concentration, sampling: Sampling) -> FiniteBound:
    """Return one bound with its length as a function of all arguments."""

    def length(values: Values) -> Number:
        return two_decoy_length(
            basis_counts(values, "key", intensities=INTENSITIES),
            basis_counts(values, "test", intensities=INTENSITIES),
            intensities_of(values, intensities=INTENSITIES),
            epsilon_secrecy=values["epsilon_secrecy"],
            epsilon_correctness=values["epsilon_correctness"],
            leak_bits=values["leak"],
            error_correction_efficiency=values["error_correction_efficiency"],
            concentration=concentration,
            sampling=sampling,
        )

    published = concentration is Concentration.HOEFFDING and sampling is Sampling.GAMMA
    changed = "" if published else f", with {bound_title(concentration, sampling)}"
    return FiniteBound(
        name=bound_name(concentration, sampling),
        title=bound_title(concentration, sampling),
        length=length,
        source=f"{PAPER}{changed}; 21 equal terms of eps_sec",
        steps=sampling is Sampling.TAIL,
        proven=proven_length(sampling, intensities=INTENSITIES)
        if concentration is Concentration.HOEFFDING and sampling is not Sampling.TAIL
        else None,
        not_covered=not_covered(sampling),
        corrections=corrections(sampling),
    )


def _figures(values: Values) -> TwoDecoyFigures:
    """Return the published bounds of events; what is told plays no part in them."""
    return two_decoy_figures(
        basis_counts(values, "key", intensities=INTENSITIES),
        basis_counts(values, "test", intensities=INTENSITIES),
        intensities_of(values, intensities=INTENSITIES),
        epsilon_secrecy=values["epsilon_secrecy"],
        epsilon_correctness=values["epsilon_correctness"],
        error_correction_efficiency=1.0,
    )


EVENT_ARGUMENTS = (*cell_arguments(TABLE), *source_arguments(INTENSITIES), *EPSILONS)
EVENT_METRICS = (
    Metric(
        metric_id=f"qkd.{NAME}.single_photon_count",
        version="1",
        title="lower bound of the single-photon bits of the key basis, Hoeffding's inequality",
        result_kind="sifted_count",
        unit="1",
        arguments=EVENT_ARGUMENTS,
        function=keyword_function(
            EVENT_ARGUMENTS,
            lambda values: _figures(values).single_key,
            says="Return the lower bound of single-photon events in the key basis.",
        ),
        influenced_by=BY_SOURCE,
        source="Lim et al., PRA 89, 022307 (2014), Eq. 3",
    ),
    Metric(
        metric_id=f"qkd.{NAME}.phase_error",
        version="1",
        title="upper bound of the phase error rate, as published",
        result_kind="phase_error_rate",
        unit="1",
        arguments=EVENT_ARGUMENTS,
        function=keyword_function(
            EVENT_ARGUMENTS,
            lambda values: _figures(values).phase_error,
            says="Return the upper bound of the phase error rate of the key basis.",
        ),
        influenced_by=BY_SOURCE,
        source="Lim et al., PRA 89, 022307 (2014), Eq. 5",
    ),
)

FINITE_BOUNDS = tuple(_bound(*one) for one in BOUNDS)

BB84_TWO_DECOY = Protocol(
    name=NAME,
    title="BB84 with two decoy intensities, finite key",
    metrics=(
        *error_rate_metrics(NAME, TABLE),
        epsilon_metric(NAME),
        *EVENT_METRICS,
        *(
            metric
            for one in FINITE_BOUNDS
            for metric in finite_metrics(NAME, one, intensities=INTENSITIES)
        ),
        *set_metrics(NAME, intensities=INTENSITIES),
    ),
    proofs=(
        *(finite_proof(NAME, one, intensities=INTENSITIES) for one in FINITE_BOUNDS),
        *set_proofs(NAME, intensities=INTENSITIES),
    ),
    table=TABLE,
    sources=(Source("", INTENSITIES),),
    parameters=(*EPSILON_FIELDS, *LEAK_FIELDS),
    one_of=(LEAK_CHOICE,),
    link_model=two_basis_model(
        MappingProxyType(
            {
                "mean_photon_number_1": 0.48,
                "mean_photon_number_2": 0.12,
                "mean_photon_number_3": 2e-4,
                "probability_1": 0.6,
                "probability_2": 0.25,
                "probability_3": 0.15,
            }
        ),
        intensities=INTENSITIES,
    ),
)
