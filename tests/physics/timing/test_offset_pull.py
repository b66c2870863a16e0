"""Uncertainties of delays against the truth: reduced here, in full by `make validate-long`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from offset_pulls import RATIOS, SEED, delay_pulls, link_pulls

LONG = Path(__file__).parents[2] / "long" / "offset_pull.toml"
RUNS = 150
LINKS = 3


@pytest.mark.parametrize("ratio", RATIOS)
def test_the_pull_of_a_delay_has_unit_width(ratio: float) -> None:
    found = delay_pulls(ratio, runs=RUNS)
    assert found.failed == 0
    # 1 / sqrt(2 * 150) = 0.06 is one standard deviation of the width, 0.08 of the mean.
    assert np.std(found.pulls, ddof=1) == pytest.approx(1.0, abs=0.18)
    assert np.mean(found.pulls) == pytest.approx(0.0, abs=0.25)
    assert found.u_ps == pytest.approx(found.cramer_rao_ps, rel=0.03)


def test_links_are_found_within_their_uncertainties() -> None:
    # Six numbers: 4 standard deviations are passed once in 2600 such tests.
    assert np.max(np.abs(link_pulls(runs=LINKS))) < 4.0


def test_the_long_run_reached_what_was_asked() -> None:
    long = tomllib.loads(LONG.read_text(encoding="utf-8"))
    assert long["seed"] == SEED
    assert long["runs"] == 1000
    assert [one["background_to_signal"] for one in long["delay"]] == list(RATIOS)
    for one in long["delay"]:
        assert one["pull_standard_deviation"] == pytest.approx(1.0, abs=0.08)
        assert one["failed"] == 0
    for share in ("delay_inside_95", "frequency_inside_95"):
        assert long["links"][share] == pytest.approx(0.95, abs=0.085)  # 3 sd of 60 links
