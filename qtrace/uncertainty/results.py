"""Results that remember: a value, its model, and the arguments of that model.

Inside: `ModelKind`, `Model`, `Argument`, `Result`, `MODEL_NONLINEARITY`, `UNCORRECTED_BIAS`,
`BESIDE_MODEL`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Arguments that stand beside the model, with the sensitivity 1: what first order misses, and a
# known error that was not corrected. Their estimates are known errors (indicated minus true).
MODEL_NONLINEARITY = "model_nonlinearity"
UNCORRECTED_BIAS = "uncorrected_bias"
BESIDE_MODEL = frozenset({MODEL_NONLINEARITY, UNCORRECTED_BIAS})


class ModelKind(StrEnum):
    """How a stored model is evaluated again."""

    EXPRESSION = "expression"  # text in our expression language
    FUNCTION = "function"  # metric id; its function is handed in
    LINEAR = "linear"  # the stored sensitivities are the model


@dataclass(frozen=True, slots=True)
class Model:
    """A measurement model: expression text, metric id with version, or linear."""

    kind: ModelKind
    text: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a model, which is one budget line.

    Exactly one of `parent_id` (a result) and `input_id` (an input quantity) is set.
    `sensitivity` is the partial derivative at the estimate, in SI units.
    """

    name: str
    sensitivity: float
    parent_id: int | None = None
    input_id: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A value in SI units with the model and arguments that it comes from.

    `result_id` is larger than every `parent_id` among the arguments: cycles cannot exist.
    """

    result_id: int
    value: float
    model: Model
    arguments: tuple[Argument, ...]

    @property
    def of_model(self) -> tuple[Argument, ...]:
        """Return the arguments that the model itself takes."""
        return tuple(one for one in self.arguments if one.name not in BESIDE_MODEL)

    @property
    def beside_model(self) -> tuple[Argument, ...]:
        """Return the arguments that only add to u, and whose estimates are known errors."""
        return tuple(one for one in self.arguments if one.name in BESIDE_MODEL)
