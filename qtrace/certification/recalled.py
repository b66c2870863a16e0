"""A recall as it is reported: what is doubted, results before and after, judgements.

Inside: `ResultImpact`, `Recalled`, `result_impacts`, `impact_edges`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qtrace.certification.consequence import Consequence
from qtrace.laboratory.event import RecordedResult
from qtrace.quantity.kinds import KINDS
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import in_unit
from qtrace.traceability.impact import Doubt
from qtrace.traceability.impossible import beyond_bound
from qtrace.traceability.reevaluate import Reevaluated
from qtrace.uncertainty.network import Network, standard_uncertainty

# Where first order and the stored models differ by more, it is said.
LINEAR_DIFFERENCE = 0.01
ROUNDING = 1e-9  # relative to the value: a shift below is that of the arithmetic


@dataclass(frozen=True, slots=True)
class ResultImpact:
    """One result before and after, in `unit`; `linear` is the shift by sensitivities alone.

    `fault` says why it could not be evaluated again, else empty. `run_id` is empty for a
    calibration.
    """

    label: str
    run_id: str
    unit: str
    value_before: float
    value_after: float
    u_before: float
    u_after: float
    linear: float
    fault: str = ""

    @property
    def exact(self) -> float:
        """Return the shift by the stored models."""
        return self.value_after - self.value_before

    @property
    def nonlinear(self) -> bool:
        """Return whether first order is off by more than 1 % of the shift."""
        scale = max(abs(self.exact), abs(self.linear))
        noise = ROUNDING * abs(self.value_before)
        return abs(self.exact - self.linear) > LINEAR_DIFFERENCE * scale + noise


@dataclass(frozen=True, slots=True)
class Recalled:
    """A recall, looked at or confirmed.

    `correction` says what is thought to be right, as decimal strings. `doubt` is the period of
    an instrument found out of tolerance. `uses` are the direct uses that are doubted, `outside`
    those that are not. `not_evaluated` counts descendants that the screening left out.
    `named_users` are events that relied on the instrument without a number that leads there.
    `edges` are (result or document, what it rests on), for the drawing.
    """

    calibration: str
    cause: str
    model: str
    correction: Mapping[str, str]
    doubt: Doubt | None
    uses: tuple[str, ...]
    outside: tuple[str, ...]
    results: tuple[ResultImpact, ...]
    not_evaluated: tuple[str, ...]
    screening: str
    named_users: tuple[str, ...]
    judgements: tuple[Consequence, ...]
    edges: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    confirmed: bool = False
    label: str = ""
    ledger_entry: int = 0

    @property
    def changes(self) -> bool:
        """Return whether an outcome or a decision changes."""
        return any(one.changes for one in self.judgements)


def result_impacts(
    network: Network,
    worlds: Sequence[Reevaluated],
    shown: Sequence[int],
    *,
    about: Mapping[int, RecordedResult],
    runs: Mapping[int, str],
    linear: Sequence[Mapping[int, float]],
) -> tuple[ResultImpact, ...]:
    """Return results before and after; of several worlds that which moves each furthest.

    Args:
        network: As recorded, with all ancestors.
        worlds: After each change.
        shown: Ids of the results, in order.
        about: Result id to what it is about.
        runs: Result id to its run.
        linear: For each of the worlds, result id to its first-order shift, in SI units.
    """
    impacts = []
    for result_id in shown:
        before = network.result(result_id)
        recorded = about[result_id]
        unit = parse_unit(recorded.unit)
        faults = [one.failed[result_id] for one in worlds if result_id in one.failed]
        after, first_order = network, 0.0
        if worlds:
            after, row = max(
                zip((one.network for one in worlds), linear, strict=True),
                key=lambda one: abs(one[0].result(result_id).value - before.value),
            )
            first_order = row.get(result_id, 0.0)
        impacts.append(
            ResultImpact(
                recorded.label,
                runs.get(result_id, ""),
                recorded.unit,
                in_unit(before.value, unit),
                in_unit(after.result(result_id).value, unit),
                in_unit(standard_uncertainty(network, result_id), unit),
                in_unit(standard_uncertainty(after, result_id), unit),
                in_unit(first_order, unit),
                faults[0] if faults else "",
            )
        )
    return tuple(impacts)


def remarks_on(
    impacts: Sequence[ResultImpact], about: Mapping[int, RecordedResult]
) -> tuple[str, ...]:
    """Return which results would be physically impossible after a recall.

    Args:
        impacts: Results before and after.
        about: Result id to what it is about.
    """
    kinds = {one.label: KINDS.get(one.measurand.kind) for one in about.values()}
    remarks = []
    for one in impacts:
        kind, factor = kinds.get(one.label), float(parse_unit(one.unit).factor)
        if kind is None or one.fault or one.value_after == one.value_before:
            continue
        impossible = beyond_bound(kind, one.value_after * factor, one.u_after * factor)
        if impossible:
            remarks.append(
                f"{one.label} would be impossible: {impossible}; check the sign and size of the "
                "correction"
            )
    return tuple(remarks)


def impact_edges(
    network: Network, shown: Sequence[int], about: Mapping[int, RecordedResult]
) -> tuple[tuple[str, str], ...]:
    """Return (label, label of a parent) among the results that are shown."""
    inside = set(shown)
    return tuple(
        (about[result_id].label, about[argument.parent_id].label)
        for result_id in shown
        for argument in network.result(result_id).arguments
        if argument.parent_id in inside and argument.parent_id is not None
    )
