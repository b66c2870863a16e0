"""Bell data above the Tsirelson limit: scatter is let through, what is no chance meets nothing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.laboratory.figure_flags import IMPOSSIBLE, disqualifying
from qtrace.laboratory.link import Run
from qtrace.laboratory.recording import NewResult
from qtrace.metrics.catalogue import metric, protocol
from qtrace.metrics.entangled.bell_limit import beyond_range, impossible_bell_data
from qtrace.metrics.run_figures import run_results
from qtrace.metrics.run_inputs import run_inputs
from qtrace.physics.entangled.chsh import PAIRS


def counted(name: str, per_pair: int, *, win: float = 1.0) -> Run:
    """Return a run of as many trials at each setting, won in that part."""
    form = protocol(name)
    assert form.table is not None
    counts = dict.fromkeys(form.table.names(), 0)
    rows = (*PAIRS, "key") if name == "chsh_complete" else PAIRS
    for row in rows:
        won = round(per_pair * win)
        good, bad = ("pm", "mp") if row == "12" else ("pp", "mm"), ("pp", "pm")
        other = bad[0] if row == "12" else bad[1]
        counts[f"{good[0]}_{row}"] += won - won // 2
        counts[f"{good[1]}_{row}"] += won // 2
        counts[f"{other}_{row}"] += per_pair - won
    run = read_run_file(run_template(form).encode()).run
    trials = {"trials": float(per_pair * len(rows))} if name == "chsh_complete" else {}
    return replace(run, counts=counts, parameters={**run.parameters, **trials})


def figures(run: Run) -> tuple[dict[str, NewResult], tuple[str, ...]]:
    form = protocol(run.protocol)
    found, skipped = run_results(run, run.protocol, run_inputs(run, form)[0])
    return {one.name: one for one in found}, skipped


@pytest.mark.parametrize("name", ["chsh", "chsh_complete"])
def test_a_value_of_4_meets_nothing(name: str) -> None:
    found, _ = figures(counted(name, 850))
    assert found["chsh_value"].value == 4.0
    for one in found.values():
        flags = disqualifying(one.flags)
        assert any(flag.startswith(f"{IMPOSSIBLE}: S = 4 ") for flag in flags), one.name


@pytest.mark.parametrize("name", ["chsh", "chsh_complete"])
def test_values_that_are_possible_are_not_flagged(name: str) -> None:
    best = (2.0 + math.sqrt(2.0)) / 4.0
    for per_pair, win in ((1, 1.0), (10_000, best), (10_000, best + 0.002), (10_000, 0.8)):
        assert impossible_bell_data(counted(name, per_pair, win=win)) == ()
    assert impossible_bell_data(counted(name, 100_000, win=best + 0.02)) != ()


def test_the_limit_is_sooner_reached_with_more_counts() -> None:
    first = next(n for n in range(1, 400) if impossible_bell_data(counted("chsh", n)))
    # exp(-t^2 n / 8) = 1e-6 at t = 4 - 2 sqrt 2.
    assert first == math.ceil(8.0 * math.log(1e6) / (4.0 - 2.0 * math.sqrt(2.0)) ** 2)


def test_quantum_data_at_the_limit_are_flagged_as_seldom_as_is_said() -> None:
    generator = np.random.default_rng(4)
    best = (2.0 + math.sqrt(2.0)) / 4.0
    for won in generator.binomial(1000, best, size=500):
        assert impossible_bell_data(counted("chsh", 1000, win=won / 1000)) == ()


def test_other_protocols_have_no_such_limit() -> None:
    run = read_run_file(run_template(protocol("bb84_two_decoy")).encode()).run
    assert impossible_bell_data(run) == ()


def test_figures_of_a_werner_state_that_is_none_are_left_out() -> None:
    found, skipped = figures(counted("chsh", 850))
    assert not any(name.endswith("_werner") for name in found)
    said = " ".join(skipped)
    assert "fidelity_werner: 1.31066 is no" in said
    assert "error_rate_werner: -0.207107 is no" in said
    assert "no Werner state has an S above 2 sqrt 2" in said
    best, _ = figures(counted("chsh", 10_000, win=0.85))
    assert best["fidelity_werner"].value < 1.0


def test_only_figures_of_werner_states_are_judged_so() -> None:
    assert beyond_range(metric("qkd.chsh.chsh_value"), 5.0) == ""
    assert beyond_range(metric("qkd.chsh.visibility_werner"), 1.0) == ""
    assert "between" in beyond_range(metric("qkd.chsh.visibility_werner"), 1.01)
