"""A decoy BB84 link of which everything is known: counts as a run would give, and the truth.

Inside: `Level`, `TrueDevice`, `Drawn`, `draw_run`, `expected_cells`, `simulated_run`,
`true_length`, `SIMULATOR`.

Pulses are drawn in groups of one basis, level, intensity and photon number, not one by one: the
time does not grow with their number. A level is what holds in a share of the rounds and may be
known to the adversary: factors on the intensities, efficiencies of both detectors. How levels
follow each other in time is not drawn: no count shows it.
After-pulses are further dark counts: the mean click probability times their probability, in the
first order.

Source: photon-number channel model as in Ma et al., PRA 72, 012326 (2005), section II, with
two detectors apart; after-pulses as in the figure model of Lim et al., PRA 89, 022307 (2014).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.physics.decoy.intensity_set import poisson
from qtrace.physics.entropy import binary_entropy

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

SIMULATOR = "decoy_link_truth 1"  # the number grows when a seed gives other counts
MOST_PHOTONS = 15  # the last class holds all above; at one photon on average that is 1e-14
BASES = ("key", "test")


@dataclass(frozen=True, slots=True)
class Level:
    """What holds in a share of the rounds.

    `intensity_factors` times the intensities of the device; `efficiencies` of the detectors of
    bit 0 and bit 1 (in the mode that the adversary chose, if any).
    """

    share: float
    intensity_factors: tuple[float, ...]
    efficiencies: tuple[float, float]


@dataclass(frozen=True, slots=True)
class TrueDevice:
    """A link as it truly is.

    `transmittances` and `misalignments` are those of pulses with 0, 1, 2, ... photons, the last
    one for all above: one value each for a fibre, several for an adversary who counts photons.
    `key_share` and `test_share` are the shares of pulses for which both sides chose that basis.
    `pattern_effect` is the relative change of the intensity of a pulse after a signal pulse.
    """

    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]
    levels: tuple[Level, ...]
    key_share: float
    test_share: float
    transmittances: tuple[float, ...]
    misalignments: tuple[float, ...]
    dark_probabilities: tuple[float, float]
    after_pulse_probability: float = 0.0
    pattern_effect: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no device."""
        lengths = {len(self.intensities), len(self.probabilities)}
        lengths |= {len(one.intensity_factors) for one in self.levels}
        shares = (sum(self.probabilities), sum(one.share for one in self.levels))
        unit = (
            *self.transmittances,
            *self.misalignments,
            *self.dark_probabilities,
            self.after_pulse_probability,
            *(eta for one in self.levels for eta in one.efficiencies),
        )
        if (
            len(lengths) != 1
            or any(not math.isclose(one, 1.0, rel_tol=1e-9) for one in shares)
            or any(not 0.0 <= one <= 1.0 for one in unit)
            or min(self.key_share, self.test_share) <= 0.0
            or self.key_share + self.test_share > 1.0
        ):
            raise InputError(
                "this is no device: shares must sum to one, probabilities lie in 0 to 1",
                next_step="check numbers of intensities, levels, and their shares",
            )

    def all_levels(self) -> tuple[Level, ...]:
        """Return the levels, those after a signal pulse apart if there is a pattern effect.

        Source: total probability; the pulse before was a signal with probability P_1.
        """
        if self.pattern_effect == 0.0:
            return self.levels
        after, change = self.probabilities[0], 1.0 + self.pattern_effect
        return tuple(
            new
            for one in self.levels
            for new in (
                replace(one, share=one.share * (1.0 - after)),
                replace(
                    one,
                    share=one.share * after,
                    intensity_factors=tuple(f * change for f in one.intensity_factors),
                ),
            )
        )


class Clicks(NamedTuple):
    """Probabilities of a pulse, shape (levels, photons): agreement, error.

    `phase_error`, shape (levels,), is that of a single photon that the key basis detected.
    """

    agreement: Array
    error: Array
    phase_error: Array


def _by_photons(values: tuple[float, ...]) -> Array:
    padded = values + (values[-1],) * (MOST_PHOTONS + 1)
    return np.array(padded[: MOST_PHOTONS + 1], dtype=np.float64)


def _photon_shares(device: TrueDevice) -> Array:
    """Return the shares of photon numbers, shape (levels, intensities, photons)."""
    factors = np.array([one.intensity_factors for one in device.all_levels()])
    means = factors * np.array(device.intensities)
    shares = np.stack([poisson(n, means) for n in range(MOST_PHOTONS)], axis=-1)
    rest = np.maximum(1.0 - shares.sum(axis=-1, keepdims=True), 0.0)
    return np.concatenate([shares, rest], axis=-1)


