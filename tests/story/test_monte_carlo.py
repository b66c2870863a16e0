"""Somebody asks for draws over the chain: what is printed says whether the linear interval holds."""

from __future__ import annotations

import pytest
from stranger import D1, Laboratory

DARK = "CAL-2022-D1/dark_count_rate"


def test_draws_come_with_the_verdict_on_the_linear_interval(walked: Laboratory) -> None:
    """The efficiency rests on a factor with one degree of freedom: its tails are not in U."""
    said = walked.qtrace(f"trace {D1} --no-chain --monte-carlo 20000", text=True).said
    assert "Monte Carlo, 20000 draws over the chain, seed 1" in said
    assert "probabilistically symmetric" in said
    assert "1 degrees of freedom: its t has no variance" in said
    assert "JCGM 101 clause 8: GUM interval NOT VALIDATED" in said
    assert "GUM 0.930475 ... 0.945095" in said

    (one,) = walked.qtrace(f"trace {D1} --monte-carlo 20000").answer
    drawn, validation = one["monte_carlo"], one["validation"]
    assert drawn["standard_uncertainty"] is None
    assert drawn["stabilised"] is None
    assert validation["verdict"] == "NOT VALIDATED"
    assert validation["settled"] is True
    assert validation["drawn"] == [drawn["interval"]["low"], drawn["interval"]["high"]]
    half_width = (float(validation["drawn"][1]) - float(validation["drawn"][0])) / 2.0
    assert half_width == pytest.approx(0.0184 * 0.9378, rel=0.06)  # 1.84 % by other means


def test_adaptive_draws_stop_by_themselves_and_validate_a_linear_result(
    walked: Laboratory,
) -> None:
    said = walked.qtrace(f"trace {DARK} --no-chain --monte-carlo adaptive", text=True).said
    assert "adaptive: 10 blocks; all figures stable to 2 s <= 5, 2 digits of u" in said
    assert "JCGM 101 clause 8: GUM interval VALIDATED" in said
    assert "could turn" not in said


def test_the_shortest_interval_and_the_seed_are_as_asked(walked: Laboratory) -> None:
    line = f"trace {DARK} --monte-carlo 20000 --seed 7"
    (symmetric,) = walked.qtrace(line).answer
    (again,) = walked.qtrace(f"{line} --interval symmetric").answer
    (shortest,) = walked.qtrace(f"{line} --interval shortest").answer
    assert symmetric == again
    assert shortest["monte_carlo"]["interval"]["kind"] == "shortest"
    assert shortest["monte_carlo"]["seed"] == 7
    assert shortest["monte_carlo"]["mean"] == symmetric["monte_carlo"]["mean"]

    def width(one: dict[str, dict[str, dict[str, str]]]) -> float:
        interval = one["monte_carlo"]["interval"]
        return float(interval["high"]) - float(interval["low"])

    assert width(shortest) <= width(symmetric)
    (other,) = walked.qtrace(f"trace {DARK} --monte-carlo 20000 --seed 8").answer
    assert other["monte_carlo"]["mean"] != symmetric["monte_carlo"]["mean"]


@pytest.mark.parametrize("options", ["", "--monte-carlo 0"])
def test_without_draws_nothing_is_drawn(walked: Laboratory, options: str) -> None:
    (one,) = walked.qtrace(f"trace {DARK} {options}").answer
    assert one["monte_carlo"] is None
    assert one["validation"] is None


def test_one_result_that_cannot_be_drawn_does_not_hide_the_others(walked: Laboratory) -> None:
    """The exact tail takes whole counts; draws of counts are none."""
    tail = "RUN-SYNTHETIC/recomputation/finite_length_tail"
    found = walked.qtrace("trace LINK-SYNTHETIC --monte-carlo 1000").answer
    undrawn = {one["statement"]["label"]: one["undrawn"] for one in found if one["undrawn"]}
    assert set(undrawn) == {tail}
    assert "takes whole counts" in undrawn[tail]
    assert all((one["monte_carlo"] is None) == bool(one["undrawn"]) for one in found)
    said = walked.qtrace("trace LINK-SYNTHETIC --monte-carlo 1000 --no-chain", text=True).said
    assert "Monte Carlo: not drawn the model has no finite value for" in said
    alone = walked.qtrace(f"trace {tail} --monte-carlo 1000")
    assert alone.code == 2
    assert tail in alone.said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--monte-carlo 99999999999", "do not fit in memory"),
        ("--monte-carlo 10000001", "do not fit in memory"),
        (f"--monte-carlo {'9' * 5000}", "do not fit in memory"),
        ("--monte-carlo many", "'many' is no number of draws"),
        ("--monte-carlo 1e6", "'1e6' is no number of draws"),
        ("--monte-carlo -5", "'-5' is no number of draws"),
        ("--monte-carlo 50", "50 draws cannot place the ends"),
        ("--monte-carlo 20000 --seed -1", "a seed is not negative"),
        ("--monte-carlo 20000 --interval wide", "'wide' is no kind of interval"),
    ],
)
def test_what_cannot_be_drawn_is_refused(walked: Laboratory, options: str, said: str) -> None:
    answer = walked.qtrace(f"trace {DARK} {options}")
    assert answer.code == 2
    assert said in answer.said
