"""Named bounds of decoy BB84 over a declared set: intensities in intervals, detectors that differ.

Inside: `SET_BOUNDS`, `SetBound`, `set_metrics`, `set_proofs`, `MISMATCH`, `NAME_OF_VARYING`,
`count_arrays`, `stacked`.

Nothing is searched: the length holds over the whole set at once. The figure at the nominal
values, from which the budget is drawn, is that of the Hoeffding bound with the same sampling: over
a set of one point both are the same formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.decoy.decoy_arguments import (
    BY_SET,
    EPSILONS,
    LEAK,
    UNMODELLED,
    Values,
    basis_counts,
    cell_arguments,
    count_table,
    keyword_function,
    probability_arguments,
    set_arguments,
)
from qtrace.metrics.decoy.decoy_bounds import bound_name, not_covered
from qtrace.metrics.decoy.decoy_lengths import ADVERSARY, NO_U
from qtrace.metrics.metric import Metric
from qtrace.metrics.protocol import Proof, SetParameter, Side
from qtrace.physics.decoy.concentration import Concentration
from qtrace.physics.decoy.decoy_set import DecoyCounts, Security, varying_length
from qtrace.physics.decoy.decoy_set_one import varying_length_one
from qtrace.physics.decoy.decoy_source import BasisCounts, check_counts, told_bits
from qtrace.physics.decoy.intensity_set import IntensitySet
from qtrace.physics.decoy.phase_error import Sampling

Number = float | NDArray[np.float64]
Array = NDArray[np.float64]

NAME_OF_VARYING = "set_varying_"
MISMATCH = "detection_efficiency_mismatch"
OWN = "our own derivation, reviewed by nobody else"
TERMS = {2: "19 terms of eps_sec, 23 with a mismatch", 3: "21 terms of eps_sec, 25 with a mismatch"}
SOURCES = {2: "Rusca et al., APL 112, 171104 (2018)", 3: "Lim et al., PRA 89, 022307 (2014)"}

NOT_COVERED = (
    f"the worst case over the intensities is {OWN} (tested against a linear program)",
    f"the term for detection-efficiency mismatch is {OWN} (tested on matrices): have it checked "
    "before a positive outcome rests on it",
    "an intensity that depends on choices made in any round (pattern effect); intensities or "
    "their probabilities that differ between the bases",
    "a calibration supports the mean photon number; that every round stays inside its interval "
    "is a statement of its own",
    "passive choice of basis; detectors: blinding, dead time and after-pulses that link rounds",
    "source: other degrees of freedom that tell basis, bit or intensity; Trojan light",
    "probabilities of intensities and bases other than declared; imperfect random numbers",
    "fixed length: the paper's treatment of the acceptance test is repaired in arXiv:2405.16578",
)
CORRECTIONS = (
    "arXiv:2408.17349 (detection-efficiency mismatch, abstract read): a term of the same shape, "
    "its constants not used",
    "arXiv:0802.3177, arXiv:0902.4660 (source fluctuation; abstracts and introductions read): "
    "intensities in intervals, each pulse may differ: in, by a derivation of our own",
    "arXiv:2405.16578 (fixed length and acceptance test): not included",
)


@dataclass(frozen=True, slots=True)
class SetBound:
    """A bound over the set, by how the phase error is sampled."""

    sampling: Sampling

    @property
    def name(self) -> str:
        """Return the name, as it stands in the name of its metric."""
        return f"{NAME_OF_VARYING}{self.sampling}"

    @property
    def title(self) -> str:
        """Return the name in words."""
        sampled = {Sampling.GAMMA: "gamma of Lim et al. (2014)", Sampling.SERFLING: "Serfling"}
        return f"intensities that vary in intervals, detector mismatch, {sampled[self.sampling]}"


SET_BOUNDS = (SetBound(Sampling.GAMMA), SetBound(Sampling.SERFLING))


def set_parameters(intensities: int) -> tuple[SetParameter, ...]:
    """Return what the bounds assume: intervals and mismatch with a term, the rest without."""
    return (
        *(
            SetParameter(
                f"mean_photon_number_{k}",
                "mean_photon_number",
                f"mean photon number of intensity {k}, any value of the interval in every round",
                f"worst case over all sequences of intensities in the intervals; {OWN}",
            )
            for k in range(1, intensities + 1)
        ),
        SetParameter(
            MISMATCH,
            "efficiency_mismatch",
            "1 less the least ratio of the detectors' efficiencies, and of their dark counts, in "
            "any round, time, wavelength and mode",
            f"phase error enlarged; {OWN}, of the shape of arXiv:2408.17349",
            ideal=0.0,
            side=Side.UPPER,
            must_be_said=True,
        ),
        *(one for one in UNMODELLED if one.name != MISMATCH),
    )


def set_metrics(protocol: str, *, intensities: int) -> tuple[Metric, ...]:
    """Return the certified length of each bound."""
    arguments = (
        *cell_arguments(count_table(intensities)),
        *set_arguments(set_parameters(intensities)),
        *probability_arguments(intensities),
        *EPSILONS,
        *LEAK,
    )
    return tuple(
        Metric(
            metric_id=f"qkd.{protocol}.certified_length_{one.name}",
            version="1",
            title=f"secret length that holds over the set: {one.title}",
            result_kind="key_length_certified",
            unit="bit",
            arguments=arguments,
            function=keyword_function(
                arguments,
                _length_over_set(one, intensities=intensities),
                says="Return the length that holds for every device of the set, in bits.",
            ),
            influenced_by=BY_SET,
            source=_source(intensities),
            differentiable=False,
            interval_by=NO_U,
        )
        for one in SET_BOUNDS
    )


def set_proofs(protocol: str, *, intensities: int) -> tuple[Proof, ...]:
    """Return what each bound proves, against whom, and for which devices."""
    return tuple(
        Proof(
            bound=one.name,
            title=one.title,
            metric_id=f"qkd.{protocol}.certified_length_{one.name}",
            estimate_id=f"qkd.{protocol}.key_length_"
            + bound_name(Concentration.HOEFFDING, one.sampling),
            source=_source(intensities),
            adversary=ADVERSARY,
            regime="finite",
            corrected=tuple(f"key_{k}" for k in range(1, intensities + 1)),
            set_parameters=set_parameters(intensities),
            not_covered=(*NOT_COVERED, *not_covered(one.sampling)),
            corrections=CORRECTIONS,
        )
        for one in SET_BOUNDS
    )


def _source(intensities: int) -> str:
    return (
        f"{SOURCES[intensities]} with the worst case over the set, {OWN}; {TERMS[intensities]}; "
        "Hoeffding's inequality"
    )


def _length_over_set(bound: SetBound, *, intensities: int) -> Callable[[Values], Number]:
    def length(values: Values) -> Number:
        return _length(values, bound, intensities=intensities)

    return length


def _length(values: Values, bound: SetBound, *, intensities: int) -> Number:
    key, test = (basis_counts(values, one, intensities=intensities) for one in ("key", "test"))
    for basis, counts in (("key", key), ("test", test)):
        check_counts(counts, basis=basis, number=intensities)
    rows = range(1, intensities + 1)
    source = IntensitySet(
        stacked([values[f"mean_photon_number_{k}_low"] for k in rows]),
        stacked([values[f"mean_photon_number_{k}_high"] for k in rows]),
        probabilities=stacked([values[f"probability_{k}"] for k in rows]),
    )
    leak = told_bits(
        key,
        leak_bits=values["leak"],
        error_correction_efficiency=values["error_correction_efficiency"],
    )
    security = Security(
        values["epsilon_secrecy"],
        values["epsilon_correctness"],
        mismatch=values[MISMATCH],
        sampling=bound.sampling.value,
    )
    over = varying_length if intensities == 3 else varying_length_one
    found = over(count_arrays(key, test), source, leak_bits=leak, security=security).length
    length: Number = np.asarray(found)[()]
    return length


def count_arrays(key: BasisCounts, test: BasisCounts) -> DecoyCounts:
    """Return the counts of both bases as arrays, one axis of intensities behind the rows."""
    return DecoyCounts(
        stacked(key.detections),
        stacked(test.detections),
        stacked(test.errors),
        stacked(key.errors),
    )


def stacked(numbers: list[Number] | tuple[Number, ...]) -> Array:
    """Return one axis of intensities behind those of the rows."""
    arrays = [np.asarray(one, dtype=np.float64) for one in numbers]
    return np.stack(np.broadcast_arrays(*arrays), axis=-1)
