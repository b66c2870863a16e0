"""Conformity and equivalence as typed: the ratio of two detectors, dark counts, bad questions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stranger import D1, D2, Laboratory

DARK = """\
[calibration]
id = "CAL-DARK"
device = "SNSPD-D1"
laboratory = "NIST-Boulder"
performed = 2021-06-02T12:00:00Z
procedure = "counting in the dark"
validation = "comparison"

[input.dark]
distribution = "gamma"
counts = 0
time = "250 s"
end = "counting"

[[result]]
name = "dark_rate"
measurand = "dark_count_rate"
model = "dark"
"""


def number(record: dict[str, Any], name: str) -> float:
    return float(record[name])


def test_the_ratio_of_two_detectors_keeps_their_meter(walked: Laboratory) -> None:
    """NIST 2022, D1 and D2: 0.425 % with the shared factors, 0.547 % if they are ignored."""
    answer = walked.qtrace(f"equivalence {D1} {D2}")
    assert answer.code == 1
    found = answer.answer["comparison"]
    assert number(found, "ratio") == pytest.approx(0.98829, abs=5e-6)
    assert number(found, "relative_u_ratio") == pytest.approx(0.00425, abs=5e-6)
    assert number(found, "independent_relative_u_ratio") == pytest.approx(0.00547, abs=5e-6)
    assert abs(number(found, "normalised_error")) > abs(number(found, "independent_error")) > 1.0
    assert found["sharing"] == "inputs"
    assert answer.answer["independence_holds"] is False
    assert [owner.split("/")[0] for owner, _ in answer.answer["shared"]] == [
        "CAL-2022-RANGE",
        "CAL-2022-METER",
        "CAL-2022-SWITCH",
    ]


def test_the_terminal_says_that_independence_is_not_valid(walked: Laboratory) -> None:
    answer = walked.qtrace(f"equivalence {D1} {D2}", text=True)
    assert answer.code == 1
    assert "DO NOT AGREE" in answer.said
    assert "NOT VALID here" in answer.said
    assert "CAL-2022-METER/CF" in answer.said
    assert max(len(line) for line in answer.out.splitlines()) <= 80


def test_a_result_well_inside_passes_and_nothing_is_recorded(walked: Laboratory) -> None:
    before = walked.ledger()
    answer = walked.qtrace(f"conformity {D1} --at-least 0.93")
    assert answer.code == 0
    found = answer.answer
    assert (found["words"], found["zone"]) == ("Pass", "accepted")
    assert number(found, "acceptance_low") == pytest.approx(0.93 + 0.0073102, abs=2e-6)  # k = 2.08
    assert number(found["specific"], "fails") == pytest.approx(0.0189, abs=2e-4)  # t, nu 21.43
    assert found["specific"]["basis"] == "specific; t with 21.43 degrees of freedom"
    assert (found["ratio"], found["over_all_items"]) == (None, None)
    assert walked.ledger() == before


def test_a_failure_ends_with_one_and_says_so(walked: Laboratory) -> None:
    answer = walked.qtrace(f"conformity {D1} --at-least 0.96 --risk 2%", text=True)
    assert answer.code == 1
    assert "this rule says Fail" in answer.said
    assert "specific risk of an acceptance at most 0.02" in answer.said
    assert max(len(line) for line in answer.out.splitlines()) <= 80


def test_method_6_and_an_observed_rate(walked: Laboratory) -> None:
    line = f"conformity {D1} --at-least 0.92 --at-most 0.96 --rule z540.3_method_6"
    observed = walked.qtrace(f"{line} --in-tolerance 95% --observed").answer
    true = walked.qtrace(f"{line} --in-tolerance 95% --true").answer
    assert number(observed, "ratio") == pytest.approx(0.02 / 0.0073102, rel=1e-4)
    one, other = observed["over_all_items"], true["over_all_items"]
    assert number(one, "observed_in_tolerance") == pytest.approx(0.95)
    assert number(other, "true_in_tolerance") == pytest.approx(0.95)
    assert number(one, "consumer") < number(other, "consumer") < 0.02
    text = walked.qtrace(f"{line} --in-tolerance 0.95 --observed", text=True)
    assert "95 % observed, with measurement scatter" in text.said
    assert "of the accepted do not conform" in text.said
    assert max(len(line) for line in text.out.splitlines()) <= 80


def test_a_global_risk_and_an_uncertain_limit(walked: Laboratory) -> None:
    answer = walked.qtrace(
        f"conformity {D1} --at-least 0.92 --at-most 0.96 --global-risk 0.1% "
        "--prior-mean 0.94 --prior-u 0.01 --limit-u 0.002"
    )
    assert answer.code == 0
    assert number(answer.answer["over_all_items"], "consumer") == pytest.approx(0.001, rel=1e-5)
    assert "limit with its own uncertainty" in answer.answer["flags"][0]
    text = walked.qtrace(f"conformity {D1} --at-most 0.96 --limit-u 0.002", text=True)
    assert "u of limits" in text.said


def test_zero_dark_counts_are_judged_from_their_posterior(own: Laboratory) -> None:
    assert own.qtrace(f"calibration add {own.write('dark.toml', DARK)}").code == 0
    # 95 % quantile of gamma(1/2) in 250 s is 1.92 / 250 s.
    exact = own.qtrace("conformity CAL-DARK/dark_rate --risk 5% --at-most", "0.00769 /s").answer
    assert exact["specific"]["basis"] == "specific; gamma"
    assert number(exact["specific"], "fails") == pytest.approx(0.05, abs=2e-4)
    assert exact["words"] == "Pass"
    assert own.qtrace("conformity CAL-DARK/dark_rate --risk 5% --at-most", "7.6e-6 kHz").code == 1
    drawn = own.qtrace(
        "conformity CAL-DARK/dark_rate --monte-carlo 50000 --at-most", "0.00769 /s"
    ).answer
    assert drawn["specific"]["basis"] == "specific; 50000 draws"
    error = number(drawn["specific"], "standard_error")
    assert number(drawn["specific"], "fails") == pytest.approx(0.05, abs=5 * error + 2e-4)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--at-least 0.96 --at-most 0.95", "not below the upper limit"),
        ("--at-least nan", "--at-least"),
        ("--at-least 3_W", "--at-least"),
        ("", "without a limit"),
        ("--at-least 0.9 --rule mine", "--rule"),
        ("--at-least 0.9 --risk 60%", "risk of 0.6"),
        ("--at-least 0.9 --risk 2=", "--risk"),
        ("--at-least 0.9 --limit-u -0.1", "not below 0"),
        ("--at-least 0.9 --rule z540.3_method_6", "two tolerance limits"),
        ("--at-least 0.9 --in-tolerance 95%", "two limits"),
        ("--at-least 0.9 --prior-mean 0.9", "--prior-u"),
        ("--at-least 0.9 --prior-mean 0.9 --prior-u 0.1 --prior-shape bent", "bent"),
        ("--at-least 0.9 --global-risk 2%", "needs a prior"),
        ("--at-least 0.9 --prior-mean 0.9 --prior-u 0", "prior"),
        ("--at-least 0.9 --monte-carlo 10", "draws"),
    ],
)
def test_bad_questions_end_with_two(walked: Laboratory, options: str, said: str) -> None:
    answer = walked.qtrace(f"conformity {D1} {options}")
    assert answer.code == 2, answer.said
    assert said in json.loads(answer.out)["error"]["what"] + answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"equivalence {D1} {D1}", "with itself"),
        (f"equivalence {D1} CAL-2022-D2/dark_count_rate", "is in"),
        (f"equivalence {D1} CAL-2022-D9/nothing", "CAL-2022-D9"),
        ("conformity CAL-2022-D9/nothing --at-least 1", "CAL-2022-D9"),
        (f"conformity {D1} --at-least", "3 W"),
    ],
)
def test_what_cannot_be_compared_ends_with_two(walked: Laboratory, line: str, said: str) -> None:
    more = [said] if line.endswith("--at-least") else []
    answer = walked.qtrace(line, *more)
    assert answer.code == 2
    assert said in answer.said


def test_an_exact_interval_without_a_distribution_asks_for_draws(walked: Laboratory) -> None:
    label = "RUN-SYNTHETIC/recomputation/error_rate_z"
    listed = walked.qtrace("trace LINK-SYNTHETIC").answer
    with_interval = [one for one in listed if one["statement"]["interval"] is not None]
    assert with_interval, label
    label = with_interval[0]["statement"]["label"]
    answer = walked.qtrace(f"conformity {label} --at-most 0.11")
    assert answer.code == 2
    assert "--monte-carlo" in answer.said
    drawn = walked.qtrace(f"conformity {label} --at-most 0.11 --monte-carlo 20000")
    assert drawn.code in {0, 1}
    assert "draws" in drawn.answer["specific"]["basis"]
    none = walked.qtrace(f"conformity {label} --at-most 0.9 --monte-carlo 20000", text=True)
    assert "no draw, at 95 % below 0.00015" in none.said  # 3 / 20000


def test_differing_conditions_are_said(walked: Laboratory) -> None:
    answer = walked.qtrace(
        "equivalence CAL-2022-ATT1-D1/transmittance CAL-2022-ATT2-D1/transmittance"
    )
    assert answer.code in {0, 1}
    assert isinstance(answer.answer["remarks"], list)


def test_page_one_names_the_joint_probability_and_its_bound(walked: Laboratory) -> None:
    page = " ".join(walked.read("reports/synthetic-demonstration.html").split())
    assert "normal correlation of the chain between the stated risks" in page
    assert "whatever correlates them ≥" in page


def test_an_upper_limit_is_judged_from_its_posterior(own: Laboratory) -> None:
    text = DARK.replace('model = "dark"', 'model = "dark"\nform = "upper_limit"')
    assert own.qtrace(f"calibration add {own.write('dark.toml', text)}").code == 0
    # 95 % quantile of gamma(1/2) in 250 s is 1.92 / 250 s; the stated limit is 3.0 / 250 s.
    answer = own.qtrace("conformity CAL-DARK/dark_rate --risk 5% --at-most", "0.00769 /s")
    assert (answer.code, answer.answer["words"]) == (0, "Pass")
    assert number(answer.answer["specific"], "fails") == pytest.approx(0.05, abs=2e-4)
    (note,) = answer.answer["flags"]
    assert note.startswith("stated as upper limit 0.01198 /s; judged from the distribution")
    strict = own.qtrace("conformity CAL-DARK/dark_rate --risk 5% --at-most", "0.0076 /s")
    assert (strict.code, strict.answer["words"]) == (1, "Fail")
