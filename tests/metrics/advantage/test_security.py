"""Security is categorical: a proof with its epsilon and its trusted nodes, no probability."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qtrace.errors import InputError
from qtrace.laboratory.baseline import Baseline
from qtrace.metrics.advantage.security import SecurityAdvantage, state_security
from qtrace.metrics.advantage.statement import Standing
from qtrace.metrics.catalogue import protocol

CLASSICAL = Baseline(
    "C", "qkd.certified_key", "", None, None, "higher", "public-key exchange", "s", "declared"
)
PROOF = next(one for one in protocol("bbm92").proofs if one.regime == "finite")


def said(**changes: object) -> SecurityAdvantage:
    given: dict[str, object] = {
        "certified_bits": 1000.0,
        "epsilon": 1e-9,
        "trusted_nodes": ("A", "B"),
        **changes,
    }
    return state_security(CLASSICAL, PROOF, **given)  # type: ignore[arg-type]


def test_a_certified_key_is_stated_without_a_probability() -> None:
    found = said(post_hoc=True)
    assert found.advantage.standing is Standing.BETTER
    assert found.advantage.probability is None
    assert found.advantage.difference is None
    assert "categorical" in found.advantage.reason
    assert "post hoc" in found.advantage.reason
    assert found.trusted_nodes == ("A", "B")
    assert found.epsilon == 1e-9
    assert found.adversary == PROOF.adversary
    assert any("authentication" in one for one in found.not_covered)
    assert set(PROOF.not_covered) < set(found.not_covered)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"certified_bits": None}, "no certified key"),
        ({"certified_bits": 0.0}, "not above zero"),
        ({"certified_bits": -5.0}, "not above zero"),
        ({"doubts": ("post_hoc: no plan",)}, "post_hoc"),
        ({"epsilon": None}, "no epsilon"),
    ],
)
def test_without_its_ground_it_is_not_shown(changes: dict[str, object], why: str) -> None:
    found = said(**changes)
    assert found.advantage.standing is Standing.NOT_SHOWN
    assert why in found.advantage.reason


def test_an_asymptotic_proof_shows_nothing() -> None:
    asymptotic = replace(PROOF, regime="asymptotic")
    found = state_security(
        CLASSICAL, asymptotic, certified_bits=1.0, epsilon=1e-9, trusted_nodes=("A",)
    )
    assert found.advantage.standing is Standing.NOT_SHOWN
    assert "asymptotic" in found.advantage.reason


def test_a_value_or_no_trusted_node_is_refused() -> None:
    with pytest.raises(InputError, match="trusted"):
        said(trusted_nodes=())
    with pytest.raises(InputError, match="categorical"):
        state_security(
            replace(CLASSICAL, kind="qber", value=0.1),
            PROOF,
            certified_bits=1.0,
            epsilon=1e-9,
            trusted_nodes=("A",),
        )
