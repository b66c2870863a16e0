"""Which part of the probes was shared as it should be, from checks of some of them.

Inside: `ProbeCheck`, `secure_share`, `secure_share_interval`, `probes_left`.
A checked probe is used up: it tells of the others and senses nothing. Checks in two bases that
exclude each other are needed; in one basis alone an eavesdropper stays unseen.
Source: for two qubits 1 - F <= e_x + e_z, the union bound of the two parity projectors whose
product is the Bell state (Lo and Chau, Science 283, 2050 (1999)); Moore and Dunningham, PRA 111,
012616 (2025), arXiv:2406.19285, for checks among the probes of a network of sensors.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qtrace.errors import InputError
from qtrace.physics.proportions import Interval, clopper_pearson


class ProbeCheck(NamedTuple):
    """Probes checked in one basis, by outcome."""

    failed: int
    passed: int


def _total(one: ProbeCheck, basis: str) -> int:
    if min(one) < 0 or not sum(one):
        raise InputError(
            f"{sum(one)} probes were checked in basis {basis}",
            where=f"basis {basis}",
            next_step="check some probes in each of both bases",
        )
    return one.failed + one.passed


def secure_share(x: ProbeCheck, z: ProbeCheck) -> float:
    """Return 1 - e_x - e_z: what share of the probes is at least as it should be; unclamped.

    Args:
        x: Checks in one basis.
        z: Checks in the other.

    Raises:
        InputError: no checks in one of the bases.

    Source: as this module.
    """
    return 1.0 - x.failed / _total(x, "x") - z.failed / _total(z, "z")


def secure_share_interval(x: ProbeCheck, z: ProbeCheck, *, probability: float) -> Interval:
    """Return an interval of `secure_share` that covers at least `probability`.

    Each failure rate has its exact interval with half of what may be missed; both hold at once
    with at least the probability asked for. Probes are taken as alike, and as checked at random.

    Args:
        x: Checks in one basis.
        z: Checks in the other.
        probability: Two-sided coverage, in (0, 1).

    Raises:
        InputError: no checks in one of the bases, or no probability.

    Source: Clopper and Pearson, Biometrika 26, 404 (1934); Bonferroni's inequality.
    """
    each = (1.0 + probability) / 2.0
    ex, ez = (
        clopper_pearson(one.failed, _total(one, name), probability=each)
        for one, name in ((x, "x"), (z, "z"))
    )
    low, high = 1.0 - ex.high - ez.high, 1.0 - ex.low - ez.low
    return Interval(max(0.0, low), max(0.0, high), probability)


def probes_left(shared: float, x: ProbeCheck, z: ProbeCheck) -> float:
    """Return how many probes sense: those shared, less those that were checked.

    Raises:
        InputError: more checked than shared, or no whole number.

    Source: counting.
    """
    if not (math.isfinite(shared) and shared == math.floor(shared)):
        raise InputError(f"{shared} is no number of probes", where="probes_shared")
    left = shared - sum(x) - sum(z)
    if left < 0:
        raise InputError(
            f"{sum(x) + sum(z)} probes were checked, {shared:g} shared",
            where="probes_shared",
            next_step="count the checked ones among those shared",
        )
    return left
