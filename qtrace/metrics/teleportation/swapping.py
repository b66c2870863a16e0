"""Entanglement swapping as a protocol: counts of swapped pairs in three bases.

Inside: `ENTANGLEMENT_SWAPPING`, `swapped_interval`.
The fidelity is that of the pairs detected, after the correction that each herald announces: errors
are counted against the state so corrected. What Werner links predict is a MODEL, and its
difference from what was observed is given, not hidden.
Source: `fidelity_from_errors` (projector of a Bell state in Pauli products);
`pair_fidelity_interval`; `swap_werner`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from qtrace.metrics.keyword_function import Given, Number
from qtrace.metrics.metric import ArgumentSource, MetricArgument
from qtrace.metrics.protocol import CountTable, ParameterField, Protocol, TableKey
from qtrace.metrics.teleportation.count_metrics import (
    EXACT,
    basis_interval,
    row_counts,
    state_metric,
)
from qtrace.metrics.teleportation.transfer_rates import DURATION, TIME_BASE
from qtrace.physics.detection import count_rate_per_s
from qtrace.physics.entangled.bbm92 import error_rate
from qtrace.physics.proportions import Interval
from qtrace.physics.qsdc import fidelity_from_errors
from qtrace.physics.states.pair_fidelity import PAIR_INTERVAL, pair_fidelity_interval

BASES = ("x", "y", "z")
NAME = "entanglement_swapping"
NO_SECURITY = "a fidelity is no key: no security outcome is drawn from swapped pairs here"
MODEL = "model: Werner links, ideal swap but for the declared part of wrong results"

_LINKS = tuple(
    MetricArgument(f"link_fidelity_{k}", "pair_fidelity", ArgumentSource.CALIBRATION, f"link_{k}")
    for k in (1, 2)
)
_WRONG = MetricArgument("measurement_error", "probability", ArgumentSource.PARAMETER, default=0.0)
_HERALDS = MetricArgument("heralds", "outcome_count", ArgumentSource.COUNTS)


def _rate(given: Given, basis: str) -> Number:
    return error_rate(given[f"errors_{basis}"], given[f"agreements_{basis}"])


def _observed(given: Given) -> Number:
    """Return the fidelity of the swapped pairs, not clamped."""
    return fidelity_from_errors(_rate(given, "x"), _rate(given, "y"), _rate(given, "z"))


def _visibility(given: Given, *, basis: str) -> Number:
    """Return the visibility in one basis, 1 - 2 e."""
    return 1.0 - 2.0 * _rate(given, basis)


def _predicted(given: Given) -> Number:
    """Return what two Werner links and a measurement that errs give."""
    right = 1.0 - given["measurement_error"]
    # Not `swap_werner`: a calibrated fidelity, or a step of a derivative, may pass 1.
    product: Number = 1.0
    for one in (given["link_fidelity_1"], given["link_fidelity_2"], right):
        product = product * (4.0 * one - 1.0) / 3.0
    return (1.0 + 3.0 * product) / 4.0


def _bias(given: Given) -> Number:
    """Return the observed fidelity less the predicted one."""
    return _observed(given) - _predicted(given)


def _teleported(given: Given) -> Number:
    """Return the mean fidelity of teleporting over such pairs, not clamped."""
    found: Number = (2.0 * _observed(given) + 1.0) / 3.0
    return found


def _per_time(given: Given, counts: Number) -> Number:
    return count_rate_per_s(
        counts, given["duration"], time_base_deviation=given["time_base_frequency"]
    )


def _herald_rate(given: Given) -> Number:
    return _per_time(given, given["heralds"])


def _pair_rate(given: Given) -> Number:
    total: Number = 0.0
    for basis in BASES:
        total = total + given[f"errors_{basis}"] + given[f"agreements_{basis}"]
    return _per_time(given, total)


def swapped_interval(given: Mapping[str, float], probability: float) -> Interval:
    """Return an interval of the fidelity that covers at least `probability` at any counts.

    Args:
        given: Counts by name.
        probability: Two-sided, in (0, 1).

    Source: see `pair_fidelity_interval`.
    """
    right = [given[f"agreements_{basis}"] for basis in BASES]
    pairs = [given[f"errors_{basis}"] + given[f"agreements_{basis}"] for basis in BASES]
    return pair_fidelity_interval(right, pairs, probability=probability)


def _visibility_interval(given: Mapping[str, float], probability: float, *, basis: str) -> Interval:
    row = basis_interval(given, basis, probability)
    return Interval(1.0 - 2.0 * row.high, 1.0 - 2.0 * row.low, probability)


def _teleported_interval(given: Mapping[str, float], probability: float) -> Interval:
    low, high, _ = swapped_interval(given, probability)
    return Interval((2.0 * low + 1.0) / 3.0, (2.0 * high + 1.0) / 3.0, probability)


_COUNTED = row_counts(*BASES)
_PAULI = "projector of a Bell state in Pauli products"
_FIGURES = (
    state_metric(
        f"{NAME}.pair_fidelity",
        "fidelity of swapped pairs from errors in three bases",
        ("pair_fidelity", "1"),
        arguments=_COUNTED,
        figure=_observed,
        source=_PAULI,
        interval=(swapped_interval, PAIR_INTERVAL),
    ),
    *(
        state_metric(
            f"{NAME}.visibility_{basis}",
            f"visibility of swapped pairs in basis {basis}",
            ("visibility", "1"),
            arguments=row_counts(basis),
            figure=partial(_visibility, basis=basis),
            source="1 - 2 e",
            interval=(partial(_visibility_interval, basis=basis), EXACT),
        )
        for basis in BASES
    ),
    state_metric(
        f"{NAME}.average_fidelity",
        "mean fidelity of an ideal teleportation over such pairs (derived, not measured)",
        ("average_fidelity", "1"),
        arguments=_COUNTED,
        figure=_teleported,
        source="Horodecki et al., PRA 60, 1888 (1999): (2 F + 1) / 3",
        interval=(_teleported_interval, PAIR_INTERVAL),
    ),
    state_metric(
        f"{NAME}.predicted_fidelity",
        f"fidelity predicted from both links ({MODEL})",
        ("pair_fidelity", "1"),
        arguments=(*_LINKS, _WRONG),
        figure=_predicted,
        influenced_by="fidelities of both links",
        source="Briegel et al., PRL 81, 5932 (1998), Eq. 3 [from memory]",
    ),
    state_metric(
        f"{NAME}.fidelity_bias",
        f"observed fidelity less the predicted one ({MODEL})",
        ("fidelity_difference", "1"),
        arguments=(*_COUNTED, *_LINKS, _WRONG),
        figure=_bias,
        influenced_by="fidelities of both links",
        source="difference of both figures",
    ),
    state_metric(
        f"{NAME}.herald_rate",
        "rate of successful Bell-state measurements",
        ("herald_rate", "/s"),
        arguments=(_HERALDS, DURATION, TIME_BASE),
        figure=_herald_rate,
        influenced_by="time base of the counter",
        source="heralds over time",
    ),
    state_metric(
        f"{NAME}.pair_rate",
        "rate of swapped pairs detected at both ends, in all three bases together",
        ("threefold_rate", "/s"),
        arguments=(*_COUNTED, DURATION, TIME_BASE),
        figure=_pair_rate,
        influenced_by="time base of the counter",
        source="heralded coincidences over time",
    ),
)

ENTANGLEMENT_SWAPPING = Protocol(
    name=NAME,
    title="swapped entanglement: two links joined by a Bell-state measurement",
    metrics=_FIGURES,
    table=CountTable((TableKey("basis", BASES),)),
    parameters=(
        ParameterField("heralds", "outcome_count", 0.0, 2.0**53, "heralds counted", whole=True),
        ParameterField(
            "measurement_error", "probability", 0.0, 0.75,
            "declared part of wrong Bell-state results", 0.0, high_allowed=True,
        ),
        *(
            ParameterField(
                f"link_fidelity_{k}", "pair_fidelity", 0.0, 1.0,
                f"nominal fidelity of link {k}, in place of a calibration", high_allowed=True,
            )
            for k in (1, 2)
        ),
    ),
    no_security_outcome=NO_SECURITY,
    area="teleportation",
)  # fmt: skip
