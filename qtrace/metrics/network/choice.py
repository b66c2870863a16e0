"""Which of several paths offers most, attribute by attribute.

Inside: `best_key`, `fewest_trusted`, `best_clock`, `best_pair`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtrace.metrics.network.offers import ClockOffer, KeyOffer, PairOffer


def best_key(offers: Sequence[KeyOffer]) -> KeyOffer:
    """Return the fastest path, one that is proven before all others; then fewest trusted nodes."""
    return max(
        offers,
        key=lambda one: (
            not one.not_shown,
            _known(one.rate_bits_per_s),
            -len(one.trusted_nodes),
        ),
    )


def fewest_trusted(offers: Sequence[KeyOffer]) -> KeyOffer:
    """Return the path that trusts fewest nodes; of equals the fastest one."""
    return min(offers, key=lambda one: (len(one.trusted_nodes), -_known(one.rate_bits_per_s)))


def best_clock(offers: Sequence[ClockOffer]) -> ClockOffer:
    """Return the path of least u; one whose u is not stated comes last."""
    return min(
        offers,
        key=lambda one: (
            math.inf if one.standard_uncertainty_s is None else one.standard_uncertainty_s,
            len(one.links),
        ),
    )


def best_pair(offers: Sequence[PairOffer]) -> PairOffer:
    """Return the path of highest fidelity; of equals the shortest one."""
    return max(offers, key=lambda one: (one.fidelity, -len(one.links)))


def _known(rate: float | None) -> float:
    return -1.0 if rate is None else rate
