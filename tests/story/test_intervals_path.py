"""One meter over five calibrations: its history, what is due, and which interval it deserves."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
from stranger import Laboratory

REGISTER = '[[laboratory]]\nid = "LAB"\nname = "Laboratory"\ncountry = "DE"\n' + "".join(
    f"""
[[device]]
id = "{device}"
class = "power_meter"
manufacturer = "Maker"
model = "M"
serial = "{device}"
"""
    for device in ("REF", "M-1", "M-2", "NEW")
)
RATIO = "indication_ratio"
REFERENCE_U = 0.004
READING_U = 0.0005


def programme(device: str, interval: str, since: str = "2016-01-01") -> str:
    return f"""
[[programme]]
device = "{device}"
kind = "{RATIO}"
interval = "{interval}"
decided_by = "quality"
valid_from = {since}T00:00:00Z
"""


def calibration(label: str, device: str, day: str, value: float, *, state: str = "") -> str:
    """A calibration against the reference, which is behind every one of them."""
    return f"""
[calibration]
id = "{label}"
device = "{device}"
laboratory = "LAB"
performed = {day}T12:00:00Z
procedure = "substitution"
validation = "comparison"
{f'state = "{state}"' if state else ""}

[input.reading]
value = "{value}"
u = "{READING_U}"
end = "assessed_bound"
statement = "assessed"

[input.reference]
result = "CAL-REF/{RATIO}"

[[result]]
measurand = "{RATIO}"
model = "reading * reference"
conditions = {{ wavelength = "1550 nm" }}
"""


REFERENCE = f"""
[calibration]
id = "CAL-REF"
device = "REF"
laboratory = "LAB"
performed = 2016-01-01T12:00:00Z
procedure = "substitution"
validation = "comparison"

[input.reference]
value = "1"
u = "{REFERENCE_U}"
end = "assessed_bound"
statement = "assessed"

[[result]]
measurand = "{RATIO}"
model = "reference"
conditions = {{ wavelength = "1550 nm" }}
"""

# Label, day, value, state: entered later than performed where the order here says so.
FIVE = (
    ("C-2017", "2017-01-01", 1.000, ""),
    ("C-2018-F", "2018-01-01", 1.004, "as_found"),
    ("C-2018-L", "2018-01-05", 1.000, "as_left"),
    ("C-2019-F", "2019-01-05", 1.004, "as_found"),
    ("C-2020-F", "2020-01-05", 1.008, "as_found"),
    ("C-2020-L", "2020-01-20", 1.000, "as_left"),
    ("C-2021", "2021-01-20", 1.0045, ""),
)


def add(laboratory: Laboratory, text: str, command: str = "calibration add") -> None:
    done = laboratory.qtrace(f"{command} {laboratory.write('file.toml', text)}")
    assert done.code == 0, done.said


def _bench(folder: Path) -> Laboratory:
    made = Laboratory(folder)
    assert made.qtrace("init").code == 0
    every = programme("M-1", "365 d") + programme("REF", "100 a") + programme("NEW", "1 a")
    add(made, REGISTER + every, "laboratory add")
    add(made, REFERENCE)
    return made


@pytest.fixture(scope="module")
def walked_five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The five calibrations, the last of them entered before the one of 2018 was left."""
    made = _bench(tmp_path_factory.mktemp("five"))
    for label, day, value, state in (*FIVE[:2], FIVE[-1], *FIVE[2:-1]):
        add(made, calibration(label, "M-1", day, value, state=state))
    return made.folder


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    return _bench(tmp_path)


@pytest.fixture
def five(walked_five: Path, tmp_path: Path) -> Laboratory:
    """A copy that may be written to."""
    shutil.copytree(walked_five, tmp_path / "five")
    return Laboratory(tmp_path / "five")


