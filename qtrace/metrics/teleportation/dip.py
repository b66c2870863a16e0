"""Two-photon interference as a protocol: coincidences in and out of the dip.

Inside: `HOM_VISIBILITY`, `dip_interval`, `classical_p_value`, `dip_doubts`.
Raw visibility: accidentals are not subtracted (`qtrace.physics.tags.interference` does, from tags).
Phase-random coherent light reaches 1/2 at most. Of heralded single photons it is the overlap
Tr(rho1 rho2) <= sqrt(purity 1 * purity 2): a lower bound of their geometric mean purity, and low
purity or multi-photon terms lower it however alike the photons are.
Source: Hong, Ou and Mandel, PRL 59, 2044 (1987); Rarity, Tapster and Loudon (2005) for 1/2 [from
memory]; conditional binomial of two Poisson counts: Przyborowski and Wilenski (1940) [from memory].
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy.special import betaincc

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import Given, Number
from qtrace.metrics.metric import ArgumentSource, MetricArgument
from qtrace.metrics.protocol import CountTable, ParameterField, Protocol, TableKey
from qtrace.metrics.teleportation.count_metrics import state_metric
from qtrace.physics.proportions import Interval, clopper_pearson

NAME = "hom_visibility"
CLASSICAL_LIMIT = 0.5
NO_SECURITY = "a visibility is no key: no security outcome is drawn from it"
INTERVAL = "exact interval of the ratio of two Poisson counts (conditional binomial)"
ROWS = ("inside", "outside")

_IN, _OUT = (
    MetricArgument(f"coincidences_{row}", "outcome_count", ArgumentSource.COUNTS) for row in ROWS
)
_RATIO = MetricArgument("exposure_ratio", "exposure_ratio", ArgumentSource.PARAMETER, default=1.0)


def _visibility(given: Given) -> Number:
    """Return (out - in) / out at equal exposure, not clamped."""
    outside = np.asarray(given["coincidences_outside"], dtype=np.float64)
    if not np.all(outside > 0.0):
        raise InputError(
            "there are no coincidences outside of the dip",
            where="coincidences, outside",
            next_step="count at delays beyond the coherence time, too",
        )
    found: Number = 1.0 - given["coincidences_inside"] / (given["exposure_ratio"] * outside)
    return found


def dip_interval(given: Mapping[str, float], probability: float) -> Interval:
    """Return the exact interval of the visibility, cut below at nothing, above at 1.

    Args:
        given: Coincidences in and out, exposure in over exposure out.
        probability: Two-sided, in (0, 1).

    Source: of n_in + n_out a part theta = r / (1 + r) is inside, r the ratio of means; V = 1 -
        r / exposure_ratio, from the Clopper-Pearson interval of theta.
    """
    inside, outside = round(given["coincidences_inside"]), round(given["coincidences_outside"])
    theta = clopper_pearson(inside, inside + outside, probability=probability)
    ratio = given.get("exposure_ratio", 1.0)
    low, high = (
        1.0 - (one / (1.0 - one) if one < 1.0 else math.inf) / ratio
        for one in (theta.high, theta.low)
    )
    return Interval(low, high, probability)


def classical_p_value(given: Given) -> Number:
    """Return the probability of as few coincidences inside, or fewer, at a visibility of 1/2.

    Source: binomial tail at theta = r / (1 + r), r = exposure_ratio (1 - 1/2).
    """
    inside = np.asarray(given["coincidences_inside"], dtype=np.float64)
    whole = inside + given["coincidences_outside"]
    ratio = np.asarray(given["exposure_ratio"], dtype=np.float64) * (1.0 - CLASSICAL_LIMIT)
    found: Number = np.asarray(
        np.where(
            inside < whole,
            betaincc(inside + 1.0, np.maximum(whole - inside, 0.5), ratio / (1.0 + ratio)),
            1.0,
        )
    )[()]
    return found


def dip_doubts(known: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    """Return what is doubtful of a dip: more coincidences inside than outside are a peak."""
    if not {"coincidences_inside", "coincidences_outside"} <= known.keys():
        return ()
    given = {name: value for name, (value, _) in known.items()}
    ratio = given.get("exposure_ratio", 1.0)
    if given["coincidences_inside"] <= ratio * given["coincidences_outside"]:
        return ()
    shown = dip_interval(given, 0.95).high < 0.0
    return (
        "no dip but a peak: more coincidences inside than outside at equal exposure, "
        + ("beyond chance; check which row is which" if shown else "by chance perhaps"),
    )


HOM_VISIBILITY = Protocol(
    name=NAME,
    title="two-photon interference: visibility of the dip",
    metrics=(
        state_metric(
            f"{NAME}.interference_visibility",
            "raw visibility of the dip; classical light reaches 1/2 at most",
            ("interference_visibility", "1"),
            arguments=(_IN, _OUT, _RATIO),
            figure=_visibility,
            source="Hong, Ou and Mandel, PRL 59, 2044 (1987)",
            interval=(dip_interval, INTERVAL),
        ),
        state_metric(
            f"{NAME}.p_value_classical",
            "p-value of a visibility of 1/2 at most",
            ("p_value", "1"),
            arguments=(_IN, _OUT, _RATIO),
            figure=classical_p_value,
            source="exact conditional binomial test",
            interval=(None, "none: a p-value is itself the statement on scatter"),
        ),
    ),
    table=CountTable((TableKey("place", ROWS),), ("coincidences",)),
    parameters=(
        ParameterField(
            "exposure_ratio", "exposure_ratio", 0.0, 1e6,
            "time or pump pulses inside the dip over those outside", 1.0, low_allowed=False,
        ),
    ),
    no_security_outcome=NO_SECURITY,
    area="teleportation",
    doubts=dip_doubts,
)  # fmt: skip
