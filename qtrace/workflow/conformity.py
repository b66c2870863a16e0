"""Judge stored results against limits that somebody asks about; nothing is recorded.

Inside: `ConformityRequest`, `judge_result`, `JointlyJudged`, `judge_jointly`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from qtrace.certification.evidence import ResultStatement, state_result
from qtrace.certification.joint_answer import JointAnswer, joint_of_answers
from qtrace.certification.measured_result import measured_result
from qtrace.errors import InputError
from qtrace.metrics.catalogue import functions
from qtrace.quantity.typed import typed_number, typed_share
from qtrace.registry.dossier import load_dossier
from qtrace.standards.conformity import (
    ConformityAnswer,
    ConformityQuestion,
    PriorKnowledge,
    answer_conformity,
)
from qtrace.standards.decision_rule import DECISION_RULES, DecisionRule, rule_of_risk
from qtrace.standards.evidence import Form
from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.monte_carlo import Draws, draw_chain
from qtrace.uncertainty.priors import InTolerance
from qtrace.workflow.workbench import Workbench


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


@dataclass(frozen=True, slots=True)
class JointlyJudged:
    """Several results, each with its own answer, and how likely all conform at once."""

    answers: tuple[ConformityAnswer, ...]
    joint: JointAnswer

    @property
    def negative(self) -> bool:
        """Return whether any of them fails by the rule."""
        return any(one.negative for one in self.answers)


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
    ids, dossier = _looked_up(workbench, (label,))
    return _answer(dossier, ids[0], request, _draws(dossier, ids, request))


def judge_jointly(
    workbench: Workbench, label: str, request: ConformityRequest, *, others: tuple[str, ...]
) -> JointlyJudged:
    """Judge several results by one rule, each against its own limits, and all at once.

    Args:
        workbench: Settings and doors.
        label: The first result; its limits are those of the request.
        request: Rule and draws are for all of them.
        others: "EVENT/name at least QUANTITY at most QUANTITY", one limit or both.

    Raises:
        InputError: as for `judge_result`; a result named twice, a prior or uncertain limits.
    """
    if any((request.limit_u, request.global_risk, request.prior_mean, request.in_tolerance)):
        raise InputError(
            "limits with uncertainty and priors are taken for one result at a time",
            where="--with",
            next_step="leave out --limit-u, --global-risk and the prior",
        )
    asked = [(label, request), *(_also(text, request) for text in others)]
    labels = tuple(one for one, _ in asked)
    if len(set(labels)) < len(labels):
        raise InputError(
            "a result is named twice", where="--with", next_step="give both limits at once"
        )
    ids, dossier = _looked_up(workbench, labels)
    drawn = _draws(dossier, ids, request)
    answers = [_answer(dossier, i, own, drawn) for i, (_, own) in zip(ids, asked, strict=True)]
    joint = joint_of_answers(dossier, ids, answers, drawn=drawn)
    return JointlyJudged(tuple(answers), joint)


def _also(text: str, request: ConformityRequest) -> tuple[str, ConformityRequest]:
    """Read a further result with its limits."""
    label, *parts = re.split(r"\s+at\s+(least|most)\s+", text.strip())
    limits = dict(zip(parts[::2], parts[1::2], strict=True))
    if not limits or 2 * len(limits) != len(parts) or re.search(r"\s", label):
        raise InputError(
            f"no result with its limits: {text!r}",
            where="--with",
            next_step='write --with "EVENT/name at least 0.9 at most 0.95", with units',
        )
    least, most = limits.get("least", ""), limits.get("most", "")
    return label, replace(request, at_least=least, at_most=most)


def _looked_up(workbench: Workbench, labels: tuple[str, ...]) -> tuple[list[int], Dossier]:
    with workbench.read() as session:
        ids = [session.events.result(label).result_id for label in labels]
        return ids, load_dossier(session, ids)


def _draws(dossier: Dossier, ids: list[int], request: ConformityRequest) -> Draws | None:
    n, seed = request.draws, request.seed
    return draw_chain(dossier.network, ids, n=n, seed=seed, functions=functions()) if n else None


def _answer(
    dossier: Dossier, result_id: int, request: ConformityRequest, drawn: Draws | None
) -> ConformityAnswer:
    rule = _rule(request)
    statement = state_result(
        dossier, result_id, coverage_probability=rule.coverage_probability, functions=functions()
    )
    measured = measured_result(dossier, statement, functions=functions(), drawn=drawn)
    answer = answer_conformity(measured, _question(request, statement.unit, rule))
    return replace(answer, flags=(*answer.flags, *_stated_otherwise(statement)))


def _stated_otherwise(statement: ResultStatement) -> tuple[str, ...]:
    """Say that a limit was judged from the distribution behind it."""
    if statement.form == Form.ESTIMATE or statement.claimed is None:
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
