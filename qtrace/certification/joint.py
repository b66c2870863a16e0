"""The joint probability that all figures found MET are within their limits, from the chain.

Inside: `JointStatement`, `joint_statement`.

Figures that are results of one network correlate as their chains say. Each keeps the risk that
its finding states; what is normal is the correlation between them. What has no distribution
(exact intervals, proven bounds' absence of one) or a share that nobody states enters by the
bound of Bonferroni, and the statement then says "at least".
Source: JCGM 106:2012, 7.5 (several quantities; clause from memory); Genz (1992) for the integral.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qtrace.standards.evidence import Evidence
from qtrace.standards.figure import convert
from qtrace.standards.finding import Finding, Outcome
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.bias import without_bias
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.joint_conformity import MARGINS_METHOD, joint_of_margins
from qtrace.uncertainty.multivariate import correlation_of
from qtrace.uncertainty.network import Network, covariance, input_sensitivities
from qtrace.uncertainty.posterior import normal_shape
from qtrace.uncertainty.risk import specific_risk

# A finding's risk that its evidence does not give again was judged in another way.
_SAME_RISK = 1e-9


@dataclass(frozen=True, slots=True)
class JointStatement:
    """Probability, standard error of its computation, how many figures entered by their bound."""

    probability: float
    standard_error: float
    bounded: int
    method: str


@dataclass(frozen=True, slots=True)
class _Margin:
    """One figure: normal scores of its risks below and above."""

    result_id: int
    a: float
    b: float


def joint_statement(
    findings: Sequence[Finding], evidence: Sequence[Evidence], dossier: Dossier
) -> JointStatement | None:
    """Return how likely all figures found MET are within their limits at once.

    Args:
        findings: All findings.
        evidence: What they were judged on.
        dossier: Network and records of the results behind it.

    Returns:
        None where no finding that is MET states a risk.

    Source: as this module.
    """
    met = [f for f in findings if f.outcome is Outcome.MET and f.consumer_risk is not None]
    if not met:
        return None
    ids = {recorded.label: result_id for result_id, recorded in dossier.results.items()}
    pieces = {(one.item, one.subject, one.result_label): one for one in evidence}
    margins: dict[int, _Margin] = {}
    lost, bounded = 0.0, 0
    unstated = _unstated(
        dossier.network, [ids[f.result_label] for f in met if f.result_label in ids]
    )
    for finding in met:
        piece = pieces.get((finding.evidence_item, finding.subject, finding.result_label))
        found = _margin(finding, piece, ids)
        if finding.consumer_risk == 0.0 and not finding.standard_uncertainty:
            continue  # an exact figure within its limits
        if found is None or found.result_id in unstated:
            lost += finding.consumer_risk or 0.0
            bounded += 1
            continue
        before = margins.get(found.result_id, found)
        margins[found.result_id] = _Margin(
            found.result_id, max(found.a, before.a), min(found.b, before.b)
        )
    return _joined(dossier.network, margins, lost=lost, bounded=bounded)


def _joined(
    network: Network, margins: Mapping[int, _Margin], *, lost: float, bounded: int
) -> JointStatement:
    """Integrate over the correlated figures, and subtract the risks of the others."""
    probability, error, how = 1.0, 0.0, "no correlated figure"
    if margins:
        order = sorted(margins)
        joint = joint_of_margins(
            [margins[i].a for i in order],
            [margins[i].b for i in order],
            correlation=correlation_of(covariance(network, order)),
        )
        probability, error = joint.probability, joint.standard_error
        how = f"{MARGINS_METHOD} ({joint.method})"
    rest = f"; {bounded} more by the bound of Bonferroni" if bounded else ""
    return JointStatement(max(0.0, probability - lost), error, bounded, how + rest)


def _margin(finding: Finding, piece: Evidence | None, ids: Mapping[str, int]) -> _Margin | None:
    """Return a figure's scores, None where its risk has no distribution behind it."""
    from scipy.special import ndtri

    result_id = ids.get(finding.result_label)
    if piece is None or result_id is None or not finding.standard_uncertainty:
        return None
    if piece.value is None or piece.standard_uncertainty is None:
        return None
    low = -math.inf if finding.tolerance_low is None else finding.tolerance_low
    high = math.inf if finding.tolerance_high is None else finding.tolerance_high
    if not low < high:
        return None
    factor = convert(1.0, given=piece.unit, wanted=finding.unit)
    posterior = piece.stored_distribution or normal_shape(
        piece.value, piece.standard_uncertainty, degrees_of_freedom=piece.degrees_of_freedom
    )
    known = without_bias(posterior, piece.known_bias)
    risk = specific_risk(known, low / factor, high / factor)
    if abs(risk.fails - (finding.consumer_risk or 0.0)) > _SAME_RISK:
        return None
    scores = ndtri(np.array([risk.below, risk.above]))
    return _Margin(result_id, float(scores[0]), -float(scores[1]))


def _unstated(network: Network, result_ids: Sequence[int]) -> frozenset[int]:
    """Return the results that share a certificate which says nothing of its correlations."""
    found: set[int] = set()
    rows = {i: input_sensitivities(network, i) for i in dict.fromkeys(result_ids)}
    for block in network.blocks:
        if block.kind is BlockKind.UNKNOWN:
            touched = [i for i, row in rows.items() if any(row.get(k) for k in block.input_ids)]
            if len(touched) > 1:
                found.update(touched)
    return frozenset(found)
