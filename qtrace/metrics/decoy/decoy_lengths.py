"""Two metrics for each named bound of a finite decoy key: nominal, and smallest over the set.

Inside: `FiniteBound`, `finite_metrics`, `finite_proof`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.decoy.decoy_arguments import (
    BY_SET,
    BY_SOURCE,
    EPSILONS,
    LEAK,
    UNMODELLED,
    Values,
    cell_arguments,
    count_table,
    intensity_set,
    keyword_function,
    probability_arguments,
    set_arguments,
    source_arguments,
)
from qtrace.metrics.decoy.decoy_certified import COARSE, Grid, worst_in_box
from qtrace.metrics.metric import Metric, MetricArgument, MetricFunction
from qtrace.metrics.protocol import Proof

Number = float | NDArray[np.float64]

NO_U = "none: the minimum over a declared set is no estimate with an uncertainty"
# Of the stability interval: an evaluation of the certified figure takes up to 0.2 s.
DRAWS, TAIL_DRAWS = 20, 10
STEPS = "stability under Poisson resampling of the counts (not a security statement)"
ADVERSARY = "general (coherent) attacks; trusted nodes, authenticated classical channel"
NOT_COVERED = (
    "detectors: blinding, time shift, back-flash, dead time and after-pulses that link rounds",
    "source: other degrees of freedom that tell basis, bit or intensity; Trojan light",
    "intensities that change from round to round: each is one constant, unknown in its interval; "
    "any variation inside the intervals is covered by the bounds set_varying_",
    "probabilities of intensities and bases other than declared; imperfect random numbers",
    "fixed length: the paper's treatment of the acceptance test is repaired in arXiv:2405.16578",
)

SEARCHED = (
    "the minimum over the intervals is searched (corners, grid drawn together), not proved to be "
    "the least: with an interval the figure meets no requirement"
)
PROVED = (
    "that no length in the intervals is below the minimum rests on the bounds set_varying_ over "
    "small boxes, our own derivation, reviewed by nobody else; nothing is only searched"
)


@dataclass(frozen=True, slots=True)
class FiniteBound:
    """A named bound: its length as a function of all arguments by name."""

    name: str
    title: str
    length: Callable[[Values], Number]
    source: str
    steps: bool = False  # whole numbers inside: no derivative
    # Of the arguments of the certified figure: its minimum, where one can be proved.
    proven: Callable[[Values], Number] | None = None
    not_covered: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()


def _certified_function(
    bound: FiniteBound, arguments: tuple[MetricArgument, ...], *, intensities: int
) -> MetricFunction:
    """Return the smallest length of a bound over intervals of the mean photon numbers."""
    names = [one.name for one in intensity_set(intensities)]
    grid = COARSE if bound.steps else Grid()

    def smallest(values: Values) -> Number:
        intervals = {name: (values[f"{name}_low"], values[f"{name}_high"]) for name in names}
        fixed = {
            name: value
            for name, value in values.items()
            if not name.startswith("mean_photon_number_")
        }

        def figure(**given: Number) -> Number:
            return bound.length(given)

        found = worst_in_box(figure, fixed=fixed, intervals=intervals, grid=grid).value
        wide = np.any([np.asarray(low) < np.asarray(high) for low, high in intervals.values()])
        if bound.proven is None or not wide:
            return found
        least: Number = np.minimum(found, bound.proven(values))[()]
        return least

    return keyword_function(
        arguments,
        smallest,
        says="Return the smallest length over the intervals of the mean photon numbers.",
    )


def finite_metrics(protocol: str, bound: FiniteBound, *, intensities: int) -> tuple[Metric, Metric]:
    """Return the nominal and the certified length of one bound."""
    cells = cell_arguments(count_table(intensities))
    nominal = (*cells, *source_arguments(intensities), *EPSILONS, *LEAK)
    certified = (
        *cells,
        *set_arguments(intensity_set(intensities)),
        *probability_arguments(intensities),
        *EPSILONS,
        *LEAK,
    )
    return (
        Metric(
            metric_id=f"qkd.{protocol}.key_length_{bound.name}",
            version="1",
            title=f"secret length, {bound.title}",
            result_kind="key_length_finite",
            unit="bit",
            arguments=nominal,
            function=keyword_function(
                nominal, bound.length, says=f"Return the secret length in bits: {bound.title}."
            ),
            influenced_by=BY_SOURCE,
            source=bound.source,
            differentiable=not bound.steps,
            interval_by=STEPS if bound.steps else "propagation of uncertainty",
        ),
        Metric(
            metric_id=f"qkd.{protocol}.certified_length_{bound.name}",
            version="1",
            title=f"smallest secret length over the set, {bound.title}",
            result_kind="key_length_certified",
            unit="bit",
            arguments=certified,
            function=_certified_function(bound, certified, intensities=intensities),
            influenced_by=BY_SET,
            source=bound.source,
            differentiable=False,
            interval_by=NO_U,
        ),
    )


def finite_proof(protocol: str, bound: FiniteBound, *, intensities: int) -> Proof:
    """Return what the named bound proves, against whom, and for which devices."""
    return Proof(
        bound=bound.name,
        title=bound.title,
        metric_id=f"qkd.{protocol}.certified_length_{bound.name}",
        estimate_id=f"qkd.{protocol}.key_length_{bound.name}",
        source=bound.source,
        adversary=ADVERSARY,
        regime="finite",
        set_parameters=(*intensity_set(intensities), *UNMODELLED),
        not_covered=(*NOT_COVERED, PROVED if bound.proven else SEARCHED, *bound.not_covered),
        corrections=bound.corrections,
        stability_draws=TAIL_DRAWS if bound.steps else DRAWS,
        searched=bound.proven is None,
        corrected=tuple(f"key_{k}" for k in range(1, intensities + 1)),
    )
