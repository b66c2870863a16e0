"""Hops of a network whose figures come from recomputed runs.

Inside: `recorded_key`, `recorded_clock`, `recorded_pair`.
"""

from __future__ import annotations

import math

from qtrace.certification.profile import Profile, ProfileRow
from qtrace.errors import InputError
from qtrace.laboratory.link import Run
from qtrace.metrics.attributes import Attribute
from qtrace.metrics.network.offers import ClockHop, KeyHop, PairHop
from qtrace.metrics.network.paths import Edge
from qtrace.quantity.units import parse_unit
from qtrace.quantity.value import parse_quantity

OFFSET, DEVIATION = "timing.clock_offset", "time_deviation"
PAIR_KINDS = ("state_fidelity", "pair_fidelity")
OBSERVED = "teleportation.pair_fidelity"  # of swapped pairs; counts, before all else
# Fidelities that a model gives: of swapping as predicted from its links, of states from a tone.
NEVER_COUNTED = {"teleportation.predicted_fidelity", "teleportation.equatorial_fidelity"}
GROSS = "gross: time of the run alone, and key spent on authentication is not subtracted"


def recorded_key(edge: Edge, run: Run, profile: Profile) -> KeyHop:
    """Return the key of a run: the certified length over its own time, by the chosen proof.

    Args:
        edge: The link of the network.
        run: The run.
        profile: Its profile.

    Raises:
        InputError: the run holds no figure of a key.
    """
    if not profile.security.proofs and not profile.of(Attribute.SECURITY).figures:
        raise _wrong(edge, run, "gives no key")
    chosen = next((one for one in profile.security.proofs if one.chosen), None)
    seconds = (run.ended - run.started).total_seconds()
    rate = None
    doubts = [*profile.security.reasons, *_marks(profile)]
    if chosen is not None and chosen.unit == "bit" and chosen.regime == "finite" and seconds > 0.0:
        rate = max(0, math.floor(chosen.certified)) / seconds
        doubts.append(GROSS)
    return KeyHop(
        edge,
        rate,
        profile.security.epsilon,
        profile.security.untrusted,
        tuple(doubts),
        profile.security.shown,
    )


def recorded_clock(edge: Edge, run: Run, profile: Profile) -> ClockHop:
    """Return the difference of the clocks of a run, second endpoint less first.

    Raises:
        InputError: the run compares no clocks.
    """
    rows = profile.of(Attribute.SYNCHRONIZATION).figures
    offset = next((row for row in rows if OFFSET in row.items), None)
    if offset is None:
        raise _wrong(edge, run, "compares no clocks")
    one = offset.statement
    factor = float(parse_unit(one.unit).factor)
    doubts = [*_marks(profile), *(f"chain broken: {text}" for text in offset.breaks)]
    if one.known_bias:
        doubts.append(f"known bias {one.known_bias:.2g} {one.unit} is not corrected")
    u = one.standard_uncertainty * factor
    return ClockHop(
        edge,
        one.value * factor,
        u if u > 0.0 else None,
        one.result_id,
        _deviations(profile.of(Attribute.STABILITY).figures),
        dict(one.conditions).get("epoch", ""),
        tuple(doubts),
    )


def _deviations(rows: tuple[ProfileRow, ...]) -> dict[float, float]:
    """Return TDEV in s by averaging time in s, of points with enough degrees of freedom."""
    found = {}
    for row in rows:
        times = dict(row.statement.conditions)
        if row.statement.kind != DEVIATION or "averaging_time" not in times:
            continue
        if not row.name.startswith(DEVIATION) or "few degrees of freedom" in row.marks:
            continue
        tau = parse_quantity(times["averaging_time"]).si
        found[tau] = row.statement.value * float(parse_unit(row.statement.unit).factor)
    return found


def recorded_pair(edge: Edge, run: Run, profile: Profile) -> PairHop:
    """Return the pairs of a run, by its fidelity as it was observed; a predicted one never counts.

    Raises:
        InputError: the run holds no fidelity of pairs, or several.
    """
    rows = [
        row
        for row in profile.of(Attribute.TRACEABILITY).figures
        if row.statement.kind in PAIR_KINDS and not NEVER_COUNTED & set(row.items)
    ]
    rows = [row for row in rows if OBSERVED in row.items] or rows
    if not rows:
        raise _wrong(edge, run, "holds no fidelity of pairs")
    if len(rows) > 1:
        raise _wrong(edge, run, f"holds {len(rows)} fidelities, and which one counts is not said")
    (row,) = rows
    u = row.statement.standard_uncertainty
    if not 0.0 <= row.statement.value <= 1.0:
        raise _wrong(edge, run, "holds a fidelity outside of 0 to 1")
    doubts = [*_marks(profile), *(f"chain broken: {text}" for text in row.breaks)]
    return PairHop(
        edge, row.statement.value, u if u > 0.0 else None, tuple(doubts), row.statement.result_id
    )


def _marks(profile: Profile) -> tuple[str, ...]:
    return tuple(f"data {mark}" for mark in profile.demonstration)


def _wrong(edge: Edge, run: Run, what: str) -> InputError:
    return InputError(
        f"run {run.run_id} {what}",
        where=f"link {edge.link_id}, run",
        next_step=f"name a run that fits a {edge.type.value} link, or declare figures",
    )
