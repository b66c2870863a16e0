"""A calibration turns out wrong: what rests on it is worked out, then recorded, and nothing else."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from stranger import Answer, Laboratory, tables, tamper

TOP = Path(__file__).parents[2]
ERROR = "--cause error_in_certificate"
METER = f"recall CAL-2022-METER {ERROR}"
RECEIVER = "receiver-check"
ROUNDED = 1e-12  # relative, a few operations on doubles
ETA = "system_detection_efficiency"


def judgements(answer: Answer) -> dict[str, dict[str, Any]]:
    return {one["label"]: one for one in answer.answer["judgements"]}


def results(answer: Answer) -> dict[str, dict[str, Any]]:
    return {one["label"]: one for one in answer.answer["results"]}


def recalled(laboratory: Laboratory, line: str, *options: str) -> Answer:
    """Type a recall that must not be refused."""
    done = laboratory.qtrace(line, *options)
    assert done.code in {0, 1}, done.said
    return done


def certified(laboratory: Laboratory, link: str, scheme: str) -> str:
    """Assess and certify a link; return the number of the document."""
    assert laboratory.qtrace(f"assess {link} --scheme {scheme}").code == 0
    done = laboratory.qtrace(f"certify {link} --scheme {scheme} --key lab")
    assert done.code in {0, 1}, done.said
    number: str = done.answer["document"]["number"]
    return number


@pytest.fixture
def specified(own: Laboratory) -> tuple[Laboratory, str]:
    """The walked laboratory, its receivers shown to meet their specification."""
    return own, certified(own, "LINK-SYNTHETIC", RECEIVER)


# --- an error in the certificate of the shared meter --------------------------------------------


def test_half_a_per_cent_of_the_meter_flips_one_verdict_and_touches_no_other_link(
    specified: tuple[Laboratory, str],
) -> None:
    laboratory, number = specified
    before = tables(laboratory)
    done = recalled(laboratory, METER, "--shift", "-0.5 %")
    assert done.code == 1
    found = judgements(done)
    flipped = found[number]
    assert (flipped["decision_before"], flipped["decision_after"]) == ("DEMONSTRATED", "REFUSED")
    assert flipped["event"] == "SUSPENDED"
    (flip,) = flipped["flips"]
    assert (flip["requirement_id"], flip["subject"]) == ("SPEC-01", "receiver_a")
    assert (flip["before"], flip["after"]) == ("MET", "WITHIN_GUARD_BAND_INSIDE")
    assert flip["direction"] == "worse"
    # eta is proportional to the factor of the meter: 93.7785 % less half a per cent of it.
    assert float(flip["value_after"]) == pytest.approx(0.995 * float(flip["value_before"]))
    yin = [one for one in found.values() if one["link_id"] == "LINK-YIN-2020"]
    assert [one["touched"] for one in yin] == [False]
    others = [one for one in found.values() if one["touched"] and one["label"] != number]
    assert [one["event"] for one in others] == ["MAINTAINED", "MAINTAINED"]
    assert done.answer["confirmed"] is False
    assert tables(laboratory) == before


def test_every_result_comes_with_old_and_new_value_and_u(
    specified: tuple[Laboratory, str],
) -> None:
    found = results(recalled(specified[0], METER, "--shift", "-0.5 %"))
    for name in ("CAL-2022-D1", "CAL-2022-D2"):
        rate, eta = found[f"{name}/photon_rate"], found[f"{name}/{ETA}"]
        for one, factor in ((rate, 1.0 / 0.995), (eta, 0.995)):
            before, after = float(one["value_before"]), float(one["value_after"])
            assert after == pytest.approx(before * factor, rel=ROUNDED)
            assert float(one["u_after"]) != float(one["u_before"])
    ratio = found["RUN-SYNTHETIC/recomputation/efficiency_ratio"]
    # What both detectors share cancels in their ratio.
    assert float(ratio["value_after"]) == pytest.approx(float(ratio["value_before"]), rel=ROUNDED)


def test_a_confirmed_recall_is_one_entry_and_the_sealed_documents_stay(
    specified: tuple[Laboratory, str],
) -> None:
    laboratory, number = specified
    before = tables(laboratory)
    laboratory.qtrace(f"certificate export {number} --output before.json")
    done = recalled(laboratory, METER, "--shift", "-0.5 %", "--confirm", "--reason", "letter")
    assert done.code == 1
    assert done.answer["confirmed"] is True
    after = tables(laboratory)
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown == {"recall": 1, "decision_event": 3, "withdrawal": 1, "ledger_entry": 1}
    laboratory.qtrace(f"certificate export {number} --output after.json")
    assert laboratory.read("before.json") == laboratory.read("after.json")
    # Offline nobody can know: the bundle verifies as before and says that its status is open.
    verified = laboratory.qtrace("certificate verify after.json --key keys/lab.pub.json", text=True)
    assert verified.code == 0
    assert "the status of the document now: no status list was given" in verified.said
    entry = laboratory.ledger()[-1]
    assert (entry["action"], entry["subject"]) == ("recall", "CAL-2022-METER")
    assert f'"{number}":"SUSPENDED"' in entry["content"]
    audit = laboratory.qtrace("audit --all")
    assert audit.code == 0, audit.said


def test_the_status_of_a_document_is_listed_and_shown(specified: tuple[Laboratory, str]) -> None:
    laboratory, number = specified
    recalled(laboratory, METER, "--shift", "-0.5 %", "--confirm", "--reason", "letter")
    listed = {
        one["document_number"]: one["status"]
        for one in laboratory.qtrace("certificate list").answer
    }
    assert listed.pop(number) == "SUSPENDED"
    assert sorted(listed.values()) == ["DEMONSTRATED", "REFUSED", "REFUSED"]
    assert "now SUSPENDED" in laboratory.qtrace("certificate list", text=True).said
    shown = laboratory.qtrace(f"certificate show {number}").answer
    assert shown["status"] == "SUSPENDED"
    (event,) = shown["decision_events"]
    assert event["word"] == "SUSPENDED"
    assert event["recall"].startswith("RECALL-")
    assert "letter" in event["reason"]
    assert "SPEC-01 receiver_a: MET to WITHIN_GUARD_BAND_INSIDE" in event["reason"]


def test_the_same_recall_twice_is_refused_and_another_one_keeps_what_is_suspended(
    specified: tuple[Laboratory, str],
) -> None:
    laboratory, number = specified
    confirm = ("--confirm", "--reason", "letter")
    recalled(laboratory, METER, "--shift", "-0.5 %", *confirm)
    before = tables(laboratory)
    again = laboratory.qtrace(METER, "--shift", "-0.5 %", *confirm)
    assert again.code == 2
    assert "already recorded" in again.said
    assert tables(laboratory) == before
    second = recalled(laboratory, METER, "--shift", "+0.1 %", *confirm)
    assert judgements(second)[number]["event"] == "SUSPENDED"
    shown = laboratory.qtrace(f"certificate show {number}").answer
    assert (shown["status"], len(shown["decision_events"])) == ("SUSPENDED", 2)
    assert laboratory.qtrace("audit --all").code == 0


def test_on_an_earlier_day_the_old_world_is_shown(
    specified: tuple[Laboratory, str],
) -> None:
    laboratory, number = specified
    moment = laboratory.ledger()[-1]["recorded_at"]
    recalled(laboratory, METER, "--shift", "-0.5 %", "--confirm", "--reason", "letter")
    then = laboratory.qtrace(f"--as-of {moment} certificate list").answer
    assert {one["status"] for one in then if one["document_number"] == number} == {"DEMONSTRATED"}
    now = laboratory.qtrace("certificate list").answer
    assert {one["status"] for one in now if one["document_number"] == number} == {"SUSPENDED"}
    (traced,) = laboratory.qtrace(f"--as-of {moment} trace CAL-2022-D1/{ETA}").answer
    assert "withdrawn" not in {one["name"] for one in traced["chain"]["breaks"]}
    (traced,) = laboratory.qtrace(f"trace CAL-2022-D1/{ETA}").answer
    assert "withdrawn" in {one["name"] for one in traced["chain"]["breaks"]}


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        (
            "decision_event",
            "UPDATE decision_event SET word = 'MAINTAINED' WHERE word = 'SUSPENDED'",
        ),
        ("recall", "UPDATE recall SET reason = 'nothing of importance'"),
    ],
)
def test_tampering_with_a_recall_is_found(
    specified: tuple[Laboratory, str], table: str, statement: str
) -> None:
    laboratory, _ = specified
    recalled(laboratory, METER, "--shift", "-0.5 %", "--confirm", "--reason", "letter")
    tamper(laboratory, statement)
    audit = laboratory.qtrace("audit --all")
    assert audit.code == 3
    assert f"{table}: a row was changed after it was recorded" in audit.said


def test_the_corrected_value_the_shift_and_the_corrected_file_say_the_same(
    specified: tuple[Laboratory, str],
) -> None:
    laboratory, _ = specified
    text = laboratory.read("input/nist_2022/meter.toml")
    corrected = laboratory.write("corrected.toml", text.replace('"1.01375"', '"1.00868125"'))
    answers = [
        recalled(laboratory, METER, "--shift", "-0.5 %"),
        recalled(laboratory, METER, "--value", "1.00868125", "--result", "indication_ratio"),
        recalled(laboratory, METER, "--value", "1.00868125", "--input", "CF"),
        recalled(laboratory, METER, "--corrected", corrected),
    ]
    values = [
        float(results(one)[f"RUN-SYNTHETIC/use/receiver_a/{ETA}"]["value_after"]) for one in answers
    ]
    assert values == pytest.approx([values[0]] * 4, rel=ROUNDED)
    assert [one.code for one in answers] == [1] * 4


def test_a_larger_u_alone_can_flip_a_verdict(specified: tuple[Laboratory, str]) -> None:
    """The value stays, the guard band grows: 0.9378 less its U falls below 93 %."""
    laboratory, number = specified
    done = recalled(laboratory, METER, "--u", "0.003", "--input", "CF")
    assert done.code == 1
    assert [one["subject"] for one in judgements(done)[number]["flips"]] == ["receiver_a"]
    eta = results(done)[f"CAL-2022-D1/{ETA}"]
    assert eta["value_after"] == eta["value_before"]
    assert float(eta["u_after"]) > 1.1 * float(eta["u_before"])


def test_first_order_and_model_are_told_apart_where_they_differ(
    specified: tuple[Laboratory, str],
) -> None:
    """The photon rate falls as 1 / factor: +5 % makes -4.76 %, first order says -5 %."""
    done = recalled(specified[0], METER, "--shift", "5 %")
    rate = results(done)["CAL-2022-D1/photon_rate"]
    before = float(rate["value_before"])
    assert float(rate["linear"]) / before == pytest.approx(-0.05, rel=1e-9)
    assert float(rate["value_after"]) / before - 1.0 == pytest.approx(1.0 / 1.05 - 1.0, rel=1e-9)
    said = specified[0].qtrace(METER, "--shift", "5 %", text=True).said
    assert "first order would shift it by -12019.3 /s, its model by -11446.9 /s" in said


# --- withdrawal: the path is gone ---------------------------------------------------------------


def test_a_withdrawal_moves_no_value_and_breaks_the_chain(own: Laboratory) -> None:
    """SPD-02 asks for an unbroken chain: it was not, and now has one break more."""
    done = recalled(own, "recall CAL-2022-METER --cause withdrawn")
    assert results(done) == {} or all(
        one["value_before"] == one["value_after"] for one in results(done).values()
    )
    touched = {one["link_id"] for one in judgements(done).values() if one["touched"]}
    assert touched == {"LINK-SYNTHETIC"}
    moved = {
        one["requirement_id"]
        for judgement in judgements(done).values()
        for one in judgement["moved"]
    }
    assert "SPD-02" in moved
    assert done.code == 0


def test_a_withdrawn_step_fails_whoever_asks_for_an_unbroken_chain(
    years: Laboratory, tmp_path: Path
) -> None:
    """An assessment without a document is judged, too: SPD-02 was met, the path is gone."""
    own = copy_of(years, tmp_path)
    assert own.qtrace("assess LINK-2 --scheme demonstration-link").code == 0
    done = recalled(own, "recall PM-2021-LEFT --cause withdrawn")
    assert done.code == 1
    (assessment,) = (one for one in judgements(done).values() if one["kind"] == "assessment")
    flips = {one["requirement_id"]: one for one in assessment["flips"]}
    assert (flips["SPD-02"]["before"], flips["SPD-02"]["after"]) == ("MET", "NOT_MET")
    assert assessment["event"] == ""
    said = own.qtrace("recall PM-2021-LEFT --cause withdrawn", text=True).said
    assert f"): PM-2021-LEFT/indication_ratio, CAL-D-2/{ETA}" in said
    assert "more breaks in the chains of SPEC-01" in said


# --- a whole small laboratory: found off, linear, worst, better ---------------------------------

REGISTER = """\
[[laboratory]]
id = "LAB"
name = "Laboratory"
country = "DE"
""" + "".join(
    f"""
