"""What a run proves of its key: certified figure, its set, its support by calibrations, its limits.

Inside: `AssumptionReport`, `CertifiedFigure`, `Claim`, `KeyReport`, `key_report`.

Three figures that are never one: the certified figure (minimum over the set that the proof is
asked to hold for, epsilon conditional on it), the assumption coverage (probability that the
true parameters lie in that set, from the chain; never added to epsilon), and the stability
interval (how the figure would scatter if the run were repeated).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qtrace.errors import InputError
from qtrace.laboratory.event import EventKind
from qtrace.laboratory.figure_flags import NOT_PROVEN
from qtrace.laboratory.link import Run
from qtrace.metrics.capacity_figures import PlobFigure
from qtrace.metrics.metric import Metric
from qtrace.metrics.proof_set import beside_set, nominal_edges, nominal_values, unproven
from qtrace.metrics.protocol import Proof, Protocol, SetParameter
from qtrace.metrics.recompute import stability_interval
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.joint_conformity import joint_conformance
from qtrace.uncertainty.network import (
    covariance,
    input_sensitivities,
    row_uncertainty,
    standard_uncertainty,
)

SEED, PROBABILITY = 20_261_123, 0.95
OUTSIDE = f"{NOT_PROVEN}: "
COUNTS_ONLY = "none"  # what `influenced_by` begins with where no calibration can enter


@dataclass(frozen=True, slots=True)
class AssumptionReport:
    """One assumption: its set, what supports it, what it costs.

    `coverage` is the probability that the calibrated value lies in the set, None where no
    calibration supports it; `support` is the label of the result in use, or the argument given.
    `cost` is what the certified figure would gain if the parameter were known exactly.
    """

    name: str
    title: str
    modelled: bool
    low: float
    high: float
    declared: bool
    support: str
    value: float | None
    standard_uncertainty: float | None
    coverage: float | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class CertifiedFigure:
    """A certified figure by one named bound; numbers unclamped, in `unit`.

    `nominal` and its u are at the calibrated or nominal values; the u from calibrations stands
    beside it, and `limited_by` ranks (calibration, its contribution to that u).
    """

    bound: str
    title: str
    metric_id: str
    source: str
    adversary: str
    regime: str
    chosen: bool
    value: float
    unit: str
    nominal: float | None
    nominal_u: float | None
    limited_by: tuple[tuple[str, float], ...]
    stability: tuple[float, float, float] | None
    assumptions: tuple[AssumptionReport, ...]
    assumption_coverage: float | None
    unsupported: tuple[str, ...]
    not_proven: tuple[str, ...]
    flags: tuple[str, ...]
    not_covered: tuple[str, ...]
    corrections: tuple[str, ...]
    influenced_by: str
    violated: tuple[str, ...] = ()  # calibrated values outside the set
    searched: tuple[str, ...] = ()  # minimum not proved, or a leak that cannot be


@dataclass(frozen=True, slots=True)
class Claim:
    """A published figure, and the certified one of its kind: a length, or a length per time.

    `certified` is None where the figures are not of one kind. Both are in SI units.
    """

    name: str
    claimed: float
    certified: float | None

    @property
    def within(self) -> bool:
        """Return whether the certified figure bears the claim."""
        return self.certified is not None and self.claimed <= self.certified


@dataclass(frozen=True, slots=True)
class KeyReport:
    """All certified figures of one round of recomputation of a run.

    `epsilon` is the sum of the failure probabilities of the block, conditional on the set.
    """

    run_id: str
    protocol: str
    epsilon: float | None
    no_security_outcome: str
    figures: tuple[CertifiedFigure, ...]
    key_disposition: str
    provenance: str
    claims: tuple[Claim, ...] = ()
    plob: PlobFigure | None = None


def key_report(run: Run, protocol: Protocol, dossier: Dossier) -> KeyReport:
    """Return what a recomputed run proves of its key.

    Args:
        run: The run.
        protocol: Its protocol.
        dossier: Results of one round of its recomputation, with all behind them.

    Raises:
        InputError: the round holds no result of a proof, and the protocol has proofs.
    """
    results = _results_of(run, dossier)
    metrics = {one.metric_id: one for one in protocol.metrics}
    figures = tuple(
        _figure(run, proof, metrics, dossier=dossier, results=results)
        for proof in protocol.proofs
        if proof.metric_id in results
    )
    if protocol.proofs and not figures:
        raise InputError(
            f"no certified figure of run {run.run_id} is on record",
            next_step=f"compute it: `qtrace recompute {run.run_id}`; it says what is missing",
        )
    total = results.get(f"qkd.{protocol.name}.epsilon_total")
    return KeyReport(
        run.run_id,
        protocol.name,
        None if total is None else dossier.network.result(total).value,
        protocol.no_security_outcome,
        tuple(sorted(figures, key=lambda one: not one.chosen)),
        run.key_disposition,
        run.provenance,
        _claims(run, next((one for one in figures if one.chosen), None)),
    )


def _claims(run: Run, chosen: CertifiedFigure | None) -> tuple[Claim, ...]:
    """Compare what was published of the run with its certified figure; never compute from it."""
    seconds = (run.ended - run.started).total_seconds()
    found = []
    for name, claimed in run.published.items():
        certified = None
        if chosen is not None and chosen.unit == "bit" and chosen.regime == "finite":
            bits = float(max(0, math.floor(chosen.value)))
            certified = bits if "length" in name else bits / seconds if "rate" in name else None
        found.append(Claim(name, claimed, certified))
    return tuple(found)


def _results_of(run: Run, dossier: Dossier) -> dict[str, int]:
    """Return the results of the run's own metrics by metric id."""
    found = {}
    for result_id, recorded in sorted(dossier.results.items()):
        event = dossier.events[recorded.event_label]
        if event.kind is EventKind.RECOMPUTATION and event.run_id == run.run_id:
            found[dossier.network.result(result_id).model.text] = result_id
    return found


