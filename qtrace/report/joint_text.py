"""Several results judged at once, for the terminal.

Inside: `joint_conformity_text`.
"""

from __future__ import annotations

from collections.abc import Sequence

from qtrace.certification.joint_answer import JointAnswer
from qtrace.report.conformity_text import conformity_text
from qtrace.report.figures import chance
from qtrace.report.text import key_values
from qtrace.standards.conformity import ConformityAnswer


def joint_conformity_text(answers: Sequence[ConformityAnswer], joint: JointAnswer) -> str:
    """Return each answer, then how likely all conform at once, with and without covariance."""
    parts = [conformity_text(one) + "\n" for one in answers]
    pairs = [
        f"r({answers[i].label}, {answers[j].label}) = {joint.correlation[i][j]:.4f}"
        for j in range(len(answers))
        for i in range(j)
    ]
    error = f" (standard error {joint.standard_error:.1g})" if joint.standard_error else ""
    least = "at least " if joint.bounded else ""
    rows = [
        ("all conform at once", f"{least}{chance(joint.probability)}{error}"),
        ("", joint.method),
        ("if all were independent", chance(joint.if_independent)),
        ("whatever correlates them", f"at least {chance(joint.at_least)}"),
        ("", f"at most {chance(joint.at_most)}"),
    ]
    named = [
        f"note: {answers[k].label} enters by its bound: a correlation is not stated"
        for k in joint.bounded
    ]
    return "\n".join([*parts, *pairs, key_values(rows), *named])