[[device]]
id = "{device}"
class = "{family}"
manufacturer = "Maker"
model = "M"
serial = "{device}"

[[programme]]
device = "{device}"
kind = "{kind}"
interval = "5 a"
decided_by = "quality"
valid_from = 2019-01-01T00:00:00Z
"""
    for device, family, kind in (
        ("PM-1", "power_meter", "indication_ratio"),
        ("D-1", "snspd", ETA),
        ("D-2", "snspd", ETA),
        ("D-3", "snspd", ETA),
    )
)
MET_SLACK = 5e-4  # the figures below are given to three digits


def calibration(label: str, device: str, day: str, *, state: str = "", body: str = "") -> str:
    head = f'state = "{state}"\n' if state else ""
    return (
        f'[calibration]\nid = "{label}"\ndevice = "{device}"\nlaboratory = "LAB"\n'
        f'performed = {day}T12:00:00Z\nprocedure = "substitution"\nvalidation = "comparison"\n'
        f"{head}\n{body}"
    )


def meter(label: str, day: str, factor: str, state: str, *, drift: str = "") -> str:
    bound = f'drift = {{ bound = "{drift}", source = "ours" }}\n' if drift else ""
    return calibration(
        label,
        "PM-1",
        day,
        state=state,
        body=f'[input.cf]\nvalue = "{factor}"\nu = "0.0005"\nend = "assessed_bound"\n'
        'statement = "assessed"\n[[result]]\nmeasurand = "indication_ratio"\nmodel = "cf"\n'
        + bound,
    )


def detector(label: str, device: str, day: str, meter_label: str, raw: str) -> str:
    """Return the calibration of a detector with the meter: eta = raw * factor."""
    return calibration(
        label,
        device,
        day,
        body=f'[input.factor]\nresult = "{meter_label}/indication_ratio"\n[input.raw]\n'
        f'value = "{raw}"\nu = "0.001"\nend = "assessed_bound"\nstatement = "assessed"\n'
        f'[[result]]\nmeasurand = "{ETA}"\nmodel = "raw * factor"\n'
        'conditions = { wavelength = "1550 nm" }\n'
        'drift = { bound = "0.01 %/a", source = "ours" }\n',
    )


def link_and_run(name: str, device: str, day: str) -> tuple[str, str]:
    link = f"""\
