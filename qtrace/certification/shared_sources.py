"""What two chains may share without saying so.

Inside: `undisclosed_shares`.
Source: ISO 13528:2015, 9.7 (E_n is for independent results; clause from memory).
"""

from __future__ import annotations

from qtrace.traceability.chain import Dossier
from qtrace.uncertainty.network import input_sensitivities


def undisclosed_shares(dossier: Dossier, first_id: int, second_id: int) -> tuple[str, ...]:
    """Return why two results may share more than their chains say.

    Certificates of one laboratory come from one realisation; unless that part is declared as a
    common input, nobody knows how large it is.

    Args:
        dossier: Records of both chains.
        first_id: One result.
        second_id: Another one.

    Returns:
        One line for each issuer whose different inputs stand on both sides.
    """
    one, other = _issued(dossier, first_id), _issued(dossier, second_id)
    return tuple(
        f"certificates of {issuer} stand behind both: what they share is not stated"
        for issuer in sorted(one.keys() & other.keys())
        # An input on one side only, from an issuer that the other side has inputs of, too.
        if one[issuer] != other[issuer]
    )


def _issued(dossier: Dossier, result_id: int) -> dict[str, frozenset[int]]:
    """Return issuer to the uncertain inputs behind a result that rest on its certificates."""
    found: dict[str, set[int]] = {}
    for input_id, sensitivity in input_sensitivities(dossier.network, result_id).items():
        label, name = dossier.input_owner[input_id]
        origin = dossier.events[label].origins.get(name)
        u = dossier.network.quantity(input_id).standard_uncertainty
        if origin is not None and origin.certificate is not None and sensitivity * u != 0.0:
            found.setdefault(origin.certificate.issuer, set()).add(input_id)
    return {issuer: frozenset(ids) for issuer, ids in found.items()}
