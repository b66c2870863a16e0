"""The certified figure of a run beside the most that its channel can give.

Inside: `plob_of`.
"""

from __future__ import annotations

from qtrace.certification.key_report import KeyReport
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.link import Run
from qtrace.laboratory.run_labels import use_label
from qtrace.metrics.capacity_figures import (
    CHANNEL_KIND,
    CHANNEL_ROLE,
    ChannelLoss,
    PlobFigure,
    beside_plob_of,
)
from qtrace.metrics.protocol import Protocol
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.network import standard_uncertainty


def plob_of(
    report: KeyReport, run: Run, protocol: Protocol, *, dossier: Dossier, number: int
) -> PlobFigure | None:
    """Return the leading figure of a report beside PLOB, None where it has no figure.

    Args:
        report: What the run proves.
        run: The run.
        protocol: Its protocol.
        dossier: Holds the results in use of the round, that of the channel among them.
        number: The round of recomputation.
    """
    if not report.figures:
        return None
    leading = report.figures[0]
    metric = next(one for one in protocol.metrics if one.metric_id == leading.metric_id)
    return beside_plob_of(
        protocol,
        run,
        metric=metric,
        value=leading.value,
        calibrated=_calibrated_loss(run, dossier, number),
    )


def _calibrated_loss(run: Run, dossier: Dossier, number: int) -> ChannelLoss | None:
    label = use_label(run.run_id, CHANNEL_ROLE, number)
    for result_id, recorded in dossier.results.items():
        event = dossier.events[recorded.event_label]
        of_channel = event.kind is EventKind.USE and event.label == label
        if of_channel and recorded.measurand.kind == CHANNEL_KIND:
            return ChannelLoss(
                dossier.network.result(result_id).value,
                standard_uncertainty(dossier.network, result_id),
                recorded.label,
            )
    return None
