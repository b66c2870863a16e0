"""Links in files: [[link]] with endpoints, devices in roles, declared limits, documents.

Inside: `read_links`, `read_roles`.
"""

from __future__ import annotations

from qtrace.exchange.placed import Placed, refuse_repeated
from qtrace.exchange.quantity_fields import conditions, quantity
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.draft import Place
from qtrace.laboratory.link import CALIBRATION_CHOICES, Declaration, Link, RoleUse

SYNTHETIC = "SYNTHETIC"


def read_links(root: TomlTable) -> tuple[Placed[Link], ...]:
    """Read the [[link]] tables of a file.

    Args:
        root: The outermost table.

    Returns:
        The links with their places; the place of a role is under "role:NAME".

    Raises:
        InputError: A field is wrong, or an id, declaration or role is given twice.
    """
    found = []
    for table in root.tables("link"):
        endpoints = table.texts("endpoints")
        if len(endpoints) != 2 or endpoints[0] == endpoints[1]:
            raise table.error(
                "endpoints",
                "a link has two different endpoints",
                next_step='write endpoints = ["Alice", "Bob"]',
            )
        roles, role_places = read_roles(table)
        link = Link(
            link_id=table.identifier("id"),
            title=table.text("title"),
            protocol=table.identifier("protocol"),
            endpoints=(endpoints[0], endpoints[1]),
            watermark=table.one_of("watermark", ("", SYNTHETIC), ""),
            declarations=_declarations(table),
            documents=table.text_map("documents"),
            source=table.optional_text("source"),
            roles=roles,
        )
        table.finish()
        found.append(Placed(link, table.place(), {"id": table.place("id"), **role_places}))
    refuse_repeated("link", ((item.record.link_id, item.place_of("id")) for item in found))
    return tuple(found)


def _declarations(link: TomlTable) -> tuple[Declaration, ...]:
    declarations = []
    places = []
    for table in link.tables("declaration"):
        value = quantity(table, "value")
        declarations.append(
            Declaration(
                name=table.identifier("name"),
                value=value.si,
                unit=value.unit.code,
                text=value.text,
                source=table.optional_text("source"),
            )
        )
        places.append((declarations[-1].name, table.place("name")))
        table.finish()
    refuse_repeated("declaration", places)
    return tuple(declarations)


def read_roles(table: TomlTable) -> tuple[tuple[RoleUse, ...], dict[str, Place]]:
    """Read the [[role]] tables: which device plays which role, under which conditions.

    Args:
        table: A link, or the outermost table of a run file.

    Returns:
        The roles, and the place of each under "role:NAME".

    Raises:
        InputError: A role has neither or both of `device` and `described_as`, or stands twice.
    """
    roles = []
    named = []
    places = {}
    for inner in table.tables("role"):
        if inner.has("device") == inner.has("described_as"):
            raise inner.error(
                "device",
                "a role has one of device and described_as",
                next_step="name a registered device, or describe one that is not registered",
            )
        role = RoleUse(
            role=inner.identifier("role"),
            device_id=inner.optional_identifier("device"),
            conditions=conditions(inner, with_u=True),
            described_as=inner.optional_text("described_as"),
            calibration=inner.one_of("calibration", ("", *CALIBRATION_CHOICES), ""),
        )
        inner.finish()
        roles.append(role)
        named.append((role.role, inner.place("role")))
        places[f"role:{role.role}"] = inner.place("device" if role.device_id else "described_as")
    refuse_repeated("role", named)
    return tuple(roles), places
