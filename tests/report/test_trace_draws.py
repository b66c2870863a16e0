"""What draws over a chain look like on the terminal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from builders import NetworkBuilder

from qtrace.report.trace_text import drawn_lines, validation_lines
from qtrace.uncertainty.adaptive import adaptive_figure, fixed_figure
from qtrace.uncertainty.coverage_interval import IntervalKind
from qtrace.uncertainty.drawn_figure import DrawnFigure, DrawPlan
from qtrace.uncertainty.inputs import BlockKind
from qtrace.uncertainty.network import Network
from qtrace.uncertainty.validation import compare_intervals, validate_result

COLUMNS = 80


def root(x: float) -> Network:
    network = NetworkBuilder()
    network.expression("sqrt(x)", x=network.leaf("x", x, 1.0))
    return network.build()


def drawn(network: Network, plan: DrawPlan | None = None) -> DrawnFigure:
    return fixed_figure(network, 1, n=10_000, plan=plan or DrawPlan(), seed=3, functions={})


def test_draws_that_left_the_domain_are_on_the_page() -> None:
    figure = drawn(root(2.0))
    lines = drawn_lines(figure)
    page = " ".join(" ".join(lines).split())
    assert f"{figure.outside_domain} of 10000 draws" in page
    assert "leave the domain of a model" in page
    assert "counted as outside the interval" in page
    assert figure.outside_domain > 100
    assert all(len(line) <= COLUMNS for line in lines)


def test_a_run_that_did_not_settle_says_so_and_one_that_did_too() -> None:
    short = DrawPlan(digits=4, most_draws=100_000)
    lines = drawn_lines(adaptive_figure(root(90.0), 1, plan=short, seed=1, functions={}))
    assert "not stabilised: after 100000 draws" in " ".join(lines)
    assert not any("all figures stable" in line for line in lines)
    enough = DrawPlan(digits=1, kind=IntervalKind.SHORTEST)
    lines = drawn_lines(adaptive_figure(root(90.0), 1, plan=enough, seed=1, functions={}))
    assert "  shortest" in lines
    assert "  adaptive: 10 blocks; all figures stable to 2 s <= 0.005, 1 digits of u" in lines
    assert all(len(line) <= COLUMNS for line in lines)


def test_a_verdict_shows_both_intervals_and_whether_draws_could_turn_it() -> None:
    found = compare_intervals((1.0, 2.0), (1.01, 2.02), tolerance=0.05)
    assert validation_lines(found) == [
        "JCGM 101 clause 8: GUM interval VALIDATED",
        "  GUM   1 ... 2",
        "  draws 1.01 ... 2.02",
        "  ends differ by 0.01 and 0.02, allowed 0.05 (2 digits of u)",
    ]
    loose = replace(found, settled=False)
    assert validation_lines(loose)[-1] == "  the scatter of these draws could turn this; draw more"


def test_where_the_gum_has_no_interval_the_reason_stands_there() -> None:
    network = NetworkBuilder()
    a, b = network.leaf("a", 0.0, 1.0, dof=5.0), network.leaf("b", 0.0, 1.0, dof=5.0)
    network.correlate([a, b], np.array([[1.0, 0.5], [0.5, 1.0]]), kind=BlockKind.DECLARED)
    network.linear({a: 1.0, b: 1.0})
    lines = validation_lines(validate_result(network.build(), 1, drawn(network.build())))
    assert lines[0] == "JCGM 101 clause 8: GUM interval NOT VALIDATED"
    assert "the GUM gives no interval here" in lines[1]
    assert all(len(line) <= COLUMNS for line in lines)
