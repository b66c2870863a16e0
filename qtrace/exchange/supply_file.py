"""Supply files: what key is used for, how much of it, and what is said of the supply.

Inside: `SupplyPlan`, `read_supply_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qtrace.errors import InputError
from qtrace.exchange.placed import refuse_repeated
from qtrace.exchange.quantity_fields import positive, quantity
from qtrace.exchange.toml_file import read_toml
from qtrace.exchange.toml_table import TomlTable, root_table
from qtrace.metrics.supply.key_use import (
    Authentication,
    Cipher,
    Direction,
    Flow,
    KeyUse,
    Protection,
    UseKind,
    demand_parts,
)
from qtrace.quantity.dimension import DIMENSIONLESS, Dimension
from qtrace.quantity.kinds import kind

# Source: MQTT 3.1.1 (OASIS, 2014): PUBACK, PUBREC, PUBREL and PUBCOMP are 4 bytes each (read in
# copies of the tables); longer in version 5 where a reason is given.
ACKNOWLEDGEMENT_BYTES = 4
TAG_BITS, KEY_BITS, MAC_KEY_BITS = 128, 256, 256
_TIME, _RATE = kind("duration").dimension, kind("count_rate").dimension
_MOST_BYTES = 10**9


@dataclass(frozen=True, slots=True)
class SupplyPlan:
    """A supply file as read; rates and times in SI units, None where nothing is said."""

    plan_id: str
    title: str
    uses: tuple[KeyUse, ...]
    rate_bits_per_s: float | None
    source: str
    stored_bits: float
    bridge_s: float
    wall_time_s: float | None
    spent_bits: float | None
    digest: str


def read_supply_file(source: Path | bytes, *, name: str = "") -> SupplyPlan:
    """Read a supply file.

    Args:
        source: A path, or the bytes of a file.
        name: What to call the file in messages; by default the path.

    Raises:
        InputError: Anything that is wrong, with file, line and field.
    """
    file = read_toml(source, name=name)
    root = root_table(file)
    table = root.table("supply")
    uses = []
    places = []
    for inner in root.tables("use"):
        uses.append(_use(inner))
        places.append((uses[-1].use_id, inner.place("id")))
    if not uses:
        raise root.error("use", "no use of key is described", next_step="write [[use]]")
    refuse_repeated("use", places)
    plan = SupplyPlan(
        plan_id=table.identifier("id"),
        title=table.optional_text("title"),
        uses=tuple(uses),
        rate_bits_per_s=_not_below(table, "rate", None, dimension=_RATE, like="a rate"),
        source=table.optional_text("source"),
        stored_bits=_not_below(table, "stored", 0.0, dimension=DIMENSIONLESS, like="bits") or 0.0,
        bridge_s=_not_below(table, "bridge", 0.0, dimension=_TIME, like="a time") or 0.0,
        wall_time_s=_period(table, "wall_time") if table.has("wall_time") else None,
        spent_bits=_not_below(table, "spent", None, dimension=DIMENSIONLESS, like="bits"),
        digest=file.digest,
    )
    table.finish()
    root.finish()
    return plan


def _use(table: TomlTable) -> KeyUse:
    what = table.choice("type", UseKind)
    protection = _protection(table, what)
    has_keys = (
        protection.cipher is Cipher.AES_256
        or protection.authentication is Authentication.REFRESHED_KEY
    )
    use = KeyUse(
        use_id=table.identifier("id"),
        title=table.optional_text("title"),
        kind=what,
        protection=protection,
        flows=_flows(table, what),
        direction=table.choice("keys", Direction, Direction.BOTH) if has_keys else Direction.BOTH,
        channels=table.integer("channels", least=1) if table.has("channels") else 1,
        margin=_not_below(table, "margin", 0.0, dimension=DIMENSIONLESS, like="a part") or 0.0,
    )
    table.finish()
    try:
        demand_parts(use)
    except InputError as error:
        raise table.error("", error.what, next_step=error.next_step) from None
    return use


def _protection(table: TomlTable, what: UseKind) -> Protection:
    usual = Cipher.ONE_TIME_PAD if what is UseKind.ONE_TIME_PAD else Cipher.AES_256
    if what in {UseKind.ONE_TIME_PAD, UseKind.REKEYING}:
        cipher = Cipher(table.one_of("cipher", (usual.value,), usual.value))
    else:
        cipher = table.choice("cipher", Cipher)
    authentication = table.choice("authentication", Authentication)
    mac_bits, mac_rekey_s = 0, 0.0
    if authentication is Authentication.ONE_TIME_TAG:
        mac_bits = _bits(table, "tag", TAG_BITS)
    elif authentication in {Authentication.ONE_TIME_KEY, Authentication.REFRESHED_KEY}:
        mac_bits = _bits(table, "mac_key", MAC_KEY_BITS)
    if authentication is Authentication.REFRESHED_KEY:
        mac_rekey_s = _period(table, "mac_rekey")
    aes = cipher is Cipher.AES_256
    return Protection(
        cipher,
        authentication,
        KEY_BITS,
        _period(table, "rekey") if aes else 0.0,
        mac_bits,
        mac_rekey_s,
    )


def _flows(table: TomlTable, what: UseKind) -> tuple[Flow, ...]:
    match what:
        case UseKind.PHASOR_STREAM:
            direction = table.choice("direction", Direction)
            flow = Flow("frames", _rate(table, "frames"), direction, *_bytes(table))
            return flow, *_named_flows(table, "command")
        case UseKind.MQTT:
            return _named_flows(table, "topic", needed=True)
        case UseKind.ONE_TIME_PAD:
            direction = table.choice("direction", Direction)
            data = positive(table, "data", dimension=_RATE, like="a data rate").si
            messages = _rate(table, "messages") if table.has("messages") else 0.0
            return (Flow("data", messages, direction, data_bits_per_s=data),)
        case UseKind.REKEYING:
            return ()


def _named_flows(table: TomlTable, key: str, *, needed: bool = False) -> tuple[Flow, ...]:
    flows: list[Flow] = []
    for inner in table.tables(key):
        name = inner.text("name")
        rate = _rate(inner, "messages")
        way = inner.choice("direction", Direction)
        payload, headers = _bytes(inner)
        flows.append(Flow(name, rate, way, payload, headers))
        if key == "topic":
            quality = inner.integer("quality_of_service") if inner.has("quality_of_service") else 0
            if quality not in {0, 1, 2}:
                raise inner.error(
                    "quality_of_service", f"{quality} is none", next_step="write 0, 1 or 2"
                )
            flows.extend(_acknowledgements(flows[-1], quality))
        inner.finish()
    if needed and not flows:
        raise table.error(key, f"no {key} is described", next_step=f"write [[use.{key}]]")
    return tuple(flows)


def _acknowledgements(flow: Flow, quality: int) -> list[Flow]:
    """Return what MQTT sends for each message: 1 back, or 2 back and 1 forward.

    Source: MQTT 3.1.1, delivery at quality 1 (PUBACK) and 2 (PUBREC, PUBREL, PUBCOMP).
    """
    against = {
        Direction.FORWARD: Direction.BACK,
        Direction.BACK: Direction.FORWARD,
        Direction.BOTH: Direction.BOTH,
    }[flow.direction]
    size = (ACKNOWLEDGEMENT_BYTES, flow.header_bytes)
    name, rate = f"{flow.name}, acknowledged", flow.messages_per_s
    if quality == 1:
        return [Flow(name, rate, against, *size)]
    if quality == 2:
        released = Flow(f"{flow.name}, released", rate, flow.direction, *size)
        return [Flow(name, 2.0 * rate, against, *size), released]
    return []


def _bytes(table: TomlTable) -> tuple[int, int]:
    """Return the bytes of payload and headers; headers are 0 where none are encrypted."""
    sizes = []
    for key, least in (("payload_bytes", 1), ("header_bytes", 0)):
        size = (
            0 if key == "header_bytes" and not table.has(key) else table.integer(key, least=least)
        )
        if size > _MOST_BYTES:
            raise table.error(key, f"{size} bytes are no message", next_step="correct the number")
        sizes.append(size)
    return sizes[0], sizes[1]


def _bits(table: TomlTable, key: str, usual: int) -> int:
    return table.integer(key, least=1) if table.has(key) else usual


def _rate(table: TomlTable, key: str) -> float:
    return positive(table, key, dimension=_RATE, like='a rate such as "60 /s"').si


def _period(table: TomlTable, key: str) -> float:
    return positive(table, key, dimension=_TIME, like='a time such as "1 hour"').si


def _not_below(
    table: TomlTable, key: str, usual: float | None, *, dimension: Dimension, like: str
) -> float | None:
    if not table.has(key):
        return usual
    read = quantity(table, key, dimension=dimension, like=like)
    if read.si < 0.0:
        raise table.error(key, f'"{key}" is {read.text}, below zero', next_step="correct it")
    return read.si
