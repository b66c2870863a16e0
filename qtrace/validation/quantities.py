"""Input quantities of an example: how each is stated becomes an estimate, u and a distribution.

Inside: `Stated`, `stated_quantity`, `WAYS`. Every way is evaluated by the product's own type A and
type B functions; nothing is computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qtrace.uncertainty import distributions as shapes
from qtrace.uncertainty.inputs import Distribution, Evaluation
from qtrace.uncertainty.stated import from_certificate
from qtrace.uncertainty.type_a import Serial, Subject, mean_of_readings, mean_with_pooled
from qtrace.validation.given import Given


@dataclass(frozen=True, slots=True)
class Stated:
    """A quantity as it enters a network, in the unit of the case."""

    estimate: float
    standard_uncertainty: float
    degrees_of_freedom: float = math.inf
    distribution: Distribution = Distribution.NORMAL
    evaluation: Evaluation = Evaluation.B
    parameters: tuple[float, ...] = ()


def _shape(found: shapes.TypeB, dof: float = math.inf) -> Stated:
    nu = found.degrees_of_freedom if math.isinf(dof) else dof
    return Stated(
        found.estimate,
        found.standard_uncertainty,
        nu,
        found.distribution,
        Evaluation.B,
        found.parameters,
    )


def _exact(given: Given) -> Stated:
    return Stated(given.number("x"), 0.0)


def _standard(given: Given) -> Stated:
    return Stated(given.number("x", 0.0), given.number("u"), given.number("dof", math.inf))


def _relative(given: Given) -> Stated:
    x = given.number("x")
    return Stated(x, abs(x) * given.number("u_relative"), given.number("dof", math.inf))


def _certificate(given: Given) -> Stated:
    dof = given.number("dof") if given.has("dof") else None
    found = from_certificate(
        given.number("U"),
        k=given.number("k") if given.has("k") else None,
        probability=given.number("p") if given.has("p") else None,
        degrees_of_freedom=dof,
    )
    return Stated(given.number("x", 0.0), found.standard_uncertainty, found.degrees_of_freedom)


def _interval(given: Given) -> Stated:
    dof = given.number("dof", math.inf)
    found = shapes.normal_interval(
        given.number("x", 0.0),
        given.number("normal"),
        probability=given.number("p"),
        degrees_of_freedom=dof,
    )
    return _shape(found)


def _rectangular(given: Given) -> Stated:
    x, dof = given.number("x", 0.0), given.number("dof", math.inf)
    return _shape(shapes.rectangular(x, given.number("rectangular")), dof)


def _limits(given: Given) -> Stated:
    low, high = given.number("low"), given.number("high")
    return _shape(shapes.rectangular(low / 2.0 + high / 2.0, high / 2.0 - low / 2.0))


def _triangular(given: Given) -> Stated:
    return _shape(shapes.triangular(given.number("x", 0.0), given.number("triangular")))


def _u_shaped(given: Given) -> Stated:
    return _shape(shapes.u_shaped(given.number("x", 0.0), given.number("u_shaped")))


def _trapezoidal(given: Given) -> Stated:
    x, half = given.number("x", 0.0), given.number("trapezoidal")
    return _shape(shapes.trapezoidal(x, half, top_half_width=given.number("top")))


def _curvilinear(given: Given) -> Stated:
    x, half, slack = given.number("x", 0.0), given.number("curvilinear"), given.number("slack")
    return _shape(shapes.curvilinear_trapezoid(x, half, half_width_uncertainty=slack))


def _student(given: Given) -> Stated:
    scale, dof = given.number("student"), given.number("dof")
    return _shape(shapes.student(given.number("x", 0.0), scale, degrees_of_freedom=dof))


def _counts(given: Given) -> Stated:
    prior = {"jeffreys": shapes.JEFFREYS_COUNTS, "uniform": shapes.UNIFORM_COUNTS}[
        given.one_of("prior", ("jeffreys", "uniform"))
    ]
    exposure = given.number("exposure", 1.0)
    return _shape(shapes.gamma_counts(given.integer("counts"), exposure=exposure, prior=prior))


def _readings(given: Given) -> Stated:
    found = mean_of_readings(given.numbers("readings"), serial=Serial.INDEPENDENT)
    return Stated(
        found.estimate,
        found.standard_uncertainty,
        found.degrees_of_freedom,
        evaluation=Evaluation.A,
    )


def _pooled(given: Given) -> Stated:
    """Return a mean of n readings of which only mean and n are printed, with an earlier s."""
    found = mean_with_pooled(
        [given.number("x", 0.0)] * given.integer("n"),
        standard_deviation=given.number("pooled"),
        degrees_of_freedom=given.number("dof", math.inf),
        subject=Subject.MEAN,
    )
    return Stated(
        found.estimate,
        found.standard_uncertainty,
        found.degrees_of_freedom,
        evaluation=Evaluation.A,
    )


# Field by which a way is known -> how it is evaluated. A quantity with none of them is exact.
WAYS: Mapping[str, Callable[[Given], Stated]] = MappingProxyType(
    {
        "u": _standard,
        "u_relative": _relative,
        "U": _certificate,
        "normal": _interval,
        "rectangular": _rectangular,
        "low": _limits,
        "triangular": _triangular,
        "u_shaped": _u_shaped,
        "trapezoidal": _trapezoidal,
        "curvilinear": _curvilinear,
        "student": _student,
        "counts": _counts,
        "readings": _readings,
        "pooled": _pooled,
    }
)


def stated_quantity(given: Given) -> Stated:
    """Evaluate one quantity as it is stated.

    Raises:
        CaseFileError: stated in two ways, or with fields that belong to another.
    """
    ways = [way for way in WAYS if way in given.keys]
    if len(ways) > 1:
        raise given.error(ways[1], f"stated in two ways: {' and '.join(ways)}")
    found = WAYS[ways[0]](given) if ways else _exact(given)
    given.finish()
    return found
