"""Which bounds a finite decoy key can be computed by, and what later papers say of them.

Inside: `BOUNDS`, `bound_name`, `bound_title`, `not_covered`, `corrections`.
"""

from __future__ import annotations

from itertools import product

from qtrace.physics.decoy.concentration import Concentration
from qtrace.physics.decoy.phase_error import Sampling

BOUNDS: tuple[tuple[Concentration, Sampling], ...] = tuple(product(Concentration, Sampling))

CONCENTRATIONS = {
    Concentration.HOEFFDING: "Hoeffding's inequality",
    Concentration.CHERNOFF: "multiplicative Chernoff bound",
    Concentration.CLOPPER: "exact binomial limits",
}
SAMPLINGS = {
    Sampling.GAMMA: "gamma of Lim et al. (2014)",
    Sampling.SERFLING: "Serfling's bound",
    Sampling.TAIL: "exact hypergeometric tail",
}


def bound_name(concentration: Concentration, sampling: Sampling) -> str:
    """Return the name of a bound, as it stands in the names of its metrics."""
    return f"{concentration}_{sampling}"


def bound_title(concentration: Concentration, sampling: Sampling) -> str:
    """Return the name of a bound in words."""
    return f"{CONCENTRATIONS[concentration]}, {SAMPLINGS[sampling]}"


def not_covered(sampling: Sampling) -> tuple[str, ...]:
    """Return what the sampling bound leaves open."""
    if sampling is Sampling.GAMMA:
        return ("gamma comes from an expansion of the tail and is not a strict bound",)
    return ()


def corrections(sampling: Sampling) -> tuple[str, ...]:
    """Return what later papers change, and whether it is in."""
    gamma = (
        "in as the bounds named _serfling and _tail, not in this one"
        if sampling is Sampling.GAMMA
        else "met: gamma is not used"
    )
    return (
        f"arXiv:2502.10340 (gamma is not a true bound; quoted second hand): {gamma}",
        "arXiv:2405.16578 (fixed length and acceptance test): not included",
        "arXiv:2408.17349 (detection-efficiency mismatch): not included in this bound",
        "arXiv:2410.04095 (sharp tails): its closed forms not included; exact limits stand in "
        "the bounds named clopper_ and _tail",
    )
