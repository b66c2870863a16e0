"""Several results against their limits at once, as typed: two detectors that share a meter."""

from __future__ import annotations

import json

import numpy as np
import pytest
from stranger import D1, D2, Laboratory

LIMITS = f"conformity {D1} --rule simple --at-least 0.935 --with"
SECOND = f"{D2} at least 0.94 at most 0.96"


def test_what_two_detectors_share_makes_it_likelier_that_both_conform(walked: Laboratory) -> None:
    answer = walked.qtrace(LIMITS, SECOND)
    assert answer.code == 0
    assert json.loads(answer.out)["schema"] == "qtrace/joint-conformity/1"
    joint = {name: answer.answer["joint"][name] for name in ("probability", "at_least", "at_most")}
    low, found, high = (float(joint[n]) for n in ("at_least", "probability", "at_most"))
    product = float(answer.answer["joint"]["if_independent"])
    assert low < product < found < high < 1.0
    r = float(answer.answer["joint"]["correlation"][0][1])
    assert r == pytest.approx(0.3954, abs=5e-5)
    first, second = answer.answer["answers"]
    assert low == pytest.approx(
        1.0 - float(first["specific"]["fails"]) - float(second["specific"]["fails"]), abs=1e-9
    )
    # Against draws with that correlation between the normal scores of the single risks.
    from scipy.special import ndtri

    z = np.random.Generator(np.random.PCG64(3)).multivariate_normal(
        [0.0, 0.0], [[1.0, r], [r, 1.0]], size=400_000
    )
    inside = np.ones(len(z), dtype=bool)
    for k, one in enumerate((first, second)):
        inside &= z[:, k] >= ndtri(float(one["specific"]["below"]))
        inside &= z[:, k] <= -ndtri(float(one["specific"]["above"]))
    assert found == pytest.approx(float(inside.mean()), abs=5 * 0.5 / 632.0)


def test_the_terminal_prints_with_and_without_covariance(walked: Laboratory) -> None:
    before = walked.ledger()
    text = walked.qtrace(LIMITS, SECOND, text=True)
    for words in ("all conform at once", "if all were independent", "whatever correlates them"):
        assert words in text.said
    assert f"r({D1}, {D2}) = 0.3954" in text.said
    assert max(len(line) for line in text.out.splitlines()) <= 80
    assert walked.ledger() == before


def test_one_that_fails_ends_with_one_and_draws_agree(walked: Laboratory) -> None:
    assert walked.qtrace(LIMITS, f"{D2} at least 0.99").code == 1
    # Draws keep the heavy tails of a few readings: less likely than t with diluted degrees, and
    # again likelier together than by their product.
    drawn = walked.qtrace(LIMITS, SECOND, "--monte-carlo", "50000").answer["joint"]
    low, found, high = (float(drawn[n]) for n in ("at_least", "probability", "at_most"))
    assert low < float(drawn["if_independent"]) < found < high
    assert drawn["method"] == "50000 joint draws"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([D2], "no result with its limits"),
        ([f"{D2} at least 0.9 at least 0.8"], "no result with its limits"),
        ([f"{D1} at most 0.99"], "named twice"),
        ([f"{D2} at least 3 W"], "--at-least"),
        ([SECOND, "--limit-u", "0.01"], "one result at a time"),
    ],
)
def test_bad_questions_end_with_two(walked: Laboratory, more: list[str], said: str) -> None:
    answer = walked.qtrace(LIMITS, *more)
    assert answer.code == 2
    assert said in answer.said
