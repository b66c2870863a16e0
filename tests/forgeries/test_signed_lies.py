"""Validly signed lies: the seal is in order, the content is not.

Each lie is told by somebody whose key the reader trusts. Each names the check that stops it;
without that check it would pass, which shows that the check is not there for decoration.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from forgeries.forger import Forger
from stranger import DEMONSTRATION, Laboratory

from qtrace.certification import consistency, verification
from qtrace.certification.verification import Step
from qtrace.errors import InputError, IntegrityError
from qtrace.ledger.signing import DocumentKind, Signer

Lie = Callable[[dict], None]


@pytest.fixture(scope="module")
def forger(walked: Laboratory) -> Forger:
    return Forger.with_bundle((walked.folder / DEMONSTRATION).read_bytes())


@pytest.fixture(scope="module")
def strict(walked: Laboratory) -> Forger:
    return Forger.with_bundle((walked.folder / "bundles/synthetic-strict.json").read_bytes())


def result_id(payload: dict, label: str) -> str:
    event, _, name = label.rpartition("/")
    (found,) = [
        key
        for key, one in payload["case"]["dossier"]["results"].items()
        if (one["event_label"], one["name"]) == (event, name)
    ]
    return found


D1 = "CAL-2022-D1/system_detection_efficiency"


def change_value(payload: dict) -> None:
    network = payload["case"]["dossier"]["network"]
    network["results"][result_id(payload, D1)]["value"] = "0.99"


def change_value_in_use(payload: dict) -> None:
    label = "RUN-SYNTHETIC/use/receiver_a/dark_count_rate"
    network = payload["case"]["dossier"]["network"]
    network["results"][result_id(payload, label)]["value"] = "10"


def change_sensitivity(payload: dict) -> None:
    network = payload["case"]["dossier"]["network"]
    network["results"][result_id(payload, D1)]["arguments"][0]["sensitivity"] = "1e-9"


def drop_all_sensitivities(payload: dict) -> None:
    """A figure in whole steps has none; then u is zero and every limit is met."""
    network = payload["case"]["dossier"]["network"]
    for label in (D1, "RUN-SYNTHETIC/recomputation/qber"):
        for argument in network["results"][result_id(payload, label)]["arguments"]:
            argument["sensitivity"] = "0"


def shorten_the_time_of_drift(payload: dict) -> None:
    label = "RUN-SYNTHETIC/use/receiver_a/system_detection_efficiency"
    network = payload["case"]["dossier"]["network"]
    (drift,) = [
        one
        for one in network["results"][result_id(payload, label)]["arguments"]
        if one["name"] == "drift_rate"
    ]
    drift["sensitivity"] = "1"


def use_the_other_detector(payload: dict) -> None:
    """Receiver a shows the calibration of D2, value and drift, under the name of D1."""
    dossier = payload["case"]["dossier"]
    results = dossier["network"]["results"]
    use = "RUN-SYNTHETIC/use/{}/system_detection_efficiency"
    one, other = (result_id(payload, use.format(f"receiver_{x}")) for x in "ab")
    results[one] = {**results[other], "result_id": int(one)}


def claim_an_attestation(payload: dict) -> None:
    for one in payload["case"]["documents"]:
        one["attestation"] = "Prof. Nobody"


def offer_a_figure_for_another_item(payload: dict) -> None:
    for figure in payload["case"]["figures"]:
        if figure["item"] == "detector.dark_count_rate":
            figure["item"] = "detector.dead_time_fraction"


def leave_a_figure_out(payload: dict) -> None:
    del payload["case"]["figures"][0]


def loosen_a_judged_limit_behind_its_text(payload: dict) -> None:
    for one in payload["case"]["link"]["declarations"]:
        if one["name"] == "efficiency_mismatch":
            one["value"] = "0.1"  # and `text` still reads 5 %


def make_a_sound_looking_scheme_unsound(payload: dict) -> None:
    scheme = payload["case"]["scheme"]
    scheme["attestation_kind"] = "certification"


def loosen_the_rule_under_its_name(payload: dict) -> None:
    payload["case"]["scheme"]["rule"]["multiplier"] = "0.01"


def take_the_run_of_another_link(payload: dict) -> None:
    payload["case"]["run"]["link_id"] = "LINK-YIN-2020"


def change_the_counts_of_the_run_only(payload: dict) -> None:
    payload["case"]["run"]["counts"]["errors_z"] = 1


def change_the_counts_of_the_figures_only(payload: dict) -> None:
    dossier = payload["case"]["dossier"]
    for key, (label, name) in dossier["input_owner"].items():
        if (label, name) == ("RUN-SYNTHETIC/recomputation", "errors_z"):
            dossier["network"]["inputs"][key]["estimate"] = "1"


def judge_somebody_elses_detectors(payload: dict) -> None:
    payload["case"]["devices"][0]["device"] = payload["case"]["devices"][1]["device"]


def use_before_calibration(payload: dict) -> None:
    for event in payload["case"]["dossier"]["events"].values():
        if event["label"] == "CAL-2022-D1":
            event["performed_at"] = "2021-08-01T12:00:00.000000Z"


def join_a_detector_that_the_link_does_not_have(payload: dict) -> None:
    payload["case"]["link"]["roles"][0]["device_id"] = "SNSPD-D2"


def draw_from_another_distribution(payload: dict) -> None:
    """Draws would come from a gamma of mean 1; value, u and budget stay as they were."""
    dossier = payload["case"]["dossier"]
    for key, owner in dossier["input_owner"].items():
        if owner == ["CAL-2022-ATT1-D1", "own"]:
            quantity = dossier["network"]["inputs"][key]
            quantity.update(distribution="gamma", parameters=["1", "1"])


def turn_the_sign_of_a_u(payload: dict) -> None:
    """Squares hide it; where amounts add, it would take away from the bound."""
    dossier = payload["case"]["dossier"]
    for key, owner in dossier["input_owner"].items():
        if owner == ["CAL-2022-ATT1-D1", "own"]:
            quantity = dossier["network"]["inputs"][key]
            quantity["standard_uncertainty"] = f"-{quantity['standard_uncertainty']}"


# Lies in the records, with everything concluded anew from them: name, lie, check, words.
IN_THE_RECORDS: dict[str, tuple[Lie, str, str]] = {
    "a result's value": (change_value, "arithmetic", "value is 0.99"),
    "a value in use": (change_value_in_use, "arithmetic", "value is 10.0"),
    "a sensitivity": (change_sensitivity, "arithmetic", "sensitivity to"),
    "sensitivities dropped, u zero": (drop_all_sensitivities, "arithmetic", "sensitivity to"),
    "drift over one second": (shorten_the_time_of_drift, "_uses", "over the time since"),
    "another detector's calibration": (use_the_other_detector, "_uses", "no calibration of it"),
    "an attested document": (claim_an_attestation, "_evidence", "documents are offered"),
    "a figure for another item": (
        offer_a_figure_for_another_item,
        "_evidence",
        "offered for other items",
    ),
    "a figure left out": (leave_a_figure_out, "_evidence", "left out"),
    "a limit behind its text": (
        loosen_a_judged_limit_behind_its_text,
        "_declarations",
        "efficiency_mismatch reads 5 % and is judged as 0.1",
    ),
    "a certification on what is not met": (
        make_a_sound_looking_scheme_unsound,
        "standards_faults",
        "a certification cannot stand on",
    ),
    "a rule under another's name": (
        loosen_the_rule_under_its_name,
        "standards_faults",
        "not the one of that name",
    ),
    "another link's run": (
        take_the_run_of_another_link,
        "_roles",
        "belongs to link LINK-YIN-2020, not LINK-SYNTHETIC",
    ),
    "other counts in the run": (
        change_the_counts_of_the_run_only,
        "_counts",
        "errors_z of RUN-SYNTHETIC/recomputation is not what the run states",
    ),
    "another distribution": (
        draw_from_another_distribution,
        "_distributions",
        "CAL-2022-ATT1-D1/own: the parameters mean an estimate of 1 with u = 1",
    ),
    "a negative u": (turn_the_sign_of_a_u, "_distributions", "own: its u is -2.822"),
    "other devices": (judge_somebody_elses_detectors, "_roles", "not those of the run"),
    "a device that the link does not have": (
        join_a_detector_that_the_link_does_not_have,
        "_roles",
        "does not have SNSPD-D1",
    ),
}


def without(monkeypatch: pytest.MonkeyPatch, check: str) -> None:
    """Take one check away."""
    if check == "arithmetic":
        for name in ("recheck_values", "recheck_uses", "recheck_uncertainties"):
            monkeypatch.setattr(verification, name, lambda *_: [])
        # The linear form of a use is looked at by the comparison of records as well.
        check = "_uses"
    if check.startswith("_check"):
        monkeypatch.setattr(verification, check, lambda *_, **__: Step("", ""))
        return
    kept = tuple(one for one in consistency.CASE_CHECKS if one.__name__ != check)
    assert len(kept) == len(consistency.CASE_CHECKS) - 1
    monkeypatch.setattr(consistency, "CASE_CHECKS", kept)


@pytest.mark.parametrize("lie", IN_THE_RECORDS)
def test_a_lie_in_the_records_is_stopped_by_its_check(forger: Forger, lie: str) -> None:
    change, _, words = IN_THE_RECORDS[lie]
    with pytest.raises(IntegrityError) as caught:
        forger.verify(forger.lie_with_conclusions(change))
    assert words in caught.value.what
    assert "ledger entry" in caught.value.where


ALSO_STOPPED_ELSEWHERE = {"drift over one second", "another detector's calibration"}


@pytest.mark.parametrize("lie", sorted(set(IN_THE_RECORDS) - ALSO_STOPPED_ELSEWHERE))
def test_without_its_check_the_lie_would_pass(
    forger: Forger, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, check, _ = IN_THE_RECORDS[lie]
    data = forger.lie_with_conclusions(change)
    without(monkeypatch, check)
    assert forger.verify(data).established


@pytest.mark.parametrize("lie", sorted(ALSO_STOPPED_ELSEWHERE))
def test_some_lies_are_stopped_twice(
    forger: Forger, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = forger.lie_with_conclusions(IN_THE_RECORDS[lie][0])
    kept = tuple(one for one in consistency.CASE_CHECKS if one.__name__ != "_uses")
    monkeypatch.setattr(consistency, "CASE_CHECKS", kept)
    with pytest.raises(IntegrityError):
        forger.verify(data)
    for name in ("recheck_uses", "recheck_values"):
        monkeypatch.setattr(verification, name, lambda *_: [])
    assert forger.verify(data).established


def test_counts_changed_under_the_figures_are_stopped(forger: Forger) -> None:
    with pytest.raises(IntegrityError, match="not what the run states"):
        forger.verify(forger.lie(change_the_counts_of_the_figures_only))


def test_a_calibration_after_the_use_is_stopped(forger: Forger) -> None:
    with pytest.raises(IntegrityError, match=r"before its calibration|over the time since"):
        forger.verify(forger.lie_with_conclusions(use_before_calibration))


# Lies in what is concluded, above true records.


def drop_a_finding(payload: dict) -> None:
    findings = payload["conclusions"]["findings"]
    (worst,) = [k for k, one in enumerate(findings) if one["requirement_id"] == "RX-07"]
    del findings[worst]


def flip_an_outcome(payload: dict) -> None:
    for one in payload["conclusions"]["findings"]:
        if one["requirement_id"] == "SPD-02":
            one["outcome"] = "MET"


def change_a_printed_value(payload: dict) -> None:
    for one in payload["conclusions"]["results"]:
        if one["label"] == "RUN-SYNTHETIC/recomputation/qber":
            one["value"] = "0.01"


def change_a_printed_u(payload: dict) -> None:
    for one in payload["conclusions"]["results"]:
        if one["label"] == "RUN-SYNTHETIC/recomputation/qber":
            one["standard_uncertainty"] = "0.0001"


def flip_the_decision(payload: dict) -> None:
    payload["conclusions"]["decision"]["word"] = "DEMONSTRATED"


def remove_a_cap(payload: dict) -> None:
    payload["conclusions"]["decision"]["caps"].pop()


def remove_a_break(payload: dict) -> None:
    for chain in payload["conclusions"]["chains"]:
        chain["breaks"] = []


def raise_the_kind(payload: dict) -> None:
    payload["conclusions"]["decision"]["attestation_kind"] = "certification"
    payload["document"]["attestation_kind"] = "certification"
    payload["document"]["title"] = "Statement on a decision (certification)"


def soften_the_scope(payload: dict) -> None:
    payload["conclusions"]["scope"]["cannot_conclude"] = []


IN_THE_CONCLUSIONS: dict[str, Lie] = {
    "a finding dropped": drop_a_finding,
    "an outcome flipped": flip_an_outcome,
    "a printed value": change_a_printed_value,
    "a printed u": change_a_printed_u,
    "a cap removed": remove_a_cap,
    "breaks removed": remove_a_break,
    "the kind raised": raise_the_kind,
    "the scope softened": soften_the_scope,
}


@pytest.mark.parametrize("lie", IN_THE_CONCLUSIONS)
def test_conclusions_that_do_not_follow_are_stopped(
    forger: Forger, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = forger.lie(IN_THE_CONCLUSIONS[lie])
    with pytest.raises(IntegrityError):
        forger.verify(data)
    without(monkeypatch, "_check_conclusions")
    without(monkeypatch, "arithmetic")  # a printed u is compared there, too
    assert forger.verify(data).established


def test_a_refusal_cannot_be_turned(strict: Forger, monkeypatch: pytest.MonkeyPatch) -> None:
    data = strict.lie(flip_the_decision)
    with pytest.raises(IntegrityError, match=r"decision\.word: stated 'DEMONSTRATED'"):
        strict.verify(data)
    without(monkeypatch, "_check_conclusions")
    assert strict.verify(data).established


# Lies on top of the document.

HEAD: dict[str, tuple[str, str]] = {
    "attestation_kind": ("certification", "kind"),
    "title": ("Certification decision", "title"),
    "watermark": ("", "watermark"),
    "person": ("Somebody Famous", "person"),
    "organisation": ("A National Institute", "organisation"),
    "number": ("QT-2026-99999", "number"),
    "issued_at": ("2019-01-01T00:00:00.000000Z", "time of issue"),
}


@pytest.mark.parametrize("name", HEAD)
def test_a_false_head_is_stopped(
    forger: Forger, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, words = HEAD[name]
    data = forger.lie(lambda payload: payload["document"].update({name: value}))
    with pytest.raises(IntegrityError, match=f"the {words} of the document"):
        forger.verify(data)
    without(monkeypatch, "_check_head")
    assert forger.verify(data).established


@pytest.mark.parametrize(("name", "value"), [("subject", "LINK-YIN-2020"), ("action", "assess")])
def test_a_ledger_entry_about_something_else_is_stopped(
    forger: Forger, name: str, value: str
) -> None:
    data = forger.sealed(forger.true.envelope.read_unverified(), **{name: value})
    with pytest.raises(IntegrityError, match=r"link|ledger action"):
        forger.verify(data)


def test_the_ledger_entry_of_another_document_is_stopped(
    forger: Forger, strict: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = type(forger.true)(forger.true.envelope, forger.true.key, strict.true.entry)
    with pytest.raises(IntegrityError, match="does not name this document"):
        forger.verify(bundle.to_bytes(), trusted=forger.true.key)
    without(monkeypatch, "_check_entry")
    without(monkeypatch, "_check_head")
    assert forger.verify(bundle.to_bytes(), trusted=forger.true.key).established


def test_a_key_for_another_use_cannot_seal_a_decision(forger: Forger) -> None:
    payload = forger.true.envelope.read_unverified()
    wrong = Signer.generate(person="A", organisation="B", usage=DocumentKind.CHECKPOINT)
    with pytest.raises(InputError, match="decision-statement"):
        Forger(forger.true, wrong).sealed(payload)
    # Nor is a key believed that is said to be for this after all.
    true = forger.true
    bundle = type(true)(true.envelope, wrong.key, true.entry)
    with pytest.raises(IntegrityError, match="was not signed"):
        forger.verify(bundle.to_bytes(), trusted=wrong.key)


def test_a_key_that_the_reader_does_not_know_is_not_theirs(forger: Forger) -> None:
    data = forger.sealed(forger.true.envelope.read_unverified())
    with pytest.raises(IntegrityError, match="was not signed by Tester"):
        forger.verify(data, trusted=forger.true.key)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p["ext"].update(note="x"), "extensions"),
        (lambda p: p.update(more={}), "is not a qtrace/decision-statement"),
        (lambda p: p.update(format="qtrace/decision-statement/2"), "is not a"),
        (lambda p: p["case"].update(extra="x"), "unknown fields extra"),
        (lambda p: p["case"].pop("figures"), "missing fields figures"),
        (lambda p: p["case"].update(coverage_probability="0.950"), "not a decimal string"),
        (lambda p: p["case"].update(coverage_probability=1), "decimal string"),
        (
            lambda p: p["case"]["dossier"]["network"]["blocks"].append("x"),
            "expected",
        ),
        (
            lambda p: p["case"]["dossier"]["network"]["inputs"].update(
                {"01": p["case"]["dossier"]["network"]["inputs"]["1"]}
            ),
            "one form",
        ),
    ],
)
def test_what_is_not_of_this_format_is_not_read(forger: Forger, change: Lie, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        forger.verify(forger.lie(change))
    assert caught.value.exit_code == 2


# Rules of one's own.


def loosen_a_limit(payload: dict) -> None:
    for standard in payload["case"]["standards"]:
        for row in standard["requirements"]:
            if row["requirement_id"] == "RX-02":
                row["criterion"]["limit"] = "0.5"


def drop_a_requirement(payload: dict) -> None:
    rows = payload["case"]["standards"][1]["requirements"]
    rows[:] = [row for row in rows if row["requirement_id"] != "RX-07"]


def widen_a_bound(payload: dict) -> None:
    payload["case"]["scheme"]["bounds"]["efficiency_mismatch"]["ceiling"] = "100"


@pytest.mark.parametrize("change", [loosen_a_limit, drop_a_requirement])
def test_loosened_requirements_under_the_shipped_digest_are_stopped(
    forger: Forger, change: Lie
) -> None:
    with pytest.raises(IntegrityError, match="claims the digest of the shipped requirements"):
        forger.verify(forger.lie_with_conclusions(change))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (loosen_a_limit, "RX-02 differs in criterion"),
        (drop_a_requirement, "RX-07 is missing"),
        (widen_a_bound, "demonstration-link differs in bounds"),
    ],
)
def test_rules_of_ones_own_are_said_to_be_that(forger: Forger, change: Lie, words: str) -> None:
    def other(payload: dict) -> None:
        change(payload)
        payload["case"]["standards"][1]["digest"] = "0" * 64

    done = forger.verify(forger.lie_with_conclusions(other))
    assert done.other_rules is not None
    assert any(words in line for line in done.other_rules)


def test_the_command_prints_whose_rules_they_are(own: Laboratory, forger: Forger) -> None:
    data = forger.lie_with_conclusions(widen_a_bound)
    answer = own.qtrace(f"certificate verify {own.write('t.json', data)}", text=True)
    assert "NOT AS SHIPPED: - scheme: demonstration-link differs in bounds" in answer.said
    assert own.qtrace("certificate verify t.json").answer["other_rules"] != []
    true = own.qtrace(f"certificate verify {DEMONSTRATION}", text=True)
    assert "requirements and scheme as shipped" in true.said
    assert "NOT AS SHIPPED" not in true.said


# What nobody can see from a document.


def test_a_consistent_lie_about_the_world_passes_and_the_answer_says_so(
    own: Laboratory, forger: Forger
) -> None:
    """A swapped serial number: only the issuer knows which detector lay on the table."""

    def swap(payload: dict) -> None:
        for one in payload["case"]["devices"]:
            one["device"]["serial"] += "-another"

    data = forger.lie_with_conclusions(swap)
    answer = own.qtrace(f"certificate verify {own.write('t.json', data)}", text=True)
    assert answer.code == 5
    cannot = answer.said.partition("cannot be concluded")[2]
    for words in (
        "that the data came from that device",
        "that the laboratory is honest",
        "that nothing was left out before the document was made",
    ):
        assert words in cannot


def test_every_kind_of_damage_ends_in_an_error_of_ours(forger: Forger) -> None:
    """Records are taken away one branch at a time; nothing escapes as a bare exception."""

    def branches(value: object, path: tuple[object, ...]) -> list[tuple[object, ...]]:
        if len(path) > 3:
            return []
        items = value.items() if isinstance(value, dict) else []
        found = [path] if len(path) > 1 else []
        for key, inner in items:
            found += branches(inner, (*path, key))
        return found

    case = forger.true.envelope.read_unverified()["case"]
    # One of each kind stands for its siblings.
    chosen = {
        tuple("#" if str(k)[:3] in {"CAL", "RUN"} or str(k).isdigit() else k for k in p): p
        for p in branches(case, ())
    }
    for path in list(chosen.values())[::8]:

        def remove(payload: dict, path: tuple[object, ...] = path) -> None:
            inner = payload["case"]
            for key in path[:-1]:
                inner = inner[key]
            value = inner[path[-1]]
            if isinstance(value, dict | list):
                value.clear()
            else:
                inner[path[-1]] = "7"

        with contextlib.suppress(InputError, IntegrityError):
            forger.verify(forger.lie(remove))
