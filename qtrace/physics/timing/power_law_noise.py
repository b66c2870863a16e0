"""Simulated power-law clock noise by fractional differencing, seeded by the caller.

Inside: `power_law_phase`, `expected_deviation`.
Source: N. J. Kasdin and T. Walter, "Discrete simulation of power law noise", Proc. IEEE
Frequency Control Symposium (1992), Eq. 13 to 39 (equation numbers from memory); levels after
NIST SP 1065 (2008), sec. 6.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from qtrace.errors import InputError
from qtrace.physics.timing.deviations import Numbers

POWERS = (2, 1, 0, -1, -2)


def power_law_phase(
    n: int,
    *,
    interval_s: float,
    alpha: int,
    level: float,
    generator: np.random.Generator,
    settle: int = 0,
) -> Numbers:
    """Return simulated phase of noise with S_y(f) = level f^alpha.

    White noise of variance Q runs through the filter (1 - z^-1)^(alpha / 2 - 1), with
    Q = level tau0^(1 - alpha) / (2 (2 pi)^alpha). The filter begins at rest; flicker noise nears
    its stationary increments after some samples, which `settle` drops.

    Args:
        n: Samples.
        interval_s: Their spacing tau0 in s.
        alpha: 2 white phase, 1 flicker phase, 0 white frequency, -1 flicker frequency, -2 random
            walk of frequency.
        level: h_alpha of S_y in 1/Hz^(alpha + 1); see `expected_deviation` for what it gives.
        generator: Source of the draws.
        settle: Samples made before the first one that is kept.

    Returns:
        Phase in s, shape (n,).

    Raises:
        InputError: Another noise, no samples, or a level that is not positive.

    Source: Kasdin and Walter (1992), h_k = h_(k-1) (k - 1 - beta / 2) / k, beta = alpha - 2.
    """
    if alpha not in POWERS:
        raise InputError(
            f"noise of power {alpha} is not simulated",
            next_step="choose one of " + ", ".join(map(str, POWERS)),
        )
    if n < 1 or settle < 0 or not (interval_s > 0.0 and level >= 0.0):
        raise InputError(
            f"{n} samples every {interval_s} s at level {level} cannot be simulated",
            next_step="give positive numbers",
        )
    q = level * interval_s ** (1 - alpha) / (2.0 * (2.0 * math.pi) ** alpha)
    total = n + settle
    white = generator.standard_normal(total) * math.sqrt(q)
    if alpha == 2:
        return white[settle:]
    if alpha == 0:
        return np.cumsum(white)[settle:]
    if alpha == -2:
        return np.cumsum(np.cumsum(white))[settle:]
    k = np.arange(1, total, dtype=np.float64)
    response = np.concatenate(([1.0], np.cumprod((k - alpha / 2.0) / k)))
    length = next_fast_len(2 * total, real=True)
    phase: Numbers = irfft(rfft(white, length) * rfft(response, length), length)[settle:total]
    return phase


def expected_deviation(
    alpha: int, *, kind: str, level: float, factor: int, interval_s: float
) -> float:
    """Return the deviation that noise of this level has, in the limit of long averages.

    The high-frequency limit is that of sampling, f_h = 1 / (2 tau0). Exact for white noises;
    flicker noises within a few per cent from m of about 4 on.

    Args:
        alpha: Power of the noise, 2 to -2.
        kind: "adev", "oadev", "mdev" or "tdev".
        level: h_alpha, S_y(f) = h_alpha f^alpha.
        factor: Averaging factor m.
        interval_s: Spacing tau0 in s.

    Raises:
        InputError: Another estimator or noise.

    Source: NIST SP 1065 (2008), Table of ADEV and MDEV coefficients, sec. 6; for MDEV of finite m
        Lesage and Ayi (1984), IEEE Trans. IM-33, 332.
    """
    tau, m = factor * interval_s, float(factor)
    ln = math.log
    allan = {
        2: 3.0 * level / (8.0 * math.pi**2 * tau**2 * interval_s),
        1: level * (1.038 + 3.0 * ln(math.pi * m)) / (4.0 * math.pi**2 * tau**2),
        0: level / (2.0 * tau),
        -1: 2.0 * ln(2.0) * level,
        -2: 2.0 * math.pi**2 * tau * level / 3.0,
    }
    modified = {
        2: allan[2] / m,
        1: 3.0 * ln(256.0 / 27.0) * level / (8.0 * math.pi**2 * tau**2),
        0: level * (m**2 + 1.0) / (4.0 * tau * m**2),
        -1: 2.0 * ln(3.0 * 3.0 ** (11.0 / 16.0) / 4.0) * level,
        -2: 11.0 * math.pi**2 * tau * level / 20.0,
    }
    if alpha not in allan or kind not in {"adev", "oadev", "mdev", "tdev"}:
        raise InputError(
            f"no expected {kind} of noise of power {alpha} is known here",
            next_step="powers are 2 to -2, estimators adev, oadev, mdev and tdev",
        )
    if kind in {"adev", "oadev"}:
        return math.sqrt(allan[alpha])
    deviation = math.sqrt(modified[alpha])
    return deviation if kind == "mdev" else tau * deviation / math.sqrt(3.0)
