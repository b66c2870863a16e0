"""Whether a true link lies within the set that was declared for it.

Inside: `DeclaredSet`, `set_violations`.
Source: definitions of `qtrace.physics.decoy.intensity_set` and
`qtrace.physics.decoy.receiver_mismatch`.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtrace.physics.decoy.decoy_link_truth import TrueDevice, dark_with_after_pulses
from qtrace.physics.decoy.receiver_mismatch import mismatch_of_ranges

ROUNDING = 1e-12  # relative: an edge itself is inside


@dataclass(frozen=True, slots=True)
class DeclaredSet:
    """Edges of the intensities, largest mismatch, and whether intensities may vary in a run."""

    lows: tuple[float, ...]
    highs: tuple[float, ...]
    mismatch: float = 0.0
    varying: bool = True


def set_violations(device: TrueDevice, declared: DeclaredSet) -> tuple[str, ...]:
    """Return in what the true device leaves the declared set, in words; empty if in nothing.

    Source: definitions named in the head of this module.
    """
    found: list[str] = []
    levels = device.all_levels()
    for k, (low, high) in enumerate(zip(declared.lows, declared.highs, strict=True)):
        values = [device.intensities[k] * one.intensity_factors[k] for one in levels]
        if min(values) < low * (1 - ROUNDING) or max(values) > high * (1 + ROUNDING):
            found.append(
                f"intensity {k + 1} reaches {min(values):.6g} to {max(values):.6g}, "
                f"declared {low:.6g} to {high:.6g}"
            )
    if not declared.varying and len({one.intensity_factors for one in levels}) > 1:
        found.append("the intensities vary in the run, and are declared constant")
    if device.pattern_effect != 0.0:
        found.append("an intensity depends on the choice before it, which no bound here covers")
    dark = dark_with_after_pulses(device)
    ranges = [(min(one.efficiencies), max(one.efficiencies)) for one in levels]
    worst = mismatch_of_ranges((min(dark), max(dark)), *ranges)
    if worst > declared.mismatch + ROUNDING:
        found.append(f"the detectors differ by {worst:.6g}, declared {declared.mismatch:.6g}")
    return tuple(found)
