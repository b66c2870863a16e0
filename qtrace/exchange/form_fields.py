"""The fields of a `[[result]]` table that say in which form the result is stated.

Inside: `read_form`, `FORM_KEYS`, `FORMS`, `LIMIT_METHODS`.
"""

from __future__ import annotations

from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.draft import FormDraft
from qtrace.standards.evidence import Form

FORMS = tuple(one.value for one in Form)
LIMIT_METHODS = ("exact", "posterior")
FORM_KEYS = ("form", "p", "limit_method", "gross", "alpha", "beta")
_WITH_PROBABILITY = (Form.UPPER_LIMIT, Form.LOWER_LIMIT, Form.INTERVAL_ONLY)
_MOST_ERROR = 0.5  # the largest probability of an error that a test of detection may have


def read_form(table: TomlTable) -> FormDraft:
    """Read form, probability and method of a result; an estimate where nothing is said.

    Args:
        table: The table [[result]].

    Raises:
        InputError: an unknown form, a field that does not belong to the form, no probability.
    """
    form = Form(table.one_of("form", FORMS, Form.ESTIMATE.value))
    if form is Form.BELOW_DETECTION_LIMIT and not table.has("gross"):
        raise table.error(
            "form",
            "nothing says in which counts the quantity would have been seen",
            next_step='add gross = "NAME", a counted input that the model uses directly',
        )
    owners = {
        "p": form in _WITH_PROBABILITY,
        "limit_method": form in _WITH_PROBABILITY,
        "gross": form in {Form.ESTIMATE, Form.BELOW_DETECTION_LIMIT},
        "alpha": table.has("gross"),
        "beta": table.has("gross"),
    }
    for key, belongs in owners.items():
        if table.has(key) and not belongs:
            raise table.error(
                key,
                f'"{key}" does not belong to the form "{form}" as it is written here',
                next_step=f'leave "{key}" out, or change the form',
            )
    usual = FormDraft()
    return FormDraft(
        form.value,
        _probability(table, "p", usual.probability, most=1.0),
        table.one_of("limit_method", LIMIT_METHODS) if table.has("limit_method") else "",
        table.text("gross") if table.has("gross") else "",
        _probability(table, "alpha", usual.alpha, most=_MOST_ERROR),
        _probability(table, "beta", usual.beta, most=_MOST_ERROR),
    )


def _probability(table: TomlTable, key: str, usual: float, *, most: float) -> float:
    if not table.has(key):
        return usual
    found = table.number(key)
    if not 0.0 < found < 1.0 or found > most:
        raise table.error(
            key,
            f'"{key}" is {found:g}, not a probability between 0 and {most:g}',
            next_step="write for example p = 0.95, alpha = 0.05",
        )
    return found
