"""Simulate time tags of a detector or a synchronization: tag files, their truth beside them.

Inside: `SimulatedTagFiles`, `simulate_tags`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qtrace.errors import InputError
from qtrace.exchange.tag_array_file import TagArrayWriter
from qtrace.exchange.tag_simulation_file import TagSimulation, read_tag_simulation
from qtrace.exchange.tag_truth_text import tag_truth_text
from qtrace.physics.tags.simulated_pairs import STATION_A, PairWorld
from qtrace.physics.tags.simulated_run import PairRun
from qtrace.physics.tags.simulated_station import Tags
from qtrace.physics.tags.simulated_stream import SIMULATOR, DetectorWorld, StreamRun
from qtrace.report.files import check_writable, write_text

BIT_GENERATOR = "PCG64"
MARK = "simulated"  # in the name of each file, and in its header
DETECTOR = "detector"


@dataclass(frozen=True, slots=True)
class TagFile:
    """A file that was written: of which station, with how many tags; `lost` to overflows."""

    station: str
    path: str
    tags: int
    overflows: int
    lost: int
    digest: str


@dataclass(frozen=True, slots=True)
class SimulatedTagFiles:
    """What was written; `truth` is also in the truth file. The provenance is never measured."""

    simulation_id: str
    kind: str
    files: tuple[TagFile, ...]
    truth_file: str
    seed: int
    simulator: str
    provenance: str = "simulated"


def simulate_tags(
    file: Path, *, seed: int, out: Path, progress: Callable[[str], None] | None = None
) -> SimulatedTagFiles:
    """Draw tags block by block and write them with their truth: all files or none.

    Args:
        file: What is true.
        seed: Of the generator; the same seed gives the same tags.
        out: Folder for ID.STATION.simulated.npy and ID.truth.toml.
        progress: Takes a line for each tenth of a long simulation.

    Raises:
        InputError: anything wrong in the file, a negative seed, or files that are there already.
        SetupError: the files cannot be written.
    """
    if seed < 0:
        raise InputError(f"{seed} is no seed", where="--seed", next_step="give 0 or more")
    plan = read_tag_simulation(file)
    world = plan.world
    names = [DETECTOR]
    if isinstance(world, PairWorld):
        names = [STATION_A, *(one.name for one in world.users)]
    paths = {one: out / f"{plan.simulation_id}.{one}.{MARK}.npy" for one in names}
    truth_path = out / f"{plan.simulation_id}.truth.toml"
    for path in (*paths.values(), truth_path):
        if path.exists():
            raise InputError(
                "the file is there already, and is not written over",
                where=str(path),
                next_step="name another folder with --out, or another id in the file",
            )
        check_writable(path)
    generator = np.random.Generator(np.random.PCG64(seed))
    with ExitStack() as stack:
        writers = {name: stack.enter_context(TagArrayWriter(path)) for name, path in paths.items()}
        truth = _drawn(world, writers, generator=generator, progress=progress)
        done = _done(plan, writers, truth, truth_path=truth_path, seed=seed)
        # The truth first: there are no simulated tags without it.
        write_text(truth_path, tag_truth_text(_tables(plan, done, truth)))
        placed: list[Path] = []
        try:
            for writer in writers.values():
                writer.place()
                placed.append(writer.path)
        except BaseException:
            for path in (*placed, truth_path):
                path.unlink(missing_ok=True)
            raise
    return done


def _drawn(
    world: DetectorWorld | PairWorld,
    writers: dict[str, TagArrayWriter],
    *,
    generator: np.random.Generator,
    progress: Callable[[str], None] | None,
) -> dict[str, object]:
    """Draw all blocks into the writers; return the truth."""
    run: PairRun | StreamRun
    if isinstance(world, PairWorld):
        run = PairRun(world, generator=generator)
        blocks: Iterator[dict[str, Tags]] = run.blocks()
    else:
        run = StreamRun(world, generator=generator)
        blocks = ({DETECTOR: one} for one in run.blocks())
    count = max(1, round(world.duration_s / world.block_s))
    for number, tags in enumerate(blocks, start=1):
        for name, one in tags.items():
            writers[name].append(one.times, one.channels)
        if progress is not None and number % max(10, count // 10) == 0:
            progress(f"simulated {number * world.block_s:g} s of {world.duration_s:g} s")
    return run.truth()


def _done(
    plan: TagSimulation,
    writers: dict[str, TagArrayWriter],
    truth: dict[str, object],
    *,
    truth_path: Path,
    seed: int,
) -> SimulatedTagFiles:
    """Close the files and return what they are."""
    stations = truth.get("stations")
    files = []
    for name, writer in writers.items():
        about: dict[str, Any] = stations[name] if isinstance(stations, dict) else truth
        files.append(
            TagFile(
                name,
                str(writer.path),
                writer.rows,
                about["overflows"],
                about["lost_to_overflow"],
                writer.finish(),
            )
        )
    return SimulatedTagFiles(
        plan.simulation_id, plan.kind, tuple(files), str(truth_path), seed, SIMULATOR
    )


def _tables(
    plan: TagSimulation, done: SimulatedTagFiles, truth: dict[str, object]
) -> dict[str, object]:
    """Return the tables of the truth file."""
    about = {
        "provenance": done.provenance,
        "simulation": plan.simulation_id,
        "kind": plan.kind,
        "simulation_file_digest": plan.digest,
        "simulator": SIMULATOR,
        "bit_generator": BIT_GENERATOR,
        "numpy": np.__version__,
        "seed": done.seed,
        "duration_s": plan.world.duration_s,
        "block_s": plan.world.block_s,
    }
    files = {
        one.station: {"file": Path(one.path).name, "tags": one.tags, "digest": one.digest}
        for one in done.files
    }
    return {"simulated": about | {"files": files}, "truth": truth}
