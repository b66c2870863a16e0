"""A simulated run as the text of a run file, and its truth as the text of a truth file.

Inside: `run_text`, `truth_text`, `device_fields`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import product

from qtrace.exchange.simulation_file import Simulation
from qtrace.laboratory.link import RoleUse
from qtrace.metrics.net_key import AUTHENTICATION, VERIFICATION
from qtrace.metrics.protocol import Side

NET = (AUTHENTICATION, VERIFICATION)


def run_text(simulation: Simulation, cells: Mapping[str, float], *, source: str) -> str:
    """Return the text of a run file with these counts, marked simulated.

    Args:
        simulation: Says what the run declares.
        cells: Counts by the names of cells.
        source: How the counts were made.
    """
    choices = simulation.settings.choices
    words = ("key_basis", "bound", *simulation.protocol.choices)
    lines = [
        "# Written by qtrace run simulate: no device gave these counts.",
        "[run]",
        f"id = {_text(simulation.run_id)}",
        f"link = {_text(simulation.link_id)}",
        f"protocol = {_text(simulation.protocol.name)}",
        *(f"{word} = {_text(choices[word])}" for word in words if word in choices),
        f"started = {_time(simulation.started)}",
        f"ended = {_time(simulation.ended)}",
        'provenance = "simulated"',
        f"key_disposition = {_text(simulation.key_disposition)}",
        f"source = {_text(source)}",
        "",
        *_intensities(simulation),
        *_parameters(simulation),
        *_counts(simulation, cells),
        *_assumptions(simulation),
        *(line for role in simulation.roles for line in _role(role)),
    ]
    return "\n".join(lines)


def truth_text(tables: Mapping[str, Mapping[str, object]], device: Mapping[str, object]) -> str:
    """Return the text of a truth file.

    Args:
        tables: Table to its fields; texts, whole numbers, numbers, lists of texts.
        device: The fields of the true device, with its levels under "levels".
    """
    lines = [
        "# Written by qtrace run simulate: what is true of a simulated run, which no run shows.",
        "# Lengths in bit, not clamped at zero.",
    ]
    for table, fields in tables.items():
        lines += [f"[{table}]", *(f"{key} = {_value(one)}" for key, one in fields.items()), ""]
    plain = {key: one for key, one in device.items() if key != "levels"}
    lines += ["[true_device]", *(f"{key} = {_value(one)}" for key, one in plain.items()), ""]
    levels = device["levels"]
    for level in levels if isinstance(levels, list | tuple) else ():
        lines += ["[[true_device.level]]"]
        lines += [*(f"{key} = {_value(one)}" for key, one in level.items()), ""]
    return "\n".join(lines)


def device_fields(simulation: Simulation) -> dict[str, object]:
    """Return the true device under the names of the simulation file."""
    fields = asdict(simulation.device)
    # How often each intensity is chosen is declared, and true.
    return {
        "mean_photon_numbers": fields.pop("intensities"),
        **{key: one for key, one in fields.items() if key != "probabilities"},
    }


def _intensities(simulation: Simulation) -> Iterable[str]:
    settings = simulation.settings
    for source in simulation.protocol.sources:
        for k in range(1, source.intensities + 1):
            mean = f"mean_photon_number_{source.name}{k}"
            yield "[[intensity]]"
            yield f"name = {_text(settings.choices[f'intensity_{source.name}{k}'])}"
            yield f"mean_photon_number = {_value(settings.parameters[mean])}"
            yield f"probability = {_value(settings.parameters[f'probability_{source.name}{k}'])}"
            if mean in settings.assumptions:
                yield f"interval = {_value(settings.assumptions[mean])}"
            yield ""


def _parameters(simulation: Simulation) -> Iterable[str]:
    known = {one.name: one for one in simulation.protocol.parameters}
    given = simulation.settings.parameters
    yield "[parameters]"
    for name, field in known.items():
        if name in given:
            yield f"{name} = {_value(int(given[name]) if field.whole else given[name])}"
    yield ""
    if any(name in given for name in NET):
        yield "[net]"
        yield from (f"{name} = {int(given[name])}" for name in NET if name in given)
        yield ""


def _counts(simulation: Simulation, cells: Mapping[str, float]) -> Iterable[str]:
    names = {
        column: {argument: written for written, argument in known.items()}
        for column, known in simulation.settings.names.items()
    }
    form = simulation.protocol.table
    if form is None:
        return
    yield "[counts]"
    yield 'columns = ["basis", "intensity", "errors", "agreements"]'
    yield "rows = ["
    for basis, k in product(*(one.values for one in form.keys)):
        counted = [int(cells[f"{cell}_{basis}_{k}"]) for cell in form.cells]
        written = (_text(names["basis"][basis]), _text(names["intensity"][k]))
        yield f"  [{', '.join((*written, *map(str, counted)))}],"
    yield "]"
    yield ""


def _assumptions(simulation: Simulation) -> Iterable[str]:
    settings, known = simulation.settings, simulation.protocol.assumptions()
    own = {
        name for one in simulation.protocol.sources for name in one.arguments("mean_photon_number")
    }
    for name, (low, high) in settings.assumptions.items():
        if name in own:
            continue
        side = known[name].side
        edge = {Side.BOTH: f"interval = {_value((low, high))}", Side.UPPER: f"at_most = {high!r}"}
        yield f"[assumption.{name}]"
        yield edge.get(side, f"at_least = {low!r}")
        yield ""
    for name, why in settings.ideal_because.items():
        yield f"[assumption.{name}]"
        yield f"ideal_because = {_text(why)}"
        yield ""


def _role(role: RoleUse) -> Iterable[str]:
    yield "[[role]]"
    yield f"role = {_text(role.role)}"
    yield (
        f"device = {_text(role.device_id)}"
        if role.device_id
        else (f"described_as = {_text(role.described_as)}")
    )
    if role.calibration:
        yield f"calibration = {_text(role.calibration)}"
    if role.conditions:
        inner = ", ".join(f"{key} = {_text(one)}" for key, one in role.conditions.items())
        yield f"conditions = {{ {inner} }}"
    yield ""


def _value(value: object) -> str:
    """Return a text, a number with all its digits, or a list of them, as TOML."""
    match value:
        case str():
            return _text(value)
        case list() | tuple():
            return f"[{', '.join(_value(one) for one in value)}]"
        case int():
            return str(value)
        case _:
            return repr(float(str(value)))


def _text(text: str) -> str:
    # JSON's escapes are TOML's; a delete character is the one that TOML wants escaped besides.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