[[link]]
id = "LINK-{name}"
title = "a link"
protocol = "bbm92"
endpoints = ["A", "B"]
source = "test"
watermark = "SYNTHETIC"

[[link.role]]
role = "receiver_a"
device = "{device}"
"""
    run = f"""\
[run]
id = "RUN-{name}"
link = "LINK-{name}"
started = {day}T12:00:00Z
ended = {day}T12:16:40Z
provenance = "simulated"
key_disposition = "never_used"
[counts]
sifted_z = 500000
errors_z = 9890
sifted_x = 500000
errors_x = 10105
[parameters]
error_correction_efficiency = 1.16
epsilon_sampling = 1e-10
epsilon_correctness = 1e-10
epsilon_privacy = 1e-10
[[role]]
role = "receiver_a"
device = "{device}"
conditions = {{ wavelength = "1550 nm" }}
"""
    return link, run


def typed(laboratory: Laboratory, command: str, text: str) -> None:
    done = laboratory.qtrace(f"{command} {laboratory.write('file.toml', text)}")
    assert done.code == 0, done.said


def copy_of(laboratory: Laboratory, folder: Path) -> Laboratory:
    """Return a copy of a laboratory that may be written into."""
    for name in ("input", "bundles"):
        (laboratory.folder / name).mkdir(exist_ok=True)
    return laboratory.copy(folder)


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Three years of a meter: 2020 good, 2021 found off and adjusted, 2022 found off again.

    D-1 was calibrated with it in 2020, D-2 and D-3 in 2021 after the adjustment; each has a link.
    D-1 and D-2 were close above 93 %, D-3 close below.
    """
    bench = Laboratory(tmp_path_factory.mktemp("years"))
    assert bench.qtrace("init").code == 0
    assert bench.qtrace("key create lab --person Tester --organisation Laboratory").code == 0
    typed(bench, "laboratory add", REGISTER)
    for text in (
        meter("PM-2020", "2020-01-01", "1.000", "as_left", drift="0.1 %/a"),
        detector("CAL-D-1", "D-1", "2020-07-01", "PM-2020", "0.936"),
        meter("PM-2021-FOUND", "2021-01-01", "0.990", "as_found"),
        meter("PM-2021-LEFT", "2021-01-01", "1.000", "as_left").replace("T12:", "T15:"),
        detector("CAL-D-2", "D-2", "2021-07-01", "PM-2021-LEFT", "0.936"),
        detector("CAL-D-3", "D-3", "2021-10-01", "PM-2021-LEFT", "0.929"),
        meter("PM-2022-FOUND", "2022-01-01", "1.008", "as_found"),
    ):
        typed(bench, "calibration add", text)
    for k, day in ((1, "2020-08-01"), (2, "2021-08-01"), (3, "2021-11-01")):
        link, run = link_and_run(str(k), f"D-{k}", day)
        typed(bench, "link add", link)
        typed(bench, "run add", run)
        assert bench.qtrace(f"recompute RUN-{k}").code == 0
        certified(bench, f"LINK-{k}", RECEIVER)
    return bench


