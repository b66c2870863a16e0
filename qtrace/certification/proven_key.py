"""What the results of one round prove of a key, where any proof gave a figure.

Inside: `proven_key`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qtrace.certification.key_report import KeyReport, key_report
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.link import Run
from qtrace.metrics.catalogue import protocol
from qtrace.traceability.chain import Dossier


def proven_key(run: Run, dossier: Dossier, result_ids: Sequence[int]) -> KeyReport | None:
    """Return what a run proves of its key, None where it names no proof or none gave a figure.

    Args:
        run: The run.
        dossier: Records behind its results.
        result_ids: Results of one round of its recomputation.
    """
    if not run.protocol:
        return None
    form = protocol(run.protocol)
    proven = {one.metric_id for one in form.proofs}
    if not any(dossier.network.result(one).model.text in proven for one in result_ids):
        return None
    ids = set(result_ids)
    # Of several rounds on record only this one speaks.
    kept = {
        i: one
        for i, one in dossier.results.items()
        if i in ids or dossier.events[one.event_label].kind is not EventKind.RECOMPUTATION
    }
    return key_report(run, form, replace(dossier, results=kept))
