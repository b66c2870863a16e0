"""Network files: nodes, and links that name a recorded run or declare their figures.

Inside: `NetworkLink`, `NetworkPlan`, `read_network_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.placed import refuse_repeated
from qtrace.exchange.quantity_fields import positive, quantity
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.metrics.network.declared import DeclaredFigures
from qtrace.metrics.network.paths import Edge, LinkType
from qtrace.quantity.dimension import DIMENSIONLESS
from qtrace.quantity.kinds import kind

_TIME, _RATE = kind("duration").dimension, kind("count_rate").dimension


@dataclass(frozen=True, slots=True)
class NetworkLink:
    """A link of a network: a recorded run, or declared figures, never both."""

    edge: Edge
    run_id: str
    declared: DeclaredFigures | None


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """A network file as read."""

    network_id: str
    title: str
    nodes: tuple[str, ...]
    links: tuple[NetworkLink, ...]
    digest: str

    def edges(self, of: LinkType | None = None) -> tuple[Edge, ...]:
        """Return the links, of one type or all."""
        return tuple(one.edge for one in self.links if of is None or one.edge.type is of)


def read_network_file(source: Path | bytes, *, name: str = "") -> NetworkPlan:
    """Read a network file.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: Anything that is wrong, with file, line and field.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    table = root.table("network")
    nodes, places = [], []
    for inner in root.tables("node"):
        nodes.append(inner.identifier("id"))
        places.append((nodes[-1], inner.place("id")))
        inner.optional_text("title")
        inner.finish()
    refuse_repeated("node", places)
    links: list[NetworkLink] = []
    places = []
    for inner in root.tables("link"):
        links.append(_link(inner, tuple(nodes), links))
        places.append((links[-1].edge.link_id, inner.place("id")))
    refuse_repeated("link", places)
    if not links:
        raise root.error("link", "no link is described", next_step="write [[link]]")
    plan = NetworkPlan(
        table.identifier("id"),
        table.optional_text("title"),
        tuple(nodes),
        tuple(links),
        file.digest,
    )
    table.finish()
    root.finish()
    return plan


def _link(table: TomlTable, nodes: tuple[str, ...], before: list[NetworkLink]) -> NetworkLink:
    ends = table.texts("nodes")
    for one in ends:
        if one not in nodes:
            known = ", ".join(nodes) or "none"
            raise table.error(
                "nodes", f"there is no node {one!r}", next_step=f"nodes of the file: {known}"
            )
    if len(ends) != 2 or ends[0] == ends[1]:
        raise table.error("nodes", "a link joins two nodes", next_step='nodes = ["A", "B"]')
    edge = Edge(table.identifier("id"), (ends[0], ends[1]), table.choice("type", LinkType))
    if any(one.edge.type is edge.type and one.edge.joins(*edge.nodes) for one in before):
        raise table.error(
            "nodes",
            f"two {edge.type.value} links join {ends[0]} and {ends[1]}",
            next_step="keep one of them",
        )
    run_id = table.optional_identifier("run")
    declared = _declared(table, edge.type)
    if bool(run_id) is (declared is not None):
        raise table.error(
            "run",
            f"link {edge.link_id} names a run and figures"
            if run_id
            else f"link {edge.link_id} names neither a run nor figures",
            next_step="name a recomputed run, or declare figures with their source, not both",
        )
    table.finish()
    return NetworkLink(edge, run_id, declared)


def _declared(table: TomlTable, what: LinkType) -> DeclaredFigures | None:
    """Return the declared figures of a type of link, None where none is written."""
    asked = {
        LinkType.QKD: ("key_rate", "epsilon"),
        LinkType.SYNCHRONIZATION: ("offset", "offset_u", "time_deviation"),
        LinkType.SWAPPING: ("fidelity", "fidelity_u"),
    }[what]
    if not any(table.has(key) for key in asked):
        return None
    source = table.text("source")
    if what is LinkType.QKD:
        rate = quantity(table, "key_rate", dimension=_RATE, like="a rate of key").si
        if rate < 0.0:
            raise table.error("key_rate", f"{rate:g} bit/s is below 0", next_step="correct it")
        epsilon = _epsilon(table) if table.has("epsilon") else None
        return DeclaredFigures(source, key_rate_bits_per_s=rate, epsilon=epsilon)
    if what is LinkType.SWAPPING:
        u = _part(table, "fidelity_u") if table.has("fidelity_u") else None
        return DeclaredFigures(source, fidelity=_part(table, "fidelity"), fidelity_u=u)
    offset = quantity(table, "offset", dimension=_TIME, like="a time").si
    u_s = (
        positive(table, "offset_u", dimension=_TIME, like="a time").si
        if (table.has("offset_u"))
        else None
    )
    return DeclaredFigures(source, offset_s=offset, offset_u_s=u_s, deviations=_deviations(table))


def _deviations(table: TomlTable) -> tuple[tuple[float, float], ...]:
    """Return TDEV by averaging time; one without its time means nothing."""
    if not table.has("time_deviation"):
        return ()
    if not table.has("averaging_time"):
        raise table.error(
            "averaging_time",
            "a time deviation without its averaging time means nothing",
            next_step='averaging_time = "100 s"',
        )
    tau = positive(table, "averaging_time", dimension=_TIME, like="a time").si
    return ((tau, positive(table, "time_deviation", dimension=_TIME, like="a time").si),)


def _epsilon(table: TomlTable) -> float:
    """Return a failure probability: above 0, which no proof has, and below 1."""
    read = quantity(table, "epsilon", dimension=DIMENSIONLESS, like="a part of one")
    if not 0.0 < read.si < 1.0:
        wrong: InputError = table.error(
            "epsilon",
            f'"epsilon" is {read.text}, not between 0 and 1',
            next_step="write that of the proof, for example 1e-10, or leave it out",
        )
        raise wrong
    return read.si


def _part(table: TomlTable, key: str) -> float:
    """Return a number from 0 to 1."""
    read = quantity(table, key, dimension=DIMENSIONLESS, like="a part of one")
    if not 0.0 <= read.si <= 1.0:
        wrong: InputError = table.error(
            key, f'"{key}" is {read.text}, not from 0 to 1', next_step="0.95, or 95 %"
        )
        raise wrong
    return read.si
