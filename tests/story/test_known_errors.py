"""A known error is one thing to `conformity`, with draws or without, to `assess` and in E_n."""

from __future__ import annotations

from pathlib import Path

import pytest
from stranger import Laboratory

from qtrace.standards.decision_rule import DECISION_RULES
from qtrace.standards.evidence import Evidence
from qtrace.standards.figure import judged_figure
from qtrace.standards.finding import Finding, Outcome
from qtrace.standards.judge import Limits, judge
from qtrace.standards.requirement import Comparison, Criterion, CriterionKind

REGISTER = """\
[[laboratory]]
id = "LAB-A"
name = "A"
country = "NO"

[[device]]
id = "M-1"
class = "power_meter"
manufacturer = "Maker"
model = "X"
serial = "1"
"""
CALIBRATION = """\
[calibration]
id = "{label}"
device = "M-1"
laboratory = "LAB-A"
performed = 2021-06-01T12:00:00Z
route = "accredited"

[input.a]
value = "{value}"
u = "0.004 mW"
end = "own_realisation"
statement = "x"

[[result]]
measurand = "optical_power"
model = "a"
"""
BIAS = 'uncorrected_bias = { value = "0.012 mW", u = "0.001 mW", source = "x" }\n'
K95 = 1.959963984540054
U = 0.004123105625617661e-3  # 0.004 and 0.001 mW together
SAMPLED = 0.02  # of a 95 % quantile from 100000 draws: 0.5 % of U, four times over


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    """One meter with a known error of three u, and one without."""
    laboratory = Laboratory(tmp_path)
    biased = CALIBRATION.format(label="BIAS", value="1.203 mW") + BIAS
    plain = CALIBRATION.format(label="BIAS2", value="1.215 mW")
    assert laboratory.qtrace("init").code == 0
    for line, text in (("laboratory", REGISTER), ("calibration", biased), ("calibration", plain)):
        done = laboratory.qtrace(f"{line} add {laboratory.write('one.toml', text)}")
        assert done.code == 0, done.said
    return laboratory


def assessed(rule: str, *, low: float, high: float) -> Finding:
    """Judge the biased result as `assess` does."""
    piece = Evidence(
        "item",
        "detector",
        value=1.203e-3,
        standard_uncertainty=U,
        unit="W",
        result_label="BIAS/optical_power",
        known_bias=0.012e-3,
    )
    at_most = high < 1.0
    criterion = Criterion(
        CriterionKind.LIMIT,
        comparison=Comparison.AT_MOST if at_most else Comparison.AT_LEAST,
        limit=high if at_most else low,
        unit="W",
    )
    base = Finding("R", "S", "detector", Outcome.NOT_EVALUABLE, CriterionKind.LIMIT)
    figure = judged_figure(piece, criterion, rule=DECISION_RULES[rule])
    return judge(base, figure, Limits(low, high, "pack"), rule=DECISION_RULES[rule])


@pytest.mark.parametrize("draws", ["", "--monte-carlo 100000"])
def test_the_guard_band_holds_the_known_error(bench: Laboratory, draws: str) -> None:
    answer = bench.qtrace(f"conformity BIAS/optical_power {draws} --at-most", "1.212 mW")
    assert (answer.code, answer.answer["words"]) == (1, "Fail")
    band = float(answer.answer["guard_high"])
    assert band == pytest.approx(K95 * U + 0.012e-3, rel=SAMPLED)
    assert band == pytest.approx(
        assessed("guard_band", low=-float("inf"), high=1.212e-3).guard_band, rel=SAMPLED
    )
    assert float(answer.answer["known_bias"]) == pytest.approx(0.012e-3)
    said = bench.qtrace(f"conformity BIAS/optical_power {draws} --at-most", "1.212 mW", text=True)
    assert "known error 1.2e-5 W, not corrected: in U; taken off in the risks" in said.said
    assert max(len(line) for line in said.out.splitlines()) <= 80


@pytest.mark.parametrize("draws", ["", "--monte-carlo 100000"])
def test_a_specific_risk_is_that_of_the_corrected_value(bench: Laboratory, draws: str) -> None:
    """1.191 mW with u = 4.12 uW lies below 1.190 mW with probability 0.404."""
    line = f"conformity BIAS/optical_power --rule specific_risk_2 {draws} --at-least"
    answer = bench.qtrace(line, "1.19 mW")
    assert (answer.code, answer.answer["words"]) == (1, "Fail")
    risk = float(answer.answer["specific"]["fails"])
    finding = assessed("specific_risk_2", low=1.19e-3, high=float("inf"))
    assert risk == pytest.approx(0.4042, abs=0.007)
    assert finding.consumer_risk == pytest.approx(risk, abs=0.007)
    assert (finding.outcome, finding.conformity) == (Outcome.WITHIN_GUARD_BAND, "Fail")
    acceptance = float(answer.answer["acceptance_low"])
    assert finding.acceptance_low == pytest.approx(acceptance, rel=1e-4)
    # At the acceptance limit the risk is the agreed one.
    assert acceptance == pytest.approx(1.19e-3 + 2.0537489 * U + 0.012e-3, rel=1e-4)


def test_an_uncertain_limit_does_not_lose_the_known_error(bench: Laboratory) -> None:
    line = "conformity BIAS/optical_power --at-least"
    answer = bench.qtrace(line, "1.19 mW", "--limit-u", "0.001 mW").answer
    u = (U**2 + 1e-12) ** 0.5
    assert float(answer["guard_low"]) == pytest.approx(K95 * u + 0.012e-3, rel=1e-6)


def test_items_are_accepted_with_the_error_that_they_hold(bench: Laboratory) -> None:
    """Nearly all such items are just below the limit; the error shows them above it."""
    line = ["--at-least", "1.19 mW", "--prior-mean", "1.185 mW", "--prior-u", "0.001 mW"]
    answer = bench.qtrace("conformity BIAS/optical_power --rule simple", *line).answer
    assert float(answer["over_all_items"]["consumer"]) > 0.9
    assert float(answer["specific_with_prior"]["fails"]) > 0.9


def test_known_errors_are_taken_off_before_results_are_compared(bench: Laboratory) -> None:
    answer = bench.qtrace("equivalence BIAS/optical_power BIAS2/optical_power")
    found = answer.answer["comparison"]
    u = (U**2 + 16e-12) ** 0.5
    assert answer.code == 1
    assert float(found["difference"]) == pytest.approx(-0.024e-3)
    assert float(found["normalised_error"]) == pytest.approx(-0.024e-3 / (K95 * u))  # -2.13
    assert float(found["stated_error"]) == pytest.approx(-0.012e-3 / (K95 * u + 0.012e-3))
    assert float(found["ratio"]) == pytest.approx(1.191 / 1.215)
    text = bench.qtrace("equivalence BIAS/optical_power BIAS2/optical_power", text=True)
    assert "its known error 1.2e-5 W, taken off below" in text.said
    assert "E_n as stated -0.516, known errors in U: not judged" in text.said
    assert max(len(line) for line in text.out.splitlines()) <= 80
