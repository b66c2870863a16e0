"""Do figures name what they mean nothing without, and say what makes their data impossible?

Inside: `naming_faults`.
"""

from __future__ import annotations

from collections.abc import Iterator

from qtrace.certification.case import CaseFile
from qtrace.laboratory.figure_flags import IMPOSSIBLE
from qtrace.metrics.catalogue import METRICS, protocol
from qtrace.uncertainty.network import standard_uncertainty


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
    known: dict[str, tuple[float, float]] = {}
    for figure in figures:
        result = network.result(figure.result_id)
        for name in named_by.get(result.model.text, ()):
            if figure.measurand.condition(name) != case.run.choices.get(name, ""):
                yield f"{figure.label}: its {name} is not that of the run"
        for one in result.arguments:
            if one.parent_id is not None:
                value = network.result(one.parent_id).value
                known[one.name] = (value, standard_uncertainty(network, one.parent_id))
            elif one.input_id is not None:
                quantity = network.quantity(one.input_id)
                known[one.name] = (quantity.estimate, quantity.standard_uncertainty)
    if form.doubts is None:
        return
    if any(flag.startswith(IMPOSSIBLE) for flag in form.doubts(known)):
        for figure in figures:
            if not any(flag.startswith(IMPOSSIBLE) for flag in figure.flags):
                yield f"{figure.label}: it does not say: {IMPOSSIBLE}"
