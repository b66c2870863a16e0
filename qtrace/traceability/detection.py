"""The test for detection of a result whose model holds a gross count: threshold and limit.

Inside: `Detection`, `detection_of`.

The uncertainty that the estimate would have at another true value comes from the stored model
itself: the gross quantity is set to what that true value would make of it, with the u of its
counts there, and everything else stays as it was measured.
Source: ISO 11929-1:2019, u~(y~) by replacing the gross count rate (clause from memory).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from qtrace.errors import InputError
from qtrace.uncertainty.detection_limits import (
    CharacteristicLimits,
    NonNegativeStatement,
    characteristic_limits,
    non_negative_statement,
)
from qtrace.uncertainty.evaluation import ModelFunction, evaluate_model
from qtrace.uncertainty.few_counts import counted
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Argument, ModelKind, Result

# The model must be a straight line in its gross count; a bend shows well above rounding.
STRAIGHT = 1e-9


@dataclass(frozen=True, slots=True)
class Detection:
    """Characteristic limits of a result, and what its non-negativity adds, in SI units."""

    limits: CharacteristicLimits
    non_negative: NonNegativeStatement | None


@dataclass(frozen=True, slots=True)
class _Line:
    """A result as a straight line in its gross quantity."""

    network: Network
    result: Result
    gross: Argument
    quantity: InputQuantity
    exposure: float
    functions: Mapping[str, ModelFunction]

    def at(self, gross: float) -> tuple[float, dict[str, float]]:
        """Return value and sensitivities of the model with another gross quantity."""
        estimates, uncertainties = {}, {}
        for one in self.result.arguments:
            if one.parent_id is not None:
                estimates[one.name] = self.network.result(one.parent_id).value
                uncertainties[one.name] = standard_uncertainty(self.network, one.parent_id)
            else:
                quantity = self.network.quantity(one.input_id or 0)
                estimates[one.name] = quantity.estimate
                uncertainties[one.name] = quantity.standard_uncertainty
        estimates[self.gross.name] = gross
        return evaluate_model(self.result.model, estimates, uncertainties, functions=self.functions)

    def u(self, true_value: float) -> float:
        """Return u~ of a true value."""
        at = self.quantity.estimate
        value, slopes = self.at(at)
        gross = max(0.0, at + (true_value - value) / slopes[self.gross.name])
        _, gradient = self.at(gross)
        there = replace(
            self.quantity,
            estimate=gross,
            standard_uncertainty=math.sqrt(gross / self.exposure),
        )
        arguments = tuple(replace(a, sensitivity=gradient[a.name]) for a in self.result.arguments)
        moved = Network(
            {
                **self.network.results,
                self.result.result_id: replace(self.result, arguments=arguments),
            },
            {**self.network.inputs, there.input_id or self.gross.input_id or 0: there},
            self.network.blocks,
        )
        return standard_uncertainty(moved, self.result.result_id)


def detection_of(
    network: Network,
    result_id: int,
    gross: str,
    *,
    alpha: float,
    beta: float,
    functions: Mapping[str, ModelFunction],
) -> Detection:
    """Return decision threshold and detection limit of a result.

    Args:
        network: Holds the result and its ancestors.
        result_id: The result.
        gross: Name of the argument whose counts would show the quantity.
        alpha: Probability of a false detection.
        beta: Probability of missing a true value at the detection limit.
        functions: "metric@version" to its function.

    Raises:
        InputError: the gross quantity is no count or rate that the model uses directly, or the
            model is no straight line that rises in it.

    Source: ISO 11929-1:2019 (clauses from memory), with u~^2 of the gross rate g~ = g~ / t.
    """
    line = _line(network, result_id, gross, functions)
    at, u = line.quantity.estimate, line.quantity.standard_uncertainty
    here, slopes = line.at(at)
    slope = slopes[gross]
    far, _ = line.at(at + 10.0 * u)
    if not slope > 0.0 or not math.isclose(far - here, 10.0 * slope * u, rel_tol=STRAIGHT):
        raise InputError(
            f"the model is no straight line that rises with {gross}",
            next_step='take the counts with the signal as gross, e.g. "(gross - background) * w"',
        )
    limits = characteristic_limits(line.u, alpha=alpha, beta=beta)
    own = standard_uncertainty(network, result_id)
    known = non_negative_statement(network.result(result_id).value, own) if own > 0.0 else None
    return Detection(limits, known)


def _line(
    network: Network, result_id: int, gross: str, functions: Mapping[str, ModelFunction]
) -> _Line:
    result = network.result(result_id)
    named = [one for one in result.arguments if one.name == gross]
    if not named or named[0].input_id is None or result.model.kind is ModelKind.LINEAR:
        raise InputError(
            f"{gross!r} is no own input that the model uses directly",
            next_step="name the counted input of this file that stands in the model",
        )
    quantity = network.quantity(named[0].input_id)
    found = counted(quantity)
    if found is None or found.is_proportion:
        raise InputError(
            f"{gross} is no number of counts",
            next_step='write it with distribution = "gamma", counts and time',
        )
    return _Line(network, result, named[0], quantity, found.exposure, functions)
