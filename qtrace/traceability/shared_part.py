"""A certificate whose uncertainty contains a part that others share: its remainder and the rest.

Inside: `OWN_PART`, `SharedInput`, `joined`.

Counting the shared part in every certificate would make quantities independent that are not;
adding it to a certificate that contains it already would count it twice. So the input keeps what
is left, u_own^2 = u_cert^2 - sum (c u_shared)^2, and the quantity that models see is a linear
result of that input and of the shared ones, which statements own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.measurand import Measurand
from qtrace.uncertainty.inputs import InputQuantity
from qtrace.uncertainty.results import Model, ModelKind
from qtrace.uncertainty.stated import remainder

OWN_PART = "own_part"  # the argument that is what is left of the certificate
SHARED_PART = "shared_part_"  # followed by its number, from 1


@dataclass(frozen=True, slots=True)
class SharedInput:
    """An input that a statement owns, and how a certificate depends on it, in SI units."""

    quantity: InputQuantity
    sensitivity: float


def joined(
    quantity: InputQuantity, shared: Sequence[SharedInput], *, kind: str, unit: str, where: str
) -> tuple[InputQuantity, NewResult]:
    """Return the remainder of a certificate as own input, and the whole as a linear result.

    The shared quantities have the values that they had for the certificate, so that the value of
    the whole is the certificate's; only their uncertainty is shared.

    Args:
        quantity: Value and whole u of the certificate.
        shared: The parts of that u that statements own; independent of each other.
        kind: Kind of the quantity, for the result.
        unit: Unit code of that kind.
        where: Place in the file, for errors.

    Raises:
        InputError: the certificate claims less than its sources.

    Source: GUM Eq. 10, solved for one component (`qtrace.uncertainty.stated.remainder`).
    """
    part = math.hypot(*(one.sensitivity * one.quantity.standard_uncertainty for one in shared))
    own = replace(
        quantity,
        standard_uncertainty=remainder(quantity.standard_uncertainty, part, where=where),
    )
    arguments = [NewArgument(OWN_PART, 1.0, input_name=own.name)]
    arguments.extend(
        NewArgument(f"{SHARED_PART}{k}", one.sensitivity, input_id=one.quantity.input_id)
        for k, one in enumerate(shared, 1)
    )
    whole = NewResult(
        f"{quantity.name}_whole",
        Measurand.of(kind, {}),
        Model(ModelKind.LINEAR),
        quantity.estimate,
        unit,
        quantity.standard_uncertainty,
        tuple(arguments),
    )
    return own, whole
