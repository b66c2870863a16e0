"""Standard uncertainties of the arguments of one result, by name.

Inside: `argument_spread`.
"""

from __future__ import annotations

from qtrace.uncertainty.network import Network, standard_uncertainty


def argument_spread(network: Network, result_id: int) -> dict[str, float]:
    """Return u of each argument of a result: of an input its own, of a result that of its chain.

    Args:
        network: Holds the result with all behind it.
        result_id: The result.
    """
    return {
        one.name: standard_uncertainty(network, one.parent_id)
        if one.parent_id is not None
        else network.quantity(one.input_id or 0).standard_uncertainty
        for one in network.result(result_id).arguments
    }
