"""Do the figures of a run rest on what they say: each argument on the record of that name?

Inside: `argument_faults`, `brought_by_use`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qtrace.certification.case import CaseFile
from qtrace.certification.named_figures import naming_faults
from qtrace.certification.own_intervals import own_interval
from qtrace.certification.recheck_curve import close
from qtrace.laboratory.event import RecordedResult
from qtrace.laboratory.figure_flags import ABORTED_RUN, NOT_PROVEN, POST_HOC
from qtrace.laboratory.link import ABORTED
from qtrace.laboratory.run_labels import role_in, round_of, use_label
from qtrace.metrics.calibrated_uses import calibrated_uses
from qtrace.metrics.catalogue import protocol
from qtrace.metrics.entangled.bell_limit import impossible_bell_data
from qtrace.metrics.proof_set import beside_set, outside_set, unproven
from qtrace.traceability.forms import ESTIMATE

# The same arithmetic; quantiles and fits pass through libraries that may differ in last bits.
INTERVAL_TOLERANCE = 1e-6


def argument_faults(case: CaseFile, label: str) -> Iterator[str]:
    """Check that each metric of a run takes each argument from the record of that name.

    A calibrated argument comes from the device in its role, under its setting; where that is on
    record the nominal value of the run does not stand in its place.

    Args:
        case: The case.
        label: Event of the recomputation.
    """
    dossier = case.dossier
    yield from naming_faults(case, label)
    brought = brought_by_use(case, round_of(label))
    for result_id, recorded in dossier.results.items():
        if recorded.event_label != label:
            continue
        result = dossier.network.results[result_id]
        if recorded.name != result.model.text.rpartition(".")[2]:
            yield f"{recorded.label}: it is not named after its metric {result.model.text}"
        yield from _unsaid(case, recorded, result.model.text, brought=brought)
        yield from _interval_faults(case, recorded)
        parents = {}
        for argument in result.arguments:
            if argument.parent_id is not None:
                parents[argument.name] = dossier.results[argument.parent_id]
                continue
            if argument.input_id is not None:
                if dossier.input_owner[argument.input_id] != (label, argument.name):
                    yield f"{recorded.label}: {argument.name} is taken from another input"
                elif argument.name in brought:
                    yield f"{recorded.label}: {argument.name} is not that of the device in use"
        pair = recorded.measurand.condition("pair")
        if pair or result.model.text.startswith("detector."):
            if "/".join(role_in(one.event_label) for one in parents.values()) != pair:
                yield f"{recorded.label}: it is not about the pair that it names"
            continue
        for name, parent in parents.items():
            if brought.get(name) != parent.label:
                yield f"{recorded.label}: {name} is taken from {parent.label}"


def _interval_faults(case: CaseFile, recorded: RecordedResult) -> Iterator[str]:
    """Check that the interval of a figure is the one that its arguments give."""
    expected = own_interval(case.dossier.network, recorded, case.run)
    if expected is None:
        return
    same = (recorded.interval is None) == (expected[0] is None) and all(
        close(a, b, INTERVAL_TOLERANCE)
        for a, b in zip(recorded.interval or (), expected[0] or (), strict=True)
    )
    if not same or recorded.interval_method != expected[1]:
        yield f"{recorded.label}: its arguments give the interval {expected[0]} ({expected[1]})"


def brought_by_use(case: CaseFile, number: int) -> dict[str, str]:
    """Return the results in use that arguments take, by argument: estimates, not limits."""
    if not case.run.protocol:
        return {}
    results = {one.label: one for one in case.dossier.results.values()}
    found = {}
    for role in case.run.roles:
        event = use_label(case.run.run_id, role.role, number)
        for use in calibrated_uses(protocol(case.run.protocol), case.run, role):
            used = results.get(f"{event}/{use.name}")
            if used is not None and used.form == ESTIMATE:
                found[use.argument] = used.label
    return found


def _unsaid(
    case: CaseFile, figure: RecordedResult, metric_id: str, *, brought: Mapping[str, str]
) -> Iterator[str]:
    """Check that a certified figure says what keeps it from being relied on.

    When a plan was recorded only the ledger of the issuer knows; without a plan it is post_hoc.
    """
    run = case.run
    if not run.protocol:
        return
    proof = next((p for p in protocol(run.protocol).proofs if p.metric_id == metric_id), None)
    if proof is None:
        return
    ids = {one.label: i for i, one in case.dossier.results.items()}
    network = case.dossier.network
    values = {name: network.result(ids[label]).value for name, label in brought.items()}
    doubts = (
        *unproven(proof, run),
        *outside_set(proof, run, values),
        *beside_set(proof, run),
    )
    needed = [f"{NOT_PROVEN}: {doubt}" for doubt in doubts]
    needed += [ABORTED_RUN] if run.status == ABORTED else []
    needed += impossible_bell_data(run)
    needed += [] if run.plan_id else [POST_HOC]
    for flag in needed:
        if not any(one.startswith(flag) for one in figure.flags):
            yield f"{figure.label}: it does not say: {flag}"
