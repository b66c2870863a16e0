"""Does the form in which a result is stated follow from its own data?

Inside: `form_faults`.

A limit is computed again from the stored model and its inputs, a limit in use from the calibrated
one and its drift. Who signs a smaller limit than the counts give is found out by any reader.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from qtrace.certification.case import CaseFile
from qtrace.errors import QtraceError
from qtrace.laboratory.event import EventKind, RecordedResult
from qtrace.metrics.catalogue import functions
from qtrace.quantity.kinds import kind
from qtrace.traceability.forms import StatedForm, asked_again, drift_reach, form_at_use, stated_form
from qtrace.traceability.in_use import CALIBRATED, CLOSING
from qtrace.uncertainty.results import ModelKind

# The same arithmetic; quantiles of draws pass through libraries that may differ in last bits.
FORM_TOLERANCE = 1e-9
ESTIMATE = "estimate"


def form_faults(case: CaseFile) -> Iterator[str]:
    """Yield what of the stated forms in a case does not follow from the records."""
    for result_id, recorded in case.dossier.results.items():
        event = case.dossier.event_of(result_id)
        if event.kind is EventKind.USE:
            expected = _in_use(case, recorded)
        elif event.kind is EventKind.RECOMPUTATION:
            # What a proof bounds is a limit without an interval; counts give estimates.
            if recorded.form != ESTIMATE and recorded.interval is not None:
                yield f"{recorded.label}: a recomputed figure is no {recorded.form}"
            continue
        else:
            try:
                expected = _calibrated(case, recorded)
            except QtraceError as error:
                yield f"{recorded.label}: {error.what}"
                continue
        if recorded.form != expected.form or not _alike(recorded.interval, expected.interval):
            yield (
                f"{recorded.label}: it is stated as {recorded.form} {recorded.interval}, its data "
                f"give {expected.form} {expected.interval}"
            )


def _calibrated(case: CaseFile, recorded: RecordedResult) -> StatedForm:
    """Return the form that the data of a calibration give, as it was asked for."""
    network = case.dossier.network
    linear = network.result(recorded.result_id).model.kind is ModelKind.LINEAR
    if linear or (recorded.form == ESTIMATE and recorded.interval is None):
        return StatedForm()
    return stated_form(
        asked_again(recorded),
        network,
        recorded.result_id,
        kind=kind(recorded.measurand.kind),
        unit=recorded.unit,
        functions=functions(),
    )


def _in_use(case: CaseFile, recorded: RecordedResult) -> StatedForm:
    """Return the form of a calibrated result at its use."""
    network = case.dossier.network
    by_name = {one.name: one for one in network.result(recorded.result_id).arguments}
    if CALIBRATED not in by_name:  # a curve has no points that are limits
        return StatedForm()
    source = case.dossier.results[by_name[CALIBRATED].parent_id or 0]
    drift = by_name.get("drift_rate")
    if drift is None or drift.input_id is None or CLOSING in by_name:
        return form_at_use(source, 0.0)
    rate = network.quantity(drift.input_id)
    return form_at_use(source, drift.sensitivity * drift_reach(rate))


def _alike(
    stated: tuple[float, float, float] | None, computed: tuple[float, float, float] | None
) -> bool:
    if stated is None or computed is None:
        return stated is computed
    size = max(abs(stated[0]), abs(stated[1]))
    pairs = zip(stated, computed, strict=True)
    return all(
        math.isclose(a, b, rel_tol=FORM_TOLERANCE, abs_tol=FORM_TOLERANCE * size) for a, b in pairs
    )
