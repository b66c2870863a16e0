"""A simulated fibre: delay in both directions, temperature, dispersion, an attack on the delay.

Inside: `Temperature`, `DelayAttack`, `PathModel`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from qtrace.errors import InputError
from qtrace.physics.tags.simulated_detector import Floats


@dataclass(frozen=True, slots=True)
class Temperature:
    """Temperature of the fibre minus its value at rest: a sine and a straight line, K."""

    amplitude_k: float = 0.0
    period_s: float = 86_400.0
    phase_rad: float = 0.0
    drift_k_per_s: float = 0.0

    def change_k(self, times_s: Floats) -> Floats:
        """Return the change of temperature at times, K.

        Source: ours, a daily swing and a season's slope in their simplest form.
        """
        turns = 2.0 * math.pi * times_s / self.period_s + self.phase_rad
        change: Floats = self.amplitude_k * np.sin(turns) + self.drift_k_per_s * times_s
        return change


@dataclass(frozen=True, slots=True)
class DelayAttack:
    """Extra delays that somebody switches on at `start_s`, ps, in each direction."""

    start_s: float = 0.0
    forward_ps: float = 0.0
    backward_ps: float = 0.0


@dataclass(frozen=True, slots=True)
class PathModel:
    """A fibre from A (where the source stands) to a user B, as it truly is.

    `delay_ps` forward, at rest; `dispersion_ps_per_nm` of its whole length; `wavelength_step_nm`
    forward minus backward wavelength; `asymmetry_ps` what else makes forward longer than
    backward; `delay_ps_per_k` of the whole length, alike in both directions.
    `transmittance` forward and `backward_transmittance`, all losses up to the detector in them.
    """

    delay_ps: float
    transmittance: float = 1.0
    backward_transmittance: float = 1.0
    dispersion_ps_per_nm: float = 0.0
    wavelength_step_nm: float = 0.0
    asymmetry_ps: float = 0.0
    delay_ps_per_k: float = 0.0
    temperature: Temperature = field(default_factory=Temperature)
    attack: DelayAttack = field(default_factory=DelayAttack)

    def __post_init__(self) -> None:
        """Refuse what is no fibre."""
        numbers = (
            self.dispersion_ps_per_nm,
            self.wavelength_step_nm,
            self.asymmetry_ps,
            self.delay_ps_per_k,
            self.temperature.amplitude_k,
            self.temperature.phase_rad,
            self.temperature.drift_k_per_s,
            self.attack.forward_ps,
            self.attack.backward_ps,
            self.attack.start_s,
        )
        shares = (self.transmittance, self.backward_transmittance)
        if (
            not all(math.isfinite(one) for one in numbers)
            or any(not 0.0 <= one <= 1.0 for one in shares)
            or not (math.isfinite(self.temperature.period_s) and self.temperature.period_s > 0.0)
            or not 0.0 <= self.delay_ps <= 1e12
            or self.delay_ps - self.constant_asymmetry_ps < 0.0
        ):
            raise InputError(
                "this is no fibre: transmittances lie in 0 to 1, delays in 0 to 1 s in both "
                "directions, the period of the temperature is above zero",
                next_step="correct its numbers",
            )

    @property
    def constant_asymmetry_ps(self) -> float:
        """Return forward minus backward delay without any attack, ps.

        Source: group delay D L dlambda of two wavelengths in one fibre (Agrawal, Fiber-Optic
        Communication Systems, chapter 2, from memory).
        """
        return self.dispersion_ps_per_nm * self.wavelength_step_nm + self.asymmetry_ps

    def forward_ps(self, times_s: Floats) -> Floats:
        """Return the delay from A to B of light sent at true times, ps.

        Source: ours: delay at rest, change by temperature to the first order, the attack.
        """
        attack = self.attack
        common = self.delay_ps + self.delay_ps_per_k * self.temperature.change_k(times_s)
        extra = np.where(times_s >= attack.start_s, attack.forward_ps, 0.0)
        delay: Floats = common + extra
        return delay

    def backward_ps(self, times_s: Floats) -> Floats:
        """Return the delay from B to A of light sent at true times, ps.

        Source: as `forward_ps`; less the asymmetry, which is A to B minus B to A.
        """
        attack = self.attack
        common = self.delay_ps + self.delay_ps_per_k * self.temperature.change_k(times_s)
        extra = np.where(times_s >= attack.start_s, attack.backward_ps, 0.0)
        delay: Floats = common - self.constant_asymmetry_ps + extra
        return delay
