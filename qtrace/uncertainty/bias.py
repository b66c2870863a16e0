"""Known errors that were not corrected: carried down the chain, and the one rule for judging them.

Inside: `known_bias`, `enlarged`, `outward`, `without_bias`, `Shifted`.

The rule, the same for a stated U, a guard band, a risk and a comparison: the value stays as it
was stated; each part of U grows by |bias|; every probability is one of the value with the error
taken off; and an acceptance limit that is placed by a risk moves inward by the part of the error
that points across it, never outward.
Source: JCGM 100:2008 (GUM), 3.2.3, 3.2.4 and note to 6.3.1; Phillips, Eberhardt and Parry, J. Res.
NIST 102, 577 (1997) (sum from memory).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qtrace.uncertainty.distribution_functions import Tails
from qtrace.uncertainty.network import Network, result_sensitivities
from qtrace.uncertainty.posterior import Draws, Posterior, Shape


def known_bias(network: Network, result_id: int) -> float:
    """Return the known error of a result that its value still holds (indicated minus true).

    Args:
        network: Holds the result and all its ancestors.
        result_id: The result.

    Returns:
        Sum over the chain of sensitivity times known error, in the SI unit of the result; 0.0
        where everything known was corrected.

    Source: JCGM 100:2008 (GUM), 3.2.3, 3.2.4 and note to 6.3.1 (a significant systematic effect
    wants a correction; where none is applied it has to be said and covered), Eq. 13 (first order).
    It is covered by U + |error|: Phillips, Eberhardt and Parry, J. Res. NIST 102, 577 (1997)
    (sum from memory).
    """
    return sum(
        weight * argument.sensitivity * network.quantity(argument.input_id).estimate
        for step, weight in result_sensitivities(network, result_id).items()
        for argument in network.result(step).beside_model
        if argument.input_id is not None
    )


def enlarged(reach: tuple[float, float], bias: float) -> tuple[float, float]:
    """Return the parts of U below and above a value, each larger by the size of its known error.

    Args:
        reach: The parts without the known error, from k u, quantiles or draws.
        bias: Known error, in the same unit.

    Source: Phillips, Eberhardt and Parry (1997), U = k u + |error|.
    """
    return reach[0] + abs(bias), reach[1] + abs(bias)


def outward(bias: float) -> tuple[float, float]:
    """Return by how much a guard band of a risk grows at the lower and at the upper limit.

    A value that is too large by its known error makes a lower limit look held, and one too small
    an upper limit; what the error takes away from the other side is not given as room.

    Args:
        bias: Known error (indicated minus true).

    Source: as this module.
    """
    return max(0.0, bias), max(0.0, -bias)


@dataclass(frozen=True, slots=True)
class Shifted:
    """A distribution that lies lower by a known error."""

    of: Posterior
    bias: float

    @property
    def basis(self) -> str:
        """Return what the distribution is."""
        return self.of.basis

    def tails(self, limits: NDArray[np.float64]) -> Tails:
        """Return P(Y <= limit) and P(Y > limit) of the value without its known error."""
        return self.of.tails(np.asarray(limits, dtype=np.float64) + self.bias)

    def quantile(self, probability: float) -> float:
        """Return a quantile of the value without its known error."""
        return self.of.quantile(probability) - self.bias


def without_bias(posterior: Posterior, bias: float) -> Posterior:
    """Return the distribution of a value with its known error taken off.

    Args:
        posterior: What is known of the value as it was stated; u of the error is in it.
        bias: Known error (indicated minus true), in the same unit.

    Source: JCGM 100:2008 (GUM), 3.2.4 (the corrected value is the estimate of the measurand).
    """
    if bias == 0.0:
        return posterior
    if isinstance(posterior, Draws):
        return Draws(posterior.values - bias, posterior.outside)
    if isinstance(posterior, Shape) and (
        posterior.symmetric or posterior.standard_uncertainty == 0.0
    ):
        return replace(posterior, estimate=posterior.estimate - bias)
    return Shifted(posterior, bias)
