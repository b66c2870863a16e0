"""Judge one stored result against limits that somebody asks about; nothing is recorded.

Inside: `ConformityRequest`, `judge_result`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.certification.stored_distribution import stored_distribution
from qtrace.errors import InputError
from qtrace.metrics.catalogue import functions
from qtrace.quantity.typed import typed_number, typed_share
from qtrace.quantity.units import parse_unit
from qtrace.registry.dossier import load_dossier
from qtrace.standards.conformity import (
    ConformityAnswer,
    ConformityQuestion,
    Measured,
    PriorKnowledge,
    answer_conformity,
)
from qtrace.standards.decision_rule import DECISION_RULES, DecisionRule, rule_of_risk
from qtrace.standards.evidence import Form
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.bias import enlarged
from qtrace.uncertainty.monte_carlo import draw_chain
from qtrace.uncertainty.posterior import Draws, Posterior, normal_shape
from qtrace.uncertainty.priors import InTolerance
from qtrace.workflow.workbench import Workbench

ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class ConformityRequest:
    """What was typed: quantities with their units, shares as 0.02 or 2 %; empty for nothing."""

    at_least: str = ""
    at_most: str = ""
    limit_u: str = ""
    rule: str = "guard_band"
    risk: str = ""
    global_risk: str = ""
    prior_mean: str = ""
    prior_u: str = ""
    prior_shape: str = "normal"
    in_tolerance: str = ""
    observed: bool = False
    draws: int = 0
    seed: int = 1


def judge_result(workbench: Workbench, label: str, request: ConformityRequest) -> ConformityAnswer:
    """Judge one result from the distribution that is stored of it.

    Args:
        workbench: Settings and doors.
        label: Result, EVENT/name.
        request: Limits, rule, prior, draws.

    Raises:
        InputError: unknown result or rule, wrong units, reversed limits, no numbers, or a result
            whose distribution is not stored and not drawn.
    """
    rule = _rule(request)
    with workbench.read() as session:
        result_id = session.events.result(label).result_id
        dossier = load_dossier(session, [result_id])
    statement = state_result(
        dossier,
        result_id,
        coverage_probability=rule.coverage_probability,
        functions=functions(),
    )
    question = _question(request, statement.unit, rule)
    answer = answer_conformity(_measured(dossier, statement, request), question)
    return replace(answer, flags=(*answer.flags, *_stated_otherwise(statement)))


def _stated_otherwise(statement: ResultStatement) -> tuple[str, ...]:
    """Say that a limit was judged from the distribution behind it."""
    if statement.form == ESTIMATE or statement.claimed is None:
        return ()
    claimed = f"{statement.claimed:.4g} {statement.unit}".removesuffix(" 1")
    form = statement.form.replace("_", " ")
    return (f"stated as {form} {claimed}; judged from the distribution behind it",)


def _rule(request: ConformityRequest) -> DecisionRule:
    risk = typed_share(request.risk, where="--risk")
    if risk is not None:
        return rule_of_risk(risk)
    if request.rule not in DECISION_RULES:
        raise InputError(
            f"the decision rule {request.rule!r} is unknown",
            where="--rule",
            next_step=f"one of: {', '.join(DECISION_RULES)}",
        )
    return DECISION_RULES[request.rule]


def _question(request: ConformityRequest, unit: str, rule: DecisionRule) -> ConformityQuestion:
    low = typed_number(request.at_least, unit=unit, where="--at-least")
    high = typed_number(request.at_most, unit=unit, where="--at-most")
    prior = PriorKnowledge(
        typed_number(request.prior_mean, unit=unit, where="--prior-mean"),
        typed_number(request.prior_u, unit=unit, where="--prior-u"),
        typed_share(request.in_tolerance, where="--in-tolerance"),
        InTolerance.OBSERVED if request.observed else InTolerance.TRUE,
        request.prior_shape,
    )
    nothing = (prior.mean, prior.spread, prior.in_tolerance) == (None, None, None)
    return ConformityQuestion(
        -math.inf if low is None else low,
        math.inf if high is None else high,
        rule,
        typed_number(request.limit_u, unit=unit, where="--limit-u") or 0.0,
        None if nothing else prior,
        typed_share(request.global_risk, where="--global-risk"),
    )


def _measured(dossier: Dossier, statement: ResultStatement, request: ConformityRequest) -> Measured:
    """Return the result with the distribution that is stored, drawn, or follows from u."""
    posterior = _posterior(dossier, statement, request)
    no_value = statement.form == Form.INTERVAL_ONLY
    if no_value or (posterior is None and statement.form != ESTIMATE):
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
    dossier: Dossier, statement: ResultStatement, request: ConformityRequest
) -> Posterior | None:
    if request.draws:
        drawn = draw_chain(
            dossier.network,
            [statement.result_id],
            n=request.draws,
            seed=request.seed,
            functions=functions(),
        )
        factor = float(parse_unit(statement.unit).factor)
        return Draws.of(drawn.values[statement.result_id] / factor)
    stored = stored_distribution(dossier, statement.result_id, functions())
    if stored is None and statement.interval is not None:
        raise InputError(
            f"{statement.label} has an exact interval and no stored distribution",
            next_step="add --monte-carlo 100000 to judge it from draws over its chain",
        )
    return stored
