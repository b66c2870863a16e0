"""The network of an example, built from its quantities, correlations and models.

Inside: `Built`, `build_network`, `FUNCTIONS`.

Models are texts in the product's own language. What that cannot say, the angle of a vector and the
solution of a circuit, stands here as a function of the example, not of the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from qtrace.errors import InputError
from qtrace.uncertainty.correlation import check_correlation
from qtrace.uncertainty.evaluation import ModelFunction, evaluate_model
from qtrace.uncertainty.expression import compile_expression
from qtrace.uncertainty.inputs import BlockKind, CorrelationBlock, InputQuantity
from qtrace.uncertainty.multivariate import joint_figure
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Argument, Model, ModelKind, Result
from qtrace.validation.given import Given
from qtrace.validation.quantities import stated_quantity

Array = NDArray[np.float64]
VERSION = "1"


def phase(*, y: Array, x: Array) -> Array:
    """Return the angle of the vector (x, y), in rad."""
    return np.arctan2(y, x)


def resistor_cube(**edges: Array) -> Array:
    """Return the resistance across the body diagonal of a cube of twelve resistors, in ohm.

    Args:
        edges: Resistance of each edge, shape (n,), in the order of their lower corner.

    Source: Kirchhoff's laws; corner 7 is earth, the potential of corner 0 at one ampere is sought.
    """
    rows = np.stack(list(edges.values()))
    pairs = [(a, a ^ bit) for a in range(8) for bit in (1, 2, 4) if not a & bit]
    conductance = np.zeros((rows.shape[1], 8, 8))
    for (a, b), resistance in zip(pairs, rows, strict=True):
        g = 1.0 / resistance
        conductance[:, a, a] += g
        conductance[:, b, b] += g
        conductance[:, a, b] -= g
        conductance[:, b, a] -= g
    current = np.zeros((len(conductance), 7, 1))
    current[:, 0, 0] = 1.0
    return np.asarray(np.linalg.solve(conductance[:, :7, :7], current)[:, 0, 0])


FUNCTIONS: Mapping[str, ModelFunction] = MappingProxyType(
    {f"example.phase@{VERSION}": phase, f"example.resistor_cube@{VERSION}": resistor_cube}
)


@dataclass(frozen=True, slots=True)
class Built:
    """A network with the ids of its results and inputs by name; `last` is what is sought."""

    network: Network
    results: Mapping[str, int]
    inputs: Mapping[str, int]

    @property
    def last(self) -> int:
        """Return the id of the last result."""
        return max(self.results.values())


def build_network(given: Given) -> Built:
    """Build the network of an example.

    Args:
        given: `quantities` (a table of tables), `results` (name and model each, in order),
            and where there are any `ensemble` and `correlation`.

    Raises:
        CaseFileError: a name in a model that is not at hand, or a field that is none.
    """
    inputs: dict[int, InputQuantity] = {}
    ids: dict[str, int] = {}
    table = given.table("quantities")
    for number, name in enumerate(table.keys, start=1):
        found = stated_quantity(table.table(name))
        ids[name] = number
        inputs[number] = InputQuantity(
            number,
            name,
            found.estimate,
            found.standard_uncertainty,
            "1",
            found.distribution,
            found.evaluation,
            found.degrees_of_freedom,
            parameters=found.parameters,
        )
    blocks = _blocks(given, ids)
    results: dict[int, Result] = {}
    named: dict[str, int] = {}
    for row in given.tables("results"):
        network = Network(dict(results), inputs, blocks)
        result = _result(row, network, ids, named=named)
        named[row.text("name")] = result.result_id
        results[result.result_id] = result
        row.finish()
    if not results:
        raise given.error("results", "there is no result")
    return Built(Network(results, inputs, blocks), named, ids)


def _blocks(given: Given, ids: Mapping[str, int]) -> tuple[CorrelationBlock, ...]:
    """Return the correlated inputs: declared, or one sample with its degrees of freedom."""
    blocks = []
    for number, row in enumerate(given.tables("correlation"), start=1):
        names = row.texts("names")
        unknown = [name for name in names if name not in ids]
        if unknown:
            raise row.error("names", f"{unknown[0]} is no quantity of this case")
        if row.has("matrix"):
            entered = np.array(row.rows("matrix"))
        else:  # observed together: the coefficients are those of the readings
            entered = _observed(given.table("quantities"), names)
        dof = row.number("ensemble_dof", 0.0)
        kind = BlockKind.ENSEMBLE if dof else BlockKind.DECLARED
        decimals = row.integer("decimals", 12)
        matrix = check_correlation(entered, decimals, where=", ".join(names))
        blocks.append(
            CorrelationBlock(
                number,
                kind,
                tuple(ids[name] for name in names),
                matrix,
                entered,
                dof or float("inf"),
            )
        )
        row.finish()
    return tuple(blocks)


def _observed(quantities: Given, names: list[str]) -> Array:
    """Return the correlation coefficients of simultaneous readings (GUM Eq. 14, 17)."""
    readings = [quantities.table(name).numbers("readings") for name in names]
    return joint_figure(np.array(readings)).correlation


def _result(
    row: Given, network: Network, ids: Mapping[str, int], *, named: Mapping[str, int]
) -> Result:
    """Evaluate one model at the estimates, by the product's own evaluation."""
    known = {**ids, **named}
    if row.has("function"):
        text = f"example.{row.text('function')}"
        model = Model(ModelKind.FUNCTION, text, VERSION)
        if f"{text}@{VERSION}" not in FUNCTIONS:
            raise row.error("function", f"there is no function {text}")
        sources = dict(pair.split("=", 1) for pair in row.texts("arguments"))
    else:
        model = Model(ModelKind.EXPRESSION, row.text("model"))
        try:
            compiled = compile_expression(model.text, names=frozenset(known))
        except InputError as error:
            raise row.error("model", error.what, next_step=error.next_step) from None
        sources = {name: name for name in compiled.names}
    missing = [name for name in sources.values() if name not in known]
    if missing:
        raise row.error("arguments", f"{missing[0]} is neither quantity nor earlier result")
    estimates, uncertainties = {}, {}
    for argument, name in sources.items():
        if name in named:
            estimates[argument] = network.result(named[name]).value
            uncertainties[argument] = standard_uncertainty(network, named[name])
        else:
            estimates[argument] = network.quantity(ids[name]).estimate
            uncertainties[argument] = network.quantity(ids[name]).standard_uncertainty
    value, gradient = evaluate_model(model, estimates, uncertainties, functions=FUNCTIONS)
    arguments = tuple(
        Argument(argument, gradient[argument], parent_id=named[name])
        if name in named
        else Argument(argument, gradient[argument], input_id=ids[name])
        for argument, name in sources.items()
    )
    return Result(len(network.results) + 1, value, model, arguments)
