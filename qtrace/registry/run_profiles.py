"""Attribute profiles of recorded runs, read together so that what they share stays shared.

Inside: `RunProfile`, `run_profiles`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qtrace.certification.assemble import figures_of
from qtrace.certification.profile import Profile, RunContext, attribute_profile
from qtrace.certification.proven_key import proven_key
from qtrace.certification.run_advantages import (
    NotCompared,
    RecordedBaselineAt,
    RunAdvantages,
    run_advantages,
)
from qtrace.laboratory.link import Link, Run
from qtrace.metrics.advantage.statement import Advantage
from qtrace.metrics.catalogue import functions, protocol
from qtrace.registry.dossier import load_dossier
from qtrace.registry.latest_round import latest_round
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.chain import Dossier

NO_PROTOCOL = "the run names no protocol, so no bound was chosen and no proof is known for it"
NONE_NAMED = "no baseline that was named speaks of it"
Items = Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RunProfile:
    """A run with its profile, and the records of all runs that were read with it."""

    run: Run
    profile: Profile
    dossier: Dossier


def run_profiles(
    session: ReadSession,
    run_ids: Sequence[str],
    *,
    coverage_probability: float,
    baselines: Sequence[RecordedBaselineAt] = (),
    confidence: float = 0.95,
    asked: bool = False,
) -> dict[str, RunProfile]:
    """Return the profiles of the latest recomputations of runs, by run.

    Args:
        session: An open session.
        run_ids: The runs.
        coverage_probability: p of expanded uncertainties.
        baselines: Those that figures are held against.
        confidence: p of each statement against a baseline.
        asked: These baselines were named: there may be others on record.

    Raises:
        InputError: an unknown run, one that is not recomputed yet, or no such confidence.
    """
    rounds = {one: latest_round(session, one) for one in run_ids}
    measured = [one.result_id for one in baselines if one.result_id]
    dossier = load_dossier(session, [*(i for _, ids in rounds.values() for i in ids), *measured])
    known = functions()
    found = {}
    for run_id, (run, ids) in rounds.items():
        link = session.links.by_id(run.link_id)
        items = _items(dossier, run, link, ids)
        against, why = _against(
            run_advantages(
                dossier,
                run,
                link,
                result_ids=frozenset(ids),
                baselines=baselines,
                confidence=confidence,
            ),
            dossier,
            items,
        )
        if asked:
            why = {**dict.fromkeys(ids, NONE_NAMED), **why}
        context = RunContext(run, dossier, known, coverage_probability, items, against, why)
        profile = attribute_profile(
            context,
            link,
            ids,
            key=proven_key(run, dossier, ids),
            no_security=protocol(run.protocol).no_security_outcome if run.protocol else NO_PROTOCOL,
        )
        found[run_id] = RunProfile(run, profile, dossier)
    return found


def _against(
    stated: RunAdvantages, dossier: Dossier, items: Items
) -> tuple[dict[int, tuple[Advantage, ...]], dict[int, str]]:
    """Return how results stand against the baselines, and why others stand against none."""
    ids = {one.label: i for i, one in dossier.results.items()}
    against: dict[int, tuple[Advantage, ...]] = {}
    categorical: dict[int, str] = {}
    for row in stated.rows:
        found = ids[row.label]
        if row.security is None:
            against[found] = (*against.get(found, ()), row.advantage)
        else:  # stated by its proof, on its own: it moves no attribute
            one = row.advantage
            late = "; post hoc: declared after the run" if one.post_hoc else ""
            categorical[found] = (
                f"{one.standing.value}, categorical: {one.baseline.title}{late}; the proof says "
                "what holds, no probability does"
            )
    why = {
        i: _differences([one for one in stated.not_compared if one.item in names])
        for i, names in items.items()
    }
    why = {i: text for i, text in why.items() if text}
    return against, {**why, **categorical}


def _differences(left: Sequence[NotCompared]) -> str:
    """Return in which conditions baselines of a figure differ from it; `metric advantage` has more.

    Reasons begin with the name of the condition, one for each figure of the item.
    """
    by_condition: dict[str, list[str]] = {}
    for one in left:
        parts = [part.partition(":") for part in one.reason.split("; ")]
        names = dict.fromkeys(name for name, colon, _ in parts if colon)
        by_condition.setdefault(", ".join(names), []).append(one.baseline_id)
    return "; ".join(
        f"no baseline fits: {', '.join(ids)} differ{'' if len(ids) > 1 else 's'} in {names}"
        for names, ids in by_condition.items()
    )


def _items(dossier: Dossier, run: Run, link: Link, ids: tuple[int, ...]) -> Items:
    """Return under which names of evidence a result is known."""
    found: dict[int, tuple[str, ...]] = {}
    for one in figures_of(dossier, run, link):
        if one.result_id in ids:
            found[one.result_id] = (*found.get(one.result_id, ()), one.item)
    return found
