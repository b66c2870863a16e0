"""Masks from a series of offsets to findings: against UTC or not, too short, and of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from clock_laboratory import STEPS, U_NS, judged, laboratory_of, offsets_ns, own_scheme
from scipy import signal
from stranger import Laboratory

from qtrace.workflow.assess import assess
from qtrace.workflow.workbench import Workbench

PACK = """\
[standard]
id = "{pack}"
title = "What we ask of a synchronization link"
edition = "2026"
source = "our order 17"

[[requirement]]
id = "LS-01"
title = "TDEV lies below the mask of our order"
side = "timing"
scope = "link"
evidence = "timing.time_deviation"
confidence = "H"
limit_origin = "our order 17, page 2"
origin = {{ kind = "read", source = "our order 17" }}
[requirement.criterion]
kind = "mask"
over = "averaging_time"
judged_on = "upper_bound"
segments = [
  {{ above = "10 s", up_to = "100 s", limit = "{limit}" }},
  {{ above = "100 s", up_to = "2000 s", limit = "{limit}", slope = "0.001 ps/s" }},
]
"""


@pytest.fixture(scope="module")
def two_clocks(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    return laboratory_of(tmp_path_factory.mktemp("two"), offsets_ns())


@pytest.fixture(scope="module")
def against_utc(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    return laboratory_of(tmp_path_factory.mktemp("utc"), offsets_ns(), utc=True)


# The shipped masks


def test_points_of_a_curve_carry_how_much_is_behind_them(two_clocks: Laboratory) -> None:
    bench = Workbench(f"sqlite:///{two_clocks.database}", "tester", two_clocks.folder / "keys")
    found = assess(bench, "LINK", scheme_id="sync-check").conclusions.evidence
    points = [one for one in found if one.item == "timing.time_deviation"]
    assert len(points) >= 6
    for one in points:
        assert 2.0 < one.degrees_of_freedom < STEPS
        assert one.interval is not None
        assert one.interval[0] < (one.value or 0.0) < one.interval[1]
        assert one.attributes["averaging_time"]


def test_two_clocks_are_judged_as_such_and_not_against_utc(two_clocks: Laboratory) -> None:
    found = judged(two_clocks, "sync-check")
    for name in ("PRC-TDEV", "PRC-MTIE", "SYNC-04"):
        assert found[name]["outcome"] == "MET", found[name]["reasons"]
    # White phase noise: TDEV at the first step is its sigma; within a fifth at 600 steps.
    assert float(found["SYNC-04"]["measured_value"]) == pytest.approx(1e3 * U_NS, rel=0.2)
    assert found["SYNC-07"]["outcome"] == "NOT_APPLICABLE"
    utc = judged(two_clocks, "prtc-b-check")
    assert {one["outcome"] for one in utc.values()} == {"NOT_APPLICABLE"}
    for one in utc.values():
        (reason,) = one["reasons"]
        assert "says nothing against UTC" in reason


def test_against_utc_all_three_rows_are_judged(against_utc: Laboratory) -> None:
    found = judged(against_utc, "prtc-b-check")
    assert {name: one["outcome"] for name, one in found.items()} == {
        "PRTC-B-TE": "MET",
        "PRTC-B-MTIE": "MET",
        "PRTC-B-TDEV": "MET",
    }
    # (B - A) + (A - UTC) = 12 ns + 3 ns, and the largest of 600 draws of 5 ps on top
    largest = float(found["PRTC-B-TE"]["measured_value"])
    assert largest == pytest.approx(15.0 + 0.005 * 3.0, abs=0.01)
    assert float(found["PRTC-B-TE"]["standard_uncertainty"]) == pytest.approx(1.0, rel=0.02)
    assert judged(against_utc, "sync-check")["SYNC-07"]["outcome"] != "NOT_APPLICABLE"


def test_a_constant_offset_fails_max_te_and_no_mask(tmp_path: Path) -> None:
    lab = laboratory_of(tmp_path, offsets_ns(constant=60.0), utc=True)
    found = judged(lab, "prtc-b-check")
    assert found["PRTC-B-TE"]["outcome"] == "NOT_MET"
    assert found["PRTC-B-TDEV"]["outcome"] == found["PRTC-B-MTIE"]["outcome"] == "MET"


def test_a_short_record_names_the_times_that_it_does_not_reach(tmp_path: Path) -> None:
    lab = laboratory_of(tmp_path, offsets_ns(30), utc=True)
    found = judged(lab, "prtc-b-check")
    assert found["PRTC-B-TDEV"]["outcome"] == "NOT_EVALUABLE"
    reasons = " ".join(found["PRTC-B-TDEV"]["reasons"])
    assert "record too short or too sparse: no judged point above 500 s, up to 100000 s" in reasons
    assert "worst of 3 judged" in reasons
    # A maximum of the record needs no degrees of freedom, only windows: 54.5 s and more are there.
    assert found["PRTC-B-MTIE"]["outcome"] == "MET"
    tdev = judged(lab, "sync-check")["PRC-TDEV"]
    assert tdev["outcome"] == "NOT_EVALUABLE"
    assert "no judged point above 1000 s, up to 10000 s" in " ".join(tdev["reasons"])


@pytest.mark.parametrize(("constant", "outcome"), [(3.0, "MET"), (-6.0, "NOT_MET")])
def test_class_d_counts_the_constant_part_after_the_low_pass(
    tmp_path: Path, constant: float, outcome: str
) -> None:
    x = offsets_ns(400, constant=constant, sigma=0.4)
    lab = laboratory_of(tmp_path, x, step_s=1.0)
    (found,) = judged(lab, own_scheme(lab, "ITU-T-G.8273.2-class-D-mapped:2020")).values()
    assert found["outcome"] == outcome
    # Independent: the filter of scipy from rest at the first offset, 16 s of settling left out.
    b, a = signal.butter(1, 0.1, fs=1.0)
    slow, _ = signal.lfilter(b, a, x, zi=signal.lfilter_zi(b, a) * x[0])
    assert float(found["measured_value"]) == pytest.approx(np.abs(slow[16:]).max(), abs=2e-5)
    assert float(found["measured_value"]) < np.abs(x).max()


def test_steps_too_long_for_the_low_pass_are_no_evidence(two_clocks: Laboratory) -> None:
    scheme = own_scheme(two_clocks, "ITU-T-G.8273.2-class-D-mapped:2020", name="d.toml")
    (found,) = judged(two_clocks, scheme).values()
    assert found["outcome"] == "NO_EVIDENCE"


# Masks of one's own


@pytest.fixture
def own_mask(tmp_path: Path) -> Callable[[str], Laboratory]:
    """Return what makes a laboratory whose own mask has a given limit."""

    def made(limit: str) -> Laboratory:
        lab = laboratory_of(tmp_path, offsets_ns())
        lab.write("order.toml", PACK.format(pack="LINK-ORDER:2026", limit=limit))
        own_scheme(lab, "LINK-ORDER:2026")
        assert lab.qtrace("key create lab --person Tester --organisation Lab").code == 0
        return lab

    return made


@pytest.mark.parametrize(
    ("limit", "outcome", "code"), [("20 ps", "MET", 0), ("2 ps", "NOT_MET", 1)]
)
def test_a_mask_of_ones_own_from_assessment_to_verification(
    own_mask: Callable[[str], Laboratory], limit: str, outcome: str, code: int
) -> None:
    lab = own_mask(limit)
    found = judged(lab, "own.toml")["LS-01"]
    assert found["outcome"] == outcome
    assert found["limit_origin"] == "our order 17, page 2"
    certified = lab.qtrace("certify LINK --scheme own.toml --key lab --bundle own.json")
    assert certified.code == code, certified.said
    verified = lab.qtrace("certificate verify own.json", text=True)
    assert verified.code == 5  # no key from elsewhere
    assert "requirements: LINK-ORDER:2026 is not shipped here" in verified.said
    audit = lab.qtrace("audit --all")
    assert (audit.code, audit.answer["findings"]) == (0, [])
    assert (audit.answer["other_rules"], audit.answer["statements"]) == (1, 1)
    # The bundle carries its rules: neither file is needed any more.
    (lab.folder / "order.toml").unlink()
    assert lab.qtrace("certificate verify own.json --key keys/lab.pub.json").code == 0
    assert lab.qtrace("audit --all").answer["findings"] == []
    lost = lab.qtrace("assess LINK --scheme own.toml")
    assert lost.code == 2
    assert "LINK-ORDER:2026" in lost.said


def test_a_pack_that_changed_after_the_assessment_is_assessed_again(
    own_mask: Callable[[str], Laboratory],
) -> None:
    lab = own_mask("2 ps")
    assert judged(lab, "own.toml")["LS-01"]["outcome"] == "NOT_MET"
    lab.write("order.toml", PACK.format(pack="LINK-ORDER:2026", limit="20 ps"))
    done = lab.qtrace("certify LINK --scheme own.toml --key lab")
    assert done.code == 2
    assert "qtrace assess LINK --scheme own.toml" in done.said


def test_a_pack_of_ones_own_takes_no_shipped_id_and_nothing_else_is_taken_for_one(
    own_mask: Callable[[str], Laboratory],
) -> None:
    lab = own_mask("20 ps")
    # A shipped scheme does not look around, and what is no pack may even be no TOML.
    lab.write("broken.toml", "[run\nid = ")
    assert judged(lab, "own.toml")["LS-01"]["outcome"] == "MET"
    name = lab.write("taken.toml", PACK.format(pack="ITU-T-G.811-mapped:1997", limit="1 s"))
    refused = lab.qtrace("assess LINK --scheme own.toml")
    assert refused.code == 2
    assert "ITU-T-G.811-mapped:1997 stands in two files, itu_t_g811.toml and taken.toml" in (
        refused.said
    )
    assert judged(lab, "sync-check")["PRC-TDEV"]["outcome"] == "MET"
    (lab.folder / name).unlink()
    lab.write("twice.toml", PACK.format(pack="LINK-ORDER:2026", limit="1 s"))
    assert "stands in two files" in lab.qtrace("assess LINK --scheme own.toml").said


def test_an_unsound_pack_beside_the_scheme_is_named_with_its_line(
    own_mask: Callable[[str], Laboratory],
) -> None:
    lab = own_mask("20 ps")
    text = PACK.format(pack="LINK-ORDER:2026", limit="20 ps")
    lab.write("order.toml", text.replace('limit_origin = "our order 17, page 2"\n', ""))
    refused = lab.qtrace("assess LINK --scheme own.toml")
    assert refused.code == 2
    assert "a limit must say where it comes from" in refused.said
    assert "order.toml" in refused.said


def test_a_pack_is_shown_by_its_file(own_mask: Callable[[str], Laboratory]) -> None:
    lab = own_mask("20 ps")
    shown = lab.qtrace("standard show order.toml")
    assert shown.answer["standard_id"] == "LINK-ORDER:2026"
    text = lab.qtrace("standard show order.toml", text=True).said
    assert "100 s" in text
    assert "our order 17, page 2" in text
    assert lab.qtrace("standard show nothing.toml").code == 2
