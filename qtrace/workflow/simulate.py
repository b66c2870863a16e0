"""Simulate a run of a link that is known through and through: a run file, its truth beside it.

Inside: `Simulated`, `simulate_run`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qtrace.errors import InputError
from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.simulated_texts import device_fields, run_text, truth_text
from qtrace.exchange.simulation_file import Simulation, read_simulation_file
from qtrace.ledger.digest import file_digest
from qtrace.metrics.decoy.decoy_set_bounds import MISMATCH, NAME_OF_VARYING
from qtrace.physics.decoy.decoy_link_set import DeclaredSet, set_violations
from qtrace.physics.decoy.decoy_link_truth import SIMULATOR, Drawn, draw_run, true_length
from qtrace.physics.decoy.decoy_source import (
    LIM_2014,
    RUSCA_2018,
    BasisCounts,
    security_bits,
    told_bits,
)
from qtrace.report.files import check_writable, write_text

BIT_GENERATOR = "PCG64"


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was written, what is true, and how the true device leaves the declared set.

    `violations` are those of the set of the chosen bound, `varying` of the bounds set_varying_,
    `constant` of all others, for which intensities are constant and detectors alike.
    """

    run_id: str
    run_file: str
    truth_file: str
    seed: int
    simulator: str
    bound: str
    truth: dict[str, float]
    true_length: float
    true_length_before_epsilons: float
    violations: tuple[str, ...]
    varying: tuple[str, ...]
    constant: tuple[str, ...]


def simulate_run(file: Path, *, seed: int, out: Path) -> Simulated:
    """Draw a run and write it with its truth: both files or none.

    Args:
        file: Simulation file.
        seed: Of the generator; the same seed gives the same counts.
        out: Folder for RUN.toml and RUN.truth.toml.

    Raises:
        InputError: anything wrong in the file, a negative seed, files that are there already, or
            counts that make no run.
        SetupError: the files cannot be written.
    """
    if seed < 0:
        raise InputError(f"{seed} is no seed", where="--seed", next_step="give 0 or more")
    plan = read_simulation_file(file)
    paths = out / f"{plan.run_id}.toml", out / f"{plan.run_id}.truth.toml"
    for path in paths:
        if path.exists():
            raise InputError(
                "the file is there already, and is not written over",
                where=str(path),
                next_step="name another folder with --out, or another id in the file",
            )
    drawn = draw_run(plan.device, plan.pulses, generator=np.random.Generator(np.random.PCG64(seed)))
    source = (
        f"simulated by {SIMULATOR}: {BIT_GENERATOR} seed {seed}, {plan.pulses} pulses, "
        f"device file SHA-256 {plan.digest}"
    )
    text = run_text(plan, drawn.cells(), source=source)
    read_run_file(text.encode(), name=str(paths[0]))  # what is written can be read
    done = _judged(plan, drawn, paths, seed=seed)
    truth = truth_text(_tables(plan, done, digest=file_digest(text.encode())), device_fields(plan))
    for path in paths:
        check_writable(path)
    # The truth first: there is no simulated run without one.
    write_text(paths[1], truth)
    try:
        write_text(paths[0], text)
    except BaseException:
        paths[1].unlink(missing_ok=True)
        raise
    return done


def _judged(plan: Simulation, drawn: Drawn, paths: tuple[Path, Path], *, seed: int) -> Simulated:
    """Return what is true of a drawn run."""
    settings = plan.settings
    key = BasisCounts(tuple(drawn.errors[0]), tuple(drawn.agreements[0]))
    leak = told_bits(
        key,
        leak_bits=settings.parameters.get("leak", 0.0),
        error_correction_efficiency=settings.parameters.get("error_correction_efficiency", 0.0),
    )
    subtracted = security_bits(
        LIM_2014 if len(plan.device.intensities) == 3 else RUSCA_2018,
        epsilon_secrecy=settings.parameters["epsilon_secrecy"],
        epsilon_correctness=settings.parameters["epsilon_correctness"],
    )
    names = [name for one in plan.protocol.sources for name in one.arguments("mean_photon_number")]
    edges = [settings.assumptions.get(name, (settings.parameters[name],) * 2) for name in names]
    lows, highs = (tuple(edge) for edge in zip(*edges, strict=True))
    mismatch = settings.assumptions.get(MISMATCH, (0.0, 0.0))[1]
    varying = set_violations(plan.device, DeclaredSet(lows, highs, mismatch=mismatch))
    constant = set_violations(plan.device, DeclaredSet(lows, highs, varying=False))
    bound = settings.choices.get("bound", "")
    return Simulated(
        plan.run_id,
        str(paths[0]),
        str(paths[1]),
        seed,
        SIMULATOR,
        bound,
        drawn.truth(),
        true_length(drawn, leak_bits=float(leak), security_bits=float(subtracted)),
        true_length(drawn, leak_bits=float(leak), security_bits=0.0),
        constant if bound and not bound.startswith(NAME_OF_VARYING) else varying,
        varying,
        constant,
    )


def _tables(plan: Simulation, done: Simulated, *, digest: str) -> dict[str, dict[str, object]]:
    return {
        "truth": {
            "run": done.run_id,
            "run_digest": digest,
            "device_file_digest": plan.digest,
            "simulator": SIMULATOR,
            "bit_generator": BIT_GENERATOR,
            "numpy": np.__version__,
            "seed": done.seed,
            "pulses": plan.pulses,
        },
        "truth.counts": {name: int(value) for name, value in done.truth.items()},
        "truth.length": {
            "true_length": done.true_length,
            "before_epsilons": done.true_length_before_epsilons,
        },
        "truth.outside_declared_set": {
            "set_varying": done.varying,
            "other_bounds": done.constant,
        },
    }
