"""Correlation, impact and grouped budgets as a person asks for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stranger import D1, Laboratory

from qtrace.errors import InputError
from qtrace.registry import array_cache
from qtrace.traceability.fleet_answers import ChangeKind, parse_change
from qtrace.workflow import correlate as correlate_verb
from qtrace.workflow import impact as impact_verb

D2 = D1.replace("D1", "D2")
RATIO = "RUN-SYNTHETIC/recomputation/efficiency_ratio"
# Text of a decimal carries all digits of a double.
EXACT = 1e-12


def test_the_shared_meter_correlates_the_detectors(walked: Laboratory) -> None:
    """0.3954 is the figure of the published budgets with one range factor and one meter."""
    answer = walked.qtrace(f"correlation {D1} {D2} --all-with {D1} --top 3").answer
    assert float(answer["matrix"][0][1]) == pytest.approx(0.3954, abs=5e-5)
    (traced,) = walked.qtrace(f"trace {D1} --with {D2}").answer
    assert float(traced["correlations"][0][1]) == pytest.approx(
        float(answer["matrix"][1][0]), rel=EXACT
    )
    assert len(answer["company"]) == 3
    sizes = [abs(float(one["correlation"])) for one in answer["company"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == pytest.approx(0.9997, abs=5e-5)  # its own use, a day later


def test_company_agrees_with_the_pairs(walked: Laboratory) -> None:
    answer = walked.qtrace(f"correlation --all-with {D1} --top 100").answer
    assert answer["matrix"] == []
    assert answer["sharing"] == len(answer["company"])
    for one in answer["company"]:
        (traced,) = walked.qtrace(f"trace {D1} --with {one['label']}").answer
        assert float(traced["correlations"][0][1]) == pytest.approx(
            float(one["correlation"]), rel=1e-9, abs=1e-12
        )


def test_many_candidates_are_chosen_by_the_recorded_u(
    walked: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = walked.qtrace(f"correlation --all-with {D1} --top 2").answer["company"]
    monkeypatch.setattr(correlate_verb, "EXACT_UP_TO", 0)
    assert walked.qtrace(f"correlation --all-with {D1} --top 2").answer["company"] == exact


def test_a_shift_of_the_meter_moves_both_detectors_and_not_their_ratio(
    walked: Laboratory,
) -> None:
    """The efficiency is proportional to the factor: +0.5 % gives +0.5 %."""
    answer = walked.qtrace("impact CAL-2022-METER --shift", "0.5 %").answer
    by_label = {one["label"]: one for one in answer["affected"]}
    assert answer["descendants"] == len(by_label) == 7
    for label in (D1, D2):
        one = by_label[label]
        assert float(one["new_value"]) / float(one["value"]) == pytest.approx(1.005, rel=1e-9)
    ratio = by_label[RATIO]
    assert float(ratio["new_value"]) == pytest.approx(float(ratio["value"]), rel=1e-12)
    ranks = [float(one["rank"]) for one in answer["affected"]]
    assert ranks == sorted(ranks, reverse=True)


def test_an_absolute_shift_names_one_result(walked: Laboratory) -> None:
    done = walked.qtrace("impact CAL-2022-D1 --of photon_rate --shift", "1000 /s").answer
    (own,) = done["own"]
    assert float(own["new_value"]) - float(own["value"]) == pytest.approx(1000.0, rel=1e-9)
    # eta = counts / rate: 1000 of 240385.65 is 0.416 % less.
    (eta,) = [one for one in done["affected"] if one["label"] == D1]
    part = float(eta["new_value"]) / float(eta["value"]) - 1.0
    assert part == pytest.approx(-1000.0 / float(own["value"]), rel=1e-6)


def test_widening_the_meter_adds_its_variance_again(walked: Laboratory) -> None:
    answer = walked.qtrace("impact CAL-2022-METER --widen 2").answer
    (one,) = [one for one in answer["affected"] if one["label"] == D1]
    u, wide, share = (
        float(one[k]) for k in ("standard_uncertainty", "new_standard_uncertainty", "rank")
    )
    assert share == pytest.approx(0.135, abs=5e-4)  # the line of the factor in the budget
    assert wide == pytest.approx(u * (1.0 + 3.0 * share) ** 0.5, rel=1e-9)
    assert one["new_value"] == one["value"]


def test_after_a_withdrawal_nothing_is_stated(walked: Laboratory) -> None:
    answer = walked.qtrace("impact CAL-2022-METER --withdraw").answer
    assert answer == walked.qtrace("impact CAL-2022-METER").answer
    assert all(one["new_value"] is None for one in answer["affected"])
    (one,) = [one for one in answer["affected"] if one["label"] == D1]
    assert float(one["per_percent"]) == pytest.approx(0.01 * float(one["value"]), rel=1e-9)
    text = walked.qtrace("impact CAL-2022-METER --top 2", text=True).out
    assert "5 more; --top N shows more" in text
    assert "no value may be stated" in text


def test_the_recorded_u_is_said_where_it_is_taken(
    walked: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = walked.qtrace("impact CAL-2022-METER --shift", "1 %").answer
    monkeypatch.setattr(impact_verb, "EXACT_UP_TO", 0)
    recorded = walked.qtrace("impact CAL-2022-METER --shift", "1 %").answer
    assert (exact["recorded_u"], recorded["recorded_u"]) == (False, True)
    for one, other in zip(exact["affected"], recorded["affected"], strict=True):
        assert float(one["rank"]) == pytest.approx(float(other["rank"]), rel=1e-6, abs=1e-9)
    out = walked.qtrace("impact CAL-2022-METER", text=True).out
    assert "the one recorded" in out


def test_looking_back_sees_fewer_results(own: Laboratory) -> None:
    before = own.qtrace("--as-of 2000-01-01 correlation", D1, D2)
    assert before.code == 2
    assert own.qtrace(f"correlation {D1} {D2}").code == 0


def test_a_file_of_arrays_is_kept_and_gives_the_same(
    own: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = f"correlation --all-with {D1} --top 5"
    without = own.qtrace(line).answer
    monkeypatch.setattr(array_cache, "CACHE_FROM", 0)
    for _ in range(2):
        assert own.qtrace(line).answer == without
    assert Path(f"{own.database}.arrays.npz").exists()
    assert own.qtrace("calibration withdraw CAL-2022-METER --reason wrong").code == 0
    assert own.qtrace(line).answer == without
    assert own.qtrace("audit --all").code == 0


@pytest.mark.parametrize(
    ("line", "more", "said"),
    [
        (f"correlation {D1}", (), "between two results"),
        (f"correlation {D1} {D1}", (), "named twice"),
        ("correlation", (), "between two results"),
        ("correlation A/b C/d", (), "no result"),
        ("impact CAL-2022-METER --widen -1", (), "not negative"),
        ("impact CAL-2022-METER --widen 2 --withdraw", (), "one change"),
        ("impact CAL-2022-METER --widen two", (), "two"),
        ("impact CAL-2022-METER --shift", ("0.5 W",), "no amount of a result in"),
        ("impact CAL-2022-D1 --shift", ("0.5 /s",), "fits one result only"),
        ("impact CAL-2022-D1 --of photon_rate --widen 2", (), "no uncertainty of its own"),
        ("impact NOTHING --shift", ("1 %",), "NOTHING"),
        (f"trace {D1} --by colour", (), "not gathered by"),
    ],
)
def test_bad_questions_are_refused(
    walked: Laboratory, line: str, more: tuple[str, ...], said: str
) -> None:
    answer = walked.qtrace(line, *more)
    assert answer.code == 2, answer.said
    assert said in " ".join(answer.said.split())


@pytest.mark.parametrize("by", ["input", "device", "laboratory", "step"])
def test_a_grouped_budget_adds_up(walked: Laboratory, by: str) -> None:
    (traced,) = walked.qtrace(f"trace {D1} --by {by}").answer
    groups = traced["groups"]["groups"]
    assert sum(float(one["share"]) for one in groups) == pytest.approx(1.0, rel=1e-12)
    u = float(traced["statement"]["standard_uncertainty"])
    assert float(traced["groups"]["variance"]) == pytest.approx(u**2, rel=1e-12)
    assert json.dumps(traced["groups"]["by"]) == f'"{by}"'


def test_the_meter_is_what_its_issuer_brings_in(walked: Laboratory) -> None:
    (traced,) = walked.qtrace(f"trace {D1} --by laboratory").answer
    shares = {one["group"]: float(one["share"]) for one in traced["groups"]["groups"]}
    assert shares["NIST"] == pytest.approx(0.135, abs=5e-4)
    text = walked.qtrace(f"trace {D1} --no-chain --by device", text=True).out
    assert "u alone" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_changes_are_read() -> None:
    assert parse_change(shift="0.5 %", widen="", withdraw=False).amount == 0.005
    assert parse_change(shift="2 mW", widen="", withdraw=False).relative is False
    assert parse_change(shift="", widen="3", withdraw=False).kind is ChangeKind.WIDEN
    assert parse_change(shift="", widen="", withdraw=False).kind is ChangeKind.WITHDRAW
    with pytest.raises(InputError):
        parse_change(shift="1 %", widen="2", withdraw=False)
