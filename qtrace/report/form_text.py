"""How a result reads in its form: a limit, an interval, not detected, or an estimate.

Inside: `states_no_u`, `short_form`, `full_form`.
Source: GUM (JCGM 100:2008), clause 7.2; ISO 11929-1:2019 (what is said of what was not detected;
clause from memory).
"""

from __future__ import annotations

from qtrace.certification.evidence import ResultStatement
from qtrace.report.figures import measured, percent, with_unit
from qtrace.traceability.stated_value import BELOW, ESTIMATE, limit_text, outward

INTERVAL = "interval_only"


def states_no_u(one: ResultStatement) -> bool:
    """Return whether a result is stated without U: as a limit, an interval, or from draws."""
    return bool(one.linear_refused) or (one.form != ESTIMATE and one.interval is not None)


def short_form(one: ResultStatement) -> str:
    """Return what stands in the column of values: "< 0.012 /s", "not detected", "0.938(4)"."""
    if one.interval is None or one.form == ESTIMATE:
        return measured(one.value, one.standard_uncertainty, one.unit)
    return limit_text(one.form, one.interval, one.unit)


def full_form(one: ResultStatement) -> str:
    """Return the whole statement: "< 0.012 /s (upper limit, 95 %)"; an estimate as it is."""
    short = short_form(one)
    if one.interval is None or one.form == ESTIMATE:
        return short
    low, high, probability = one.interval
    if one.form == BELOW:
        return (
            f"{short}; decision threshold {with_unit(outward(low, up=True), one.unit)}, "
            f"detection limit {with_unit(outward(high, up=True), one.unit)}"
        )
    words = "interval" if one.form == INTERVAL else one.form.replace("_", " ")
    return f"{short} ({words}, {percent(probability)})"
