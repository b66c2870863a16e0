"""What a review found and was mended: each story fails if its mend is undone."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from stranger import Laboratory, tamper

CLASSES = {"PM-1": "power_meter", "PM-2": "power_meter", "D-1": "snspd", "D-2": "snspd"}
KINDS = {"power_meter": ("indication_ratio",), "snspd": ("system_detection_efficiency",)}
EXPIRED = "expired at use"
DAY_S = 86400.0
YEAR_S = 365.25 * DAY_S
DAYS = 334  # from 1 June 2021 to 1 May 2022, eleven months
ROUNDED = 1e-9  # sums of a few doubles

RUN = """\
[run]
id = "RUN"
link = "LINK"
started = 2022-06-01T12:00:00Z
ended = 2022-06-01T12:16:40Z
provenance = "measured"
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
""" + "".join(
    f"""
[[role]]
role = "receiver_{letter}"
device = "D-{k}"
conditions = {{ wavelength = "1550 nm" }}
"""
    for k, letter in ((1, "a"), (2, "b"))
)
LINK = """\
[[link]]
id = "LINK"
title = "a link"
protocol = "bbm92"
endpoints = ["A", "B"]
source = "test"
""" + "".join(
    f"""
[[link.role]]
role = "receiver_{letter}"
device = "D-{k}"
"""
    for k, letter in ((1, "a"), (2, "b"))
)


def programme(device: str, kind: str, *, interval: str = "2 a", since: str = "2021-01-01") -> str:
    """Return a programme as written in a file."""
    return f"""
[[programme]]
device = "{device}"
kind = "{kind}"
interval = "{interval}"
decided_by = "quality"
valid_from = {since}T00:00:00Z
"""


def register(**firmware: str) -> str:
    """Return laboratory, devices and programmes as written in a file."""
    text = '[[laboratory]]\nid = "LAB"\nname = "Laboratory"\ncountry = "DE"\n'
    for device, kind_of_device in CLASSES.items():
        text += f"""
[[device]]
id = "{device}"
class = "{kind_of_device}"
manufacturer = "Maker"
model = "M"
serial = "{device}"
"""
        if device in firmware:
            text += f'firmware = "{firmware[device]}"\n'
        text += "".join(programme(device, kind) for kind in KINDS[kind_of_device])
    return text


def own(name: str, value: str, u: str, *, more: str = "") -> str:
    """Return an input of one's own as written in a file."""
    end = "" if more else 'end = "assessed_bound"\nstatement = "assessed"'
    return f'[input.{name}]\nvalue = "{value}"\nu = "{u}"\n{end}{more}\n'


def reference(name: str, label: str) -> str:
    return f'[input.{name}]\nresult = "{label}"\n'


def result(kind: str, model: str, *, conditions: str = "", drift: str = "") -> str:
    """Return a result as written in a file."""
    text = f'[[result]]\nmeasurand = "{kind}"\nmodel = "{model}"\n'
    text += f"conditions = {{ {conditions} }}\n" if conditions else ""
    return text + (f'drift = {{ bound = "{drift}", source = "ours" }}\n' if drift else "")


def calibration(label: str, device: str, day: str, *tables: str, head: str = "") -> str:
    """Return a calibration file."""
    return (
        f'[calibration]\nid = "{label}"\ndevice = "{device}"\nlaboratory = "LAB"\n'
        f'performed = {day}T12:00:00Z\nprocedure = "substitution"\nvalidation = "comparison"\n'
        f"{head}\n" + "\n".join(tables)
    )


def add(laboratory: Laboratory, text: str, command: str = "calibration add") -> dict:
    """Add a file that must be taken."""
    done = laboratory.qtrace(f"{command} {laboratory.write('file.toml', text)}")
    assert done.code == 0, done.said
    return done.answer


def efficiency(
    device: str, *, eta: str = "0.8", u: str = "0.004", head: str = "", conditions: str = ""
) -> str:
    """Return a plain calibration of a detector in 2021."""
    conditions = f'wavelength = "1550 nm"{conditions}'
    made = result("system_detection_efficiency", "eta", conditions=conditions, drift="1 %/a")
    return calibration(f"CAL-{device}", device, "2021-06-01", own("eta", eta, u), made, head=head)


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    """A small laboratory: two power meters and two detectors, nothing calibrated yet."""
    made = Laboratory(tmp_path)
    assert made.qtrace("init").code == 0
    assert made.qtrace("key create lab --person Tester --organisation Laboratory").code == 0
    add(made, register(), "laboratory add")
    return made


