"""Three links between three clocks: they close, or one hidden asymmetry makes them fail."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from clock_runs import LINK, series_text
from stranger import Laboratory

NODES = {"AB": ("A", "B"), "BC": ("B", "C"), "AC": ("A", "C")}
TRUE_NS = {"A": 0.0, "B": 120.0, "C": -75.0}
STEPS, STEP_S, U_NS = 400, 37, 0.5
# Five standard uncertainties: one fixed seed each, met but by a fault.
MOST_SIGMAS = 5.0
U_LINE_NS = U_NS / STEPS**0.5

STATIONS = """\
[[device]]
id = "STATIONS-1"
class = "station"
manufacturer = "Maker"
model = "receiving equipment at two nodes"
serial = "S1"
"""
SWAP = """\
[calibration]
id = "CAL-STATIONS-1"
device = "STATIONS-1"
laboratory = "NIST-Boulder"
performed = 2025-12-30T12:00:00Z
procedure = "common source, arms exchanged"
validation = "repeated"

[input.difference]
value = "3 ns"
u = "5 ns"
end = "own_realisation"
statement = "swap"

[[result]]
measurand = "local_delay_difference"
model = "difference"
unit = "ns"
"""
LINK_ROLE = '\n[[link.role]]\nrole = "stations"\ndevice = "STATIONS-1"\n'
ROLE = '\n[[role]]\nrole = "stations"\ndevice = "STATIONS-1"\n'


def offset_rows(
    link: str, *, seed: int, hidden_ns: float = 0.0, frequency: float = 0.0, start_s: float = 0.0
) -> str:
    """Return a series of B - A of a link; an asymmetry d that nobody knows moves it by d/2."""
    first, second = NODES[link]
    rng = np.random.default_rng(seed)
    t = np.arange(STEPS) * float(STEP_S)
    x = TRUE_NS[second] - TRUE_NS[first] + hidden_ns / 2.0
    x = x + frequency * 1e9 * (t + start_s) + rng.normal(0.0, U_NS, STEPS)
    rows = [f"{int(a)},{b:.6f},{U_NS}" for a, b in zip(t, x, strict=True)]
    return "\n".join(["time_s,offset_ns,u_ns", *rows, ""])


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Laboratory:
    made = Laboratory(tmp_path)
    assert made.qtrace("init").code == 0
    text = "\n".join(
        LINK.format(protocol="time_series")
        .replace('"LINK"', f'"{link}"')
        .replace('["A", "B"]', f'["{first}", "{second}"]')
        for link, (first, second) in NODES.items()
    )
    assert made.qtrace(f"link add {made.write('links.toml', text)}").code == 0
    return made


def add_run(bench: Laboratory, link: str, text: str, *, name: str = "", more: str = "") -> str:
    """Record and recompute a run of a link; return its name."""
    name = name or f"RUN-{link}"
    bench.write(f"{name}.csv", text)
    run = series_text(run=name).replace('"LINK"', f'"{link}"').replace("offsets.csv", f"{name}.csv")
    if "_LATER_" in name:
        run = run.replace("2026-01-01", "2026-01-02")
    added = bench.qtrace(f"run add {bench.write(f'{name}.toml', run + more)}")
    assert added.code == 0, added.said
    done = bench.qtrace(f"recompute {name}")
    assert done.code == 0, done.said
    return name


def test_three_links_close_and_are_adjusted(bench: Laboratory) -> None:
    names = [add_run(bench, link, offset_rows(link, seed=k)) for k, link in enumerate(NODES)]
    done = bench.qtrace(f"metric closure {' '.join(names)}")
    assert done.code == 0, done.said
    found = done.answer
    assert found["outcome"] == "AGREES"
    assert found["reference"] == "A"
    assert found["degrees_of_freedom"] == 1
    u_links = {one["run_id"]: float(one["u_at_common_s"]) * 1e9 for one in found["links"]}
    assert min(u_links.values()) > 0.95 * U_LINE_NS
    direct, around = u_links["RUN-AB"], math.hypot(u_links["RUN-BC"], u_links["RUN-AC"])
    for node in found["nodes"][1:]:
        u = float(node["u_s"]) * 1e9
        if node["node"] == "B":  # two independent ways, of one link and of two
            assert u == pytest.approx((direct**-2 + around**-2) ** -0.5, rel=1e-6)
        assert abs(float(node["offset_s"]) * 1e9 - TRUE_NS[node["node"]]) < MOST_SIGMAS * u
    (closure,) = found["closures"]
    assert float(closure["u_s"]) * 1e9 == pytest.approx(math.hypot(direct, around), rel=1e-6)
    for link in found["links"]:
        # 2 x 3.60 u of the closure: of one link alone
        assert float(link["detectable_asymmetry_s"]) == pytest.approx(
            2.0 * 3.6048 * float(closure["u_s"]), rel=1e-4
        )
        assert link["epoch"].startswith("2026-01-01T02:03:01.5")
        assert float(link["shift_s"]) == pytest.approx(0.0, abs=1e-15)
    assert "add up to zero" in found["blind_to"]


def test_a_hidden_asymmetry_of_10_ns_makes_it_fail(bench: Laboratory) -> None:
    hidden = {"BC": 10.0}
    names = [
        add_run(bench, link, offset_rows(link, seed=k, hidden_ns=hidden.get(link, 0.0)))
        for k, link in enumerate(NODES)
    ]
    done = bench.qtrace(f"metric closure {' '.join(names)} --reference C", text=True)
    assert done.code == 1, done.said
    assert "CLOSURE FAILS at the 5 % level" in done.said
    assert "secure" not in done.said
    assert max(map(len, done.out.splitlines())) <= 80
    assert "clock minus C" in done.out
    found = bench.qtrace(f"metric closure {' '.join(names)}").answer
    (closure,) = found["closures"]
    # Half of the asymmetry, in the sense of the loop.
    assert abs(float(closure["value_s"])) * 1e9 == pytest.approx(
        5.0, abs=MOST_SIGMAS * float(closure["u_s"]) * 1e9
    )
    # The links share it by their u: nothing says which of them it is.
    sizes = [
        abs(float(link["residual_s"])) / float(link["u_at_common_s"]) ** 2
        for link in found["links"]
    ]
    assert max(sizes) == pytest.approx(min(sizes), rel=1e-6)


def test_without_a_loop_it_says_that_nothing_is_shown(bench: Laboratory) -> None:
    names = [add_run(bench, link, offset_rows(link, seed=2)) for link in ("AB", "BC")]
    done = bench.qtrace(f"metric closure {' '.join(names)}")
    assert done.code == 5
    assert done.answer["p_value"] is None
    assert done.answer["links"][0]["detectable_asymmetry_s"] == "infinite"
    text = bench.qtrace(f"metric closure {' '.join(names)}", text=True)
    assert "SHOWS NOTHING" in text.out
    assert "closure shows nothing" in text.said
    apart = bench.qtrace(f"metric closure {names[0]} --reference C")
    assert apart.code == 2
    assert "in no link" in apart.err


def test_runs_of_two_days_are_brought_to_one_epoch(bench: Laboratory) -> None:
    """B runs fast by 1e-12: 86 ns a day, which is no failure of the closure."""
    rate = {"AB": 1e-12, "BC": -1e-12, "AC": 0.0}
    names = [
        add_run(bench, "AB", offset_rows("AB", seed=3, frequency=rate["AB"])),
        add_run(
            bench,
            "BC",
            offset_rows("BC", seed=4, frequency=rate["BC"], start_s=86_400.0),
            name="RUN_LATER_BC",
        ),
        add_run(bench, "AC", offset_rows("AC", seed=5)),
    ]
    done = bench.qtrace(f"metric closure {' '.join(names)}")
    assert done.code == 0, done.said
    found = done.answer
    shifts = [float(one["shift_s"]) * 1e9 for one in found["links"]]
    u = [float(one["u_shift_s"]) * 1e9 for one in found["links"]]
    for shift, u_shift, expected in zip(shifts, u, (43.2, 43.2, 0.0), strict=True):
        assert 0.0 < u_shift < 15.0
        assert abs(shift - expected) < MOST_SIGMAS * u_shift
    assert any("frequency" in note for note in found["notes"])
    text = bench.qtrace(f"metric closure {' '.join(names)}", text=True).out
    assert "2026-01-02T02:03:01Z" in text
    assert "moved by" in text


def test_what_two_links_share_cancels_in_the_closure(own: Laboratory) -> None:
    """One calibration of 5 ns stands in A-B and A-C: each u holds it, their closure does not."""
    assert own.qtrace(f"device add {own.write('stations.toml', STATIONS)}").code == 0
    added = own.qtrace(f"calibration add {own.write('swap.toml', SWAP)}")
    assert added.code == 0, added.said
    text = "\n".join(
        LINK.format(protocol="time_series")
        .replace('"LINK"', f'"{link}"')
        .replace('["A", "B"]', f'["{first}", "{second}"]')
        + ("" if link == "BC" else LINK_ROLE)
        for link, (first, second) in NODES.items()
    )
    assert own.qtrace(f"link add {own.write('links.toml', text)}").code == 0
    names = [
        add_run(own, link, offset_rows(link, seed=k), more="" if link == "BC" else ROLE)
        for k, link in enumerate(NODES)
    ]
    found = own.qtrace(f"metric closure {' '.join(names)}").answer
    u = [float(one["u_at_common_s"]) * 1e9 for one in found["links"]]
    assert u[0] == pytest.approx(5.0, rel=0.01)
    assert u[1] < 0.1
    assert float(found["correlation"][0][2]) > 0.999
    (closure,) = found["closures"]
    assert float(closure["u_s"]) * 1e9 < 0.3


def test_wrong_runs_are_refused(bench: Laboratory) -> None:
    name = add_run(bench, "AB", offset_rows("AB", seed=6))
    twice = bench.qtrace(f"metric closure {name} {name}")
    assert twice.code == 2
    assert "named twice" in twice.err
    assert bench.qtrace(f"metric closure {name} RUN-NONE").code == 2
    text = series_text(run="RUN-NEW").replace('"LINK"', '"BC"')
    bench.write("offsets.csv", offset_rows("BC", seed=7))
    assert bench.qtrace(f"run add {bench.write('new.toml', text)}").code == 0
    new = bench.qtrace(f"metric closure {name} RUN-NEW")
    assert new.code == 2
    assert "not recomputed" in new.err


def test_a_run_of_counts_is_no_link_of_clocks(walked: Laboratory) -> None:
    done = walked.qtrace("metric closure RUN-SYNTHETIC")
    assert done.code == 2
    assert "compares no clocks" in done.err
