"""Procedures of type A evaluation: readings, samples, groups.

Inside: `mean_of_sample`, `serial_correlation`, `pooled_samples`, `nested_groups`.
Source: GUM 4.2, H.5.
"""

from __future__ import annotations

from qtrace.uncertainty.anova import nested_anova, nested_anova_of_summaries
from qtrace.uncertainty.coverage import coverage_factor
from qtrace.uncertainty.type_a import (
    Serial,
    Subject,
    autocorrelation,
    mean_of_readings,
    pooled_variance,
)
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling


def mean_of_sample(given: Given, _sampling: Sampling) -> Figures:
    """Return mean and u of readings.

    Figures: `mean`, `s` (of one reading), `u`, `nu`, and with `p` also `k`, `U`, `low`, `high`.
    """
    readings = given.numbers("readings")
    subject = Subject(given.one_of("subject", ("mean", "reading"), "mean"))
    p = given.number("p", 0.0)
    given.finish()
    found = mean_of_readings(readings, subject=subject, serial=Serial.INDEPENDENT)
    figures = {
        "mean": found.estimate,
        "s": found.standard_deviation,
        "u": found.standard_uncertainty,
        "nu": found.degrees_of_freedom,
    }
    if p:
        k = coverage_factor(p, found.degrees_of_freedom)
        expanded = k * found.standard_uncertainty
        figures |= {"k": k, "U": expanded}
        figures |= {"low": found.estimate - expanded, "high": found.estimate + expanded}
    return {name: Figure(value) for name, value in figures.items()}


def serial_correlation(given: Given, _sampling: Sampling) -> Figures:
    """Return the sample autocorrelation: `r.LAG` for each lag up to `lags`."""
    readings, lags = given.numbers("readings"), given.integer("lags")
    given.finish()
    found = autocorrelation(readings, lags)
    return {f"r.{lag}": Figure(float(r)) for lag, r in enumerate(found, start=1)}


def pooled_samples(given: Given, _sampling: Sampling) -> Figures:
    """Return the joint scatter of samples: `s`, `nu`."""
    samples = given.rows("samples")
    given.finish()
    found = pooled_variance(samples)
    return {
        "s": Figure(found.standard_deviation),
        "nu": Figure(float(found.degrees_of_freedom)),
    }


def nested_groups(given: Given, _sampling: Sampling) -> Figures:
    """Analyse readings in groups.

    Figures: `mean`, `s_means`, `s_a`, `s_b`, `F`, `p_value`, `F.PERCENT` (critical), `s_B`, `s_W`,
    `u`, `nu` with the effect between groups, `u_without`, `nu_without`.
    """
    levels = given.numbers("levels") if given.has("levels") else []
    if given.has("groups"):
        found = nested_anova(given.rows("groups"))
    else:
        found = nested_anova_of_summaries(
            given.numbers("means"),
            given.numbers("deviations"),
            per_group=given.integer("per_group"),
        )
    given.finish()
    figures = {
        "mean": found.mean,
        "s_means": found.deviation_of_means,
        "s_a": found.between_mean_square_root,
        "s_b": found.within_mean_square_root,
        "F": found.f,
        "p_value": found.p_value,
        "s_B": found.between_deviation,
        "s_W": found.within_deviation,
        "u": found.standard_uncertainty,
        "nu": found.degrees_of_freedom,
        "u_without": found.standard_uncertainty_without,
        "nu_without": found.degrees_of_freedom_without,
    }
    figures |= {f"F.{100.0 * level:g}": found.critical_f(level) for level in levels}
    return {name: Figure(value) for name, value in figures.items()}
