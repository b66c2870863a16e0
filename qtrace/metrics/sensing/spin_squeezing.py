"""One squeezed ensemble as a protocol: moments of its spin in, squeezing and gain out.

Inside: `SPIN_SQUEEZING`.
The number of atoms comes from a calibration: it scales the quantum limit itself, and a gain with a
number that is too large is too large.
Source: as `qtrace.physics.sensing.squeezing`. How finite statistics bears on the claim is treated
by Carrera, Zhang, Bancal and Sangouard, arXiv:2410.23741; their p-values are not in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qtrace.metrics.keyword_function import Given, Number
from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument, SpreadInterval
from qtrace.metrics.protocol import ParameterField, Protocol
from qtrace.metrics.sensing.gain_metrics import (
    MOST_SHOTS,
    REFERENCE,
    level_interval,
    level_of,
    root_interval,
    root_of,
    sensing_metric,
)
from qtrace.metrics.sensing.spin_intervals import inverse_interval, moment_interval, with_moments
from qtrace.metrics.sensing.spin_moments import ENSEMBLE, above_zero, spin_doubts, spin_moments
from qtrace.physics.proportions import Interval
from qtrace.physics.sensing.decibels import Reference
from qtrace.physics.sensing.squeezing import (
    contrast,
    kitagawa_ueda_parameter,
    phase_uncertainty,
    wineland_parameter,
)

NO_SECURITY = "squeezing says nothing of an eavesdropper"
WINELAND = "Wineland, Bollinger, Itano and Heinzen, PRA 50, 67 (1994)"
KITAGAWA_UEDA = "Kitagawa and Ueda, PRA 47, 5138 (1993)"
BY_NUMBER = "number of atoms of the ensemble"
MOST_ATOMS = 1e15
LEAST_SPIN = 1e-12  # below it powers leave the range of doubles; one spin has 1/2 and 1/4

NUMBER = MetricArgument("atom_number", "particle_number", ArgumentSource.CALIBRATION, ENSEMBLE)
VARIANCE = MetricArgument("spin_variance", "spin_variance", ArgumentSource.MOMENTS)
LENGTH = MetricArgument("spin_length", "spin_length", ArgumentSource.MOMENTS)
ALL = (VARIANCE, LENGTH, NUMBER)


def _wineland(given: Given) -> Number:
    """Return xi_R^2."""
    return wineland_parameter(
        given["atom_number"], above_zero(given["spin_variance"]), length=given["spin_length"]
    )


def _kitagawa_ueda(given: Given) -> Number:
    """Return xi_S^2."""
    return kitagawa_ueda_parameter(given["atom_number"], given["spin_variance"])


def _contrast(given: Given) -> Number:
    """Return the contrast, not cut at one."""
    return contrast(given["atom_number"], given["spin_length"])


def _gain(given: Given) -> Number:
    """Return how much less variance there is than at the standard quantum limit."""
    return 1.0 / _wineland(given)


def _phase(given: Given) -> Number:
    """Return the standard deviation of the phase of one interrogation."""
    return phase_uncertainty(given["atom_number"], _wineland(given))


def _wineland_interval(
    values: Mapping[str, float], spread: Mapping[str, float], probability: float
) -> Interval:
    """Return the interval of N V / L^2."""
    powers = {"atom_number": 1, "spin_length": -2}
    return moment_interval(values, spread, probability, variance="spin_variance", powers=powers)


def _kitagawa_ueda_interval(
    values: Mapping[str, float], spread: Mapping[str, float], probability: float
) -> Interval:
    """Return the interval of 4 V / N."""
    powers = {"atom_number": -1}
    return moment_interval(
        values, spread, probability, variance="spin_variance", powers=powers, factor=4.0
    )


def _gain_interval(
    values: Mapping[str, float], spread: Mapping[str, float], probability: float
) -> Interval:
    """Return the interval of the gain in variance."""
    return inverse_interval(_wineland_interval(values, spread, probability))


def _phase_interval(
    values: Mapping[str, float], spread: Mapping[str, float], probability: float
) -> Interval:
    """Return the interval of sqrt(V) / L, from which N has gone."""
    powers = {"spin_length": -2}
    return root_interval(
        moment_interval(values, spread, probability, variance="spin_variance", powers=powers)
    )


def _metric(
    figure: str,
    title: str,
    compute: Callable[[Given], Number],
    *,
    unit: str = "1",
    kind: str = "",
    arguments: tuple[MetricArgument, ...] = ALL,
    source: str = WINELAND,
    interval: SpreadInterval | None = None,
) -> Metric:
    made = sensing_metric(
        f"spin_squeezing.{figure}",
        of=(title, kind or figure, unit),
        arguments=arguments,
        compute=compute,
        source=source,
        influenced_by=BY_NUMBER,
    )
    return made if interval is None else with_moments(made, interval)


METRICS = (
    _metric(
        "wineland_parameter",
        "Wineland parameter xi_R^2, a ratio of variances",
        _wineland,
        interval=_wineland_interval,
    ),
    _metric(
        "kitagawa_ueda_parameter",
        "Kitagawa-Ueda parameter xi_S^2, noise alone, a ratio of variances",
        _kitagawa_ueda,
        arguments=(VARIANCE, NUMBER),
        source=KITAGAWA_UEDA,
        interval=_kitagawa_ueda_interval,
    ),
    _metric(
        "contrast",
        "contrast: length of the mean spin over N/2",
        _contrast,
        kind="fringe_contrast",
        arguments=(LENGTH, NUMBER),
    ),
    _metric(
        "variance_gain",
        "gain in variance over the standard quantum limit",
        _gain,
        interval=_gain_interval,
    ),
    _metric(
        "deviation_gain",
        "gain in standard deviation over the standard quantum limit",
        lambda given: root_of(_gain(given)),
        interval=lambda values, spread, p: root_interval(_gain_interval(values, spread, p)),
    ),
    _metric(
        "variance_gain_level",
        "gain over the standard quantum limit, level of variances",
        lambda given: level_of(_gain(given)),
        unit="dB",
        interval=lambda values, spread, p: level_interval(_gain_interval(values, spread, p)),
    ),
    _metric(
        "phase_uncertainty",
        "standard uncertainty of the phase of one interrogation",
        _phase,
        unit="rad",
        interval=_phase_interval,
    ),
)

SPIN_SQUEEZING = Protocol(
    name="spin_squeezing",
    title="one ensemble of squeezed spins",
    metrics=METRICS,
    moments=(
        ParameterField(
            "spin_variance", "spin_variance", LEAST_SPIN, MOST_ATOMS**2,
            "Var(J_perp) across the mean spin, in units of hbar^2",
        ),
        ParameterField(
            "spin_length", "spin_length", LEAST_SPIN, MOST_ATOMS,
            "length of the mean spin, in units of hbar",
        ),
    ),
    parameters=(
        ParameterField(
            "atom_number", "particle_number", 1.0, MOST_ATOMS,
            "nominal number of atoms, in place of a calibration", whole=True,
        ),
        ParameterField(
            "shots", "shot_count", 2.0, MOST_SHOTS,
            "shots behind the variance of the spin", whole=True,
        ),
    ),
    no_security_outcome=NO_SECURITY,
    choices={REFERENCE: (Reference.STANDARD_QUANTUM_LIMIT.value,)},
    area="sensing",
    moments_are="moment of the collective spin, from readings of one detector in units of hbar",
    check_moments=spin_moments,
    doubts=spin_doubts,
)  # fmt: skip