@pytest.fixture
def aged(bench: Laboratory) -> Laboratory:
    """A meter with a drift of 50 % a year, used eleven months later for two others."""
    stretch = 'wavelength = "1500 nm .. 1560 nm"'
    cf = result("indication_ratio", "cf", conditions=stretch, drift="50 %/a")
    add(bench, calibration("CAL-M", "PM-1", "2021-06-01", own("cf", "1.01", "0.002"), cf))
    for k, wavelength in ((1, "1550 nm"), (2, "1600 nm")):
        user = result("indication_ratio", "factor * r", conditions=f'wavelength = "{wavelength}"')
        inputs = (reference("factor", "CAL-M/indication_ratio"), own("r", "1", "0.001"))
        add(bench, calibration(f"CAL-USER-{k}", "PM-2", "2022-05-01", *inputs, user))
    return bench


def judged(laboratory: Laboratory, *, scheme: str = "demonstration-link") -> dict[tuple, dict]:
    """Recompute and assess the link; return its findings by requirement and subject."""
    done = laboratory.qtrace(f"assess LINK --scheme {scheme}")
    assert done.code == 0, done.said
    return {(f["requirement_id"], f["subject"]): f for f in done.answer["findings"]}


def linked(laboratory: Laboratory) -> dict[str, dict]:
    """Put both detectors into a link and recompute a run; return its results by label."""
    add(laboratory, LINK, "link add")
    add(laboratory, RUN, "run add")
    done = laboratory.qtrace("recompute RUN")
    assert done.code == 0, done.said
    return {one["label"]: one for one in done.answer["results"]}


# --- 1: a parent has aged when another calibration uses it -------------------------------------


def test_the_drift_of_a_parent_enters_the_calibration_that_uses_it_later(aged: Laboratory) -> None:
    line = "trace CAL-USER-1/indication_ratio --with CAL-USER-2/indication_ratio"
    (traced,) = aged.qtrace(line).answer
    u_drift = 1.01 * 0.5 * DAYS * DAY_S / YEAR_S / math.sqrt(3.0)
    u = math.hypot(u_drift, 0.002, 1.01 * 0.001)
    assert float(traced["statement"]["standard_uncertainty"]) == pytest.approx(u, rel=ROUNDED)
    assert u / 1.01 == pytest.approx(0.264, abs=5e-4)
    lines = dict(zip(traced["budget"]["owners"], traced["budget"]["lines"], strict=True))
    drift = lines["CAL-M/indication_ratio/drift_rate"]
    assert float(drift["contribution"]) == pytest.approx(u_drift, rel=ROUNDED)
    assert float(drift["sensitivity"]) == DAYS * DAY_S
    # One rate for both users: only their own readings are not shared.
    ((*_, r),) = traced["correlations"]
    assert float(r) == pytest.approx(1.0 - (1.01 * 0.001 / u) ** 2, rel=ROUNDED)
    assert aged.qtrace("audit --all").code == 0


def test_a_tampered_time_of_drift_is_found(aged: Laboratory) -> None:
    tamper(
        aged,
        "UPDATE argument SET sensitivity = 1.0 WHERE name = 'drift_rate' AND result_id = "
        "(SELECT min(result_id) FROM argument WHERE name = 'drift_rate')",
    )
    found = aged.qtrace("audit --all")
    assert found.code == 3
    assert "CAL-USER-1/factor_at_use: sensitivity to drift_rate" in found.said


def test_a_calibrated_range_still_binds_a_parent_that_has_aged(aged: Laboratory) -> None:
    breaks = {
        k: {
            one["name"]
            for one in aged.qtrace(f"trace CAL-USER-{k}/indication_ratio").answer[0]["chain"][
                "breaks"
            ]
        }
        for k in (1, 2)
    }
    assert breaks == {1: set(), 2: {"outside range or conditions"}}


