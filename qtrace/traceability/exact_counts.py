"""Figures that are statements on counts, and so have no uncertainty that could be missing.

Inside: `states_counts`.
"""

from __future__ import annotations

from qtrace.laboratory.event import RecordedResult
from qtrace.uncertainty.results import ModelKind, Result

P_VALUE, NUMBER = "p_value", "particle_number"
OF_COUNTS = "_count"  # how the kind of a count ends


def states_counts(recorded: RecordedResult, result: Result) -> bool:
    """Return whether a figure of zero u misses none: it is a statement on counts as it stands.

    A p-value is itself the statement on scatter; how many were counted is a whole number and no
    estimate; and where no slope exists (a state of largest likelihood) the interval that the
    metric brings stands in place of u. Only what a metric computed counts: a nominal number that
    somebody wrote down is an estimate, whole or not.

    Args:
        recorded: The record of the figure.
        result: Its model and value, in SI units.
    """
    if result.model.kind is not ModelKind.FUNCTION:
        return False
    if recorded.measurand.kind == P_VALUE or _has_width(recorded):
        return True
    counted = recorded.measurand.kind == NUMBER or recorded.measurand.kind.endswith(OF_COUNTS)
    return counted and float(result.value).is_integer()


def _has_width(recorded: RecordedResult) -> bool:
    """Return whether an interval is stored with a figure, and is more than a point."""
    return recorded.interval is not None and recorded.interval[0] < recorded.interval[1]
