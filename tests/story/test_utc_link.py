"""A link to UTC(k) and a row of Circular T, from their files to chains without a break."""

from __future__ import annotations

import pytest
from cggtts_writer import CLOCK_NS
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

NS = 1e-9


@pytest.fixture
def linked(own: Laboratory) -> Laboratory:
    for path in (data_folder() / "examples" / "utc_link").iterdir():
        own.write(path.name, path.read_bytes())
    for command in (
        "laboratory add register.toml",
        "statement add shared_error.toml",
        "calibration add scale.toml",
        "calibration add receiver.toml",
    ):
        done = own.qtrace(command)
        assert done.code == 0, done.said
    return own


def test_two_statements_with_unbroken_chains(linked: Laboratory) -> None:
    added = linked.qtrace("calibration add calibration.toml")
    assert added.code == 0, added.said
    found = {one["label"].rpartition("/")[2]: one for one in added.answer["results"]}
    difference, offset = found["time_scale_difference"], found["offset_from_utc"]
    # u of the delays is 1.5 ns, of the link 0.15 ns, of the circular 0.7 and 2.1 ns.
    assert float(difference["value"]) == pytest.approx((CLOCK_NS + 0.4) * NS, abs=0.5 * NS)
    assert float(offset["value"]) - float(difference["value"]) == pytest.approx(-2.6 * NS, abs=1e-14)
    for label, ends in (("time_scale_difference", 2), ("offset_from_utc", 4)):
        (traced,) = linked.qtrace(f"trace UL-CAL-CLOCK/{label}").answer
        assert traced["chain"]["breaks"] == []
        assert len(traced["chain"]["ends"]) == ends
