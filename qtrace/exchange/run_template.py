"""A run file to fill in, for each protocol: it reads as it stands, with counts of a model.

Inside: `run_template`. A run of two clocks reads once the files that it names lie beside it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from itertools import product

from qtrace.exchange.clock_run_template import clock_run_parts
from qtrace.exchange.template_counts import example_counts
from qtrace.metrics.protocol import ParameterField, Protocol, SetParameter, Side, Source
from qtrace.metrics.timing.clock_arguments import CLOCK_A, FIBRE, STATIONS, TAGGER_A
from qtrace.metrics.whole_counts import whole_counts
from qtrace.quantity.dimension import DIMENSIONLESS
from qtrace.quantity.kinds import kind

NAMES = ("signal", "decoy", "vacuum", "decoy4", "decoy5")
MEANS = (0.5, 0.1, 0.0002, 0.0001, 0.00005)
EXAMPLES: Mapping[str, float] = {
    "error_correction_efficiency": 1.16,
    "setting_bias": 1e-4,
    "atom_number": 45000,
    "spin_variance": 2000.0,
    "spin_length": 20000.0,
    "shots": 500,
    "network_variance": 4e-7,
    "reference_variance": 1.1e-6,
    "shots_network": 500,
    "shots_reference": 500,
    "nodes": 4,
    "interrogation_time": 0.01,
    "cycle_time": 0.25,
    "carrier_frequency": 6834682610.904,
    "probes_shared": 10000,
    "phase_deviation": 0.01,
    "averaging_time": 1.0,
}
WITH_U = ("sensing", "teleportation")
EXAMPLE_U = 0.01  # relative; figures of sensing are refused without an u
SENSING = WITH_U[0]
EPSILON = 1e-10
PULSES = 1e9
DISTANCE_KM = 25.0
WIDTH = 79
FEW: Mapping[str, float] = {"errors": 10.0}  # where there is no model
CLOCK_ROLES = (FIBRE, STATIONS, TAGGER_A, CLOCK_A)
PLAN = '# plan = "PLAN-1"               # recorded before, else figures are post_hoc'
NET = """# [net]                         # key that the run itself used up
# authentication_key = 256
# verification_key = 64
# epsilon_authentication = 1e-12
# epsilon_randomness = 1e-12
"""


def run_template(protocol: Protocol) -> str:
    """Return the text of a run file of a protocol, with what may be chosen in comments."""
    if protocol.comparison:
        return "\n".join((_run(protocol), *clock_run_parts(protocol), _roles(protocol)))
    model = _modelled(protocol)
    parts = [
        _run(protocol),
        *(_source(one, protocol) for one in protocol.sources),
        _fields("parameters", protocol.parameters, protocol, model),
        _fields("moments", protocol.moments, protocol, model),
        _counts(protocol, model),
        _assumptions(protocol, model),
        NET,
        _roles(protocol),
    ]
    return "\n".join(part for part in parts if part)


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ")


def _modelled(protocol: Protocol) -> dict[str, float]:
    if protocol.link_model is None:
        return example_counts(protocol)
    given = dict(protocol.link_model.defaults)
    cells = protocol.link_model.cells(distance_km=DISTANCE_KM, **given)
    found = {**given, **{name: float(value) for name, value in cells.items()}}
    counted = set(protocol.table.names() if protocol.table else ()) & set(cells)
    uses = given.get(protocol.link_model.uses, 0.0)
    return {**found, **whole_counts({name: found[name] for name in sorted(counted)}, uses)}


def _run(protocol: Protocol) -> str:
    below = (
        "Time tags or offsets lie in files beside this one: name yours."
        if protocol.comparison
        else "Numbers below are those of a model or made up: replace them."
    )
    lines = [
        *_comment(f"{protocol.title}. {below}"),
        "[run]",
        'id = "RUN-1"',
        'link = "LINK-1"',
        f'protocol = "{protocol.name}"',
    ]
    if protocol.table and any(k.values == ("key", "test") for k in protocol.table.keys):
        lines.append('key_basis = "z"                 # which basis gives the key: "z" or "x"')
    if protocol.proofs:
        bounds = ", ".join(one.bound for one in protocol.proofs)
        lines.extend(_comment(f"bounds, one is chosen before the run: {bounds}"))
        lines.append(f'bound = "{protocol.proofs[0].bound}"')
    for name, words in protocol.choices.items():
        lines.extend(_comment(f"one of: {', '.join(words)}"))
        lines.append(f'{name} = "{words[0]}"')
    lines += [
        "started = 2026-01-01T00:00:00Z",
        "ended = 2026-01-01T00:16:40Z",
        'provenance = "measured"         # measured, published, simulated',
        'key_disposition = "discarded"   # discarded, never_used, live',
        *([] if protocol.comparison else [PLAN]),
        '# status = "aborted"            # an aborted run is recorded, too',
        "",
    ]
    return "\n".join(lines)


def _source(source: Source, protocol: Protocol) -> str:
    model = protocol.link_model.defaults if protocol.link_model else {}
    lines = []
    for k in range(1, source.intensities + 1):
        mean = model.get(f"mean_photon_number_{source.name}{k}", MEANS[k - 1])
        share = model.get(f"probability_{source.name}{k}", _share(k, source.intensities))
        lines += [
            "[[intensity]]",
            *([f'source = "{source.name}"'] if source.name else []),
            f'name = "{NAMES[k - 1]}"',
            f"mean_photon_number = {mean!r}",
            *([f"probability = {share!r}"] if source.intensities > 1 else []),
            f"# interval = [{0.98 * mean:.6g}, {1.02 * mean:.6g}]   # what the proof may assume",
            "",
        ]
    return "\n".join(lines)


def _share(k: int, count: int) -> float:
    return 1.0 if count == 1 else (0.5 if k == 1 else 0.5 / (count - 1))


def _fields(
    table: str, fields: tuple[ParameterField, ...], protocol: Protocol, model: Mapping[str, float]
) -> str:
    if not fields:
        return ""
    kept = [_kept(group) for group in protocol.one_of]
    second = {name for group in protocol.one_of for name in group if name not in kept}
    lines = [f"[{table}]"]
    for one in fields:
        optional = one.default is not None and one.name not in kept
        mark = "# " if one.name in second or (optional and one.name not in model) else ""
        lines.extend((*_comment(one.title), f"{mark}{one.name} = {_example(one, model)}"))
        if table == "moments" and protocol.area in WITH_U:
            lines.append(f"{one.name}_u = {EXAMPLE_U * EXAMPLES[one.name]:.6g}")
    return "\n".join([*lines, ""])


def _kept(group: tuple[str, ...]) -> str:
    """Return which of a group is written: one with an example, or the first."""
    return next((name for name in group if name in EXAMPLES), group[0])


def _example(one: ParameterField, model: Mapping[str, float]) -> str:
    value = model.get(one.name, EXAMPLES.get(one.name, one.default))
    if value is None and one.kind == "pulse_count":
        value = PULSES  # not fewer than the counts of the table
    if value is None:
        value = EPSILON if one.name.startswith("epsilon") else (one.low + min(one.high, 2.0)) / 2.0
    if kind(one.kind).dimension != DIMENSIONLESS:
        return f'"{value:.15g} {kind(one.kind).unit}"'
    return str(round(value)) if one.whole or one.name == "leak" else repr(float(value))


def _counts(protocol: Protocol, model: Mapping[str, float]) -> str:
    form = protocol.table
    if form is None:
        return ""
    sifted = form.cells == ("errors", "agreements")
    columns = ("sifted", "errors") if sifted else form.cells
    heads = ", ".join(f'"{name}"' for name in (*(k.name for k in form.keys), *columns))
    lines = [
        '[counts]                        # or: file = "counts.csv" with the same columns',
        f"columns = [{heads}]",
        "rows = [",
    ]
    for row in product(*(one.values for one in form.keys)):
        cells = {
            cell: round(model.get("_".join((cell, *row)), FEW.get(cell, 990.0)))
            for cell in form.cells
        }
        if sifted:
            cells = {"sifted": cells["errors"] + cells["agreements"], "errors": cells["errors"]}
        written = [f'"{_written(k.name, v)}"' for k, v in zip(form.keys, row, strict=True)]
        lines.append(f"  [{', '.join([*written, *(str(cells[c]) for c in columns)])}],")
    return "\n".join([*lines, "]", ""])


def _written(column: str, value: str) -> str:
    if column == "basis":
        return {"key": "z", "test": "x"}.get(value, value)
    if column.startswith("intensity") and value.isdigit():
        return NAMES[int(value) - 1]
    return value


def _assumptions(protocol: Protocol, model: Mapping[str, float]) -> str:
    known = protocol.assumptions()
    own = {name for source in protocol.sources for name in source.arguments("mean_photon_number")}
    lines = []
    for name, one in known.items():
        if name in own:
            continue
        lines += [*_comment(one.title), f"# [assumption.{name}]"]
        if not one.modelled:
            lines.append('# ideal_because = "..."   # no term in the proof: say why it is ideal')
        elif one.side is Side.BOTH:
            lines.append("# interval = [0, 0]")
        else:
            lines.append(f"# {_limit(one, model)}")
        lines.append("")
    return "\n".join(lines)


def _limit(one: SetParameter, model: Mapping[str, float]) -> str:
    """Return the limit of an assumption at its ideal value, or else at the nominal one."""
    ideal = model.get(one.name, 0.0) if one.ideal is None else one.ideal
    return f"{'at_most' if one.side is Side.UPPER else 'at_least'} = {ideal:g}"


def _roles(protocol: Protocol) -> str:
    roles = dict.fromkeys(
        one.role for metric in protocol.metrics for one in metric.arguments if one.role
    )
    lines = []
    if protocol.comparison:  # figures of stability take the time base whatever the offset takes
        roles = dict.fromkeys(one for one in CLOCK_ROLES if one in roles or one == TAGGER_A)
    elif "receiver" not in roles and protocol.area != SENSING:
        roles |= dict.fromkeys(("receiver_a", "receiver_b"))
    for role in roles:
        lines += [
            "[[role]]",
            f'role = "{role}"',
            'described_as = "say what it is"  # or: device = "ID", conditions = { ... }',
            "",
        ]
    return "\n".join(lines)
