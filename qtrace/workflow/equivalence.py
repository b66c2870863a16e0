"""Compare two stored results of one quantity; nothing is recorded.

Inside: `Equivalence`, `equivalence`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.certification.shared_sources import undisclosed_shares
from qtrace.errors import InputError, UnitError
from qtrace.metrics.catalogue import functions
from qtrace.quantity.units import parse_unit
from qtrace.registry.dossier import load_dossier
from qtrace.uncertainty.comparison import Comparison, compare_results
from qtrace.workflow.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two results and their comparison, its figures in the unit of the first.

    `shared` names event and input of each common input quantity, with its part of the covariance
    of both results in the square of that unit, largest first. `remarks` say what about the two
    measurands differs.
    """

    first: ResultStatement
    second: ResultStatement
    comparison: Comparison
    shared: tuple[tuple[str, float], ...]
    agree: bool
    independence_holds: bool
    remarks: tuple[str, ...]


def equivalence(workbench: Workbench, first: str, second: str) -> Equivalence:
    """Compare two results with the covariance of their chains.

    Args:
        workbench: Settings and doors.
        first: Result, EVENT/name.
        second: Another one, in a unit of the same dimension.

    Raises:
        InputError: unknown results, one and the same, limits instead of estimates, or two
            exact ones.
        UnitError: the results are of different dimensions.
    """
    with workbench.read() as session:
        ids = [session.events.result(label).result_id for label in (first, second)]
        dossier = load_dossier(session, ids)
    p = workbench.coverage_probability
    one, other = (
        state_result(dossier, i, coverage_probability=p, functions=functions()) for i in ids
    )
    unit = parse_unit(one.unit)
    if unit.dimension != parse_unit(other.unit).dimension:
        raise UnitError(
            f"{one.label} is in {one.unit!r} and {other.label} in {other.unit!r}",
            next_step="compare results of one quantity",
        )
    for statement in (one, other):
        if statement.form != "estimate":
            raise InputError(
                f"{statement.label} is given as {statement.form.replace('_', ' ')}: it has no u"
            )
    found = compare_results(
        dossier.network,
        *ids,
        coverage_probability=p,
        undisclosed=undisclosed_shares(dossier, *ids),
    )
    factor = float(unit.factor)
    return Equivalence(
        one,
        other,
        replace(
            found,
            difference=found.difference / factor,
            u_difference=found.u_difference / factor,
            expanded_difference=found.expanded_difference / factor,
            independent_u=found.independent_u / factor,
            known_biases=(found.known_biases[0] / factor, found.known_biases[1] / factor),
            stated_difference=found.stated_difference / factor,
        ),
        tuple(
            ("/".join(dossier.input_owner[item.input_id]), item.covariance / factor**2)
            for item in found.shared
        ),
        found.agree,
        found.independence_holds,
        _remarks(one, other),
    )


def _remarks(one: ResultStatement, other: ResultStatement) -> tuple[str, ...]:
    """Return what differs between the two measurands: they may not be one quantity."""
    remarks: list[str] = []
    if one.kind != other.kind:
        remarks.append(f"the kinds differ: {one.kind} and {other.kind}")
    conditions, others = dict(one.conditions), dict(other.conditions)
    remarks.extend(
        f"{name}: {conditions.get(name) or 'not stated'} and {others.get(name) or 'not stated'}"
        for name in sorted(conditions.keys() | others.keys())
        if conditions.get(name, "") != others.get(name, "")
    )
    return tuple(remarks)
