"""Spin squeezing of an ensemble: from the moments of its collective spin to what it gains.

Inside: `wineland_parameter`, `kitagawa_ueda_parameter`, `contrast`, `phase_uncertainty`,
`heisenberg_floor`, `least_wineland`, `checked_moments`.
All parameters are ratios of VARIANCES, often called xi squared; spins in units of hbar.
Source: Wineland, Bollinger, Itano and Heinzen, PRA 50, 67 (1994), for xi_R; Kitagawa and Ueda, PRA
47, 5138 (1993), for xi_S; both as reviewed by Ma, Wang, Sun and Nori, Phys. Rep. 509, 89 (2011).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError

Number = float | NDArray[np.float64]


def wineland_parameter(number: Number, variance: Number, *, length: Number) -> Number:
    """Return xi_R^2 = N Var(J_perp) / <J>^2: below 1 the ensemble beats the quantum limit.

    Args:
        number: Number of two-level probes N; a mean number need not be whole.
        variance: Var(J_perp), across the mean spin, in units of hbar^2.
        length: |<J>|, in units of hbar.

    Source: Wineland et al. (1994).
    """
    return number * variance / length**2


def kitagawa_ueda_parameter(number: Number, variance: Number) -> Number:
    """Return xi_S^2 = 4 Var(J_perp) / N: noise alone; what contrast costs is left out.

    Args:
        number: Number of two-level probes N.
        variance: The least Var(J_perp) across the mean spin, in units of hbar^2.

    Source: Kitagawa and Ueda (1993); a coherent spin state has N/4.
    """
    return 4.0 * variance / number


def contrast(number: Number, length: Number) -> Number:
    """Return C = |<J>| / (N/2); xi_R^2 = xi_S^2 / C^2, hence xi_R >= xi_S.

    Source: Wineland et al. (1994); N aligned spins of one half have the length N/2.
    """
    return 2.0 * length / number


def phase_uncertainty(number: Number, wineland: Number) -> Number:
    """Return xi_R / sqrt N, in rad: the standard deviation of one interrogation's phase.

    Args:
        number: Number of probes N.
        wineland: xi_R^2.

    Source: Wineland et al. (1994).
    """
    return np.sqrt(np.asarray(wineland / number, dtype=np.float64))[()]


def heisenberg_floor(number: float) -> float:
    """Return 1/N: no state of N probes has a smaller xi_R^2.

    Source: F_Q <= N^2 and the Cramer-Rao bound, Giovannetti, Lloyd and Maccone, PRL 96, 010401
        (2006); xi_R^2 / N >= 1 / F_Q.
    """
    _check_number(number)
    return 1.0 / number


def least_wineland(number: float) -> float:
    """Return 2 / (N + 2): no spin squeezing has a smaller xi_R^2.

    An even N comes arbitrarily close, at a contrast that goes to zero; for an odd N the least is
    larger. It is no bound of the phase itself, which other observables than a spin component may
    show down to 1/N.

    Source: from memory of Pezze et al., RMP 90, 035005 (2018), section II; found again in the
        tests by diagonalising Var(J_z) - lambda J_x for each spin up to 12, odd N included.
    """
    _check_number(number)
    return 2.0 / (number + 2.0)


def checked_moments(number: float, variance: float, *, length: float) -> None:
    """Refuse moments that no ensemble has, whatever their uncertainty.

    Args:
        number: Number of probes.
        variance: Var(J_perp), in units of hbar^2.
        length: |<J>|, in units of hbar.

    Raises:
        InputError: `where` names the moment: no number at all, a negative variance, fewer than
            one probe, a length of zero, a contrast above one.

    Source: |<J>| <= N/2.
    """
    _check_number(number)
    for name, value in (("spin_variance", variance), ("spin_length", length)):
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(
                f"{name} is {value}, not above zero", where=name, next_step="correct the number"
            )
    if (full := float(contrast(number, length))) > 1.0:
        raise InputError(
            f"the contrast is {full:.6g}: {number:g} probes have a spin of {number / 2.0:g} at "
            f"most, not {length:g}",
            where="spin_length",
            next_step="correct length or number; lengths are in units of hbar, N/2 when aligned",
        )


def _check_number(number: float) -> None:
    if not (math.isfinite(number) and number >= 1.0):
        raise InputError(
            f"{number} is no number of probes",
            where="atom_number",
            next_step="give one or more",
        )