@pytest.mark.parametrize(("day", "warned"), [("2021-06-01", 0), ("2021-06-12", 1)])
def test_a_parent_without_a_stated_drift_warns_after_a_day(
    bench: Laboratory, day: str, warned: int
) -> None:
    add(
        bench,
        calibration(
            "CAL-M", "PM-1", "2021-06-01", own("cf", "1", "0.1"), result("indication_ratio", "cf")
        ),
    )
    user = calibration(
        "CAL-USER",
        "PM-2",
        day,
        reference("factor", "CAL-M/indication_ratio"),
        result("indication_ratio", "factor"),
    )
    warnings = add(bench, user)["warnings"]
    assert len(warnings) == warned
    assert all("11 days after its calibration, and its drift is not stated" in w for w in warnings)


def test_a_detector_calibrated_by_another_is_used_with_its_own_efficiency(
    bench: Laboratory,
) -> None:
    """The standard at its time of use belongs to the event of the other detector."""
    add(bench, efficiency("D-1"))
    half = result(
        "system_detection_efficiency", "known * ratio", conditions='wavelength = "1550 nm"'
    )
    standard = reference("known", "CAL-D-1/system_detection_efficiency")
    add(
        bench, calibration("CAL-D-2", "D-2", "2022-05-01", standard, own("ratio", "0.5", "0"), half)
    )
    used = linked(bench)
    assert float(used["RUN/use/receiver_b/system_detection_efficiency"]["value"]) == 0.4
    # A document that rests on an aged parent is one that a stranger can check.
    judged(bench)
    bench.qtrace("certify LINK --scheme demonstration-link --key lab --bundle b.json")
    checked = bench.qtrace("certificate verify b.json --key keys/lab.pub.json")
    assert checked.code == 0, checked.said
    assert bench.qtrace("audit --all").code == 0


# --- 3: programmes in hindsight -----------------------------------------------------------------


def expired(laboratory: Laboratory) -> bool:
    """Return whether CAL-M was out of force when CAL-USER used it."""
    (traced,) = laboratory.qtrace("trace CAL-USER-1/indication_ratio").answer
    return EXPIRED in {one["name"] for one in traced["chain"]["breaks"]}


def test_a_longer_interval_decided_afterwards_saves_no_expired_calibration(
    aged: Laboratory,
) -> None:
    """All programmes here are recorded long after the use; alone, one of them counts."""
    assert not expired(aged)
    short = programme("PM-1", "indication_ratio", interval="100 d", since="2021-02-01")
    add(aged, short, "programme set")
    assert expired(aged)
    longer = programme("PM-1", "indication_ratio", interval="5 a", since="2021-03-01")
    add(aged, longer, "programme set")
    assert expired(aged)


# --- 4 and 8: efficiencies as evidence ----------------------------------------------------------


def test_a_negative_efficiency_is_never_met_and_is_said_wherever_it_is_used(
    bench: Laboratory,
) -> None:
    added = add(bench, efficiency("D-1", eta="-0.3", u="0.01"))
    flag = "estimate beyond its physical bound by 30 u"
    assert added["results"][0]["flags"] == [flag]
    used = linked(bench)["RUN/use/receiver_a/system_detection_efficiency"]
    assert any(one.startswith("estimate beyond its physical bound") for one in used["flags"])
    finding = judged(bench)["SPD-04", "receiver_a"]
    assert finding["outcome"] == "NOT_MET"
    assert any("impossible value, not explained" in reason for reason in finding["reasons"])


@pytest.mark.parametrize(
    ("conditions", "outcome"),
    [
        ("", "NO_EVIDENCE"),
        (', firmware = "1.1"', "NO_EVIDENCE"),
        (', firmware = "1.2"', "MET"),
    ],
)
def test_firmware_counts_only_where_the_calibration_states_it(
    tmp_path: Path, conditions: str, outcome: str
) -> None:
    bench = Laboratory(tmp_path)
    bench.qtrace("init")
    add(bench, register(**{"D-1": "1.2"}), "laboratory add")
    add(bench, efficiency("D-1", conditions=conditions))
    add(bench, LINK, "link add")
    # The run states whatever firmware was calibrated: what counts is the one on record.
    add(bench, RUN.replace('"1550 nm" }', f'"1550 nm"{conditions} }}', 1), "run add")
    assert bench.qtrace("recompute RUN").code == 0
    assert judged(bench)["SPD-04", "receiver_a"]["outcome"] == outcome


# --- 5: what limits a calibration limits the statement ------------------------------------------


