"""What a change of the records does to a judgement: findings and decision before and after.

Inside: `FindingChange`, `Consequence`, `Judgement`, `consequence`, `touches`.

Both sides are drawn by `conclude` from the same case file, so that they differ by the change
alone. Where the change is known by its bounds only, each finding is the worst of all bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from qtrace.certification.case import CaseFile
from qtrace.certification.conclude import Conclusions, conclude
from qtrace.certification.named_figures import with_impossible
from qtrace.certification.own_intervals import with_own_intervals
from qtrace.certification.standing import POSITIVE, event_word
from qtrace.errors import QtraceError
from qtrace.laboratory.event import Withdrawal
from qtrace.standards.finding import Finding
from qtrace.traceability.reevaluate import Change, Reevaluated, reevaluate
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.network import ancestors

ROUNDING = 1e-9  # relative: figures closer than that are the same
BETTER, WORSE, OTHER = "better", "worse", "other"
_RANK = {
    "met": 0,
    "within_guard_band_inside": 1,
    "within_guard_band_outside": 2,
    "not_met": 3,
    "not_evaluable": 4,
    "no_evidence": 4,
}


@dataclass(frozen=True, slots=True)
class FindingChange:
    """One finding before and after; figures in `unit`. `direction` is better, worse or other."""

    standard_id: str
    requirement_id: str
    subject: str
    title: str
    before: str
    after: str
    direction: str
    unit: str = ""
    value_before: float | None = None
    value_after: float | None = None
    u_before: float | None = None
    u_after: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judgement on record: an issued document, or an assessment without one.

    `decided` is the decision of the document, `status` what has become of it; both are empty
    for an assessment.
    """

    label: str
    kind: str
    case: CaseFile
    decided: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a recall does to one judgement.

    `touched` says whether anything of it rests on what was recalled; `moved` lists its findings
    whose figure moved, `flips` those whose outcome changed. `event` is the decision event that
    follows for a document, empty for an assessment and where nothing was touched.
    """

    label: str
    kind: str
    link_id: str
    run_id: str
    scheme_id: str
    touched: bool
    decision_before: str = ""
    decision_after: str = ""
    status_before: str = ""
    event: str = ""
    reason: str = ""
    flips: tuple[FindingChange, ...] = ()
    moved: tuple[FindingChange, ...] = ()
    named_only: bool = False

    @property
    def changes(self) -> bool:
        """Return whether an outcome or the decision changes."""
        return bool(self.flips) or self.decision_before != self.decision_after


def touches(case: CaseFile, moved: Iterable[int]) -> bool:
    """Return whether a figure of a case rests on one of some results."""
    wanted = set(moved) & set(case.dossier.network.results)
    figures = [one.result_id for one in case.figures]
    return bool(wanted) and bool(wanted & set(ancestors(case.dossier.network, figures)))


def consequence(
    judgement: Judgement,
    changes: Iterable[Change],
    *,
    recalled: str,
    withdrawal: Withdrawal | None,
    functions: Mapping[str, ModelFunction],
) -> Consequence:
    """Draw the conclusions of a judgement before and after a change.

    Args:
        judgement: Case file as it was judged, and what was decided.
        changes: The change, or all that bound it; the worst counts. Empty for a withdrawal.
        recalled: Label of the recalled event.
        withdrawal: The withdrawal that the records would show, None for none.
        functions: "metric_id@version" to function.
    """
    case = judgement.case
    nothing = Consequence(
        judgement.label,
        judgement.kind,
        case.link.link_id,
        case.run.run_id,
        case.scheme.scheme_id,
        touched=False,
        decision_before=judgement.decided,
        decision_after=judgement.decided,
        status_before=judgement.status,
    )
    done = [reevaluate(case.dossier.network, one, functions=functions) for one in changes]
    carried = any(touches(case, one.moved | set(one.failed)) for one in done)
    shown = withdrawal is not None and recalled in case.dossier.events
    if not carried and not shown:
        return replace(nothing, named_only=_named(case, recalled))
    before = conclude(case, functions)
    worlds: list[Conclusions] = []
    faults: list[str] = []
    networks: list[Reevaluated | None] = [*done] if done else [None]
    for one in networks:
        dossier = case.dossier
        if one is not None:
            faults.extend(one.failed.values())
            dossier = replace(dossier, network=one.network)
        if withdrawal is not None:
            dossier = replace(dossier, withdrawals={**dossier.withdrawals, recalled: withdrawal})
        try:
            world = with_impossible(with_own_intervals(replace(case, dossier=dossier)))
            worlds.append(conclude(world, functions))
        except QtraceError as error:
            faults.append(error.what)
    if not carried and worlds and worlds[0].chains == before.chains:
        return nothing
    return _drawn(judgement, nothing, before, worlds, faults=faults)


def _drawn(
    judgement: Judgement,
    nothing: Consequence,
    before: Conclusions,
    worlds: list[Conclusions],
    *,
    faults: list[str],
) -> Consequence:
    """Compare the worlds with the one before; name the decision event."""
    pairs = [_worst(old, worlds) for old in before.findings]
    moved = tuple(_change(old, new) for old, new in pairs if _differs(old, new))
    flips = tuple(one for one in moved if one.before != one.after)
    first = before.decision.word.value
    after = "" if faults else _decision(first, worlds)
    worse = any(one.direction != BETTER for one in flips)
    word, reason = "", ""
    if judgement.decided:
        word = event_word(
            judgement.status, decided=judgement.decided, after=after, worse=worse
        ).value
        reason = _reason(first, after, flips, moved=moved, faults=faults)
    return replace(
        nothing,
        touched=True,
        decision_before=first,
        decision_after=after or "NOT_EVALUABLE",
        event=word,
        reason=reason,
        flips=flips,
        moved=moved,
    )


def _named(case: CaseFile, recalled: str) -> bool:
    """Return whether an instrument of the case rests on the event by name, not by a number."""
    return any(
        result.event_label == recalled
        for results in case.dossier.instrument_results.values()
        for result in results
    )


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.standard_id, finding.requirement_id, finding.subject


def _worst(old: Finding, worlds: Iterable[Conclusions]) -> tuple[Finding, Finding]:
    """Return a finding with the gravest of what becomes of it, the furthest among equals."""
    found = [one for world in worlds for one in world.findings if _key(one) == _key(old)]
    if not found:
        return old, old
    return old, max(found, key=lambda one: (_RANK.get(one.cell, 0), _distance(old, one)))


def _distance(old: Finding, new: Finding) -> float:
    if old.measured_value is None or new.measured_value is None:
        return 0.0
    return abs(new.measured_value - old.measured_value)


def _differs(old: Finding, new: Finding) -> bool:
    if (old.cell, old.breaks) != (new.cell, new.breaks):
        return True
    pairs = (
        (old.measured_value, new.measured_value),
        (old.standard_uncertainty, new.standard_uncertainty),
    )
    return any(
        (one is None) != (other is None)
        or (one is not None and other is not None and abs(one - other) > ROUNDING * abs(one))
        for one, other in pairs
    )


def _change(old: Finding, new: Finding) -> FindingChange:
    ranks = _RANK.get(old.cell, 0), _RANK.get(new.cell, 0)
    direction = OTHER
    if ranks[0] != ranks[1]:
        direction = WORSE if ranks[1] > ranks[0] else BETTER
    return FindingChange(
        old.standard_id,
        old.requirement_id,
        old.subject,
        old.title,
        old.cell.upper(),
        new.cell.upper(),
        direction,
        old.unit or new.unit,
        old.measured_value,
        new.measured_value,
        old.standard_uncertainty,
        new.standard_uncertainty,
    )


def _decision(first: str, worlds: Iterable[Conclusions]) -> str:
    """Return the decision after: that of any bound which refuses, else of the last."""
    words = [one.decision.word.value for one in worlds] or [first]
    return next((word for word in words if word not in POSITIVE), words[-1])


def _reason(
    first: str,
    after: str,
    flips: tuple[FindingChange, ...],
    *,
    moved: tuple[FindingChange, ...],
    faults: list[str],
) -> str:
    """Return in one line why the decision event is what it is."""
    if faults:
        return f"cannot be judged any more: {'; '.join(dict.fromkeys(faults))}"
    told = "; ".join(
        f"{one.requirement_id} {one.subject}: {one.before} to {one.after}" for one in flips
    )
    if first != after:
        head = f"the decision would be {after} instead of {first}"
        if after in POSITIVE:
            head += ": assess and certify again, a recall grants nothing"
        return f"{head}; {told}" if told else head
    if told:
        return f"the decision stays {after}; {told}"
    if any(one.value_before != one.value_after for one in moved):
        return f"figures move, no outcome does; the decision stays {after}"
    if not moved:
        return f"no figure moves and no chain breaks; the decision stays {after}"
    about = ", ".join(dict.fromkeys(one.requirement_id for one in moved))
    return f"no figure moves; more breaks in the chains of {about}; the decision stays {after}"
