"""The fleet benchmark: sets of results against GTC, uncertainties and metrolopy.

Run by `make bench-fleet` or `python benchmarks/fleet.py [--folder FOLDER] [--large] [--runs N]`.
The peers live in an environment of their own, made from the package registry in FOLDER; where
that cannot be done their rows are left out and it is said. Every engine answers the same: u of
the last 1000 results of one graph, and their correlation with the last. The clock runs from the
construction of the numbers (peers), or from opening the database (ours), to the answer; imports
and reading compiled loops come before. Judged is CPU time, so that a busy machine matters less;
each figure is the fastest of a few runs, a process each. See docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fleet_graphs import Graph, fill, make_graph

HERE = Path(__file__).parent
PEERS = ("GTC", "uncertainties", "metrolopy")
ASKED = 1000
PATIENCE_S = 60.0
AGREEMENT = 1e-9
CPU = 1  # place of the CPU time beside the wall time


@dataclass(frozen=True, slots=True)
class Case:
    """One graph and whether the peers are asked."""

    kind: str
    size: int
    peers: bool


CASES = (
    Case("random", 10_000, peers=True),
    Case("random", 100_000, peers=True),
    Case("hierarchy", 100_000, peers=True),
)
LARGE = Case("hierarchy", 1_000_000, peers=False)


def peer_python(folder: Path) -> str:
    """Return the Python of an environment with the peers, empty where it cannot be made."""
    home = folder / "peers"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", *PEERS],
        capture_output=True,
        text=True,
        check=False,
    )
    return str(python) if done.returncode == 0 else ""


def run(command: list[str], patience_s: float) -> dict[str, Any] | None:
    """Return what a program says, None where it takes too long or fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=patience_s
        )
    except subprocess.TimeoutExpired:
        return None
    except subprocess.CalledProcessError as error:
        if error.returncode < 0:  # ended by the system
            return None
        print(f"  {command[-3]} failed: {error.stderr.strip()[-300:]}")
        return None
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def ask_peers(python: str, graph: Graph, folder: Path, runs: int) -> dict[str, dict[str, Any]]:
    """Return the fastest answer of each peer that answers in time."""
    path = folder / "graph.npz"
    np.savez(
        path,
        parents=graph.parents,
        products=graph.products,
        u=graph.u,
        random=graph.title.startswith("random"),
    )
    found = {}
    for name in PEERS:
        command = [python, str(HERE / "fleet_peers.py"), name, str(path), str(ASKED)]
        answers = []
        for _ in range(runs):
            # The peer stops itself by CPU time; the clock on the wall is for a busy machine.
            answer = run(command, 20.0 * PATIENCE_S)
            if answer is None:
                break
            answers.append(answer)
        if answers:
            found[name] = min(answers, key=lambda one: sum(one["cpu"]))
        else:
            print(f"  {name:26} no answer within {PATIENCE_S:.0f} s of CPU time and 8 GB")
    return found


def ask_ours(database: Path, source: str, runs: int) -> dict[str, Any]:
    """Return our fastest answer, from the tables or from the array cache."""
    command = [sys.executable, str(HERE / "fleet_ours.py"), str(database), source, str(ASKED)]
    answers = [one for _ in range(runs) if (one := run(command, 600.0)) is not None]
    if not answers:
        sys.exit("our side gave no answer")
    return min(answers, key=lambda one: one["spans"]["load"][CPU] + one["spans"]["ask"][CPU])


def check_same(one: dict[str, Any], other: dict[str, Any], name: str) -> float:
    """Return the largest difference of two answers; stop where it is too large."""
    u = np.abs(np.array(one["u"]) / np.array(other["u"]) - 1.0).max()
    r = np.abs(np.array(one["r"]) - np.array(other["r"])).max()
    if not max(u, r) < AGREEMENT:
        sys.exit(f"{name} differs by {max(u, r):.1e}")
    return float(max(u, r))


def line(name: str, cpu: float, wall: float, megabytes: float, more: str = "") -> None:
    print(f"  {name:26}{cpu * 1e3:11.1f} ms{wall * 1e3:11.1f} ms{megabytes:8.0f} MB  {more}")


def compare(case: Case, folder: Path, python: str, runs: int) -> None:
    """Time all engines on one graph and print a line for each."""
    graph = make_graph(case.kind, case.size)
    database = folder / f"{case.kind}{case.size}.db"
    if not database.exists():
        fill(graph, database)
    print(f"{graph.title}: CPU, wall, memory; u of {ASKED} and r with the last")
    ours = {}
    for source in ("tables", "cache"):
        if source == "cache":
            ask_ours(database, source, 1)  # writes the file
        ours[source] = answer = ask_ours(database, source, runs)
        spans = answer["spans"]
        total = [a + b for a, b in zip(spans["load"], spans["ask"], strict=True)]
        line(f"qtrace, from {source}", total[CPU], total[0], answer["megabytes"])
        for part in ("load", "ask", "budgets", "column", "single"):
            print(f"    {part:24}{spans[part][CPU] * 1e3:11.2f} ms{spans[part][0] * 1e3:11.2f} ms")
    if not case.peers or not python:
        return
    for name, answer in ask_peers(python, graph, folder, runs).items():
        differs = check_same(ours["tables"], answer, name)
        cpu, wall = sum(answer["cpu"]), sum(answer["wall"])
        ratios = [
            cpu / (ours[source]["spans"]["load"][CPU] + ours[source]["spans"]["ask"][CPU])
            for source in ("tables", "cache")
        ]
        line(
            f"{name} {answer['version']}",
            cpu,
            wall,
            answer["megabytes"],
            f"x {ratios[0]:.0f} tables, x {ratios[1]:.0f} cache; same within {differs:.0e}",
        )
        parts = zip(("build", "u", "r"), answer["cpu"], strict=True)
        print("    " + ", ".join(f"{part} {seconds * 1e3:.1f} ms" for part, seconds in parts))


def main() -> None:
    """Print all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="keeps databases and the peers' environment")
    parser.add_argument("--large", action="store_true", help="also a million results")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peers", default="", help="a Python that has the peers")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        python = options.peers or peer_python(folder)
        if not python:
            print("skipped: GTC, uncertainties, metrolopy cannot be installed here")
        for case in (*CASES, *((LARGE,) if options.large else ())):
            compare(case, folder, python, options.runs)


if __name__ == "__main__":
    main()
