"""Known errors that were not corrected, carried down the chain to a result.

Inside: `known_bias`.
"""

from __future__ import annotations

from qtrace.uncertainty.network import Network, result_sensitivities


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
