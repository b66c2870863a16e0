"""A stored result as it is judged: with the distribution that is stored, drawn, or its u's.

Inside: `measured_result`, `drawn_posterior`.
Source: JCGM 106:2012, clause 6 (knowledge of a measurand); JCGM 101:2008, 7.7 (quantiles of draws).
"""

from __future__ import annotations

from collections.abc import Mapping

from qtrace.certification.evidence import ResultStatement
from qtrace.certification.stored_distribution import stored_distribution
from qtrace.errors import InputError
from qtrace.quantity.units import parse_unit
from qtrace.standards.conformity import Measured
from qtrace.standards.evidence import Form
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.bias import enlarged
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.monte_carlo import Draws as ChainDraws
from qtrace.uncertainty.posterior import Draws, Posterior, normal_shape


def drawn_posterior(drawn: ChainDraws, statement: ResultStatement) -> Draws:
    """Return the draws of a result in its own unit."""
    return Draws.of(drawn.values[statement.result_id] / float(parse_unit(statement.unit).factor))


def measured_result(
    dossier: Dossier,
    statement: ResultStatement,
    *,
    functions: Mapping[str, ModelFunction],
    drawn: ChainDraws | None = None,
) -> Measured:
    """Return a result with the distribution that is stored, drawn, or follows from u.

    Args:
        dossier: Network and records of the result.
        statement: The result as it is printed.
        functions: "metric_id@version" to function.
        drawn: Draws over its chain, where it is to be judged from them.

    Raises:
        InputError: an interval that prefers no value; a limit or an exact interval without a
            stored distribution and without draws.

    Source: as this module; a known error as in `qtrace.uncertainty.bias`.
    """
    posterior = _posterior(dossier, statement, functions, drawn)
    no_value = statement.form == Form.INTERVAL_ONLY
    if no_value or (posterior is None and statement.form != Form.ESTIMATE):
        raise InputError(
            f"{statement.label} is given as {statement.form.replace('_', ' ')}, "
            f"{'which prefers no value' if no_value else 'with no stored distribution'}",
            next_step="such figures are judged by `qtrace assess`",
        )
    p = statement.coverage_probability
    if posterior is None:
        shape = normal_shape(
            statement.value,
            statement.standard_uncertainty,
            degrees_of_freedom=statement.degrees_of_freedom,
        )
        reach = (statement.expanded_uncertainty, statement.expanded_uncertainty)
        return _joined(statement, shape, reach, statement.coverage_factor)
    below = max(0.0, statement.value - posterior.quantile((1.0 - p) / 2.0))
    above = max(0.0, posterior.quantile((1.0 + p) / 2.0) - statement.value)
    reach = enlarged((below, above), statement.known_bias)
    return _joined(statement, posterior, reach, None)


def _joined(
    statement: ResultStatement,
    posterior: Posterior,
    reach: tuple[float, float],
    k: float | None,
) -> Measured:
    return Measured(
        statement.label,
        statement.unit,
        statement.value,
        statement.standard_uncertainty,
        posterior,
        *reach,
        k,
        statement.coverage_probability,
        statement.known_bias,
    )


def _posterior(
    dossier: Dossier,
    statement: ResultStatement,
    functions: Mapping[str, ModelFunction],
    drawn: ChainDraws | None,
) -> Posterior | None:
    if drawn is not None:
        return drawn_posterior(drawn, statement)
    stored = stored_distribution(dossier, statement.result_id, functions)
    if stored is None and statement.interval is not None:
        raise InputError(
            f"{statement.label} has an exact interval and no stored distribution",
            next_step="add --monte-carlo 100000 to judge it from draws over its chain",
        )
    return stored
