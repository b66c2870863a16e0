"""How an attribute stands follows from its rows; absence of evidence never passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from qtrace.certification.evidence import ResultStatement
from qtrace.certification.key_report import CertifiedFigure, KeyReport
from qtrace.certification.profile_rows import NO_BASELINE, ProfileRow
from qtrace.certification.profile_security import security_statement
from qtrace.certification.profile_standing import (
    AttributeStanding,
    standing_of_chains,
    standing_of_figures,
    standing_of_security,
)
from qtrace.laboratory.link import Link, RoleUse, Run
from qtrace.metrics.advantage.compared import ComparedFigure
from qtrace.metrics.advantage.state import state_advantage
from qtrace.metrics.advantage.statement import Advantage, Baseline, Standing
from qtrace.metrics.attributes import Attribute, bearings_of

BASELINE = Baseline(
    "B-TDEV", "timing.time_deviation", "time_deviation", 1e-9, 1e-11, "lower",
    "White Rabbit over this fibre", "made up", "declared",
)  # fmt: skip


def advantage(standing: Standing, *, post_hoc: bool = False) -> Advantage:
    p = {Standing.BETTER: 0.99, Standing.WORSE: 0.01}.get(standing, 0.6)
    return Advantage(BASELINE, standing, 0.95, p, -1e-9, 0.01, "u of both", post_hoc)


def row(
    kind: str = "time_deviation",
    *,
    advantages: tuple[Advantage, ...] = (),
    breaks: tuple[str, ...] = (),
    doubts: tuple[str, ...] = (),
) -> ProfileRow:
    statement = ResultStatement(
        1, f"R/recomputation/{kind}", kind, (), 1e-11, "s", 1e-12, 2e-12, 2.0, 0.95, 100.0, "t",
        1e-12,
    )  # fmt: skip
    return ProfileRow(
        kind, kind, (), statement, bearings_of(kind), not breaks, breaks, ("counting",), "", (),
        doubts, advantages, "" if advantages else NO_BASELINE,
    )  # fmt: skip


STA, SYN = Attribute.STABILITY, Attribute.SYNCHRONIZATION


def test_without_a_figure_it_is_not_measured() -> None:
    assert standing_of_figures(STA, [])[0] is AttributeStanding.NOT_MEASURED


def test_conditions_alone_are_no_figure() -> None:
    found, reason = standing_of_figures(SYN, [row("delay_asymmetry")])
    assert found is AttributeStanding.NOT_MEASURED
    assert "only what it rests on" in reason


def test_without_a_baseline_nothing_is_shown() -> None:
    assert standing_of_figures(STA, [row()]) == (AttributeStanding.NOT_SHOWN, NO_BASELINE)


@pytest.mark.parametrize(
    ("standings", "expected"),
    [
        ((Standing.BETTER,), AttributeStanding.IMPROVED),
        ((Standing.BETTER, Standing.NOT_SHOWN), AttributeStanding.IMPROVED),
        ((Standing.NOT_SHOWN,), AttributeStanding.NOT_SHOWN),
        ((Standing.WORSE,), AttributeStanding.WORSE),
        # What is worse anywhere is said first.
        ((Standing.BETTER, Standing.WORSE), AttributeStanding.WORSE),
    ],
)
def test_standing_against_baselines(
    standings: tuple[Standing, ...], expected: AttributeStanding
) -> None:
    rows = [row(advantages=(advantage(one),)) for one in standings]
    assert standing_of_figures(STA, rows)[0] is expected


def test_of_several_comparisons_each_needs_its_share_of_the_error() -> None:
    """At 95 % and five comparisons 0.99 is asked of each: 1 - 0.05 / 5."""
    for probability, others, expected in (
        (0.96, 0, AttributeStanding.IMPROVED),
        (0.96, 1, AttributeStanding.NOT_SHOWN),
        (0.991, 4, AttributeStanding.IMPROVED),
        (0.989, 4, AttributeStanding.NOT_SHOWN),
        (None, 1, AttributeStanding.NOT_SHOWN),
    ):
        won = replace(advantage(Standing.BETTER), probability=probability)
        rows = [row(advantages=(won,))]
        rows += [row(advantages=(advantage(Standing.NOT_SHOWN),))] * others
        found, reason = standing_of_figures(STA, rows)
        assert found is expected, reason
        if expected is AttributeStanding.NOT_SHOWN:
            assert "comparisons each needs" in reason


def test_equal_figures_are_seldom_called_improved() -> None:
    """Twelve normal figures at equality: without the share of the error it was 24 %."""
    rng = np.random.default_rng(3)
    base = Baseline("B", "x.y", "time_deviation", 0.0, 0.0, "lower", "t", "s", "declared",
                    (("averaging_time", "1 s"),))  # fmt: skip
    runs = 500
    improved = 0
    for _ in range(runs):
        said = [
            state_advantage(
                ComparedFigure("x.y", "time_deviation", float(one), 1.0, base.conditions), base
            )
            for one in rng.normal(0.0, 1.0, 12)
        ]
        # One that is worse hides what is better; without it all that is better would count.
        kept = (replace(one, standing=Standing.NOT_SHOWN) if one.standing is Standing.WORSE else one
                for one in said)  # fmt: skip
        rows = [row(advantages=(one,)) for one in kept]
        improved += standing_of_figures(STA, rows)[0] is AttributeStanding.IMPROVED
    assert improved / runs <= 0.05 + 4.0 * (0.05 * 0.95 / runs) ** 0.5


def test_a_baseline_declared_afterwards_earns_nothing() -> None:
    rows = [row(advantages=(advantage(Standing.BETTER, post_hoc=True),))]
    found, reason = standing_of_figures(STA, rows)
    assert found is AttributeStanding.NOT_SHOWN
    assert "declared after the run" in reason


def test_a_disqualified_figure_earns_nothing() -> None:
    rows = [row(advantages=(advantage(Standing.BETTER),), doubts=("aborted run",))]
    assert standing_of_figures(STA, rows)[0] is AttributeStanding.NOT_SHOWN


def test_a_broken_chain_takes_the_ground_from_u_of_a_difference_of_clocks() -> None:
    better, broken = (advantage(Standing.BETTER),), ("FIBRE: no calibration",)
    clocks = row("time_scale_difference", advantages=better, breaks=broken)
    found, reason = standing_of_figures(SYN, [clocks])
    assert found is AttributeStanding.NOT_SHOWN
    assert "FIBRE: no calibration" in reason
    whole = row("time_scale_difference", advantages=better)
    assert standing_of_figures(SYN, [clocks, whole])[0] is AttributeStanding.IMPROVED
    # A deviation is the scatter of the record itself.
    assert standing_of_figures(STA, [row(advantages=better, breaks=broken)])[0] is (
        AttributeStanding.IMPROVED
    )


def test_chains_are_shown_or_broken_and_never_improved() -> None:
    assert standing_of_chains([])[0] is AttributeStanding.NOT_MEASURED
    assert standing_of_chains([row()])[0] is AttributeStanding.SHOWN
    found, reason = standing_of_chains([row(), row(breaks=("METER: expired at use",))])
    assert found is AttributeStanding.BROKEN
    assert "1 of 2" in reason
    assert "METER: expired at use" in reason


WHEN = datetime(2026, 1, 1, tzinfo=UTC)
RUN = Run(
    "RUN", "LINK", WHEN, WHEN, {}, {}, (RoleUse("receiver_a", "D1"),), "never_used", "measured",
    protocol="bbm92",
)  # fmt: skip
LINK = Link("LINK", "", "bbm92", ("A", "B"))
FIGURE = CertifiedFigure(
    "gamma", "gamma bound", "qkd.bbm92.certified_length_gamma", "Lim", "coherent attacks", "finite",
    True, 1000.0, "bit", None, None, (), None, (), None, (), (), (), ("blinding",), (), "",
)  # fmt: skip


def report(**changes: object) -> KeyReport:
    figure = replace(FIGURE, **changes)  # type: ignore[arg-type]
    return KeyReport("RUN", "bbm92", 1e-9, "", (figure,), "never_used", "measured")


def test_security_is_categorical_with_epsilon_and_trusted_sites() -> None:
    found = security_statement(RUN, LINK, report(), no_outcome="")
    assert found.shown
    assert found.epsilon == 1e-9
    assert found.trusted_sites == ("A", "B")
    assert [one.part for one in found.untrusted] == ["the source of pairs"]
    standing, reason = standing_of_security(found, [])
    assert standing is AttributeStanding.CATEGORICAL
    assert "epsilon 1e-09" in reason


@pytest.mark.parametrize(
    "changes",
    [
        {"chosen": False},
        {"value": 0.0},
        {"regime": "asymptotic"},
        {"not_proven": ("no term for it",)},
        {"violated": ("mismatch",)},
        {"flags": ("post_hoc: planned after the run",)},
        {"flags": ("aborted run: no key",)},
    ],
)
def test_a_proof_that_does_not_stand_shows_nothing(changes: dict[str, object]) -> None:
    found = security_statement(RUN, LINK, report(**changes), no_outcome="")
    assert not found.shown
    assert found.reasons
    assert standing_of_security(found, [])[0] is AttributeStanding.NOT_SHOWN


def test_no_epsilon_no_statement() -> None:
    found = security_statement(RUN, LINK, replace(report(), epsilon=None), no_outcome="")
    assert not found.shown


def test_without_any_proof_security_is_not_measured_or_says_why_it_cannot_be() -> None:
    found = security_statement(RUN, LINK, None, no_outcome="a time offset is no key")
    assert standing_of_security(found, [])[0] is AttributeStanding.NOT_MEASURED
    standing, reason = standing_of_security(found, [row("detectable_asymmetry")])
    assert standing is AttributeStanding.NOT_SHOWN
    assert reason == "a time offset is no key"
