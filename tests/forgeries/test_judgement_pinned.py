"""How figures were judged is pinned in the case: raised, dropped or made up, it shows."""

from __future__ import annotations

import pytest
from forgeries.forger import Forger, Payload
from stranger import DEMONSTRATION, Laboratory

from qtrace.certification.case import CHAIN_JUDGEMENT, JUDGEMENTS
from qtrace.errors import IntegrityError


@pytest.fixture(scope="module")
def forger(walked: Laboratory) -> Forger:
    return Forger.with_bundle((walked.folder / DEMONSTRATION).read_bytes())


def coverage_of(payload: Payload) -> dict[str, str]:
    coverage: dict[str, str] = payload["conclusions"]["decision"]["coverage"]
    return coverage


def test_a_new_statement_says_both_figures_and_how(forger: Forger) -> None:
    payload = forger.true.envelope.read_unverified()
    assert payload["case"]["judgement"] == CHAIN_JUDGEMENT
    coverage = coverage_of(payload)
    assert float(coverage["joint_conformity"]) >= float(coverage["joint_conformity_at_least"])
    assert coverage["joint_conformity_method"].startswith("normal correlation of the chain")


def test_a_better_joint_figure_does_not_follow(forger: Forger) -> None:
    def lie(payload: Payload) -> None:
        coverage_of(payload)["joint_conformity"] = "0.9999"

    with pytest.raises(IntegrityError, match="joint_conformity"):
        forger.verify(forger.lie(lie))


def test_a_judgement_that_nobody_makes_is_refused(
    forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lie(payload: Payload) -> None:
        payload["case"]["judgement"] = "generous"

    forged = forger.lie_with_conclusions(lie)
    with pytest.raises(IntegrityError, match="generous"):
        forger.verify(forged)
    monkeypatch.setattr(
        "qtrace.certification.standards_faults.JUDGEMENTS", JUDGEMENTS | {"generous"}
    )
    forger.verify(forged)  # without the check it would pass


def test_a_statement_without_it_is_concluded_as_before(forger: Forger) -> None:
    def older(payload: Payload) -> None:
        del payload["case"]["judgement"]

    with pytest.raises(IntegrityError, match="only on one side"):
        forger.verify(forger.lie(older))
    done = forger.verify(forger.lie_with_conclusions(older))
    assert done.conclusions.decision.coverage.joint_conformity is None
    assert done.conclusions.decision.coverage.joint_conformity_at_least is not None
