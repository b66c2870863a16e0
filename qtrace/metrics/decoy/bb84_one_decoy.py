"""Decoy BB84 with two intensities: finite key from counts, by named bounds.

Inside: `BB84_ONE_DECOY`.
Arguments in SI units, by keyword; numbers or arrays; lengths are not clamped at zero.
Source: Rusca, Boaron, Grunenfelder, Martin and Zbinden, APL 112, 171104 (2018);
arXiv:2405.16578 in its authors' code.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.decoy.decoy_arguments import (
    EPSILON_FIELDS,
    LEAK_CHOICE,
    LEAK_FIELDS,
    Values,
    basis_counts,
    count_table,
    epsilon_metric,
    error_rate_metrics,
    intensities_of,
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
from qtrace.metrics.protocol import Protocol, Source
from qtrace.physics.decoy.concentration import Concentration
from qtrace.physics.decoy.decoy_one import (
    INTENSITIES,
    WIESEMANN,
    OneDecoyProof,
    one_decoy_length,
    one_decoy_proof,
)
from qtrace.physics.decoy.decoy_source import EITHER_INTENSITY
from qtrace.physics.decoy.phase_error import Sampling

Number = float | NDArray[np.float64]

NAME = "bb84_one_decoy"
PAPER = "Rusca et al., APL 112, 171104 (2018), Eqs. A16 to A25"
TABLE = count_table(INTENSITIES)
CHOICE = "the smaller of two vacuum bounds is taken after the data, without a term of its own"
FIFTEEN = "hoeffding_serfling_15"


def _length(proof: OneDecoyProof) -> Callable[[Values], Number]:
    def length(values: Values) -> Number:
        return one_decoy_length(
            basis_counts(values, "key", intensities=INTENSITIES),
            basis_counts(values, "test", intensities=INTENSITIES),
            intensities_of(values, intensities=INTENSITIES),
            epsilon_secrecy=values["epsilon_secrecy"],
            epsilon_correctness=values["epsilon_correctness"],
            leak_bits=values["leak"],
            error_correction_efficiency=values["error_correction_efficiency"],
            proof=proof,
        )

    return length


def _bound(proof: OneDecoyProof) -> FiniteBound:
    """Return one bound with its length as a function of all arguments."""
    title = bound_title(proof.concentration, proof.sampling)
    own = proof.terms is EITHER_INTENSITY
    return FiniteBound(
        name=bound_name(proof.concentration, proof.sampling),
        title=title,
        length=_length(proof),
        source=f"{PAPER}, with {title}; {proof.terms.name} of eps_sec: {proof.terms.source}",
        steps=proof.sampling is Sampling.TAIL,
        proven=proven_length(proof.sampling, intensities=INTENSITIES)
        if proof.concentration is Concentration.HOEFFDING and proof.sampling is not Sampling.TAIL
        else None,
        not_covered=(*not_covered(proof.sampling), *(() if own else (CHOICE,))),
        corrections=(
            *corrections(proof.sampling),
            f"arXiv:2405.16578 (15 terms): in as the bound {FIFTEEN}",
        ),
    )


LATER = FiniteBound(
    name=FIFTEEN,
    title="Hoeffding's inequality, Serfling's bound, 15 terms, cut to what is possible",
    length=_length(WIESEMANN),
    source="arXiv:2405.16578 in its authors' code: 15 terms, 4 log2(15/(2^(1/4) eps_sec)), no key "
    "from vacuum; Serfling's bound by the size of the test sample",
    not_covered=(CHOICE, "the paper's page was not read: constants are those of its code"),
    corrections=(
        "arXiv:2405.16578: constants included, its treatment of acceptance not checked",
        "arXiv:2502.10340 (gamma is not a true bound; quoted second hand): met, gamma is not used",
        "arXiv:2408.17349 (detection-efficiency mismatch): not included in this bound",
    ),
)

FINITE_BOUNDS = (*(_bound(one_decoy_proof(*one)) for one in BOUNDS), LATER)

BB84_ONE_DECOY = Protocol(
    name=NAME,
    title="BB84 with one decoy intensity, finite key",
    metrics=(
        *error_rate_metrics(NAME, TABLE),
        epsilon_metric(NAME),
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
                "mean_photon_number_1": 0.45,
                "mean_photon_number_2": 0.15,
                "probability_1": 0.65,
                "probability_2": 0.35,
            }
        ),
        intensities=INTENSITIES,
    ),
)
