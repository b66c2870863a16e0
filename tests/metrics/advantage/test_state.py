"""A figure against a baseline: every route, its edges, and what is refused.

Anchors: normal and t quantiles and binomial tails from scipy.stats, which the code does not use.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qtrace.errors import InputError
from qtrace.laboratory.baseline import Baseline
from qtrace.metrics.advantage.compared import ComparedFigure, Difference
from qtrace.metrics.advantage.state import state_advantage
from qtrace.metrics.advantage.statement import Standing
from qtrace.physics.proportions import Interval, clopper_pearson
from qtrace.physics.states.mean_fidelity import fidelity_interval, mean_p_value

EXACT = 1e-12  # the same closed form in another library
BISECTED = 2e-3  # relative, of the error probability: where the search stops
AT = (("averaging_time", "100 s"),)
TDEV = Baseline(
    "B",
    "timing.time_deviation",
    "time_deviation",
    5e-12,
    0.5e-12,
    "lower",
    "t",
    "s",
    "declared",
    AT,
)
FIDELITY = Baseline(
    "F",
    "teleportation.average_fidelity",
    "average_fidelity",
    2.0 / 3.0,
    0.0,
    "higher",
    "t",
    "s",
    "computed",
    (("protocol", "teleport_six_state"),),
)
SIX = (("protocol", "teleport_six_state"),)


def tdev(value: float, u: float | None, **changes: object) -> ComparedFigure:
    figure = ComparedFigure("timing.time_deviation", "time_deviation", value, u, AT)
    return replace(figure, **changes)  # type: ignore[arg-type]


def fidelity(value: float, u: float | None = None, **changes: object) -> ComparedFigure:
    figure = ComparedFigure("teleportation.average_fidelity", "average_fidelity", value, u, SIX)
    return replace(figure, **changes)  # type: ignore[arg-type]


def test_the_probability_is_that_of_the_difference() -> None:
    found = state_advantage(tdev(4e-12, 0.3e-12), TDEV)
    u = math.hypot(0.3, 0.5)
    assert found.probability == pytest.approx(stats.norm.cdf(1.0 / u), rel=EXACT)
    assert found.standing is Standing.BETTER
    assert found.difference == pytest.approx(-1e-12)
    assert found.ratio == pytest.approx(0.8)
    assert not found.post_hoc


def test_better_begins_at_the_confidence_and_worse_ends_at_its_rest() -> None:
    edge = stats.norm.ppf(0.95) * math.hypot(0.3, 0.5) * 1e-12
    for off, standing in (
        (-1.0001 * edge, Standing.BETTER),
        (-0.9999 * edge, Standing.NOT_SHOWN),
        (0.9999 * edge, Standing.NOT_SHOWN),
        (1.0001 * edge, Standing.WORSE),
    ):
        assert state_advantage(tdev(5e-12 + off, 0.3e-12), TDEV).standing is standing


def test_few_degrees_of_freedom_give_t() -> None:
    found = state_advantage(
        tdev(4e-12, 0.5e-12, degrees_of_freedom=3.0), replace(TDEV, standard_uncertainty=0.0)
    )
    assert found.probability == pytest.approx(stats.t.cdf(2.0, 3.0), rel=1e-9)
    assert found.standing is Standing.NOT_SHOWN
    # u of the baseline has none to lack: Welch-Satterthwaite, 3 (u / 0.5)^4.
    both = state_advantage(tdev(4e-12, 0.5e-12, degrees_of_freedom=3.0), TDEV)
    assert both.probability == pytest.approx(stats.t.cdf(math.sqrt(2.0), 12.0), rel=1e-9)


@pytest.mark.parametrize("u", [None, 0.5e-12])
def test_an_absent_uncertainty_is_never_zero(u: float | None) -> None:
    figure = tdev(1e-15, u)
    baseline = replace(TDEV, standard_uncertainty=0.5e-12 if u is None else None)
    found = state_advantage(figure, baseline)
    assert found.standing is Standing.NOT_SHOWN
    assert found.probability is None
    assert "none is taken as zero" in found.reason


def test_what_is_exact_is_better_or_worse_for_certain_and_says_so() -> None:
    exact = replace(TDEV, standard_uncertainty=0.0)
    for value, standing, probability in (
        (4e-12, Standing.BETTER, 1.0),
        (6e-12, Standing.WORSE, 0.0),
        (5e-12, Standing.NOT_SHOWN, None),
    ):
        found = state_advantage(tdev(value, 0.0), exact)
        assert (found.standing, found.probability) == (standing, probability)
        assert "exact" in found.reason


def test_a_known_error_is_taken_off_before_the_probability() -> None:
    found = state_advantage(tdev(4e-12, 0.3e-12, known_bias=-1e-12), TDEV)
    assert found.probability == pytest.approx(0.5)
    assert found.difference == pytest.approx(-1e-12), "the value stays as it was stated"
    assert "known error" in found.reason
    ends = tdev(4e-12, None, ends=lambda p: Interval(3.9e-12, 4.1e-12, p))
    level = replace(TDEV, standard_uncertainty=0.0)
    assert state_advantage(ends, level).standing is Standing.BETTER
    biased = replace(ends, known_bias=1e-12)
    assert state_advantage(biased, level).standing is Standing.NOT_SHOWN


def test_counts_decide_by_the_one_sided_end() -> None:
    """As a test of significance: the error probability is the binomial tail."""
    for successes, standing in (
        (8, Standing.NOT_SHOWN),
        (15, Standing.BETTER),
        (2, Standing.WORSE),
    ):
        trials = 16
        found = state_advantage(
            fidelity(
                successes / trials,
                ends=lambda p, k=successes: clopper_pearson(k, 16, probability=p),  # type: ignore[misc]
            ),
            FIDELITY,
        )
        assert found.standing is standing
        above = stats.binom.sf(successes - 1, trials, 2.0 / 3.0)
        below = stats.binom.cdf(successes, trials, 2.0 / 3.0)
        expected = 1.0 - above if above < 0.5 else below
        wrong = min(expected, 1.0 - expected)
        assert found.probability is not None
        assert min(found.probability, 1.0 - found.probability) == pytest.approx(wrong, rel=BISECTED)


def test_beside_an_exact_interval_the_error_is_divided() -> None:
    def ends(probability: float) -> Interval:
        return Interval(0.7 - (probability - 0.9) / 10.0, 0.9, probability)

    level = replace(FIDELITY, standard_uncertainty=1e-3)
    # Half of 5 % one-sided is 95 % two-sided: 0.695 against 2/3 + 1.96 mu.
    assert state_advantage(fidelity(0.8, ends=ends), level).standing is Standing.BETTER
    wide = replace(FIDELITY, standard_uncertainty=(0.695 - 2.0 / 3.0) / 1.95)
    assert state_advantage(fidelity(0.8, ends=ends), wide).standing is Standing.NOT_SHOWN


def test_a_stored_interval_speaks_as_far_as_it_reaches() -> None:
    stored = Interval(3e-12, 4e-12, 0.95)
    exact = replace(TDEV, standard_uncertainty=0.0)
    for confidence, standing in ((0.95, Standing.BETTER), (0.975, Standing.BETTER)):
        found = state_advantage(tdev(3.5e-12, None, stored=stored), exact, confidence=confidence)
        assert found.standing is standing
    found = state_advantage(tdev(3.5e-12, None, stored=stored), exact, confidence=0.99)
    assert found.standing is Standing.NOT_SHOWN
    assert found.probability is None
    assert "does not reach" in found.reason
    assert (
        state_advantage(tdev(6.5e-12, None, stored=Interval(6e-12, 7e-12, 0.95)), exact).standing
        is Standing.WORSE
    )
    inside = state_advantage(tdev(5e-12, None, stored=Interval(4e-12, 6e-12, 0.95)), exact)
    assert (inside.standing, inside.probability) == (Standing.NOT_SHOWN, None)


def test_a_limit_shows_what_lies_beyond_it_and_nothing_else() -> None:
    bound = fidelity(0.75, form="lower_limit")
    found = state_advantage(bound, FIDELITY)
    assert (found.standing, found.probability) == (Standing.BETTER, None)
    assert "limit itself" in found.reason
    below = state_advantage(fidelity(0.6, form="lower_limit"), FIDELITY)
    assert below.standing is Standing.NOT_SHOWN, "a low bound is not a low fidelity"
    certain = fidelity(0.6, 0.001, form="lower_limit")
    assert state_advantage(certain, FIDELITY).standing is Standing.NOT_SHOWN
    wrong_way = replace(FIDELITY, better="lower")
    assert state_advantage(bound, wrong_way).standing is Standing.WORSE
    one_sided = fidelity(0.7, form="lower_limit", stored=Interval(0.7, 1.0, 0.95))
    assert state_advantage(one_sided, FIDELITY).standing is Standing.BETTER
    assert state_advantage(one_sided, FIDELITY, confidence=0.96).standing is Standing.NOT_SHOWN


def test_of_an_offset_its_uncertainty_is_compared() -> None:
    offset = Baseline(
        "O", "timing.clock_offset", "time_scale_difference", 112e-12, 0.0, "lower", "t", "s",
        "published", compares="uncertainty",
    )  # fmt: skip
    known = ComparedFigure(
        "timing.clock_offset", "time_scale_difference", 3.2e-3, 9e-12, degrees_of_freedom=20.0
    )
    found = state_advantage(known, offset)
    assert found.standing is Standing.BETTER
    assert found.difference == pytest.approx(-103e-12)
    near = replace(known, standard_uncertainty=100e-12)
    # s^2 / sigma^2 ~ chi2(20) / 20: the upper one-sided end is 100 sqrt(20 / 10.85) = 135.8.
    assert state_advantage(near, offset).standing is Standing.NOT_SHOWN
    stated = replace(near, degrees_of_freedom=math.inf)
    assert state_advantage(stated, offset).standing is Standing.BETTER
    assert state_advantage(replace(stated, known_bias=-20e-12), offset).standing is Standing.WORSE
    absent = state_advantage(replace(known, standard_uncertainty=None), offset)
    assert (absent.standing, absent.difference) == (Standing.NOT_SHOWN, None)


def test_of_an_error_the_size_is_compared() -> None:
    error = replace(TDEV, compares="magnitude", standard_uncertainty=0.0)
    found = state_advantage(tdev(-4e-12, 0.5e-12), error)
    expected = stats.norm.cdf(5.0, -4.0, 0.5) - stats.norm.cdf(-5.0, -4.0, 0.5)
    assert found.probability == pytest.approx(expected, rel=EXACT)
    assert found.difference == pytest.approx(-1e-12)
    assert state_advantage(tdev(-9e-12, 0.5e-12), error).standing is Standing.WORSE


def test_what_both_share_cancels() -> None:
    chain = Difference(-1e-12, 0.1e-12, math.inf, 1.5e-12)
    figure = tdev(4e-12, 1.06e-12)
    level = replace(TDEV, standard_uncertainty=1.06e-12)
    assert state_advantage(figure, level).standing is Standing.NOT_SHOWN
    found = state_advantage(figure, level, difference=chain)
    assert found.standing is Standing.BETTER
    assert "independent it would be 1.5e-12" in found.reason
    nothing = Difference(0.0, 0.0, math.inf, 1.5e-12)
    same = state_advantage(figure, level, difference=nothing)
    assert (same.standing, same.probability) == (Standing.NOT_SHOWN, None)
    assert "shared" in same.reason


def test_a_figure_that_cannot_be_relied_on_shows_nothing() -> None:
    found = state_advantage(tdev(1e-15, 1e-16, unusable="aborted run"), TDEV, post_hoc=True)
    assert found.standing is Standing.NOT_SHOWN
    assert "aborted run" in found.reason
    assert found.post_hoc
    assert "post hoc" in found.reason


@pytest.mark.parametrize("confidence", [0.5, 1.0, 0.0, -1.0, math.nan])
def test_no_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(InputError, match="confidence"):
        state_advantage(tdev(4e-12, 1e-13), TDEV, confidence=confidence)


@pytest.mark.parametrize(
    ("figure", "baseline", "named"),
    [
        (tdev(4e-12, 1e-13, conditions=(("averaging_time", "10 s"),)), TDEV, "averaging_time"),
        (tdev(4e-12, 1e-13, conditions=()), TDEV, "averaging_time"),
        (tdev(4e-12, 1e-13), replace(TDEV, conditions=()), "averaging_time"),
        (tdev(4e-12, 1e-13, kind="allan_deviation"), TDEV, "kind"),
        (tdev(4e-12, 1e-13, item="timing.x"), TDEV, "item"),
        (tdev(4e-12, 1e-13), replace(TDEV, kind="", value=None), "categorical"),
        (fidelity(0.8, 0.01, conditions=(("protocol", "x"),)), FIDELITY, "protocol"),
        (fidelity(0.8, 0.01), replace(FIDELITY, conditions=()), "protocol"),
    ],
)
def test_what_is_not_the_same_is_refused_by_name(
    figure: ComparedFigure, baseline: Baseline, named: str
) -> None:
    with pytest.raises(InputError, match=named):
        state_advantage(figure, baseline)


@pytest.mark.parametrize("written", ["100 s", "100000 ms", "0.02777777778 hour", "50 s .. 200 s"])
def test_conditions_are_compared_as_quantities(written: str) -> None:
    baseline = replace(TDEV, conditions=(("averaging_time", written),))
    assert state_advantage(tdev(1e-12, 1e-13), baseline).standing is Standing.BETTER


@given(
    value=st.floats(1e-13, 1e-10), u=st.floats(1e-14, 1e-11), u_level=st.floats(0.0, 1e-11),
    dof=st.one_of(st.just(math.inf), st.floats(1.0, 200.0)),
)  # fmt: skip
def test_turning_the_direction_round_turns_the_standing(
    value: float, u: float, u_level: float, dof: float
) -> None:
    figure = tdev(value, u, degrees_of_freedom=dof)
    lower = state_advantage(figure, replace(TDEV, standard_uncertainty=u_level))
    higher = state_advantage(figure, replace(TDEV, standard_uncertainty=u_level, better="higher"))
    assert lower.probability is not None
    assert higher.probability is not None
    assert lower.probability + higher.probability == pytest.approx(1.0, abs=1e-12)
    turned = {Standing.BETTER: Standing.WORSE, Standing.WORSE: Standing.BETTER}
    assert higher.standing is turned.get(lower.standing, Standing.NOT_SHOWN)
    assert (lower.standing is Standing.BETTER) == (lower.probability >= 0.95)


MOST_INTERVALS = 12  # an exact interval of unequal trials costs 0.2 s


@pytest.mark.parametrize("u", [0.0, 0.01])
@pytest.mark.parametrize(("k", "n"), [(80, 100), (70, 100), (10, 10), (722, 1000), (7000, 10_000)])
def test_few_intervals_are_asked_for_and_the_error_is_never_too_small(
    k: int, n: int, u: float
) -> None:
    asked = []

    def ends(probability: float) -> Interval:
        asked.append(probability)
        return clopper_pearson(k, n, probability=probability)

    baseline = replace(FIDELITY, standard_uncertainty=u)
    found = state_advantage(fidelity(k / n, ends=ends), baseline)
    assert len(asked) <= MOST_INTERVALS
    assert found.probability is not None
    if u == 0.0:
        exact = stats.binom.sf(k - 1, n, 2.0 / 3.0)
        error = 1.0 - found.probability
        assert exact * (1.0 - EXACT) <= error <= max(1.1e-9, exact * (1.0 + BISECTED))


def test_the_interval_of_an_average_fidelity_reaches_any_probability_asked_for() -> None:
    k, n = (122, 120, 121, 123, 118, 125), (152, 151, 152, 152, 150, 154)

    def ends(probability: float) -> Interval:
        return fidelity_interval(k, n, probability=probability)

    seen = sum(a / b for a, b in zip(k, n, strict=True)) / 6.0
    better = state_advantage(fidelity(seen, ends=ends), FIDELITY)
    assert better.standing is Standing.BETTER
    unsure = state_advantage(fidelity(seen, ends=ends), replace(FIDELITY, value=0.79))
    assert unsure.standing is Standing.NOT_SHOWN
    tail = mean_p_value(k, n, bound=0.79)
    # The grid of the interval is not that of the p-value, and both err outwards.
    assert 1.0 - (unsure.probability or 0.0) == pytest.approx(tail, rel=0.05)
