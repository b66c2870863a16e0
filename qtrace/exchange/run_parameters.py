"""Numbers that a run declares: parameters of its protocol, moments, key that it used up.

Inside: `read_parameters`, `read_moments`, `read_net`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from qtrace.exchange.quantity_fields import quantity
from qtrace.exchange.toml_table import TomlTable
from qtrace.metrics.capacity_figures import CHANNEL_FIELDS
from qtrace.metrics.net_key import AUTHENTICATION, FAILURES, MEASURED_PER_RUN, VERIFICATION
from qtrace.metrics.protocol import ParameterField, Protocol
from qtrace.quantity.kinds import kind

# A probability smaller than this claims nothing more, and its powers leave the range of doubles.
LEAST_EPSILON = 1e-100
MOST_BITS = 2**53  # above it a double no longer holds every whole number
_EPSILONS = "failure_probability"


def _uses(protocol: Protocol) -> tuple[ParameterField, ...]:
    """Return the field that counts the uses of the channel, where no metric asks for it."""
    model = protocol.link_model
    if model is None or any(one.name == model.uses for one in protocol.parameters):
        return ()
    title = "uses of the channel, for key per use and PLOB"
    return (ParameterField(model.uses, "pulse_count", 1.0, 2.0**53, title, whole=True),)


def read_parameters(
    root: TomlTable, protocol: Protocol, *, planned: bool, named: bool, bound: str = ""
) -> dict[str, float]:
    """Read [parameters], in SI units under the names of the metrics' arguments.

    Args:
        root: The outermost table.
        protocol: What is asked for.
        planned: Whether this is a plan: what only a run can measure may be missing.
        named: Whether the file names its protocol; then the failure probabilities are needed.
        bound: The chosen bound, which can fix how the failure probabilities add up.

    Raises:
        InputError: a number out of range or of another unit, none or several of a group, failure
            probabilities that are missing or sum to one.
    """
    fields = (*protocol.parameters, *CHANNEL_FIELDS, *_uses(protocol))
    if not root.has("parameters"):
        if protocol.one_of:
            raise root.error(
                "parameters",
                "the run declares no parameters",
                next_step="write [parameters] with "
                + ", ".join(one.name for one in protocol.parameters),
            )
        return {}
    table = root.table("parameters")
    found = {one.name: _number(table, one) for one in fields if table.has(one.name)}
    for group in protocol.one_of:
        given = [name for name in group if name in found]
        to_be_measured = planned and not MEASURED_PER_RUN.isdisjoint(group)
        if len(group) == 1 and not given and not to_be_measured:
            only = next(one for one in protocol.parameters if one.name == group[0])
            raise table.error(
                only.name, f'"{only.name}" is missing: {only.title}', next_step=f"write {only.name}"
            )
        if len(given) > 1 or not (given or to_be_measured):
            raise table.error(
                given[-1] if given else "",
                f"{len(given)} of {' and '.join(group)} are given: exactly one is needed",
                next_step="a measured figure is better than a model",
            )
    proof = protocol.proof(bound)
    _check_epsilons(table, protocol, {**found, **(proof.fixes if proof else {})})
    table.finish()
    if named:
        _check_complete(table, protocol, found)
    return found


def _check_complete(table: TomlTable, protocol: Protocol, found: Mapping[str, float]) -> None:
    """Refuse a proof without its failure probabilities: no figure would say what it claims."""
    for one in protocol.parameters:
        if one.name.startswith("epsilon") and one.name not in found:
            raise table.error(
                "",
                f'"{one.name}" is missing: {one.title}',
                next_step=f"write {one.name} = 1e-10, or what the run is to hold",
            )


def _check_epsilons(table: TomlTable, protocol: Protocol, found: Mapping[str, float]) -> None:
    """Refuse failure probabilities that come to one or more as the proof sums them."""
    total = next((m for m in protocol.metrics if m.metric_id.endswith(".epsilon_total")), None)
    if total is None or not all(
        one.default is not None or one.name in found for one in total.arguments
    ):
        return
    epsilon = float(
        total.function(
            **{one.name: found[one.name] for one in total.arguments if one.name in found}
        )
    )
    if epsilon >= 1.0:
        raise table.error(
            "",
            f"the failure probabilities sum to {epsilon:g} as the proof counts them: that is no "
            "security",
            next_step="give failure probabilities such as 1e-10",
        )


def _number(table: TomlTable, one: ParameterField) -> float:
    read = quantity(table, one.name, dimension=kind(one.kind).dimension, like=one.title)
    low = read.si >= one.low if one.low_allowed else read.si > one.low
    high = read.si <= one.high if one.high_allowed else read.si < one.high
    if not (low and high):
        floor = f"{one.low:g} or more" if one.low_allowed else f"above {one.low:g}"
        ceiling = f"{one.high:g} at most" if one.high_allowed else f"below {one.high:g}"
        limits = floor if math.isinf(one.high) else f"{floor} and {ceiling}"
        raise table.error(
            one.name,
            f'"{one.name}" is {table.entered(one.name)}; {one.title} is {limits}',
            next_step="correct the number",
        )
    if one.kind == _EPSILONS and 0.0 < read.si < LEAST_EPSILON:
        raise table.error(
            one.name,
            f'"{one.name}" is {table.entered(one.name)}, below {LEAST_EPSILON:g}: no experiment '
            "supports such a claim, and powers of it leave the range of double precision",
            next_step=f"write {one.name} = 1e-10, or what the run is to hold",
        )
    if one.whole and read.si != math.floor(read.si):
        raise table.error(
            one.name,
            f'"{one.name}" is {read.text}, not a whole number',
            next_step="correct the number: what is counted has no fraction",
        )
    return read.si


def read_net(root: TomlTable) -> dict[str, float]:
    """Read [net]: the bits of key that the run itself used up."""
    if not root.has("net"):
        return {}
    table = root.table("net")
    names = (AUTHENTICATION, VERIFICATION)
    found = {name: _bits(table, name) for name in names if table.has(name)}
    for name in FAILURES:
        if table.has(name):
            one = ParameterField(name, "failure_probability", 0.0, 1.0, "a probability of failure")
            found[name] = _number(table, one)
    table.finish()
    return found


def _bits(table: TomlTable, name: str) -> float:
    """Return bits of key, whole and exact."""
    bits = table.integer(name, least=0)
    if bits > MOST_BITS:
        raise table.error(
            name, f"{bits} bits of key are beyond 2^53", next_step="correct the number"
        )
    return float(bits)


def read_moments(root: TomlTable, protocol: Protocol) -> dict[str, tuple[float, float]]:
    """Read [moments]: measured second moments, each with its u where one is written.

    Raises:
        InputError: a moment that is missing or impossible, or a u below zero.
    """
    if not protocol.moments:
        return {}
    table = root.table("moments")
    found = {}
    for one in protocol.moments:
        value = _number(table, one)
        u, key = 0.0, f"{one.name}_u"
        if table.has(key):
            u = quantity(table, key, dimension=kind(one.kind).dimension, like=one.title).si
        if u < 0.0:
            raise table.error(key, "u is not below zero", next_step="write it without sign")
        found[one.name] = (value, u)
    table.finish()
    return found
