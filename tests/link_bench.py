"""A bench with two meters and two detectors in one link, written line by line.

Inside: `bench_at`, `calibration`, `own`, `reference`, `result`, `run_text`, `add`, `u_of`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stranger import Answer, Laboratory

CLASSES = {"PM-1": "power_meter", "PM-2": "power_meter", "D-1": "snspd", "D-2": "snspd"}
KINDS = {"power_meter": "indication_ratio", "snspd": "system_detection_efficiency"}
DAY_S = 86400.0
YEAR_S = 365.25 * DAY_S
EFFICIENCY = "system_detection_efficiency"


def bench_at(folder: Path) -> Laboratory:
    """Return a bench with laboratory, devices, programmes and a link on record."""
    bench = Laboratory(folder)
    assert bench.qtrace("init").code == 0
    text = '[[laboratory]]\nid = "LAB"\nname = "Laboratory"\n'
    for device, class_id in CLASSES.items():
        text += (
            f'[[device]]\nid = "{device}"\nclass = "{class_id}"\nmanufacturer = "Maker"\n'
            f'model = "M"\nserial = "{device}"\n'
            f'[[programme]]\ndevice = "{device}"\nkind = "{KINDS[class_id]}"\n'
            'interval = "20 a"\ndecided_by = "quality"\nvalid_from = 2019-01-01T00:00:00Z\n'
        )
    text += (
        '[[link]]\nid = "LINK"\ntitle = "a link"\nprotocol = "bbm92"\nendpoints = ["A", "B"]\n'
        '[[link.role]]\nrole = "receiver_a"\ndevice = "D-1"\n'
        '[[link.role]]\nrole = "receiver_b"\ndescribed_as = "a detector of the partner"\n'
    )
    add(bench, text, "laboratory add")
    return bench


def own(name: str, value: str, u: str, *, more: str = "") -> str:
    """Return an input of one's own as written in a file."""
    end = "" if more else 'end = "assessed_bound"\nstatement = "assessed"'
    return f'[input.{name}]\nvalue = "{value}"\nu = "{u}"\n{end}{more}\n'


def reference(name: str, label: str, *, more: str = "") -> str:
    """Return a reference to a result as written in a file."""
    return f'[input.{name}]\nresult = "{label}"\n{more}\n'


def result(kind: str, model: str, *, more: str = "", drift: str = "", conditions: str = "") -> str:
    """Return a result as written in a file."""
    text = f'[[result]]\nmeasurand = "{kind}"\nmodel = "{model}"\n{more}\n'
    text += f"conditions = {{ {conditions} }}\n" if conditions else ""
    return text + (f"drift = {{ {drift} }}\n" if drift else "")


def calibration(label: str, device: str, day: str, *tables: str, head: str = "") -> str:
    """Return a calibration file."""
    return (
        f'[calibration]\nid = "{label}"\ndevice = "{device}"\nlaboratory = "LAB"\n'
        f'performed = {day}T12:00:00Z\nprocedure = "substitution"\nvalidation = "comparison"\n'
        f"{head}\n" + "\n".join(tables)
    )


def efficiency(
    label: str, day: str, value: str, *, u: str = "0.001", drift: str = "", head: str = ""
) -> str:
    """Return a calibration of the efficiency of D-1."""
    made = result(EFFICIENCY, "eta", drift=drift, conditions='wavelength = "1550 nm"')
    return calibration(label, "D-1", day, own("eta", value, u), made, head=head)


def run_text(run: str, day: str, *, role: str = "", conditions: str = "") -> str:
    """Return a run of the link at noon of a day."""
    return f"""\
[run]
id = "{run}"
link = "LINK"
started = {day}T12:00:00Z
ended = {day}T12:16:40Z
provenance = "measured"
key_disposition = "never_used"

[counts]
sifted_z = 500000
errors_z = 9890
sifted_x = 500000
errors_x = 10105

[parameters]
error_correction_efficiency = 1.16
epsilon_sampling = 1e-10
epsilon_correctness = 1e-10
epsilon_privacy = 1e-10

[[role]]
role = "receiver_a"
device = "D-1"
conditions = {{ wavelength = "1550 nm"{conditions} }}
{role}

[[role]]
role = "receiver_b"
described_as = "a detector of the partner"
"""


def add(bench: Laboratory, text: str, command: str = "calibration add") -> Any:
    """Write a file and add it; return the answer."""
    done = tried(bench, text, command)
    assert done.code == 0, done.said
    return done.answer


def tried(bench: Laboratory, text: str, command: str = "calibration add") -> Answer:
    """Write a file and try to add it."""
    return bench.qtrace(f"{command} {bench.write('input.toml', text)}")


def used(bench: Laboratory, run: str, day: str, *, options: str = "", **more: str) -> dict:
    """Record a run and recompute it; return the efficiency of D-1 in use."""
    add(bench, run_text(run, day, **more), "run add")
    return again(bench, run, options=options)


def again(bench: Laboratory, run: str, *, options: str = "") -> dict:
    """Recompute a run; return the efficiency of D-1 in use."""
    done = bench.qtrace(f"recompute {run} {options}")
    assert done.code == 0, done.said
    found = [one for one in done.answer["results"] if "/use/" in one["label"]]
    assert found, done.answer["left_out"]
    return found[0]


def traced(bench: Laboratory, label: str, *, other: str = "") -> dict:
    """Trace a result; return the answer."""
    done = bench.qtrace(f"trace {label}" + (f" --with {other}" if other else ""))
    assert done.code == 0, done.said
    return done.answer[0]


def breaks(bench: Laboratory, label: str) -> set[str]:
    """Return the names of the breaks in the chain of a result."""
    return {one["name"] for one in traced(bench, label)["chain"]["breaks"]}


def sound(bench: Laboratory) -> bool:
    """Return whether the audit finds nothing."""
    done = bench.qtrace("audit --all")
    assert done.code == 0, done.said
    return True