def test_shifts_go_from_as_left_to_as_found_and_the_shared_reference_falls_out(
    five: Laboratory,
) -> None:
    answer = five.qtrace(f"calibration history M-1 {RATIO}").answer
    pairs = [
        (s["left"]["event_label"], s["found"]["event_label"]) for s in answer["history"]["shifts"]
    ]
    assert pairs == [
        ("C-2017", "C-2018-F"),
        ("C-2018-L", "C-2019-F"),
        ("C-2019-F", "C-2020-F"),
        ("C-2020-L", "C-2021"),
    ]
    moved = [float(s["shift"]) for s in answer["history"]["shifts"]]
    assert moved == pytest.approx([0.004, 0.004, 0.004, 0.0045], abs=1e-12)
    first = answer["history"]["shifts"][0]
    # Both ends rest on one reference: what is left of it is the shift times its u.
    u = math.hypot(math.sqrt(2.0) * READING_U, 0.004 * REFERENCE_U)
    assert float(first["standard_uncertainty"]) == pytest.approx(u, rel=1e-9)
    assert float(first["naive_uncertainty"]) > 5.0 * u
    notes = " ".join(answer["history"]["notes"])
    assert "C-2019-F: as found without an as-left" in notes
    assert "C-2017, C-2021: states neither" in notes
    assert answer["history"]["gaps"] == []


def test_the_rate_is_the_one_that_was_put_in_and_the_value_is_predicted(five: Laboratory) -> None:
    answer = five.qtrace(f"calibration history M-1 {RATIO} --at 2022-01-20").answer
    drift = answer["drift"]
    assert float(drift["rate"]) * 365.25 == pytest.approx(0.0041, abs=1e-4)
    assert drift["residual_degrees_of_freedom"] == 3
    assert float(drift["p_value"]) > 0.5
    expected = answer["prediction"]
    assert float(expected["value"]) == pytest.approx(
        1.0045 + float(drift["rate"]) * 364.5, rel=1e-9
    )  # noon to midnight
    # The reference is behind the value left, not behind the rate.
    u = math.hypot(1.0045 * REFERENCE_U, READING_U)
    assert float(expected["standard_uncertainty"]) == pytest.approx(u, rel=0.03)
    said = five.qtrace(f"calibration history M-1 {RATIO} --at 2022-01-20", text=True)
    assert "expected on 2022-01-20: 1.0086(41)" in said.said
    assert max(len(line) for line in said.out.splitlines()) <= 80


def test_without_as_left_after_an_as_left_there_is_a_gap_and_no_shift(five: Laboratory) -> None:
    add(five, calibration("C-2022-L", "M-1", "2022-01-20", 1.0, state="as_left"))
    answer = five.qtrace(f"calibration history M-1 {RATIO}").answer
    gap = answer["history"]["gaps"][0]
    assert (gap["after"], gap["until"]) == ("C-2021", "C-2022-L")
    assert "as left without as found" in gap["reason"]
    assert len(answer["history"]["shifts"]) == 4
    said = five.qtrace(f"calibration history M-1 {RATIO}", text=True).said
    assert "gap C-2021 to C-2022-L" in said


def test_a_withdrawn_calibration_does_not_count(five: Laboratory) -> None:
    assert five.qtrace("calibration withdraw C-2021 --reason wrong").code == 0
    answer = five.qtrace(f"calibration history M-1 {RATIO}").answer
    assert len(answer["history"]["shifts"]) == 3
    rows = {r["device_id"]: r for r in five.qtrace("calibration due").answer}
    assert rows["M-1"]["last_label"] == "C-2020-L"


def test_due_counts_from_the_latest_performed_not_the_last_entered(five: Laboratory) -> None:
    answer = five.qtrace("calibration due")
    assert answer.code == 0
    order = [row["device_id"] for row in answer.answer]
    assert order == ["NEW", "M-1", "REF"]
    rows = {row["device_id"]: row for row in answer.answer}
    assert rows["NEW"]["state"] == "never calibrated"
    assert rows["M-1"]["last_label"] == "C-2021"  # entered third of seven
    assert rows["M-1"]["due"].startswith("2022-01-20")
    assert rows["M-1"]["state"] == "overdue"
    assert rows["REF"]["state"] == "in force"
    late = five.qtrace("calibration due --overdue")
    assert late.code == 1
    assert [row["device_id"] for row in late.answer] == ["NEW", "M-1"]
    near = five.qtrace("calibration due --within", "100 a")
    assert {row["state"] for row in near.answer} == {"never calibrated", "overdue", "due"}
    said = five.qtrace("calibration due", text=True)
    assert "2 of 3 overdue or never calibrated" in said.out
    assert max(len(line) for line in said.out.splitlines()) <= 80


