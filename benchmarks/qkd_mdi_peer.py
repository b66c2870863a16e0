"""The package qkd answers for one count table; run in an environment of its own.

python qkd_mdi_peer.py CASE.json: prints one JSON document. Needs the package only, nothing of ours.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time
from pathlib import Path
from typing import Any


def length(case: dict[str, Any], core: Any) -> float:  # noqa: ANN401
    """Return the finite length of one Bell state by the functions of the package."""
    a, b, share = case["a"], case["b"], core.mdi_eps(case["epsilon"])
    sifted = case["key"][0]
    n0 = core.mdi_vacuum(a, b, case["p_key"], case["key"], sifted, share)
    n1 = core.mdi_single(a, b, case["p_key"], case["key"], sifted, share)
    pairs = core.mdi_pairs(a, b, case["p_test"], case["test"], share)
    errors = core.mdi_faults(a, b, case["p_test"], case["test_errors"], share)
    phase = core.mdi_phase(n1, pairs, errors, share)
    f, epsilon, correct = case["f"], case["epsilon"], case["epsilon_correctness"]
    return float(core.mdi_length(n0, n1, phase, sifted, case["qber"], f, epsilon, correct))


def main() -> None:
    """Answer and print."""
    from qkd import _core as core

    case = json.loads(Path(sys.argv[1]).read_text())
    pairs = core.mdi_y11(case["a"], case["b"], case["gains"])
    wrong = case["error_gains"]
    error = core.mdi_e11(
        case["a"][1], case["a"][2], case["b"][1], case["b"][2],
        wrong[4], wrong[8], wrong[5], wrong[7], pairs,
    )  # fmt: skip
    channel = case["channel"]
    start = time.perf_counter()
    whole = length(case, core)
    seconds = time.perf_counter() - start
    answers = {
        "separating_gain": core.mdi_rect(*channel)[0],
        "interfering_gain": core.mdi_diag(*channel)[0],
        "Y11": core.mdi_yield(channel[2], channel[3], channel[4], channel[5])[0],
        "e11": core.mdi_yield(channel[2], channel[3], channel[4], channel[5])[1],
        "Y11 bound": pairs,
        "e11 bound": error,
        "Y11 bound, programme": core.mdi_program(case["a"], case["b"], case["gains"])[0],
        "length of one Bell state": whole,
    }
    version = importlib.metadata.version("qkd")
    print(json.dumps({"version": version, "answers": answers, "length_s": seconds}))


if __name__ == "__main__":
    main()
