"""What the stored numbers of linear results must be, by the names of their arguments.

Inside: `expected_linear`, `LINEAR_FORMS`.

The partial derivatives of a linear result are its model, so nothing can be evaluated again; but
each of them follows from records: dates, conditions, the calibrations of a history.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from qtrace.traceability.chain import Dossier
from qtrace.traceability.fitted_drift import SCATTER, expected_fit
from qtrace.traceability.in_use import CALIBRATED, expected_use
from qtrace.traceability.shared_part import OWN_PART, SHARED_PART

Expected = tuple[float, dict[str, float]]


def _expected_whole(dossier: Dossier, result_id: int) -> Expected:
    """Return what a certificate with shared parts must be: its value, and its own part whole.

    The sensitivities to the shared parts are declared with it; no other record states them.
    """
    network = dossier.network
    value = math.nan
    expected: dict[str, float] = {}
    for one in network.result(result_id).arguments:
        if one.name == OWN_PART and one.input_id is not None:
            value = network.quantity(one.input_id).estimate
            expected[one.name] = 1.0
        else:
            shared = one.name.startswith(SHARED_PART) and one.input_id is not None
            expected[one.name] = one.sensitivity if shared else math.nan
    return value, expected


# The argument that every linear result of a form has, and what that form must be.
LINEAR_FORMS: Mapping[str, Callable[[Dossier, int], Expected]] = MappingProxyType(
    {
        CALIBRATED: expected_use,
        SCATTER: expected_fit,
        OWN_PART: _expected_whole,
    }
)


def expected_linear(dossier: Dossier, result_id: int) -> Expected:
    """Return value and sensitivities by argument that a linear result must have.

    Args:
        dossier: Network and events of the result and of all behind it.
        result_id: A linear result.

    Returns:
        NaN for what no form explains.
    """
    names = {one.name for one in dossier.network.result(result_id).arguments}
    for name, form in LINEAR_FORMS.items():
        if name in names:
            return form(dossier, result_id)
    return math.nan, dict.fromkeys(names, math.nan)
