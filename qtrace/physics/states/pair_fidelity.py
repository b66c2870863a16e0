"""Fidelity of pairs with a Bell state from how often outcomes agree in three bases.

Inside: `pair_fidelity_interval`, `entanglement_p_value`, `SEPARABLE`, `PAIR_INTERVAL`.
With m the mean of the parts of the pairs that agree as the Bell state asks for, F = (3 m - 1) / 2,
so that interval and p-value are those of a mean of proportions: one rule for all protocols.
Source: `qtrace.physics.states.mean_fidelity`; Guehne and Toth, Phys. Rep. 474, 1 (2009), section 6.
"""

from __future__ import annotations

from collections.abc import Sequence

from qtrace.physics.proportions import Interval
from qtrace.physics.states.mean_fidelity import fidelity_interval, mean_p_value

SEPARABLE = 0.5  # no separable state has a larger fidelity with a Bell state
PAIR_INTERVAL = (
    "exact: Clopper-Pearson, pooled (Hoeffding) for equal totals; else at the worst error rates "
    "that a search finds"
)


def pair_fidelity_interval(
    agreeing: Sequence[float], pairs: Sequence[float], *, probability: float
) -> Interval:
    """Return an interval of the fidelity with a Bell state that covers at least `probability`.

    It is not cut at 0, where an estimate may lie by scatter; its upper end is at most 1.

    Args:
        agreeing: In each of three bases, pairs whose outcomes stand as in the Bell state.
        pairs: All pairs in each basis.
        probability: Two-sided coverage, in (0, 1 - 1e-9].

    Raises:
        InputError: as for `fidelity_interval`.

    Source: F = (1 + sum of correlations with their signs) / 4, a correlation with its sign 2 q - 1
        with q the part that agrees: F = (sum q - 1) / 2 = (3 m - 1) / 2.
    """
    mean = fidelity_interval(_whole(agreeing), _whole(pairs), probability=probability)
    return Interval((3.0 * mean.low - 1.0) / 2.0, (3.0 * mean.high - 1.0) / 2.0, probability)


def entanglement_p_value(agreeing: Sequence[float], pairs: Sequence[float]) -> float:
    """Return the p-value against every separable state, for pairs that are alike.

    Raises:
        InputError: as for `fidelity_interval`.

    Source: F <= 1/2 for separable states (Guehne and Toth 2009), which is m <= 2/3.
    """
    bound = (2.0 * SEPARABLE + 1.0) / 3.0
    return mean_p_value(_whole(agreeing), _whole(pairs), bound=bound)


def _whole(counts: Sequence[float]) -> list[int]:
    """Return counts, which come as doubles, without what arithmetic added to them."""
    return [round(float(one)) for one in counts]
