"""The fields of an input that say where it comes from: typed end, instrument, certificate.

Inside: `read_origin`.
Source: ILAC P10:07/2020 (routes to metrological traceability).
"""

from __future__ import annotations

from datetime import date

from qtrace.exchange.quantity_fields import known_kind
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.event import CertificateReference, EndKind, Origin
from qtrace.laboratory.laboratory import Route

# An end of these kinds means nothing without the words that name its budget or source.
_NEEDS_STATEMENT = frozenset(
    {EndKind.RATIO_ON_ONE_INSTRUMENT, EndKind.OWN_REALISATION, EndKind.ASSESSED_BOUND}
)
_CERTIFICATE_ENDS = {
    EndKind.NMI_CERTIFICATE: Route.NMI_CAPABILITY,
    EndKind.ACCREDITED_CERTIFICATE: Route.ACCREDITED,
    EndKind.OTHER_CERTIFICATE: Route.OTHER,
}


def read_origin(table: TomlTable) -> Origin:
    """Read `end`, `statement`, `instrument`, `instrument_kind` and `certificate` of a table.

    Args:
        table: An [input.NAME] table.

    Returns:
        The origin; nothing in it is set where nothing is said.

    Raises:
        InputError: A statement, kind or certificate is missing that the rest calls for.
    """
    end = table.choice("end", EndKind) if table.has("end") else None
    statement = table.optional_text("statement")
    if end in _NEEDS_STATEMENT and not statement:
        raise table.error(
            "end",
            f'the end "{end}" needs a statement',
            next_step='add statement = "...": the linearity budget, realisation or source meant',
        )
    instrument = table.optional_identifier("instrument")
    instrument_kind = known_kind(table, "instrument_kind").name if instrument else ""
    if not instrument and table.has("instrument_kind"):
        raise table.error(
            "instrument_kind",
            "an instrument kind without an instrument",
            next_step='add instrument = "DEVICE"',
        )
    certificate = _certificate(table.table("certificate")) if table.has("certificate") else None
    wanted = _CERTIFICATE_ENDS.get(end) if end is not None else None
    if wanted is not None and (certificate is None or certificate.route is not wanted):
        raise table.error(
            "end",
            f'the end "{end}" needs a certificate of the route "{wanted}"',
            next_step="add certificate = { issuer = ..., number = ..., route = ..., "
            "available = ... }",
        )
    return Origin(
        end=end,
        statement=statement,
        instrument=instrument,
        instrument_kind=instrument_kind,
        certificate=certificate,
    )


def _day(table: TomlTable, key: str) -> str:
    """Return a day written as text, YYYY-MM-DD."""
    text = table.text(key)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise table.error(
            key, f"{text!r} is no day", next_step='write issued = "2021-05-03"'
        ) from None


def _certificate(table: TomlTable) -> CertificateReference:
    reference = CertificateReference(
        issuer=table.text("issuer"),
        number=table.text("number"),
        route=table.choice("route", Route),
        available=table.boolean("available"),
        evidence_document=table.optional_text("evidence_document"),
        kind=known_kind(table, "kind").name if table.has("kind") else "",
        issued=_day(table, "issued") if table.has("issued") else "",
    )
    if reference.route is Route.IN_HOUSE:
        raise table.error(
            "route", "an in-house certificate ends no chain", next_step="refer to the result itself"
        )
    if reference.route is Route.OTHER and not reference.evidence_document:
        raise table.error(
            "evidence_document",
            'a certificate of the route "other" needs evidence of competence',
            next_step='add evidence_document = "..." that names it',
        )
    table.finish()
    return reference