def _figure(
    run: Run,
    proof: Proof,
    metrics: Mapping[str, Metric],
    *,
    dossier: Dossier,
    results: Mapping[str, int],
) -> CertifiedFigure:
    metric = metrics[proof.metric_id]
    given = _estimates(dossier, results[proof.metric_id])
    value = dossier.network.result(results[proof.metric_id]).value
    flags = dossier.results[results[proof.metric_id]].flags
    unargued, searched = unproven(proof, run), beside_set(proof, run)
    doubts = [one.removeprefix(OUTSIDE) for one in flags if one.startswith(OUTSIDE)]
    nominal_id = results.get(proof.estimate_id)
    in_use = {} if nominal_id is None else _parents(dossier, nominal_id)
    assumptions = tuple(
        _assumption(one, run, metric, given=given, value=value, dossier=dossier, in_use=in_use)
        for one in proof.set_parameters
    )
    return CertifiedFigure(
        proof.bound,
        proof.title,
        proof.metric_id,
        proof.source,
        proof.adversary,
        proof.regime,
        run.choices.get("bound", "") == proof.bound,
        value,
        metric.unit,
        None if nominal_id is None else dossier.network.result(nominal_id).value,
        None if nominal_id is None else standard_uncertainty(dossier.network, nominal_id),
        () if nominal_id is None else _limited_by(dossier, nominal_id),
        _stability(metric, given, proof.stability_draws),
        assumptions,
        _joint(assumptions, dossier, in_use),
        tuple(one.title for one in assumptions if one.modelled and one.coverage is None),
        unargued,
        flags,
        proof.not_covered,
        proof.corrections,
        metrics[proof.estimate_id].influenced_by if proof.estimate_id in metrics else "",
        tuple(one for one in doubts if one not in (*unargued, *searched)),
        searched,
    )


