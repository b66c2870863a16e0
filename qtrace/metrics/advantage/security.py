"""The categorical statement for security: what is proven, against whom, and who must be trusted.

Inside: `ALWAYS_OUTSIDE`, `SecurityAdvantage`, `state_security`.

No probability says that a proof is better than a computational assumption, and none is given.
What is said: a key was certified by a named proof with its epsilon, for the devices that the
proof's set declares, between nodes that are all trusted; the baseline rests on an assumption
about computers. Everything that the proof leaves out is listed with it.
Source: Renner, PhD thesis, ETH Zurich (2005) (composable epsilon); from memory.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.errors import InputError
from qtrace.laboratory.baseline import Baseline
from qtrace.metrics.advantage.statement import Advantage, Standing
from qtrace.metrics.protocol import Proof

FINITE = "finite"
SHOWN = (
    "categorical, no probability exists: a key by a proof in place of an assumption about "
    "computers, for the declared set of devices and the trusted nodes named"
)
# Whatever the proof: what no key distribution can promise.
ALWAYS_OUTSIDE = (
    "authentication of the classical channel: a key shared before, or an assumption of its own",
    "what happens inside the trusted nodes, and after the key has left them",
    "denial of service: a key can be withheld",
)


@dataclass(frozen=True, slots=True)
class SecurityAdvantage:
    """A categorical statement, with all that it rests on.

    `epsilon` is the failure probability of the proof where it is known; `assumptions` are the
    parameters of the set of devices for which it holds.
    """

    advantage: Advantage
    proof: str
    adversary: str
    source: str
    regime: str
    epsilon: float | None
    trusted_nodes: tuple[str, ...]
    assumptions: tuple[str, ...]
    not_covered: tuple[str, ...]


def state_security(
    baseline: Baseline,
    proof: Proof,
    *,
    certified_bits: float | None,
    epsilon: float | None,
    trusted_nodes: tuple[str, ...],
    doubts: tuple[str, ...] = (),
    confidence: float = 0.95,
    post_hoc: bool = False,
) -> SecurityAdvantage:
    """Return what a certified key says against a classical way of sharing keys.

    Args:
        baseline: A categorical one: no value.
        proof: The one that the run had chosen.
        certified_bits: Least length over the declared set; None where none was computed.
        epsilon: Of the proof; None where none is on record.
        trusted_nodes: All of them, at least the two ends.
        doubts: What keeps the figure from being relied on.
        confidence: Repeated for the record; it decides nothing here.
        post_hoc: The baseline was recorded after the run had started.

    Raises:
        InputError: the baseline has a value, or no trusted node is named.
    """
    if not baseline.categorical:
        raise InputError(
            "security is compared with a categorical baseline, without a value",
            where=f"baseline {baseline.baseline_id}",
            next_step="leave out value and u: no probability exists for it",
        )
    if not trusted_nodes:
        raise InputError(
            "no trusted node is named",
            where="trusted_nodes",
            next_step="name at least the two ends of the link",
        )
    missing = _missing(proof, certified_bits, epsilon, doubts=doubts)
    standing = Standing.NOT_SHOWN if missing else Standing.BETTER
    reason = f"categorical: {missing}" if missing else SHOWN
    if post_hoc:
        reason += "; post hoc"
    advantage = Advantage(baseline, standing, confidence, None, None, None, reason, post_hoc)
    return SecurityAdvantage(
        advantage,
        proof.title,
        proof.adversary,
        proof.source,
        proof.regime,
        epsilon,
        trusted_nodes,
        tuple(f"{one.name}: {one.title}" for one in proof.set_parameters),
        (*proof.not_covered, *ALWAYS_OUTSIDE),
    )


def _missing(
    proof: Proof, bits: float | None, epsilon: float | None, *, doubts: tuple[str, ...]
) -> str:
    """Return what keeps the categorical statement from being made, "" where nothing does."""
    if bits is None:
        return "no certified key is on record"
    if doubts:
        return "; ".join(doubts)
    if not bits > 0.0:
        return "no key: the certified length is not above zero"
    if proof.regime != FINITE:
        return "the proof is asymptotic: no finite number of signals has an epsilon from it"
    return "" if epsilon is not None else "no epsilon is on record"
