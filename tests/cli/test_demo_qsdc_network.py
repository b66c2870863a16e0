"""The case study of 15 users: what was measured is judged, and the rest is not passed."""

from __future__ import annotations

import math
import re

import pytest
from demo_walks import Walk, check_profile, check_walk, walk_case

from qtrace.cli.demo_qsdc_network import LEVEL, LINKS, SHORT, SHOWN


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return walk_case("qsdc-network", tmp_path_factory)


def test_the_case_is_walked_and_is_a_demonstration(walk: Walk) -> None:
    check_walk(walk)


def test_only_what_is_shown_is_granted(walk: Walk) -> None:
    text = walk.bench.qtrace("certificate list", text=True).out
    words = dict(re.findall(r"QN-(\S+)\s+direct-check\s+(\S+)", text))
    assert words == {**dict.fromkeys(SHOWN, "DEMONSTRATED"), SHORT: "REFUSED"}
    assert math.comb(15, 2) == LINKS
    assert f"5 of {LINKS} links were measured: of 100 nothing is known" in walk.compared
    assert "absence of evidence is not a pass" in walk.compared


def test_security_is_not_evaluated(walk: Walk) -> None:
    assert "security outcome NOT_EVALUABLE" in walk.said
    assert "NOT EVALUABLE QDC-05" in walk.said
    assert "MET QDC-05" not in walk.said
    assert "not evaluated" in walk.compared


def test_pairs_are_better_than_separable_ones_and_one_baseline_came_first(walk: Walk) -> None:
    late = {}
    for pair in (SHOWN[0], SHORT):
        asked = f"metric advantage RUN-QN-{pair} --baseline {LEVEL}"
        (row,) = walk.bench.qtrace(asked).answer["rows"]
        assert row["advantage"]["standing"] == "better than the baseline"
        late[pair] = row["advantage"]["post_hoc"]
    assert late == {SHOWN[0]: True, SHORT: False}


def test_nothing_of_secrecy_is_compared(walk: Walk) -> None:
    asked = f"metric advantage RUN-QN-{SHORT} --baseline COMPUTATIONAL-KEY-EXCHANGE"
    done = walk.bench.qtrace(asked)
    assert done.code == 1
    assert done.answer["rows"] == []
    check_profile(walk, f"RUN-QN-{SHORT}", {"security": "not shown", "traceability": "shown"})


def test_through_a_third_user_is_a_model_over_recorded_runs(walk: Walk) -> None:
    asked = "network show input/qsdc_network/network.toml --from U02 --to U08"
    pairs = walk.bench.qtrace(asked).answer["pairs"]
    # Two Werner links of 0.97522 and 0.97152: F1 F2 + (1 - F1)(1 - F2)/3.
    expected = 0.97522 * 0.97152 + (1 - 0.97522) * (1 - 0.97152) / 3
    assert float(pairs["fidelity"]) == pytest.approx(expected, abs=2e-5)
    assert "swaps without error or loss" in walk.said