def _estimates(dossier: Dossier, result_id: int) -> dict[str, float]:
    """Return the arguments of a stored figure with their values."""
    network = dossier.network
    found = {}
    for one in network.result(result_id).arguments:
        if one.parent_id is not None:
            found[one.name] = network.result(one.parent_id).value
        elif one.input_id is not None:
            found[one.name] = network.quantity(one.input_id).estimate
    return found


def _parents(dossier: Dossier, result_id: int) -> dict[str, int]:
    """Return the calibrated results that enter a figure, by argument."""
    return {
        one.name: one.parent_id
        for one in dossier.network.result(result_id).arguments
        if one.parent_id is not None
    }


def _assumption(
    one: SetParameter,
    run: Run,
    metric: Metric,
    *,
    given: Mapping[str, float],
    value: float,
    dossier: Dossier,
    in_use: Mapping[str, int],
) -> AssumptionReport:
    low, high = run.assumptions.get(one.name) or nominal_edges(one, nominal_values(run))
    declared = one.name in run.assumptions
    source = in_use.get(one.name)
    if not one.modelled or source is None:
        support = run.ideal_because.get(one.name, "")
        return AssumptionReport(
            one.name, one.title, one.modelled, low, high, declared, support,
            None, None, None, _cost(one, run, metric, given=given, value=value),
        )  # fmt: skip
    u = standard_uncertainty(dossier.network, source)
    best = dossier.network.result(source).value
    inside = joint_conformance([best], np.array([[u * u]]), low=[low], high=[high])
    return AssumptionReport(
        one.name, one.title, True, low, high, declared, dossier.results[source].label,
        best, u, inside.probability, _cost(one, run, metric, given=given, value=value),
    )  # fmt: skip


def _cost(
    one: SetParameter, run: Run, metric: Metric, *, given: Mapping[str, float], value: float
) -> float | None:
    """Return what the figure would gain if this one parameter were what it nominally is."""
    names = one.arguments()
    if not names or run.assumptions.get(one.name) is None:
        return None
    point = nominal_edges(one, nominal_values(run))[0]
    return float(metric.function(**{**given, **dict.fromkeys(names, point)})) - value


def _joint(
    assumptions: tuple[AssumptionReport, ...], dossier: Dossier, in_use: Mapping[str, int]
) -> float | None:
    """Return the probability that all calibrated parameters lie in the set together.

    Source: multivariate normal integral over the box, as `joint_conformance`; covariances from
    the chain, so that parameters measured with one meter move together.
    """
    supported = [one for one in assumptions if one.coverage is not None]
    if not supported:
        return None
    ids = [in_use[one.name] for one in supported]
    return joint_conformance(
        [dossier.network.result(one).value for one in ids],
        covariance(dossier.network, ids),
        low=[one.low for one in supported],
        high=[one.high for one in supported],
    ).probability


def _limited_by(dossier: Dossier, result_id: int) -> tuple[tuple[str, float], ...]:
    """Return the calibrations behind a figure with what each brings into u, the largest first.

    Each calibration of the chain is one part, with the inputs that it owns; what several results
    of it share adds or cancels as it does in the figure.
    Source: GUM Eq. 13, over the inputs of one event.
    """
    network, own = dossier.network, dossier.results[result_id].event_label
    rows: dict[str, dict[int, float]] = {}
    for input_id, sensitivity in input_sensitivities(network, result_id).items():
        label, _ = dossier.input_owner[input_id]
        if label != own:  # counts and parameters of the run
            rows.setdefault(label, {})[input_id] = sensitivity
    parts = {label: row_uncertainty(network, row) for label, row in rows.items()}
    ranked = sorted(parts.items(), key=lambda pair: -pair[1])
    return tuple((label, part) for label, part in ranked if math.isfinite(part) and part > 0.0)


def _stability(
    metric: Metric, given: Mapping[str, float], draws: int
) -> tuple[float, float, float] | None:
    try:
        found = stability_interval(
            metric,
            given,
            probability=PROBABILITY,
            draws=draws,
            generator=np.random.Generator(np.random.PCG64(SEED)),
        )
    except InputError:
        return None
    return found.low, found.high, found.probability
