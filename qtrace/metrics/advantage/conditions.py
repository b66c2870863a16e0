"""Are a figure and its baseline about the same thing: kind and conditions.

Inside: `TIMED`, `TIME_OF`, `OF_PROTOCOL`, `mismatch`.
"""

from __future__ import annotations

from collections.abc import Mapping

from qtrace.errors import QtraceError
from qtrace.laboratory.baseline import Baseline
from qtrace.quantity.condition_kinds import CONDITION_KINDS
from qtrace.quantity.value import parse_quantity

# What a figure over a time means nothing without; a baseline may not leave it open.
TIMED = ("averaging_time", "observation_interval")
# Of these kinds there is no figure without the time: where neither side states it, nothing says
# that both are of the same.
TIME_OF = {
    "allan_deviation": "averaging_time",
    "modified_allan_deviation": "averaging_time",
    "hadamard_deviation": "averaging_time",
    "total_deviation": "averaging_time",
    "time_deviation": "averaging_time",
    "maximum_time_interval_error": "observation_interval",
    "rms_time_interval_error": "observation_interval",
}
# A classical bound of an average fidelity is that of the set of states that its protocol sends.
OF_PROTOCOL = frozenset({"average_fidelity", "fidelity_lower_bound"})
SAME = 1e-6  # relative: times are written with six digits
RANGE_MARK = ".."


def mismatch(baseline: Baseline, *, kind: str, conditions: Mapping[str, str]) -> str:
    """Return why a figure is not what a baseline speaks of, "" where it is.

    Every condition of the baseline must be stated with the figure and be the same; a range in
    the baseline must hold the figure's. An averaging time or observation interval of the figure
    must be stated with the baseline, and the protocol of a fidelity. Other conditions of the
    figure are free.

    Args:
        baseline: The baseline.
        kind: Kind of quantity of the figure.
        conditions: Of the figure, as written.
    """
    if kind != baseline.kind:
        return f"kind: the figure is {kind}, the baseline {baseline.kind}"
    for name, wanted in baseline.conditions:
        if name not in conditions:
            return f"{name}: {wanted} for the baseline, not stated for the figure"
        if not _same(name, conditions[name], wanted):
            return f"{name}: {conditions[name]} for the figure, {wanted} for the baseline"
    stated = dict(baseline.conditions)
    time = TIME_OF.get(kind)
    if time is not None and time not in conditions and time not in stated:
        return f"{time}: stated neither for the figure nor for the baseline"
    needed = (*TIMED, "protocol") if kind in OF_PROTOCOL else TIMED
    for name in needed:
        if name in conditions and name not in stated:
            return f"{name}: {conditions[name]} for the figure, not stated for the baseline"
    return ""


def _same(name: str, found: str, wanted: str) -> bool:
    """Return whether two conditions say the same; quantities in any unit, words as they are."""
    if found == wanted:
        return True
    if name not in CONDITION_KINDS:
        return False
    try:
        low, high = _span(wanted)
        own_low, own_high = _span(found)
    except QtraceError:
        return False
    room = SAME * max(abs(low), abs(high))
    return low - room <= own_low and own_high <= high + room


def _span(text: str) -> tuple[float, float]:
    ends = [parse_quantity(part.strip()).si for part in text.split(RANGE_MARK, maxsplit=1)]
    return ends[0], ends[-1]