FOUND = "--cause out_of_tolerance_as_found --found"


def by_link(answer: Answer) -> dict[str, dict[str, Any]]:
    return {one["link_id"]: one for one in judgements(answer).values()}


def test_each_finding_recalls_its_own_period_and_no_other(years: Laboratory) -> None:
    first = recalled(years, f"recall PM-2020 {FOUND} PM-2021-FOUND")
    second = recalled(years, f"recall PM-2021-LEFT {FOUND} PM-2022-FOUND")
    assert first.answer["uses"] == ["CAL-D-1"]
    assert second.answer["uses"] == ["CAL-D-2", "CAL-D-3"]
    touched = [
        {link for link, one in by_link(answer).items() if one["touched"]}
        for answer in (first, second)
    ]
    assert touched == [{"LINK-1"}, {"LINK-2", "LINK-3"}]
    refused = years.qtrace(f"recall PM-2020 {FOUND} PM-2022-FOUND")
    assert refused.code == 2
    assert "recall PM-2021-LEFT with --found PM-2022-FOUND" in refused.said


def test_the_shift_is_what_was_found_beyond_the_drift_that_was_allowed_for(
    years: Laboratory,
) -> None:
    """-1 % found; half a year at 0.1 %/a was allowed for: -0.95 % stays (0.4986 a)."""
    done = recalled(years, f"recall PM-2020 {FOUND} PM-2021-FOUND")
    assert float(done.answer["doubt"]["shift"]) == pytest.approx(-0.010, abs=ROUNDED)
    eta = results(done)[f"CAL-D-1/{ETA}"]
    relative = float(eta["value_after"]) / float(eta["value_before"]) - 1.0
    assert relative == pytest.approx(-0.0095, abs=MET_SLACK / 100)
    flip = by_link(done)["LINK-1"]["flips"][0]
    assert (flip["before"], flip["after"]) == ("MET", "NOT_MET")
    assert done.code == 1