def test_a_retired_device_is_not_due(five: Laboratory) -> None:
    assert five.qtrace("device retire NEW --reason broken").code == 0
    assert "NEW" not in five.qtrace("calibration due", text=True).out
    assert five.qtrace("calibration due --overdue").code == 1  # the meter still is


def test_method_a3_proposes_and_changes_nothing(five: Laboratory) -> None:
    """Tolerance 0.42 %: three of four in; refused at 95 % target with 1 - 2 P(X <= 3)."""
    before = five.ledger()
    done = five.qtrace(
        f"calibration interval M-1 {RATIO} --method a3 --confidence 0.3 --tolerance", "0.42 %"
    )
    assert done.code == 0
    proposal = done.answer
    assert proposal["version"] == "RP-1 A3 as in suncal 1.7.1"
    assert (proposal["a3"]["in_tolerance"], proposal["a3"]["n"]) == (3, 4)
    q = 1.0 - 2.0 * (1.0 - 0.95**4)
    assert float(proposal["a3"]["rejection_confidence"]) == pytest.approx(q, rel=1e-9)
    days = 365.0 * 10.0 ** ((0.75 - 0.95) * q)
    assert float(proposal["proposed_days"]) == pytest.approx(days, rel=1e-9)
    assert "only 4 observations" in proposal["warnings"]
    said = five.qtrace(
        f"calibration interval M-1 {RATIO} --method a3 --confidence 0.3 --tolerance",
        "0.42 %",
        text=True,
    ).out
    assert "a proposal only" in said
    assert f'interval = "{math.floor(days)} d"' in said
    assert "qtrace programme set FILE" in said
    assert max(len(line) for line in said.splitlines()) <= 80
    assert five.ledger() == before


def test_the_proposed_programme_is_what_the_program_takes(five: Laboratory) -> None:
    said = five.qtrace(
        f"calibration interval M-1 {RATIO} --method a3 --confidence 0.3 --tolerance",
        "0.42 %",
        text=True,
    ).out
    text = said[said.index("[[programme]]") :]
    text = text.replace('"..."', '"quality"').replace("= ...", "= 2021-06-01T00:00:00Z")
    add(five, text, "programme set")
    rows = {row["device_id"]: row for row in five.qtrace("calibration due").answer}
    assert float(rows["M-1"]["interval_days"]) < 365.0


def test_the_variables_method_finds_when_the_drift_leaves_the_tolerance(five: Laboratory) -> None:
    line = f"calibration interval M-1 {RATIO} --method variables --order 1 --tolerance"
    done = five.qtrace(line, "1.5 %")
    assert done.code == 0
    proposal = done.answer
    assert proposal["version"] == "variables method as in suncal 1.7.1"
    found = float(proposal["proposed_days"])
    # u of 0.4 % takes 1.645 u of the 1.5 %; the rest goes at 0.41 % a year.
    rough = (0.015 - 1.645 * 0.00405) / 0.0041 * 365.25
    assert found == pytest.approx(rough, rel=0.05)
    assert any("an extrapolation" in w for w in proposal["warnings"])
    other = five.qtrace(f"{line} ", "1.5 %", "--form", "1.7").answer
    assert other["version"].startswith("variables method as in suncal 1.7 (NASA")
    assert float(other["proposed_days"]) < found


