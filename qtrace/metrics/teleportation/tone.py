"""Transfer of a calibration tone as a protocol: a measured phase, its averaging time, a clock.

Inside: `CALIBRATION_TONE`, `tone_moments`.
The measured moment `phase_deviation` is the phase GATHERED over the averaging time: reading at the
end less reading at the start, so that its u is that of the difference (sqrt 2 of one independent
reading). An error that both readings share cancels in the frequency, but not in the time.
Source: as the formulas in `qtrace.physics.states.tone`.
"""

from __future__ import annotations

import math

from qtrace.errors import InputError
from qtrace.metrics.keyword_function import Given, Number
from qtrace.metrics.metric import ArgumentSource, MetricArgument
from qtrace.metrics.protocol import ParameterField, Protocol, WrittenMoments
from qtrace.metrics.teleportation.count_metrics import state_metric
from qtrace.physics.states import tone

NAME = "calibration_tone"
NO_SECURITY = "a tone carries no key: no security outcome is drawn from it"
CLOCK = "carrier frequency, from the clock"
MOST_RAD = 1e6
LEAST_S = 1e-12  # no phase meter gathers a phase in less
SAME_TIME = 1e-9  # relative: times of a run are written to the second at best

PHASE = MetricArgument("phase_deviation", "phase_deviation", ArgumentSource.MOMENTS)
TIME = MetricArgument("averaging_time", "duration", ArgumentSource.PARAMETER)
CARRIER = MetricArgument("carrier_frequency", "frequency", ArgumentSource.CALIBRATION, "clock")


def _frequency(given: Given) -> Number:
    """Return the frequency offset in Hz."""
    return tone.frequency_offset_hz(given["phase_deviation"], given["averaging_time"])


def _fraction(given: Given) -> Number:
    """Return the fractional frequency."""
    return tone.fractional_frequency(
        given["phase_deviation"],
        given["averaging_time"],
        carrier_frequency_hz=given["carrier_frequency"],
    )


def _time(given: Given) -> Number:
    """Return the time offset in s."""
    return tone.time_offset_s(given["phase_deviation"], given["carrier_frequency"])


def _fidelity(given: Given) -> Number:
    """Return the fidelity of equatorial states at that rms phase."""
    return tone.equatorial_fidelity(given["phase_deviation"])


def tone_moments(written: WrittenMoments) -> dict[str, tuple[float, float]]:
    """Return the phase as written, once its averaging time fits into the run.

    Raises:
        InputError: `where` is the averaging time: longer than the run that gathered the phase.
    """
    tau = written.parameters.get("averaging_time", 0.0)
    if tau > written.span_s * (1.0 + SAME_TIME):
        raise InputError(
            f"the phase was gathered over {tau:g} s, in a run of {written.span_s:g} s",
            where="averaging_time",
            next_step="correct the averaging time, or the times of the run",
        )
    return dict(written.moments)


CALIBRATION_TONE = Protocol(
    name=NAME,
    title="remote transfer of a calibration tone: phase to frequency and time",
    metrics=(
        state_metric(
            f"{NAME}.frequency_offset",
            "frequency that gathers the phase over the averaging time",
            ("frequency_offset", "Hz"),
            arguments=(PHASE, TIME),
            figure=_frequency,
            influenced_by="none: phase and time of one instrument",
            source="f = d(phi) / (2 pi tau)",
        ),
        state_metric(
            f"{NAME}.fractional_frequency",
            "the same over the carrier frequency",
            ("frequency_deviation", "1"),
            arguments=(PHASE, TIME, CARRIER),
            figure=_fraction,
            influenced_by=CLOCK,
            source="y = d(phi) / (2 pi f0 tau)",
        ),
        state_metric(
            f"{NAME}.time_offset",
            "the phase as a time of the carrier; whole turns are not seen",
            ("time_interval", "s"),
            arguments=(PHASE, CARRIER),
            figure=_time,
            influenced_by=CLOCK,
            source="t = d(phi) / (2 pi f0)",
        ),
        state_metric(
            f"{NAME}.equatorial_fidelity",
            "fidelity of equatorial states if the phase scatters with that rms (model)",
            ("state_fidelity", "1"),
            arguments=(PHASE,),
            figure=_fidelity,
            influenced_by="none: measured phase",
            source="(1 + exp(-phi^2 / 2)) / 2, normal phase of mean zero",
        ),
    ),
    moments=(
        ParameterField(
            "phase_deviation", "phase_deviation", -MOST_RAD, MOST_RAD,
            "phase gathered over the averaging time, received less reference",
        ),
    ),
    parameters=(
        ParameterField(
            "averaging_time", "duration", LEAST_S, math.inf,
            "time over which the phase was gathered: a phase alone is no frequency",
        ),
        ParameterField(
            "carrier_frequency", "frequency", 0.0, math.inf,
            "nominal frequency of the tone, in place of a calibration", low_allowed=False,
        ),
    ),
    one_of=(("averaging_time",),),
    no_security_outcome=NO_SECURITY,
    area="teleportation",
    check_moments=tone_moments,
    moments_are="phase of the tone against the reference, on one phase meter",
)  # fmt: skip
