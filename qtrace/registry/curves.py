"""Curves from the database, by label, and brought to the conditions of a use.

Inside: `load_curve`, `curve_in_use`, `curve_labels`, `curves_named`.
"""

from __future__ import annotations

from collections.abc import Mapping

from qtrace.errors import InputError
from qtrace.laboratory.curve_names import curve_of_name, folded
from qtrace.laboratory.draft import CalibrationDraft
from qtrace.laboratory.recording import NewResult
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.curve import curve_of
from qtrace.traceability.curve_in_use import curve_at_use
from qtrace.traceability.curve_inputs import CurveOnRecord
from qtrace.traceability.curve_use import curve_inputs
from qtrace.traceability.use import InUse
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network


def load_curve(session: ReadSession, label: str) -> tuple[CurveOnRecord, Network]:
    """Return a curve with what its event owns beside, and the network behind its points.

    Args:
        session: An open reading or writing session.
        label: EVENT/CURVE.

    Raises:
        InputError: no such event, or no such curve; close ones are named.
        IntegrityError: records that make no curve.
    """
    event_label, _, name = label.rpartition("/")
    points = [
        one for one in session.events.results_of(event_label) if curve_of_name(one.name) == name
    ]
    if not points:
        known = curve_labels(session, event_label)
        raise InputError(
            f"no curve called {label!r} is recorded",
            next_step=f"curves of {event_label}: {', '.join(known) or 'none'}",
        )
    network = session.network([one.result_id for one in points])
    curve = curve_of(points, network)
    inputs = curve_inputs(name, session.events.inputs_of(event_label))
    return CurveOnRecord(curve, session.events.by_label(event_label), inputs), network


def curve_labels(session: ReadSession, event_label: str) -> tuple[str, ...]:
    """Return the labels of the curves of an event, in the order of recording."""
    return tuple(
        dict.fromkeys(
            folded(one.label)
            for one in session.events.results_of(event_label)
            if curve_of_name(one.name)
        )
    )


def curve_in_use(
    session: ReadSession,
    in_use: InUse,
    conditions: Mapping[str, str],
    stated: dict[str, InputQuantity],
) -> NewResult:
    """Return a curve at the conditions of use, as a linear result to be recorded.

    Args:
        session: An open reading or writing session.
        in_use: Which curve, under the record of its first part, and the time since calibration.
        conditions: Conditions of use.
        stated: Conditions with their u as inputs of the use event; what is needed is added.

    Raises:
        InputError: outside the calibrated range.
    """
    found, network = load_curve(session, in_use.source.label)
    return curve_at_use(found, network, conditions, elapsed_s=in_use.elapsed_s, stated=stated)


def curves_named(session: ReadSession, draft: CalibrationDraft) -> dict[str, CurveOnRecord]:
    """Return every curve of another event that a calibration file refers to, by its label.

    Raises:
        InputError: one that is not on record, with its place in the file.
    """
    found: dict[str, CurveOnRecord] = {}
    for one in draft.inputs:
        if one.curve is not None and "/" in one.curve.reference:
            try:
                found[one.curve.reference] = load_curve(session, one.curve.reference)[0]
            except InputError as error:
                raise error.located(str(one.place)) from None
    return found
