"""Records of a chain of links joined by swaps: what goes in, and what is left from end to end.

Inside: `ChainLink`, `ChainNode`, `Chain`, `LinkShare`, `NodeShare`, `Figure`, `ChainRates`,
`ChainOutcome`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from qtrace.physics.states.swapping import PHI_PLUS
from qtrace.physics.states.swapping_chain import BellMeasurement


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A link: Bell weights phi+, phi-, psi+, psi-, and how it is stored while it waits.

    `u_fidelity` is None where none is stated: it is then not known, never 0. `u_shared` is the
    part of it that all links of the same `calibration` have in common. `wait_s` is None where the
    mean wait that the rates give is taken.
    """

    link_id: str
    weights: tuple[float, float, float, float]
    u_fidelity: float | None = None
    calibration: str = ""
    u_shared: float = 0.0
    success: float | None = None
    wait_s: float | None = None
    stored_qubits: int = 0
    dephasing_time_s: float = math.inf
    depolarising_time_s: float = math.inf
    tag: str = ""

    @property
    def fidelity(self) -> float:
        """Return the fidelity with phi+."""
        return self.weights[PHI_PLUS]


@dataclass(frozen=True, slots=True)
class ChainNode:
    """A Bell-state measurement between two links; `efficiency` is its success, all causes."""

    node_id: str
    method: BellMeasurement
    error: float = 0.0
    efficiency: float | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Links in order and the nodes between them."""

    chain_id: str
    title: str
    provenance: str
    source: str
    links: tuple[ChainLink, ...]
    nodes: tuple[ChainNode, ...]
    attempts_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with u; None where a link states no u."""

    value: float
    u: float | None


@dataclass(frozen=True, slots=True)
class LinkShare:
    """What one link does: fidelity as stated, after its wait, and that from end to end so far.

    `loss` is what the end would gain if this link and its memory were perfect; `coefficient` is
    d(end fidelity) / d(fidelity of the link).
    """

    link_id: str
    fidelity: float
    wait_s: float
    after_wait: float
    so_far: float
    loss: float
    coefficient: float
    u_part: float | None
    tag: str


@dataclass(frozen=True, slots=True)
class NodeShare:
    """What one Bell-state measurement costs, were it perfect."""

    node_id: str
    method: str
    error: float
    efficiency: float | None
    loss: float


@dataclass(frozen=True, slots=True)
class ChainRates:
    """Pairs from end to end per second, and how long links wait on the mean, in s."""

    without_memory: float
    with_memory: float
    mean_waits_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ChainOutcome:
    """End-to-end figures of a chain; `u_independent` is what ignoring shared u would claim."""

    chain: Chain
    links: tuple[LinkShare, ...]
    nodes: tuple[NodeShare, ...]
    weights: tuple[float, ...]
    fidelity: Figure
    u_independent: float | None
    visibility: Figure
    error_rate: Figure
    chsh: Figure
    teleported: Figure
    visibilities: tuple[float, ...]
    entangled: bool
    limiting: str
    rates: ChainRates | None
    notes: tuple[str, ...]
