"""A pack of requirements as text; a mask is one line for each of its segments.

Inside: `standard_text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qtrace.report.document_text import document_text

_TAU = {"averaging_time": "averaging time", "observation_interval": "observation interval"}
_JUDGED_ON = {
    "upper_bound": "the upper end of its interval",
    "value": "the maximum of the record, whose length is named",
}


def standard_text(record: Mapping[str, Any]) -> str:
    """Return the document of a pack as lines of at most 80 columns."""
    rows = [
        {**row, "criterion": _readable(row["criterion"])} if row["criterion"].get("mask") else row
        for row in record["requirements"]
    ]
    return document_text({**record, "requirements": rows})


def _readable(criterion: Mapping[str, Any]) -> dict[str, Any]:
    """Return a criterion whose mask is lines of text in place of records."""
    mask = criterion["mask"]
    unit = criterion["unit"]
    lines = [_segment(part, unit) for part in mask["segments"]]
    return {
        "kind": criterion["kind"],
        "declaration": criterion["declaration"],
        f"limit over the {_TAU[mask['over']]} tau": lines,
        "judged on": _judged_on(mask),
        "must reach": f"{mask['reach_s']} s" if mask["reach_s"] else "each range above",
    }


def _segment(part: Mapping[str, str], unit: str) -> str:
    """Return one range with its limit, e.g. "100 s < tau <= 1000 s: 0.03 ns/s x tau"."""
    top = "" if part["up_to_s"] == "infinite" else f" <= {part['up_to_s']} s"
    terms = [f"{part['limit']} {unit}"] if float(part["limit"]) else []
    if float(part["slope"]):
        terms.append(f"{part['slope']} {unit}/s x tau")
    return f"{part['above_s']} s < tau{top}: {' + '.join(terms)}"


def _judged_on(mask: Mapping[str, str]) -> str:
    words = _JUDGED_ON[mask["judged_on"]]
    if mask["judged_on"] == "upper_bound":
        words += f", at {mask['least_dof']} degrees of freedom or more"
    return words
