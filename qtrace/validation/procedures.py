"""The visible table of procedures, and the run of a case through one of them.

Inside: `Procedure`, `PROCEDURES`, `CaseReport`, `Summary`, `run_case`, `check_case`, `summary_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from qtrace.errors import InputError, QtraceError
from qtrace.validation.case import Case, Figures
from qtrace.validation.decisions import (
    guard_band_factors,
    guard_bands,
    item_risk,
    population_risk,
    risk_table,
)
from qtrace.validation.detection import detection_limits, non_negative
from qtrace.validation.drawing import draws_of_network, joint_draws_of_network, region_factors
from qtrace.validation.given import CaseFileError, Given
from qtrace.validation.intervals import interval_models, interval_of_drift, interval_test
from qtrace.validation.judge import (
    Comparison,
    Verdict,
    check_printed,
    compare_figure,
    refused_figure,
)
from qtrace.validation.lines import fitted_curve
from qtrace.validation.links import end_of_key, metric_at, network_links, repeaterless_bound
from qtrace.validation.propagation import budget_of_network, second_order_of_model
from qtrace.validation.samples import (
    mean_of_sample,
    nested_groups,
    pooled_samples,
    serial_correlation,
)
from qtrace.validation.sampling import PARTS, Sampling
from qtrace.validation.sensing import (
    clock_instability,
    level_ratios,
    sensing_limits,
    squeezing_of_moments,
)
from qtrace.validation.stability import degrees_of_freedom, stability
from qtrace.validation.statements import (
    acceptance,
    assigned_quantity,
    conformance,
    coverage_factors,
    reliability,
    reported_result,
)
from qtrace.validation.swapping import phase_of_tone, swapped_pairs, werner_of_chsh
from qtrace.validation.teleportation import fidelity_claim, proportion, transfer
from qtrace.validation.timing import dead_time_counts, peak_bound, sagnac, white_points
from qtrace.validation.tomography import tomography_of_projectors, tomography_of_qubit

Procedure: TypeAlias = Callable[[Given, Sampling], Figures]

# Word in the data -> what evaluates the example: functions of the product that any result uses.
PROCEDURES: Mapping[str, Procedure] = MappingProxyType(
    {
        "assigned": assigned_quantity,
        "reliability": reliability,
        "mean": mean_of_sample,
        "serial": serial_correlation,
        "pooled": pooled_samples,
        "nested": nested_groups,
        "budget": budget_of_network,
        "second_order": second_order_of_model,
        "draws": draws_of_network,
        "joint_draws": joint_draws_of_network,
        "region_factors": region_factors,
        "coverage_factors": coverage_factors,
        "fit": fitted_curve,
        "reported": reported_result,
        "conformance": conformance,
        "acceptance": acceptance,
        "item_risk": item_risk,
        "population_risk": population_risk,
        "risk_table": risk_table,
        "guard_bands": guard_bands,
        "guard_band_factors": guard_band_factors,
        "interval_test": interval_test,
        "interval_models": interval_models,
        "interval_of_drift": interval_of_drift,
        "detection_limits": detection_limits,
        "non_negative": non_negative,
        "metric": metric_at,
        "end_of_key": end_of_key,
        "plob": repeaterless_bound,
        "tomography_qubit": tomography_of_qubit,
        "tomography_projectors": tomography_of_projectors,
        "network": network_links,
        "level_ratios": level_ratios,
        "squeezing": squeezing_of_moments,
        "clock_instability": clock_instability,
        "sensing_limits": sensing_limits,
        "stability": stability,
        "degrees_of_freedom": degrees_of_freedom,
        "peak_bound": peak_bound,
        "sagnac": sagnac,
        "white_points": white_points,
        "dead_time_counts": dead_time_counts,
        "werner_of_chsh": werner_of_chsh,
        "swapped_pairs": swapped_pairs,
        "phase_of_tone": phase_of_tone,
        "transfer": transfer,
        "fidelity_claim": fidelity_claim,
        "proportion": proportion,
    }
)
DRAWING = frozenset({"draws", "joint_draws"})
LEAST_DRAWS = 1000 * PARTS


@dataclass(frozen=True, slots=True)
class CaseReport:
    """One case with the comparison of each of its figures."""

    case: Case
    comparisons: tuple[Comparison, ...]

    @property
    def passed(self) -> bool:
        """Return whether nothing is left unexplained."""
        return all(one.passed for one in self.comparisons)


@dataclass(frozen=True, slots=True)
class Summary:
    """How many cases there are, and figures by verdict."""

    cases: int
    figures: int
    by_verdict: Mapping[str, int]

    @property
    def passed(self) -> bool:
        """Return whether no figure differs without an explanation."""
        return not self.by_verdict[Verdict.DIFF.value]


def check_case(case: Case) -> None:
    """Check what can be checked before a case is run.

    Raises:
        CaseFileError: an unknown procedure, draws where none are made or too few, no printed
            figure, one printed twice, or one that cannot be judged.
    """
    if case.procedure not in PROCEDURES:
        raise case.given.error(
            "",
            f"case {case.case_id} names the procedure {case.procedure!r}, which there is not",
            next_step=f"choose {', '.join(PROCEDURES)}",
        )
    if case.procedure in DRAWING and case.draws < LEAST_DRAWS:
        raise case.given.error(
            "", f"case {case.case_id} makes {case.draws} draws: {LEAST_DRAWS} are the least"
        )
    if case.procedure not in DRAWING and (case.draws or case.printed_draws):
        raise case.given.error("", f"case {case.case_id} states draws and makes none")
    names = [one.name for one in case.printed]
    if not names or len(set(names)) != len(names):
        raise case.given.error("", f"case {case.case_id} has no figure, or one given twice")
    for one in case.printed:
        try:
            check_printed(one)
        except InputError as error:
            what = f"case {case.case_id}: {error.what}"
            raise case.given.error("", what, next_step=error.next_step) from None


def run_case(case: Case) -> CaseReport:
    """Evaluate one example and compare each printed figure.

    What the product refuses is a difference; what is wrong in the data is an error.

    Raises:
        CaseFileError: the inputs of the case are wrong, or a figure is asked for that the
            procedure does not give.
    """
    check_case(case)
    try:
        found = PROCEDURES[case.procedure](case.given, Sampling(case.draws, case.seed))
    except CaseFileError:
        raise
    except (QtraceError, ArithmeticError) as error:
        what = error.what if isinstance(error, QtraceError) else str(error)
        return CaseReport(case, tuple(refused_figure(one, what) for one in case.printed))
    for one in case.printed:
        if one.name not in found:
            raise case.given.error(
                "",
                f"case {case.case_id} prints {one.name!r}, which {case.procedure} does not give",
                next_step=f"it gives {', '.join(sorted(found))}",
            )
    return CaseReport(
        case,
        tuple(
            compare_figure(one, found[one.name], draws=case.draws, printed_draws=case.printed_draws)
            for one in case.printed
        ),
    )


def summary_of(reports: Iterable[CaseReport]) -> Summary:
    """Count cases, figures and verdicts."""
    kept = list(reports)
    counts = dict.fromkeys((verdict.value for verdict in Verdict), 0)
    for report in kept:
        for one in report.comparisons:
            counts[one.verdict.value] += 1
    return Summary(len(kept), sum(counts.values()), counts)
