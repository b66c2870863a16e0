"""Network files: what is wrong is told with its line and field."""

from __future__ import annotations

import pytest

from qtrace.errors import QtraceError
from qtrace.exchange.network_file import read_network_file
from qtrace.exchange.package_files import data_folder
from qtrace.metrics.network.paths import LinkType

EXAMPLE = (data_folder() / "examples" / "network" / "network.toml").read_text(encoding="utf-8")


def test_the_example_is_read_in_si_units() -> None:
    plan = read_network_file(EXAMPLE.encode(), name="network.toml")
    assert plan.nodes == ("A", "B", "C", "D")
    links = {one.edge.link_id: one for one in plan.links}
    clock = links["TIME-AB"].declared
    assert clock is not None
    assert clock.offset_s == pytest.approx(12.3e-9, rel=1e-12)
    assert clock.deviations == ((100.0, pytest.approx(1.1e-12, rel=1e-12)),)
    key = links["KEY-AB"].declared
    assert key is not None
    assert key.key_rate_bits_per_s == 20e3
    assert len(plan.edges(LinkType.SWAPPING)) == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('nodes = ["A", "B"]', 'nodes = ["A", "X"]', "there is no node 'X'"),
        ('nodes = ["A", "B"]', 'nodes = ["A", "A"]', "joins two nodes"),
        ('nodes = ["B", "C"]', 'nodes = ["B", "A"]', "two qkd links join B and A"),
        ('id = "KEY-BC"', 'id = "KEY-AB"', "given twice"),
        ('id = "B"', 'id = "A"', "given twice"),
        ('key_rate = "20 kbit/s"', 'key_rate = "20 km"', "unit|dimension|rate"),
        ('key_rate = "20 kbit/s"', 'key_rate = "-1 bit/s"', "below 0"),
        ('key_rate = "20 kbit/s"', 'run = "RUN"\nkey_rate = "20 kbit/s"', "a run and figures"),
        ('key_rate = "20 kbit/s"\nepsilon = 1e-10\nsource = "made up"', "", "neither a run nor"),
        ("epsilon = 1e-10", "epsilon = 2", "(?s)epsilon.* not between 0 and 1.*1e-10, or"),
        ("epsilon = 1e-10", "epsilon = 0", "epsilon.* not between 0 and 1"),
        ("epsilon = 1e-10", "epsilon = 1", "epsilon.* not between 0 and 1"),
        ("fidelity = 0.96", "fidelity = 96", "from 0 to 1"),
        ('averaging_time = "100 s"\n', "", "averaging time"),
        ('offset_u = "8 ps"', 'offset_u = "0 ps"', "not above zero"),
        ('type = "swapping"', 'type = "teleportation"', "teleportation"),
        ('source = "made up"', 'sauce = "made up"', "source"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, words: str) -> None:
    assert old in EXAMPLE
    text = EXAMPLE.replace(old, new, 1)
    with pytest.raises(QtraceError, match=words) as caught:
        read_network_file(text.encode(), name="network.toml")
    assert "network.toml" in caught.value.where
