"""What a calibration states of its result afterwards: drift and coefficients, as inputs.

Inside: `drift_inputs`, `coefficient_input`, `unit_per`, `Ageing`, `ageing_of`, `drift_label`,
`coefficient_point`.

A calibrated result that is used in another calibration has aged, too: it enters with its
drift since then, exactly as it would in a link (`qtrace.traceability.in_use`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from qtrace.laboratory.drift_draft import CoefficientDraft, DriftDraft
from qtrace.laboratory.event import EndKind, Event, Origin, RecordedResult
from qtrace.quantity.value import parse_quantity
from qtrace.traceability.use import drift_input_name
from qtrace.uncertainty.inputs import Distribution, InputQuantity
from qtrace.uncertainty.random_walk import walk_input

# At how many seconds the walk of a calibration stands in its own event: its u is then sqrt(q 1 s).
WALK_UNIT_S = 1.0
# A condition of use is an argument of the metrics' names; its calibrated point follows the mark.
POINT_MARK = "@"


def unit_per(unit: str, below: str) -> str:
    """Return the unit code of a quantity of one unit per another, e.g. "W" per "K" is "W/K"."""
    if below.startswith("/"):
        return below[1:] if unit in {"", "1"} else f"{below[1:]} {unit}".replace(" /", "/")
    if unit in {"", "1"}:
        return f"/{below}"
    if unit == f"/{below}":
        return f"/{below}^2"
    above, solidus, under = unit.partition("/")
    return f"{above} {below}^-1/{under}".strip() if solidus else f"{unit}/{below}"


def walk_input_name(result_name: str) -> str:
    """Return the name under which a calibration event states the random walk of a result."""
    return f"{result_name}/drift_walk"


def coefficient_prefix(result_name: str) -> str:
    """Return how the names of a result's coefficients begin: condition and point follow."""
    return f"{result_name}/coefficient/"


def drift_label(calibration_label: str) -> str:
    """Return the label of the event that fitted the drift of a calibration's results."""
    return f"{calibration_label}/drift"


def drift_inputs(
    drift: DriftDraft, result_name: str, *, value: float, unit: str
) -> tuple[tuple[InputQuantity, Origin], ...]:
    """Return the drift of a result as inputs of its event, each with where it comes from.

    A bound is a rate of estimate 0; a known rate has its estimate; both are ONE input that all
    uses share. A random walk is stated by where it stands after one second.

    Args:
        drift: The declared process; a fitted rate is no input and adds none.
        result_name: Name of the result.
        value: Value of the result, in SI units.
        unit: SI unit code of the result.

    Source: GUM 4.3.7 (rectangular, half-width a: u = a / sqrt(3)); Wiener process, u^2 = q t.
    """
    found: list[tuple[InputQuantity, Origin]] = []
    origin = Origin(end=EndKind.ASSESSED_BOUND, statement=drift.source or drift.text)
    name, per_second = drift_input_name(result_name), unit_per(unit, "s")
    if drift.half_width_per_s is not None:
        half = drift.half_width_per_s * (abs(value) if drift.relative else 1.0)
        u, shape = half / math.sqrt(3.0), Distribution.RECTANGULAR
        rate = InputQuantity(0, name, 0.0, u, per_second, shape, text=drift.text)
        found.append((rate, origin))
    elif drift.rate_per_s is not None:
        scale = value if drift.relative else 1.0
        rate = InputQuantity(
            0,
            name,
            drift.rate_per_s * scale,
            drift.u_rate_per_s * abs(scale),
            per_second,
            degrees_of_freedom=drift.degrees_of_freedom,
            text=drift.text,
        )
        found.append((rate, origin))
    if drift.variance_per_s is not None:
        q = drift.variance_per_s * (value * value if drift.walk_relative else 1.0)
        walk = walk_input(
            walk_input_name(result_name), q, WALK_UNIT_S, unit=unit, text=drift.walk_text
        )
        found.append((walk, origin))
    return tuple(found)


def coefficient_input(
    coefficient: CoefficientDraft, result_name: str, *, value: float, unit: str
) -> tuple[InputQuantity, Origin]:
    """Return what a condition does to a result, as an input of its event.

    Its name ends with the calibrated point, from which every use counts the difference.

    Args:
        coefficient: As declared.
        result_name: Name of the result.
        value: Value of the result, in SI units.
        unit: SI unit code of the result.
    """
    scale = value if coefficient.relative else 1.0
    name = f"{coefficient_prefix(result_name)}{coefficient.condition}{POINT_MARK}{coefficient.at}"
    made = InputQuantity(
        0,
        name,
        coefficient.slope * scale,
        coefficient.u_slope * abs(scale),
        unit_per(unit, coefficient.per),
        text=coefficient.text,
    )
    return made, Origin(end=EndKind.ASSESSED_BOUND, statement=coefficient.source)


@dataclass(frozen=True, slots=True)
class Ageing:
    """What is on record of how a calibrated result changes afterwards.

    `rate` is an input of its calibration event, or `fitted` the id of a result that rests on the
    history (its value and unit are those of a rate). `walk` states q. `coefficients` maps
    conditions to (input, calibrated point in SI). `adjusted` says of an adjustment since, which
    leaves nothing of the calibration, and `calibration` is its event.
    """

    calibration: Event
    rate: InputQuantity | None = None
    fitted: int | None = None
    walk: InputQuantity | None = None
    coefficients: tuple[tuple[str, float, InputQuantity], ...] = ()
    adjusted: str = ""

    @property
    def stated(self) -> bool:
        """Return whether anything is said of the drift."""
        return not (self.rate is None and self.fitted is None and self.walk is None)

    @property
    def inputs(self) -> tuple[InputQuantity, ...]:
        """Return the recorded inputs that a use may take as arguments."""
        rates = () if self.rate is None else (self.rate,)
        return (*rates, *(one for _, _, one in self.coefficients))


def ageing_of(
    recorded: RecordedResult,
    calibration: Event,
    inputs: Iterable[InputQuantity],
    *,
    fitted: int | None = None,
    adjusted: str = "",
) -> Ageing:
    """Return what the inputs of a calibration event say of one of its results.

    Args:
        recorded: The calibrated result.
        calibration: Its event.
        inputs: The recorded inputs of that event.
        fitted: Id of the fitted rate of this result, where one is on record.
        adjusted: Which adjustment came between calibration and use, if one did.
    """
    by_name = {one.name: one for one in inputs}
    prefix = coefficient_prefix(recorded.name)
    coefficients = []
    for name, one in sorted(by_name.items()):
        if name.startswith(prefix):
            condition, point = coefficient_point(name)
            coefficients.append((condition, point, one))
    return Ageing(
        calibration,
        by_name.get(drift_input_name(recorded.name)),
        fitted,
        by_name.get(walk_input_name(recorded.name)),
        tuple(coefficients),
        adjusted,
    )


def coefficient_point(input_name: str) -> tuple[str, float]:
    """Return (condition, calibrated point in SI) that the name of a coefficient says."""
    condition, _, at = input_name.rpartition("/coefficient/")[2].partition(POINT_MARK)
    return condition, parse_quantity(at).si
