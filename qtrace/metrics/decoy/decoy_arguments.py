"""What the decoy-state protocols share: their table, arguments, assumptions and small figures.

Inside: `count_table`, `cell_arguments`, `source_arguments`, `set_arguments`, `LEAK`, `EPSILONS`,
`keyword_function`, `basis_counts`, `intensities_of`, `intensity_set`, `UNMODELLED`,
`EPSILON_FIELDS`, `LEAK_FIELDS`, `PULSES_FIELD`, `error_rate_metrics`, `epsilon_metric`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from qtrace.metrics.metric import ArgumentSource, Metric, MetricArgument, MetricFunction
from qtrace.metrics.protocol import CountTable, ParameterField, SetParameter, Side, TableKey
from qtrace.physics.decoy.decoy_source import LARGEST_COUNT, BasisCounts, Intensities, error_rate_of

Number = float | NDArray[np.float64]
Values = Mapping[str, Number]

COUNTS_ONLY = "none: counts in, bits out"
BY_SOURCE = "mean photon numbers of the source"
BY_SET = "mean photon numbers of the source, through the declared set"
ROLE = "source"


def count_table(intensities: int) -> CountTable:
    """Return the table of a protocol with two bases and that many intensities."""
    rows = tuple(str(k) for k in range(1, intensities + 1))
    return CountTable((TableKey("basis", ("key", "test")), TableKey("intensity", rows)))


def cell_arguments(table: CountTable, *, basis: str = "") -> tuple[MetricArgument, ...]:
    """Return the cells of a table as arguments, of one basis where it is named."""
    return tuple(
        MetricArgument(
            name,
            "error_count" if name.startswith("errors") else "agreement_count",
            ArgumentSource.COUNTS,
        )
        for name in table.names()
        if not basis or f"_{basis}_" in name
    )


def source_arguments(intensities: int) -> tuple[MetricArgument, ...]:
    """Return calibrated mean photon numbers and declared probabilities."""
    return (
        *(
            MetricArgument(
                f"mean_photon_number_{k}",
                "mean_photon_number",
                ArgumentSource.CALIBRATION,
                ROLE,
                conditions=(("intensity", str(k)),),
            )
            for k in range(1, intensities + 1)
        ),
        *probability_arguments(intensities),
    )


def probability_arguments(intensities: int) -> tuple[MetricArgument, ...]:
    """Return the declared probabilities of the intensities."""
    return tuple(
        MetricArgument(f"probability_{k}", "probability", ArgumentSource.PARAMETER)
        for k in range(1, intensities + 1)
    )


def set_arguments(parameters: Iterable[SetParameter]) -> tuple[MetricArgument, ...]:
    """Return the edges of the set as arguments of a certified figure."""
    return tuple(
        MetricArgument(name, one.kind, ArgumentSource.PARAMETER)
        for one in parameters
        for name in one.arguments()
    )


LEAK = (
    MetricArgument("leak", "leak", ArgumentSource.PARAMETER, default=0.0),
    MetricArgument(
        "error_correction_efficiency",
        "error_correction_efficiency",
        ArgumentSource.PARAMETER,
        default=0.0,
    ),
)
EPSILONS = tuple(
    MetricArgument(f"epsilon_{name}", "failure_probability", ArgumentSource.PARAMETER)
    for name in ("secrecy", "correctness")
)
EPSILON_FIELDS = tuple(
    ParameterField(
        f"epsilon_{name}",
        "failure_probability",
        0.0,
        1.0,
        f"failure probability of {what}, of one block",
        low_allowed=False,
    )
    for name, what in (("secrecy", "secrecy"), ("correctness", "correctness"))
)
LEAK_FIELDS = (
    ParameterField(
        "leak",
        "leak",
        0.0,
        LARGEST_COUNT,
        "bits told in error correction, measured",
        low_allowed=False,
    ),
    ParameterField(
        "error_correction_efficiency",
        "error_correction_efficiency",
        1.0,
        10.0,
        "leak over its Shannon limit, where the leak was not measured",
    ),
)
LEAK_CHOICE = ("leak", "error_correction_efficiency")


def keyword_function(
    arguments: tuple[MetricArgument, ...], body: Callable[[Values], Number], *, says: str
) -> MetricFunction:
    """Return a function that takes exactly these arguments by keyword, and says so.

    Args:
        arguments: Names and defaults.
        body: Takes all values by name.
        says: Docstring.
    """
    signature = inspect.Signature(
        [
            inspect.Parameter(
                one.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if one.default is None else one.default,
            )
            for one in arguments
        ]
    )

    def function(**given: Number) -> Number:
        bound = signature.bind(**given)
        bound.apply_defaults()
        return body(bound.arguments)

    function.__doc__ = says
    function.__dict__["__signature__"] = signature
    return function


def basis_counts(values: Values, basis: str, *, intensities: int) -> BasisCounts:
    """Return the counts of one basis from the arguments of a metric."""
    rows = range(1, intensities + 1)
    return BasisCounts(
        tuple(values[f"errors_{basis}_{k}"] for k in rows),
        tuple(values[f"agreements_{basis}_{k}"] for k in rows),
    )


def intensities_of(values: Values, *, intensities: int) -> Intensities:
    """Return mean photon numbers and probabilities from the arguments of a metric."""
    rows = range(1, intensities + 1)
    return Intensities(
        tuple(values[f"mean_photon_number_{k}"] for k in rows),
        tuple(values[f"probability_{k}"] for k in rows),
    )


def intensity_set(intensities: int) -> tuple[SetParameter, ...]:
    """Return the intervals of the mean photon numbers as parameters of a set."""
    return tuple(
        SetParameter(
            f"mean_photon_number_{k}",
            "mean_photon_number",
            f"mean photon number of intensity {k}, the same in every round",
            "constant but unknown in the interval: minimum of the bound over it, as searched",
        )
        for k in range(1, intensities + 1)
    )


# What none of these proofs has a term for: zero, with an argument, or nothing is proven.
UNMODELLED = (
    SetParameter(
        "detection_efficiency_mismatch",
        "efficiency_mismatch",
        "largest difference of detection efficiency between outcomes or bases, in any mode",
        "Lim et al. (2014), section V: detection must not depend on the basis",
        ideal=0.0,
        side=Side.UPPER,
        modelled=False,
    ),
    SetParameter(
        "phase_randomization",
        "visibility",
        "visibility of interference between pulses; 0 where phases are fully random",
        "Lim et al. (2014), section II: phase-randomized pulses",
        ideal=0.0,
        side=Side.UPPER,
        modelled=False,
    ),
    SetParameter(
        "intensity_correlation",
        "intensity_correlation",
        "largest relative change of an intensity by the settings of the pulses before it",
        "Lim et al. (2014), section II: intensities are set independently",
        ideal=0.0,
        side=Side.UPPER,
        modelled=False,
    ),
)


def error_rate_metrics(protocol: str, table: CountTable) -> tuple[Metric, ...]:
    """Return the error rates of the key basis and of the test basis, over all intensities."""
    number = len(table.keys[1].values)
    metrics = []
    for basis in ("key", "test"):
        arguments = cell_arguments(table, basis=basis)

        def rate(values: Values, basis: str = basis) -> Number:
            return error_rate_of(basis_counts(values, basis, intensities=number))

        metrics.append(
            Metric(
                metric_id=f"qkd.{protocol}.qber_{basis}",
                version="1",
                title=f"quantum bit error rate of the {basis} basis, all intensities",
                result_kind="qber",
                unit="1",
                arguments=arguments,
                function=keyword_function(
                    arguments, rate, says=f"Return the error rate of the {basis} basis."
                ),
                influenced_by=COUNTS_ONLY,
                source="errors over sifted counts; exact interval: Clopper and Pearson (1934)",
            )
        )
    return tuple(metrics)


def epsilon_metric(protocol: str) -> Metric:
    """Return the sum of the declared failure probabilities of one block."""
    return Metric(
        metric_id=f"qkd.{protocol}.epsilon_total",
        version="1",
        title="sum of the declared failure probabilities of one block",
        result_kind="failure_probability",
        unit="1",
        arguments=EPSILONS,
        function=keyword_function(
            EPSILONS,
            lambda values: values["epsilon_secrecy"] + values["epsilon_correctness"],
            says="Return eps_sec + eps_cor.",
        ),
        influenced_by=COUNTS_ONLY,
        source="Lim et al. (2014), section III: the protocol is eps_cor + eps_sec secure",
    )
