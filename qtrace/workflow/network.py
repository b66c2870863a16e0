"""What a network offers from one node to another, attribute by attribute.

Inside: `NetworkAnswer`, `look_at_network`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qtrace.certification.network_hops import recorded_clock, recorded_key, recorded_pair
from qtrace.certification.profile import Profile
from qtrace.errors import InputError
from qtrace.exchange.network_file import NetworkPlan, read_network_file
from qtrace.laboratory.link import Run
from qtrace.metrics.network.choice import best_clock, best_key, best_pair, fewest_trusted
from qtrace.metrics.network.declared import (
    DeclaredFigures,
    declared_clock,
    declared_key,
    declared_pair,
)
from qtrace.metrics.network.offers import (
    ClockHop,
    ClockOffer,
    KeyHop,
    KeyOffer,
    PairHop,
    PairOffer,
    clock_offer,
    key_offer,
    pair_offer,
)
from qtrace.metrics.network.paths import Edge, LinkType, checked_path, edges_along, simple_paths
from qtrace.registry.run_profiles import run_profiles
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.unknown import combination_uncertainty
from qtrace.workflow.workbench import Workbench

Hop = KeyHop | ClockHop | PairHop
DECLARE: Mapping[LinkType, Callable[[Edge, DeclaredFigures], Hop]] = {
    LinkType.QKD: declared_key,
    LinkType.SYNCHRONIZATION: declared_clock,
    LinkType.SWAPPING: declared_pair,
}
RECORD: Mapping[LinkType, Callable[[Edge, Run, Profile], Hop]] = {
    LinkType.QKD: recorded_key,
    LinkType.SYNCHRONIZATION: recorded_clock,
    LinkType.SWAPPING: recorded_pair,
}
Way = tuple[tuple[str, ...], tuple[Edge, ...]]


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """The best path of each type, None where no path of its links joins the ends.

    `key_fewest_trusted` is the path that trusts fewest nodes, where it is not the fastest one.
    `searched` says how many paths of each type were looked at.
    """

    network_id: str
    title: str
    start: str
    end: str
    named: bool
    searched: tuple[tuple[str, int], ...]
    key: KeyOffer | None
    key_fewest_trusted: KeyOffer | None
    clocks: ClockOffer | None
    pairs: PairOffer | None


def look_at_network(
    workbench: Workbench, file: Path, *, start: str = "", end: str = "", path: str = ""
) -> NetworkAnswer:
    """Return what a network offers between two nodes, or along a path; nothing is recorded.

    Args:
        workbench: Settings and doors; the database is read only where links name runs.
        file: Network file.
        start: First node, with `end`.
        end: Last node.
        path: Or the path itself, "A,B,C".

    Raises:
        InputError: what is wrong in the file; neither ends nor a path; an unknown node; no path;
            a run that is unknown, not recomputed, or of another type than its link.
    """
    plan = read_network_file(file)
    if bool(path) is bool(start or end) or bool(start) is not bool(end):
        raise InputError(
            "which way through the network is said twice"
            if path and (start or end)
            else "which way through the network is not said",
            where="--from, --to, --path",
            next_step="write --from A --to B, or --path A,C,B",
        )
    found = _paths(plan, start, end, path)
    used = {edge.link_id for ways in found.values() for _, along in ways for edge in along}
    hops, network = _hops(workbench, plan, used)

    def u_recorded(weights: Mapping[int, float]) -> float:
        return 0.0 if network is None else combination_uncertainty(network, weights)

    keys, clocks, pairs = [], [], []
    for nodes, edges in (way for ways in found.values() for way in ways):
        row = [hops[edge.link_id] for edge in edges]
        if key_hops := [one for one in row if isinstance(one, KeyHop)]:
            keys.append(key_offer(nodes, key_hops))
        if clock_hops := [one for one in row if isinstance(one, ClockHop)]:
            clocks.append(clock_offer(nodes, clock_hops, u_recorded=u_recorded))
        if pair_hops := [one for one in row if isinstance(one, PairHop)]:
            pairs.append(pair_offer(nodes, pair_hops, u_recorded=u_recorded))
    fastest = best_key(keys) if keys else None
    fewest = fewest_trusted(keys) if keys else None
    ends = path.split(",") if path else [start, end]
    return NetworkAnswer(
        plan.network_id,
        plan.title,
        ends[0].strip(),
        ends[-1].strip(),
        bool(path),
        tuple((of.value, len(found[of])) for of in LinkType),
        fastest,
        fewest if fewest is not None and fewest != fastest else None,
        best_clock(clocks) if clocks else None,
        best_pair(pairs) if pairs else None,
    )


def _paths(plan: NetworkPlan, start: str, end: str, path: str) -> dict[LinkType, list[Way]]:
    """Return the paths of each type with their links; at least one of any type."""
    found: dict[LinkType, list[Way]] = {}
    for of in LinkType:
        edges = plan.edges(of)
        if path:
            names = tuple(one.strip() for one in path.split(","))
            candidates: Sequence[tuple[str, ...]] = [
                checked_path(names, plan.edges(), nodes=plan.nodes)
            ]
        else:
            candidates = tuple(simple_paths(edges, start, end, nodes=plan.nodes))
        found[of] = [(nodes, along) for nodes in candidates if (along := edges_along(nodes, edges))]
    if not any(found.values()):
        raise InputError(
            f"no path of links of one type joins {path or f'{start} and {end}'}",
            where=f"network {plan.network_id}",
            next_step="name other nodes; links of different types do not make one path",
        )
    return found


def _hops(
    workbench: Workbench, plan: NetworkPlan, used: set[str]
) -> tuple[dict[str, Hop], Network | None]:
    """Return the hop of each link that lies on a path; the database is read for runs only."""
    links = [one for one in plan.links if one.edge.link_id in used]
    runs = sorted({one.run_id for one in links if one.run_id})
    profiles = {}
    if runs:
        p = workbench.coverage_probability
        with workbench.read() as session:
            profiles = run_profiles(session, runs, coverage_probability=p)
    hops: dict[str, Hop] = {}
    for one in links:
        of = one.edge.type
        if one.declared is not None:
            hops[one.edge.link_id] = DECLARE[of](one.edge, one.declared)
        else:
            found = profiles[one.run_id]
            hops[one.edge.link_id] = RECORD[of](one.edge, found.run, found.profile)
    network = profiles[runs[0]].dossier.network if runs else None
    return hops, network
