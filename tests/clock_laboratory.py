"""A laboratory with one run about a series of offsets, against UTC or not.

Inside: `laboratory_of`, `offsets_ns`, `judged`, `own_scheme`, `STEP_S`, `STEPS`, `U_NS`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from clock_runs import LINK, series_text
from numpy.typing import NDArray
from stranger import Laboratory

from qtrace.exchange.package_files import data_folder

CLOCK = """
[[link.role]]
role = "clock_a"
device = "CLOCK-A"

[[laboratory]]
id = "BUREAU"
name = "Made-up bureau"
note = "made up"

[[laboratory.competence]]
kind = "offset_from_utc"
route = "nmi_capability"
low = "-1 us"
high = "1 us"
U = "1 ns"
valid_from = 2020-01-01T00:00:00Z
valid_until = 2030-01-01T00:00:00Z
reference = "made up"

[[device]]
id = "CLOCK-A"
class = "clock"
manufacturer = "made up"
model = "time scale of site A"
serial = "1"

[[programme]]
device = "CLOCK-A"
kind = "offset_from_utc"
interval = "30 d"
decided_by = "tests"
valid_from = 2021-01-01T00:00:00Z
"""
CALIBRATION = """\
[calibration]
id = "CAL-A"
device = "CLOCK-A"
laboratory = "BUREAU"
performed = 2026-01-01T00:00:00Z
route = "nmi_capability"
provenance = "simulated"

[input.printed]
value = "3 ns"
U = "2 ns"
k = 2
certificate = { issuer = "BUREAU", number = "17", route = "nmi_capability", available = true, \
kind = "offset_from_utc", issued = "2026-01-01" }

[[result]]
measurand = "offset_from_utc"
model = "printed"
unit = "ns"
"""
ROLE = '\n[[role]]\nrole = "clock_a"\ndevice = "CLOCK-A"\n'
STEP_S, STEPS, U_NS = 37.0, 600, 0.005
Offsets = NDArray[np.float64]


def offsets_ns(n: int = STEPS, *, constant: float = 12.0, sigma: float = U_NS) -> Offsets:
    """Return a constant offset under white phase noise."""
    return constant + np.random.default_rng(20).normal(0.0, sigma, n)


def laboratory_of(
    folder: Path, offsets: Offsets, *, step_s: float = STEP_S, utc: bool = False
) -> Laboratory:
    """Return a laboratory with one recomputed run of those offsets."""
    lab = Laboratory(folder)
    rows = [f"{k * step_s:g},{x:.6f},{U_NS}" for k, x in enumerate(offsets)]
    lab.write("offsets.csv", "\n".join(["time_s,offset_ns,u_ns", *rows, ""]))
    lab.write("link.toml", LINK.format(protocol="time_series") + (CLOCK if utc else ""))
    run = series_text(interval=f"{step_s:g} s")
    end = math.ceil(len(offsets) * step_s / 60.0)
    lab.write(
        "run.toml", run.replace("06:10:00", f"{end // 60:02d}:{end % 60:02d}:00") + ROLE * utc
    )
    lab.write("cal.toml", CALIBRATION)
    added = ("calibration add cal.toml",) if utc else ()
    for line in ("init", "link add link.toml", *added, "run add run.toml", "recompute RUN"):
        done = lab.qtrace(line)
        assert done.code == 0, (line, done.said)
    return lab


def judged(lab: Laboratory, scheme: str) -> dict[str, dict[str, Any]]:
    done = lab.qtrace(f"assess LINK --scheme {scheme}")
    assert done.code == 0, done.said
    return {one["requirement_id"]: one for one in done.answer["findings"]}


def own_scheme(lab: Laboratory, *standards: str, name: str = "own.toml") -> str:
    """Write a scheme about these standards and return its file."""
    text = (data_folder() / "schemes" / "sync_check.toml").read_text(encoding="utf-8")
    old = 'standards = ["SYNC-LINK:2026", "ITU-T-G.811-mapped:1997"]'
    assert old in text
    named = ", ".join(f'"{one}"' for one in standards)
    text = text.replace('id = "sync-check"', 'id = "own-check"')
    return lab.write(name, text.replace(old, f"standards = [{named}]"))
