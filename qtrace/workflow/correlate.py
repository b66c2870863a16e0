"""How results move together: the matrix of a few, and the company of one among all.

Inside: `correlate`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qtrace.errors import InputError
from qtrace.registry.arrays import labels_of
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.fleet_answers import CorrelatedResult, CorrelationAnswer
from qtrace.uncertainty.fleet import FleetArrays, Integers, Numbers, rows_of
from qtrace.uncertainty.network import correlation_matrix, standard_uncertainty
from qtrace.uncertainty.set_figures import correlation_column, covariance_column
from qtrace.uncertainty.unknown import shares_unstated, unstated_pairs
from qtrace.workflow.workbench import Workbench

# Up to so many candidates u is computed for each; beyond, the stored u chooses the first.
EXACT_UP_TO = 20_000
# Candidates for each result shown, where the stored u chooses.
SPARE = 4


def correlate(
    workbench: Workbench, subjects: tuple[str, ...], *, all_with: str = "", top: int = 20
) -> CorrelationAnswer:
    """Return the correlation matrix of some results, and the results most correlated with one.

    Args:
        workbench: Settings and doors.
        subjects: Labels EVENT/name, two or more; or none where `all_with` is given.
        all_with: Label of the result whose correlation with every other is asked for.
        top: Results to name beside it.

    Raises:
        InputError: no result of that name; fewer than two; the same twice.
    """
    with workbench.read() as session:
        _check(subjects, all_with)
        ids = [session.events.result(label).result_id for label in subjects]
        network = session.network(ids)
        matrix = correlation_matrix(network, ids)
        answer = CorrelationAnswer(
            subjects,
            tuple(tuple(float(r) for r in row) for row in matrix),
            tuple(standard_uncertainty(network, one) for one in ids),
            unstated=tuple((subjects[i], subjects[j]) for i, j in unstated_pairs(network, ids)),
        )
        return _with_company(session, answer, all_with, top=top) if all_with else answer


def _check(subjects: tuple[str, ...], all_with: str) -> None:
    if len(set(subjects)) != len(subjects):
        raise InputError("a result is named twice", next_step="name each result once")
    if len(subjects) < 2 and not (all_with and not subjects):
        raise InputError(
            "a correlation is between two results",
            next_step="name two or more, or one with --all-with",
        )


def _with_company(
    session: ReadSession, answer: CorrelationAnswer, label: str, *, top: int
) -> CorrelationAnswer:
    """Add the results most correlated with one."""
    result_id = session.events.result(label).result_id
    fleet = session.fleet()
    row = int(rows_of(fleet.result_ids, [result_id], "result")[0])
    column = covariance_column(fleet, row)
    sharing = np.flatnonzero(column)
    sharing = sharing[sharing != row]
    near = _nearest(fleet, column, sharing, top=top)
    r = correlation_column(fleet, row, near)
    order = np.lexsort((near, -np.abs(r)))[:top]
    labels = labels_of(session.connection, [int(one) for one in fleet.result_ids[near[order]]])
    found = [int(fleet.result_ids[near[k]]) for k in order]
    network = session.network([result_id, *found])
    company = tuple(
        CorrelatedResult(
            labels[one][0],
            float(r[k]),
            float(column[near[k]]),
            unstated=shares_unstated(network, result_id, one),
        )
        for k, one in zip(order, found, strict=True)
    )
    return replace(
        answer, all_with=label, company=company, sharing=len(sharing), results=fleet.size
    )


def _nearest(fleet: FleetArrays, column: Numbers, sharing: Integers, *, top: int) -> Integers:
    """Return the rows among which the most correlated ones are."""
    if len(sharing) <= EXACT_UP_TO:
        return sharing
    u = fleet.result_uncertainties[sharing]
    size = np.zeros(len(sharing))
    np.divide(np.abs(column[sharing]), u, out=size, where=u > 0.0)
    first = np.argsort(-size, kind="stable")[: SPARE * top]
    return sharing[np.sort(first)]
