"""An example's network is that of its text: ways of stating, ensembles, functions, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qtrace.uncertainty.inputs import BlockKind, Distribution, Evaluation
from qtrace.uncertainty.network import standard_uncertainty
from qtrace.validation.given import CaseFileError, Given
from qtrace.validation.networks import build_network, phase, resistor_cube
from qtrace.validation.quantities import WAYS, stated_quantity

ROOT3 = math.sqrt(3.0)


def given(data: dict[str, object]) -> Given:
    return Given(data, str, "inputs")


@pytest.mark.parametrize(
    ("data", "x", "u"),
    [
        ({"x": 5.0}, 5.0, 0.0),
        ({"x": 5.0, "u": 0.1}, 5.0, 0.1),
        ({"x": 5.0, "u_relative": 0.01}, 5.0, 0.05),
        ({"x": 5.0, "U": 0.2, "k": 2.0}, 5.0, 0.1),
        ({"normal": 1.959963984540054, "p": 0.95}, 0.0, 1.0),
        ({"rectangular": ROOT3}, 0.0, 1.0),
        ({"low": 1.0, "high": 3.0}, 2.0, 1.0 / ROOT3),
        ({"triangular": math.sqrt(6.0)}, 0.0, 1.0),
        ({"u_shaped": math.sqrt(2.0)}, 0.0, 1.0),
        ({"trapezoidal": 1.0, "top": 1.0}, 0.0, 1.0 / ROOT3),
        ({"curvilinear": 3.0, "slack": 0.0}, 0.0, ROOT3),
        ({"student": 0.5, "dof": 3.0}, 0.0, 0.5),
        ({"counts": 8, "prior": "uniform"}, 9.0, 3.0),
        ({"readings": [1.0, 3.0]}, 2.0, 1.0),
        ({"x": 2.0, "pooled": 2.0, "n": 4}, 2.0, 1.0),
    ],
)
def test_each_way_of_stating_a_quantity(data: dict[str, object], x: float, u: float) -> None:
    found = stated_quantity(given(data))
    assert (found.estimate, found.standard_uncertainty) == pytest.approx((x, u), rel=1e-12)


def test_every_way_is_tried_above() -> None:
    marks = test_each_way_of_stating_a_quantity.pytestmark
    tried = {key for mark in marks for row in mark.args[1] for key in row[0]}
    assert set(WAYS) <= tried


def test_a_quantity_stated_twice_or_with_a_strange_field_is_refused() -> None:
    with pytest.raises(CaseFileError, match="two ways"):
        stated_quantity(given({"u": 0.1, "rectangular": 0.2}))
    with pytest.raises(CaseFileError, match="unknown field"):
        stated_quantity(given({"u": 0.1, "top": 0.2}))


def test_readings_taken_together_are_one_sample() -> None:
    built = build_network(
        given(
            {
                "quantities": {
                    "a": {"readings": [1.0, 2.0, 3.0]},
                    "b": {"readings": [3.0, 2.0, 1.0]},
                },
                "correlation": [{"names": ["a", "b"], "ensemble_dof": 2.0}],
                "results": [{"name": "sum", "model": "a + b"}],
            }
        )
    )
    (block,) = built.network.blocks
    assert (block.kind, block.degrees_of_freedom) == (BlockKind.ENSEMBLE, 2.0)
    assert block.correlation[0, 1] == pytest.approx(-1.0)
    assert built.network.inputs[1].evaluation is Evaluation.A
    assert standard_uncertainty(built.network, built.last) == pytest.approx(0.0, abs=1e-9)


def test_a_model_rests_on_earlier_results() -> None:
    built = build_network(
        given(
            {
                "quantities": {"s": {"low": -1.0, "high": 1.0}},
                "results": [{"name": "a", "model": "2 * s"}, {"name": "b", "model": "a - 2 * s"}],
            }
        )
    )
    assert built.network.inputs[1].distribution is Distribution.RECTANGULAR
    assert built.network.result(built.last).arguments[0].parent_id == built.results["a"]
    assert standard_uncertainty(built.network, built.last) == 0.0


@pytest.mark.parametrize(
    "changed",
    [
        {"results": [{"name": "y", "model": "a + nobody"}]},
        {"results": [{"name": "y", "model": "a +"}]},
        {"results": [{"name": "y", "function": "nothing", "arguments": ["x=a"]}]},
        {"results": [{"name": "y", "function": "phase", "arguments": ["y=a", "x=nobody"]}]},
        {"results": []},
        {"correlation": [{"names": ["a", "nobody"], "matrix": [[1.0, 0.0], [0.0, 1.0]]}]},
        {"quantities": {"a": {"u": "much"}}},
    ],
)
def test_what_is_not_there_is_refused(changed: dict[str, object]) -> None:
    sound: dict[str, object] = {
        "quantities": {"a": {"u": 1.0}, "b": {"u": 1.0}},
        "results": [{"name": "y", "model": "a + b"}],
    }
    with pytest.raises(CaseFileError):
        build_network(given(sound | changed))


def test_the_functions_of_examples() -> None:
    assert phase(y=np.array([1.0]), x=np.array([0.0]))[0] == pytest.approx(math.pi / 2.0)
    edges = {f"r{k}": np.full(3, 6.0) for k in range(12)}
    assert resistor_cube(**edges) == pytest.approx([5.0, 5.0, 5.0])  # five sixths
