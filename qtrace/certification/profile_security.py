"""What a run says of security: a proof, its set of devices, epsilon, and who must be trusted.

Inside: `ProofStatement`, `SecurityStatement`, `security_statement`.

There is no probability of being secure. Epsilon bounds the failure of an ideal protocol on the
condition that the devices lie in the set of the proof; it is never mixed with uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.certification.key_report import CertifiedFigure, KeyReport
from qtrace.laboratory.figure_flags import disqualifying
from qtrace.laboratory.link import Link, Run
from qtrace.metrics.trusted import ALWAYS_TRUSTED, Untrusted, untrusted_parts

ASSUMED_PROTOCOL = "bbm92"  # of runs recorded without the name of one


@dataclass(frozen=True, slots=True)
class ProofStatement:
    """One proof and its certified figure; `stands` is empty reasons, or why it proves nothing."""

    bound: str
    title: str
    source: str
    adversary: str
    regime: str
    chosen: bool
    certified: float
    unit: str
    proves_nothing: tuple[str, ...]
    unsupported: tuple[str, ...]
    not_covered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecurityStatement:
    """Categorical: `shown` where a proof chosen beforehand stands, else the reasons against.

    `trusted_sites` are the endpoints, `trusted_devices` the devices in roles of the run; what
    need not be trusted is in `untrusted`, with the reason.
    """

    shown: bool
    reasons: tuple[str, ...]
    epsilon: float | None
    proofs: tuple[ProofStatement, ...]
    trusted_sites: tuple[str, ...]
    trusted_devices: tuple[str, ...]
    always_trusted: tuple[str, ...]
    untrusted: tuple[Untrusted, ...]
    documents: tuple[tuple[str, str], ...]


def security_statement(
    run: Run, link: Link, report: KeyReport | None, *, no_outcome: str
) -> SecurityStatement:
    """Return what a run says of security.

    Args:
        run: The run.
        link: Its link.
        report: What the run proves of its key; None where it has no certified figure.
        no_outcome: Why there is none, where that is known.
    """
    proofs = tuple(_proof(one, report.epsilon) for one in report.figures) if report else ()
    chosen = next((one for one in proofs if one.chosen), None)
    if chosen is None:
        shown = False
        reasons: tuple[str, ...] = (no_outcome or _nothing_chosen(proofs),)
    else:
        shown, reasons = not chosen.proves_nothing, chosen.proves_nothing
    name = run.protocol or ASSUMED_PROTOCOL
    return SecurityStatement(
        shown,
        reasons,
        report.epsilon if report else None,
        proofs,
        link.endpoints,
        tuple(f"{one.role}: {one.device_id or one.described_as}" for one in run.roles),
        ALWAYS_TRUSTED,
        untrusted_parts(name),
        tuple((item, text) for item, text in sorted(link.documents.items())),
    )


def _nothing_chosen(proofs: tuple[ProofStatement, ...]) -> str:
    if proofs:
        return "no bound was chosen before the run; taking the best afterwards earns nothing"
    return "no certified figure is on record: nothing is proven"


def _proof(one: CertifiedFigure, epsilon: float | None) -> ProofStatement:
    against = [f"not proven for this device: {text}" for text in one.not_proven]
    against += [f"calibrated value outside the declared set: {text}" for text in one.violated]
    against += [
        flag for flag in disqualifying(one.flags) if flag.partition(": ")[2] not in one.not_proven
    ]
    if one.value <= 0.0:
        against.append("no key is left for the set of devices")
    if one.regime != "finite":
        against.append("asymptotic: no epsilon holds for a finite block")
    elif epsilon is None:
        against.append("no epsilon on record")
    return ProofStatement(
        one.bound,
        one.title,
        one.source,
        one.adversary,
        one.regime,
        one.chosen,
        one.value,
        one.unit,
        tuple(dict.fromkeys(against)),
        one.unsupported,
        one.not_covered,
    )
