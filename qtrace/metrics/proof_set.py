"""The set of devices that a proof is asked to hold for, as a run declares it.

Inside: `edges`, `unproven`, `outside_set`, `only_searched`, `leak_too_small`,
`beside_set`, `proof_of`, `nominal_values`, `nominal_edges`, `SEARCHED`.

A certified figure is the minimum over that set; its epsilon is conditional on it. What a proof has
no term for must be ideal, and the run must say why; silence proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from qtrace.laboratory.link import Run
from qtrace.metrics.metric import Metric
from qtrace.metrics.protocol import Proof, Protocol, SetParameter, Side

ROUNDING = 1e-9  # of the logarithms of factorials
SEARCHED = "minimum over the intervals is searched, not proved"


def proof_of(protocol: Protocol, metric: Metric) -> Proof | None:
    """Return the proof whose certified figure a metric is, or None."""
    return next((one for one in protocol.proofs if one.metric_id == metric.metric_id), None)


def edges(protocol: Protocol, run: Run) -> dict[str, tuple[float, str]]:
    """Return the arguments that hold the edges of the set: value, and who says so.

    Where the run declares no interval the nominal value stands, as if it were exact, or what the
    proof takes as ideal.
    """
    found: dict[str, tuple[float, str]] = {}
    for proof in protocol.proofs:
        for one in proof.set_parameters:
            declared = run.assumptions.get(one.name)
            low, high = declared or nominal_edges(one, nominal_values(run))
            origin = (
                "assumption declared with the run"
                if declared
                else "no interval declared: taken as exact"
            )
            names = one.arguments()
            if one.modelled and one.side is Side.BOTH:
                found[names[0]], found[names[1]] = (low, origin), (high, origin)
            elif one.modelled:
                found[names[0]] = (high if one.side is Side.UPPER else low, origin)
    return found


def nominal_values(run: Run) -> dict[str, float]:
    """Return what a run declares as nominal: its parameters, and moments at their values."""
    return {**run.parameters, **{name: value for name, (value, _) in run.moments.items()}}


def nominal_edges(one: SetParameter, parameters: Mapping[str, float]) -> tuple[float, float]:
    """Return the set of one point: what the proof takes as ideal, or the nominal value."""
    point = parameters.get(one.name, 0.0) if one.ideal is None else one.ideal
    return point, point


def unproven(proof: Proof, run: Run) -> tuple[str, ...]:
    """Return the assumptions that nothing is said about, or that the proof has no term for.

    An argument why the ideal holds is enough for each; a declared edge only where there is a
    term. Nominal values that need not be said are not among them: they are taken as exact.
    """
    return tuple(
        one.title
        for one in proof.set_parameters
        if one.name not in run.ideal_because
        and (not one.modelled or (one.must_be_said and one.name not in run.assumptions))
    )


def outside_set(proof: Proof, run: Run, calibrated: Mapping[str, float]) -> tuple[str, ...]:
    """Return which calibrated values lie outside the set that the figure is the minimum over.

    Args:
        proof: The proof.
        run: Declares the set; where it declares none, the nominal value is all of it.
        calibrated: Values in use by argument, in SI units.
    """
    lines = []
    for one in proof.set_parameters:
        value = calibrated.get(one.name)
        if not one.modelled or value is None:
            continue
        declared = run.assumptions.get(one.name)
        low, high = declared or nominal_edges(one, nominal_values(run))
        if low <= value <= high:
            continue
        held = f"outside {low:g} to {high:g}" if declared else f"not {low:g}, and no interval"
        lines.append(f"{one.title}: calibrated {value:.6g} is {held}")
    return tuple(lines)


def only_searched(proof: Proof, run: Run) -> tuple[str, ...]:
    """Return that the minimum is not proved, unless every interval is one point.

    A search from above can miss the least value, and a figure above it proves nothing.
    """
    declared = [run.assumptions.get(one.name) for one in proof.set_parameters if one.modelled]
    wide = any(pair is not None and pair[0] < pair[1] for pair in declared)
    return (SEARCHED,) if proof.searched and wide else ()


def leak_too_small(proof: Proof, run: Run) -> tuple[str, ...]:
    """Return that the measured leak cannot have corrected the errors counted, where it cannot.

    Which of n bits are the k wrong ones is log2 of the binomial coefficient; a smaller leak
    leaves strings that differ. That is n h(k/n) less half a logarithm, so no honest short block
    is hit; blocks that are told apart may be corrected each by itself.

    Source: Slepian and Wolf (1973), counted for the types observed: log2 C(n, k) <= n h(k/n).
    """
    leak = run.parameters.get("leak", 0.0)
    least = 0.0
    for row in proof.corrected:
        wrong, right = run.counts.get(f"errors_{row}", 0), run.counts.get(f"agreements_{row}", 0)
        least += math.lgamma(wrong + right + 1) - math.lgamma(wrong + 1) - math.lgamma(right + 1)
    least /= math.log(2.0)
    if not 0.0 < leak < least * (1.0 - ROUNDING):
        return ()
    return (
        f"leak {leak:.6g} bit is below the Shannon limit {least:.6g} bit of the errors counted: "
        "it cannot have corrected them",
    )


def beside_set(proof: Proof, run: Run) -> tuple[str, ...]:
    """Return what else keeps a figure from being proven, beside the set of devices."""
    return (*only_searched(proof, run), *leak_too_small(proof, run))
