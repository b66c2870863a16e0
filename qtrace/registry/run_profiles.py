"""Attribute profiles of recorded runs, read together so that what they share stays shared.

Inside: `RunProfile`, `run_profiles`, `Advantages`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from qtrace.certification.assemble import figures_of
from qtrace.certification.profile import Profile, RunContext, attribute_profile
from qtrace.certification.proven_key import proven_key
from qtrace.laboratory.link import Link, Run
from qtrace.metrics.advantage.statement import Advantage
from qtrace.metrics.catalogue import functions, protocol
from qtrace.registry.dossier import load_dossier
from qtrace.registry.latest_round import latest_round
from qtrace.registry.unit_of_work import ReadSession
from qtrace.traceability.chain import Dossier

NO_PROTOCOL = "the run names no protocol, so no bound was chosen and no proof is known for it"
Items = Mapping[int, tuple[str, ...]]
# From a run, its records and the evidence names of its results to how results stand against
# baselines, and why others do not.
Advantages = Callable[
    [ReadSession, Run, Dossier, Items],
    tuple[dict[int, tuple[Advantage, ...]], dict[int, str]],
]


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
    advantages: Advantages | None = None,
) -> dict[str, RunProfile]:
    """Return the profiles of the latest recomputations of runs, by run.

    Args:
        session: An open session.
        run_ids: The runs.
        coverage_probability: p of expanded uncertainties.
        advantages: How results stand against baselines; None where none are asked for.

    Raises:
        InputError: an unknown run, or one that is not recomputed yet.
    """
    rounds = {one: latest_round(session, one) for one in run_ids}
    dossier = load_dossier(session, [i for _, ids in rounds.values() for i in ids])
    known = functions()
    found = {}
    for run_id, (run, ids) in rounds.items():
        link = session.links.by_id(run.link_id)
        items = _items(dossier, run, link, ids)
        against, why = advantages(session, run, dossier, items) if advantages else ({}, {})
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


def _items(dossier: Dossier, run: Run, link: Link, ids: tuple[int, ...]) -> Items:
    """Return under which names of evidence a result is known."""
    found: dict[int, tuple[str, ...]] = {}
    for one in figures_of(dossier, run, link):
        if one.result_id in ids:
            found[one.result_id] = (*found.get(one.result_id, ()), one.item)
    return found
