"""Where a model leaves the scale of a level with a u too large for first order.

Inside: `LEVEL_CONVERSION`, `level_conversion`.
"""

from __future__ import annotations

import math
from collections.abc import Set as AbstractSet

from qtrace.quantity.scale import Factor, level_to_relative_uncertainty
from qtrace.uncertainty.expression_tokens import LEVEL_OF_RATIO, RATIO_OF_LEVEL
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Argument, ModelKind

# A conversion of more than this relative u is left to draws (own rule of this software).
LARGEST_LINEAR_CONVERSION = 0.05
LEVEL_CONVERSION = "level conversion"


def level_conversion(network: Network, result_id: int, levels: AbstractSet[str]) -> str:
    """Say where a model turns a level with a large u into a ratio, or the other way round.

    Args:
        network: Holds the result and its ancestors.
        result_id: The result.
        levels: Names of the arguments that are levels, or hold one (dB per metre).

    Returns:
        The flag, "" where there is no conversion or the levels make up at most 5 % of the value.

    Source: GUM Eq. 10 on 10^(L/10): u_rel = u_L ln(10)/10; limit of 5 %: own rule.
    """
    result = network.result(result_id)
    text = result.model.text if result.model.kind is ModelKind.EXPRESSION else ""
    relative = 0.0
    if any(name in text for name in LEVEL_OF_RATIO):
        factor: Factor = "power" if "level_of_power_ratio" in text else "amplitude"
        u_db = standard_uncertainty(network, result_id)
        relative = level_to_relative_uncertainty(u_db, factor=factor)
    if any(name in text for name in RATIO_OF_LEVEL) and result.value != 0.0:
        parts = [
            one.sensitivity * _uncertainty_of(network, one)
            for one in result.arguments
            if one.name in levels
        ]
        relative = max(relative, math.hypot(*parts) / abs(result.value))
    if relative <= LARGEST_LINEAR_CONVERSION:
        return ""
    return (
        f"{LEVEL_CONVERSION}: u of its levels is {100.0 * relative:.2g} % of the value, so the "
        "interval is that of draws; the estimate is the converted estimate, not the mean"
    )


def _uncertainty_of(network: Network, argument: Argument) -> float:
    if argument.parent_id is not None:
        return standard_uncertainty(network, argument.parent_id)
    return network.quantity(argument.input_id or 0).standard_uncertainty
