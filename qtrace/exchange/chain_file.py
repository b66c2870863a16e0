"""Chain files: links of entangled pairs in order, and the Bell-state measurements between them.

Inside: `read_chain_file`.
"""

from __future__ import annotations

import math
from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.placed import refuse_repeated
from qtrace.exchange.quantity_fields import positive, quantity
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.metrics.teleportation.chain_records import Chain, ChainLink, ChainNode
from qtrace.physics.states.swapping import ROUNDING, werner_weights
from qtrace.physics.states.swapping_chain import BellMeasurement, check_efficiency
from qtrace.quantity.kinds import kind

PROVENANCES = ("measured", "published", "simulated", "from memory")
# Beyond these a rate of the chain, or a ratio of two, is no number any more.
LEAST_ATTEMPTS, MOST_ATTEMPTS, LEAST_SUCCESS = 1e-9, 1e18, 1e-30
_TIME, _RATE = kind("duration").dimension, kind("count_rate").dimension


def read_chain_file(source: Path | bytes, *, name: str = "") -> Chain:
    """Read a chain file.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: Anything that is wrong, with file, line and field: a fidelity outside of 0 to
            1, Bell weights that do not sum to 1, negative times, an efficiency above the limit.
    """
    root = root_table(read_toml(source, name=name))
    table = root.table("chain")
    places = []
    links: list[ChainLink] = []
    for inner in root.tables("link"):
        links.append(_link(inner))
        places.append((links[-1].link_id, inner.place("id")))
    nodes: list[ChainNode] = []
    for inner in root.tables("node"):
        nodes.append(_node(inner))
        places.append((nodes[-1].node_id, inner.place("id")))
    refuse_repeated("link or node", places)
    if not links:
        raise root.error("link", "the chain has no link", next_step="write [[link]]")
    if len(nodes) != len(links) - 1:
        raise root.error(
            "node",
            f"{len(links)} links are joined by {len(links) - 1} Bell-state measurements, not by "
            f"{len(nodes)}",
            next_step="write one [[node]] for each place between two links",
        )
    chain = Chain(
        table.identifier("id"),
        table.optional_text("title"),
        table.one_of("provenance", PROVENANCES),
        table.text("source"),
        tuple(links),
        tuple(nodes),
        _attempts(table),
    )
    table.finish()
    root.finish()
    return chain


def _attempts(table: TomlTable) -> float | None:
    """Read attempts in 1/s; a rate that no machine has leaves nothing to divide by."""
    if not table.has("attempts"):
        return None
    read = positive(table, "attempts", dimension=_RATE, like="a rate")
    if not LEAST_ATTEMPTS <= read.si <= MOST_ATTEMPTS:
        raise table.error(
            "attempts",
            f'"attempts" is {read.text}, outside of {LEAST_ATTEMPTS:g} to {MOST_ATTEMPTS:g} /s',
            next_step="correct the number or its unit",
        )
    return read.si


def _part(table: TomlTable, key: str, *, high: float = 1.0) -> float:
    """Read a number from 0 to `high`."""
    read = table.number(key)
    if not 0.0 <= read <= high:
        raise table.error(
            key, f'"{key}" is {read:g}, outside of 0 to {high:g}', next_step="correct the number"
        )
    return read


def _link(table: TomlTable) -> ChainLink:
    weights = _weights(table)
    u = _part(table, "u") if table.has("u") else None
    calibration = table.optional_text("calibration")
    u_shared = _part(table, "u_shared") if table.has("u_shared") else 0.0
    if u_shared and (not calibration or u is None or u_shared > u):
        raise table.error(
            "u_shared",
            "the shared part of u is a part of u, and names its calibration",
            next_step="write u, at least as large, and calibration",
        )
    link = ChainLink(
        table.identifier("id"),
        weights,
        u,
        calibration,
        u_shared,
        _success(table),
        *_memory(table),
        tag=table.optional_text("tag"),
    )
    table.finish()
    return link


def _success(table: TomlTable) -> float | None:
    if not table.has("success"):
        return None
    success = _part(table, "success")
    if success == 0.0:
        raise table.error(
            "success",
            "a link that never succeeds joins nothing",
            next_step="write its probability per attempt, or leave it out",
        )
    if success < LEAST_SUCCESS:
        raise table.error(
            "success",
            f'"success" is {success:g}, below {LEAST_SUCCESS:g}',
            next_step="correct the number: once in the age of the universe is no link",
        )
    return success


def _weights(table: TomlTable) -> tuple[float, float, float, float]:
    """Read `fidelity` (Werner) or `weights` (Bell-diagonal)."""
    if table.has("fidelity") == table.has("weights"):
        raise table.error(
            "fidelity" if table.has("fidelity") else "",
            "both" if table.has("fidelity") else "neither fidelity nor weights is given",
            next_step="write fidelity = 0.95 for a Werner state, or [link.weights] of phi+, "
            "phi-, psi+, psi-",
        )
    if table.has("fidelity"):
        a, b, c, d = (float(one) for one in werner_weights(_part(table, "fidelity")))
        return a, b, c, d
    inner = table.table("weights")
    names = ("phi_plus", "phi_minus", "psi_plus", "psi_minus")
    a, b, c, d = (_part(inner, one) for one in names)
    inner.finish()
    total = math.fsum((a, b, c, d))
    if abs(total - 1.0) > ROUNDING:
        raise table.error(
            "weights", f"the four weights sum to {total:.12g}, not to 1", next_step="correct them"
        )
    return a, b, c, d


def _memory(table: TomlTable) -> tuple[float | None, int, float, float]:
    """Read the memory: wait, stored qubits, T2, T1."""
    if not table.has("memory"):
        return None, 0, math.inf, math.inf
    memory = table.table("memory")
    wait = None
    if memory.has("wait"):
        read = quantity(memory, "wait", dimension=_TIME, like="a time")
        if read.si < 0.0:
            raise memory.error(
                "wait", f"a wait of {read.text} is negative", next_step="correct the number"
            )
        wait = read.si
    qubits = memory.integer("stored_qubits", least=1)
    if qubits > 2:
        raise memory.error("stored_qubits", "a pair has two qubits", next_step="write 1 or 2")
    t2, t1 = (
        positive(memory, key, dimension=_TIME, like="a time").si if memory.has(key) else math.inf
        for key in ("dephasing_time", "depolarising_time")
    )
    if math.isinf(t2) and math.isinf(t1):
        raise memory.error(
            "", "the memory has no coherence time", next_step="write dephasing_time (T2)"
        )
    memory.finish()
    return wait, qubits, t2, t1


def _node(table: TomlTable) -> ChainNode:
    method = table.choice("bell_measurement", BellMeasurement)
    error = _part(table, "error", high=0.75) if table.has("error") else 0.0
    efficiency = _part(table, "efficiency") if table.has("efficiency") else None
    if efficiency is not None:
        try:
            check_efficiency(efficiency, method)
        except InputError as wrong:
            raise table.error("efficiency", wrong.what, next_step=wrong.next_step) from None
    node = ChainNode(table.identifier("id"), method, error, efficiency)
    table.finish()
    return node
