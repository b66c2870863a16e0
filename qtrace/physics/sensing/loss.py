"""What loss and lost contrast leave of an entangled sensor.

Inside: `squeezing_after_loss`, `wineland_after_loss`, `wineland_at_contrast`,
`intact_superposition_fisher`, `dephased_superposition_fisher`, `lossy_bound`,
`most_gain_with_loss`.
Each probe is lost alone, with the same probability; `transmittance` is the part that stays.
Source: the moments are derived in the docstrings and tested by sums over all sets of lost probes;
Escher, de Matos Filho and Davidovich, Nat. Phys. 7, 406 (2011), and Demkowicz-Dobrzanski,
Kolodynski and Guta, Nat. Commun. 3, 1063 (2012), for the bound.
"""

from __future__ import annotations

import math

from qtrace.errors import InputError


def _part(value: float, name: str) -> float:
    if not (math.isfinite(value) and 0.0 < value <= 1.0):
        raise InputError(
            f"{name} is {value}, not above 0 and 1 at most",
            where=name,
            next_step="give the part that stays",
        )
    return value


def _parameter(value: float, name: str) -> float:
    if not (math.isfinite(value) and value >= 0.0):
        raise InputError(
            f"{name} is {value}: a ratio of variances is not negative",
            where=name,
            next_step="give the ratio itself, not decibels",
        )
    return value


def _probes(number: float) -> float:
    if not (math.isfinite(number) and number == math.floor(number) and number >= 1.0):
        raise InputError(
            f"{number:g} is no number of probes", where="number", next_step="give 1 or more, whole"
        )
    return number


def squeezing_after_loss(kitagawa_ueda: float, transmittance: float) -> float:
    """Return xi_S'^2 = eta xi_S^2 + 1 - eta, over the probes that stay.

    Args:
        kitagawa_ueda: xi_S^2 before.
        transmittance: Part eta of the probes that stays.

    Source: Var' = eta^2 Var + eta (1 - eta) N/4 from independent losses, over eta N / 4; as for
        squeezed light behind a beam splitter.
    """
    eta = _part(transmittance, "transmittance")
    return eta * _parameter(kitagawa_ueda, "kitagawa_ueda") + 1.0 - eta


def wineland_after_loss(wineland: float, transmittance: float, *, contrast: float) -> float:
    """Return xi_R'^2 = eta xi_R^2 + (1 - eta) / C^2, over the probes that stay.

    Args:
        wineland: xi_R^2 before.
        transmittance: Part eta of the probes that stays.
        contrast: C before; loss scales spin and number alike and leaves it.

    Source: `squeezing_after_loss` over C^2.
    """
    eta, c = _part(transmittance, "transmittance"), _part(contrast, "contrast")
    return eta * _parameter(wineland, "wineland") + (1.0 - eta) / c**2


def wineland_at_contrast(kitagawa_ueda: float, contrast: float) -> float:
    """Return xi_R^2 = xi_S^2 / C^2: what noise gains, lost contrast takes.

    Source: Wineland et al., PRA 50, 67 (1994).
    """
    return _parameter(kitagawa_ueda, "kitagawa_ueda") / _part(contrast, "contrast") ** 2


def intact_superposition_fisher(number: float, transmittance: float) -> float:
    """Return N^2 eta^N: F_Q of a NOON state with both arms alike, or of a GHZ state.

    Once one probe is lost nothing is left to learn; that none is has the probability eta^N.

    Args:
        number: Number of probes.
        transmittance: Part eta that stays, in each arm.

    Source: N^2 of the intact part, which is orthogonal to all others; tested against
        `mixed_fisher`.
    """
    return float(_probes(number) ** 2 * _part(transmittance, "transmittance") ** number)


def dephased_superposition_fisher(number: float, contrast: float) -> float:
    """Return N^2 C^(2N): F_Q of a GHZ state each of whose probes keeps a contrast C.

    Args:
        number: Number of probes.
        contrast: What dephasing leaves of the coherence of one probe.

    Source: the coherence of the two branches falls as C^N; 4 Var(G) times its square for two
        levels. Huelga et al., PRL 79, 3865 (1997).
    """
    return float(_probes(number) ** 2 * _part(contrast, "contrast") ** (2.0 * number))


def lossy_bound(number: float, transmittance: float) -> float:
    """Return sqrt((1 - eta) / (eta N)), in rad: with loss no N probes do better, however entangled.

    It is approached for large N; at small N the Heisenberg limit 1/N may be the larger bound.
    Both arms lose alike.

    Args:
        number: Number of probes sent.
        transmittance: Part eta that stays, in each arm; 0 for one without loss.

    Source: Escher et al. (2011); Demkowicz-Dobrzanski et al. (2012) [formula from memory]; tests
        find no state of up to 8 photons below it.
    """
    eta = _part(transmittance, "transmittance")
    return math.sqrt((1.0 - eta) / (eta * _probes(number)))


def most_gain_with_loss(transmittance: float) -> float:
    """Return 1 / (1 - eta): the most that variance can gain over independent probes as lossy.

    Args:
        transmittance: Part eta that stays, below 1.

    Raises:
        InputError: no loss at all, where this bounds nothing.

    Source: `lossy_bound` against 1 / sqrt(eta N).
    """
    eta = _part(transmittance, "transmittance")
    if eta == 1.0:
        raise InputError(
            "without loss the gain is bounded by the number of probes alone",
            where="transmittance",
            next_step="use the Heisenberg limit",
        )
    return 1.0 / (1.0 - eta)
