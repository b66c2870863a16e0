"""What is compared: a figure with all that is known of its uncertainty, and a difference.

Inside: `EndsFunction`, `ComparedFigure`, `Difference`, `difference_from_chain`,
`safe_degrees_of_freedom`, `declared_share`.
Source: JCGM 100:2008 (GUM), Eq. 13 and G.2b.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from qtrace.physics.proportions import Interval
from qtrace.uncertainty.bias import known_bias
from qtrace.uncertainty.coverage import effective_degrees_of_freedom
from qtrace.uncertainty.network import Network, input_sensitivities, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result

# From a two-sided probability to the interval of the figure, in SI units.
EndsFunction = Callable[[float], Interval]


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """A figure as it is compared; numbers in SI units.

    `standard_uncertainty` is None where none can be given: it is never taken as zero; 0.0 says
    that the value is exact. `ends` gives an exact interval at any probability, `stored` is one
    at a fixed probability; where either is there, the linear form is not used. `form` is as in a
    `RecordedResult`. `known_bias` is a known error that the value still holds (indicated minus
    true). `failure` is the probability with which the method of a limit fails beside u and
    interval; None where nobody stated it, and it is never taken as zero. `declared_share` is the
    part of the variance that was stated and not estimated: that of infinite degrees of freedom.
    `unusable` says why the figure shows nothing, if it does not.
    """

    item: str
    kind: str
    value: float
    standard_uncertainty: float | None
    conditions: tuple[tuple[str, str], ...] = ()
    degrees_of_freedom: float = math.inf
    form: str = "estimate"
    ends: EndsFunction | None = None
    stored: Interval | None = None
    method: str = ""
    known_bias: float = 0.0
    failure: float | None = None
    declared_share: float = 0.0
    unusable: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Figure less baseline from the chain, where both are recorded results.

    What both share has cancelled. `unshared` is u that independence would claim. `known_bias` is
    the known error that the difference still holds. `baseline_degrees_of_freedom` are those of the
    u of the baseline alone, for routes that take it beside an interval.
    """

    value: float
    standard_uncertainty: float
    degrees_of_freedom: float
    unshared: float
    known_bias: float = 0.0
    baseline_degrees_of_freedom: float = math.inf


def difference_from_chain(network: Network, figure_id: int, baseline_id: int) -> Difference:
    """Return figure less baseline with the u that remains when what both share cancels.

    Args:
        network: Holds both results and all their ancestors.
        figure_id: Result of the figure.
        baseline_id: Result of the baseline.

    Source: GUM Eq. 13 (with a correlation that is not stated: its bound); degrees of freedom by
        Eq. G.2b over the inputs that remain.
    """
    value = network.result(figure_id).value - network.result(baseline_id).value
    own = max(network.results) + 1
    made = Result(
        own,
        value,
        Model(ModelKind.LINEAR),
        (
            Argument("figure", 1.0, parent_id=figure_id),
            Argument("baseline", -1.0, parent_id=baseline_id),
        ),
    )
    extended = replace(network, results={**network.results, own: made})
    u = standard_uncertainty(extended, own)
    parts = (standard_uncertainty(network, one) for one in (figure_id, baseline_id))
    degrees = safe_degrees_of_freedom(extended, own) if u > 0.0 else math.inf
    own_degrees = safe_degrees_of_freedom(network, baseline_id)
    return Difference(value, u, degrees, math.hypot(*parts), known_bias(extended, own), own_degrees)


def safe_degrees_of_freedom(network: Network, result_id: int) -> float:
    """Return the effective degrees of freedom, or where no formula holds the least of any input.

    Source: GUM Eq. G.2b; its note: the effective ones are never below the least of the parts.
    """
    degrees = effective_degrees_of_freedom(network, result_id).value
    if degrees is not None:
        return degrees
    found = input_sensitivities(network, result_id)
    return min(
        (network.quantity(one).degrees_of_freedom for one, c in found.items() if c != 0.0),
        default=math.inf,
    )


def declared_share(network: Network, result_id: int) -> float:
    """Return which part of a variance rests on inputs with infinite degrees of freedom.

    Source: the squares of GUM Eq. 10; what is correlated is counted as if it were not.
    """
    parts = {
        one: (c * network.quantity(one).standard_uncertainty) ** 2
        for one, c in input_sensitivities(network, result_id).items()
    }
    total = math.fsum(parts.values())
    if total == 0.0:
        return 0.0
    stated = (v for one, v in parts.items() if math.isinf(network.quantity(one).degrees_of_freedom))
    return math.fsum(stated) / total
