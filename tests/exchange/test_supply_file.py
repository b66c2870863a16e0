"""Supply files: what is read, and what is refused with line and field."""

from __future__ import annotations

import pytest

from qtrace.errors import InputError
from qtrace.exchange.package_files import data_folder
from qtrace.exchange.supply_file import read_supply_file
from qtrace.metrics.supply.key_use import Authentication, Cipher, Direction

EXAMPLE = data_folder() / "examples" / "key_supply" / "substation.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")


def read_with(old: str, new: str) -> InputError:
    assert TEXT.count(old) >= 1, old
    with pytest.raises(InputError) as caught:
        read_supply_file(TEXT.replace(old, new, 1).encode(), name="supply.toml")
    assert caught.value.where.startswith("supply.toml, line ")
    assert caught.value.next_step
    return caught.value


def test_the_shipped_example_is_read() -> None:
    plan = read_supply_file(EXAMPLE)
    assert plan.rate_bits_per_s == 1000.0
    assert (plan.stored_bits, plan.bridge_s) == (2e6, 3600.0)
    assert (plan.wall_time_s, plan.spent_bits) == (None, None)
    pmu, scada, tunnel = plan.uses
    assert [one.payload_bytes + one.header_bytes for one in pmu.flows] == [54]
    assert pmu.protection.authentication is Authentication.ONE_TIME_TAG
    assert scada.margin == 0.5
    assert tunnel.protection.cipher is Cipher.AES_256
    assert tunnel.flows == ()


def test_qualities_of_service_add_their_acknowledgements() -> None:
    _, scada, _ = read_supply_file(EXAMPLE).uses
    found = [
        (one.name, one.messages_per_s, one.direction, one.payload_bytes) for one in scada.flows
    ]
    assert found == [
        ("breaker state", 2.0, Direction.FORWARD, 64),
        ("breaker state, acknowledged", 2.0, Direction.BACK, 4),
        ("set points", 0.1, Direction.BACK, 64),
        ("set points, acknowledged", 0.2, Direction.FORWARD, 4),
        ("set points, released", 0.1, Direction.BACK, 4),
    ]


def test_one_time_pad_and_commands_are_read() -> None:
    text = """
[supply]
id = "S"
wall_time = "1 d"
spent = "2048 bit"

[[use]]
id = "voice"
type = "one_time_pad"
data = "4 kbit/s"
messages = "10 /s"
direction = "both"
authentication = "one_time_key"

[[use]]
id = "pmu"
type = "phasor_stream"
frames = "50 /s"
payload_bytes = 34
direction = "forward"
cipher = "aes_256"
rekey = "1 d"
keys = "both"
authentication = "with_cipher"
channels = 3

[[use.command]]
name = "start and stop"
messages = "1 /hour"
payload_bytes = 18
direction = "back"
"""
    plan = read_supply_file(text.encode())
    voice, pmu = plan.uses
    assert (plan.wall_time_s, plan.spent_bits) == (86400.0, 2048.0)
    assert (voice.flows[0].data_bits_per_s, voice.protection.mac_bits) == (4000.0, 256)
    assert [one.name for one in pmu.flows] == ["frames", "start and stop"]
    assert pmu.channels == 3


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('type = "phasor_stream"', 'type = "phasor"', "phasor_stream"),
        ('frames = "60 /s"', 'frames = "60 Hz/s"', "dimension"),
        ('frames = "60 /s"', 'frames = "-60 /s"', "above zero"),
        ('rate = "1 kbit/s"', 'rate = "-1 kbit/s"', "below zero"),
        ('rate = "1 kbit/s"', 'rate = "1 kbit"', "dimension"),
        ("payload_bytes = 26", "payload_bytes = 0", "below 1"),
        ("payload_bytes = 26", "payload_bytes = 26.5", "whole number"),
        ("payload_bytes = 26", "payload_bytes = 2000000000", "no message"),
        ("tag = 64", "tag = 0", "below 1"),
        ("tag = 64", 'tag = 64\nmac_rekey = "1 s"', "unknown field"),
        ("tag = 64", 'tag = 64\nkeys = "both"', "unknown field"),
        ('margin = "50 %"', 'margin = "-50 %"', "below zero"),
        ("quality_of_service = 1", "quality_of_service = 3", "0, 1 or 2"),
        ('rekey = "1 min"', "", 'field "rekey" is missing'),
        ('id = "scada"', 'id = "pmu"', "given twice"),
        (
            'authentication = "one_time_tag"\ntag = 64',
            'authentication = "with_cipher"',
            "such a mode",
        ),
        ('bridge = "1 hour"', 'bridge = "1 bit"', "dimension"),
        ('type = "rekeying"', 'type = "rekeying"\ncipher = "one_time_pad"', "aes_256"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(old: str, new: str, words: str) -> None:
    error = read_with(old, new)
    assert words in f"{error.what} {error.next_step}"


def test_a_file_without_uses_or_topics_is_refused() -> None:
    with pytest.raises(InputError, match="no use of key"):
        read_supply_file(b'[supply]\nid = "S"\n')
    head = TEXT.split("[[use.topic]]", maxsplit=1)[0]
    with pytest.raises(InputError, match="no topic"):
        read_supply_file(head.encode())
