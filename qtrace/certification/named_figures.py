"""Do figures name what they mean nothing without, and say what makes their data impossible?

Inside: `naming_faults`, `with_impossible`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from qtrace.certification.case import CaseFile
from qtrace.laboratory.event import RecordedResult
from qtrace.laboratory.figure_flags import IMPOSSIBLE
from qtrace.metrics.catalogue import METRICS, protocol
from qtrace.metrics.protocol import Protocol
from qtrace.uncertainty.network import Network, standard_uncertainty


def naming_faults(case: CaseFile, label: str) -> Iterator[str]:
    """Check that gains name the reference of their run, and that impossible data are called so.

    Args:
        case: The case.
        label: Event of the recomputation.
    """
    form = protocol(case.run.protocol) if case.run.protocol else None
    if form is None:
        return
    network = case.dossier.network
    named_by = {one.metric_id: one.named_by for one in METRICS if one.named_by}
    figures = [one for one in case.dossier.results.values() if one.event_label == label]
    for figure in figures:
        result = network.result(figure.result_id)
        for name in named_by.get(result.model.text, ()):
            if figure.measurand.condition(name) != case.run.choices.get(name, ""):
                yield f"{figure.label}: its {name} is not that of the run"
    if _impossible(form, figures, network):
        for figure in figures:
            if not any(flag.startswith(IMPOSSIBLE) for flag in figure.flags):
                yield f"{figure.label}: it does not say: {IMPOSSIBLE}"


def with_impossible(case: CaseFile) -> CaseFile:
    """Return a case whose figures say so where the numbers behind them became impossible data.

    What was called impossible when it was recorded stays so: a change of records acquits nothing.

    Args:
        case: The case, its network as it was evaluated again.
    """
    form = protocol(case.run.protocol) if case.run.protocol else None
    if form is None or form.doubts is None:
        return case
    results = dict(case.dossier.results)
    judged = {results[one.result_id].event_label for one in case.figures}
    for label in judged:
        ids = [i for i, one in results.items() if one.event_label == label]
        figures = [results[i] for i in ids]
        found = _impossible(form, figures, case.dossier.network)
        for i in ids if found else ():
            if not any(flag.startswith(IMPOSSIBLE) for flag in results[i].flags):
                results[i] = replace(results[i], flags=(*results[i].flags, *found))
    return replace(case, dossier=replace(case.dossier, results=results))


def _impossible(
    form: Protocol, figures: Iterable[RecordedResult], network: Network
) -> tuple[str, ...]:
    """Return what the protocol calls impossible of all that figures take, as it stands."""
    if form.doubts is None:
        return ()
    known: dict[str, tuple[float, float]] = {}
    for figure in figures:
        for one in network.result(figure.result_id).arguments:
            if one.parent_id is not None:
                value = network.result(one.parent_id).value
                known[one.name] = (value, standard_uncertainty(network, one.parent_id))
            elif one.input_id is not None:
                quantity = network.quantity(one.input_id)
                known[one.name] = (quantity.estimate, quantity.standard_uncertainty)
    return tuple(flag for flag in form.doubts(known) if flag.startswith(IMPOSSIBLE))
