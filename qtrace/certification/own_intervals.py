"""Intervals that figures bring themselves, computed again from their arguments.

Inside: `own_interval`, `with_own_intervals`.
A recall moves arguments, and with them the ends of such an interval: an interval on record beside
a value that moved would be of another figure.
"""

from __future__ import annotations

from dataclasses import replace

from qtrace.certification.case import CaseFile
from qtrace.laboratory.event import RecordedResult
from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import METRICS
from qtrace.metrics.run_figures import figure_interval
from qtrace.uncertainty.argument_spread import argument_spread
from qtrace.uncertainty.network import Network

Stated = tuple[tuple[float, float, float] | None, str]
_KNOWN = {one.metric_id: one for one in METRICS}


def own_interval(network: Network, recorded: RecordedResult, run: Run) -> Stated | None:
    """Return the interval that the arguments of a figure give, and its method.

    Args:
        network: Holds the figure with all ancestors.
        recorded: The figure.
        run: Its run.

    Returns:
        None where it is no figure of the catalogue.

    Raises:
        InputError: its arguments give an interval without an end.
    """
    result = network.result(recorded.result_id)
    if result.model.text not in _KNOWN:
        return None
    estimates = {
        one.name: network.result(one.parent_id).value
        if one.parent_id is not None
        else network.quantity(one.input_id or 0).estimate
        for one in result.arguments
    }
    spread = argument_spread(network, recorded.result_id)
    return figure_interval(_KNOWN[result.model.text], run, estimates, spread)


def with_own_intervals(case: CaseFile) -> CaseFile:
    """Return a case whose figures have the intervals that its records give.

    Raises:
        InputError: see `own_interval`.
    """
    results = {}
    for result_id, one in case.dossier.results.items():
        of_run = case.dossier.event_of(result_id).run_id == case.run.run_id
        found = own_interval(case.dossier.network, one, case.run) if of_run else None
        stated = found is not None and one.interval is not None
        results[result_id] = (
            replace(one, interval=found[0], interval_method=found[1]) if found and stated else one
        )
    return replace(case, dossier=replace(case.dossier, results=results))