def test_a_ratio_of_two_uses_is_shown_at_its_worst_corner_in_a_run_or_not(
    years: Laboratory, tmp_path: Path
) -> None:
    """A common +0.8 % cancels; seen by the numerator alone, the ratio moves by all of it."""
    bench = copy_of(years, tmp_path)
    body = "".join(
        f'[input.{name}]\nresult = "CAL-D-{k}/{ETA}"\n' for name, k in (("d", 2), ("g", 3))
    )
    body += '[[result]]\nmeasurand = "detection_efficiency_at_rate"\nmodel = "d / g * 0.5"\n'
    typed(bench, "calibration add", calibration("RATIO", "D-2", "2021-12-01", body=body))
    done = recalled(bench, f"recall PM-2021-LEFT {FOUND} PM-2022-FOUND")
    ratio = results(done)["RATIO/detection_efficiency_at_rate"]
    before = float(ratio["value_before"])
    assert before == pytest.approx(0.5 * 0.936 / 0.929, rel=ROUNDED)
    assert float(ratio["value_after"]) == pytest.approx(before * 1.008, rel=1e-9)
    # First order of that corner, not of the shift that both saw.
    assert float(ratio["linear"]) == pytest.approx(before * 0.008, rel=1e-9)
    even = recalled(bench, f"recall PM-2021-LEFT {FOUND} PM-2022-FOUND --model linear")
    other = float(results(even)["RATIO/detection_efficiency_at_rate"]["value_after"])
    assert abs(other - before) < 0.008 * before


