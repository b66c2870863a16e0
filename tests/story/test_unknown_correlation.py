"""Two points of one certificate that says nothing of their correlation, from file to verifier."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from forgeries.forger import Forger
from stranger import PUBLIC_KEY, Laboratory

from qtrace.errors import InputError, IntegrityError

CERTIFICATE = """\
[calibration]
id = "CAL-LOSSES"
device = "ATT-1"
laboratory = "NIST-Boulder"
performed = 2021-06-10T12:00:00Z
procedure = "two settings, imported from certificate B-2021-17"
validation = "comparison"

[input.loss_1]
value = "0.80"
u = "0.0040"
end = "assessed_bound"
statement = "certificate B-2021-17, point 1"

[input.loss_2]
value = "0.60"
u = "0.0030"
end = "assessed_bound"
statement = "certificate B-2021-17, point 2"

[[correlation]]
names = ["loss_1", "loss_2"]
kind = "unknown"
reason = "B-2021-17 does not say"

[[result]]
name = "first"
measurand = "transmittance"
model = "loss_1"

[[result]]
name = "second"
measurand = "transmittance"
model = "loss_2"

[[result]]
name = "ratio"
measurand = "transmittance"
model = "loss_2 / loss_1"
"""
# Each receiver rests on one of the points, so their ratio rests on both.
RECEIVER = """\
[calibration]
id = "CAL-ON-{point}"
device = "{device}"
laboratory = "NIST-Boulder"
performed = 2021-06-20T12:00:00Z
procedure = "substitution"
validation = "comparison"

[input.reading]
value = "1.1"
u = "0"
end = "assessed_bound"
statement = "exact, for this story"

[input.loss]
result = "CAL-LOSSES/{point}"

