"""Arguments, set parameters and fields that figures of a relay between two sources share.

Inside: `counted`, `calibrated`, `interval`, `parameter`, `LEAK`, `EPSILONS`, `field_of`,
`EPSILON_FIELDS`, `LEAK_FIELDS`, `PULSES`, `PULSES_FIELD`, `intensity_sets`, `NOT_MODELLED`.
"""

from __future__ import annotations

from qtrace.metrics.metric import ArgumentSource, MetricArgument
from qtrace.metrics.protocol import CountTable, ParameterField, SetParameter, Side, Source

MEAN = "mean_photon_number"
PROGRAMME_DRAWS = 20  # of the stability interval: a linear programme takes 15 to 40 ms


def counted(table: CountTable) -> tuple[MetricArgument, ...]:
    """Return one argument for each cell of a table."""
    kinds = {"errors": "error_count", "agreements": "agreement_count"}
    return tuple(
        MetricArgument(name, kinds[name.split("_", 1)[0]], ArgumentSource.COUNTS)
        for name in table.names()
    )


def parameter(name: str, kind: str, default: float | None = None) -> MetricArgument:
    """Return an argument that is declared with the run."""
    return MetricArgument(name, kind, ArgumentSource.PARAMETER, default=default)


def _probabilities(source: Source) -> tuple[MetricArgument, ...]:
    if source.intensities == 1:  # chosen against the other mode, by a parameter of its own
        return ()
    return tuple(parameter(name, "probability") for name in source.arguments("probability"))


def calibrated(source: Source, *, intensity: str = "") -> tuple[MetricArgument, ...]:
    """Return the calibrated intensities of a source and the probabilities of choosing them.

    Args:
        source: The source.
        intensity: Value of the condition "intensity" of a source with one; else 1, 2, ...
    """
    means = tuple(
        MetricArgument(
            name,
            MEAN,
            ArgumentSource.CALIBRATION,
            source.role,
            conditions=(("intensity", intensity or str(k)),),
        )
        for k, name in enumerate(source.arguments(MEAN), start=1)
    )
    return (*means, *_probabilities(source))


def interval(source: Source) -> tuple[MetricArgument, ...]:
    """Return the edges of the set of each intensity, and the probabilities."""
    edges = tuple(
        MetricArgument(f"{name}_{edge}", MEAN, ArgumentSource.PARAMETER, source.role)
        for name in source.arguments(MEAN)
        for edge in ("low", "high")
    )
    return (*edges, *_probabilities(source))


LEAK = (
    parameter("leak", "leak", 0.0),
    parameter("error_correction_efficiency", "error_correction_efficiency", 0.0),
)
EPSILONS = (
    parameter("epsilon_secrecy", "failure_probability"),
    parameter("epsilon_correctness", "failure_probability"),
)
LEAK_FIELDS = (
    ParameterField(
        "leak", "leak", 0.0, 2.0**53, "bits told during error correction", low_allowed=False
    ),
    ParameterField(
        "error_correction_efficiency",
        "error_correction_efficiency",
        1.0,
        10.0,
        "leak over its Shannon limit",
    ),
)
EPSILON_FIELDS = (
    ParameterField(
        "epsilon_secrecy",
        "failure_probability",
        0.0,
        1.0,
        "failure probability of secrecy, all Bell states together",
        low_allowed=False,
    ),
    ParameterField(
        "epsilon_correctness",
        "failure_probability",
        0.0,
        1.0,
        "failure probability of error correction, all Bell states together",
        low_allowed=False,
    ),
)


def field_of(name: str, title: str) -> ParameterField:
    """Return the field of a probability strictly between 0 and 1."""
    return ParameterField(name, "probability", 0.0, 1.0, title, low_allowed=False)


PULSES = parameter("pulses", "pulse_count")
PULSES_FIELD = ParameterField(
    "pulses", "pulse_count", 0.0, 2.0**53, "pulse pairs sent", low_allowed=False, whole=True
)


def intensity_sets(*sources: Source) -> tuple[SetParameter, ...]:
    """Return the sets of intensities of all sources: modelled, any change within them allowed."""
    return tuple(
        SetParameter(
            name,
            MEAN,
            f"mean photon number {k} of source {source.name}, pulse by pulse",
            "worst-case coefficients of the linear programme; Wang et al., arXiv:0802.3177",
        )
        for source in sources
        for k, name in enumerate(source.arguments(MEAN), start=1)
    )


NOT_MODELLED = (
    SetParameter(
        "phase_visibility",
        "visibility",
        "interference between successive pulses of one source with random phases",
        "phase randomisation is assumed whole",
        ideal=0.0,
        side=Side.UPPER,
        modelled=False,
    ),
    SetParameter(
        "intensity_correlation",
        "power_ratio",
        "dependence of an intensity on earlier choices",
        "choices of intensity are assumed independent of earlier pulses",
        ideal=0.0,
        side=Side.UPPER,
        modelled=False,
    ),
    SetParameter(
        "state_preparation_error",
        "probability",
        "deviation of the prepared states from two conjugate bases",
        "states of a pulse with one photon are assumed to be those of two conjugate bases",
        ideal=0.0,
        side=Side.UPPER,
        modelled=False,
    ),
    SetParameter(
        "side_channel_photons",
        MEAN,
        "light that leaves a source and carries its choices (injected light, other modes)",
        "sources are assumed to leak nothing besides the pulse",
        ideal=0.0,
        side=Side.UPPER,
        modelled=False,
    ),
)
