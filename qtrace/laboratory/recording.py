"""What is handed over to be recorded as the results of an event, before it has ids.

Inside: `NewArgument`, `NewResult`, `RecordedEvent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qtrace.quantity.measurand import Measurand
from qtrace.uncertainty.results import Model


@dataclass(frozen=True, slots=True)
class NewArgument:
    """One argument of a model that is to be recorded, which is one budget line.

    Exactly one source is given: `input_name` (an input of the same event), `own_result_name`
    (a result listed earlier in the same event), `parent_id` (a recorded result), `input_id`
    (a recorded input of another event, such as a statement shared by several).
    `sensitivity` is the partial derivative at the estimate, in SI units.
    """

    name: str
    sensitivity: float
    input_name: str = ""
    own_result_name: str = ""
    parent_id: int | None = None
    input_id: int | None = None

    def sources(self) -> int:
        """Return how many sources are given; one is right."""
        return (
            bool(self.input_name)
            + bool(self.own_result_name)
            + (self.parent_id is not None)
            + (self.input_id is not None)
        )


@dataclass(frozen=True, slots=True)
class NewResult:
    """A result of an event that is to be recorded; values in the coherent SI unit.

    `standard_uncertainty` is a cache, which audit recomputes. `interval` is (low, high, p).
    """

    name: str
    measurand: Measurand
    model: Model
    value: float
    unit: str
    standard_uncertainty: float
    arguments: tuple[NewArgument, ...]
    form: str = "estimate"
    interval: tuple[float, float, float] | None = None
    interval_method: str = ""
    flags: tuple[str, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """The ids that an event, its inputs and its results got when they were recorded."""

    event_id: int
    input_ids: Mapping[str, int]
    result_ids: Mapping[str, int]