def test_method_s2_takes_several_devices_and_times(five: Laboratory) -> None:
    """Pooled with a second meter that was left longer: the more time, the more out."""
    add(five, programme("M-2", "1 a"), "programme set")
    value, month = 1.0, 0
    add(five, calibration("D-0", "M-2", "2000-01-01", value))
    steps = (
        (6, 0.001),
        (6, 0.001),
        (24, 0.006),
        (24, 0.003),
        (24, 0.007),
        (36, 0.008),
        (36, 0.009),
    )
    for k, (months, step) in enumerate(steps, 1):
        month, value = month + months, value + step
        day = f"{2000 + month // 12}-{month % 12 + 1:02d}-01"
        add(five, calibration(f"D-{k}", "M-2", day, round(value, 6)))
    line = f"calibration interval M-1 {RATIO} --method s2 --with M-2 --target 0.8 --tolerance"
    done = five.qtrace(line, "0.5 %")
    assert done.code == 0, done.said
    proposal = done.answer
    assert len(proposal["s2"]["models"]) == 10
    assert 180.0 < float(proposal["proposed_days"]) < 1100.0
    low, high = proposal["limits_days"]
    assert float(low) < float(proposal["proposed_days"]) < float(high)
    assert {one["device_id"] for one in proposal["observations"]} == {"M-1", "M-2"}


def test_other_conditions_are_another_history(five: Laboratory) -> None:
    other = calibration("C-810", "M-1", "2021-02-01", 0.9).replace("1550 nm", "810 nm")
    add(five, other)
    done = five.qtrace(f"calibration history M-1 {RATIO}")
    assert done.code == 2
    assert "--like C-810/indication_ratio" in done.said
    answer = five.qtrace(f"calibration history M-1 {RATIO} --like C-2017/{RATIO}").answer
    assert len(answer["history"]["states"]) == 7


@pytest.mark.parametrize(
    ("line", "more", "said"),
    [
        ("calibration history NOBODY indication_ratio", (), "NOBODY"),
        ("calibration history M-1 wavelenth", (), "wavelength"),
        ("calibration history NEW indication_ratio", (), "no calibration of indication ratio"),
        ("calibration history M-1 indication_ratio --at 2020-01-01", (), "before the last"),
        ("calibration history M-1 indication_ratio --at someday", (), "no date"),
        ("calibration interval M-1 indication_ratio --method a4", (), "one of: a3, s2, variables"),
        ("calibration interval M-1 indication_ratio --method a3", (), "--tolerance"),
        ("calibration interval M-1 indication_ratio --method a3 --tolerance", ("2 W",), "dimension"),
        ("calibration interval M-1 indication_ratio --method a3 --tolerance", ("-1 %",), "above 0"),
        ("calibration interval M-1 indication_ratio --method a3 --target 2 --tolerance", ("1 %",), "between 0 and 1"),
        ("calibration interval M-1 indication_ratio --method a3 --present 9 --tolerance", ("1 %",), "no duration"),
        ("calibration interval M-1 indication_ratio --method variables --order 7 --tolerance", ("1 %",), "none of 1, 2 and 3"),
        ("calibration interval M-1 indication_ratio --method s2 --tolerance", ("9 %",), "use method a3"),
        ("calibration interval M-1 indication_ratio --method variables --form 9 --tolerance", ("1 %",), "1.7.1"),
        ("calibration interval M-1 indication_ratio --method a3 --order 2 --tolerance", ("1 %",), "does not use --order"),
        ("calibration interval M-1 indication_ratio --method s2 --target-u 1 --tolerance", ("1 %",), "does not use --target-u"),
        ("calibration due --within", ("90 W",), "no duration"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_says_why(
    five: Laboratory, line: str, more: tuple[str, ...], said: str
) -> None:
    done = five.qtrace(line, *more)
    assert done.code == 2
    assert said in done.said


def test_a_present_interval_is_needed_by_a3(bench: Laboratory) -> None:
    for k, day in enumerate(("2018-01-01", "2019-01-01", "2020-01-01")):
        add(bench, calibration(f"E-{k}", "M-2", day, 1.0 + 0.001 * k))
    line = f"calibration interval M-2 {RATIO} --method a3 --tolerance"
    assert "--present" in bench.qtrace(line, "1 %").said
    # All of them in tolerance: longer, as far as chance cannot explain it.
    proposal = bench.qtrace(line, "1 %", "--present", "365 d", "--target", "0.5").answer
    q = 1.0 - 0.5**2
    assert float(proposal["proposed_days"]) == pytest.approx(
        365.0 * min(10.0 ** (0.5 / (1.0 - q)), 2.0), rel=1e-9
    )
