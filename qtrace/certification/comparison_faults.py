"""Do the figures of a run that compares two clocks rest on what they say?

Inside: `comparison_faults`.

What was reduced from tags or a series is known to the issuer alone: the raw files do not travel.
Checked is what a reader can derive: that each figure is a known metric and named after it, that
each argument is the record of its name, that a calibrated one is that of the device in use, and
that what nobody calibrated is zero and says so, as a break of the chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qtrace.certification.case import CaseFile
from qtrace.errors import InputError
from qtrace.laboratory.event import EndKind, Origin, RecordedResult
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.metric import ArgumentSource, Metric
from qtrace.metrics.run_inputs import calibrated_arguments
from qtrace.metrics.timing.sync_results import ON_A_SCALE
from qtrace.uncertainty.inputs import Evaluation, InputQuantity
from qtrace.uncertainty.results import Argument, ModelKind

REDUCED = Origin(end=EndKind.COUNTING, statement=ON_A_SCALE)
DECLARED = Origin(end=EndKind.COUNTING)
INDICATED = "indicated"
STEP = "detectable_asymmetry_step"
TAU = ("averaging_time", "observation_interval")


def comparison_faults(case: CaseFile, label: str, *, brought: Mapping[str, str]) -> Iterator[str]:
    """Check figures and inputs of the recomputation of a run that compares two clocks.

    Args:
        case: The case.
        label: Event of the recomputation.
        brought: Argument to the label of the result in use that it takes.
    """
    if not case.run.files:
        yield f"{label}: figures of two clocks without the raw file that they are reduced from"
    dossier = case.dossier
    used: set[int] = set()
    for result_id, recorded in dossier.results.items():
        if recorded.event_label != label:
            continue
        model = dossier.network.results[result_id].model
        try:
            wanted = metric(model.text)
        except InputError:
            wanted = None
        if wanted is None or model.kind is not ModelKind.FUNCTION:
            yield f"{recorded.label}: it follows from no metric"
            continue
        if recorded.name not in _names(recorded, wanted):
            yield f"{recorded.label}: it is not named after its metric {model.text}"
        for one in dossier.network.results[result_id].arguments:
            if one.input_id is not None:
                used.add(one.input_id)
            yield from _argument_faults(case, recorded, wanted, one=one, brought=brought)
    for input_id, (owner, name) in dossier.input_owner.items():
        if owner == label and input_id not in used:
            yield f"input {name} of {label} enters no figure"


def _argument_faults(
    case: CaseFile,
    figure: RecordedResult,
    wanted: Metric,
    *,
    one: Argument,
    brought: Mapping[str, str],
) -> Iterator[str]:
    """Check that an argument is the record of its name, and an input what it says to be."""
    dossier, label = case.dossier, figure.event_label
    if one.parent_id is not None:
        parent = dossier.results[one.parent_id].label
        if parent != brought.get(one.name, f"{label}/{one.name}"):
            yield f"{figure.label}: {one.name} is taken from {parent}"
    if one.input_id is None:
        return
    own = f"{figure.name}_{INDICATED}" if one.name == INDICATED else one.name
    if dossier.input_owner[one.input_id] != (label, own):
        yield f"{figure.label}: {one.name} is taken from another input"
    elif one.name in brought:
        yield f"{figure.label}: {one.name} is not that of the device in use"
    yield from _input_faults(
        wanted,
        one.name,
        dossier.network.inputs[one.input_id],
        origin=dossier.events[label].origins.get(own, Origin()),
        devices=frozenset(calibrated_arguments(protocol(case.run.protocol))),
    )


def _names(recorded: RecordedResult, wanted: Metric) -> frozenset[str]:
    """Return what a figure may be called: its metric, or its metric at a tau."""
    short = wanted.metric_id.rpartition(".")[2]
    at = {f"{short}_{recorded.measurand.condition(tau).replace(' ', '')}" for tau in TAU}
    # Of the tests of an asymmetry a run records the one that it allows.
    general = {"detectable_asymmetry", STEP} if short.startswith("detectable_asymmetry_") else set()
    return frozenset({short, *at, *general})


def _input_faults(
    wanted: Metric, name: str, stored: InputQuantity, *, origin: Origin, devices: frozenset[str]
) -> Iterator[str]:
    """Check one input: reduced from tags, or the default of what nobody calibrated.

    `devices` are the arguments that only the calibration of a device brings.
    """
    argument = wanted.argument(name)
    if argument is None:
        yield f"{wanted.metric_id} takes no {name}"
        return
    if name in devices or argument.default is not None:
        calibrated = argument.source is ArgumentSource.CALIBRATION
        known = (argument.default, 0.0, Origin() if calibrated else DECLARED)
        if (stored.estimate, stored.standard_uncertainty, origin) != known:
            yield f"input {name}: what nobody calibrated is {argument.default} and has no end"
    elif stored.evaluation is not Evaluation.A or origin != REDUCED:
        yield f"input {name}: it is not said to be reduced from tags or a series"
