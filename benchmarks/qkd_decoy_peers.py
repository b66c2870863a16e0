"""Asymptotic decoy rates side by side with `qkd`, `qkdsec` and `tno` on the same gains.

    python benchmarks/qkd_decoy_peers.py --peer PYTHON

`--peer` names a Python with `qkd` 0.2.0, `qkdsec` 0.3.0 and
`tno.quantum.communication.qkd_key_rate` 2.0.4 in an environment of its own. Gains and error rates
come from tno's channel, at signal 0.48, weak decoy 0.05, vacuum; bits per signal pulse, one basis
alone (q = 1), at the Shannon limit of error correction (f = 1), as tno fixes both.
tno solves a linear program instead of a closed form, and counts vacuum events as key: it may lie
above the closed form, never below. `qkd` cuts its rate at zero.
"""

from __future__ import annotations

import argparse
import json
import subprocess

import numpy as np

from qtrace.physics.decoy.decoy_asymptotic import Gain, gllp_key_per_pulse, vacuum_weak_yields
from qtrace.physics.entropy import binary_entropy

MEANS = (0.48, 0.05, 0.0)
LOSSES_DB = (5.0, 15.0, 25.0, 35.0)
EQUAL = 1e-9
TINY = 1e-30  # below any rate
LP = 1e-6  # relative: the programs of tno cut photon numbers and stop at a tolerance

PEER = """
import importlib.util, json, pathlib, sys
import numpy as np
import qkdsec
from qkd import _core as core
from tno.quantum.communication.qkd_key_rate.quantum import standard_detector
from tno.quantum.communication.qkd_key_rate.quantum import bb84

# This one file; its package asks for a solver that the bounds do not use.
path = pathlib.Path(qkdsec.__file__).parent / "proofs" / "decoy_state.py"
spec = importlib.util.spec_from_file_location("decoy_state", path)
decoy_state = importlib.util.module_from_spec(spec)
sys.modules["decoy_state"] = decoy_state
spec.loader.exec_module(decoy_state)
means, losses = json.loads(sys.argv[1])
detector = standard_detector.customise(
    dark_count_rate=0.85e-6, polarization_drift=0.18, error_detector=0.0, efficiency_party=0.045)
rows = []
for loss in losses:
    gain, error = bb84.compute_gain_and_error_rate(detector, np.array(means), loss)
    q, e = gain.tolist(), error.tolist()
    y1, e1, q1 = core.decoy_bounds(means[0], means[1], means[2], q[0], e[0], q[1], e[1], q[2], e[2])
    sec = decoy_state.two_decoy_bounds(means[0], means[1], q[0], q[1], q[2], e[1], e[2])
    rows.append({
        "gain": q, "error": e,
        "qkd": [y1, e1, core.bb84_rate(1.0, q[0], e[0], q1, e1, 1.0)],
        "qkdsec": [sec.Y_1_lower, sec.e_1_upper],
        "tno": bb84.BB84AsymptoticKeyRateEstimate(detector=detector, number_of_decoy=2)
               .compute_rate(np.array(means), loss),
    })
print(json.dumps(rows))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, help="a Python that has the three peers")
    said = subprocess.run(
        [parser.parse_args().peer, "-c", PEER, json.dumps([MEANS, LOSSES_DB])],
        capture_output=True,
        text=True,
        check=True,
    )
    print(f"{'loss':>5} {'ours':>12} {'qkd':>9} {'qkdsec':>9} {'tno':>12} {'tno less vacuum':>15}")
    for loss, row in zip(LOSSES_DB, json.loads(said.stdout), strict=True):
        gains = [Gain(q, q * e) for q, e in zip(row["gain"], row["error"], strict=True)]
        found = vacuum_weak_yields(gains[0], gains[1], gains[2], means=MEANS)
        told = gains[0].detected * float(binary_entropy(row["error"][0]))
        rate = float(
            gllp_key_per_pulse(
                gains[0],
                mean=MEANS[0],
                single_yield=found.single_yield,
                phase_error=found.single_error_rate,
                leak_per_pulse=told,
                basis_probability=1.0,
            )
        )
        mine = [float(found.single_yield), float(found.single_error_rate), rate]
        mine[2] = max(mine[2], 0.0)  # qkd cuts its rate at zero
        apart = [
            max(abs(a - b) / max(b, TINY) for a, b in zip(theirs, mine, strict=False))
            for theirs in (row["qkd"], row["qkdsec"])
        ]
        vacuum = float(found.vacuum_yield) * np.exp(-MEANS[0])
        excess = (row["tno"] - vacuum) / rate - 1.0
        fine = max(apart) < EQUAL and row["tno"] >= rate + vacuum - LP * abs(rate)
        print(
            f"{loss:5.0f} {rate:12.5e} {apart[0]:9.1e} {apart[1]:9.1e} {row['tno']:12.5e} "
            f"{excess:+15.4f}  {'agrees' if fine else 'DIFFERS'}"
        )


if __name__ == "__main__":
    main()
