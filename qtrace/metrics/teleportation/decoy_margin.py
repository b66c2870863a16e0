"""How far a lower bound from decoys lies above what rivals reach, and at which risk.

Inside: `margin_metrics`, `MARGIN_KIND`.
The bound is one of single photons already, so that no pulse of more photons is left to a rival. It
fails with `epsilon_decoy`: a bound that lies above 2/3 is a test of that size, and its p-value is
that probability; a bound that does not is no evidence, and its p-value 1.
Source: Massar and Popescu, PRL 74, 1259 (1995), for 2/3; Bruss et al., PRA 57, 2368
(1998), for 5/6 [values from memory].
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from qtrace.metrics.keyword_function import Given, Number
from qtrace.metrics.metric import Metric, MetricArgument
from qtrace.metrics.teleportation.count_metrics import state_metric
from qtrace.physics.states.classical_bounds import classical_bound, no_cloning_bound

SET = "six_states"
MARGIN_KIND = "fidelity_margin_bound"
EPSILON = "epsilon_decoy"


def _above(given: Given, *, lower: Callable[[Given], Number], bound: float) -> Number:
    """Return the lower bound less the most of a rival."""
    return lower(given) - bound


def _p_value(given: Given, *, lower: Callable[[Given], Number], bound: float) -> Number:
    """Return the failure probability of a bound that shows it, 1 where it does not.

    Source: P(bound > 2/3) is at most epsilon where the fidelity is at most 2/3.
    """
    shown = np.asarray(lower(given)) > bound
    found: Number = np.where(shown, given[EPSILON], 1.0)[()]
    return found


def margin_metrics(
    name: str,
    *,
    lower: Callable[[Given], Number],
    arguments: tuple[MetricArgument, ...],
    source: str,
    influenced_by: str,
) -> tuple[Metric, ...]:
    """Return what a lower bound of the mean over six states says against rivals.

    Args:
        name: Protocol.
        lower: The bound, from the arguments by name.
        arguments: What it takes, `epsilon_decoy` among it.
        source: Of the bound.
        influenced_by: Calibrations that move it.
    """
    classical, cloning = classical_bound(SET), no_cloning_bound(SET)
    rivals = (
        ("margin_classical", f"the classical bound {classical:.4f}", classical),
        ("margin_no_cloning", f"the bound of cloning {cloning:.4f}", cloning),
        (
            "single_photon_margin",
            f"the classical bound {classical:.4f}: single photons alone are in it",
            classical,
        ),
    )
    margins = tuple(
        state_metric(
            f"{name}.{figure}",
            f"lower bound of the mean fidelity above {title}",
            (MARGIN_KIND, "1"),
            arguments=arguments,
            figure=partial(_above, lower=lower, bound=most),
            influenced_by=influenced_by,
            source=source,
        )
        for figure, title, most in rivals
    )
    p_value = state_metric(
        f"{name}.p_value_classical",
        f"p-value against {classical:.4f}: epsilon_decoy where the bound lies above it, else 1",
        ("p_value", "1"),
        arguments=arguments,
        figure=partial(_p_value, lower=lower, bound=classical),
        influenced_by=influenced_by,
        source=source,
        interval=(None, "none: a p-value is itself the statement on scatter"),
    )
    return (*margins, p_value)
