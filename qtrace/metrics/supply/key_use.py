"""What a use of key needs per time: pads, cipher keys, keys of tags, in both directions.

Inside: `UseKind`, `Direction`, `Cipher`, `Authentication`, `Flow`, `Protection`, `KeyUse`,
`DemandPart`, `demand_parts`, `messages_per_key`, `MOST_MESSAGES_PER_KEY`.

All is counted on one link: what crosses it encrypted, whoever relays it afterwards.
Source: one-time pad: as many bits of key as of text, Shannon, Bell System Technical Journal 28,
656 (1949), from memory. Tags encrypted with fresh key under a hash function that is kept: Wegman
and Carter (1981); the chance of a forgery then adds up over the messages, Portmann,
arXiv:1202.1229 (abstract read).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from qtrace.errors import InputError

BITS_PER_BYTE = 8
# A key of the Galois/Counter mode serves at most that many messages where nonces are drawn.
# Source: NIST, call for comments on SP 800-38D Rev. 1 (2025), read; clause from memory.
MOST_MESSAGES_PER_KEY = 2**32


class UseKind(StrEnum):
    """What the key is for."""

    PHASOR_STREAM = "phasor_stream"  # frames of a phasor measurement unit
    MQTT = "mqtt"  # messages of topics between a station and a broker
    REKEYING = "rekeying"  # a cipher gets new keys, whatever it carries
    ONE_TIME_PAD = "one_time_pad"  # any data at a rate


class Direction(StrEnum):
    """Which way over the link."""

    FORWARD = "forward"
    BACK = "back"
    BOTH = "both"  # the same in each direction

    @property
    def ways(self) -> tuple[int, int]:
        """Return how many times forward and back."""
        return int(self is not Direction.BACK), int(self is not Direction.FORWARD)


class Cipher(StrEnum):
    """What hides the content."""

    NONE = "none"
    ONE_TIME_PAD = "one_time_pad"
    AES_256 = "aes_256"


class Authentication(StrEnum):
    """What shows that a message is whole and from the other side."""

    NONE = "none"
    WITH_CIPHER = "with_cipher"  # an authenticated mode of the cipher: no key of its own
    ONE_TIME_TAG = "one_time_tag"  # each tag is encrypted with fresh key, the hash key is kept
    ONE_TIME_KEY = "one_time_key"  # each message has a key of its own
    REFRESHED_KEY = "refreshed_key"  # a key for many messages, new after a period


PER_MESSAGE = frozenset({Authentication.ONE_TIME_TAG, Authentication.ONE_TIME_KEY})


@dataclass(frozen=True, slots=True)
class Flow:
    """Messages of one size at one rate; a stream given by its data rate alone has no size.

    Bytes are those that cross the link encrypted; headers count where a tunnel hides them.
    """

    name: str
    messages_per_s: float
    direction: Direction
    payload_bytes: int = 0
    header_bytes: int = 0
    data_bits_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Protection:
    """Cipher and authentication; periods are those after which a key is replaced."""

    cipher: Cipher
    authentication: Authentication
    key_bits: int = 256
    rekey_s: float = math.inf
    mac_bits: int = 0  # of a tag, or of a key, as `authentication` says
    mac_rekey_s: float = math.inf


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One use of key; `channels` have keys of their own, `margin` is a part of the demand.

    `direction` says which ways have cipher and MAC keys; those that a flow takes must be in it.
    """

    use_id: str
    title: str
    kind: UseKind
    protection: Protection
    flows: tuple[Flow, ...] = ()
    direction: Direction = Direction.BOTH
    channels: int = 1
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class DemandPart:
    """One product: `factors` with their units, over `period_s` where it is a replacement.

    The rates are of both directions apart; `factors` include how many directions there are.
    """

    what: str
    factors: tuple[tuple[float, str], ...]
    forward_bits_per_s: float
    back_bits_per_s: float
    period_s: float | None = field(default=None)

    @property
    def bits_per_s(self) -> float:
        """Return the rate of both directions."""
        return self.forward_bits_per_s + self.back_bits_per_s


def _part(
    what: str,
    one_way: tuple[tuple[float, str], ...],
    *,
    direction: Direction,
    channels: int,
    period_s: float | None = None,
) -> DemandPart:
    """Return a product of one direction, counted for directions and channels."""
    rate = math.prod(value for value, _ in one_way) * channels / (period_s or 1.0)
    forward, back = direction.ways
    ways = forward + back
    factors = [*one_way, (float(ways), "directions" if ways > 1 else "direction")]
    if channels > 1:
        factors.append((float(channels), "channels"))
    return DemandPart(what, tuple(factors), rate * forward, rate * back, period_s)