def _clicks(device: TrueDevice, dark: tuple[float, float]) -> Clicks:
    n = np.arange(MOST_PHOTONS + 1)
    passed, wrong = _by_photons(device.transmittances), _by_photons(device.misalignments)
    eta = np.array([one.efficiencies for one in device.all_levels()])[:, :, None]
    agreement, error = 0.0, 0.0
    for bit in (0, 1):
        right_eta, wrong_eta = eta[:, bit], eta[:, 1 - bit]
        no_right = (1.0 - dark[bit]) * (1.0 - passed * (1.0 - wrong) * right_eta) ** n
        no_wrong = (1.0 - dark[1 - bit]) * (1.0 - passed * wrong * wrong_eta) ** n
        light = passed * ((1.0 - wrong) * right_eta + wrong * wrong_eta)
        neither = (1.0 - dark[0]) * (1.0 - dark[1]) * (1.0 - light) ** n
        # A click of both detectors becomes a random bit.
        both = 1.0 - no_right - no_wrong + neither
        agreement = agreement + 0.5 * (no_wrong - neither + 0.5 * both)
        error = error + 0.5 * (no_right - neither + 0.5 * both)
    return Clicks(np.asarray(agreement), np.asarray(error), _phase_error(device, dark))


def _phase_error(device: TrueDevice, dark: tuple[float, float]) -> Array:
    """Return the phase error rate of detected single photons of the key basis, per level.

    The filter diag(sqrt(eta_0), sqrt(eta_1)) on an entangled pair leaves coherence
    2 sqrt(eta_0 eta_1) / (eta_0 + eta_1); what only a dark count detected is wrong half the time.

    Source: Koashi's complementary view; as Fung et al., arXiv:0802.3788 (abstract read).
    """
    eta = np.array([one.efficiencies for one in device.all_levels()])
    passed, wrong = _by_photons(device.transmittances)[1], _by_photons(device.misalignments)[1]
    total = eta.sum(axis=1)
    coherence = np.divide(2.0 * np.sqrt(eta.prod(axis=1)), total, where=total > 0.0, out=total * 0)
    light = passed * 0.5 * total
    only_dark = (1.0 - light) * (1.0 - (1.0 - dark[0]) * (1.0 - dark[1]))
    detected = light + only_dark
    errors = light * 0.5 * (1.0 - (1.0 - 2.0 * wrong) * coherence) + 0.5 * only_dark
    rate: Array = np.divide(errors, detected, where=detected > 0.0, out=np.full_like(light, 0.5))
    return rate


def dark_with_after_pulses(device: TrueDevice) -> tuple[float, float]:
    """Return the dark count probabilities of both detectors, after-pulses among them.

    Source: first order, as the figure model of Lim et al. (2014), D_k (1 + p_ap), but spread
        over all pulses (from memory).
    """
    clicks = _clicks(device, device.dark_probabilities)
    shares = np.array([one.share for one in device.all_levels()])[:, None, None]
    weights = shares * np.array(device.probabilities)[:, None] * _photon_shares(device)
    # Each detector has half of the clicks, but for what mismatch makes of it.
    mean = float((weights * (clicks.agreement + clicks.error)[:, None, :]).sum()) / 2.0
    after = device.after_pulse_probability * mean
    first, second = (1.0 - (1.0 - dark) * (1.0 - after) for dark in device.dark_probabilities)
    return first, second


@dataclass(frozen=True, slots=True)
class Drawn:
    """Counts of one run, and what nobody but the simulator knows.

    `errors` and `agreements` have the shape (bases, intensities), key basis first. The truth is
    of the key basis (vacuum, single photons, their phase errors) and of the test basis.
    """

    errors: Array
    agreements: Array
    vacuum_key: float
    single_key: float
    single_phase_errors: float
    single_test: float
    single_errors_test: float

    def cells(self) -> dict[str, float]:
        """Return the counts by the names of cells: errors_key_1 and so on."""
        return {
            f"{cell}_{basis}_{k + 1}": float(table[b, k])
            for b, basis in enumerate(BASES)
            for k in range(self.errors.shape[1])
            for cell, table in (("errors", self.errors), ("agreements", self.agreements))
        }

    def truth(self) -> dict[str, float]:
        """Return what is true of the run, by name."""
        return {
            "vacuum_key": self.vacuum_key,
            "single_key": self.single_key,
            "single_phase_errors": self.single_phase_errors,
            "single_test": self.single_test,
            "single_errors_test": self.single_errors_test,
        }