def test_growing_evenly_half_of_it_had_come_by_the_middle(years: Laboratory) -> None:
    line = f"recall PM-2020 {FOUND} PM-2021-FOUND --model linear"
    eta = results(recalled(years, line))[f"CAL-D-1/{ETA}"]
    relative = float(eta["value_after"]) / float(eta["value_before"]) - 1.0
    # 182 of 366 days of -1 %, less the 0.05 % allowed for.
    assert relative == pytest.approx(-0.01 * 182 / 366 + 0.0005, abs=5e-6)


def test_an_improvement_is_listed_if_it_is_certain_and_restores_nothing(
    years: Laboratory,
) -> None:
    """The meter of 2021 read low: D-3 was better than its certificate said."""
    linear = recalled(years, f"recall PM-2021-LEFT {FOUND} PM-2022-FOUND --model linear")
    better = by_link(linear)["LINK-3"]
    (flip,) = better["flips"]
    assert (flip["before"], flip["after"]) == ("WITHIN_GUARD_BAND_OUTSIDE", "MET")
    assert flip["direction"] == "better"
    assert (better["decision_before"], better["decision_after"]) == ("REFUSED", "DEMONSTRATED")
    assert better["event"] == "MAINTAINED"
    assert "a recall grants nothing" in better["reason"]
    # Between nothing and all of it, nothing is possible, too: no improvement is shown.
    worst = recalled(years, f"recall PM-2021-LEFT {FOUND} PM-2022-FOUND")
    assert by_link(worst)["LINK-3"]["flips"] == []
    assert worst.code == 0


def test_an_error_in_a_certificate_has_no_time_limit(years: Laboratory) -> None:
    """The calibration of 2021 is wrong from its first day: both users, whenever they used it."""
    done = recalled(years, f"recall PM-2021-LEFT {ERROR}", "--shift", "1 %")
    moved = {label for label in results(done) if label.startswith("CAL-")}
    assert moved == {f"CAL-D-2/{ETA}", f"CAL-D-3/{ETA}"}
    assert done.answer["doubt"] is None
    assert by_link(done)["LINK-3"]["flips"][0]["direction"] == "better"


