"""Bell data that quantum theory does not allow: CHSH values above the Tsirelson limit.

Inside: `impossible_bell_data`, `beyond_range`.
Counts scatter, so that S may lie above 2 sqrt 2 by chance; beyond what chance allows the data are
wrong (relabelled outcomes, lost trials, a signal between the sides) and nothing follows from them.
Source: Tsirelson (Cirel'son), Lett. Math. Phys. 4, 93 (1980); Hoeffding, J. Am. Stat. Assoc. 58,
13 (1963), Theorem 2.
"""

from __future__ import annotations

import math

from qtrace.laboratory.figure_flags import IMPOSSIBLE
from qtrace.laboratory.link import Run
from qtrace.metrics.entangled.chsh import CHSH
from qtrace.metrics.entangled.chsh_arguments import all_outcomes, clicked_outcomes
from qtrace.metrics.entangled.chsh_complete import CHSH_COMPLETE
from qtrace.metrics.metric import Metric
from qtrace.physics.entangled.chsh import CONTRADICTION, PAIRS, TSIRELSON_LIMIT, chsh_value
from qtrace.quantity.kinds import kind

WERNER = "_werner"  # how the ids of figures end that a Werner state of that S would show


def impossible_bell_data(run: Run) -> tuple[str, ...]:
    """Return the flag of counts whose S no quantum state gives; none for other protocols.

    Given the settings, S is a sum of independent outcomes, each of which moves it by 2 / n of its
    pair: a value of t above the limit has a probability of exp(-t^2 / (2 sum of 1 / n)) at most.
    Below 1e-6 it is no chance any more.

    Args:
        run: A run with counts of the four pairs of settings.

    Source: Hoeffding (1963), Theorem 2; Tsirelson (1980).
    """
    if run.protocol not in (CHSH.name, CHSH_COMPLETE.name):
        return ()
    outcomes = all_outcomes if run.protocol == CHSH_COMPLETE.name else clicked_outcomes
    pairs = [outcomes(run.counts, row) for row in PAIRS]
    if not all(one.total for one in pairs):
        return ()
    found = float(chsh_value(pairs))
    excess = max(found - TSIRELSON_LIMIT, 0.0)
    chance = math.exp(-(excess**2) / (2.0 * sum(1.0 / float(one.total) for one in pairs)))
    if chance >= CONTRADICTION:
        return ()
    return (
        f"{IMPOSSIBLE}: S = {found:.4g} is above 2 sqrt 2, by chance with a probability below "
        f"{CONTRADICTION:g}: outcomes relabelled or selected, or a signal; no key",
    )


def beyond_range(metric: Metric, value: float) -> str:
    """Return why a figure of a Werner state is none, or nothing where it can be.

    Args:
        metric: The metric.
        value: Its value, in the unit of its kind.

    Source: a Werner state has a visibility of 1 at most; the limits of each kind.
    """
    if not metric.metric_id.endswith(WERNER):
        return ""
    of = kind(metric.result_kind)
    low = -math.inf if of.lower is None else of.lower
    high = math.inf if of.upper is None else of.upper
    if low <= value <= high:
        return ""
    return (
        f"{value:.6g} is no {of.title}, which lies between {low:g} and {high:g}: no Werner state "
        "has an S above 2 sqrt 2"
    )
