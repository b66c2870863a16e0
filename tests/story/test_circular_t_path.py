"""Real time ends at a prediction of UTC(k); Circular T, published later, is a later result.

The figures are made. Three measurands, three chains: the difference of two clocks, the offset
of each from UTC, and the interval between two events are different kinds of quantity.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from link_bench import add, breaks, calibration, own, reference, result, sound, traced, tried
from stranger import Laboratory

ROUNDED = 1e-9
DAY_S = 86400.0
BIPM = """
[[laboratory]]
id = "BIPM"
name = "International bureau"

[[laboratory.competence]]
kind = "offset_from_utc"
route = "nmi_capability"
low = "-1 us"
high = "1 us"
U = "0.4 ns"
valid_from = 2000-01-01T00:00:00Z
valid_until = 2040-01-01T00:00:00Z
reference = "Circular T"
"""


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    """Two institutes, each with its UTC(k), and two remote clocks compared through them."""
    made = Laboratory(tmp_path)
    assert made.qtrace("init").code == 0
    text = '[[laboratory]]\nid = "LAB"\nname = "Laboratory"\n' + BIPM
    for device in ("UTC-A", "UTC-B", "CLOCK-1"):
        text += (
            f'[[device]]\nid = "{device}"\nclass = "clock"\nmanufacturer = "own"\n'
            f'model = "ensemble"\nserial = "{device}"\n'
            f'[[programme]]\ndevice = "{device}"\nkind = "offset_from_utc"\n'
            'interval = "60 d"\ndecided_by = "time"\nvalid_from = 2020-01-01T00:00:00Z\n'
        )
    add(made, text, "laboratory add")
    return made


def offset(label: str, device: str, day: str, value: str, u: str, *, drift: str = "") -> str:
    """Return the offset of a scale from UTC, as a prediction of its laboratory or as published."""
    published = label.startswith("CIRT")
    more = (
        f'\ncertificate = {{ issuer = "BIPM", number = "{label}", route = "nmi_capability", '
        'available = true, kind = "offset_from_utc", issued = "2021-07-10" }'
        if published
        else '\nend = "own_realisation"\nstatement = "prediction from Circular T up to 400"'
    )
    made = result("offset_from_utc", "offset", drift=drift)
    return calibration(label, device, day, own("offset", value, u, more=more), made)


def difference(label: str, day: str, one: str, other: str, *, head: str = "") -> str:
    """Return CLOCK-1 against UTC-B through the offsets of both scales."""
    inputs = (
        reference("a", f"{one}/offset_from_utc")
        + reference("b", f"{other}/offset_from_utc")
        + own("link", "3.0 ns", "0.5 ns")
    )
    made = result("time_scale_difference", "link + a - b")
    return calibration(label, "CLOCK-1", day, inputs, made, head=head)


LATER = 'flags = ["later_parents_by_procedure"]'


def test_circular_t_makes_a_later_better_result_and_the_old_one_stays(bench: Laboratory) -> None:
    walk = 'random_walk = "2 ns", after = "10 d", source = "scale against Circular T"'
    for scale, value in (("A", "1.0 ns"), ("B", "-2.0 ns")):
        add(bench, offset(f"PRED-{scale}", f"UTC-{scale}", "2021-06-05", value, "1 ns", drift=walk))
    add(bench, difference("DIFF-1", "2021-06-15", "PRED-A", "PRED-B"))
    first = traced(bench, "DIFF-1/time_scale_difference")["statement"]
    u = math.sqrt(2 * (1.0**2 + 2.0**2) + 0.5**2)
    assert float(first["value"]) == pytest.approx(6.0e-9)
    assert float(first["standard_uncertainty"]) == pytest.approx(u * 1e-9, rel=ROUNDED)
    # A month later: UTC - UTC(k) on a day five days after; the other sign.
    for scale, value in (("A", "2.6 ns"), ("B", "-3.1 ns")):
        drift = 'random_walk = "0.2 ns", after = "10 d", source = "short term"'
        add(
            bench,
            offset(f"CIRT-{scale}", f"UTC-{scale}", "2021-06-20", value, "0.3 ns", drift=drift),
        )
    add(bench, difference("DIFF-2", "2021-06-15", "CIRT-A", "CIRT-B", head=LATER))
    second = traced(bench, "DIFF-2/time_scale_difference")["statement"]
    u = math.sqrt(2 * (0.3**2 + 0.2**2 / 2) + 0.5**2)
    assert float(second["value"]) == pytest.approx(8.7e-9)
    assert float(second["standard_uncertainty"]) == pytest.approx(u * 1e-9, rel=ROUNDED)
    assert traced(bench, "DIFF-1/time_scale_difference")["statement"] == first
    assert not breaks(bench, "DIFF-2/time_scale_difference")
    assert sound(bench)


def test_a_later_parent_needs_a_procedure_that_says_so(bench: Laboratory) -> None:
    for scale in "AB":
        add(bench, offset(f"CIRT-{scale}", f"UTC-{scale}", "2021-06-20", "1 ns", "0.3 ns"))
    add(bench, difference("DIFF", "2021-06-15", "CIRT-A", "CIRT-B"))
    assert "no calibration" in breaks(bench, "DIFF/time_scale_difference")


def test_what_was_known_before_circular_t_is_still_seen(bench: Laboratory) -> None:
    for scale in "AB":
        add(bench, offset(f"PRED-{scale}", f"UTC-{scale}", "2021-06-15", "1 ns", "1 ns"))
    add(bench, difference("DIFF-1", "2021-06-15", "PRED-A", "PRED-B"))
    between = bench.ledger()[-1]["recorded_at"]
    time.sleep(0.01)
    add(bench, offset("CIRT-A", "UTC-A", "2021-06-15", "2 ns", "0.3 ns"))
    seen = bench.qtrace(f"--as-of {between} trace UTC-A").answer
    assert [one["statement"]["label"] for one in seen] == ["PRED-A/offset_from_utc"]
    assert "CIRT-A" in bench.qtrace("calibration list", text=True).out
    early = bench.qtrace(f"--as-of {between} calibration list", text=True).out
    assert "CIRT-A" not in early
    assert bench.qtrace(f"--as-of {between} trace CIRT-A/offset_from_utc").code == 2


def test_legal_time_is_no_quantity_that_a_chain_could_end_at(bench: Laboratory) -> None:
    text = offset("PRED-B", "UTC-B", "2021-06-15", "1 ns", "1 ns").replace(
        'measurand = "offset_from_utc"', 'measurand = "legal_time"'
    )
    assert "unknown kind" in tried(bench, text).said