def test_a_calibration_found_off_is_not_withdrawn_by_its_recall(
    years: Laboratory, tmp_path: Path
) -> None:
    own = copy_of(years, tmp_path)
    before = tables(own)
    line = f"recall PM-2020 {FOUND} PM-2021-FOUND"
    assert recalled(own, line, "--confirm", "--reason", "found off").code == 1
    after = tables(own)
    assert after["withdrawal"] == before["withdrawal"]
    assert after["decision_event"] == before["decision_event"] + 1
    audit = own.qtrace("audit --all")
    assert audit.code == 0, audit.said


# --- refused requests, and a process that dies --------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((ERROR,), "what the certificate should have said, in one way"),
        ((ERROR, "--shift", "1 %", "--value", "2"), "in one way"),
        ((ERROR, "--shift", "1 %", "--result", "nothing"), "has no result 'nothing'"),
        ((ERROR, "--shift", "1 nm"), "does not fit a value in 1"),
        ((ERROR, "--value", "1 W", "--input", "CF"), "does not fit the input CF"),
        ((ERROR, "--u", "-0.1", "--input", "CF"), "not negative"),
        ((ERROR, "--shift", "1 %", "--found", "CAL-2022-D1"), "says nothing about the cause"),
        (("--cause withdrawn", "--shift", "1 %"), "says nothing about the cause"),
        (("--cause out_of_tolerance_as_found",), "what the device was found at"),
        (("--cause out_of_tolerance_as_found --found NOWHERE",), "no event called 'NOWHERE'"),
        (("--cause bad_luck",), "'bad_luck' is not known"),
        ((ERROR, "--shift", "1 %", "--model", "sudden"), "'sudden' is not known"),
        ((ERROR, "--shift", "1 %", "--confirm"), "needs a reason"),
        ((ERROR, "--corrected", "input/nist_2022/switch.toml"), "has another model"),
        ((ERROR, "--corrected", "input/nist_2022/meter.toml"), "no input another figure"),
    ],
)
def test_what_makes_no_sense_is_refused(
    walked: Laboratory, options: tuple[str, ...], said: str
) -> None:
    line, *words = (f"recall CAL-2022-METER {options[0]}", *options[1:])
    done = walked.qtrace(line, *words)
    assert done.code == 2, done.said
    assert said in done.said
    assert "Traceback" not in done.err


def test_an_unknown_calibration_is_refused(walked: Laboratory) -> None:
    assert walked.qtrace(f"recall CAL-2022-METRE {ERROR}", "--shift", "1 %").code == 2


DIES = """
import os, sys
from qtrace.cli.main import invoke
from qtrace.registry.recalls import Recalls

written = Recalls.add_decision_event
def dies(self, record):
    written(self, record)
    os._exit(9)
Recalls.add_decision_event = dies
invoke(sys.argv[1:])
"""