[[result]]
measurand = "system_detection_efficiency"
conditions = {{ wavelength = "1550.5 nm", photon_rate = "2.4e5 /s", polarization = "maximum", \
bias = "0.53 V", reference_plane = "fibre splice" }}
model = "reading * loss"
"""
RATIO = "CAL-LOSSES/ratio"
PAIR = "RUN-UNKNOWN/recomputation/efficiency_ratio"
NOTE = "correlation not stated: B-2021-17 does not say"
BOUND = 0.010  # 0.5 % and 0.5 % of one certificate
INDEPENDENT = 0.010 / math.sqrt(2.0)  # 0.71 %
ROUNDING = 1e-9  # sensitivities of a metric are differences; sums of doubles else


@pytest.fixture
def imported(own: Laboratory) -> Laboratory:
    answer = own.qtrace(f"calibration add {own.write('losses.toml', CERTIFICATE)}")
    assert answer.code == 0, answer.said
    return own


@pytest.fixture
def recomputed(imported: Laboratory) -> Laboratory:
    for point, device in (("first", "SNSPD-D1"), ("second", "SNSPD-D2")):
        text = RECEIVER.format(point=point, device=device)
        answer = imported.qtrace(f"calibration add {imported.write(f'{point}.toml', text)}")
        assert answer.code == 0, answer.said
    run = imported.read("input/synthetic_link/run.toml").replace("RUN-SYNTHETIC", "RUN-UNKNOWN")
    assert imported.qtrace(f"run add {imported.write('run.toml', run)}").code == 0
    assert imported.qtrace("recompute RUN-UNKNOWN").code == 0
    return imported


def traced(laboratory: Laboratory, label: str) -> dict[str, Any]:
    (one,) = laboratory.qtrace(f"trace {label}").answer
    found: dict[str, Any] = one
    return found


def relative(statement: dict[str, Any], name: str = "standard_uncertainty") -> float:
    return float(statement[name]) / float(statement["value"])


def test_the_ratio_of_two_points_is_stated_at_the_bound(imported: Laboratory) -> None:
    one = traced(imported, RATIO)
    assert relative(one["statement"]) == pytest.approx(BOUND, rel=ROUNDING)
    # What independent points would claim stands beside it.
    assert relative(one["statement"], "tree_uncertainty") == pytest.approx(
        INDEPENDENT, rel=ROUNDING
    )
    assert one["statement"]["coverage_method"] == "Welch-Satterthwaite"
    assert one["statement"]["degrees_of_freedom"] == "infinite"
    lines = one["budget"]["lines"]
    assert [line["note"] for line in lines] == [NOTE, NOTE]
    assert [float(line["share"]) for line in lines] == pytest.approx([0.5, 0.5], rel=ROUNDING)
    assert imported.qtrace("audit --all").code == 0


def test_trace_prints_the_note_once_even_of_lines_that_it_leaves_out(imported: Laboratory) -> None:
    for lines in (12, 1):
        said = imported.qtrace(f"trace {RATIO} --lines {lines}", text=True).said
        assert said.count("correlation not stated") == 1
        assert f"{NOTE}; taken at the bound: CAL-LOSSES/loss_1, CAL-LOSSES/loss_2" in said
        assert "shares include covariances" not in said


def test_a_point_alone_hides_nothing(imported: Laboratory) -> None:
    one = traced(imported, "CAL-LOSSES/first")
    assert relative(one["statement"]) == pytest.approx(0.005, rel=ROUNDING)
    (line,) = one["budget"]["lines"]
    assert "note" not in line  # as in every document before there were notes
    assert "not stated" not in imported.qtrace("trace CAL-LOSSES/first", text=True).said


def test_finite_degrees_of_freedom_leave_k_to_draws_at_the_bound(own: Laboratory) -> None:
    text = CERTIFICATE.replace('u = "0.0040"', 'u = "0.0040"\ndof = 9')
    (ratio,) = (
        one
        for one in own.qtrace(f"calibration add {own.write('finite.toml', text)}").answer["results"]
        if one["label"] == RATIO
    )
    assert ratio["coverage_method"].startswith("Monte Carlo")
    assert "(loss_1, loss_2) correlate in a way that is not stated" in ratio["coverage_method"]
    # Half a t with 9 degrees of freedom and half a normal, together: between both alone.
    assert 1.96 < float(ratio["coverage_factor"]) < 2.27
    assert own.qtrace("audit --all").code == 0


def test_receivers_on_two_points_have_a_ratio_at_the_bound(recomputed: Laboratory) -> None:
    one = traced(recomputed, PAIR)
    assert relative(one["statement"]) == pytest.approx(BOUND, rel=ROUNDING)
    assert relative(one["statement"], "tree_uncertainty") == pytest.approx(
        INDEPENDENT, rel=ROUNDING
    )
    notes = {line["name"]: line.get("note") for line in one["budget"]["lines"]}
    assert notes == {"loss_1": NOTE, "loss_2": NOTE, "reading": None}
    # The u that was stored with the record is the u that the network gives.
    answer = recomputed.qtrace("audit --all")
    assert answer.code == 0, answer.said


def certified(laboratory: Laboratory) -> None:
    """Certify the link on its latest run, with bundle and report."""
    assert laboratory.qtrace("assess LINK-SYNTHETIC --scheme demonstration-link").code == 0
    answer = laboratory.qtrace(
        "certify LINK-SYNTHETIC --scheme demonstration-link --key lab "
        "--bundle unknown.json --report unknown.html"
    )
    assert (laboratory.folder / "unknown.json").exists(), answer.said


def pair_lines(payload: dict[str, Any]) -> list[dict[str, str]]:
    (budget,) = (one for one in payload["conclusions"]["budgets"] if one["label"] == PAIR)
    lines: list[dict[str, str]] = budget["lines"]
    return lines


def all_lines(payload: dict[str, Any]) -> list[dict[str, str]]:
    return [line for one in payload["conclusions"]["budgets"] for line in one["lines"]]


def test_the_note_is_signed_printed_and_verified(recomputed: Laboratory) -> None:
    certified(recomputed)
    assert recomputed.qtrace("audit --all").code == 0
    checked = recomputed.qtrace(f"certificate verify unknown.json --key {PUBLIC_KEY}")
    assert checked.code == 0, checked.said
    html = re.sub(r"<[^>]+>", " ", recomputed.read("unknown.html"))
    said = re.sub(r"\s+", " ", html)
    assert said.count(f"{NOTE}; taken at the bound: CAL-LOSSES/loss_1, CAL-LOSSES/loss_2") == 1
    assert said.count("(correlation not stated)") == 2

    forger = Forger.with_bundle((recomputed.folder / "unknown.json").read_bytes())
    payload = forger.true.envelope.read_unverified()
    notes = {line["name"]: line.get("note") for line in pair_lines(payload)}
    assert notes == {"loss_1": NOTE, "loss_2": NOTE, "reading": None}
    # Lines that have nothing to say do not carry the field.
    assert sum("note" in line for line in all_lines(payload)) == 2


def test_a_note_cannot_be_dropped_or_left_empty_by_a_forger(recomputed: Laboratory) -> None:
    certified(recomputed)
    forger = Forger.with_bundle((recomputed.folder / "unknown.json").read_bytes())

    def drop(payload: dict[str, Any]) -> None:
        del pair_lines(payload)[0]["note"]

    def empty(payload: dict[str, Any]) -> None:
        pair_lines(payload)[0]["note"] = ""

    with pytest.raises(IntegrityError, match="note: only on one side"):
        forger.verify(forger.lie(drop))
    with pytest.raises(InputError, match="note is written although it says nothing"):
        forger.verify(forger.lie(empty))


def test_a_printed_r_says_what_it_does_not_know(own: Laboratory) -> None:
    assert own.qtrace(f"calibration add {own.write('losses.toml', CERTIFICATE)}").code == 0
    text = own.qtrace(
        "trace CAL-LOSSES/first --with CAL-LOSSES/second --with CAL-LOSSES/first", text=True
    ).out
    said = " ".join(text.split())
    assert "r with CAL-LOSSES/second = 0.0000, if points of a certificate whose" in said
    assert "r with CAL-LOSSES/first = 1.0000 " in said + " "
    (traced,) = own.qtrace("trace CAL-LOSSES/first --with CAL-LOSSES/second").answer
    assert traced["unstated"] == ["CAL-LOSSES/second"]
