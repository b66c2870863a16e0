"""Procedures of regression: a line or polynomial, its use forward and backward.

Inside: `fitted_curve`.
Source: ISO/TS 28037:2010; GUM H.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from qtrace.uncertainty.regression import Fit, Scale, fit_general, fit_ordinary, fit_weighted
from qtrace.uncertainty.regression_lines import fit_line_both, fit_line_joint
from qtrace.uncertainty.regression_use import evaluate_fit, invert_fit
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling

SCALES = tuple(scale.value for scale in Scale)


def _powers(given: Given) -> tuple[int, ...]:
    return tuple(int(one) for one in given.numbers("powers")) if given.has("powers") else (0, 1)


def _ordinary(given: Given) -> Fit:
    scale = Scale(given.one_of("scale", SCALES, Scale.SCATTER.value))
    return fit_ordinary(
        given.numbers("x"),
        given.numbers("y"),
        powers=_powers(given),
        origin=given.number("origin", 0.0),
        scale=scale,
    )


def _weighted(given: Given) -> Fit:
    scale = Scale(given.one_of("scale", SCALES, Scale.STATED.value))
    return fit_weighted(
        given.numbers("x"),
        given.numbers("y"),
        u_y=given.spread("u_y"),
        powers=_powers(given),
        origin=given.number("origin", 0.0),
        scale=scale,
    )


def _general(given: Given) -> Fit:
    return fit_general(
        given.numbers("x"),
        given.numbers("y"),
        covariance_y=given.rows("covariance_y"),
        origin=given.number("origin", 0.0),
    )


def _both(given: Given) -> Fit:
    """Fit points with uncertainty in x and y; weights 1/u^2 may stand for u."""
    u = {}
    for axis in ("x", "y"):
        if given.has(f"w_{axis}"):
            u[axis] = np.array(given.numbers(f"w_{axis}")) ** -0.5
        else:
            u[axis] = np.array(given.spread(f"u_{axis}"))
    return fit_line_both(
        given.numbers("x"),
        given.numbers("y"),
        u_x=u["x"],
        u_y=u["y"],
        correlation=given.spread("correlation"),
        origin=given.number("origin", 0.0),
    )


def _joint(given: Given) -> Fit:
    x, y = given.numbers("x"), given.numbers("y")
    n = len(x)
    covariance = np.zeros((2 * n, 2 * n))
    covariance[:n, :n] = given.rows("covariance_x")
    covariance[n:, n:] = given.rows("covariance_y")
    return fit_line_joint(x, y, covariance=covariance, origin=given.number("origin", 0.0))


# Word in the data -> the product's fit.
METHODS: Mapping[str, Callable[[Given], Fit]] = MappingProxyType(
    {
        "ordinary": _ordinary,
        "weighted": _weighted,
        "general": _general,
        "both": _both,
        "joint": _joint,
    }
)


def fitted_curve(given: Given, _sampling: Sampling) -> Figures:
    """Fit a curve and use it.

    Figures: `a`, `b` and further coefficients `b2`, `b3`, ... by their power; `u.a`, `u.b`, ...;
    `model_u.a`, ... (J^T V^-1 J of ISO/TS 28037); `cov.a.b`, `model_cov.a.b`, `r.a.b`;
    `chi_square`, `chi_square_reduced`, `s` (of a reading by the scatter), `nu`, `p_value`;
    `y_at`, `u_y_at` forward; `x_at`, `u_x_at` backward.
    """
    fit = METHODS[given.one_of("method", tuple(METHODS))](given)
    forward = given.table("forward") if given.has("forward") else None
    backward = given.table("backward") if given.has("backward") else None
    given.finish()
    names = [{0: "a", 1: "b"}.get(power, f"b{power}") for power in fit.powers]
    figures: dict[str, float] = {"chi_square": fit.chi_square, "nu": fit.degrees_of_freedom}
    if fit.residual_degrees_of_freedom > 0:
        reduced = fit.chi_square / fit.residual_degrees_of_freedom
        figures |= {"chi_square_reduced": reduced, "s": float(fit.u_y[0])}
    if fit.p_value is not None:
        figures["p_value"] = fit.p_value
    for i, one in enumerate(names):
        figures[one] = float(fit.parameters[i])
        figures[f"u.{one}"] = float(fit.standard_uncertainties[i])
        figures[f"model_u.{one}"] = math.sqrt(float(fit.model_covariance[i, i]))
        for j in range(i + 1, len(names)):
            pair = f"{one}.{names[j]}"
            figures[f"cov.{pair}"] = float(fit.covariance[i, j])
            figures[f"model_cov.{pair}"] = float(fit.model_covariance[i, j])
            figures[f"r.{pair}"] = float(fit.correlation[i, j])
    if forward is not None:
        found = evaluate_fit(fit, forward.number("x"), u_x=forward.number("u_x", 0.0))
        forward.finish()
        figures["y_at"] = float(found.values[0])
        figures["u_y_at"] = float(found.standard_uncertainties[0])
    if backward is not None:
        found = invert_fit(fit, backward.number("y"), u_y=backward.number("u_y", 0.0))
        backward.finish()
        figures["x_at"] = float(found.values[0])
        figures["u_x_at"] = float(found.standard_uncertainties[0])
    return {name: Figure(value) for name, value in figures.items()}
