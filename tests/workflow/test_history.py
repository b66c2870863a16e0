"""What happens later: withdrawal, retirement, looking back, handing out again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from stranger import D1, DEMONSTRATION, Laboratory, one_value

from qtrace.workflow.workbench import parse_as_of


def breaks(laboratory: Laboratory, subject: str, *, as_of: str = "") -> set[tuple[str, str]]:
    prefix = f"--as-of {as_of} " if as_of else ""
    (traced,) = laboratory.qtrace(f"{prefix}trace {subject}").answer
    return {(one["subject"], one["name"]) for one in traced["chain"]["breaks"]}


def test_a_withdrawn_calibration_breaks_everything_above_it(own: Laboratory) -> None:
    before = breaks(own, D1)
    last = own.ledger()[-1]["recorded_at"]
    done = own.qtrace("calibration withdraw CAL-2022-METER --reason", "wrong spline")
    assert done.code == 0
    assert breaks(own, D1) - before == {("CAL-2022-METER", "withdrawn")}
    text = own.qtrace(f"trace {D1}", text=True).said
    assert "withdrawn" in text
    assert "wrong spline" in text
    # What was known before is still known to have been known.
    assert breaks(own, D1, as_of=last) == before
    listed = own.qtrace("calibration list", text=True).out
    (line,) = [one for one in listed.splitlines() if one.startswith("CAL-2022-METER ")]
    assert line.endswith("withdrawn")


def test_a_withdrawal_leaves_the_audit_clean_and_old_documents_verifiable(
    own: Laboratory,
) -> None:
    assert own.qtrace("calibration withdraw CAL-2022-METER --reason wrong").code == 0
    audit = own.qtrace("audit --all")
    assert (audit.code, audit.answer["findings"]) == (0, [])
    assert own.qtrace(f"certificate verify {DEMONSTRATION}").code == 5


def test_nothing_new_is_decided_on_findings_that_a_withdrawal_overtook(own: Laboratory) -> None:
    assert own.qtrace("calibration withdraw CAL-2022-METER --reason wrong").code == 0
    before = len(own.ledger())
    stale = own.qtrace("certify LINK-SYNTHETIC --scheme demonstration-link --key lab")
    assert stale.code == 2, "the records changed openly: nothing is damaged, only overtaken"
    assert "the records changed" in " ".join(stale.said.split())
    assert "qtrace assess LINK-SYNTHETIC" in stale.said
    assert len(own.ledger()) == before
    assert own.qtrace("assess LINK-SYNTHETIC --scheme demonstration-link").code == 0
    again = own.qtrace("certify LINK-SYNTHETIC --scheme demonstration-link --key lab")
    assert again.code == 0
    assert "CAL-2022-METER: withdrawn" in str(again.answer["decision"]["conditions"])
    assert own.qtrace("audit --all").code == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("calibration withdraw CAL-2022-METER --reason again", "the withdrawal"),
        ("device retire SNSPD-D2 --reason again", "the retirement"),
    ],
)
def test_what_is_gone_cannot_go_again(own: Laboratory, line: str, words: str) -> None:
    assert own.qtrace(line).code == 0
    before = len(own.ledger())
    again = own.qtrace(line)
    assert again.code == 2
    assert words in again.said
    assert len(own.ledger()) == before


@pytest.mark.parametrize(
    "line", ["calibration withdraw CAL-2022-METER --reason", "device retire SNSPD-D2 --reason"]
)
def test_a_reason_is_wanted(walked: Laboratory, line: str) -> None:
    assert walked.qtrace(line, "  ").code == 2


def test_a_retired_device_keeps_its_history(own: Laboratory) -> None:
    assert own.qtrace("device retire SNSPD-D2 --reason", "dewar leak").code == 0
    shown = own.qtrace("device show SNSPD-D2").answer
    assert shown["state"] == "retired: dewar leak"
    assert "CAL-2022-D2" in shown["events"]
    assert own.qtrace("trace SNSPD-D2").code == 0
    assert own.qtrace("audit --all").answer["findings"] == []


def test_the_past_is_shown_as_it_was_known(own: Laboratory) -> None:
    entries = own.ledger()
    (d1,) = [e for e in entries if e["subject"] == "CAL-2022-D1"]
    then = own.qtrace(f"--as-of {d1['recorded_at']} calibration list").answer
    assert {one["label"] for one in then} >= {"CAL-2022-D1", "CAL-2022-METER"}
    assert "CAL-2022-D2" not in {one["label"] for one in then}
    assert own.qtrace(f"--as-of {d1['recorded_at']} run list").answer == []
    assert own.qtrace(f"--as-of {d1['recorded_at']} trace CAL-2022-D2").code == 2
    assert len(own.qtrace(f"--as-of {d1['recorded_at']} ledger list").answer) == d1["sequence"]
    today = own.qtrace(f"--as-of {entries[-1]['recorded_at'][:10]} run list").answer
    assert len(today) == 2


NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_date_means_its_whole_day_and_a_time_its_moment() -> None:
    assert parse_as_of("", now=NOON) is None
    assert parse_as_of("2026-04-30", now=NOON) == datetime(
        2026, 4, 30, 23, 59, 59, 999999, tzinfo=UTC
    )
    assert parse_as_of("2026-05-01", now=NOON) is not None  # today, though its end is to come
    assert parse_as_of("2026-05-01T13:00:00+02:00", now=NOON) == datetime(
        2026, 5, 1, 11, tzinfo=UTC
    )


def test_a_bundle_handed_out_again_is_the_same_bytes(own: Laboratory) -> None:
    number = one_value(own, "SELECT max(document_number) FROM decision")
    for name in ("one.json", "two.json"):
        assert own.qtrace(f"certificate export {number} --output {name}").code == 0
    again = (own.folder / "one.json").read_bytes()
    assert again == (own.folder / "two.json").read_bytes()
    assert again == (own.folder / DEMONSTRATION).read_bytes()
    # Whatever is recorded later, the bundle stays.
    assert own.qtrace("calibration withdraw CAL-2022-D1 --reason x").code == 0
    assert own.qtrace(f"certificate export {number} --output three.json").code == 0
    assert (own.folder / "three.json").read_bytes() == again


def test_a_rehearsal_finds_what_recording_would_find_and_leaves_nothing(own: Laboratory) -> None:
    before = own.ledger()
    for line, code in (
        ("laboratory add --dry-run input/nist_2022/register.toml", 2),  # all names are taken
        ("run add --dry-run input/synthetic_link/run.toml", 2),
        ("run add --dry-run input/yin_2020/forbidden_join_d1.toml", 2),
        ("calibration add --dry-run input/nist_2022/d1.toml", 2),
        ("calibration add --dry-run input/nist_2022/comparison/d1_matrix.toml", 0),
    ):
        assert own.qtrace(line).code == code, line
    new = own.read("input/synthetic_link/run.toml").replace("RUN-SYNTHETIC", "RUN-2")
    assert own.qtrace(f"run add --dry-run {own.write('new.toml', new)}").code == 0
    assert own.ledger() == before


def test_a_second_recomputation_stands_beside_the_first(own: Laboratory) -> None:
    first = own.qtrace("calibration list").answer
    again = own.qtrace("recompute RUN-SYNTHETIC")
    assert again.code == 0
    assert all("#2" in one["label"] for one in again.answer["results"])
    listed = own.qtrace("calibration list").answer
    assert [one for one in listed if one in first] == first
    assert own.qtrace("audit --all").code == 0


def test_a_scheme_of_ones_own_is_used_and_said_to_be_that(own: Laboratory) -> None:
    scheme = own.qtrace("scheme show strict-link").answer
    assert scheme["attestation_kind"] == "certification"
    from qtrace.exchange.package_files import data_folder

    text = (data_folder() / "schemes/demonstration_link.toml").read_text(encoding="utf-8")
    text = text.replace('id = "demonstration-link"', 'id = "my-scheme"')
    mine = own.write("mine.toml", text)
    assert own.qtrace(f"assess LINK-SYNTHETIC --scheme {mine}").code == 0
    line = f"certify LINK-SYNTHETIC --scheme {mine} --key lab --bundle mine.json"
    assert own.qtrace(line).code == 0
    answer = own.qtrace("certificate verify mine.json", text=True)
    assert answer.code == 5
    assert "NOT AS SHIPPED: - scheme: my-scheme is not shipped here" in answer.said
    audit = own.qtrace("audit --all")
    assert audit.answer["findings"] == []
    assert (audit.answer["assessments"], audit.answer["other_rules"]) == (3, 1)
    assert "1 assessments were made by rules" in own.qtrace("audit --all", text=True).said
    # Another file under the same name is another scheme.
    own.write("mine.toml", text.replace('not_evaluable = "refuses"', 'not_evaluable = "listed"'))
    other = own.qtrace(line)
    assert other.code == 2
    assert "has not been assessed under my-scheme" in other.said
