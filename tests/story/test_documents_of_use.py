"""Signed documents that rest on drift, walks, brackets and histories: a stranger derives them again."""

from __future__ import annotations

from pathlib import Path

import pytest
from link_bench import add, again, bench_at, efficiency, run_text
from stranger import Laboratory

WALK = 'random_walk = "0.2 %", after = "1 a", source = "s"'
LINK = "LINK"


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    made = bench_at(tmp_path)
    assert made.qtrace("key create lab --person Tester --organisation Laboratory").code == 0
    return made


def issued(bench: Laboratory) -> str:
    """Assess and certify the link, whatever the decision; return the bundle's name."""
    done = bench.qtrace(f"assess {LINK} --scheme demonstration-link")
    assert done.code == 0, done.said
    done = bench.qtrace(
        f"certify {LINK} --scheme demonstration-link --key lab --bundle bundles/one.json"
    )
    assert done.code in {0, 1}, done.said
    return "bundles/one.json"


def verified(bench: Laboratory, bundle: str) -> bool:
    done = bench.qtrace(f"certificate verify {bundle} --key keys/lab.pub.json")
    assert done.code == 0, done.said
    assert bench.qtrace("audit --all").code == 0
    return True


@pytest.mark.parametrize(
    "drift",
    [
        'rate = "0.1 %/a", u = "0.05 %/a", source = "s"',
        f'bound = "0.1 %/a", {WALK}',
        WALK,
    ],
)
@pytest.mark.parametrize("choice", ["before", "after", "bracketed"])
def test_each_process_before_after_and_bracketed(
    bench: Laboratory, drift: str, choice: str
) -> None:
    add(bench, efficiency("CAL-1", "2021-06-01", "0.80", drift=drift))
    add(bench, efficiency("CAL-2", "2022-06-01", "0.79", drift=drift))
    role = f'calibration = "{choice}"'
    add(bench, run_text("RUN", "2021-09-01", role=role), "run add")
    again(bench, "RUN")
    assert verified(bench, issued(bench))


def test_a_fitted_drift_with_states_and_adjustments(bench: Laboratory) -> None:
    for k, value in enumerate(("0.800", "0.798", "0.797", "0.795")):
        drift = 'fitted = "history"' if k == 3 else ""
        add(bench, efficiency(f"CAL-{k}", f"{2017 + k}-06-01", value, drift=drift))
    text = (
        '[adjustment]\nid = "ADJ"\ndevice = "D-1"\nperformed = 2016-01-01T00:00:00Z\nreason = "x"'
    )
    add(bench, text, "calibration adjust")
    add(bench, run_text("RUN", "2021-06-01"), "run add")
    again(bench, "RUN")
    assert verified(bench, issued(bench))


def test_a_correction_for_the_temperature(bench: Laboratory) -> None:
    coefficient = '{ at = "296 K", value = "0.1 %/K", u = "0.02 %/K", source = "s" }'
    text = efficiency("CAL-1", "2021-06-01", "0.80", drift=WALK).replace(
        'wavelength = "1550 nm" }',
        'wavelength = "1550 nm", temperature = "290 K .. 300 K" }\n'
        f"conditions_coefficient = {{ temperature = {coefficient} }}",
    )
    add(bench, text)
    run = run_text("RUN", "2021-09-01", conditions=', temperature = "297 K .. 299 K"')
    add(bench, run, "run add")
    again(bench, "RUN")
    assert verified(bench, issued(bench))
