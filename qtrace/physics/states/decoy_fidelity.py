"""Fidelity of single photons from weak coherent pulses with decoys: a lower bound.

Inside: `STATES`, `BOUNDS_PER_STATE`, `single_photon_fidelity`, `asymptotic_fidelity`.
A pulse of more photons may arrive in whatever state, so that the fidelity counted is not that of
single photons. Three intensities bound the yield of single photons from below and their errors
from above, state by state.
Source: Ma, Qi, Zhao and Lo, PRA 72, 012326 (2005), Eqs. 18, 21 and 25 [from memory, as in
`qtrace.physics.decoy.decoy_asymptotic`]; the use for teleportation as in Shen et al., Light Sci.
Appl. 12, 115 (2023) [abstract read]. The share-out of the failure probability is ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.decoy.concentration import chernoff_lower, chernoff_upper

Number = float | NDArray[np.float64]
Three = tuple[Number, Number, Number]
Array = NDArray[np.float64]

STATES = ("h", "v", "d", "a", "r", "l")
# Signal above; weak both ways, vacuum both ways; wrong weak above, wrong vacuum below.
BOUNDS_PER_STATE = 7


def _single_fidelity(
    *, means: Three, signal: Number, weak: tuple[Number, Number], vacuum: tuple[Number, Number],
    wrong_weak: Number, wrong_vacuum: Number,
) -> Number:  # fmt: skip
    """Return 1 - e1 from gains, each on its unfavourable side; `weak` and `vacuum` low, high.

    1 - e1 is not below 0, which is what nothing known amounts to.
    """
    mu, nu1, nu2 = (np.asarray(one, dtype=np.float64) for one in means)
    if not (np.all(nu2 >= 0.0) and np.all(nu1 > nu2) and np.all(mu > nu1 + nu2)):
        raise InputError(
            "the mean photon numbers do not fall, or the first is not above the sum of the others",
            where="mean_photon_number",
            next_step="the bound needs mu1 > mu2 + mu3 and mu2 > mu3",
        )
    e_mu, e_nu1, e_nu2 = np.exp(mu), np.exp(nu1), np.exp(nu2)
    y0 = np.maximum((nu1 * vacuum[0] * e_nu2 - nu2 * weak[1] * e_nu1) / (nu1 - nu2), 0.0)
    squares = nu1 * nu1 - nu2 * nu2
    y1 = (mu / (mu * (nu1 - nu2) - squares)) * (
        weak[0] * e_nu1 - vacuum[1] * e_nu2 - squares / (mu * mu) * (signal * e_mu - y0)
    )
    wrong = np.maximum(wrong_weak * e_nu1 - wrong_vacuum * e_nu2, 0.0)
    left = y1 > 0.0
    error = np.where(left, wrong / np.where(left, (nu1 - nu2) * y1, 1.0), 1.0)
    fidelity: Number = np.maximum(1.0 - error, 0.0)[()]
    return fidelity


def single_photon_fidelity(
    detected: Three, wrong: Three, *, pulses: Three, means: Three, epsilon: Number
) -> Number:
    """Return a lower bound of the fidelity of single photons sent in one state.

    Args:
        detected: Received states (herald and receiver) of signal, weak and weakest pulses.
        wrong: Those found orthogonal to the state sent, of each.
        pulses: Pulses sent of each, expected: all of the state times the probability.
        means: Mean photon numbers, falling: mu1 > mu2 + mu3, mu2 > mu3.
        epsilon: Failure probability of the whole bound of this state.

    Returns:
        1 - e1 at its worst over `BOUNDS_PER_STATE` one-sided Chernoff bounds, each failing with
        epsilon / 7; 0 where no yield of single photons is certain.

    Raises:
        InputError: Means out of order, more wrong than detected, more detected than sent.

    Source: Ma et al. (2005), Eqs. 18, 21, 25; `chernoff_upper`, `chernoff_lower`. Pulses must be
        phase-random, independent of each other, and alike but for their intensity.
    """
    _check(detected, wrong, pulses)
    each = np.asarray(epsilon, dtype=np.float64) / BOUNDS_PER_STATE

    def high(count: Number, of: Number) -> Number:
        found: Number = chernoff_upper(count, each) / of
        return found

    def low(count: Number, of: Number) -> Number:
        found: Number = chernoff_lower(count, each) / of
        return found

    return _single_fidelity(
        means=means,
        signal=high(detected[0], pulses[0]),
        weak=(low(detected[1], pulses[1]), high(detected[1], pulses[1])),
        vacuum=(low(detected[2], pulses[2]), high(detected[2], pulses[2])),
        wrong_weak=high(wrong[1], pulses[1]),
        wrong_vacuum=low(wrong[2], pulses[2]),
    )


def asymptotic_fidelity(detected: Three, wrong: Three, *, pulses: Three, means: Three) -> Number:
    """Return the same bound as if the counts were their expectations: infinitely many pulses.

    Raises:
        InputError: As `single_photon_fidelity`.

    Source: as `single_photon_fidelity`, without the Chernoff bounds.
    """
    _check(detected, wrong, pulses)
    all_, bad = (
        [count / sent for count, sent in zip(of, pulses, strict=True)] for of in (detected, wrong)
    )
    return _single_fidelity(
        means=means,
        signal=all_[0],
        weak=(all_[1], all_[1]),
        vacuum=(all_[2], all_[2]),
        wrong_weak=bad[1],
        wrong_vacuum=bad[2],
    )


def _check(detected: Three, wrong: Three, pulses: Three) -> None:
    for k, (seen, bad, sent) in enumerate(zip(detected, wrong, pulses, strict=True), start=1):
        s, b, n = (np.asarray(one, dtype=np.float64) for one in (seen, bad, sent))
        if not np.all((b >= 0.0) & (b <= s) & (s <= n) & (n > 0.0)):
            # Slopes and draws hand in arrays made around one value: that is what is named.
            wrong_, seen_, sent_ = (float(np.median(one)) for one in (b, s, n))
            raise InputError(
                f"intensity {k}: {wrong_:g} wrong of {seen_:g} received of {sent_:g} pulses "
                "cannot be",
                where="counts",
                next_step="wrong <= received <= sent, and pulses were sent",
            )