def test_a_process_that_dies_leaves_nothing_half_written(
    specified: tuple[Laboratory, str],
) -> None:
    laboratory, _ = specified
    before = tables(laboratory)
    words = [*METER.split(), "--shift", "-0.5 %", "--confirm", "--reason", "letter"]
    died = subprocess.run(
        [sys.executable, "-c", DIES, *words],
        cwd=laboratory.folder,
        env={**os.environ, "PYTHONPATH": str(TOP)},
        check=False,
        timeout=120,
    )
    assert died.returncode == 9
    assert tables(laboratory) == before
    with closing(sqlite3.connect(laboratory.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert laboratory.qtrace("audit --all").code == 0
    assert recalled(laboratory, METER, "--shift", "-0.5 %", "--confirm", "--reason", "l").code == 1


def test_the_drawing_marks_what_changes(specified: tuple[Laboratory, str]) -> None:
    laboratory, number = specified
    recalled(laboratory, METER, "--shift", "-0.5 %", "--graph", "recall.svg")
    drawn = laboratory.read("recall.svg")
    assert drawn.startswith("<svg")
    assert "<script" not in drawn
    for words in (number, "CHANGES", "UNTOUCHED", "STANDS", "MOVES", "RECALLED"):
        assert words in drawn


def test_every_line_fits_the_terminal(specified: tuple[Laboratory, str]) -> None:
    said = specified[0].qtrace(METER, "--shift", "-0.5 %", text=True)
    assert max(len(line) for line in said.out.splitlines()) <= 80


# --- afterwards ---------------------------------------------------------------------------------


def test_nobody_certifies_again_on_figures_that_were_recalled(
    specified: tuple[Laboratory, str],
) -> None:
    laboratory, _ = specified
    recalled(laboratory, METER, "--shift", "-0.5 %", "--confirm", "--reason", "letter")
    assert laboratory.qtrace(f"assess LINK-SYNTHETIC --scheme {RECEIVER}").code == 0
    before = tables(laboratory)
    refused = laboratory.qtrace(f"certify LINK-SYNTHETIC --scheme {RECEIVER} --key lab")
    assert refused.code == 2
    assert "rests on results that were recalled: CAL-2022-METER/indication_ratio" in refused.said
    assert tables(laboratory) == before
    # The other link has nothing to do with it.
    certified(laboratory, "LINK-YIN-2020", "strict-link")


def test_with_the_right_meter_the_receivers_are_evaluated_and_decided_anew(
    specified: tuple[Laboratory, str],
) -> None:
    """Corrected calibrations under new labels, a second round of the run, a new decision."""
    laboratory, _ = specified
    recalled(laboratory, METER, "--shift", "-0.5 %", "--confirm", "--reason", "letter")
    for name in ("meter", "d1", "d2"):
        text = laboratory.read(f"input/nist_2022/{name}.toml").replace('"1.01375"', '"1.00868125"')
        text = text.replace("CAL-2022-METER", "CAL-2022-METER-B")
        for label in ("CAL-2022-D1", "CAL-2022-D2"):
            text = text.replace(f'id = "{label}"', f'id = "{label}-B"')
        done = laboratory.qtrace(f"calibration add {laboratory.write(f'{name}-b.toml', text)}")
        assert done.code == 0, done.said
    for label in ("CAL-2022-D1", "CAL-2022-D2"):
        laboratory.qtrace(f"calibration withdraw {label}", "--reason", "replaced")
    assert laboratory.qtrace("recompute RUN-SYNTHETIC").code == 0
    certified(laboratory, "LINK-SYNTHETIC", RECEIVER)
    listed = {
        (one["word"], one["status"])
        for one in laboratory.qtrace("certificate list").answer
        if one["scheme_id"] == RECEIVER
    }
    # The receiver is below its specification, as the recall had said it would be.
    assert listed == {("DEMONSTRATED", "SUSPENDED"), ("REFUSED", "REFUSED")}
    assert laboratory.qtrace("audit --all").code == 0


def test_whoever_only_read_on_the_instrument_is_named(years: Laboratory, tmp_path: Path) -> None:
    """A reading names the meter and takes no number from it: nothing can be computed for it."""
    own = copy_of(years, tmp_path)
    for label, day in (("READ-2020", "2020-05-01"), ("READ-2021", "2021-05-01")):
        body = (
            '[input.raw]\nvalue = "0.9"\nu = "0.001"\ninstrument = "PM-1"\n'
            'instrument_kind = "indication_ratio"\n[[result]]\n'
            f'measurand = "{ETA}"\nmodel = "raw"\nconditions = {{ wavelength = "1550 nm" }}\n'
        )
        typed(own, "calibration add", calibration(label, "D-1", day, body=body))
    for label, named in (("PM-2020", ["READ-2020"]), ("PM-2021-LEFT", ["READ-2021"])):
        done = recalled(own, f"recall {label} {ERROR}", "--shift", "0.1 %")
        assert done.answer["named_users"] == named
        assert f"{named[0]}/{ETA}" not in results(done)