@pytest.mark.parametrize(
    ("head", "cap"),
    [
        ("", ""),
        ('provenance = "simulated"', "simulated"),
        ('provenance = "published"', "published_only"),
        ('from_memory = ["u of the efficiency"]', "from_memory"),
    ],
)
def test_where_the_data_of_a_calibration_come_from_caps_the_statement(
    bench: Laboratory, head: str, cap: str
) -> None:
    add(bench, efficiency("D-1", head=head))
    linked(bench)
    judged(bench)
    done = bench.qtrace("certify LINK --scheme demonstration-link --key lab")
    caps = {one["kind"] for one in done.answer["decision"]["caps"]}
    assert caps & {"simulated", "published_only", "from_memory"} == ({cap} if cap else set())


# --- 6: certificates ----------------------------------------------------------------------------

SCOPE = """
[[laboratory]]
id = "LAB-B"
name = "Accredited"
country = "DE"

[[laboratory.competence]]
kind = "transmittance"
route = "accredited"
low = 0
high = 1
U = "0.001"
valid_from = 2021-01-01T00:00:00Z
valid_until = 2021-04-01T00:00:00Z
reference = "scope 1"
"""


def certified(label: str, more: str) -> str:
    """Return a detector's calibration that rests on a certificate of a transmittance."""
    issued = (
        '\ncertificate = { issuer = "LAB-B", number = "B-17", route = "accredited", '
        f"available = true{more} }}"
    )
    made = result("system_detection_efficiency", "loss")
    return calibration(label, "D-1", "2021-06-01", own("loss", "0.5", "0.01", more=issued), made)


@pytest.mark.parametrize(
    ("more", "competent"),
    [
        (', kind = "transmittance", issued = "2021-03-01"', True),
        (', kind = "transmittance", issued = "2021-05-01"', False),  # the scope had ended
        (', kind = "transmittance"', False),  # so it had on the day of the event
        (', kind = "power_ratio", issued = "2021-03-01"', False),
        ("", False),  # asked for an efficiency, which LAB-B does not calibrate
    ],
)
def test_a_certificate_is_judged_on_its_quantity_and_its_day(
    bench: Laboratory, more: str, *, competent: bool
) -> None:
    add(bench, SCOPE, "laboratory add")
    add(bench, certified("CAL-1", more))
    (traced,) = bench.qtrace("trace CAL-1/system_detection_efficiency").answer
    assert ("not competent" not in {b["name"] for b in traced["chain"]["breaks"]}) is competent


def test_a_certificate_that_is_entered_twice_warns(bench: Laboratory) -> None:
    assert add(bench, certified("CAL-1", ""))["warnings"] == []
    (warning,) = add(bench, certified("CAL-2", ""))["warnings"]
    assert "LAB-B B-17 stands behind CAL-1/loss, too" in warning


# --- 10 and 11: what a device can be, and what rests on a calibration ---------------------------


def test_a_quantity_that_a_device_does_not_have_is_not_calibrated_on_it(bench: Laboratory) -> None:
    before = bench.ledger()
    text = calibration(
        "CAL-X", "D-1", "2021-06-01", own("t", "1", "0.1"), result("transmittance", "t")
    )
    refused = bench.qtrace(f"calibration add {bench.write('x.toml', text)}")
    assert refused.code == 2
    assert "transmittance cannot be calibrated on a snspd" in refused.said
    assert "x.toml, line 17" in refused.said
    assert bench.ledger() == before


def test_a_withdrawal_names_all_that_rests_on_it(bench: Laboratory) -> None:
    for device in ("D-1", "D-2"):
        add(bench, efficiency(device))
    linked(bench)
    judged(bench)
    issued = bench.qtrace("certify LINK --scheme demonstration-link --key lab").answer
    done = bench.qtrace("calibration withdraw CAL-D-1 --reason wrong").answer
    assert set(done["events"]) == {"RUN/use/receiver_a", "RUN/recomputation"}
    assert done["runs"] == ["RUN"]
    assert done["documents"] == [issued["document"]["number"]]
    add(bench, efficiency("D-1").replace("CAL-D-1", "CAL-LONELY"))
    alone = bench.qtrace("calibration withdraw CAL-LONELY --reason wrong").answer
    assert (alone["events"], alone["runs"], alone["documents"]) == ([], [], [])
