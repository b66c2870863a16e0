"""CHSH from counts: the value S, a p-value that survives memory and bias, Eve's share.

Inside: `Outcomes`, `with_no_clicks`, `chsh_value`, `wins`, `winning_probability_bound`,
`chsh_p_value`, `check_settings`, `holevo_bound`.
The four pairs of settings come in the order 11, 12, 21, 22, and the minus sign stands at 12:
S = |E11 - E12 + E21 + E22|. Who needs another sign relabels outcomes before measuring, never
afterwards. A p-value comes from a tail; S over its u is never one.
Source: Clauser, Horne, Shimony and Holt, PRL 23, 880 (1969); Elkouss and Wehner, npj Quantum
Inf. 2, 16026 (2016), arXiv:1510.07233 [abstract read; Lemma 1 read in a transcription, and
proven again in tests over all local strategies]; Acin et al., PRL 98, 230501 (2007) [form read
in second hand].
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from qtrace.errors import InputError
from qtrace.physics.entropy import binary_entropy

Number = float | NDArray[np.float64]

PAIRS = ("11", "12", "21", "22")  # settings of Alice and Bob
LOCAL_LIMIT = 2.0  # Clauser et al. (1969)
TSIRELSON_LIMIT = 2.0 * math.sqrt(2.0)  # Tsirelson (Cirel'son), Lett. Math. Phys. 4, 93 (1980)
CONTRADICTION = 1e-6  # settings less likely than this contradict the declared bias
SMALLEST_P = float(np.finfo(np.float64).tiny)  # a tail below it is given as this, an upper limit


class Outcomes(NamedTuple):
    """Counts of one pair of settings: p is plus, m is minus, Alice first."""

    pp: Number
    pm: Number
    mp: Number
    mm: Number

    @property
    def agreeing(self) -> Number:
        """Return the counts with equal outcomes."""
        return self.pp + self.mm

    @property
    def differing(self) -> Number:
        """Return the counts with different outcomes."""
        return self.pm + self.mp

    @property
    def total(self) -> Number:
        """Return all counts of the pair."""
        return self.agreeing + self.differing

    @property
    def correlation(self) -> Number:
        """Return E, agreeing less differing over all.

        Raises:
            InputError: the pair has no counts.

        Source: Clauser et al., PRL 23, 880 (1969).
        """
        if not np.all(np.asarray(self.total) > 0.0):
            raise InputError(
                "a pair of settings has no counts",
                next_step="the CHSH value needs counts for all four pairs of settings",
            )
        return (self.agreeing - self.differing) / self.total


def with_no_clicks(
    clicked: Outcomes, *, pn: Number, mn: Number, np_: Number, nm: Number, nn: Number
) -> Outcomes:
    """Return the outcomes of all trials: no click counts as minus, on either side.

    A fixed outcome for no click keeps every trial, so that no detection loophole is left.

    Args:
        clicked: Trials in which both sides clicked.
        pn: Alice plus, Bob no click.
        mn: Alice minus, Bob no click.
        np_: Alice no click, Bob plus.
        nm: Alice no click, Bob minus.
        nn: No click on either side.

    Source: Pironio et al., New J. Phys. 11, 045021 (2009), section on the detection loophole
        [second hand].
    """
    return Outcomes(
        clicked.pp,
        clicked.pm + pn,
        clicked.mp + np_,
        clicked.mm + mn + nm + nn,
    )


def chsh_value(pairs: Sequence[Outcomes]) -> Number:
    """Return S of the four pairs of settings 11, 12, 21, 22; not cut at any limit.

    Raises:
        InputError: not four pairs, or one without counts.

    Source: S = |E11 - E12 + E21 + E22|, Clauser et al., PRL 23, 880 (1969).
    """
    _four(pairs)
    first, second, third, fourth = (one.correlation for one in pairs)
    value: Number = np.abs(first - second + third + fourth)
    return value


def _four(pairs: Sequence[Outcomes]) -> None:
    if len(pairs) != len(PAIRS):
        raise InputError(
            f"{len(pairs)} pairs of settings", next_step="give the four pairs 11, 12, 21, 22"
        )


def wins(pairs: Sequence[Outcomes]) -> Number:
    """Return the rounds won in the CHSH game: outcomes differ at 12, and agree elsewhere.

    Source: the CHSH inequality as a game, Elkouss and Wehner (2016), section on CHSH.
    """
    _four(pairs)
    first, second, third, fourth = pairs
    return first.agreeing + second.differing + third.agreeing + fourth.agreeing


def winning_probability_bound(setting_bias: Number) -> Number:
    """Return the largest probability to win a round that any local model reaches.

    A local model loses at one pair of settings at least; each side's setting, given all the
    past, has a probability between 1/2 - tau and 1/2 + tau.

    Args:
        setting_bias: tau, in [0, 1/2).

    Raises:
        InputError: a bias outside [0, 1/2).

    Source: 1 - (1/2 - tau)^2 = 3/4 + tau - tau^2, Elkouss and Wehner (2016), Lemma 1.
    """
    bias = np.asarray(setting_bias, dtype=np.float64)
    if not np.all((bias >= 0.0) & (bias < 0.5)):
        raise InputError(
            f"the setting bias {setting_bias} is outside 0 to 1/2",
            next_step="give the largest deviation of a setting's probability from 1/2",
        )
    bound: Number = 1.0 - np.square(0.5 - bias)
    return bound


def chsh_p_value(won: Number, trials: Number, *, setting_bias: Number) -> Number:
    """Return the probability that a local model wins at least so many rounds.

    Holds with any memory in the devices: whatever happened before, a round is won with at most
    the bounded probability, so the wins are no more than binomial ones. The number of trials
    must be fixed beforehand.

    Args:
        won: Rounds won, whole.
        trials: Rounds played, whole.
        setting_bias: tau, see `winning_probability_bound`.

    Returns:
        The tail P(X >= won); a tail too small for a number is given as 2.2e-308.

    Raises:
        InputError: more wins than trials, no trials, or counts that are not whole.

    Source: Elkouss and Wehner (2016), CHSH: tail of the binomial distribution, by the
        incomplete beta function.
    """
    c, n = np.asarray(won, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    if not np.all((c >= 0.0) & (c <= n) & (n > 0.0) & (np.floor(c) == c) & (np.floor(n) == n)):
        raise InputError(
            f"{won} rounds won of {trials} cannot be",
            next_step="give whole counts, wins not above trials, at least one trial",
        )
    win = winning_probability_bound(setting_bias)
    # betainc has no value at won = 0, where the tail is 1.
    tail = np.where(c > 0.0, betainc(np.maximum(c, 1.0), n - c + 1.0, win), 1.0)
    p_value: Number = np.maximum(tail, SMALLEST_P)
    return p_value


def check_settings(pairs: Sequence[Outcomes], *, setting_bias: float) -> None:
    """Refuse counts whose settings contradict the declared bias.

    Raises:
        InputError: a pair occurs so often or so seldom that the declared bias gives it a
            probability below 1e-6.

    Source: binomial tails at (1/2 + tau)^2 and (1/2 - tau)^2.
    """
    n = float(sum(float(one.total) for one in pairs))
    for name, one in zip(PAIRS, pairs, strict=True):
        k = float(one.total)
        often = float(betainc(k, n - k + 1.0, (0.5 + setting_bias) ** 2)) if k > 0 else 1.0
        seldom = 1.0 - float(betainc(k + 1.0, n - k, (0.5 - setting_bias) ** 2)) if k < n else 1.0
        if min(often, seldom) < CONTRADICTION:
            raise InputError(
                f"settings {name} were chosen {k:.0f} times of {n:.0f}, which contradicts a "
                f"setting bias of {setting_bias:g}",
                where="setting_bias",
                next_step="declare the true bias; settings scanned one after the other have "
                "no p-value of this kind",
            )


def holevo_bound(chsh: Number) -> Number:
    """Return the bits that Eve can hold of one key bit, given S; device-independent.

    Without a violation it is 1; above the Tsirelson limit, where counts can scatter, it is 0:
    both cuts are part of the bound.

    Args:
        chsh: S over all trials.

    Source: Acin et al., PRL 98, 230501 (2007): h((1 + sqrt((S/2)^2 - 1)) / 2), collective
        attacks, uniform marginals.
    """
    excess = np.clip(np.square(np.asarray(chsh, dtype=np.float64) / 2.0) - 1.0, 0.0, 1.0)
    return binary_entropy(np.minimum((1.0 + np.sqrt(excess)) / 2.0, 1.0))