def demand_parts(use: KeyUse) -> tuple[DemandPart, ...]:
    """Return what a use consumes, product by product.

    Args:
        use: With at least one flow where something is counted per message or per bit.

    Raises:
        InputError: no key is consumed at all; a period or a size that is not above zero; a
            flow in a direction that has no key; messages that are authenticated one by one
            without a rate of messages.

    Source: see the module.
    """
    _check(use)
    parts: list[DemandPart] = []
    one = use.protection
    for flow in use.flows:
        if one.cipher is Cipher.ONE_TIME_PAD:
            parts.append(
                _part(
                    f"one-time pad, {flow.name}",
                    _pad_factors(flow),
                    direction=flow.direction,
                    channels=use.channels,
                )
            )
        if one.authentication in PER_MESSAGE:
            what = "bit" if one.authentication is Authentication.ONE_TIME_KEY else "bit/tag"
            parts.append(
                _part(
                    f"{_words(one.authentication)}s, {flow.name}",
                    ((float(one.mac_bits), what), (flow.messages_per_s, "/s")),
                    direction=flow.direction,
                    channels=use.channels,
                )
            )
    if one.cipher is Cipher.AES_256:
        parts.append(_keys(use, "AES-256 keys", bits=one.key_bits, period_s=one.rekey_s))
    if one.authentication is Authentication.REFRESHED_KEY:
        parts.append(_keys(use, "MAC keys", bits=one.mac_bits, period_s=one.mac_rekey_s))
    if not parts:
        raise InputError(
            f"use {use.use_id} consumes no key",
            where=f"use {use.use_id}",
            next_step="give a cipher or an authentication that takes key, or leave the use out",
        )
    return tuple(parts)


def _words(authentication: Authentication) -> str:
    return "one-time MAC key" if authentication is Authentication.ONE_TIME_KEY else "encrypted tag"


def _pad_factors(flow: Flow) -> tuple[tuple[float, str], ...]:
    if flow.data_bits_per_s:
        return ((flow.data_bits_per_s, "bit/s"),)
    size = float(flow.payload_bytes + flow.header_bytes)
    return ((size, "B"), (float(BITS_PER_BYTE), "bit/B"), (flow.messages_per_s, "/s"))


def _keys(use: KeyUse, what: str, *, bits: int, period_s: float) -> DemandPart:
    return _part(
        what,
        ((float(bits), "bit"),),
        direction=use.direction,
        channels=use.channels,
        period_s=period_s,
    )


def messages_per_key(use: KeyUse) -> float | None:
    """Return how many messages one cipher key of one direction serves at most.

    None where the cipher has no keys, or nothing says how many messages there are.
    """
    rates = [
        sum(one.messages_per_s for one in use.flows if one.direction.ways[way]) for way in (0, 1)
    ]
    if use.protection.cipher is not Cipher.AES_256 or not any(rates):
        return None
    return max(rates) * use.protection.rekey_s


def _check(use: KeyUse) -> None:
    one = use.protection
    numbers = {
        "channels": float(use.channels),
        "key bits": float(one.key_bits),
        "period of rekeying": one.rekey_s if one.cipher is Cipher.AES_256 else 1.0,
        "period of MAC keys": one.mac_rekey_s
        if one.authentication is Authentication.REFRESHED_KEY
        else 1.0,
        "bits of a tag or MAC key": 1.0
        if one.authentication in {Authentication.NONE, Authentication.WITH_CIPHER}
        else float(one.mac_bits),
    }
    wrong = [name for name, value in numbers.items() if not 0.0 < value < math.inf]
    if not 0.0 <= use.margin < math.inf:
        wrong.append("margin")
    for flow in use.flows:
        if any(key > way for key, way in zip(flow.direction.ways, use.direction.ways, strict=True)):
            wrong.append(f"direction of {flow.name} (no key that way)")
        if one.authentication in PER_MESSAGE and not flow.messages_per_s > 0.0:
            wrong.append(f"messages per second of {flow.name}")
        if one.cipher is Cipher.ONE_TIME_PAD and not (
            flow.data_bits_per_s > 0.0
            or (flow.messages_per_s > 0.0 and flow.payload_bytes + flow.header_bytes > 0)
        ):
            wrong.append(f"size or rate of {flow.name}")
    if one.authentication is Authentication.WITH_CIPHER and one.cipher is not Cipher.AES_256:
        wrong.append("authentication with the cipher (only a cipher with keys has such a mode)")
    if wrong:
        raise InputError(
            f"use {use.use_id} does not say what is needed: {', '.join(wrong)}",
            where=f"use {use.use_id}",
            next_step="give numbers above zero, and keys for each direction that is used",
        )