def _summed(agreements: Array, errors: Array, phase_errors: Array) -> Drawn:
    """Sum tables of shape (bases, levels, intensities, photons) over what is not seen."""
    detected = agreements + errors
    return Drawn(
        errors=errors.sum(axis=(1, 3)),
        agreements=agreements.sum(axis=(1, 3)),
        vacuum_key=float(detected[0, :, :, 0].sum()),
        single_key=float(detected[0, :, :, 1].sum()),
        single_phase_errors=float(phase_errors.sum()),
        single_test=float(detected[1, :, :, 1].sum()),
        single_errors_test=float(errors[1, :, :, 1].sum()),
    )


def expected_cells(device: TrueDevice, pulses: float) -> Drawn:
    """Return the expected counts and truth of a run, as real numbers; see `draw_run`.

    Source: the channel model in the head of this module.
    """
    clicks = _clicks(device, dark_with_after_pulses(device))
    level = np.array([one.share for one in device.all_levels()])[:, None, None]
    sent = pulses * level * np.array(device.probabilities)[:, None] * _photon_shares(device)
    both = np.stack([device.key_share * sent, device.test_share * sent])
    agreements = both * clicks.agreement[:, None, :]
    errors = both * clicks.error[:, None, :]
    single = (agreements + errors)[0, :, :, 1].sum(axis=1)
    return _summed(agreements, errors, single * clicks.phase_error)


def draw_run(device: TrueDevice, pulses: int, *, generator: np.random.Generator) -> Drawn:
    """Draw one run.

    Args:
        device: The link.
        pulses: Number of pulses sent, basis mismatch included.
        generator: Where the luck comes from.

    Source: the channel model in the head of this module; multinomial in each group.
    """
    levels = device.all_levels()
    clicks = _clicks(device, dark_with_after_pulses(device))
    cells = np.array([one.share for one in levels])[:, None] * np.array(device.probabilities)
    bases = np.array([device.key_share, device.test_share])
    flat = (bases[:, None, None] * cells).ravel()
    drawn = generator.multinomial(pulses, np.append(flat, max(0.0, 1.0 - flat.sum())))[:-1]
    sent = drawn.reshape(2, *cells.shape)
    photons = generator.multinomial(sent, _photon_shares(device)[None])
    outcome = np.stack([clicks.agreement, clicks.error], axis=-1)
    nothing = np.maximum(1.0 - outcome.sum(axis=-1, keepdims=True), 0.0)
    chances = np.concatenate([outcome, nothing], axis=-1)[None, :, None]
    clicked = generator.multinomial(photons, np.broadcast_to(chances, (*photons.shape, 3)))
    agreements, errors = clicked[..., 0].astype(float), clicked[..., 1].astype(float)
    single = clicked[0, :, :, 1, :2].sum(axis=(1, 2))
    phase_errors = generator.binomial(single, clicks.phase_error)
    return _summed(agreements, errors, phase_errors.astype(float))


def simulated_run(device: TrueDevice, *, pulses: int, seed: int) -> dict[str, object]:
    """Return a run with its truth, marked simulated, as plain values to be written.

    Args:
        device: The link.
        pulses: Number of pulses sent.
        seed: Seed of a PCG64 generator; the same seed gives the same counts.
    """
    drawn = draw_run(device, pulses, generator=np.random.Generator(np.random.PCG64(seed)))
    return {
        "provenance": "simulated",
        "simulator": SIMULATOR,
        "bit_generator": "PCG64",
        "seed": seed,
        "pulses": pulses,
        "cells": drawn.cells(),
        "truth": drawn.truth(),
        "device": asdict(device),
    }


def true_length(drawn: Drawn, *, leak_bits: float, security_bits: float) -> float:
    """Return the length that the truth allows: what no certified length may exceed; unclamped.

    Args:
        drawn: The run.
        leak_bits: Bits told in error correction.
        security_bits: What the proof subtracts for its epsilons.

    Source: as Lim et al., PRA 89, 022307 (2014), Eq. 1, at the true counts and phase error.
    """
    rate = drawn.single_phase_errors / max(drawn.single_key, 1.0)
    secret = drawn.single_key * (1.0 - float(binary_entropy(min(rate, 0.5))))
    return drawn.vacuum_key + secret - leak_bits - security_bits
