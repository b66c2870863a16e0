"""Procedures of frequency stability: deviations of a series, their intervals, degrees of freedom.

Inside: `stability`, `degrees_of_freedom`.
Source: NIST SP 1065 (2008), sections 5 and 12; the product's functions say the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from qtrace.physics.timing.degrees_of_freedom import equivalent_dof
from qtrace.physics.timing.deviations import Deviations, Numbers
from qtrace.physics.timing.mtie import mtie, tierms
from qtrace.physics.timing.phase_gaps import phase_of_frequency
from qtrace.physics.timing.stability import adev, hdev, mdev, oadev, ohdev, tdev
from qtrace.physics.timing.stability_intervals import with_intervals
from qtrace.physics.timing.stability_total import htotdev, mtotdev, totdev, ttotdev
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling

# The generator of the test suite: n -> 16807 n modulo 2^31 - 1. Source: SP 1065, section 12.
MULTIPLIER, MODULUS = 16807, 2**31 - 1
ESTIMATORS: Mapping[str, Callable[..., Deviations]] = MappingProxyType(
    {
        "adev": adev,
        "oadev": oadev,
        "mdev": mdev,
        "tdev": tdev,
        "hdev": hdev,
        "ohdev": ohdev,
        "totdev": totdev,
        "mtotdev": mtotdev,
        "ttotdev": ttotdev,
        "htotdev": htotdev,
        "mtie": mtie,
        "tierms": tierms,
    }
)
BIASED = frozenset({"mtotdev", "ttotdev", "htotdev"})


def stability(given: Given, _sampling: Sampling) -> Figures:
    """Return deviations of a series of frequencies.

    The series is `frequency`, or `count` numbers of the generator of the test suite from `seed`.
    `kinds` and averaging `factors` say which; with `noise` (power alpha) and `probability` the
    intervals too; `bias_corrected_for` the noise whose bias total deviations are rid of.
    `matched` removes the line through first and last phase.

    Figures: `KIND.FACTOR`, `low.KIND.FACTOR`, `high.KIND.FACTOR`.
    """
    y = np.array(given.numbers("frequency")) if given.has("frequency") else _generated(given)
    interval_s, kinds = given.number("interval", 1.0), given.texts("kinds")
    factors = [int(one) for one in given.numbers("factors")]
    matched = given.integer("matched", 0) == 1
    noise = given.integer("noise") if given.has("noise") else None
    probability = given.number("probability", 0.95)
    bias: dict[str, Any] = {}
    if given.has("bias_corrected_for"):
        bias = {"bias_corrected_for": given.integer("bias_corrected_for")}
    given.finish()
    phase = phase_of_frequency(y, interval_s=interval_s)
    if matched:
        phase = phase - phase[-1] * np.arange(len(phase)) / (len(phase) - 1)
    figures: dict[str, Figure] = {}
    for kind in kinds:
        if kind not in ESTIMATORS:
            raise given.error(
                "kinds", f"{kind} is no deviation", next_step=f"choose {', '.join(ESTIMATORS)}"
            )
        more = bias if kind in BIASED else {}
        found = ESTIMATORS[kind](phase, interval_s=interval_s, factors=factors, **more)
        named = dict(zip(factors, found.value.tolist(), strict=True))
        figures |= {f"{kind}.{factor}": Figure(value) for factor, value in named.items()}
        if noise is None:
            continue
        judged = with_intervals(found, phase, probability=probability, alpha=noise)
        for factor, low, high in zip(factors, judged.low, judged.high, strict=True):
            figures[f"low.{kind}.{factor}"] = Figure(float(low))
            figures[f"high.{kind}.{factor}"] = Figure(float(high))
    return figures


def degrees_of_freedom(given: Given, _sampling: Sampling) -> Figures:
    """Return `dof.FACTOR` of a deviation `kind`, of `samples` phases under `noise` (power)."""
    kind, noise = given.one_of("kind", tuple(ESTIMATORS)), given.integer("noise")
    samples, factors = given.integer("samples"), [int(one) for one in given.numbers("factors")]
    given.finish()
    return {
        f"dof.{factor}": Figure(equivalent_dof(noise, kind=kind, factor=factor, n=samples))
        for factor in factors
    }


def _generated(given: Given) -> Numbers:
    """Return the series of the test suite, between 0 and 1."""
    numbers, count = [given.integer("seed")], given.integer("count")
    while len(numbers) < count:
        numbers.append(MULTIPLIER * numbers[-1] % MODULUS)
    return np.array(numbers[:count]) / MODULUS
